// Purpose: what people and stations ask the tables. Damaged rows are passed over.
// Owner: SqliteJournal. Threads: a reader's. Errors: SqlError; `rejected` for a handoff that is not
// there or is damaged itself.
#pragma once

#include "gateway/journal/journal.h"
#include "gateway/journal/reduce.h"
#include "gateway/journal/sqlite/database.h"
#include "gateway/journal/sqlite/fsck.h"

namespace baton::sqlite {

Result<baton::Record> load(Database& db, const HandoffId& id);
Result<std::vector<Handoff>> ask(Database& db, const HandoffQuery& query);
Result<OutlinePage> ask(Database& db, const OutlineQuery& query);
Result<JobPage> ask(Database& db, const JobQuery& query);
Result<std::uint64_t> count(Database& db, const JobQuery& query);
Result<std::vector<LaneState>> lanes(Database& db);
Result<std::vector<AuditEntry>> audit(Database& db, int limit);
Result<std::vector<Document>> ask(Database& db, const DocumentQuery& query);
// Looks at every row (check.cc).
Result<FsckReport> fsck(Database& db);

// Where a person is found (search.cc): one piece of a table, and after which row the next one begins.
struct Search {
  StoredRow from;  // of the table, behind this row
  std::vector<StoredRow> found;
  bool more = false;
};
Result<Search> search(Database& db, StoredRow from, const Spellings& spellings);
// Handoffs that are the person's own.
Result<Search> search(Database& db, StoredRow from, const Person& person);

}  // namespace baton::sqlite
