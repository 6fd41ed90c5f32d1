// Purpose: what a destination did lately, by the minute: counters become windows, rows of failures and
// shares. It is kept as a document, so that a restart forgets no more than a minute. Pure. Owner: the alert
// station, one per destination. Threads: one loop. Units: attempts. Errors: a document that cannot be read is
// an empty history.
#pragma once

#include <deque>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"
#include "gateway/health/alerts_seen.h"

namespace baton::alerts {

class History {
 public:
  // The counters as they are now; what they have grown by belongs to the time since the last call.
  void add(const LaneReading& reading, TimePoint now);
  // A handoff's context from there: whether it came in time.
  void add_context(bool complete, TimePoint now);

  // All that it knows of the destination; the journal's part is for others to add.
  DestinationSeen seen(TimePoint now) const;

  nlohmann::json to_json() const;
  static History from_json(JsonView json);

 private:
  struct Minute {
    std::int64_t minute = 0;
    int served = 0, unserved = 0, limited = 0, refused = 0, complete = 0, incomplete = 0, died = 0;
  };
  Minute& minute_of(TimePoint now);
  void close_outage(TimePoint now);
  void count_row(int served, int unserved, TimePoint now);
  void learn_completeness(const Minute& minute);

  std::optional<LaneReading> last_;
  std::deque<Minute> minutes_;  // those in which anything happened, six hours of them
  int failures_in_row_ = 0;
  std::optional<TimePoint> failing_since_, last_failure_at_, breaker_open_since_;
  std::string last_failure_;
  std::optional<double> usually_incomplete_;
  int learnt_from_ = 0;  // answers
};

}  // namespace baton::alerts
