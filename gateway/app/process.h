// Purpose: another `baton` as a child process: the demo's gateway and simulator.
// Owner: the demo; the child is killed with it. Threads: one. Errors: spawn() fails as `misconfigured`.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "gateway/base/result.h"

namespace baton::app {

class ChildProcess {
 public:
  // This very program with other words; its output goes to `log`.
  static Result<ChildProcess> spawn(const std::vector<std::string>& words, const std::string& log);
  ChildProcess(ChildProcess&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t id() const { return id_; }
  bool running();
  void kill_hard();             // SIGKILL, and waits
  int stop();                   // SIGTERM, waits, returns the exit status
  void let_go() { id_ = 0; }    // it lives on

 private:
  explicit ChildProcess(pid_t id) : id_(id) {}
  pid_t id_;
};

}  // namespace baton::app
