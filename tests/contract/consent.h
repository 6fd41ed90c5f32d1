// Purpose: a destination whose way in is a person's consent, a refresh token, at its simulated vendor: what
// Baton keeps of it and when. Owner: a test. Threads: one loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/contract/bench.h"

namespace baton::contract {

class Consent : public ::testing::Test {
 protected:
  // `token`: what the person's consent came to, at the vendor and in the configuration.
  void begin(Place place, const std::string& token, const simulation::Setup& more = {}) {
    place.settings["auth"] = "refresh_token";
    place.secrets["refresh_token"] = place.setup["refresh_token"] = token;
    for (const auto& [key, value] : more) place.setup[key] = value;
    kept.clear();
    bench.emplace(place);
    bench->account->keep = [this](std::string_view field, const Secret& value) -> Result<Done> {
      EXPECT_EQ(field, "refresh_token");
      kept.emplace_back(value.reveal());
      asked_before_kept = bench->client.sent.size();
      return Done{};
    };
  }
  // As whoever authorised it a year ago has it.
  void expect_an_old_one_to_park_the_lane() {
    auto& held = bench->account->secrets["refresh_token"];
    held.clear();
    held.emplace_back(std::string("canary-refresh-of-last-year"));
    bench->order(Operation::open_ticket);
    bench->run(1min);
    expect_parked();
    EXPECT_EQ(bench->lane()->reason.find("canary"), std::string::npos);
    EXPECT_EQ(bench->effects(Operation::open_ticket), 0);
  }
  void expect_parked() {
    ASSERT_TRUE(bench->lane() && bench->lane()->paused);
    EXPECT_NE(bench->lane()->reason.find("authorise Baton again"), std::string::npos)
        << bench->lane()->reason;
  }

  std::optional<Bench> bench;  // none where the vendor is not in this registry
  std::vector<std::string> kept;
  std::size_t asked_before_kept = 0;
};

}  // namespace baton::contract
