// Damaged rows are set aside, each alone: nothing is deleted, and nobody stumbles over them any more.
#include "gateway/journal/sqlite/ledger.h"

namespace baton::sqlite {
namespace {

constexpr std::size_t kFewNumbers = 16;

}  // namespace

// Precondition: each is damaged; what fsck() found.
void Ledger::set_aside(const std::vector<Damage>& damaged) {
  for (const auto& damage : damaged) {
    if (!damage.aside) set_aside(damage);
  }
}

void Ledger::set_aside(const Damage& damage) {
  using enum StoredRow::Table;
  plans_.clear();
  const auto no = damage.row.no;
  ++damaged_;
  switch (damage.row.table) {
    case jobs:
      set_job_aside(no);
      --damaged_;  // counted there
      break;
    case facts: {
      {
        auto row = sql_.fact_by_no.rows(no);
        if (row.next()) plans_.insert(row.number(0));
      }
      sql_.consume_fact.run(no, 2);
      refresh_plans();
      break;
    }
    case handoffs: {
      // Its conversation may have another one now, and nothing of it waits in a lane.
      Statement(db_, "UPDATE handoffs SET open = 0, state = 'damaged' WHERE no = ?1").run(no);
      std::vector<std::uint64_t> waiting;
      {
        Statement find(db_,
                       "SELECT no FROM jobs INDEXED BY jobs_key WHERE handoff = ?1 AND rank IS NOT NULL");
        for (auto rows = find.rows(no); rows.next();) waiting.push_back(rows.number(0));
      }
      for (const auto job : waiting) set_job_aside(job);
      cache_.drop(no);
      break;
    }
    case documents:
    case lanes:
    case audit: keep_aside(damage); break;
  }
}

// Whole, in a table of its own: where it stood a sound one may be written.
void Ledger::keep_aside(const Damage& damage) {
  using enum StoredRow::Table;
  const auto& [table, no, kind, key] = damage.row;
  if (table == audit) {
    Statement(db_,
              "INSERT INTO set_aside (what, crc, record) SELECT ?2, crc, record FROM audit WHERE no = ?1")
        .run(no, damage.name);
    Statement(db_, "DELETE FROM audit WHERE no = ?1").run(no);
  } else if (table == lanes) {
    Statement(db_,
              "INSERT INTO set_aside (what, crc, record) SELECT ?2, crc, record FROM lanes WHERE lane = ?1")
        .run(key, damage.name);
    Statement(db_, "DELETE FROM lanes WHERE lane = ?1").run(key);
  } else {
    Statement(db_,
              "INSERT INTO set_aside (what, crc, record) SELECT ?3, crc, record FROM documents"
              " WHERE kind = ?1 AND key = ?2")
        .run(kind, key, damage.name);
    Statement(db_, "DELETE FROM documents WHERE kind = ?1 AND key = ?2").run(kind, key);
  }
}

// Whatever can be made anew from the tables. A number that was given before must not be given again.
void Ledger::make_anew() {
  db_.run("REINDEX");
  const auto highest = highest_number(db_);
  if (highest <= last_number_) return;
  last_number_ = highest;
  reserve(kFewNumbers);
}

}  // namespace baton::sqlite
