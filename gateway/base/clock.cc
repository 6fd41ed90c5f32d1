#include "gateway/base/clock.h"

#include <algorithm>
#include <ctime>

#include "gateway/base/bell.h"
#include "gateway/base/own_time.h"

namespace baton {
namespace {

TimePoint wall_clock() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

// Counts the time in which the machine slept as well, unlike steady_clock.
Duration uptime() {
  timespec since{};
  BATON_CHECK(::clock_gettime(CLOCK_BOOTTIME, &since) == 0);
  return std::chrono::floor<Duration>(std::chrono::seconds(since.tv_sec) +
                                      std::chrono::nanoseconds(since.tv_nsec));
}

// One for the process: what one loop wrote down another compares with its own. It is never destroyed.
OwnTime& own_time() {
  static auto& only = *new OwnTime(wall_clock(), uptime());
  return only;
}

}  // namespace

Task<Done> Clock::until(TimePoint when, std::stop_token stop) {
  Bell silent;
  co_return co_await silent.wait(silent.count(), *this, when, stop);
}

RealClock::RealClock(Loop& loop) : timer_(loop) {}
RealClock::~RealClock() = default;

TimePoint RealClock::now() const { return own_time().now(wall_clock(), uptime()); }

void RealClock::wake(TimePoint when, std::shared_ptr<Waiter> waiter) {
  sweep();
  waiting_.emplace(when, std::move(waiter));
  if (when < armed_) arm();
}

// Most waits end before their deadline and leave a spent waiter behind. Clearing them away at each
// doubling keeps both the memory and the work per wait bounded.
void RealClock::sweep() {
  if (waiting_.size() < sweep_at_) return;
  std::erase_if(waiting_, [](const auto& entry) { return entry.second->resumed(); });
  sweep_at_ = std::max<std::size_t>(64, 2 * waiting_.size());
}

void RealClock::arm() {
  // A minute at most: the timer does not count the time in which the machine slept.
  armed_ = std::min(waiting_.begin()->first, now() + 1min);
  timer_.expires_after(std::max(armed_ - now(), Duration{0}));
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    while (!waiting_.empty() && waiting_.begin()->first <= now()) {
      waiting_.extract(waiting_.begin()).mapped()->resume();
    }
    armed_ = TimePoint::max();
    if (!waiting_.empty()) arm();
  });
}

void VirtualClock::wake(TimePoint when, std::shared_ptr<Waiter> waiter) {
  waiting_.emplace(when, std::move(waiter));
}

void VirtualClock::run(TimePoint end, const std::function<bool()>& stop) {
  for (;;) {
    loop_.restart();
    while (loop_.poll_one() != 0 || wait_for_threads()) {
      if (stop && stop()) return;
    }
    std::erase_if(waiting_, [](const auto& entry) { return entry.second->resumed(); });
    if (waiting_.empty() || waiting_.begin()->first > end) return;
    now_ = std::max(now_, waiting_.begin()->first);
    waiting_.extract(waiting_.begin()).mapped()->resume();
  }
}

// Time must not pass while a thread works for this loop. Returns false when none does.
bool VirtualClock::wait_for_threads() {
  if (held_ == 0) return false;
  const auto stay = net::make_work_guard(loop_);
  loop_.restart();
  return loop_.run_one() != 0;
}

}  // namespace baton
