// Purpose: the tables, as a list of numbered migrations, and bringing a file up to the last one.
// Owner: the opening of the journal. Threads: the opening one.
// Errors: SqlError. A kill at any statement leaves the file at the number before or after.
#pragma once

#include <functional>
#include <span>

#include "gateway/journal/sqlite/database.h"

namespace baton::sqlite {

struct Migration {
  int number;  // consecutive, from 1; PRAGMA user_version tells the last one applied
  std::span<const char* const> statements;
};

std::span<const Migration> migrations();
inline int newest_schema() { return migrations().back().number; }

int schema_of(Database& db);
// A file of a newer Baton says how old an older one may be: so a release can be taken back.
int oldest_schema_that_may_work_on(Database& db);
// `after_statement` is for tests that die there. Precondition: schema_of(db) <= newest_schema().
void migrate(Database& db, std::span<const Migration> steps, const std::function<void()>& after_statement);

}  // namespace baton::sqlite
