#include "tests/e2e/program.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/check.h"

namespace baton::e2e {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int wait_for(pid_t id) {
  int status = 0;
  while (::waitpid(id, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t start(const std::vector<std::string>& words, const std::string& folder, const std::string& in,
            const std::string& out, const std::string& err, int flags, unsigned seconds = 0) {
  std::vector<char*> argv = {const_cast<char*>("baton")};
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t id = ::fork();
  BATON_CHECK(id >= 0);
  if (id > 0) return id;
  const auto take = [](const std::string& path, int as, int how) {
    const int file = ::open(path.c_str(), how, 0600);
    if (file < 0 || ::dup2(file, as) < 0) ::_exit(126);
  };
  ::alarm(seconds);  // outlives the exec: what never ends, ends a test and not the evening
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  take(in, 0, O_RDONLY);
  take(out, 1, flags);
  take(err, 2, flags);
  ::execv(BATON_PROGRAM, argv.data());
  ::_exit(127);
}

}  // namespace

Ended run_baton(const std::vector<std::string>& words, const std::string& folder, const std::string& in) {
  constexpr unsigned kLongest = 240;
  const TemporaryFolder own;
  const auto given = own.write("in", in);
  const auto out = own.path() + "/out", err = own.path() + "/err";
  const pid_t id = start(words, folder, given, out, err, O_CREAT | O_TRUNC | O_WRONLY, kLongest);
  Ended ended;
  ended.exit = wait_for(id);
  ended.out = read_text(out);
  ended.err = read_text(err);
  return ended;
}

Running::Running(const std::vector<std::string>& words, const std::string& folder, const std::string& log)
    : id_(start(words, folder, "/dev/null", log, log, O_CREAT | O_APPEND | O_WRONLY)) {}

int Running::end(int signal) {
  if (id_ == 0) return 0;
  ::kill(id_, signal);
  return wait_for(std::exchange(id_, 0));
}

TemporaryFolder::TemporaryFolder() {
  path_ = std::filesystem::temp_directory_path() / "baton-e2e-XXXXXX";
  BATON_CHECK(::mkdtemp(path_.data()) != nullptr);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  const auto path = path_ + "/" + name;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace baton::e2e
