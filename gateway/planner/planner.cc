#include "gateway/planner/planner.h"

#include <iterator>

namespace baton {

Task<Done> Planner::run(std::stop_token stop) {
  constexpr auto kLease = Duration{10s};
  constexpr auto kUnwell = Duration{1s};
  constexpr int kAtOnce = 32;
  Scope plans(co_await net::this_coro::executor, clock_);
  auto& changed = journal_.changed(planner_lane());
  while (!stop.stop_requested()) {
    const auto seen = changed.count();
    const auto claim = co_await journal_.claim(planner_lane(), kAtOnce, kLease);
    if (!claim) {
      (void)co_await clock_.until(clock_.now() + kUnwell, stop);
      continue;
    }
    // Side by side, so that one group commit carries them all.
    for (const auto& claimed : claim->jobs) plans.spawn(plan(claimed));
    (void)co_await plans.join();
    if (claim->jobs.empty()) (void)co_await changed.wait(seen, clock_, claim->next, stop);
  }
  co_return Done{};
}

Task<Done> Planner::plan(Claimed claimed) {
  Batch batch;
  handoff::Next next(*claimed.handoff);
  const auto advance = [&](const Fact& fact) {
    auto step = handoff::advance(std::move(next.handoff), fact, patience_);
    next.handoff = std::move(step.handoff);
    std::ranges::move(step.jobs, std::back_inserter(next.jobs));
  };
  for (const auto& fact : claimed.unconsumed) {
    advance(fact);
    batch.consumes.push_back(fact.order);
  }
  if (handoff::wake_at(next.handoff) <= clock_.now()) advance(Fact(clock_.now(), Due{}));

  claimed.job.due = handoff::wake_at(next.handoff);
  batch.updates.emplace_back(claimed.job, claimed.lease.token, true);
  batch.moves = std::move(next.handoff);
  batch.jobs = std::move(next.jobs);
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return Done{};
}

}  // namespace baton
