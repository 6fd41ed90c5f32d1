// Purpose: the section `teams`: who works, at what, when, how much, and who takes what is too much.
// Owner: the caller. Threads: plain values. Errors: Problems, all at once.
//
//   teams:
//     billing:
//       members: [ana@example.com, ben@example.com]
//       skills: [refunds, german]
//       capacity: 4          # handoffs that one member holds at a time
//       hours: office        # a calendar's name, or a calendar written out here
//       overflow: support
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config/hours.h"
#include "gateway/model/node.h"

namespace baton::config {

struct Team {
  std::vector<std::string> members;
  std::vector<std::string> skills;
  std::optional<std::int64_t> capacity;  // per member; nothing: not limited
  std::optional<Hours> hours;            // nothing: always open
  std::string overflow;                  // another team, or ""
};

using Teams = std::map<std::string, Team, std::less<>>;

inline constexpr std::int64_t kMaxCapacity = 1'000;

Teams read_teams(const Node& section, const Calendars& calendars, Problems& problems);

}  // namespace baton::config
