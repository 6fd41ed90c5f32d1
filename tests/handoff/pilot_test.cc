// Purpose: who is in a pilot, for ever and by the share that was asked for, and how the others go.
#include "gateway/handoff/pilot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/parse.h"

namespace baton::handoff_testing {
namespace {

using handoff::Pilot;
using nlohmann::json;

Pilot pilot(double share) {
  Pilot made;
  made.name = "spring";
  made.share = share;
  return made;
}

ConversationId conversation(int number) { return ConversationId("chat", "c" + std::to_string(number)); }

TEST(Pilots, take_the_share_that_was_asked_for_and_keep_it) {
  for (const double share : {5.0, 20.0, 50.0}) {
    int inside = 0;
    for (int i = 0; i < 10'000; ++i) {
      const auto side = handoff::arm(pilot(share), conversation(i), json());
      EXPECT_EQ(handoff::arm(pilot(share), conversation(i), json()), side);
      inside += side == "spring";
      // Whoever is in a small pilot stays in when it grows.
      if (side == "spring") EXPECT_EQ(handoff::arm(pilot(share + 10), conversation(i), json()), "spring");
    }
    EXPECT_NEAR(inside, share * 100, 150);
  }
}

TEST(Pilots, are_for_the_channels_and_segments_that_they_name) {
  auto some = pilot(100);
  some.channels = {"web", "voice"};
  some.segments = {"gold"};
  const auto side = [&](const char* channel, const char* tier) {
    return handoff::arm(some, conversation(1),
                        {{"conversation", {{"channel", channel}}}, {"customer", {{"tier", tier}}}});
  };
  EXPECT_EQ(side("web", "Gold"), "spring");
  EXPECT_EQ(side("mail", "gold"), "baseline");
  EXPECT_EQ(side("voice", "free"), "baseline");
  EXPECT_EQ(handoff::arm(some, conversation(1), json("odd")), "baseline");
}

TEST(Pilots, leave_the_others_to_the_baselines_rule) {
  auto none = pilot(0);
  none.baseline = "before";
  handoff::Rule before;
  before.name = "before";
  before.to.tickets = DestinationId("old-desk");
  handoff::Decision decision;
  decision.route.tickets = DestinationId("desk");
  const Event event(EventKey(WorkspaceId("main"), "chat", "e1"), "handoff.requested", conversation(1),
                    Priority::normal, json::object());
  handoff::apply(none, event, {before}, decision);
  EXPECT_EQ(decision.route.tickets, DestinationId("old-desk"));
  EXPECT_EQ(decision.route.rule, "before");
  EXPECT_EQ(decision.route.pilot, "baseline");
  EXPECT_EQ(decision.rules, std::vector<std::string>{"before"});
}

TEST(Pilots, let_the_ai_go_on_outside_but_whoever_asks_for_a_person_gets_one) {
  handoff::HandoverDecision decision;
  decision.hand_over = true;
  decision.team = "support";
  decision.why.emplace_back();
  decision.why[0].row = "many-attempts";
  auto inside = decision, outside = decision, asked = decision;
  handoff::apply(pilot(50), "spring", inside);
  EXPECT_TRUE(inside.hand_over);
  handoff::apply(pilot(50), "baseline", outside);
  EXPECT_FALSE(outside.hand_over);
  EXPECT_EQ(outside.why.at(0).because, "outside the pilot `spring`");
  asked.why[0].row = "explicit_request";
  handoff::apply(pilot(50), "baseline", asked);
  EXPECT_TRUE(asked.hand_over);
}

TEST(Pilots, that_cannot_be_read_are_reported_with_what_to_do) {
  handoff::Rule rule;
  rule.name = "billing";
  Problems problems;
  const auto parsed = config::parse("name: baseline\nshare: 130\nbaseline: biling\nchanels: web\n", "b.yaml");
  (void)handoff::read_pilot(parsed.root, {rule}, problems);
  std::string all;
  for (const auto& problem : problems.list()) all += problem.text() + "\n";
  for (const auto* part : {"b.yaml:1", "another name than `baseline`", "b.yaml:2", "did you mean `billing`",
                           "did you mean `channels`"})
    EXPECT_THAT(all, testing::HasSubstr(part));
  EXPECT_EQ(problems.list().size(), 4u) << all;
  EXPECT_FALSE(handoff::read_pilot(Node(), {rule}, problems));
}

}  // namespace
}  // namespace baton::handoff_testing
