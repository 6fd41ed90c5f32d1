#include "gateway/base/turns.h"

#include <utility>

namespace baton {

Task<Done> Turns::take(std::string line) {
  const auto loop = co_await net::this_coro::executor;
  if (!std::exchange(state_->passing, true)) {
    state_->latest = std::move(line);
    post(loop, state_);
    co_return Done{};
  }
  co_await suspend([&](std::shared_ptr<Waiter> waiter) { state_->lines[line].push_back(std::move(waiter)); });
  co_return Done{};
}

void Turns::post(const net::any_io_executor& loop, const std::shared_ptr<State>& state) {
  net::post(loop, [loop, held = std::weak_ptr<State>(state)] {
    if (const auto alive = held.lock()) pass(loop, alive);
  });
}

// Whoever is resumed runs in a later turn of the loop, and the next pass after
// that.
void Turns::pass(const net::any_io_executor& loop, const std::shared_ptr<State>& state) {
  auto& [lines, latest, passing] = *state;
  passing = !lines.empty();
  if (lines.empty()) return;
  auto next = lines.upper_bound(latest);
  if (next == lines.end()) next = lines.begin();
  latest = next->first;
  const auto waiter = std::move(next->second.front());
  next->second.pop_front();
  if (next->second.empty()) lines.erase(next);
  waiter->resume();
  post(loop, state);
}

}  // namespace baton
