// fsck: every row against its checksum, its record against its columns, and SQLite's own check of the file.
#include "gateway/journal/sqlite/questions.h"
#include "gateway/journal/sqlite/records.h"
#include "gateway/journal/sqlite/schema.h"
#include "gateway/model/codec.h"

namespace baton::sqlite {
namespace {

using Table = StoredRow::Table;

void report(FsckReport& to, Damage damage) {
  if (to.damaged.size() >= 1000) return;
  to.damaged.push_back(damage.name);
  to.found.push_back(std::move(damage));
}

Damage damage(Table table, std::uint64_t no, std::string name, bool aside) {
  Damage found;
  found.row.table = table;
  found.row.no = no;
  found.name = std::move(name);
  found.aside = aside;
  return found;
}

std::int64_t ticks(TimePoint at) { return at.time_since_epoch().count(); }

bool agrees(const Handoff& handoff, const Rows& row) {
  return name(handoff.state) == row.text(8) && handoff.id.text == row.text(1) &&
         (handoff.sequence == 1 ? row.number(2) == row.number(0) : row.number(2) < row.number(0)) &&
         is_open(handoff.state) == (row.integer(9) == 1) && handoff.workspace.text == row.text(10) &&
         handoff.conversation.source == row.text(11) && handoff.conversation.text == row.text(12) &&
         ticks(handoff.requested_at) == row.integer(13);
}

void check_handoffs(Database& db, FsckReport& to) {
  Statement statement(
      db,
      "SELECT no, id, thread, sequence, previous, version, crc, record, state, open, workspace,"
      " source, conversation, requested_at FROM handoffs");
  for (auto rows = statement.rows(); rows.next(); ++to.rows) {
    const auto handoff = read_handoff(rows);
    if (handoff && agrees(*handoff, rows)) continue;
    report(to, damage(Table::handoffs, rows.number(0), "handoff " + std::string(rows.text(1)),
                      rows.text(8) == "damaged"));
  }
}

void check_facts(Database& db, FsckReport& to) {
  Statement statement(db, "SELECT no, handoff, key, digest, crc, record, consumed FROM facts");
  for (auto rows = statement.rows(); rows.next(); ++to.rows) {
    const auto consumed = rows.integer(6);
    if (read_fact(rows) && (consumed == 0 || consumed == 1)) continue;
    report(to, damage(Table::facts, rows.number(0), "fact " + std::string(rows.text(2)), consumed == 2));
  }
}

bool agrees(const Job& job, const Rows& row) {
  return name(job.state) == row.text(10) && job.receipt.object_id == row.text(11) &&
         ticks(job.created_at) == row.integer(12) && ticks(job.due) == row.integer(14) &&
         (job.failure ? name(job.failure->kind) : "") == row.text(13);
}

void check_jobs(Database& db, FsckReport& to) {
  Statement statement(db,
                      "SELECT j.no, j.handoff, j.lane, j.work, j.sequence, j.consumed, j.news, j.crc,"
                      " j.record, coalesce(h.id, ''), j.state, coalesce(j.object, ''), j.created_at, "
                      "coalesce(j.failure, ''), j.due"
                      " FROM jobs j LEFT JOIN handoffs h ON h.no = j.handoff");
  for (auto rows = statement.rows(); rows.next(); ++to.rows) {
    const auto job = read_job(rows, HandoffId(std::string(rows.text(9))));
    if (job && agrees(*job, rows)) continue;
    const auto key = std::string(rows.text(9)) + "/" + std::string(rows.text(2)) + "/" +
                     std::string(rows.text(3)) + "/" + std::to_string(rows.integer(4));
    report(to, damage(Table::jobs, rows.number(0), "job " + key, rows.text(10) == "damaged"));
  }
}

void check_documents(Database& db, FsckReport& to) {
  Statement statement(db, "SELECT kind, key, version, crc, record FROM documents");
  for (auto rows = statement.rows(); rows.next(); ++to.rows) {
    if (read_document(rows)) continue;
    const std::string kind(rows.text(0)), key(rows.text(1));
    auto found = damage(Table::documents, 0, "document " + kind + "/" + key, false);
    found.row.kind = kind;
    found.row.key = key;
    report(to, std::move(found));
  }
}

template <class Decode>
bool is_sound(const Rows& row, const Decode& decode) {
  return std::int64_t{crc_of(row.text(1))} == row.integer(0) && decode(row.text(1)).has_value();
}

void check_people(Database& db, FsckReport& to) {
  Statement lanes(db, "SELECT crc, record, lane FROM lanes");
  for (auto rows = lanes.rows(); rows.next(); ++to.rows) {
    if (is_sound(rows, decode_lane)) continue;
    auto found = damage(Table::lanes, 0, "pause of " + std::string(rows.text(2)), false);
    found.row.key = rows.text(2);
    report(to, std::move(found));
  }
  Statement audit(db, "SELECT crc, record, no FROM audit");
  for (auto rows = audit.rows(); rows.next(); ++to.rows) {
    if (is_sound(rows, decode_audit)) continue;
    report(to, damage(Table::audit, rows.number(2), "audit entry " + std::to_string(rows.number(2)), false));
  }
}

}  // namespace

Result<FsckReport> fsck(Database& db) {
  FsckReport report;
  check_handoffs(db, report);
  check_facts(db, report);
  check_jobs(db, report);
  if (schema_of(db) >= 2) check_documents(db, report);  // a backup of the first release has none
  check_people(db, report);
  const auto highest = highest_number(db);  // first: the mark only grows
  const auto mark = db.integer("SELECT value FROM meta WHERE name = 'numbers'");
  if (highest > static_cast<std::uint64_t>(mark)) {
    report.structure.emplace_back("the mark of the numbers given is behind the tables");
  }
  Statement statement(db, "PRAGMA integrity_check(100)");
  for (auto rows = statement.rows(); rows.next();) {
    if (rows.text(0) != "ok") report.structure.emplace_back(rows.text(0));
  }
  return report;
}

}  // namespace baton::sqlite
