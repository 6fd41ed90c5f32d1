// Purpose: the circuit breaker of a lane. It opens after 5 failures in a row, or when half of at
// least 20 attempts within 30 s failed; then one probe at a time, with jitter, 1 s to 60 s apart. A
// vendor that has only failed for four minutes is dead, however few asked it: then whoever comes is a
// probe, and the next comes half a minute to a minute later. So it gets two a minute at most, whether
// deliveries come in thousands or one an hour.
// After a good probe the lane's concurrency doubles with each round of successes, so that a vendor that
// comes back is not stampeded. Only `retryable` and `ambiguous` count: a vendor that says no is healthy.
// Owner: the lane's control. Threads: one loop. Pure but for chance; time comes in as a value.
#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "gateway/base/random.h"
#include "gateway/base/time.h"

namespace baton::delivery {

class Breaker {
 public:
  enum class State { closed, open, probing };

  explicit Breaker(Random& random) : random_(random) {}

  // How many attempts may be under way now, of at most `limit`.
  int allowed(int limit, TimePoint now) const;
  // Whether an attempt may begin now: those that were let through together may find it changed.
  bool admits(TimePoint now) const;
  // When an open breaker lets the next probe through.
  TimePoint probe_at() const { return probe_at_; }
  State state() const { return state_; }
  std::size_t remembered() const { return recent_.size(); }  // attempts within the window

  // The clock may have been set back: nobody waits longer for that.
  void heed(TimePoint now);
  void started(TimePoint now);    // an attempt begins; in state `probing` after it, it is the probe
  void succeeded(TimePoint now);  // an attempt ends in one of these three
  void failed(TimePoint now);
  void ended();
  void untold(TimePoint now);  // the probe ended, or could not begin, without a word about the vendor

 private:
  bool dead(TimePoint now) const;
  void open(TimePoint now);
  void ramp_up();
  void remember(TimePoint now, bool failed);
  bool failing_often() const;

  Random& random_;
  State state_ = State::closed;
  int failures_in_row_ = 0;
  std::optional<TimePoint> failing_since_;  // the first of them
  int running_ = 0;
  int ramp_ = 0;    // attempts at once while recovering; 0: no limit of ours
  int before_ = 0;  // of those under way, began before it was doubled last
  Duration wait_ = Duration{0};
  TimePoint probe_at_;
  std::deque<std::pair<TimePoint, bool>> recent_;  // when, whether it failed
};

constexpr std::string_view name(Breaker::State state) {
  switch (state) {
    case Breaker::State::closed: return "closed";
    case Breaker::State::open: return "open";
    case Breaker::State::probing: return "probing";
  }
  return "";
}

}  // namespace baton::delivery
