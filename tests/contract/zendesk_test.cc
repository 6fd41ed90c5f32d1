// What Zendesk's fact sheet asks for beyond what all vendors are held to, with its simulator and the real
// stations: a customer who writes more than one ticket takes, and the consent of a person.
#include <gtest/gtest.h>

#include "tests/contract/consent.h"

namespace baton::contract {
namespace {

using nlohmann::json;

// --- one ticket takes 30 updates in ten minutes (section 5)

// Somebody else's handoff, whose ticket is to be opened now.
void open_another(Bench& bench, const HandoffId& id) {
  Batch batch;
  const ConversationId conversation("chat", "c2");
  batch.opens.emplace(id, WorkspaceId("main"), conversation, Priority::high, Route{}, bench.clock.now());
  batch.opens->data = Bench::sample_data();
  Job job(JobKey(id, bench.account->id, Operation::open_ticket, 1), bench.clock.now(), json::object());
  job.conversation = conversation;
  batch.jobs.push_back(std::move(job));
  ASSERT_TRUE(bench.await(bench.journal.commit(std::move(batch)))->done());
}

TEST(ZendeskUpdates, beyond_what_one_ticket_takes_wait_and_hold_up_no_other_ticket) {
  auto place = place_of("zendesk");
  if (!place) GTEST_SKIP() << "no Zendesk in this registry";
  place->setup.erase("limits");
  Bench bench(*place);
  bench.order(Operation::add_note);
  constexpr int kNotes = 31;
  for (int n = 2; n <= kNotes; ++n) bench.order_another(Operation::add_note, n);
  bench.run(1min);
  EXPECT_EQ(bench.effects(Operation::add_note), 30);
  EXPECT_FALSE(bench.lane() && bench.lane()->paused) << bench.lane()->reason;
  const HandoffId other("hof_0199e5a1c2d37f00a1b2c3d4e5f60719");
  open_another(bench, other);
  bench.run(1min);
  const auto opened = bench.await(bench.journal.load(other))->jobs.at(0);
  EXPECT_EQ(name(opened.state), "done") << (opened.failure ? opened.failure->detail : "");
  EXPECT_EQ(bench.effects(Operation::add_note), 30);
  bench.run(10min);
  EXPECT_EQ(bench.effects(Operation::add_note), kNotes);
  for (int n = 1; n <= kNotes; ++n)
    EXPECT_EQ(bench.job(Operation::add_note, n).attempts, 1) << "a wait costs no attempt";
  EXPECT_EQ(bench.duplicates(), 0);
}

// --- a person's consent (section 2.3)

class ZendeskConsent : public Consent {
 protected:
  void SetUp() override { begin(); }
  void begin(const simulation::Setup& more = {}) {
    if (auto place = place_of("zendesk"))
      Consent::begin(*std::move(place), "canary-refresh-3f6c1e0a77b94d", more);
  }
};

#define AT_ZENDESK \
  if (!bench) GTEST_SKIP() << "no Zendesk in this registry"

TEST_F(ZendeskConsent, has_a_ticket_made_with_the_next_token_kept_first) {
  AT_ZENDESK;
  bench->order(Operation::open_ticket);
  bench->run(1min);
  const auto job = bench->job(Operation::open_ticket);
  ASSERT_EQ(name(job.state), "done") << job.failure->detail;
  const auto& asked = bench->client.sent.at(0);
  EXPECT_EQ(asked.target, "https://acme.zendesk.com/oauth/tokens");
  const auto body = json::parse(asked.body);
  EXPECT_EQ(body["grant_type"], "refresh_token");
  EXPECT_EQ(body["client_id"], "baton");
  EXPECT_FALSE(body.contains("scope"));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(asked_before_kept, 1u) << "kept before the access token is used";
  for (const auto& secret : bench->secrets())
    EXPECT_EQ(bench->everything_kept().find(secret), std::string::npos);
}

TEST_F(ZendeskConsent, is_renewed_with_the_token_that_came_last) {
  AT_ZENDESK;
  bench->order(Operation::add_note);  // the ticket was made before
  (void)bench->vendor.vendor().act(simulation::Deed("expire_tokens", json::object()), bench->clock.now());
  bench->run(1min);
  EXPECT_EQ(name(bench->job(Operation::add_note).state), "done");
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_NE(kept[0], kept[1]);
  EXPECT_EQ(bench->vendor.vendor().ledger()["effects"]["tokens_renewed"], 2);
}

TEST_F(ZendeskConsent, that_nobody_used_for_its_whole_life_parks_the_lane_and_says_what_to_do) {
  AT_ZENDESK;
  begin({{"refresh_seconds", "864000"}});
  bench->order(Operation::open_ticket);
  bench->run();
  const auto later = bench->clock.now() + 11 * 24h;
  Scope sleeper(bench->loop, bench->clock);  // or time would stand still: nothing else waits so long
  sleeper.spawn(bench->clock.until(later));
  bench->clock.run(later);
  EXPECT_EQ(bench->effects(Operation::open_ticket), 1);
  bench->order_another(Operation::open_ticket, 2);
  bench->run(1min);
  expect_parked();
  EXPECT_EQ(bench->effects(Operation::open_ticket), 1);
}

}  // namespace
}  // namespace baton::contract
