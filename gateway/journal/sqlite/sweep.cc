// One step of the walk over what may be old. Its statements are prepared when it runs: it runs rarely.
#include <algorithm>

#include "gateway/journal/sqlite/ledger.h"
#include "gateway/model/codec.h"

namespace baton::sqlite {
namespace {

constexpr int kGone = static_cast<int>(SweepStage::gone);
constexpr int kAuditPlace = kGone, kDocumentsPlace = kGone + 1;  // the places after those of ended handoffs

SweepPlace beginning_of(int stage) {
  SweepPlace place;
  place.stage = stage;
  return place;
}

// Before which a handoff that has lost `stage` stages may lose another one.
TimePoint latest_of(const Cutoffs& before, int stage) {
  auto latest = before.handoffs;
  if (stage < static_cast<int>(SweepStage::without_events)) latest = std::max(latest, before.events);
  if (stage < static_cast<int>(SweepStage::without_requests)) latest = std::max(latest, before.requests);
  return latest;
}

}  // namespace

Swept Ledger::sweep(const Cutoffs& before, SweepPlace from, int limit) {
  if (from.stage < kGone) return sweep_handoffs(before, from, limit);
  if (from.stage == kAuditPlace) return sweep_audit(before.audit, from, limit);
  return sweep_documents(before.documents, from, limit);
}

Swept Ledger::sweep_handoffs(const Cutoffs& before, SweepPlace from, int limit) {
  Swept swept;
  std::vector<SweepPlace> old;
  {
    Statement find(db_,
                   "SELECT requested_at, no FROM handoffs INDEXED BY handoffs_ended WHERE open = 0"
                   " AND swept = ?1 AND (requested_at, no) > (?2, ?3) AND requested_at < ?4"
                   " ORDER BY requested_at, no LIMIT ?5");
    for (auto rows = find.rows(from.stage, from.at, from.no, latest_of(before, from.stage), limit);
         rows.next();) {
      auto& place = old.emplace_back(from);
      place.at = TimePoint(Duration{rows.integer(0)});
      place.no = rows.number(1);
    }
  }
  for (const auto& place : old) {
    std::optional<Handoff> handoff;
    {
      auto row = sql_.handoff_by_no.rows(place.no);
      if (row.next()) handoff = read_handoff(row);
    }
    if (!handoff || in_use(place.no, *handoff)) continue;
    take_stage(place.no, place.stage, touched(*handoff), before, swept);
  }
  swept.next = std::ssize(old) == limit ? old.back() : beginning_of(from.stage + 1);
  return swept;
}

// Somebody still needs it, or may.
bool Ledger::in_use(std::uint64_t no, const Handoff& of) {
  {
    auto latest =
        sql_.latest_of_conversation.rows(of.conversation.text, of.conversation.source, of.workspace.text);
    if (latest.next() && latest.integer(0) != 0) return true;
  }
  Statement busy(
      db_,
      "SELECT 1 FROM jobs INDEXED BY jobs_key WHERE handoff = ?1 AND (news IS NOT NULL OR consumed = 2"
      " OR state IN ('dead', 'damaged') OR (state = 'pending' AND work <> 'plan'))"
      " UNION ALL SELECT 1 FROM facts INDEXED BY facts_handoff WHERE handoff = ?1 AND consumed <> 1"
      " LIMIT 1");
  if (auto rows = busy.rows(no); rows.next()) return true;
  Statement jobs(db_, "SELECT no FROM jobs INDEXED BY jobs_key WHERE handoff = ?1");
  for (auto rows = jobs.rows(no); rows.next();) {
    if (leases_.of(rows.number(0))) return true;
  }
  return false;
}

void Ledger::take_stage(std::uint64_t no, int from, TimePoint last, const Cutoffs& before, Swept& swept) {
  rewrite(no, [&](const Job& job) {
    last = std::max(last, touched(job));
    return false;
  });
  rewrite_facts(no, [&](const Fact& fact) {
    last = std::max(last, fact.at);
    return false;
  });
  const auto to = static_cast<int>(stage_at(last, before));
  if (to <= from) return;
  if (to == kGone) {
    for (const auto* sql : {"DELETE FROM jobs WHERE handoff = ?1", "DELETE FROM facts WHERE handoff = ?1",
                            "DELETE FROM handoffs WHERE no = ?1"}) {
      Statement(db_, sql).run(no);
    }
    cache_.drop(no);
    ++swept.handoffs;
    return;
  }
  if (from < static_cast<int>(SweepStage::without_requests)) {
    swept.requests += rewrite(no, [](Job& job) {
      drop_requests(job);
      return !job.steps.empty();
    });
  }
  if (to >= static_cast<int>(SweepStage::without_events)) {
    swept.events += rewrite_facts(no, [](Fact& fact) {
      drop_body(fact);
      return true;
    });
  }
  Statement(db_, "UPDATE handoffs SET swept = ?2 WHERE no = ?1").run(no, to);
}

// Calls `change` with each job of the handoff that can be read, and stores those for which it says so.
std::uint64_t Ledger::rewrite(std::uint64_t handoff, const std::function<bool(Job&)>& change) {
  std::vector<std::pair<std::uint64_t, Job>> changed;
  {
    Statement jobs(db_,
                   "SELECT no, handoff, lane, work, sequence, consumed, news, crc, record FROM jobs"
                   " INDEXED BY jobs_key WHERE handoff = ?1");
    const HandoffId anybody;  // of the key only lane, work and sequence are stored in the row
    for (auto rows = jobs.rows(handoff); rows.next();) {
      auto job = read_job(rows, anybody);
      if (job && change(*job)) changed.emplace_back(rows.number(0), std::move(*job));
    }
  }
  Statement store(db_, "UPDATE jobs SET crc = ?2, record = ?3 WHERE no = ?1");
  for (const auto& [no, job] : changed) {
    const auto bytes = encode(job);
    const auto crc = job_crc(crc_of(bytes), handoff, job.key.lane.text, name(job.key.work), job.key.sequence);
    store.run(no, crc, bytes);
  }
  return changed.size();
}

std::uint64_t Ledger::rewrite_facts(std::uint64_t handoff, const std::function<bool(Fact&)>& change) {
  struct Changed {
    std::uint64_t no;
    std::string bytes;
    std::int64_t crc;
  };
  std::vector<Changed> changed;
  {
    Statement facts(db_,
                    "SELECT no, handoff, key, digest, crc, record FROM facts INDEXED BY facts_handoff"
                    " WHERE handoff = ?1");
    for (auto rows = facts.rows(handoff); rows.next();) {
      auto fact = read_fact(rows);
      if (!fact || !change(*fact)) continue;
      auto bytes = encode(*fact);
      const auto crc = fact_crc(crc_of(bytes), handoff, rows.text(2), rows.text(3));
      changed.push_back({rows.number(0), std::move(bytes), crc});
    }
  }
  Statement store(db_, "UPDATE facts SET crc = ?2, record = ?3 WHERE no = ?1");
  for (const auto& [no, bytes, crc] : changed) store.run(no, crc, bytes);
  return changed.size();
}

// In the order of writing; stops at the first that is young, as those after it are younger.
Swept Ledger::sweep_audit(TimePoint before, SweepPlace from, int limit) {
  Swept swept;
  std::vector<std::uint64_t> old;
  bool more = false;
  {
    Statement find(db_, "SELECT no, record FROM audit WHERE no > ?1 ORDER BY no LIMIT ?2");
    for (auto rows = find.rows(from.no, limit); rows.next();) {
      more = false;
      const auto entry = decode_audit(rows.text(1));
      if (entry && entry->at >= before) break;
      more = true;
      from.no = rows.number(0);
      if (entry) old.push_back(from.no);
    }
  }
  for (const auto no : old) Statement(db_, "DELETE FROM audit WHERE no = ?1").run(no);
  swept.audit = old.size();
  swept.next = more ? from : beginning_of(kDocumentsPlace);
  return swept;
}

Swept Ledger::sweep_documents(TimePoint before, SweepPlace from, int limit) {
  Swept swept;
  std::vector<std::pair<std::string, std::string>> old;
  {
    Statement find(db_, "SELECT kind, key FROM documents WHERE changed_at > 0 AND changed_at < ?1 LIMIT ?2");
    for (auto rows = find.rows(before, limit); rows.next();) old.emplace_back(rows.text(0), rows.text(1));
  }
  for (const auto& [kind, key] : old) sql_.remove_document.run(kind, key);
  swept.documents = old.size();
  if (std::ssize(old) == limit) swept.next = from;
  return swept;
}

}  // namespace baton::sqlite
