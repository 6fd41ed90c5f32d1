// What HubSpot's fact sheet asks for beyond what all vendors are held to, with its simulator and the real
// stations: an OAuth app that was authorised in the account (section 2).
#include <gtest/gtest.h>

#include "tests/contract/consent.h"

namespace baton::contract {
namespace {

using nlohmann::json;

class HubSpotConsent : public Consent {
 protected:
  void begin(const simulation::Setup& more = {}) {
    auto place = place_of("hubspot");
    if (!place) return;
    // The same app signs the webhooks, with the same secret.
    place->settings["client_id"] = "hubspot-client-id";
    place->secrets.erase("token");
    Consent::begin(*std::move(place), "canary-hub-refresh-2f61c07d", more);
  }
  std::string asked(std::size_t n) const { return bench->client.sent.at(n).target; }
};

#define BEGIN(...)    \
  begin(__VA_ARGS__); \
  if (!bench) GTEST_SKIP() << "no HubSpot in this registry"

TEST_F(HubSpotConsent, has_a_ticket_made_with_a_token_of_half_an_hour) {
  BEGIN();
  bench->order(Operation::open_ticket);
  bench->run();
  const auto job = bench->job(Operation::open_ticket);
  ASSERT_EQ(name(job.state), "done") << job.failure->detail;
  EXPECT_EQ(asked(0), "https://api.hubapi.com/oauth/2026-09/token");
  const auto& form = bench->client.sent[0].body;
  EXPECT_NE(form.find("grant_type=refresh_token"), std::string::npos) << "in the body, not in the address";
  EXPECT_NE(form.find("client_id=hubspot-client-id"), std::string::npos);
  EXPECT_TRUE(kept.empty()) << "it stayed the same";
  for (const auto& secret : bench->secrets())
    EXPECT_EQ(bench->everything_kept().find(secret), std::string::npos);
}

// "Store the refresh token of every answer: it has stayed the same in practice, but may change."
TEST_F(HubSpotConsent, that_was_given_a_new_refresh_token_keeps_it_before_it_goes_on) {
  BEGIN({{"refresh_rotates", "on"}});
  bench->order(Operation::open_ticket);
  bench->run();
  EXPECT_EQ(name(bench->job(Operation::open_ticket).state), "done");
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(asked_before_kept, 1u) << "kept before the access token is used";
  (void)bench->vendor.vendor().act(simulation::Deed("expire_tokens", json::object()), bench->clock.now());
  bench->order(Operation::write_back);
  bench->run();
  EXPECT_EQ(name(bench->job(Operation::write_back).state), "done");
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_NE(kept[0], kept[1]);
}

TEST_F(HubSpotConsent, that_has_ended_parks_the_lane_and_says_what_to_do) {
  BEGIN();
  expect_an_old_one_to_park_the_lane();
}

}  // namespace
}  // namespace baton::contract
