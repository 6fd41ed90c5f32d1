#include "gateway/journal/sqlite/schema.h"

#include <array>
#include <string>

namespace baton::sqlite {
namespace {

// Columns are what queries need; everything else is in `record`, which stands last so that a row's
// small columns are found on its first page. `no` numbers handoffs, facts and jobs from one sequence.
//
// jobs.rank  0 a read, 1 claimable when due, 2 in line behind an earlier delivery, NULL not claimable
// jobs.place when it is due; below all times, in the order of the news, for a plan job with news
// jobs.line  of a pending delivery: the conversation whose order it keeps
// jobs.news  its order as a fact, while nobody has consumed it
// consumed   0 no, 1 yes, 2 damaged and set aside
constexpr auto kFirst = std::to_array<const char*>({
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "INSERT INTO meta VALUES ('numbers', 0), ('probe', 0)",
    "CREATE TABLE handoffs (no INTEGER PRIMARY KEY, id TEXT NOT NULL, workspace TEXT NOT NULL,"
    " source TEXT NOT NULL, conversation TEXT NOT NULL, thread INTEGER NOT NULL, open INTEGER NOT NULL,"
    " sequence INTEGER NOT NULL, previous TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,"
    " requested_at INTEGER NOT NULL, crc INTEGER NOT NULL, record TEXT NOT NULL) STRICT",
    "CREATE UNIQUE INDEX handoffs_id ON handoffs(id)",
    "CREATE INDEX handoffs_conversation ON handoffs(conversation, source, workspace, open, sequence)",
    "CREATE INDEX handoffs_open ON handoffs(open) WHERE open = 1",
    "CREATE TABLE facts (no INTEGER PRIMARY KEY, handoff INTEGER NOT NULL REFERENCES handoffs(no),"
    " key TEXT NOT NULL, digest TEXT NOT NULL, consumed INTEGER NOT NULL, crc INTEGER NOT NULL,"
    " record TEXT NOT NULL) STRICT",
    "CREATE UNIQUE INDEX facts_key ON facts(key)",
    "CREATE INDEX facts_handoff ON facts(handoff, consumed)",
    "CREATE TABLE jobs (no INTEGER PRIMARY KEY, handoff INTEGER NOT NULL REFERENCES handoffs(no),"
    " lane TEXT NOT NULL, work TEXT NOT NULL, sequence INTEGER NOT NULL, state TEXT NOT NULL,"
    " rank INTEGER, due INTEGER NOT NULL, place INTEGER NOT NULL, line INTEGER, news INTEGER,"
    " consumed INTEGER NOT NULL, object TEXT, failure TEXT, created_at INTEGER NOT NULL,"
    " crc INTEGER NOT NULL, record TEXT NOT NULL) STRICT",
    "CREATE UNIQUE INDEX jobs_key ON jobs(handoff, lane, work, sequence)",
    "CREATE INDEX jobs_lane ON jobs(lane, rank, place) WHERE rank IS NOT NULL",
    "CREATE INDEX jobs_line ON jobs(line, lane) WHERE line IS NOT NULL",
    "CREATE INDEX jobs_news ON jobs(handoff, news) WHERE news IS NOT NULL",
    "CREATE INDEX jobs_object ON jobs(object, lane) WHERE object IS NOT NULL",
    "CREATE INDEX jobs_troubled ON jobs(state) WHERE state IN ('failed', 'dead', 'damaged')",
    "CREATE TABLE lanes (lane TEXT PRIMARY KEY, crc INTEGER NOT NULL, record TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE audit (no INTEGER PRIMARY KEY, crc INTEGER NOT NULL, record TEXT NOT NULL) STRICT",
});

// What is remembered beside the handoffs.
constexpr auto kDocuments = std::to_array<const char*>({
    "CREATE TABLE documents (kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,"
    " crc INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID",
});

// What housekeeping needs. handoffs.swept counts the stages that an ended one has lost already.
// meta.compatible is the oldest schema whose Baton may work on this file: columns with defaults, new
// tables and new indexes leave it as it is, any other migration raises it to its own number.
constexpr auto kHousekeeping = std::to_array<const char*>({
    "ALTER TABLE handoffs ADD COLUMN swept INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX handoffs_ended ON handoffs(swept, requested_at) WHERE open = 0",
    "ALTER TABLE documents ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE set_aside (no INTEGER PRIMARY KEY, what TEXT NOT NULL, crc INTEGER NOT NULL,"
    " record TEXT NOT NULL) STRICT",
    "INSERT INTO meta VALUES ('compatible', 3)",
});

constexpr auto kMigrations = std::to_array<Migration>({{1, kFirst}, {2, kDocuments}, {3, kHousekeeping}});

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

int schema_of(Database& db) { return static_cast<int>(db.integer("PRAGMA user_version")); }

int oldest_schema_that_may_work_on(Database& db) {
  if (db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'") == 0) return 0;
  const auto told = db.integer("SELECT value FROM meta WHERE name = 'compatible'");
  return told != 0 ? static_cast<int>(told) : schema_of(db);
}

void migrate(Database& db, std::span<const Migration> steps, const std::function<void()>& after_statement) {
  const auto run = [&](const char* sql) {
    db.run(sql);
    if (after_statement) after_statement();
  };
  for (const auto& step : steps) {
    if (step.number <= schema_of(db)) continue;
    run("BEGIN IMMEDIATE");
    for (const auto* statement : step.statements) run(statement);
    run(("PRAGMA user_version = " + std::to_string(step.number)).c_str());
    run("COMMIT");
  }
}

}  // namespace baton::sqlite
