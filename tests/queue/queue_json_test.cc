// Purpose: what the management API and the command line show of teams and queue.
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/handoff/queue_json.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

const auto kNow = parse_rfc3339("2026-11-21T22:00:00Z").value();  // Saturday, 11 pm in Berlin

Team office_team() {
  Hours hours;
  hours.zone = "Europe/Berlin";
  hours.weekdays[0] = {{9h, 17h}};
  Member ana, ben;
  ana.id = ana.name = "ana";
  ana.capacity = 2;
  ana.sensitive = {"fraud"};
  ana.email = "ana@example.com";
  ana.calendar = Calendar(hours);
  ben.id = "ben";
  ben.name = "Ben \xff";
  ben.calendar = Calendar(hours);
  Team team;
  team.name = "billing";
  team.members = {ana, ben};
  team.off_hours = OffHours::callback;
  team.overflow_after = 5min;
  return team;
}

TEST(QueueJson, a_closed_team_says_when_it_opens) {
  const auto shown = to_json(office_team(), {}, kNow);
  EXPECT_EQ(shown["open"], false);
  EXPECT_EQ(shown["opens_at"], "2026-11-23T08:00:00.000Z");
  EXPECT_EQ(shown["off_hours"], "callback");
  EXPECT_EQ(shown["overflow"], nullptr);
  EXPECT_EQ(shown["with_room"], 0);
}

TEST(QueueJson, an_open_team_says_who_has_room_and_nothing_private) {
  const auto monday = kNow + 36h;
  const auto shown = to_json(office_team(), {{"ana", {Presence::available, 2, {}}}}, monday);
  EXPECT_EQ(shown["open"], true);
  EXPECT_EQ(shown["opens_at"], nullptr);
  EXPECT_EQ(shown["working"], 2);
  EXPECT_EQ(shown["with_room"], 1);
  EXPECT_EQ(shown["members"][0]["load"], 2);
  EXPECT_EQ(shown["members"][1]["capacity"], nullptr);
  const auto text = shown.dump();  // throws unless all of it is UTF-8
  EXPECT_EQ(text.find("fraud"), std::string::npos);
  EXPECT_EQ(text.find("example.com"), std::string::npos);
}

TEST(QueueJson, a_choice_shows_places_and_offers) {
  Waiting first, second;
  first.id = "h1";
  second.id = "h2";
  first.team = second.team = "billing";
  first.since = kNow + 36h - 1min;
  second.since = kNow + 36h;
  auto team = office_team();
  team.members.resize(1);
  team.members[0].capacity = 1;
  Teams teams;
  teams["billing"] = team;
  const auto shown = to_json(choose(std::vector{first, second}, {}, teams, kNow + 36h));
  EXPECT_EQ(shown["offers"],
            json::parse(R"([{"handoff": "h1", "team": "billing", "member": "ana", "missing": [],
    "above_capacity": false, "reason": "team billing, holds 0 of 1"}])"));
  EXPECT_EQ(shown["waiting"][1], json::parse(R"({"handoff": "h2", "team": "billing", "position": 2, "of": 2,
    "held": "full", "off_hours": null, "opens_at": null})"));
}

TEST(QueueJson, an_unknown_wait_is_called_unknown) {
  EXPECT_EQ(to_json(std::optional<WaitRange>()), "unknown");
  EXPECT_EQ(
      to_json(std::optional(WaitRange{2min, 5min, Basis::hour_of_week, 40})),
      json::parse(R"({"low_seconds": 120, "high_seconds": 300, "basis": "hour_of_week", "samples": 40})"));
}

}  // namespace
}  // namespace baton::handoff
