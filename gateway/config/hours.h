// Purpose: when people work: hours of the week in a time zone, and days off. Under `calendars` each
// has a name; a team has its own or names one.
// Owner: the caller. Threads: plain values. Errors: Problems, all at once.
// Units: minutes of the local day; 24:00 is allowed as an end. Zones are names of the IANA database
// as the system has it installed.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gateway/model/node.h"

namespace baton::config {

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

using Calendars = std::map<std::string, Hours, std::less<>>;

// {zone: Europe/Berlin, weekdays: {mon: "09:00-17:00", ...}, holidays: [2026-12-25]}; a day may hold
// a list of spans. `path` names the node in messages.
Hours read_hours(const Node& node, const std::string& path, Problems& problems);

// The section `calendars`.
Calendars read_calendars(const Node& section, Problems& problems);

}  // namespace baton::config
