#include "gateway/journal/sqlite/database.h"

#include <utility>

namespace baton::sqlite {
namespace {

// SQLite counts its memory under one lock of the whole process, twice for each statement that we run.
// Nobody reads the count. It can be chosen only before the library is used for the first time.
void choose_settings() {
  static const int chosen = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)chosen;
}

}  // namespace

Database::Database(const std::string& path, int flags, const std::string& vfs) {
  choose_settings();
  const int code =
      sqlite3_open_v2(path.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      vfs.empty() ? nullptr : vfs.c_str());
  if (code == SQLITE_OK) return;
  SqlError error{code, "open " + path + ": " + sqlite3_errstr(code)};
  sqlite3_close_v2(std::exchange(handle_, nullptr));
  throw error;
}

void Database::run(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

// To the end, not to the first row: PRAGMA journal_mode answers first and writes after.
std::int64_t Database::integer(const char* sql) {
  Statement statement(*this, sql);
  auto rows = statement.rows();
  const auto value = rows.next() ? rows.integer(0) : 0;
  while (rows.next()) continue;
  return value;
}

std::string Database::text(const char* sql) {
  Statement statement(*this, sql);
  auto rows = statement.rows();
  const auto value = rows.next() ? std::string(rows.text(0)) : std::string();
  while (rows.next()) continue;
  return value;
}

void Database::fail(const std::string& doing) const {
  throw SqlError{sqlite3_extended_errcode(handle_), doing + ": " + sqlite3_errmsg(handle_)};
}

Statement::Statement(Database& db, std::string_view sql) : db_(db) {
  if (sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &statement_, nullptr) != SQLITE_OK) {
    db.fail(std::string(sql));
  }
}

}  // namespace baton::sqlite
