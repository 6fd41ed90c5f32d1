// Purpose: what people and stations ask the tables. Damaged rows are passed over.
// Owner: SqliteJournal. Threads: a reader's. Errors: SqlError; `rejected` for a handoff that is not
// there or is damaged itself.
#pragma once

#include "gateway/journal/journal.h"
#include "gateway/journal/sqlite/database.h"
#include "gateway/journal/sqlite/fsck.h"

namespace baton::sqlite {

Result<baton::Record> load(Database& db, const HandoffId& id);
Result<std::vector<Handoff>> ask(Database& db, const HandoffQuery& query);
Result<JobPage> ask(Database& db, const JobQuery& query);
Result<std::uint64_t> count(Database& db, const JobQuery& query);
Result<std::vector<LaneState>> lanes(Database& db);
Result<std::vector<AuditEntry>> audit(Database& db, int limit);
// Looks at every row.
Result<std::vector<Document>> ask(Database& db, const DocumentQuery& query);
Result<FsckReport> fsck(Database& db);

}  // namespace baton::sqlite
