// Purpose: the section `teams`: who works, at what, when, how much, what they may see, and who takes
// what is too much. What it says is checked here, so that nobody waits for a team that cannot answer.
// Owner: the caller. Threads: plain values. Errors: Problems, all at once.
//
//   teams:
//     billing:
//       members:
//         - ana@example.com                    # has all the team's skills
//         - id: ben
//           name: Ben Ito
//           accounts: {slack: U02BEN}          # how a destination knows them
//           skills: [refunds]                  # instead of the team's
//           senior: true
//           capacity: 2                        # instead of the team's
//       skills: [refunds, invoices]            # each of them somebody must have
//       languages: [en, de]
//       sensitive: [fraud]                     # topics that they may see
//       categories: {refund: refunds}          # which skill a category of escalation needs
//       capacity: 4                            # handoffs that one member holds at a time
//       hours: office                          # a calendar's name, or a calendar written out here
//       overflow: support
//       overflow_after: 5m
//       off_hours: overflow                    # or queue, or callback
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/handoff/calendar.h"
#include "gateway/model/node.h"

namespace baton::handoff {

// What happens to a handoff that comes while nobody of the team works.
enum class OffHours {
  queue,     // it waits for the hours to begin
  overflow,  // the teams of the chain are asked at once
  callback,  // as queue, and the customer is offered to be called
};

inline constexpr auto kOffHoursNames = std::to_array<std::string_view>({"queue", "overflow", "callback"});
constexpr std::string_view name(OffHours behaviour) {
  return kOffHoursNames[static_cast<std::size_t>(behaviour)];
}

// Absent settings of a member are the team's; reading fills them in.
struct Member {
  std::string id;  // the same person in two teams has the same id
  std::string name;
  std::vector<std::string> skills;
  std::vector<std::string> languages;  // none: not known, any will do
  std::vector<std::string> sensitive;
  bool senior = false;
  std::optional<std::int64_t> capacity;                      // nothing: not limited
  std::string email;                                         // may be empty
  std::map<std::string, std::string, std::less<>> accounts;  // by the destination that knows them so
  Calendar calendar;
};

struct Team {
  std::string name;
  std::vector<Member> members;
  std::vector<std::string> skills;
  std::map<std::string, std::string, std::less<>> categories;  // category: skill
  Calendar calendar;
  std::string overflow;  // another team, or ""
  Duration overflow_after{};
  OffHours off_hours = OffHours::queue;

  const Member* member(std::string_view id) const;
  // The skill that a handoff of this category needs; "" for none.
  std::string_view skill_for(std::string_view category) const;
  // Whether at least one of them works.
  bool is_open(TimePoint at) const;
  // When the first of them works; `at` itself while one does.
  std::optional<TimePoint> next_open(TimePoint at) const;
};

using Teams = std::map<std::string, Team, std::less<>>;

inline constexpr std::int64_t kMaxCapacity = 1'000;
inline constexpr std::size_t kMaxMembers = 1'000;
inline constexpr Duration kOverflowAfter = std::chrono::minutes{5};

bool has(const std::vector<std::string>& names, std::string_view name);
bool may_see(const Member& member, const std::vector<std::string>& topics);
bool speaks(const Member& member, std::string_view language);  // "de" also answers "de-AT"

// The team and those that it overflows into, in order, each once. Empty for an unknown team.
std::vector<const Team*> overflow_chain(const Teams& teams, std::string_view start);

// `calendars` as read_calendars() returns them.
Teams read_teams(const Node& section, const Calendars& calendars, Problems& problems);

}  // namespace baton::handoff
