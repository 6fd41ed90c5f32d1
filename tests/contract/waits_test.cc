// A vendor that is asked too much and does not say when to come again.
#include <gtest/gtest.h>

#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

// The fact sheet microsoft-teams, section 5: "else exponential backoff from 5 s".
class UntoldWait : public ::testing::TestWithParam<bool> {};

TEST_P(UntoldWait, of_a_flow_in_teams_grows_until_the_card_is_taken) {
  auto place = place_of("teams");
  if (!place) GTEST_SKIP() << "no Teams in this registry";
  place->setup["retry_after"] = "off";
  if (GetParam()) place->setup["throttle_as_200"] = "on";
  Bench bench(*place);
  const simulation::Deed used_up("use_up", {{"starts", 12}});
  ASSERT_TRUE(bench.vendor.vendor().act(used_up, bench.clock.now()));
  bench.order(Operation::post_alert);
  std::vector<TimePoint> asked;
  bench.client.meddle([&](int, const Request&) -> std::optional<Result<Reply>> {
    asked.push_back(bench.clock.now());
    return std::nullopt;
  });
  bench.run(Duration{24h});
  EXPECT_EQ(bench.job(Operation::post_alert).state, JobState::done);
  ASSERT_EQ(asked.size(), 13u);
  auto least = Duration{5s};
  for (std::size_t i = 1; i < asked.size(); ++i) {
    const auto wait = asked[i] - asked[i - 1];
    EXPECT_GE(wait, least) << i;
    EXPECT_LE(wait, least * 3 / 2 + 5s) << i;
    least = std::min(least * 2, Duration{15min});
  }
  EXPECT_EQ(bench.job(Operation::post_alert).attempts, 1) << "a wait costs no attempt";
}

// The fact sheet salesforce, section 5: no Retry-After; "15 min, growing; the window rolls".
TEST(UsedUpDay, of_salesforce_is_asked_ever_later_until_a_request_is_taken) {
  auto place = place_of("salesforce");
  if (!place) GTEST_SKIP() << "no Salesforce in this registry";
  place->setup.erase("limits");
  place->setup["daily_limit"] = "50";
  Bench bench(*place);
  const simulation::Deed used_up("use_up", {{"share", 1.0}});
  ASSERT_TRUE(bench.vendor.vendor().act(used_up, bench.clock.now()));
  bench.order(Operation::open_ticket);
  std::vector<TimePoint> refused;
  bench.client.meddle({}, [&](int, Result<Reply>& reply) {
    if (reply && reply->status == 403) refused.push_back(bench.clock.now());
  });
  bench.run(Duration{20h});
  EXPECT_EQ(bench.job(Operation::open_ticket).state, JobState::pending);
  ASSERT_GE(refused.size(), 10u);
  auto least = Duration{15min};
  for (std::size_t i = 1; i < refused.size(); ++i) {
    const auto wait = refused[i] - refused[i - 1];
    EXPECT_GE(wait, least) << i;
    EXPECT_LE(wait, std::min(least * 3 / 2, Duration{1h}) + 1min) << i;
    least = std::min(least * 2, Duration{1h});
  }
  bench.run(Duration{6h});
  EXPECT_EQ(bench.job(Operation::open_ticket).state, JobState::done);
  EXPECT_EQ(bench.job(Operation::open_ticket).attempts, 1) << "a wait costs no attempt";
}

INSTANTIATE_TEST_SUITE_P(Said, UntoldWait, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "inside_a_200" : "as_429"; });

}  // namespace
}  // namespace baton::contract
