// Purpose: how many requests may pass: a token bucket, corrected by what a vendor says of its own count.
// Pure: time comes in as a value. Owner: a lane's control, a source. Threads: one loop. Units: requests.
#pragma once

#include <algorithm>

#include "gateway/base/time.h"

namespace baton {

class RateBudget {
 public:
  RateBudget(int per_second, int burst, TimePoint now)
      : per_second_(per_second), burst_(burst), tokens_(burst), counted_at_(now) {}

  // Whole requests that may start now.
  int available(TimePoint now) {
    refill(now);
    return std::max(0, static_cast<int>(tokens_));
  }

  // An operation of several requests may overdraw; the lane then rests until it is paid back.
  void take(TimePoint now) {
    refill(now);
    tokens_ -= 1;
  }

  // The vendor counts too, and its count wins when it is lower.
  void vendor_says(int remaining, TimePoint now) {
    refill(now);
    tokens_ = std::min(tokens_, static_cast<double>(remaining));
  }

  TimePoint next_free(TimePoint now) {
    refill(now);
    if (tokens_ >= 1) return now;
    return now + Duration{static_cast<Duration::rep>((1 - tokens_) * 1000 / per_second_) + 1};
  }

 private:
  void refill(TimePoint now) {
    // A clock set back gives nothing, and the count goes on from there: it must not stand until the old time.
    if (now < counted_at_) counted_at_ = now;
    const auto passed = std::chrono::duration<double>(now - counted_at_).count();
    tokens_ = std::min<double>(burst_, tokens_ + passed * per_second_);
    counted_at_ = now;
  }

  int per_second_;
  int burst_;
  double tokens_;
  TimePoint counted_at_;
};

}  // namespace baton
