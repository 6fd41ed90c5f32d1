// What people type to Baton where they work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/api/chat_commands.h"
#include "gateway/base/date.h"
#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Typed : public testing::Test {
 protected:
  Typed() {
    handoff::Member ana, ben;
    ana.id = "ana@example.com";
    ana.accounts = {{"slack", "U02ANA"}};
    ben.id = "ben";
    ben.accounts = {{"cards", "U03BEN"}};
    teams["billing"].members = {ana, ben};
    commands.emplace(bench.memory, bench.clock, teams, [this](std::size_t most) { return queue_of(most); });
  }
  Task<json> queue_of(std::size_t most) {
    asked = most;
    co_return queue;
  }
  std::string type(const std::string& words, const std::string& who = "U02ANA",
                   std::vector<DestinationId> at = {DestinationId("slack"), DestinationId("cards")}) {
    return *bench.await(commands->answer(who, std::move(at), words));
  }
  handoff::Attendance kept(const std::string& member = "ana@example.com") {
    return handoff::read_attendance(JsonView(bench.store.documents.at({"presence", member}).body));
  }

  Bench bench;
  handoff::Teams teams;
  json queue = {{"known", true}, {"total", 0}, {"waiting", json::array()}};
  std::size_t asked = 0;
  std::optional<ChatCommands> commands;
};

TEST_F(Typed, presence_is_kept_as_the_api_keeps_it) {
  EXPECT_EQ(type("presence away"), "You are away.");
  EXPECT_EQ(name(kept().presence), "away");
  EXPECT_EQ(type("Presence BACK"), "You are available.");
  EXPECT_EQ(name(kept().presence), "available");
  EXPECT_EQ(type("busy"), "You are busy.");
  EXPECT_EQ(bench.store.documents.at({"presence", "ana@example.com"}).version, 3);
  ASSERT_FALSE(bench.store.audit.empty());
  EXPECT_EQ(bench.store.audit.back().what, "presence.set");
  EXPECT_EQ(bench.store.audit.back().subject, "ana@example.com");
}

TEST_F(Typed, presence_may_end_by_itself) {
  const auto in_two_hours = bench.clock.now() + 2h;
  EXPECT_EQ(type("presence away 2h"), "You are away until " + to_rfc3339(in_two_hours) + ".");
  EXPECT_EQ(kept().until, in_two_hours);
  const auto then = to_rfc3339(bench.clock.now() + 1h);
  EXPECT_EQ(type("away until " + then), "You are away until " + then + ".");
  EXPECT_EQ(type("busy for 30m"), "You are busy until " + to_rfc3339(bench.clock.now() + 30min) + ".");
}

TEST_F(Typed, what_cannot_be_understood_changes_nothing_and_is_answered_with_help) {
  for (const auto* words : {"", "help", "presence", "presence lunch", "away 0h", "away 99d", "away 2",
                            "away until", "away until yesterday", "away until 2001-01-01T00:00:00Z",
                            "away 2h please", "queue now", "away 99999999999999999999h", "\xff"})
    EXPECT_THAT(type(words), HasSubstr("presence available|busy|away|back")) << words;
  EXPECT_TRUE(bench.store.documents.empty());
}

TEST_F(Typed, a_member_is_known_at_any_destination_of_the_app_and_nobody_else_is) {
  EXPECT_EQ(type("away", "U03BEN"), "You are away.");
  EXPECT_EQ(name(kept("ben").presence), "away");
  EXPECT_THAT(type("away", "U03BEN", {DestinationId("slack")}), HasSubstr("`accounts: {slack: U03BEN}`"));
  EXPECT_THAT(type("queue", "U99"), HasSubstr("No team knows you"));
  EXPECT_THAT(type("away", ""), HasSubstr("No team knows you"));
  EXPECT_EQ(bench.store.documents.size(), 1u);
}

TEST_F(Typed, the_queue_is_shown_in_lines_and_says_how_many_more_there_are) {
  EXPECT_EQ(type("queue"), "Nobody waits.");
  queue["waiting"] = {{{"team", "billing"},
                       {"position", 1},
                       {"of", 2},
                       {"handoff", "hof_1"},
                       {"priority", "high"},
                       {"since", "2026-01-01T00:00:00Z"},
                       {"asked", {{"name", "Ben"}}},
                       {"held", nullptr}},
                      {{"team", "billing"},
                       {"position", 2},
                       {"of", 2},
                       {"handoff", "hof_2"},
                       {"priority", "normal"},
                       {"since", "2026-01-01T00:01:00Z"},
                       {"asked", nullptr},
                       {"held", "off_hours"},
                       {"opens_at", "2026-01-01T08:00:00Z"}}};
  queue["total"] = 3;
  EXPECT_EQ(
      type("queue"),
      "1 of 2 in billing: high, since 2026-01-01T00:00:00Z, asking Ben, hof_1\n"
      "2 of 2 in billing: normal, since 2026-01-01T00:01:00Z, off_hours until 2026-01-01T08:00:00Z, hof_2\n"
      "and 1 more");
  EXPECT_EQ(asked, 10u);
  queue["known"] = false;
  EXPECT_EQ(type("queue"), "The queue is still being read.");
}

TEST_F(Typed, without_teams_there_is_nobody_to_ask) {
  teams.clear();
  EXPECT_THAT(type("away"), HasSubstr("No teams are configured"));
}

}  // namespace
}  // namespace baton::api
