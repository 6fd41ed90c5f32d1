// Purpose: estimates against waits whose distribution is known, and what happens when little is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/random.h"
#include "gateway/handoff/wait.h"

namespace baton::handoff {
namespace {

constexpr int kMondayNine = 9;

void record(WaitTimes& times, int n, Duration waited, int hour = kMondayNine, std::size_t position = 1) {
  for (int i = 0; i < n; ++i) times.record("a", hour, position, waited);
}

TEST(Wait, is_unknown_below_twenty_samples) {
  WaitTimes times;
  EXPECT_FALSE(times.estimate("a", kMondayNine, 1));
  record(times, 19, 2min);
  EXPECT_FALSE(times.estimate("a", kMondayNine, 1));
  record(times, 1, 2min);
  ASSERT_TRUE(times.estimate("a", kMondayNine, 1));
  EXPECT_EQ(times.estimate("a", kMondayNine, 1)->samples, 20u);
  EXPECT_FALSE(times.estimate("b", kMondayNine, 1)) << "another team's waits say nothing";
}

TEST(Wait, the_range_holds_from_half_to_eight_of_ten) {
  WaitTimes times;
  Random random(4711);
  for (int i = 0; i < 900; ++i) times.record("a", kMondayNine, 1, random.up_to(10min));
  const auto range = times.estimate("a", kMondayNine, 1).value();
  EXPECT_NEAR(static_cast<double>(range.low.count()), 300'000, 30'000);
  EXPECT_NEAR(static_cast<double>(range.high.count()), 480'000, 30'000);
  EXPECT_EQ(range.basis, Basis::hour_of_week);
}

TEST(Wait, is_scaled_by_the_position_and_learnt_per_place) {
  WaitTimes times;
  record(times, 10, 6min, kMondayNine, 3);
  record(times, 10, 2min, kMondayNine, 1);
  const auto first = times.estimate("a", kMondayNine, 1).value(),
             fourth = times.estimate("a", kMondayNine, 4).value();
  EXPECT_LE(first.high, 2min);
  EXPECT_GE(first.low, 90s);
  EXPECT_EQ(fourth.low, first.low * 4);
  EXPECT_EQ(fourth.high, first.high * 4);
}

TEST(Wait, few_samples_of_the_hour_are_helped_by_the_same_hour_of_other_days) {
  WaitTimes times;
  for (int day = 0; day < 5; ++day) record(times, 4, 3min, day * 24 + 9);
  EXPECT_EQ(times.estimate("a", kMondayNine, 1).value().basis, Basis::hour_of_day);
  EXPECT_FALSE(times.estimate("a", kMondayNine + 1, 1)) << "but not by other hours";
  record(times, 16, 1h, kMondayNine);
  const auto range = times.estimate("a", kMondayNine, 1).value();
  EXPECT_EQ(range.basis, Basis::hour_of_week);
  EXPECT_GT(range.low, 30min) << "the other days no longer speak";
}

TEST(Wait, what_was_long_ago_fades) {
  WaitTimes times;
  record(times, 5'000, 1h);
  record(times, 2'000, 1min);
  const auto range = times.estimate("a", kMondayNine, 1).value();
  EXPECT_LE(range.high, 1min);
  EXPECT_LE(range.samples, WaitTimes::kMany);
}

TEST(Wait, odd_arguments_are_moved_into_range) {
  WaitTimes times;
  for (int i = 0; i < 20; ++i) {
    times.record("a", -5, 0, -3min);
    times.record("a", 999, 1'000'000'000'000, 100'000h);
  }
  EXPECT_GE(times.estimate("a", -1, 0).value().low, 0s);
  EXPECT_GE(times.estimate("a", 500, 1'000'000'000'000).value().high, 0s);
}

TEST(Wait, memory_is_bounded_by_teams_hours_and_steps) {
  WaitTimes times;
  for (int i = 0; i < 1'500; ++i) times.record("team" + std::to_string(i), i, 1, 1min);
  EXPECT_EQ(times.to_json()["teams"].size(), WaitTimes::kMaxTeams);
}

TEST(Wait, the_error_of_what_was_told_is_a_figure) {
  WaitTimes times;
  EXPECT_FALSE(times.accuracy("a").mean_miss());
  const WaitRange told{2min, 5min, Basis::hour_of_week, 20};
  for (const auto waited : {1min, 2min, 5min, 8min}) times.judge("a", told, waited);
  const auto accuracy = times.accuracy("a");
  EXPECT_EQ(accuracy.told, 4u);
  EXPECT_EQ(accuracy.sooner, 1u);
  EXPECT_EQ(accuracy.within, 2u);
  EXPECT_EQ(accuracy.later, 1u);
  EXPECT_EQ(accuracy.mean_miss(), 1min);
  EXPECT_EQ(accuracy.share_later(), 0.25);
}

TEST(Wait, survives_being_written_and_read) {
  WaitTimes times;
  Random random(7);
  for (int i = 0; i < 2'000; ++i) {
    times.record(i % 2 ? "a" : "Grüße", static_cast<int>(random.bits() % 168), 1 + random.bits() % 5,
                 random.up_to(2h));
  }
  times.judge("a", {1min, 2min, Basis::hour_of_week, 20}, 5min);
  const auto document = nlohmann::json::parse(times.to_json().dump());
  const auto again = WaitTimes::from_json(document);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->to_json(), times.to_json());
  EXPECT_EQ(again->accuracy("a").later, 1u);
}

TEST(Wait, what_we_did_not_write_is_refused) {
  WaitTimes times;
  record(times, 20, 2min);
  const auto good = times.to_json();
  ASSERT_TRUE(WaitTimes::from_json(good));
  const auto refused = [&](const char* pointer, nlohmann::json value) {
    auto document = good;
    document[nlohmann::json::json_pointer(pointer)] = std::move(value);
    return !WaitTimes::from_json(document);
  };
  EXPECT_TRUE(refused("/version", 2));
  EXPECT_TRUE(refused("/teams", nlohmann::json::array()));
  EXPECT_TRUE(refused("/teams/a", "x"));
  EXPECT_TRUE(refused("/teams/a/hours/168", good["teams"]["a"]["hours"]["9"]));
  EXPECT_TRUE(refused("/teams/a/hours/9x", good["teams"]["a"]["hours"]["9"]));
  EXPECT_TRUE(refused("/teams/a/hours/9/3", -1));
  EXPECT_TRUE(refused("/teams/a/hours/9/3", 1e300));
  EXPECT_TRUE(refused("/teams/a/hours/9/3", 4'000'000'000));
  EXPECT_TRUE(refused("/teams/a/hours/9", nlohmann::json::array({1, 2})));
  EXPECT_TRUE(refused("/teams/a/accuracy/told", nullptr));
}

}  // namespace
}  // namespace baton::handoff
