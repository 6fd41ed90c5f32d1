#include "gateway/config/file.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/config/parse.h"

namespace baton::config {
namespace {

struct Descriptor {
  explicit Descriptor(int number_in) : number(number_in) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number;
};

FileRead failed(int error) { return {"", "cannot be read: " + std::generic_category().message(error)}; }

}  // namespace

FileRead read_file(const std::string& path) {
  // Non-blocking, or opening a pipe would wait for somebody to write into it.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.number < 0 || ::fstat(file.number, &status) != 0) return failed(errno);
  if (S_ISDIR(status.st_mode)) return {"", "is a directory; name a file, or the files in it as `*.yaml`"};
  if (!S_ISREG(status.st_mode)) return {"", "is not a regular file"};
  FileRead read;
  read.text.resize(kMaxFileBytes + 1);
  std::size_t length = 0;
  while (length < read.text.size()) {
    const auto count = ::read(file.number, read.text.data() + length, read.text.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  read.text.resize(length);
  return read;
}

bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

std::optional<std::vector<std::string>> expand(const std::string& pattern) {
  const std::filesystem::path whole(pattern);
  const auto folder = whole.parent_path();
  if (is_pattern(folder.string())) return std::nullopt;
  std::vector<std::string> found;
  std::error_code ignored;  // a folder that is not there holds no files
  std::filesystem::directory_iterator entry(folder.empty() ? "." : folder, ignored);
  for (; entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
    const auto name = entry->path().filename();
    if (::fnmatch(whole.filename().c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    found.push_back((folder / name).string());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace baton::config
