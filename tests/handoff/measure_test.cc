// Figures over handoffs, from what their records say.
#include "gateway/handoff/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using handoff::By;
using handoff::Measure;
using handoff::Spread;
using nlohmann::json;

Handoff asked(Duration at, const std::string& customer, const std::string& team = "support") {
  Handoff made(HandoffId("hof_" + std::to_string(at.count())), WorkspaceId("main"),
               ConversationId("chat", "c"), Priority::normal, Route{}, kStart + at);
  made.route.team = team;
  made.state = State::waiting;
  made.data = {{"customer", {{"id", customer}}}, {"intent", {{"category", "billing"}}}};
  made.passages.emplace_back(made.requested_at, State::waiting, "asked");
  return made;
}

void pass(Handoff& handoff, State state, Duration after) {
  handoff.state = state;
  handoff.passages.emplace_back(handoff.requested_at + after, state, "");
}

TEST(Spread, says_percentiles_within_six_percent) {
  Spread spread;
  for (int i = 1; i <= 100'000; ++i) spread.add(Duration(i));
  for (const auto& [part, wanted] :
       {std::pair{0.5, 50'000.0}, {0.9, 90'000.0}, {0.99, 99'000.0}, {0.001, 100.0}})
    EXPECT_NEAR(static_cast<double>(spread.at(part).count()), wanted, wanted * 0.06) << part;
  EXPECT_EQ(Spread().at(0.5), Duration{0});
  Spread odd;
  odd.add(Duration{-5});
  odd.add(std::chrono::years(200));
  EXPECT_GE(odd.at(0.1).count(), 1);
  EXPECT_GT(odd.at(0.9), std::chrono::days(300));
}

TEST(Measure, counts_how_handoffs_went_and_how_long_people_waited) {
  Measure measure(By::team);
  auto solved = asked(3h, "ada");
  pass(solved, State::claimed, 60s);
  pass(solved, State::waiting, 180s);  // the claim was lost
  pass(solved, State::claimed, 200s);
  pass(solved, State::active, 260s);
  pass(solved, State::resolved, 1h);
  auto gone = asked(2h, "ben", "billing");
  pass(gone, State::cancelled, 10min);
  measure.add(solved);
  measure.add(gone);
  measure.add(asked(1h, "cem"));
  const auto figures = measure.figures();
  const auto& all = figures["all"];
  EXPECT_EQ(all["handoffs"], 3);
  EXPECT_EQ(all["open"], 2);  // a resolved one is open until it is returned
  EXPECT_EQ(all["claimed"], 1);
  EXPECT_EQ(all["abandoned"], 1);
  EXPECT_EQ(all["abandonment"], 0.333);
  EXPECT_EQ(all["lost_claims"], 1);
  EXPECT_NEAR(all["time_to_claim"]["p50_ms"].get<double>(), 60'000, 3'600);
  EXPECT_NEAR(all["time_to_first_reply"]["p50_ms"].get<double>(), 260'000, 15'600);
  EXPECT_NEAR(all["time_to_resolution"]["p50_ms"].get<double>(), 3'600'000, 216'000);
  ASSERT_EQ(figures["groups"].size(), 2u);
  EXPECT_EQ(figures["groups"][0]["name"], "support");
  EXPECT_EQ(figures["groups"][1]["name"], "billing");
  EXPECT_EQ(figures["groups"][1]["time_to_claim"], json({{"count", 0}}));
}

TEST(Measure, counts_a_return_to_the_handoff_after_which_the_customer_came_back) {
  Measure measure(By::team);
  measure.add(asked(240h, "ada", "later"));  // newest first
  measure.add(asked(100h, "ada", "first"));
  measure.add(asked(90h, "ben", "first"));
  const auto figures = measure.figures();
  EXPECT_EQ(figures["all"]["back_in_7d"], 0.333);
  for (const auto& group : figures["groups"])
    EXPECT_EQ(group["back_in_14d"], group["name"] == "first" ? 0.5 : 0.0);
}

TEST(Measure, says_what_agents_said_and_how_much_of_the_context_was_there) {
  Measure measure(By::category);
  auto one = asked(1h, "ada");
  one.feedback.emplace_back(kStart, "U1", "missing_context", "");
  one.context[kCrm].part = Part::present;
  one.context[kDesk].part = Part::failed;
  measure.add(one);
  const auto figures = measure.figures();
  EXPECT_EQ(figures["all"]["feedback"], json({{"missing_context", 1}}));
  EXPECT_EQ(figures["all"]["context_completeness"], 0.5);
  EXPECT_EQ(figures["groups"][0]["name"], "billing");
}

TEST(Measure, keeps_no_more_than_a_thousand_groups) {
  Measure measure(By::team);
  for (int i = 0; i < 5000; ++i) measure.add(asked(Duration(5000 - i), "ada", "team" + std::to_string(i)));
  EXPECT_EQ(measure.figures()["groups"].size(), 1001u);
  EXPECT_EQ(measure.figures()["groups"][0]["name"], "(others)");
}

TEST(Measure, of_nothing_says_so_without_dividing_by_it) {
  const auto figures = Measure(By::day).figures();
  EXPECT_EQ(figures["all"]["handoffs"], 0);
  EXPECT_TRUE(figures["all"]["abandonment"].is_null());
  EXPECT_TRUE(figures["groups"].empty());
}

}  // namespace
}  // namespace baton::handoff_testing
