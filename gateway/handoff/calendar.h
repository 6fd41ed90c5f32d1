// Purpose: when a team or a person works: hours of the week in a time zone, and days off. Pure: the
// instant comes as an argument.
// Owner: the team that has it. Threads: any; immutable. Errors: Problems, all at once.
// Units: minutes of the local day; 24:00 is allowed as an end. Zones are names of the IANA database
// as the system has it installed.
//
// When clocks change, hours follow the wall: what begins or ends at a time that is skipped does so at
// the first instant after the gap; a time that comes twice means its first coming (RFC 5545, 3.3.5).
// So hours never overlap and "00:00-24:00" is 23 or 25 hours long on such a day.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/base/time.h"
#include "gateway/model/node.h"

namespace date {
class time_zone;
}

namespace baton::handoff {

// [from, to) of one local day, from < to.
struct Span {
  std::chrono::minutes from;
  std::chrono::minutes to;
  bool operator==(const Span&) const = default;
};

struct Hours {
  std::string zone;
  std::array<std::vector<Span>, 7> weekdays;  // from Monday; sorted, without overlaps; empty: closed
  std::set<std::chrono::year_month_day> holidays;
};

class Calendar {
 public:
  // Questions look no further than this, so that an answer costs at most some thousand steps.
  static constexpr std::chrono::days kHorizon{400};

  Calendar() = default;  // always open, in UTC
  // Precondition: the zone exists.
  explicit Calendar(Hours hours);

  bool always_open() const { return !hours_; }
  const Hours* hours() const { return hours_ ? &*hours_ : nullptr; }

  bool is_open(TimePoint at) const;
  // `at` itself while it is open; nothing if it does not open within the horizon.
  std::optional<TimePoint> next_open(TimePoint at) const;
  // `at` itself while it is closed; nothing if it does not close within the horizon.
  std::optional<TimePoint> next_close(TimePoint at) const;
  // When is_open() next changes, after `at`.
  std::optional<TimePoint> next_change(TimePoint at) const;
  // How much of [from, to) is open; what lies beyond the horizon does not count.
  Duration open_between(TimePoint from, TimePoint to) const;
  // 0 is Monday's first hour on the local clock, 167 Sunday's last.
  int hour_of_week(TimePoint at) const;

 private:
  struct Open {
    TimePoint from;
    TimePoint to;
  };
  std::chrono::days local_day(TimePoint at) const;  // since 1970-01-01
  TimePoint instant(std::chrono::days day, std::chrono::minutes clock) const;
  std::vector<Open> on(std::chrono::days day) const;

  std::optional<Hours> hours_;
  const date::time_zone* zone_ = nullptr;  // lives as long as the process
};

using Calendars = std::map<std::string, Calendar, std::less<>>;

// {zone: Europe/Berlin, weekdays: {mon: "09:00-17:00", ...}, holidays: [2026-12-25]}; a day may hold
// a list of spans. Hours that never open are a problem. `path` names the node in messages. After a
// problem the calendar is always open, so that nothing is reported twice.
Calendar read_calendar(const Node& node, const std::string& path, Problems& problems);

// The section `calendars`.
Calendars read_calendars(const Node& section, Problems& problems);

}  // namespace baton::handoff
