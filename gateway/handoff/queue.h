// Purpose: who of those that wait is put before whom, why the others still wait, and when that may
// change without anybody doing anything. Pure: time and everybody's load come as arguments.
// Owner: the planner calls it whenever something changed, and at next_change(). Threads: any.
// Units: milliseconds. Errors: none; whoever waits for an unknown team is told so by `Held::no_team`.
//
// Order. Priority, value and frustration are head starts: whoever has one counts as having come that
// much earlier. So the order of two never changes while they wait, and NOBODY WAITS BEHIND ONE WHO CAME
// kMaxHeadStart LATER: that is the bound against starving, however high the other's rank.
//
// Who is asked, the first of these that tells two people apart: with room before busy or full (whom only
// the urgent may ask, and once), fewest qualifications missing, own team before overflow, least loaded for
// their capacity, longest not given anything, id. Expertise therefore stands before rotation, and there is
// no chance in it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/handoff/team.h"
#include "gateway/model/event.h"

namespace baton::handoff {

inline constexpr Duration kMaxHeadStart = std::chrono::hours{1};

// One handoff that nobody has claimed and nobody is being asked about.
struct Waiting {
  std::string id;
  std::string team;
  std::string skill;                   // "" : none; see Team::skill_for
  std::string language;                // "" : any
  std::vector<std::string> sensitive;  // topics in it
  Priority priority = Priority::normal;
  double value = 0;        // of the customer, 0..1
  double frustration = 0;  // 0..1
  bool wants_senior = false;
  TimePoint since;  // when it was requested, not when it came back
  std::set<std::string>
      passed;  // members who did not take it: asked again once everyone who is here has passed
  std::set<std::string> declined;  // members who said that they cannot: never asked again
};

enum class Presence { available, busy, away };
inline constexpr auto kPresenceNames = std::to_array<std::string_view>({"available", "busy", "away"});
constexpr std::string_view name(Presence presence) {
  return kPresenceNames[static_cast<std::size_t>(presence)];
}
std::optional<Presence> presence_from(std::string_view text);

// One person as they are now. Whoever is not listed is available and has nothing.
struct Desk {
  Presence presence = Presence::available;
  std::int64_t load = 0;   // what they hold, and what they were offered and have not answered
  TimePoint last_offer{};  // for the rotation
};
using Desks = std::map<std::string, Desk, std::less<>>;  // by the member's id

// Ask this member now.
struct Offer {
  std::string handoff;
  std::string team;  // the member's, which is another than the handoff's after an overflow
  std::string member;
  bool above_capacity = false;  // urgent: one more than they should have
  std::vector<std::string>
      missing;         // qualifications that were asked for: "skill refunds", "language de", "senior"
  std::string reason;  // for people: why this member
};

// Why nobody is asked yet. In this order the first that holds.
enum class Held {
  no_team,        // the team is not configured
  not_permitted,  // nobody in reach may see the sensitive topics
  off_hours,      // the team does not work now; see opens_at
  away,           // the team works, but everyone who could take it is away
  declined,       // everyone who is here said that they cannot take it
  full,           // everyone who could take it has enough to do, or it is kept for one who has the skill
};
inline constexpr auto kHeldNames =
    std::to_array<std::string_view>({"no_team", "not_permitted", "off_hours", "away", "declined", "full"});
constexpr std::string_view name(Held held) { return kHeldNames[static_cast<std::size_t>(held)]; }

// Where one that waits stands.
struct Place {
  std::string handoff;
  std::string team;
  std::size_t position = 0;  // in its team, from 1; those who are offered now count too
  std::size_t of = 0;
  std::optional<Held> held;           // nothing: somebody is asked now
  std::optional<OffHours> off_hours;  // while the team does not work: what it does
  std::optional<TimePoint> opens_at;  // while the team does not work
};

struct Selection {
  std::vector<Offer> offers;  // in the order in which they were decided
  std::vector<Place> places;  // one for each that waits, in the order of the queue
};

// How much earlier it counts as having come; 0..kMaxHeadStart. What is not a number within 0..1 counts as 0
// or 1.
Duration head_start(const Waiting& one);

// Cost: waiting x members in reach.
Selection choose(std::span<const Waiting> waiting, const Desks& desks, const Teams& teams, TimePoint now);

// When choose() may answer otherwise though nobody did anything: hours begin or end, an overflow is
// reached. After `now`; nothing if only people can change it.
std::optional<TimePoint> next_change(std::span<const Waiting> waiting, const Teams& teams, TimePoint now);

}  // namespace baton::handoff
