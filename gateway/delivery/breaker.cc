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
constexpr std::size_t kMostRemembered = 1000;

}  // namespace

int Breaker::allowed(int limit, TimePoint now) const {
  switch (state_) {
    case State::closed: return ramp_ == 0 ? limit : std::min(limit, ramp_);
    case State::open: return now >= probe_at_ ? 1 : 0;
    case State::probing: return 1;
  }
  return 0;
}

void Breaker::heed(TimePoint now) {
  probe_at_ = std::min(probe_at_, now + kLastProbe);
  if (!recent_.empty() && recent_.back().first > now) recent_.clear();
}

void Breaker::started() {
  if (state_ == State::open) state_ = State::probing;
}

void Breaker::succeeded(TimePoint now) {
  failures_in_row_ = 0;
  remember(now, false);
  if (state_ != State::closed) {
    state_ = State::closed;
    ramp_ = 1;
    recent_.clear();
  } else if (ramp_ > 0) {
    ramp_ = ramp_ >= 64 ? 0 : ramp_ * 2;
  }
  wait_ = Duration{0};
}

void Breaker::failed(TimePoint now) {
  if (BATON_MUTANT(breaker_never_opens)) return;
  ++failures_in_row_;
  remember(now, true);
  if (state_ == State::open) return;  // it began before we knew: that says nothing new
  if (state_ == State::probing || failures_in_row_ >= kFailuresInRow || failing_often()) open(now);
}

void Breaker::open(TimePoint now) {
  state_ = State::open;
  ramp_ = 0;
  wait_ = std::clamp(wait_ * 2, kFirstProbe, kLastProbe);
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
