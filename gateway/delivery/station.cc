#include "gateway/delivery/station.h"

#include "gateway/base/mutant.h"

namespace baton::delivery {

Station::Station(const sdk::Accounts& accounts, Journal& journal, HttpClient& client, Clock& clock,
                 Random& random, bool lookups)
    : journal_(journal), clock_(clock) {
  for (const auto& [id, account] : accounts) {
    workers_.emplace(id, std::make_unique<Worker>(*account, journal, client, clock, random, turns_, lookups));
  }
}

Task<Done> Station::run(std::stop_token stop) {
  // A paused lane must not send one request after a restart.
  while (!BATON_MUTANT(pause_forgotten_at_start) && !(co_await read_lanes())) {
    const auto waited = co_await clock_.until(clock_.now() + 1s, stop);
    if (!waited) co_return waited.error();
  }
  Scope scope(co_await net::this_coro::executor, clock_);
  for (const auto& [id, worker] : workers_) scope.spawn(worker->run(stop));
  scope.spawn(follow_lanes(stop));
  co_return co_await scope.join();
}

void Station::watch(const Watch& watch) {
  for (const auto& [id, worker] : workers_) worker->watch(watch);
}

const Credentials* Station::credentials(const DestinationId& destination) const {
  const auto found = workers_.find(destination);
  return found == workers_.end() ? nullptr : &found->second->credentials();
}

Task<Withdrawn> Station::withdraw(DestinationId destination) {
  const auto found = workers_.find(destination);
  if (found == workers_.end()) co_return Failure(FailureKind::rejected, "no such destination");
  co_return co_await found->second->withdraw();
}

LaneControl* Station::control(const DestinationId& destination) {
  const auto found = workers_.find(destination);
  return found == workers_.end() ? nullptr : &found->second->control();
}

Task<Done> Station::follow_lanes(std::stop_token stop) {
  auto& changed = journal_.changed(lanes_lane());
  while (!stop.stop_requested()) {
    const auto seen = changed.count();
    (void)co_await read_lanes();
    (void)co_await changed.wait(seen, clock_, TimePoint::max(), stop);
  }
  co_return Done{};
}

Task<Done> Station::read_lanes() {
  const auto lanes = co_await journal_.lanes();
  if (!lanes) co_return lanes.error();
  for (const auto& state : *lanes) {
    if (const auto found = workers_.find(state.lane); found != workers_.end()) {
      found->second->heed(state);
      journal_.changed(state.lane).ring();
    }
  }
  co_return Done{};
}

}  // namespace baton::delivery
