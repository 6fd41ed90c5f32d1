#include <algorithm>

#include "gateway/base/mutant.h"
#include "gateway/journal/sqlite/ledger.h"

namespace baton::sqlite {
namespace {

// A flood of facts on one handoff is planned piece by piece: the plan job stays due for the rest.
constexpr int kMaxNews = 256;

}  // namespace

Claim Ledger::claim(const Demand& demand) {
  const auto limit = static_cast<std::size_t>(std::max(demand.limit, 0));
  reserve(limit);
  for (;;) {
    Claim claim;
    std::vector<std::uint64_t> chosen;
    for (const int rank : {0, 1}) {
      if (rank == 1 && demand.only == Take::reads) break;
      if (rank == 0 && demand.only == Take::ahead) continue;
      choose(demand, rank, claim, chosen);
    }
    const auto damaged_before = damaged_;
    for (const auto no : chosen) {
      if (auto claimed = hand_out(no, demand)) claim.jobs.push_back(std::move(*claimed));
    }
    if (damaged_ == damaged_before) return claim;
    // Whoever stood behind a damaged row may go now.
    claim.next = std::min(claim.next, demand.now);
    if (!claim.jobs.empty()) return claim;
  }
}

// Walks one rank of the lane's index, which holds only what may be claimed when due; the leased
// ones in it are as few as the lane's workers.
void Ledger::choose(const Demand& demand, int rank, Claim& claim, std::vector<std::uint64_t>& chosen) {
  auto places = sql_.places.rows(demand.lane.text, rank);
  while (places.next()) {
    const auto due =
        claimable_at(TimePoint{Duration{places.integer(1)}}, demand.lane, demand.only, demand.now);
    if (std::max(due, demand.now) >= claim.next) break;  // what follows is neither free nor sooner
    const auto no = places.number(0);
    const auto* held = leases_.of(no);
    auto ready = held ? std::max(due, held->until) : due;
    if (held && BATON_MUTANT(lease_never_expires)) ready = TimePoint::max();
    if (ready > demand.now || std::ssize(chosen) >= demand.limit) {
      claim.next = std::min(claim.next, std::max(ready, demand.now));
      continue;
    }
    chosen.push_back(no);
    if (const auto place = places.integer(1); place < kNews / 2) order_.handed_out(place - kNews);
    claim.next = std::min(claim.next, demand.now + demand.lease);
  }
}

std::optional<Claimed> Ledger::hand_out(std::uint64_t no, const Demand& demand) {
  std::optional<Job> job;
  std::optional<Known> handoff;
  {
    auto row = sql_.job_to_claim.rows(no);
    BATON_CHECK(row.next());
    handoff = known(row.number(1));
    if (handoff && handoff->handoff) job = read_job(row, handoff->handoff->id);
  }
  if (!job) {
    set_job_aside(no);
    return std::nullopt;
  }
  const auto* before = BATON_MUTANT(fence_unchecked) ? leases_.of(no) : nullptr;
  const Lease lease{before ? before->token : number(), demand.now + demand.lease};
  leases_.give(no, Held{lease.token, lease.until, job->key, handoff->no});
  const bool plans = std::holds_alternative<Upkeep>(job->key.work);
  Claimed claimed(std::move(*job), lease, handoff->handoff);
  if (plans) add_news(claimed, handoff->no, demand.now);
  return claimed;
}

void Ledger::add_news(Claimed& claimed, std::uint64_t handoff, TimePoint now) {
  std::vector<std::uint64_t> damaged_facts, damaged_jobs;
  {
    auto facts = sql_.news_facts.rows(handoff, kMaxNews);
    while (facts.next()) {
      auto fact = news_.take(facts.number(0));
      if (!fact) fact = read_fact(facts);
      if (fact) claimed.unconsumed.push_back(std::move(*fact));
      else damaged_facts.push_back(facts.number(0));
    }
    auto jobs = sql_.news_jobs.rows(handoff, kMaxNews);
    while (jobs.next()) {
      if (auto ended = news_.take(jobs.number(6))) {
        claimed.unconsumed.push_back(std::move(*ended));
        continue;
      }
      auto job = read_job(jobs, claimed.handoff->id);
      if (!job) {
        damaged_jobs.push_back(jobs.number(0));
        continue;
      }
      const auto at = job->ended_at.value_or(now);
      claimed.unconsumed.emplace_back(at, std::move(*job)).order = jobs.number(6);
    }
  }
  std::ranges::sort(claimed.unconsumed, {}, &Fact::order);
  if (std::ssize(claimed.unconsumed) > kMaxNews) {
    claimed.unconsumed.erase(claimed.unconsumed.begin() + kMaxNews, claimed.unconsumed.end());
  }
  if (damaged_facts.empty() && damaged_jobs.empty()) return;
  // Left unconsumed they would keep the plan job due for ever.
  for (const auto no : damaged_facts) sql_.consume_fact.run(no, 2);
  for (const auto no : damaged_jobs) sql_.consume_news.run(no, 2);
  damaged_ += damaged_facts.size() + damaged_jobs.size();
  plans_ = {handoff};
  refresh_plans();
}

// The row stays as it is for fsck and for people; only the lane passes over it.
void Ledger::set_job_aside(std::uint64_t no) {
  ++damaged_;
  std::optional<std::uint64_t> line;
  std::string lane;
  {
    auto row = sql_.line_of_job.rows(no);
    if (!row.next()) return;
    if (!row.null(0)) line = row.number(0);
    lane = std::string(row.text(1));
  }
  sql_.set_job_aside.run(no);
  if (!line) return;
  if (const auto next = first_in_line(*line, Lane(lane))) sql_.rank_job.run(*next, 1);
}

}  // namespace baton::sqlite
