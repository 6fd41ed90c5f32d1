// A ticket that was closed before a note reached it: where a vendor has follow-ups, the words stand in one.
#include <utility>

#include <gtest/gtest.h>

#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

using nlohmann::json;

json close_first_ticket(Bench& bench) {
  auto first = bench.vendor.vendor().ledger().at("tickets").at(0).at("id");
  const json with = {{"ticket", first}, {"by", "Dana Agent"}};
  EXPECT_TRUE(bench.vendor.vendor().act(simulation::Deed("close", with), bench.clock.now()));
  return first;
}

void expect_one_follow_up(Bench& bench, const json& of) {
  const auto tickets = bench.vendor.vendor().ledger().at("tickets");
  ASSERT_EQ(tickets.size(), 2u) << tickets.dump();
  EXPECT_EQ(tickets.at(0).at("status"), "closed");
  EXPECT_TRUE(tickets.at(1).at("external_id").get<std::string>().ends_with("/follow_up/" + of.dump()))
      << tickets.at(1).dump();
  EXPECT_EQ(bench.duplicates(), 0);
}

TEST(FollowUp, bears_what_was_said_after_zendesks_ticket_was_closed) {
  const auto place = place_of("zendesk");
  if (!place) GTEST_SKIP() << "no Zendesk in this registry";
  Bench bench(*place);
  bench.order(Operation::add_note);
  const auto first = close_first_ticket(bench);
  bench.run(Duration{1h});
  EXPECT_EQ(bench.job(Operation::add_note).state, JobState::done);
  expect_one_follow_up(bench, first);
  EXPECT_EQ(bench.effects(Operation::add_note), 1);
}

// Whether the list by external_id lags is unconfirmed (fact sheet zendesk, section 3.4): with one that knows
// of nothing for five minutes each note makes the follow-up, by one key.
TEST(FollowUp, is_one_for_two_notes_within_the_lag_of_the_list) {
  auto place = place_of("zendesk");
  if (!place) GTEST_SKIP() << "no Zendesk in this registry";
  place->setup["list_lag"] = "300";
  for (const bool lost : {false, true}) {
    SCOPED_TRACE(lost ? "the answer to its creation is lost" : "undisturbed");
    Bench bench(*place);
    bench.order(Operation::add_note);
    const auto first = close_first_ticket(bench);
    bool once = lost;
    bench.client.meddle({}, [&](int n, Result<Reply>& reply) {
      const auto& request = bench.client.sent.at(static_cast<std::size_t>(n));
      if (request.method != "POST" || request.target.find("/tickets") == std::string::npos) return;
      if (std::exchange(once, false)) reply = Failure(FailureKind::ambiguous, "the connection was reset");
    });
    bench.order_another(Operation::add_note, 2);
    bench.run(Duration{4min});
    EXPECT_EQ(bench.job(Operation::add_note).state, JobState::done);
    EXPECT_EQ(bench.job(Operation::add_note, 2).state, JobState::done);
    expect_one_follow_up(bench, first);
    EXPECT_EQ(bench.effects(Operation::add_note), 2) << "both stand there";
  }
}

}  // namespace
}  // namespace baton::contract
