// Purpose: runs a part of a test in a process of its own, which may die at any moment, and hears
// what it acknowledged until then.
// Owner: a test. Threads: the test's; no other thread may run while a child is made.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <vector>

#include "gateway/base/check.h"

namespace baton::journal_testing {

class Child {
 public:
  using Acknowledge = std::function<void(int)>;

  // `work` returns the exit status.
  explicit Child(const std::function<int(const Acknowledge&)>& work) {
    int ends[2];
    BATON_CHECK(::pipe(ends) == 0);
    pid_ = ::fork();
    BATON_CHECK(pid_ >= 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      (void)!::freopen("/dev/null", "w", stderr);
      ::_exit(work([&](int what) { BATON_CHECK(::write(ends[1], &what, sizeof what) == sizeof what); }));
    }
    ::close(ends[1]);
    heard_ = ends[0];
  }
  ~Child() { ::close(heard_); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill() { ::kill(pid_, SIGKILL); }
  // Waits for the first, or the end.
  void listen_once() { hear(); }
  // The exit status, or -1 after a signal.
  int join() {
    while (hear()) continue;
    int status = 0;
    BATON_CHECK(::waitpid(pid_, &status, 0) == pid_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  const std::vector<int>& acknowledged() const { return acknowledged_; }

 private:
  bool hear() {
    int what = 0;
    if (::read(heard_, &what, sizeof what) != sizeof what) return false;
    acknowledged_.push_back(what);
    return true;
  }

  pid_t pid_ = 0;
  int heard_ = -1;
  std::vector<int> acknowledged_;
};

}  // namespace baton::journal_testing
