#include "gateway/health/health_backlog.h"

#include <algorithm>

namespace baton::health {

Task<std::map<DestinationId, Backlog>> Backlogs::of(std::vector<DestinationId> destinations) {
  const auto began = clock_.now();
  if (began < good_until_ && destinations == asked_) co_return latest_;
  std::map<DestinationId, Backlog> found;
  for (const auto& destination : destinations) {
    const auto backlog = co_await count(destination);
    if (backlog) found.emplace(destination, *backlog);
  }
  // A store with a million dead letters is counted for at most a twentieth of the reader's time.
  constexpr auto kFresh = Duration{5s};
  const auto now = clock_.now();
  good_until_ = now + std::max(kFresh, (now - began) * 20);
  asked_ = std::move(destinations);
  latest_ = found;
  co_return found;
}

Task<Backlog> Backlogs::count(DestinationId destination) {
  JobQuery query;
  query.lane = std::move(destination);
  query.state = JobState::dead;
  const auto dead = co_await journal_.count(query);
  if (!dead) co_return dead.error();
  query.state = JobState::pending;
  const auto pending = co_await journal_.count(query);
  if (!pending) co_return pending.error();
  Backlog backlog;
  backlog.dead = *dead;
  backlog.pending = *pending;
  if (*pending == 0) co_return backlog;
  query.limit = 1;  // in the order of their making
  const auto first = co_await journal_.query(query);
  if (!first) co_return first.error();
  if (!first->jobs.empty()) backlog.oldest = first->jobs.front().created_at;
  co_return backlog;
}

}  // namespace baton::health
