// What Salesforce's fact sheet asks for beyond what all vendors are held to, with its simulator and the real
// stations: cases that are closed and told of by a hint, the consent of a person, the org's day of requests.
#include <gtest/gtest.h>

#include "gateway/handoff/brief.h"
#include "gateway/handoff/route.h"
#include "gateway/journal/opening.h"
#include "tests/contract/consent.h"
#include "tests/contract/small_gateway.h"

namespace baton::contract {
namespace {

using nlohmann::json;

constexpr auto kAck = "<Ack>true</Ack>";

// --- the way back: an org whose cases people close, by each of its two ways to tell

class SalesforceHints : public ::testing::TestWithParam<const char*>, protected SmallGateway {
 protected:
  ~SalesforceHints() override { stop(); }

  void SetUp() override {
    auto place = place_of("salesforce");
    if (!place) GTEST_SKIP() << "no Salesforce in this registry";
    place->setup["ways"] = GetParam();
    place->setup.erase("limits");
    place->setup["daily_limit"] = "1000";
    vendor.emplace(simulation::make_vendor("salesforce", place->setup));
    add(*place, "crm", *vendor);
    start();
  }

  // A handoff whose ticket is a case, and the case's id.
  HandoffId open(const std::string& name, bool with_context = false) {
    Route route;
    route.tickets = DestinationId("crm");
    if (with_context) route.context = {DestinationId("crm")};
    handoff::equip(route, abilities, std::nullopt);
    auto data = Bench::sample_data();
    data["customer"]["email"] = "zoe@northwind.example";
    Event event(EventKey(WorkspaceId("main"), "shop", name), "handoff.requested",
                ConversationId("shop", name), Priority::normal, std::move(data));
    const HandoffId id("hof_0199e5a1c2d37f00a1b2c3d4e5f6071" + name);
    EXPECT_TRUE(await(journal.commit(opening(id, std::move(route), std::move(event), name, "", clock.now())))
                    ->done());
    run();
    EXPECT_TRUE(handoff(id).ticket);
    return id;
  }
  std::string state(const HandoffId& id) { return std::string(name(handoff(id).state)); }

  std::vector<simulation::Outbound> act(const char* deed, const json& with = json::object()) {
    return SmallGateway::act(*vendor, deed, with);
  }
  std::vector<simulation::Outbound> close(const HandoffId& id) {
    return act("close",
               {{"case", handoff(id).ticket->object_id}, {"by", "Dana Agent"}, {"text", "Refunded."}});
  }
  Reply arrives(const simulation::Outbound& one) { return hook("crm", one.request); }

  std::optional<simulation::FaultyVendor> vendor;
};

TEST_P(SalesforceHints, of_a_closed_case_have_it_read_and_the_handoff_ended_within_seconds) {
  const auto id = open("a");
  const auto sent = close(id);
  ASSERT_EQ(sent.size(), 1u);
  const auto answer = arrives(sent[0]);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(name(handoff(id).state), "waiting") << "not on the word of whoever sent it";
  run(5s);
  EXPECT_EQ(state(id), "returned");
  EXPECT_EQ(handoff(id).resolution, "Refunded.") << "what the customer was told last";
}

TEST_P(SalesforceHints, may_be_lost_and_a_case_out_of_sight_is_not_gone) {
  const auto id = open("g");
  const json at = {{"case", handoff(id).ticket->object_id}};
  (void)act("hide", at);  // an assignment rule gave it to people whose cases Baton's user does not see
  run(5h);
  EXPECT_EQ(state(id), "waiting");
  EXPECT_TRUE(handoff(id).status_due) << "it is asked again";
  (void)act("show", at);
  (void)close(id);  // and nobody hears of it
  run(3h);
  EXPECT_EQ(state(id), "returned") << "the poll has found it";
}

TEST_P(SalesforceHints, of_a_case_name_it_as_people_do) {
  const auto id = open("h");
  const auto& ticket = *handoff(id).ticket;
  EXPECT_EQ(ticket.called().size(), 8u) << ticket.called();
  EXPECT_TRUE(ticket.called().starts_with("0000"));
  EXPECT_TRUE(ticket.object_id.starts_with("500")) << "by which its hints are matched";
}

// Whoever learns the secret learns nothing, and can end nothing.
TEST_P(SalesforceHints, of_a_case_that_is_open_change_nothing) {
  const auto id = open("b");
  const auto sent = close(id);
  (void)act("reopen", {{"case", handoff(id).ticket->object_id}});
  EXPECT_EQ(arrives(sent.at(0)).status, 200);
  run(1min);
  EXPECT_EQ(state(id), "waiting");
}

TEST_P(SalesforceHints, of_cases_that_are_not_ours_are_heard_and_dropped) {
  const auto id = open("c");
  auto sent = close(id);
  auto& body = sent.at(0).request.body;
  for (auto at = body.find(handoff(id).ticket->object_id); at != std::string::npos; at = body.find("5000"))
    body.replace(at, 18, "999000000000801AAA");
  for (auto at = body.find("hof_"); at != std::string::npos; at = body.find("hof_"))
    body.replace(at, 4, "foo_");
  EXPECT_EQ(arrives(sent[0]).status, 200);
  EXPECT_EQ(ingress->figures().signals, 0u);
}

INSTANTIATE_TEST_SUITE_P(By, SalesforceHints, ::testing::Values("flow", "outbound"),
                         [](const auto& info) { return std::string(info.param); });

// --- what Baton's user may not do (section 6)

TEST(SalesforceAccess, that_is_refused_to_one_case_costs_that_one_alone) {
  const auto place = place_of("salesforce");
  if (!place) GTEST_SKIP() << "no Salesforce in this registry";
  for (const auto* deed : {"protect", "hide"}) {
    Bench bench(*place);
    bench.order(Operation::add_note);  // the case was made before
    const auto id = bench.job(Operation::open_ticket).receipt.object_id;
    (void)bench.vendor.vendor().act(simulation::Deed(deed, {{"case", id}}), bench.clock.now());
    bench.run(1min);
    const auto note = bench.job(Operation::add_note);
    EXPECT_EQ(name(note.state), "dead") << deed;
    ASSERT_TRUE(note.failure);
    EXPECT_NE(note.failure->detail.find("Modify All on Case"), std::string::npos) << note.failure->detail;
    EXPECT_FALSE(bench.lane() && bench.lane()->paused) << deed << ": the others go on";
    bench.order_another(Operation::open_ticket, 2);
    bench.run(1min);
    EXPECT_EQ(name(bench.job(Operation::open_ticket, 2).state), "done") << deed;
  }
}

TEST(SalesforceAccess, that_is_refused_to_all_cases_parks_the_lane) {
  auto place = place_of("salesforce");
  if (!place) GTEST_SKIP() << "no Salesforce in this registry";
  place->setup["read_only"] = "Case";
  Bench bench(*place);
  bench.order(Operation::open_ticket);
  bench.run(1min);
  EXPECT_TRUE(bench.lane() && bench.lane()->paused);
}

// --- outbound messages alone (section 7.2)

using SalesforceMessages = SalesforceHints;

TEST_P(SalesforceMessages, are_acknowledged_to_the_letter_and_only_when_the_journal_has_them) {
  const auto id = open("d");
  const auto sent = close(id);
  ASSERT_EQ(sent.size(), 1u);
  ASSERT_TRUE(sent[0].taken);
  journal.commits = 0;
  journal.fail_at = 0;
  const auto not_now = arrives(sent[0]);
  EXPECT_EQ(not_now.status, 503);
  EXPECT_EQ(not_now.body.find(kAck), std::string::npos) << not_now.body;
  EXPECT_FALSE(sent[0].taken(not_now)) << "Salesforce sends it again";
  run(10s);
  EXPECT_EQ(state(id), "waiting");
  const auto taken = arrives(sent[0]);
  EXPECT_TRUE(sent[0].taken(taken)) << taken.body;
  EXPECT_EQ(taken.headers.at("content-type"), "text/xml; charset=utf-8");
  run(5s);
  EXPECT_EQ(state(id), "returned");
}

TEST_P(SalesforceMessages, that_come_again_have_no_second_effect) {
  const auto id = open("e");
  const auto sent = close(id);
  (void)arrives(sent.at(0));
  const std::uint64_t signals = ingress->figures().signals;
  const auto again = act("repeat");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_TRUE(again[0].taken(arrives(again[0]))) << "or it would come for a day";
  EXPECT_EQ(ingress->figures().signals, signals);
}

TEST_P(SalesforceMessages, of_several_cases_in_any_order_end_each_handoff) {
  std::vector<HandoffId> all;
  for (const auto* name : {"1", "2", "3", "4", "5"}) all.push_back(open(name));
  (void)act("hold");
  for (const auto& id : all) EXPECT_TRUE(close(id).empty());
  // The same case once more, out of order: what counts is how it stands when it is read.
  (void)act("reopen", {{"case", handoff(all[0]).ticket->object_id}});
  const auto sent = act("send");
  ASSERT_EQ(sent.size(), 1u) << "all in one message";
  EXPECT_TRUE(sent[0].taken(arrives(sent[0])));
  run(10s);
  EXPECT_EQ(state(all[0]), "waiting");
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_EQ(state(all[i]), "returned") << i;
}

TEST_P(SalesforceMessages, that_are_forged_are_not_acknowledged) {
  const auto id = open("f");
  auto forged = close(id).at(0);
  forged.request.target = "?token=guessed";
  const auto refused = arrives(forged);
  EXPECT_EQ(refused.status, 401);
  EXPECT_FALSE(forged.taken(refused));
  run(10s);
  EXPECT_EQ(state(id), "waiting");
}

INSTANTIATE_TEST_SUITE_P(By, SalesforceMessages, ::testing::Values("outbound"),
                         [](const auto& info) { return std::string(info.param); });

// --- the org's day of requests (section 5)

using SalesforceDay = SalesforceHints;

TEST_P(SalesforceDay, that_is_nearly_used_up_is_left_to_writes_and_the_brief_says_so) {
  const auto before = open("1", true);
  EXPECT_EQ(name(handoff(before).context.at(DestinationId("crm")).part), "present");
  (void)act("use_up", {{"share", 0.96}});
  const auto pending = open("2");  // a write's answer tells how the day stands
  const auto id = open("3", true);
  const auto& part = handoff(id).context.at(DestinationId("crm"));
  EXPECT_EQ(name(part.part), "failed");
  EXPECT_EQ(part.reason, "the org's daily API limit is nearly used up: 96 %");
  EXPECT_TRUE(handoff(id).ticket) << "the case is made all the same";
  std::string gaps;
  for (const auto& gap : handoff::brief(handoff(id), clock.now()).missing)
    gaps += gap.field + " (" + gap.state + "): " + gap.reason + "\n";
  EXPECT_NE(gaps.find("daily API limit is nearly used up: 96 %"), std::string::npos) << gaps;
  // The window rolls, and a look-up asks anew.
  run(25h);
  const auto later = open("4", true);
  EXPECT_EQ(name(handoff(later).context.at(DestinationId("crm")).part), "present");
}

INSTANTIATE_TEST_SUITE_P(By, SalesforceDay, ::testing::Values("flow"),
                         [](const auto& info) { return std::string(info.param); });

// --- a person's consent (section 2.3)

class SalesforceConsent : public Consent {
 protected:
  void SetUp() override {
    auto place = place_of("salesforce");
    if (!place) GTEST_SKIP() << "no Salesforce in this registry";
    place->also = {place->base_url};
    place->base_url = "https://login.salesforce.com";
    if (public_client) place->secrets.erase("client_secret");
    begin(*std::move(place), "canary-refresh-5Aep861rEpScxnNE66jG", more);
  }
  simulation::Setup more;
  bool public_client = false;
};

TEST_F(SalesforceConsent, has_a_case_made_at_the_orgs_own_host_and_the_next_token_kept_first) {
  bench->order(Operation::open_ticket);
  bench->run();
  const auto job = bench->job(Operation::open_ticket);
  ASSERT_EQ(name(job.state), "done") << job.failure->detail;
  ASSERT_GE(bench->client.sent.size(), 2u);
  EXPECT_EQ(bench->client.sent[0].target, "https://login.salesforce.com/services/oauth2/token");
  for (std::size_t i = 1; i < bench->client.sent.size(); ++i)
    EXPECT_TRUE(bench->client.sent[i].target.starts_with("https://example.my.salesforce.com/services/data/"))
        << bench->client.sent[i].target;
  EXPECT_EQ(kept.size(), 1u);
  EXPECT_EQ(asked_before_kept, 1u) << "kept before the access token is used";
  EXPECT_TRUE(job.receipt.url.starts_with("https://example.my.salesforce.com/lightning/r/Case/"))
      << job.receipt.url;
  for (const auto& secret : bench->secrets())
    EXPECT_EQ(bench->everything_kept().find(secret), std::string::npos);
}

TEST_F(SalesforceConsent, is_renewed_with_the_token_that_came_last) {
  bench->order(Operation::add_note);  // the case was made before
  (void)bench->vendor.vendor().act(simulation::Deed("expire_sessions", json::object()), bench->clock.now());
  bench->run();
  EXPECT_EQ(name(bench->job(Operation::add_note).state), "done");
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_NE(kept[0], kept[1]);
}

TEST_F(SalesforceConsent, that_has_ended_parks_the_lane_and_says_what_to_do) {
  expect_an_old_one_to_park_the_lane();
}

class SalesforcePublicClient : public SalesforceConsent {
 protected:
  SalesforcePublicClient() {
    more = {{"client_secret", ""}};
    public_client = true;
  }
};

TEST_F(SalesforcePublicClient, needs_no_secret_where_the_app_asks_for_none) {
  bench->order(Operation::open_ticket);
  bench->run();
  EXPECT_EQ(name(bench->job(Operation::open_ticket).state), "done");
  ASSERT_FALSE(bench->client.sent.empty());
  EXPECT_EQ(bench->client.sent[0].body.find("client_secret"), std::string::npos);
}

}  // namespace
}  // namespace baton::contract
