// Purpose: one SQLite connection and its prepared statements, in C++ words.
// Owner: the writer or a reader, each its own. Threads: its owner's only.
// Errors: SqlError, thrown; it never leaves this folder. Bound text is not copied: it must stay
// until the statement has run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <sqlite3.h>

#include "gateway/base/time.h"

namespace baton::sqlite {

struct SqlError {
  int code;  // extended
  std::string what;

  int primary() const { return code & 0xff; }
  // The disk is full: nothing was written, and space may come back. The index of the log lives in
  // shared memory that grows as the disk allows.
  bool full() const { return primary() == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE; }
  bool busy() const { return primary() == SQLITE_BUSY || primary() == SQLITE_LOCKED; }
};

class Database {
 public:
  Database(const std::string& path, int flags, const std::string& vfs);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close_v2(handle_); }

  sqlite3* handle() const { return handle_; }
  void run(const char* sql);
  std::int64_t integer(const char* sql);  // the first column of the first row
  std::string text(const char* sql);
  int changes() const { return sqlite3_changes(handle_); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  [[noreturn]] void fail(const std::string& doing) const;

 private:
  sqlite3* handle_ = nullptr;
};

// Rows of a statement that runs; ends with it.
class Rows {
 public:
  Rows(const Database& db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { sqlite3_reset(statement_); }

  bool next() {
    if (done_) return false;  // another step would run it again
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) db_.fail(sqlite3_sql(statement_));
    done_ = true;
    return false;
  }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  // Valid until the next row.
  std::string_view text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
                 : std::string_view();
  }

  // The same where it lies, which saves copying a large one: valid until the next row, or until this
  // connection writes.
  std::string_view peek(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
                 : std::string_view();
  }

 private:
  const Database& db_;
  sqlite3_stmt* statement_;
  bool done_ = false;
};

class Statement {
 public:
  Statement(Database& db, std::string_view sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  template <class... T>
  Rows rows(T&&... values) {
    // Rows outlive the call, and with it any text made for it.
    static_assert((!std::is_same_v<T, std::string> && ...), "give the text a name first");
    bind_all(values...);
    return Rows(db_, statement_);
  }
  // Runs to its end; how many rows it changed.
  template <class... T>
  int run(const T&... values) {
    bind_all(values...);
    Rows all(db_, statement_);
    while (all.next()) continue;
    return db_.changes();
  }

  sqlite3_stmt* handle() const { return statement_; }
  void bind(int at, std::int64_t value) { sqlite3_bind_int64(statement_, at, value); }
  void bind(int at, std::uint64_t value) { bind(at, static_cast<std::int64_t>(value)); }
  void bind(int at, int value) { bind(at, std::int64_t{value}); }
  void bind(int at, TimePoint value) { bind(at, std::int64_t{value.time_since_epoch().count()}); }
  void bind(int at, std::string_view value) {
    // An empty view may have no address at all, which SQLite would read as NULL.
    sqlite3_bind_text64(statement_, at, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
  }
  void bind(int at, const std::string& value) { bind(at, std::string_view(value)); }
  void bind(int at, std::nullopt_t) { sqlite3_bind_null(statement_, at); }
  template <class T>
  void bind(int at, const std::optional<T>& value) {
    if (value) bind(at, *value);
    else bind(at, std::nullopt);
  }

 private:
  template <class... T>
  void bind_all(const T&... values) {
    int at = 0;
    (bind(++at, values), ...);
  }

  Database& db_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace baton::sqlite
