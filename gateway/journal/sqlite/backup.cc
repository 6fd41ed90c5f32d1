#include "gateway/journal/sqlite/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "gateway/journal/sqlite/connection.h"
#include "gateway/journal/sqlite/questions.h"
#include "gateway/journal/sqlite/schema.h"
#include "gateway/journal/sqlite/statements.h"

namespace baton {
namespace {

using sqlite::Database;
using sqlite::SqlError;

Failure as_failure(const std::string& doing, const SqlError& error) {
  if (error.full()) {
    return Failure(FailureKind::retryable,
                   "cannot " + doing + ": the disk is full; make space there, or choose another place");
  }
  const auto kind = error.busy() ? FailureKind::retryable : FailureKind::misconfigured;
  return Failure(kind, "cannot " + doing + ": " + error.what);
}

// Its transaction keeps the picture of one moment for as long as it lasts; the writer's log grows meanwhile.
class Picture {
 public:
  explicit Picture(const std::string& file) : db_(file, SQLITE_OPEN_READONLY, "") {
    sqlite::configure_reader(db_);
    db_.run("BEGIN");
    (void)db_.integer("SELECT count(*) FROM sqlite_schema");
  }
  Database& db() { return db_; }

 private:
  Database db_;
};

// Page by page, so that damaged rows and indexes are copied as they are.
Result<Done> copy_pages(Database& from, Database& to, const std::stop_token& stop) {
  constexpr int kAtOnce = 512;
  auto* backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (!backup) to.fail("begin the copy");
  int code = SQLITE_OK;
  while (code == SQLITE_OK && !stop.stop_requested()) code = sqlite3_backup_step(backup, kAtOnce);
  sqlite3_backup_finish(backup);
  if (code == SQLITE_OK) return Failure(FailureKind::retryable, "the copy was stopped");
  if (code != SQLITE_DONE) to.fail("copy");
  return Done{};
}

Result<Done> sync_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!synced) return Failure(FailureKind::retryable, "the copy " + path + " cannot be synced to the disk");
  return Done{};
}

Result<Done> write_copy(const std::string& file, const std::string& to, const std::stop_token& stop,
                        const std::string& vfs) {
  const int made = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);  // for its owner alone
  if (made < 0) return Failure(FailureKind::misconfigured, "cannot make " + to + ": " + std::strerror(errno));
  ::close(made);
  try {
    Picture picture(file);
    Database copy(to, SQLITE_OPEN_READWRITE, vfs);
    copy.run("PRAGMA synchronous = OFF");  // synced as a whole below
    const auto copied = copy_pages(picture.db(), copy, stop);
    if (!copied) return copied.error();
    // One file without a log.
    if (copy.text("PRAGMA journal_mode = DELETE") != "delete") {
      throw SqlError{SQLITE_IOERR, "its log cannot be closed"};
    }
  } catch (const SqlError& error) {
    return as_failure("copy the store to " + to, error);
  }
  return sync_file(to);
}

void remove_copy(const std::string& to) {
  std::error_code ignored;
  for (const auto* suffix : {"", "-journal", "-wal", "-shm"}) std::filesystem::remove(to + suffix, ignored);
}

std::uint64_t rows_of(Database& db, const std::string& table) {
  return static_cast<std::uint64_t>(db.integer(("SELECT count(*) FROM " + table).c_str()));
}

Result<StoreContents> contents_of(Database& db, const std::string& file) {
  if (db.integer("PRAGMA application_id") != sqlite::kApplication) {
    return Failure(FailureKind::misconfigured, file + " is no journal of Baton's");
  }
  StoreContents contents;
  contents.schema = sqlite::schema_of(db);
  if (contents.schema > sqlite::newest_schema() &&
      sqlite::oldest_schema_that_may_work_on(db) > sqlite::newest_schema()) {
    return Failure(FailureKind::rejected, file + " was written by a newer Baton (schema " +
                                              std::to_string(contents.schema) + ", this one knows " +
                                              std::to_string(sqlite::newest_schema()) + ")");
  }
  contents.handoffs = rows_of(db, "handoffs");
  contents.open = rows_of(db, "handoffs WHERE open = 1");
  contents.facts = rows_of(db, "facts");
  contents.jobs = rows_of(db, "jobs");
  contents.audit = rows_of(db, "audit");
  if (contents.schema >= 2) contents.documents = rows_of(db, "documents");
  if (contents.schema == sqlite::newest_schema()) sqlite::Statements fit(db);  // or it throws
  auto report = sqlite::fsck(db);
  if (!report) return report.error();
  contents.report = std::move(*report);
  return contents;
}

}  // namespace

Result<Done> copy_store(const std::string& directory, const std::string& to, std::stop_token stop,
                        const std::string& vfs) {
  SqliteOptions source;
  source.directory = directory;
  std::error_code ignored;
  if (std::filesystem::exists(to, ignored)) {
    return Failure(FailureKind::misconfigured, to + " exists: nothing is overwritten");
  }
  auto copied = write_copy(sqlite::file_of(source), to, stop, vfs);
  if (!copied) remove_copy(to);
  return copied;
}

Result<StoreContents> examine_store(const std::string& file) {
  try {
    Database db(file, SQLITE_OPEN_READONLY, "");
    sqlite::configure_reader(db);
    return contents_of(db, file);
  } catch (const SqlError& error) {
    return as_failure("read " + file, error);
  }
}

bool store_is_owned(const std::string& directory) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory + "/journal.lock", ignored)) return false;
  const auto lock = sqlite::StoreLock::take(directory);
  return !lock && lock.error().kind == FailureKind::retryable;
}

}  // namespace baton
