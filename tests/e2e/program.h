// Purpose: `baton` as people run it: a process with words, an input, two outputs and an exit code; and
// one that stays, with its log in a file.
// Owner: the test; what still runs is killed with it. Threads: one. Errors: a program that cannot be
// started ends the test run.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

namespace baton::e2e {

struct Ended {
  int exit = -1;  // 128 + signal if it did not exit
  std::string out, err;
};

// Runs to its end. `in` is its standard input; `folder` its working directory.
Ended run_baton(const std::vector<std::string>& words, const std::string& folder, const std::string& in = {});

class Running {
 public:
  Running(const std::vector<std::string>& words, const std::string& folder, const std::string& log);
  ~Running() { end(9); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  pid_t id() const { return id_; }
  int end(int signal);  // sends it and waits; the exit code, or 128 + signal

 private:
  pid_t id_ = 0;
};

// A new folder that goes away with this.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace baton::e2e
