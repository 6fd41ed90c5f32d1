// Purpose: what people did to a lane, and the record of everything that people did. Plain values.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "gateway/base/time.h"
#include "gateway/model/job.h"

namespace baton {

// A paused lane keeps its deliveries, visibly, and sends nothing. `until` is set when a vendor asked
// us to wait; a person's pause has none.
struct LaneState {
  LaneState() = default;
  LaneState(Lane lane_in, bool paused_in, std::string by_in, std::string reason_in, TimePoint since_in)
      : lane(std::move(lane_in)), paused(paused_in), by(std::move(by_in)), reason(std::move(reason_in)),
        since(since_in) {}

  Lane lane;
  bool paused = false;
  std::string by;  // the person's token name, or "baton"
  std::string reason;
  TimePoint since;
  std::optional<TimePoint> until;
};

// Nothing will work there until a person changes something: Baton's own pause, which no instant ends.
inline bool is_parked(const LaneState& state) { return state.paused && state.by == "baton" && !state.until; }

// One human action: who did what to which thing, and why.
struct AuditEntry {
  AuditEntry(TimePoint at_in, std::string who_in, std::string what_in, std::string subject_in,
             std::string why_in)
      : at(at_in), who(std::move(who_in)), what(std::move(what_in)), subject(std::move(subject_in)),
        why(std::move(why_in)) {}

  TimePoint at;
  std::string who;
  std::string what;     // "dead_letters.replay"
  std::string subject;  // an id, or a filter as text
  std::string why;      // as the person gave it
};

}  // namespace baton
