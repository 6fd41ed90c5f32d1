#include "gateway/journal/sqlite/reserve.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <utility>

namespace baton::sqlite {

Reserve::Reserve(std::string directory, std::uint64_t size)
    : directory_(std::move(directory)), path_(directory_ + "/reserve"), size_(size) {
  fill();
}

void Reserve::fill() {
  if (filled_ || size_ == 0) return;
  const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  filled_ = ::posix_fallocate(file, 0, static_cast<off_t>(size_)) == 0;
  ::close(file);
  if (!filled_) ::unlink(path_.c_str());
}

bool Reserve::give_up() { return std::exchange(filled_, false) && ::unlink(path_.c_str()) == 0; }

SqliteOptions::Space Reserve::space() const {
  struct statvfs disk{};
  if (::statvfs(directory_.c_str(), &disk) != 0) return {UINT64_MAX, UINT64_MAX};
  return {disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize};
}

}  // namespace baton::sqlite
