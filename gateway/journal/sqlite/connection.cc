#include "gateway/journal/sqlite/connection.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "gateway/base/mutant.h"
#include "gateway/journal/sqlite/schema.h"

namespace baton::sqlite {
namespace {

Failure unusable(const std::string& doing, const std::string& path) {
  return Failure(FailureKind::misconfigured, "the journal cannot " + doing + " " + path + ": " +
                                                 std::strerror(errno) +
                                                 "; check the directory and its owner");
}

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool valid() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool sync_directory(const std::string& directory) {
  const File file(directory, O_RDONLY | O_DIRECTORY);
  return file.valid() && ::fsync(file.fd()) == 0;
}

// Write-ahead logging needs shared memory and working locks: neither is sure over a network.
bool is_remote(const std::string& directory) {
  struct statfs disk{};
  if (::statfs(directory.c_str(), &disk) != 0) return false;
  constexpr auto kRemote = std::to_array<std::uint32_t>({0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x01021997});
  return std::ranges::find(kRemote, static_cast<std::uint32_t>(disk.f_type)) != kRemote.end();
}

bool copy(const File& from, const File& to) {
  std::vector<char> piece(1 << 20);
  for (;;) {
    const auto got = ::read(from.fd(), piece.data(), piece.size());
    if (got <= 0) return got == 0;
    for (ssize_t put = 0; put < got;) {
      const auto now = ::write(to.fd(), piece.data() + put, static_cast<std::size_t>(got - put));
      if (now <= 0) return false;
      put += now;
    }
  }
}

// After a failed fsync the page cache may show a log that the disk does not have, and calls its
// pages clean. Commits appended behind such a hole would be lost with the power, so a log that was
// left behind is written anew before it is trusted.
Result<Done> renew_log(const std::string& directory, const std::string& log) {
  struct stat state{};
  if (::stat(log.c_str(), &state) != 0 || state.st_size == 0) return Done{};
  if (BATON_MUTANT(log_trusted_after_failure)) return Done{};
  const auto fresh = log + ".new";
  const File from(log, O_RDONLY), to(fresh, O_WRONLY | O_CREAT | O_TRUNC);
  if (!from.valid() || !to.valid() || !copy(from, to) || ::fsync(to.fd()) != 0) {
    return unusable("copy its log", log);
  }
  if (::rename(fresh.c_str(), log.c_str()) != 0 || !sync_directory(directory)) {
    return unusable("replace its log", log);
  }
  return Done{};
}

Result<Done> make_file(const SqliteOptions& options) {
  const auto path = file_of(options);
  if (::mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return unusable("make", options.directory);
  }
  if (is_remote(options.directory)) {
    return Failure(FailureKind::misconfigured,
                   options.directory + " is on a network file system: give the journal a local disk");
  }
  const File file(path, O_RDWR | O_CREAT);  // 0600: SQLite's other files follow its mode
  if (!file.valid()) return unusable("open", path);
  if (!sync_directory(options.directory)) return unusable("sync", options.directory);
  return Done{};
}

void configure_writer(Database& db, bool sync) {
  sqlite3_busy_timeout(db.handle(), 5000);
  db.run("PRAGMA mmap_size = 0");
  if (db.text("PRAGMA journal_mode = WAL") != "wal") db.fail("PRAGMA journal_mode = WAL");
  db.run(sync && !BATON_MUTANT(synchronous_normal) ? "PRAGMA synchronous = FULL"
                                                   : "PRAGMA synchronous = NORMAL");
  if (BATON_MUTANT(synchronous_off)) db.run("PRAGMA synchronous = OFF");
  db.run("PRAGMA wal_autocheckpoint = 0");
  db.run("PRAGMA cache_size = -32768");
  db.run("PRAGMA temp_store = MEMORY");
  db.run("PRAGMA foreign_keys = ON");
  // What was erased must not lie about in free pages.
  db.run(BATON_MUTANT(erased_bytes_left) ? "PRAGMA secure_delete = OFF" : "PRAGMA secure_delete = ON");
  db.run("PRAGMA trusted_schema = OFF");
}

Result<Done> bring_up(Database& db, const SqliteOptions& options) {
  configure_writer(db, options.sync);
  const auto application = db.integer("PRAGMA application_id");
  if (application != kApplication) {
    if (application != 0 || db.integer("SELECT count(*) FROM sqlite_schema") != 0) {
      return Failure(FailureKind::misconfigured, file_of(options) + " is no journal of Baton's");
    }
    db.run(("PRAGMA application_id = " + std::to_string(kApplication)).c_str());
  }
  if (const int schema = schema_of(db);
      schema > newest_schema() && oldest_schema_that_may_work_on(db) > newest_schema()) {
    return Failure(FailureKind::rejected,
                   file_of(options) + " was written by a newer Baton (schema " + std::to_string(schema) +
                       ", this one knows " + std::to_string(newest_schema()) +
                       "): start the newer one again, or restore a backup made by this one");
  }
  migrate(db, migrations(), options.after_statement);
  if (BATON_MUTANT(repetition_unnoticed)) db.run("DROP INDEX IF EXISTS facts_key");
  return Done{};
}

}  // namespace

StoreLock::~StoreLock() {
  if (file_ >= 0) ::close(file_);
}

Result<StoreLock> StoreLock::take(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return unusable("make", directory);
  const auto path = directory + "/journal.lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return unusable("open", path);
  StoreLock lock(file);
  std::array<char, 32> owner{};
  if (!BATON_MUTANT(store_shared) && ::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const auto size = ::pread(file, owner.data(), owner.size() - 1, 0);
    return Failure(FailureKind::retryable, directory + " is in use by process " +
                                               (size > 0 ? owner.data() : "unknown") +
                                               ": one process owns a journal; stop that one first");
  }
  const auto pid = std::to_string(::getpid());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) < 0)
    return unusable("write", path);
  return lock;
}

Result<std::unique_ptr<Database>> open_for_writing(const SqliteOptions& options) {
  if (auto made = make_file(options); !made) return made.error();
  if (auto renewed = renew_log(options.directory, file_of(options) + "-wal"); !renewed)
    return renewed.error();
  try {
    auto db = std::make_unique<Database>(file_of(options), SQLITE_OPEN_READWRITE, options.vfs);
    if (auto ready = bring_up(*db, options); !ready) return ready.error();
    return db;
  } catch (const SqlError& error) {
    return Failure(FailureKind::misconfigured, "the journal cannot be opened: " + error.what +
                                                   "; if the disk is sound, restore the latest backup");
  }
}

void configure_reader(Database& db) {
  sqlite3_busy_timeout(db.handle(), 5000);
  db.run("PRAGMA mmap_size = 0");
  db.run("PRAGMA wal_autocheckpoint = 0");
  db.run("PRAGMA query_only = ON");
  db.run("PRAGMA cache_size = -8192");
  db.run("PRAGMA temp_store = MEMORY");
  db.run("PRAGMA trusted_schema = OFF");
}

}  // namespace baton::sqlite
