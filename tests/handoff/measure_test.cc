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
  EXPECT_EQ(all["left_after_claim"], 0);
  EXPECT_EQ(all["bounced"], 0);
  EXPECT_EQ(all["lost_claims"], 1);
  EXPECT_NEAR(all["time_to_claim"]["p50_ms"].get<double>(), 60'000, 3'600);
  EXPECT_NEAR(all["time_to_first_reply"]["p50_ms"].get<double>(), 260'000, 15'600);
  EXPECT_NEAR(all["time_to_resolution"]["p50_ms"].get<double>(), 3'600'000, 216'000);
  EXPECT_NEAR(all["handle_time"]["p50_ms"].get<double>(), 3'540'000, 212'400) << "since it was claimed";
  EXPECT_EQ(all["claimed_within_3min"], 0.333);
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

TEST(Measure, a_return_for_another_issue_is_no_return_for_the_same) {
  Measure measure(By::nothing);
  measure.add(asked(240h, "ada"));
  auto other = asked(200h, "ada");
  other.data["intent"]["category"] = "login";
  measure.add(other);
  measure.add(asked(190h, "ben"));
  measure.add(asked(100h, "ben"));
  const auto all = measure.figures()["all"];
  EXPECT_EQ(all["back_in_7d"], 0.5);
  EXPECT_EQ(all["same_issue_in_7d"], 0.25);
  EXPECT_EQ(all["same_issue_in_14d"], 0.25);
}

TEST(Measure, says_which_segment_wants_a_person_whatever_it_is_about) {
  Measure measure(By::segment);
  for (int i = 0; i < 4; ++i) {
    auto one = asked(Duration(i), "c" + std::to_string(i));
    one.data["customer"]["tier"] = i < 2 ? "enterprise" : "free";
    one.data["reason"]["trigger"] = i < 2 ? "explicit_request" : "attempts";
    measure.add(one);
  }
  const auto figures = measure.figures();
  EXPECT_EQ(figures["all"]["explicit_requests"], 0.5);
  for (const auto& group : figures["groups"])
    EXPECT_EQ(group["explicit_requests"], group["name"] == "enterprise" ? 1.0 : 0.0);
}

TEST(Measure, lists_what_to_calibrate_by) {
  Measure measure(By::nothing);
  auto early = asked(1h, "ada"), late = asked(2h, "ben"), unhappy = asked(3h, "cem"), fine = asked(4h, "dan");
  early.route.rule = "vip";
  early.feedback.emplace_back(kStart, "U1", "too_early", "");
  late.feedback.emplace_back(kStart, "U1", "too_late", "");
  unhappy.feelings.emplace_back(unhappy.requested_at, -0.8);
  fine.feelings.emplace_back(fine.requested_at, 0.2);
  fine.feedback.emplace_back(kStart, "U1", "confusing_message", "");
  for (const auto& one : {early, late, unhappy, fine}) measure.add(one);
  const auto lists = measure.figures()["calibration"];
  EXPECT_EQ(lists["unnecessary"],
            json::array({{{"handoff", early.id.text}, {"rule", "vip"}, {"why", "too_early"}}}));
  ASSERT_EQ(lists["kept_too_long"].size(), 2u);
  EXPECT_EQ(lists["kept_too_long"][0]["handoff"], late.id.text);
  EXPECT_EQ(lists["kept_too_long"][1]["handoff"], unhappy.id.text);
}

TEST(Measure, calls_three_of_ten_on_one_topic_a_gap_where_there_are_enough) {
  const auto gaps = [](int all, int on_one) {
    Measure measure(By::nothing);
    for (int i = 0; i < all; ++i) {
      auto one = asked(Duration(i), "c" + std::to_string(i));
      one.data["intent"]["category"] = i < on_one ? "exports" : "t" + std::to_string(i);
      measure.add(one);
    }
    int count = 0;
    const auto figures = measure.figures();
    for (const auto& topic : figures["topics"]) count += topic["gap"].get<bool>();
    return count;
  };
  EXPECT_EQ(gaps(40, 12), 1);
  EXPECT_EQ(gaps(40, 11), 0);
  EXPECT_EQ(gaps(10, 9), 0);
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

TEST(Measure, keeps_the_satisfaction_of_handed_over_conversations_apart_from_the_ais_own) {
  Measure measure(By::nothing);
  auto rated = asked(1h, "ada");
  rated.ratings.emplace_back(kStart, 1, "stars", "", "first thought");
  rated.ratings.emplace_back(kStart, 5, "stars", "human", "");  // the later one counts
  rated.ratings.emplace_back(kStart, 0, "thumbs", "ai", "");
  measure.add(rated);
  measure.add(asked(30min, "ben"));
  handoff::AiAlone alone;
  alone.resolved = 6;
  alone.satisfaction.add("nps", 9);
  alone.satisfaction.add("nps", 1);
  measure.add("", alone);
  const auto figures = measure.figures();
  EXPECT_EQ(figures["all"]["satisfaction"], json({{"count", 1}, {"mean", 1.0}, {"satisfied", 1.0}}));
  EXPECT_EQ(figures["all"]["satisfaction_before_handover"]["mean"], 0.0);
  EXPECT_EQ(figures["ai"]["satisfaction"], json({{"count", 2}, {"mean", 0.5}, {"satisfied", 0.5}}));
  EXPECT_EQ(figures["ai"]["satisfaction_delta"], 0.5);
  EXPECT_EQ(figures["ai"]["resolution_rate"], 0.75);
  EXPECT_EQ(figures["ai"]["handoff_rate"], 0.25);
}

TEST(Measure, knows_no_rate_where_no_platform_tells_of_the_ais_own_conversations) {
  Measure measure(By::nothing);
  measure.add(asked(1h, "ada"));
  const auto ai = measure.figures()["ai"];
  EXPECT_TRUE(ai["handoff_rate"].is_null());
  EXPECT_TRUE(ai["resolution_rate"].is_null());
  EXPECT_TRUE(ai["satisfaction_delta"].is_null());
}

TEST(Measure, gives_a_pilot_its_own_figures_beside_the_baseline) {
  Measure measure(By::pilot);
  auto inside = asked(2h, "ada"), outside = asked(1h, "ben");
  inside.route.pilot = "spring";
  outside.route.pilot = "baseline";
  measure.add(inside);
  measure.add(outside);
  handoff::AiAlone three;
  three.resolved = 3;
  measure.add("spring", three);
  const auto figures = measure.figures();
  ASSERT_EQ(figures["groups"].size(), 2u);
  for (const auto& group : figures["groups"]) {
    if (group["name"] == "spring") EXPECT_EQ(group["ai"]["resolution_rate"], 0.75);
    else EXPECT_FALSE(group.contains("ai"));
  }
}

TEST(Measure, looks_at_feelings_at_three_points) {
  auto one = asked(1h, "ada");
  one.data["sentiment"] = {{"points",
                            {{{"at", "2027-01-15T08:30:00Z"}, {"score", 0.4}},
                             {{"at", "2027-01-15T08:59:00Z"}, {"score", -0.2}},
                             {{"at", "odd"}, {"score", 1}}}}};
  pass(one, State::claimed, 2min);
  pass(one, State::resolved, 1h);
  one.feelings.emplace_back(one.requested_at + 5min, -0.8);
  one.feelings.emplace_back(one.requested_at + 50min, 0.6);
  const auto found = handoff::feelings_of(one);
  EXPECT_EQ(found.before, -0.2);
  EXPECT_EQ(found.after_claim, -0.8);
  EXPECT_EQ(found.at_end, 0.6);
  Measure measure(By::nothing);
  measure.add(one);
  measure.add(asked(30min, "ben"));
  const auto sentiment = measure.figures()["all"]["sentiment"];
  EXPECT_EQ(sentiment["before"], -0.2);
  EXPECT_EQ(sentiment["fell_in_transfer"], 1);
}

TEST(Measure, tells_what_does_not_get_better_and_who_asks_more_often) {
  handoff::Periods periods;
  periods.begin = kStart;
  periods.middle = kStart + 100h;
  periods.end = kStart + 200h;
  Measure measure(By::nothing, periods);
  // Newest first: refunds stay what they were, parcels become fewer; Ada comes once, then four times.
  for (int i = 9; i >= 0; --i) {
    auto refund = asked(101h + Duration(i), i < 4 ? "ada" : "r" + std::to_string(i));
    refund.data["intent"]["category"] = "refund";
    measure.add(refund);
  }
  for (int i = 9; i >= 0; --i) {
    auto refund = asked(1h + Duration(i), i < 1 ? "ada" : "s" + std::to_string(i));
    refund.data["intent"]["category"] = "refund";
    measure.add(refund);
    auto parcel = asked(1h, "p" + std::to_string(i));
    parcel.data["intent"]["category"] = "parcel";
    measure.add(parcel);
  }
  const auto figures = measure.figures();
  ASSERT_EQ(figures["topics"].size(), 2u);
  EXPECT_EQ(figures["topics"][0]["category"], "refund");
  EXPECT_EQ(figures["topics"][0]["share"], 0.667);
  EXPECT_EQ(figures["topics"][0]["improved"], false);
  EXPECT_EQ(figures["topics"][1]["improved"], true);
  EXPECT_EQ(figures["accounts_rising"], json({{{"account", "ada"}, {"earlier", 1}, {"later", 4}}}));
}

TEST(Satisfaction, brings_every_scale_to_one) {
  for (const auto& [scale, score, share, satisfied] : {std::tuple("thumbs", 0.0, 0.0, false),
                                                       {"thumbs", 1.0, 1.0, true},
                                                       {"stars", 1.0, 0.0, false},
                                                       {"stars", 3.0, 0.5, false},
                                                       {"stars", 4.0, 0.75, true},
                                                       {"nps", 8.0, 0.8, false},
                                                       {"nps", 9.0, 0.9, true},
                                                       {"stars", 99.0, 1.0, true},
                                                       {"thumbs", -3.0, 0.0, false}}) {
    EXPECT_DOUBLE_EQ(handoff::normalised(scale, score), share) << scale << score;
    EXPECT_EQ(handoff::is_satisfied(scale, score), satisfied) << scale << score;
  }
}

TEST(Measure, says_how_often_people_ask_for_what_was_given) {
  Measure measure(By::team);
  auto asks = asked(1h, "ada");
  asks.replies = 3;
  asks.asked_again = {"order", "e-mail"};
  auto reads = asked(2h, "ben", "billing");
  reads.replies = 1;
  measure.add(asks);
  measure.add(reads);
  measure.add(asked(3h, "cem"));  // nobody wrote yet
  const auto figures = measure.figures();
  const json wanted = {
      {"answered", 2}, {"handoffs", 1}, {"share", 0.5}, {"kinds", {{"e-mail", 1}, {"order", 1}}}};
  EXPECT_EQ(figures["all"]["asked_again"], wanted);
  EXPECT_EQ(figures["groups"][0]["name"], "support");
  EXPECT_EQ(figures["groups"][0]["asked_again"]["share"], 1.0);
  EXPECT_EQ(figures["groups"][1]["asked_again"]["share"], 0.0);
  EXPECT_EQ(Measure(By::nothing).figures()["all"]["asked_again"]["share"], nullptr);
}

// {handed over, solved by the AI alone, of ten who rated each so many satisfied}.
json period(std::uint64_t handoffs, std::uint64_t alone, int satisfied) {
  Measure measure(By::nothing);
  for (std::uint64_t i = 0; i < handoffs; ++i) measure.add(asked(Duration(1h) * (i + 1), std::to_string(i)));
  handoff::AiAlone ai;
  ai.resolved = alone;
  for (int i = 0; i < 10 && satisfied >= 0; ++i) ai.satisfaction.add("thumbs", i < satisfied ? 1 : 0);
  measure.add("", ai);
  return measure.whole();
}

TEST(Measure, reads_a_rate_beside_ones_own_past_only_with_how_people_liked_it) {
  const auto a_quarter = period(25, 75, 7);
  EXPECT_EQ(a_quarter["ai"]["handoff_rate"], 0.25);
  EXPECT_EQ(a_quarter["ai"]["usual_handoff_rate"], (json{{"from", 0.15}, {"to", 0.25}}));
  const auto reading = [&](const json& now, const json& earlier) {
    return handoff::compared(now, earlier)["reading"];
  };
  EXPECT_EQ(handoff::compared(period(18, 82, 8), a_quarter),
            (json{{"handoff_rate", -0.07}, {"satisfied", 0.1}, {"reading", "better"}}));
  EXPECT_EQ(reading(period(18, 82, 7), a_quarter), "better");
  EXPECT_EQ(reading(period(18, 82, 5), a_quarter), "worse") << "kept from people, and they mind";
  EXPECT_EQ(reading(period(30, 70, 8), a_quarter), "better") << "more handoffs are no fault by themselves";
  EXPECT_EQ(reading(period(30, 70, 5), a_quarter), "worse");
  EXPECT_EQ(reading(a_quarter, a_quarter), "same");
  EXPECT_EQ(reading(period(18, 82, -1), a_quarter), nullptr) << "nobody rated";
  EXPECT_EQ(reading(period(18, 0, 8), a_quarter), nullptr) << "no platform tells of its own conversations";
  EXPECT_EQ(reading(period(0, 0, -1), period(0, 0, -1)), nullptr);
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
