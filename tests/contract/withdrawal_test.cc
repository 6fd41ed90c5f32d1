// A person who leaves a vendor gives its token back, at the simulated one.
#include <gtest/gtest.h>

#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

// The fact sheet linear, sections 2 and 10: taking the integration out on our side does not revoke the grant.
TEST(GivenBack, a_token_of_linear_is_good_no_more_and_none_is_asked_for_until_it_is_resumed) {
  const auto place = place_of("linear");
  if (!place) GTEST_SKIP() << "no Linear in this registry";
  Bench bench(*place);
  bench.order(Operation::open_ticket);
  bench.run();
  ASSERT_EQ(bench.job(Operation::open_ticket).state, JobState::done);
  ASSERT_FALSE(bench.secrets().empty());
  const auto token = bench.secrets().front();  // the one that was obtained
  const auto asks = [&] {
    RawRequest request("POST", "/graphql", R"({"query":"{ viewer { id name } }"})",
                       {{"authorization", "Bearer " + token}, {"content-type", "application/json"}});
    request.received_at = bench.clock.now();
    return bench.vendor.handle(request).reply.status;
  };
  EXPECT_EQ(asks(), 200);
  bench.set_paused(true);
  EXPECT_EQ(bench.withdraw(), "revoked");
  EXPECT_EQ(asks(), 401);
  EXPECT_EQ(bench.withdraw(), "none_held");
  bench.client.leave_alone();
  bench.order_another(Operation::open_ticket, 2);
  bench.run(Duration{3h});
  EXPECT_TRUE(bench.client.sent.empty()) << "who was paused asks for no other token";
  bench.set_paused(false);
  bench.run();
  EXPECT_EQ(bench.job(Operation::open_ticket, 2).state, JobState::done);
}

// The fact sheet salesforce, section 2.3.
TEST(GivenBack, a_session_of_salesforce_is_good_no_more_and_none_is_asked_for_until_it_is_resumed) {
  const auto place = place_of("salesforce");
  if (!place) GTEST_SKIP() << "no Salesforce in this registry";
  Bench bench(*place);
  bench.order(Operation::open_ticket);
  bench.run();
  ASSERT_EQ(bench.job(Operation::open_ticket).state, JobState::done);
  const auto session = bench.secrets().front();  // the one that was obtained
  const auto asks = [&] {
    RawRequest request("GET", "/services/data/v67.0/limits", "", {{"authorization", "Bearer " + session}});
    request.received_at = bench.clock.now();
    return bench.vendor.handle(request).reply.status;
  };
  EXPECT_EQ(asks(), 200);
  bench.set_paused(true);
  bench.client.leave_alone();
  EXPECT_EQ(bench.withdraw(), "revoked");
  ASSERT_EQ(bench.client.sent.size(), 1u);
  EXPECT_TRUE(bench.client.sent[0].target.ends_with("/services/oauth2/revoke"))
      << bench.client.sent[0].target;
  EXPECT_EQ(asks(), 401);
  EXPECT_EQ(bench.withdraw(), "none_held");
  bench.set_paused(false);
  bench.order_another(Operation::open_ticket, 2);
  bench.run();
  EXPECT_EQ(bench.job(Operation::open_ticket, 2).state, JobState::done) << "a resumed one asks anew";
}

}  // namespace
}  // namespace baton::contract
