#include "gateway/delivery/breaker.h"

#include <algorithm>

#include "gateway/base/mutant.h"

namespace baton::delivery {
namespace {

constexpr int kFailuresInRow = 5;
constexpr std::size_t kEnough = 20;
constexpr auto kWindow = Duration{30s};
constexpr auto kFirstProbe = Duration{1s};
constexpr auto kLastProbe = Duration{60s};
constexpr auto kDead = Duration{4min};  // five from the first request, less what is under way meanwhile
constexpr auto kUntold = Duration{5s};
constexpr std::size_t kMostRemembered = 1000;

}  // namespace

int Breaker::allowed(int limit, TimePoint now) const {
  switch (state_) {
    case State::closed: return dead(now) ? 1 : ramp_ == 0 ? limit : std::min(limit, ramp_);
    case State::open: return now >= probe_at_ ? 1 : 0;
    case State::probing: return 1;
  }
  return 0;
}

bool Breaker::admits(TimePoint now) const {
  return state_ == State::closed || (state_ == State::open && now >= probe_at_);
}

bool Breaker::dead(TimePoint now) const {
  return failing_since_ && now - *failing_since_ >= kDead && !BATON_MUTANT(breaker_forgets_the_dead);
}

void Breaker::heed(TimePoint now) {
  probe_at_ = std::min(probe_at_, now + kLastProbe);
  if (!recent_.empty() && recent_.back().first > now) recent_.clear();
  if (failing_since_) failing_since_ = std::min(*failing_since_, now);
}

void Breaker::started(TimePoint now) {
  ++running_;
  if (state_ == State::open || dead(now)) state_ = State::probing;
}

// The next may try soon, but not at once: it may have no more to ask than this one.
void Breaker::untold(TimePoint now) {
  if (state_ == State::closed) return;
  state_ = State::open;
  probe_at_ = now + kUntold;
}

void Breaker::ended() {
  running_ = std::max(0, running_ - 1);
  before_ = std::min(before_, running_);
}

// Once for each round trip: were it doubled by each of those that go together, three would let everybody in.
void Breaker::ramp_up() {
  if (before_ > 0) {
    --before_;
    return;
  }
  ramp_ = ramp_ >= 64 ? 0 : ramp_ * 2;
  before_ = running_;
}

void Breaker::succeeded(TimePoint now) {
  running_ = std::max(0, running_ - 1);
  failures_in_row_ = 0;
  failing_since_.reset();
  remember(now, false);
  if (state_ != State::closed) {
    state_ = State::closed;
    ramp_ = 1;
    before_ = running_;
    recent_.clear();
  } else if (ramp_ > 0) {
    ramp_up();
  }
  wait_ = Duration{0};
}

void Breaker::failed(TimePoint now) {
  ended();
  if (BATON_MUTANT(breaker_never_opens)) return;
  ++failures_in_row_;
  if (!failing_since_) failing_since_ = now;
  remember(now, true);
  if (state_ == State::open) return;  // it began before we knew: that says nothing new
  if (state_ == State::probing || failures_in_row_ >= kFailuresInRow || failing_often() || dead(now))
    open(now);
}

void Breaker::open(TimePoint now) {
  state_ = State::open;
  ramp_ = 0;
  wait_ = dead(now) ? kLastProbe : std::clamp(wait_ * 2, kFirstProbe, kLastProbe);
  // Half fixed, half chance: never at once, and never all lanes in the same second.
  probe_at_ = now + wait_ / 2 + (BATON_MUTANT(probes_in_step) ? wait_ / 2 : random_.up_to(wait_ / 2));
}

// The window is kept by whoever adds to it: a vendor that never fails must not fill the memory.
void Breaker::remember(TimePoint now, bool failed) {
  recent_.emplace_back(now, failed);
  while (recent_.front().first + kWindow < now || recent_.size() > kMostRemembered) recent_.pop_front();
}

bool Breaker::failing_often() const {
  const auto failed =
      static_cast<std::size_t>(std::ranges::count(recent_, true, &std::pair<TimePoint, bool>::second));
  return recent_.size() >= kEnough && failed * 2 >= recent_.size();
}

}  // namespace baton::delivery
