// What a person asked to be forgotten leaves the tables.
#include "gateway/journal/sqlite/ledger.h"
#include "gateway/model/codec.h"

namespace baton::sqlite {

void Ledger::erase(const std::vector<std::uint64_t>& handoffs, TimePoint now) {
  for (const auto no : handoffs) erase_one(no, now);
}

void Ledger::erase_one(std::uint64_t no, TimePoint now) {
  std::optional<Handoff> handoff;
  {
    auto row = sql_.handoff_by_no.rows(no);
    if (row.next()) handoff = read_handoff(row);
  }
  if (!handoff) return;
  erase_person(*handoff, now);
  const auto bytes = encode(*handoff);
  const auto crc = handoff_crc(crc_of(bytes), handoff->id.text, handoff->sequence, handoff->previous.text,
                               handoff->version + 1);
  sql_.move_handoff.run(no, handoff->version, name(handoff->state), is_open(handoff->state) ? 1 : 0, crc,
                        bytes);
  cache_.drop(no);

  // What is under way for it will find its lease gone; what was not done is not done any more.
  std::vector<std::uint64_t> undone;
  std::optional<std::uint64_t> plan;
  {
    Statement jobs(db_, "SELECT no, state, work, news FROM jobs INDEXED BY jobs_key WHERE handoff = ?1");
    for (auto rows = jobs.rows(no); rows.next();) {
      const auto job = rows.number(0);
      if (leases_.of(job)) leases_.end(job);
      if (!rows.null(3)) (void)news_.take(rows.number(3));
      if (rows.text(2) == "plan") plan = job;
      else if (rows.text(1) != "done") undone.push_back(job);
    }
  }
  for (const auto job : undone) remove_job(job);
  rewrite(no, [](Job& job) {
    erase_person(job);
    if (std::holds_alternative<Upkeep>(job.key.work)) job.due = TimePoint::max();
    return true;
  });
  Statement(db_, "UPDATE jobs SET consumed = 1, news = NULL WHERE handoff = ?1 AND news IS NOT NULL").run(no);
  Statement facts(db_, "SELECT no FROM facts INDEXED BY facts_handoff WHERE handoff = ?1");
  for (auto rows = facts.rows(no); rows.next();) (void)news_.take(rows.number(0));
  rewrite_facts(no, [](Fact& fact) {
    erase_person(fact);
    return true;
  });
  Statement(db_, "UPDATE facts SET consumed = 1 WHERE handoff = ?1 AND consumed = 0").run(no);
  if (plan) Statement(db_, "UPDATE jobs SET due = ?2 WHERE no = ?1").run(*plan, TimePoint::max());
  sql_.wake_plan.run(no, std::nullopt);
}

// Whoever stood behind it in line is the first now.
void Ledger::remove_job(std::uint64_t no) {
  std::optional<std::uint64_t> line;
  std::string lane;
  {
    auto row = sql_.line_of_job.rows(no);
    if (row.next()) {
      if (!row.null(0)) line = row.number(0);
      lane = std::string(row.text(1));
    }
  }
  Statement(db_, "DELETE FROM jobs WHERE no = ?1").run(no);
  if (!line) return;
  if (const auto next = first_in_line(*line, Lane(lane))) sql_.rank_job.run(*next, 1);
}

namespace {

// Replaces the person in rows of others. A checksum is made anew only if it was right, so a damaged row
// stays one.
class Redaction {
 public:
  Redaction(Database& db, const Spellings& spellings) : db_(db), spellings_(spellings) {}

  void handoff(std::uint64_t no) {
    Statement find(
        db_, "SELECT id, sequence, previous, version, crc, record, conversation FROM handoffs WHERE no = ?1");
    auto row = find.rows(no);
    if (!row.next()) return;
    const auto crc_for = [&](std::string_view bytes) {
      return handoff_crc(crc_of(bytes), row.text(0), row.integer(1), row.text(2), row.integer(3));
    };
    const auto bytes = redacted(row.text(5)), conversation = redacted(row.text(6));
    const auto crc = crc_for(row.text(5)) == row.integer(4) ? crc_for(bytes) : 0;
    Statement store(db_, "UPDATE handoffs SET crc = ?2, record = ?3, conversation = ?4 WHERE no = ?1");
    store.run(no, crc, bytes, conversation);
  }

  void fact(std::uint64_t no) {
    Statement find(db_, "SELECT handoff, key, digest, crc, record FROM facts WHERE no = ?1");
    auto row = find.rows(no);
    if (!row.next()) return;
    auto key = redacted(row.text(1));
    if (key != row.text(1)) key += "#" + std::to_string(no);  // keys stay different from one another
    const auto bytes = redacted(row.text(4));
    const bool sound =
        fact_crc(crc_of(row.text(4)), row.number(0), row.text(1), row.text(2)) == row.integer(3);
    const auto crc = sound ? fact_crc(crc_of(bytes), row.number(0), key, row.text(2)) : 0;
    Statement store(db_, "UPDATE facts SET crc = ?2, record = ?3, key = ?4 WHERE no = ?1");
    store.run(no, crc, bytes, key);
  }

  // Its order as a fact, if it has one.
  std::optional<std::uint64_t> job(std::uint64_t no) {
    Statement find(db_,
                   "SELECT handoff, lane, work, sequence, crc, record, object, news FROM jobs WHERE no = ?1");
    auto row = find.rows(no);
    if (!row.next()) return std::nullopt;
    const auto crc_for = [&](std::string_view bytes) {
      return job_crc(crc_of(bytes), row.number(0), row.text(1), row.text(2), row.integer(3));
    };
    const auto bytes = redacted(row.text(5));
    std::optional<std::string> object;
    if (!row.null(6)) object = redacted(row.text(6));
    const auto crc = crc_for(row.text(5)) == row.integer(4) ? crc_for(bytes) : 0;
    Statement store(db_, "UPDATE jobs SET crc = ?2, record = ?3, object = ?4 WHERE no = ?1");
    store.run(no, crc, bytes, object);
    return row.null(7) ? std::nullopt : std::optional(row.number(7));
  }

  // A new version: whoever read the old one must read again before writing.
  void document(const std::string& kind, const std::string& key) {
    Statement find(db_, "SELECT version, crc, record FROM documents WHERE kind = ?1 AND key = ?2");
    auto row = find.rows(kind, key);
    if (!row.next()) return;
    const auto bytes = redacted(row.text(2)), new_key = redacted(key);
    const bool sound = document_crc(crc_of(row.text(2)), kind, key, row.integer(0)) == row.integer(1);
    const auto crc = sound ? document_crc(crc_of(bytes), kind, new_key, row.integer(0) + 1) : 0;
    Statement store(db_,
                    "UPDATE OR REPLACE documents SET version = version + 1, crc = ?3, record = ?4, key = ?5"
                    " WHERE kind = ?1 AND key = ?2");
    store.run(kind, key, crc, bytes, new_key);
  }

  void lane(const std::string& lane) {
    Statement find(db_, "SELECT crc, record FROM lanes WHERE lane = ?1");
    Statement store(db_, "UPDATE lanes SET crc = ?2, record = ?3 WHERE lane = ?1");
    auto row = find.rows(lane);
    if (row.next()) store.run(lane, crc_after(row), redacted(row.text(1)));
  }
  void audit(std::uint64_t no) {
    Statement find(db_, "SELECT crc, record FROM audit WHERE no = ?1");
    Statement store(db_, "UPDATE audit SET crc = ?2, record = ?3 WHERE no = ?1");
    auto row = find.rows(no);
    if (row.next()) store.run(no, crc_after(row), redacted(row.text(1)));
  }

 private:
  std::string redacted(std::string_view text) const {
    std::string to(text);
    (void)spellings_.replace(to);
    return to;
  }
  std::int64_t crc_after(const Rows& row) const {
    const bool sound = std::int64_t{crc_of(row.text(1))} == row.integer(0);
    return sound ? std::int64_t{crc_of(redacted(row.text(1)))} : 0;
  }

  Database& db_;
  const Spellings& spellings_;
};

}  // namespace

void Ledger::redact(const std::vector<StoredRow>& mentions, const Spellings& spellings) {
  using enum StoredRow::Table;
  Redaction redaction(db_, spellings);
  for (const auto& at : mentions) {
    switch (at.table) {
      case handoffs:
        redaction.handoff(at.no);
        cache_.drop(at.no);
        break;
      case facts:
        redaction.fact(at.no);
        (void)news_.take(at.no);
        break;
      case jobs:
        if (const auto news = redaction.job(at.no)) (void)news_.take(*news);
        break;
      case documents: redaction.document(at.kind, at.key); break;
      case lanes: redaction.lane(at.key); break;
      case audit: redaction.audit(at.no); break;
    }
  }
}

}  // namespace baton::sqlite
