// Purpose: what commits and claims do to the tables. The ledger is the whole of the journal's
// semantics on SQLite; who calls it when, and what is told to whom, is the writer's part.
// Owner: the writer. Threads: the writer's.
// Errors: SqlError. Everything happens between begin() and finish(); after an error abandon()
// takes it all back, in the tables and in memory.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "gateway/journal/plan_order.h"
#include "gateway/journal/reduce.h"
#include "gateway/journal/sqlite/fsck.h"
#include "gateway/journal/sqlite/handoff_cache.h"
#include "gateway/journal/sqlite/leases.h"
#include "gateway/journal/sqlite/news_cache.h"
#include "gateway/journal/sqlite/records.h"
#include "gateway/journal/sqlite/statements.h"

namespace baton::sqlite {

struct Demand {
  Lane lane;
  int limit = 0;
  Duration lease{};
  Take only = Take::all;
  TimePoint now;
};

// Where a plan job with news stands in its lane: before all times. So no jump
// of the clock can keep it from being due.
inline constexpr std::int64_t kNews = -(std::int64_t{1} << 60);

class Ledger {
 public:
  Ledger(Database& db, std::size_t cache_size);

  void begin();
  // `alone`: nothing else is in this transaction, so a refused batch needs no savepoint.
  Committed commit(Encoded& encoded, bool alone, TimePoint now);
  Claim claim(const Demand& demand);
  void probe();
  // sweep.cc, erase.cc, aside.cc: what Maintenance and fsck ask for, a few rows at a time.
  Swept sweep(const Cutoffs& before, SweepPlace from, int limit);
  void erase(const std::vector<std::uint64_t>& handoffs, TimePoint now);
  void redact(const std::vector<StoredRow>& mentions, const Spellings& spellings);
  void set_aside(const std::vector<Damage>& damaged);
  void make_anew();
  void finish();
  void abandon();

  std::uint64_t damaged() const { return damaged_; }
  bool behind() const { return news_.nearly_full(); }

 private:
  // Each writes one part of a batch; anything but `done` refuses the whole.
  Verdict apply(Encoded& encoded, Committed& answer);
  Verdict open(Handoff handoff, const Record& record, bool cached, Committed& answer);
  Verdict move(Handoff handoff, const Record& record);
  Verdict add(NewFact& added, const Record& record, bool cached);
  Verdict consume(std::uint64_t order, const Batch& batch);
  Verdict add(const Job& job, const Record& record);
  Verdict update(JobUpdate& update, const Record& record);
  Verdict replay(const Job& job, const Record& record);
  Verdict put(const Document& document, const Record& record);
  std::optional<std::uint64_t> job_of_news(std::uint64_t order, const Batch& batch);
  std::optional<std::uint64_t> first_in_line(std::uint64_t line, const Lane& lane);
  void refresh_plans();
  std::optional<std::int64_t> turn_of_plan(std::uint64_t handoff);
  void take_back(std::size_t mark, bool alone);
  std::optional<Committed> known_fact(const Batch& batch);

  void choose(const Demand& demand, int rank, Claim& claim, std::vector<std::uint64_t>& chosen);
  std::optional<Claimed> hand_out(std::uint64_t no, const Demand& demand);
  void add_news(Claimed& claimed, std::uint64_t handoff, TimePoint now);
  void set_job_aside(std::uint64_t no);

  Swept sweep_handoffs(const Cutoffs& before, SweepPlace from, int limit);
  Swept sweep_audit(TimePoint before, SweepPlace from, int limit);
  Swept sweep_documents(TimePoint before, SweepPlace from, int limit);
  bool in_use(std::uint64_t handoff, const Handoff& of);
  void take_stage(std::uint64_t no, int from, TimePoint last, const Cutoffs& before, Swept& swept);
  std::uint64_t rewrite(std::uint64_t handoff, const std::function<bool(Job&)>& change);
  std::uint64_t rewrite_facts(std::uint64_t handoff, const std::function<bool(Fact&)>& change);
  void remove_job(std::uint64_t no);
  void erase_one(std::uint64_t handoff, TimePoint now);
  void set_aside(const Damage& damage);
  void keep_aside(const Damage& damage);

  std::optional<Known> known(const HandoffId& id);
  std::optional<Known> known(std::uint64_t no);
  std::optional<Known> keep(Rows row);
  void reserve(std::size_t numbers);
  std::uint64_t number();

  Database& db_;
  Statements sql_;
  Leases leases_;
  HandoffCache cache_;
  NewsCache news_;
  std::set<std::uint64_t> touched_;  // handoffs in the cache that this batch changed
  std::set<std::uint64_t> plans_;    // handoffs whose plan job this batch may wake or put to sleep
  PlanOrder order_;                  // of the plans with news
  TimePoint now_;                    // of the batch under way
  std::uint64_t opened_ = 0;         // the handoff that this batch opens, and its first fact
  std::optional<Known> opening_;     // the same, if it is not in the cache
  std::optional<std::uint64_t> opened_news_;
  std::uint64_t last_number_ = 0;
  std::uint64_t reserved_ = 0;            // numbers up to here are ours, also after a crash
  std::uint64_t reserved_committed_ = 0;  // the same, as stored
  std::uint64_t damaged_ = 0;
};

}  // namespace baton::sqlite
