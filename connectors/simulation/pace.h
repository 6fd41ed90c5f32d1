// Purpose: vendors' rate limits, by the vendor's clock. Window: at most so many requests in any span
// of that length ("700 per minute"). Bucket: so many per second with short bursts.
// Owner: a vendor. Threads: one loop. Units: requests; a limit of 0 or less is no limit.
// Errors: none; a refused request is not counted, and the answer is how long to wait.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "gateway/base/time.h"

namespace baton::simulation {

class Window {
 public:
  Window(int limit, Duration span) : limit_(limit), span_(span) {}

  std::optional<Duration> take(TimePoint now);
  int limit() const { return limit_; }
  int remaining(TimePoint now);
  Duration resets_in(TimePoint now);  // until the oldest counted request is forgotten

 private:
  void forget(TimePoint now);

  int limit_;
  Duration span_;
  std::deque<TimePoint> taken_;
};

class Bucket {
 public:
  Bucket(int per_second, int burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}

  std::optional<Duration> take(TimePoint now);

 private:
  int per_second_;
  int burst_;
  double tokens_;
  TimePoint filled_{};
};

// What a Retry-After header says: whole seconds, never less than the wait.
long whole_seconds(Duration wait);

}  // namespace baton::simulation
