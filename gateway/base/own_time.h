// Purpose: the process's own time: wall time at the start, carried on by a clock that nobody sets. Someone
// who sets the wall clock by an hour or a year neither ends every wait at once nor makes it last as long.
// Owner: the real clock. Threads: any. Pure: both clocks' readings come in as values.
#pragma once

#include <algorithm>
#include <mutex>

#include "gateway/base/time.h"

namespace baton {

class OwnTime {
 public:
  OwnTime(TimePoint wall, Duration uptime) : own_(wall), uptime_(uptime) {}

  // `uptime` never goes back and counts the machine's sleep. Towards the wall clock it goes by a four
  // thousandth at most: enough for a drifting crystal, a second in an hour's wait.
  TimePoint now(TimePoint wall, Duration uptime) {
    const std::lock_guard lock(mu_);
    const auto passed = std::max(uptime - uptime_, Duration{0});
    uptime_ += passed;
    own_ += passed;
    drawn_ += passed;
    const auto most = drawn_ / kDrawnBy;
    if (most == Duration{0}) return own_;
    own_ += std::clamp(std::chrono::floor<Duration>(wall - own_), -most, most);
    drawn_ -= most * kDrawnBy;
    return own_;
  }

 private:
  static constexpr int kDrawnBy = 4000;

  std::mutex mu_;
  TimePoint own_;
  Duration uptime_;
  Duration drawn_{0};  // passed since it last went towards the wall clock
};

}  // namespace baton
