// Purpose: how many handoffs a source usually brings, learnt by the hour of the week (UTC), so that "no
// escalation all day" is noticed on a Tuesday and not on a Sunday. Kept as a document. Pure. Owner: the alert
// station, one per source. Threads: one loop. Units: events per hour. Errors: a document that cannot be read
// is nothing learnt.
#pragma once

#include <array>
#include <optional>

#include "gateway/base/json_view.h"
#include "gateway/base/time.h"

namespace baton::alerts {

class Expectation {
 public:
  // An event at this time; times do not go back by more than an hour.
  void add(TimePoint at);
  // Hours that have passed are learnt from, those without events too. Before anything is asked.
  void pass(TimePoint now);

  std::optional<TimePoint> last() const { return last_; }
  int this_hour() const { return counted_; }
  // Events that the usual week has between the last one and now; time in which nobody looked is left out.
  double since_last(TimePoint now) const;
  // Events that the usual week has between the two; hours that were never seen count as none.
  double between(TimePoint from, TimePoint to) const;
  double rate(TimePoint at) const;

  nlohmann::json to_json() const;
  static Expectation from_json(JsonView json);

 private:
  // What is learnt of an hour counts from its next week on: a silence must not talk itself down.
  struct Hour {
    double usual = 0;
    double next = 0;
    int weeks = 0;
  };
  void begin(std::int64_t hour);

  std::array<Hour, 168> hours_{};
  std::optional<std::int64_t> hour_;  // that is being counted, since the epoch
  int counted_ = 0;
  std::optional<TimePoint> last_;
  TimePoint awake_;  // since then somebody has looked without a gap
};

}  // namespace baton::alerts
