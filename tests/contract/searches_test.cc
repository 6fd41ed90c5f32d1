// A vendor that limits its searches apart from the rest.
#include <gtest/gtest.h>

#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

using nlohmann::json;

TEST(Searches, that_hubspot_limits_wait_and_nothing_else_does) {
  const auto place = place_of("hubspot");
  if (!place) GTEST_SKIP() << "no HubSpot in this registry";
  struct Limit {
    const char* policy;
    Duration wait;
    bool whole_lane;
  };
  for (const auto& one :
       {Limit{"SECONDLY", 1s, false}, Limit{"TEN_SECONDLY_ROLLING", 10s, false}, Limit{"DAILY", 0s, true}}) {
    SCOPED_TRACE(one.policy);
    auto limited = *place;
    limited.customer = {{"email", "jane@roe-private.example"}};  // another address of hers
    Bench bench(limited);
    bench.order(Operation::write_back);
    std::vector<TimePoint> searches;
    bench.client.meddle([&](int, const Request& request) -> std::optional<Result<Reply>> {
      if (!request.target.ends_with("/search")) return std::nullopt;
      searches.push_back(bench.clock.now());
      if (searches.size() > 1) return std::nullopt;
      const json body = {{"status", "error"}, {"errorType", "RATE_LIMIT"}, {"policyName", one.policy}};
      return Result<Reply>(Reply(429, body.dump(), {{"content-type", "application/json"}}));
    });
    bench.run(5s);
    ASSERT_FALSE(searches.empty());
    EXPECT_EQ(bench.lane() && bench.lane()->paused, one.whole_lane);
    bench.run(Duration{2h});
    EXPECT_EQ(name(bench.job(Operation::write_back).state), "done");
    ASSERT_EQ(searches.size(), 2u);
    EXPECT_GE(searches[1] - searches[0], one.wait);
    EXPECT_EQ(bench.effects(Operation::write_back), 1);
  }
}

}  // namespace
}  // namespace baton::contract
