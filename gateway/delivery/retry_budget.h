// Purpose: keeps retries to a tenth of first attempts while a vendor partly fails, so that our own
// retries cannot keep it down; three at a time are always allowed. Pure; time comes in as a value.
// Owner: the lane's control. Threads: one loop.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>

#include "gateway/base/time.h"

namespace baton::delivery {

class RetryBudget {
 public:
  void first_attempt(TimePoint now) {
    forget(now);
    firsts_.push_back(now);
  }
  void failed(TimePoint now) { failed_at_ = now; }

  // Whether a retry may start now; if so it is under way until ended().
  bool start(TimePoint now) {
    constexpr std::size_t kAlways = 3;
    constexpr std::size_t kShare = 10;
    forget(now);
    const bool calm = failed_at_ + kWindow < now;
    if (!calm && under_way_ >= std::max(kAlways, firsts_.size() / kShare)) return false;
    ++under_way_;
    return true;
  }
  void ended() { --under_way_; }
  std::size_t remembered() const { return firsts_.size(); }

 private:
  static constexpr auto kWindow = Duration{60s};

  void forget(TimePoint now) {
    // Set back, the clock must not make a minute of a year.
    failed_at_ = std::min(failed_at_, now);
    if (!firsts_.empty() && firsts_.back() > now) firsts_.clear();
    while (!firsts_.empty() && firsts_.front() + kWindow < now) firsts_.pop_front();
  }

  std::deque<TimePoint> firsts_;
  std::size_t under_way_ = 0;
  TimePoint failed_at_;
};

}  // namespace baton::delivery
