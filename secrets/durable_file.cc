#include "secrets/durable_file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fmt/format.h>

#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

std::string words(int error) { return std::generic_category().message(error); }

Failure failed(std::string_view what, const std::string& path, int error) {
  const bool passes = error == ENOSPC || error == EDQUOT || error == EIO || error == EINTR ||
                      error == EMFILE || error == ENFILE || error == EAGAIN;
  return Failure(passes ? FailureKind::retryable : FailureKind::misconfigured,
                 fmt::format("cannot {} {}: {}", what, path, words(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

FileIdentity identity_of(const struct stat& seen) {
  return {seen.st_dev, seen.st_ino, static_cast<std::uint64_t>(seen.st_size),
          std::int64_t{seen.st_mtim.tv_sec} * 1'000'000'000 + seen.st_mtim.tv_nsec};
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

int permit(const BeforeStep& before, FileStep step) { return before ? before(step) : 0; }

// 0, or the errno.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

Result<Done> write_temporary(const std::string& path, std::string_view bytes, const BeforeStep& before) {
  int error = permit(before, FileStep::make_temporary);
  if (error) return failed("make", path, error);
  ::unlink(path.c_str());  // what a killed writer left behind
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.open()) return failed("make", path, errno);

  error = permit(before, FileStep::write);
  if (!error) error = write_all(file.number(), bytes);
  if (error) return failed("write", path, error);
  error = permit(before, FileStep::sync_file);
  if (!error && ::fsync(file.number()) != 0) error = errno;
  if (error) return failed("make durable", path, error);
  return Done{};
}

Result<Done> sync_directory(const std::string& path, const BeforeStep& before) {
  const auto directory = directory_of(path);
  int error = permit(before, FileStep::sync_directory);
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!error && (!opened.open() || ::fsync(opened.number()) != 0)) error = errno;
  if (error) return failed("make durable the directory", directory, error);
  return Done{};
}

// `place` puts the finished temporary file where it belongs; returns as system calls do.
Result<Done> write_file(const std::string& path, std::string_view bytes, const BeforeStep& before,
                        int (*place)(const char* from, const char* to)) {
  const auto temporary = path + ".tmp";
  const auto written = write_temporary(temporary, bytes, before);
  if (!written) {
    ::unlink(temporary.c_str());
    return written.error();
  }
  int error = permit(before, FileStep::rename);
  if (!error && place(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error) {
    ::unlink(temporary.c_str());
    return failed("put in place", path, error);
  }
  return sync_directory(path, before);
}

int place_new(const char* from, const char* to) {
  if (::link(from, to) != 0) return -1;  // unlike rename() it never replaces
  ::unlink(from);
  return 0;
}

Result<Done> check_private(const std::string& path, const struct stat& seen, std::size_t max_bytes) {
  const auto refused = [&](std::string why) { return Failure(FailureKind::misconfigured, path + " " + why); };
  if (!S_ISREG(seen.st_mode)) return refused("is not a regular file");
  if (seen.st_mode & 0077) {
    return refused(fmt::format("has mode {:04o}: others may read or change it; run `chmod 600 {}`",
                               seen.st_mode & 07777, path));
  }
  if (seen.st_uid != ::geteuid() && seen.st_uid != 0) {
    return refused(
        fmt::format("belongs to user {}; it must belong to user {} or to root", seen.st_uid, ::geteuid()));
  }
  if (static_cast<std::uint64_t>(seen.st_size) > max_bytes) {
    return refused(fmt::format("is larger than {} bytes", max_bytes));
  }
  return Done{};
}

Result<Secret> read_all(int descriptor, const std::string& path, std::size_t size) {
  std::string bytes;
  bytes.reserve(std::max(kOnHeap, size));
  bytes.resize(size);
  std::size_t have = 0;
  int error = 0;
  while (have < size && !error) {
    const auto got = ::read(descriptor, bytes.data() + have, size - have);
    if (got > 0) have += static_cast<std::size_t>(got);
    else if (got == 0) error = EIO;  // it became shorter while we read
    else if (errno != EINTR) error = errno;
  }
  Secret contents(std::move(bytes));
  if (error) return failed("read", path, error);
  return contents;
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat seen{};
  if (::stat(path.c_str(), &seen) != 0) return std::nullopt;
  return identity_of(seen);
}

Result<std::optional<PrivateFile>> read_private_file(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open() && errno == ENOENT) return std::optional<PrivateFile>();
  struct stat seen{};
  if (!file.open() || ::fstat(file.number(), &seen) != 0) return failed("open", path, errno);
  if (const auto checked = check_private(path, seen, max_bytes); !checked) return checked.error();
  auto bytes = read_all(file.number(), path, static_cast<std::size_t>(seen.st_size));
  if (!bytes) return bytes.error();
  return std::optional(PrivateFile{std::move(*bytes), identity_of(seen)});
}

Result<Done> replace_file(const std::string& path, std::string_view bytes, const BeforeStep& before) {
  return write_file(path, bytes, before, ::rename);
}

Result<Done> create_file(const std::string& path, std::string_view bytes, const BeforeStep& before) {
  return write_file(path, bytes, before, place_new);
}

Result<FileLock> FileLock::take(const std::string& path, Duration patience) {
  const auto name = path + ".lock";
  Descriptor file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.open()) return failed("open", name, errno);
  // flock() has no deadline, and a stopped command line must not stop the server for ever.
  constexpr timespec kPause{0, 5'000'000};
  for (auto left = patience; ::flock(file.number(), LOCK_EX | LOCK_NB) != 0; left -= 5ms) {
    if (errno != EWOULDBLOCK && errno != EINTR) return failed("lock", name, errno);
    if (left <= Duration{0}) {
      return Failure(FailureKind::retryable, "another process is changing " + path + "; try again");
    }
    ::nanosleep(&kPause, nullptr);
  }
  return FileLock(file.release());
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace baton::secrets
