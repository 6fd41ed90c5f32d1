// POST /v1/decisions: the AI asks in its loop, and hears at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingress/bench.h"

namespace baton::ingress {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// One category, one row; what matters here is the door, not the rules.
handoff::DecisionRules rules() {
  handoff::DecisionRules made;
  handoff::Need need;
  need.sign = handoff::Sign::attempts;
  need.at_least = 3;
  handoff::Row row;
  row.name = "many-attempts";
  row.when = {need};
  row.team = "support";
  made.rows.push_back(row);
  return made;
}

json question(int failed) {
  auto attempts = json::array();
  for (int i = 0; i < failed; ++i) attempts.push_back({{"action", "look it up"}, {"outcome", "failed"}});
  return {{"specversion", "1.0"},
          {"id", "q1"},
          {"type", "decision.requested"},
          {"source", "https://shop.example"},
          {"time", "2026-01-01T00:00:00Z"},
          {"datacontenttype", "application/json"},
          {"data",
           {{"conversation", {{"id", "c1"}}},
            {"customer", {{"id", "u1"}, {"at_risk", true}, {"as_of", "2026-01-01T00:00:00Z"}}},
            {"contacts", {{"same_issue", 2}, {"week", 3}}},
            {"attempts", std::move(attempts)}}}};
}

struct Door : testing::Test {
  Door() { bench.decisions = rules(); }
  Reply ask(const json& event) { return *bench.await(bench.ingress.decisions(bench.from_shop(event))); }
  MemoryStore store;
  Bench bench{store};
};
using Decisions = Door;

TEST_F(Decisions, are_answered_at_once_and_store_nothing) {
  const auto on = ask(question(1));
  ASSERT_EQ(on.status, 200) << on.body;
  EXPECT_EQ(json::parse(on.body)["decision"], "go_on");
  const auto over = json::parse(ask(question(3)).body);
  EXPECT_EQ(over["decision"], "hand_over");
  EXPECT_EQ(over["team"], "support");
  EXPECT_EQ(over["conversation_id"], "c1");
  EXPECT_EQ(over["id"], "q1");
  EXPECT_EQ(over["why"][0]["row"], "many-attempts");
  EXPECT_TRUE(store.handoffs.empty());
  EXPECT_EQ(bench.ingress.figures().decisions, 2u);
  EXPECT_EQ(bench.ingress.figures().handovers_decided, 1u);
}

TEST_F(Decisions, are_for_known_sources_only) {
  const auto event = question(1);
  const auto answer =
      *bench.await(bench.ingress.decisions(bench.signed_with(kNobodysKey, event.dump(), "q1")));
  EXPECT_EQ(answer.status, 401);
}

TEST_F(Decisions, say_everything_that_is_wrong_with_the_question) {
  auto event = question(1);
  event["data"]["contacts"]["weak"] = 1;
  event["data"]["conversation"].erase("id");
  event["source"] = "/elsewhere";
  const auto answer = ask(event);
  EXPECT_EQ(answer.status, 422);
  const auto errors = json::parse(answer.body)["errors"];
  EXPECT_EQ(errors.size(), 3u) << answer.body;
}

TEST_F(Decisions, take_no_event_and_no_batch) {
  auto event = question(1);
  event["type"] = "handoff.requested";
  const auto wrong = ask(event);
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.body, HasSubstr("/v1/events"));
  const auto batch = json::array({question(1), question(2)}).dump();
  const auto two = bench.await(bench.ingress.decisions(bench.signed_with(kShopKey, batch, "q1")));
  EXPECT_EQ(two->status, 400);
  const auto at_events = bench.send(bench.from_shop(question(1)));
  EXPECT_EQ(at_events.status, 422);
  EXPECT_THAT(at_events.body, HasSubstr("/v1/decisions"));
}

}  // namespace
}  // namespace baton::ingress
