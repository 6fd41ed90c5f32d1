#include "gateway/app/process.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace baton::app {

Result<ChildProcess> ChildProcess::spawn(const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> argv = {const_cast<char*>("baton")};
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  // A group of its own: Ctrl-C is for us, and we end our children in order. Signals as a shell gives them.
  posix_spawnattr_t how;
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_init(&how);
  ::posix_spawnattr_setpgroup(&how, 0);
  ::posix_spawnattr_setsigmask(&how, &none);
  ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  pid_t id = 0;
  const int failed = ::posix_spawn(&id, "/proc/self/exe", &files, &how, argv.data(), environ);
  ::posix_spawnattr_destroy(&how);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed != 0)
    return Failure(FailureKind::misconfigured, std::string("cannot start: ") + std::strerror(failed));
  return ChildProcess(id);
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  kill_hard();
  id_ = std::exchange(other.id_, 0);
  return *this;
}

ChildProcess::~ChildProcess() { kill_hard(); }

bool ChildProcess::running() {
  if (id_ == 0) return false;
  int status = 0;
  if (::waitpid(id_, &status, WNOHANG) == 0) return true;
  id_ = 0;
  return false;
}

void ChildProcess::kill_hard() {
  if (id_ == 0) return;
  ::kill(id_, SIGKILL);
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
  id_ = 0;
}

int ChildProcess::stop() {
  if (id_ == 0) return 0;
  ::kill(id_, SIGTERM);
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
  id_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace baton::app
