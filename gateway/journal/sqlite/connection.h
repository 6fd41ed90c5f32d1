// Purpose: from a directory to connections that are safe to use: one process, a local disk, a log
// that is really on the disk, the right schema, the right settings.
// Owner: SqliteJournal. Threads: the opening one. Errors: a Failure that says what to do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "gateway/base/result.h"
#include "gateway/journal/sqlite/database.h"
#include "gateway/journal/sqlite/options.h"

namespace baton::sqlite {

inline constexpr std::int64_t kApplication = 0x4261746f;  // PRAGMA application_id: "Bato"

// Held as long as this process owns the store.
class StoreLock {
 public:
  StoreLock() = default;
  StoreLock(StoreLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

  static Result<StoreLock> take(const std::string& directory);

 private:
  explicit StoreLock(int file) : file_(file) {}
  int file_ = -1;
};

inline std::string file_of(const SqliteOptions& options) { return options.directory + "/journal.db"; }

// The writing connection: makes directory and file, trusts the log and migrates. `misconfigured`
// names what is in the way, `rejected` is a file of a newer Baton.
Result<std::unique_ptr<Database>> open_for_writing(const SqliteOptions& options);

void configure_reader(Database& db);

}  // namespace baton::sqlite
