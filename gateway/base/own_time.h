// Purpose: the process's own time: wall time at the start, carried on by a clock that nobody sets. Someone
// who sets the wall clock by an hour or a year neither ends every wait at once nor makes it last as long.
// Owner: the real clock. Threads: any. Pure: both clocks' readings come in as values.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "gateway/base/time.h"

namespace baton {

class OwnTime {
 public:
  OwnTime(TimePoint wall, Duration uptime)
      : ahead_(ticks(wall) - uptime.count()), draws_at_(uptime.count() + kDrawnBy), latest_(ticks(wall)) {}

  // `uptime` never goes back and counts the machine's sleep. Towards the wall clock it goes by a four
  // thousandth at most: enough for a drifting crystal, a second in an hour's wait. So there is nothing to do
  // but add, until as much has passed as moves it by a tick.
  TimePoint now(TimePoint wall, Duration uptime) {
    if (uptime.count() >= draws_at_.load(std::memory_order_acquire)) draw(wall, uptime);
    const auto own = uptime.count() + ahead_.load(std::memory_order_acquire);
    // A thread that was held up with an older reading sees what the others saw.
    auto latest = latest_.load(std::memory_order_relaxed);
    while (own > latest && !latest_.compare_exchange_weak(latest, own, std::memory_order_relaxed)) continue;
    return TimePoint(Duration{std::max(own, latest)});
  }

 private:
  static constexpr std::int64_t kDrawnBy = 4000;

  static std::int64_t ticks(TimePoint at) { return at.time_since_epoch().count(); }

  void draw(TimePoint wall, Duration uptime) {
    const std::lock_guard lock(mu_);
    const auto draws_at = draws_at_.load(std::memory_order_relaxed);
    if (uptime.count() < draws_at) return;  // another thread was quicker
    const auto most = 1 + (uptime.count() - draws_at) / kDrawnBy;
    const auto ahead = ahead_.load(std::memory_order_relaxed);
    const auto off = ticks(wall) - (uptime.count() + ahead);
    ahead_.store(ahead + std::clamp(off, -most, most), std::memory_order_release);
    draws_at_.store(draws_at + most * kDrawnBy, std::memory_order_release);
  }

  std::mutex mu_;                       // of who draws
  std::atomic<std::int64_t> ahead_;     // of the uptime
  std::atomic<std::int64_t> draws_at_;  // uptime from which on it may move
  std::atomic<std::int64_t> latest_;    // what anybody was told last
};

}  // namespace baton
