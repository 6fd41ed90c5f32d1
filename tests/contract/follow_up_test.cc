// A ticket that was closed before a note reached it: where a vendor has follow-ups, the words stand in one.
#include <gtest/gtest.h>

#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

using nlohmann::json;

TEST(FollowUp, bears_what_was_said_after_zendesks_ticket_was_closed) {
  const auto all = places();
  const auto place = std::ranges::find(all, "zendesk", &Place::connector);
  if (place == all.end()) GTEST_SKIP() << "no Zendesk in this registry";
  Bench bench(*place);
  bench.order(Operation::add_note);
  const auto first = bench.vendor.vendor().ledger().at("tickets").at(0).at("id");
  const json with = {{"ticket", first}, {"by", "Dana Agent"}};
  ASSERT_TRUE(bench.vendor.vendor().act(simulation::Deed("close", with), bench.clock.now()));
  bench.run(Duration{1h});
  EXPECT_EQ(bench.job(Operation::add_note).state, JobState::done);
  const auto tickets = bench.vendor.vendor().ledger().at("tickets");
  ASSERT_EQ(tickets.size(), 2u) << tickets.dump();
  EXPECT_EQ(tickets.at(0).at("status"), "closed");
  EXPECT_TRUE(tickets.at(1).at("external_id").get<std::string>().ends_with("/follow_up/" + first.dump()))
      << tickets.at(1).dump();
  EXPECT_EQ(bench.duplicates(), 0);
}

}  // namespace
}  // namespace baton::contract
