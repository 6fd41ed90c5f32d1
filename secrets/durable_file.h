// Purpose: a small private file that is either the old one or the new one, whatever happens while it
// is written: temporary file, fsync, rename, fsync of the directory. And the lock that lets only one
// process write at a time.
// Owner: the caller. Threads: any; writers of one file hold its lock. Units: bytes.
// Errors: `misconfigured` if a person must act (permissions, a missing directory), `retryable` if the
// disk or another process is in the way. A failure at sync_directory leaves the new file in place
// though it may not survive a power cut: read the file again before building on either state.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"

namespace baton::secrets {

enum class FileStep { make_temporary, write, sync_file, rename, sync_directory };

// Called before each step; 0 goes on, an errno makes the step fail with it. Tests use it to fail or
// to end the process anywhere; an empty one does nothing.
using BeforeStep = std::function<int(FileStep)>;

// Two equal identities are the same unchanged file: each write makes a new inode.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t changed_ns = 0;
  bool operator==(const FileIdentity&) const = default;
};
std::optional<FileIdentity> identity_of(const std::string& path);  // nullopt if it cannot be looked at

struct PrivateFile {
  Secret bytes;
  FileIdentity identity;
};
// nullopt if there is no such file. Refuses what is not a regular file, is larger than `max_bytes`,
// or may be read or written by anybody but its owner.
Result<std::optional<PrivateFile>> read_private_file(const std::string& path, std::size_t max_bytes);

// With mode 0600. replace_file() takes the place of what was there, create_file() fails if there is
// something. Precondition: nobody else writes this file (FileLock).
Result<Done> replace_file(const std::string& path, std::string_view bytes, const BeforeStep& before = {});
Result<Done> create_file(const std::string& path, std::string_view bytes, const BeforeStep& before = {});

// An exclusive flock() on `<path>.lock`, released by the destructor and by the end of the process. The
// lock file stays: removing it would let two writers hold two different ones.
class FileLock {
 public:
  // Tries for `patience`; then `retryable`.
  static Result<FileLock> take(const std::string& path, Duration patience);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace baton::secrets
