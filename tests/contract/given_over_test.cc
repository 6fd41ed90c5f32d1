// What one person has is given to another at the vendor: by the vendor's own word the claim goes with it.
#include <gtest/gtest.h>

#include "tests/contract/desk.h"

namespace baton::contract {
namespace {

using nlohmann::json;

struct Gift {
  const char* connector;
  const char* about;  // what its deeds call the ticket; "": the chat platform has it
  const char* deed;
  json first, second;  // to whom

  friend void PrintTo(const Gift& one, std::ostream* to) { *to << one.connector; }
};

const std::vector<Gift>& gifts() {
  static const json dana = {{"to", "Dana Agent"}}, lee = {{"to", "Lee Agent"}};
  static const std::vector<Gift> all = {
      {"zendesk", "ticket", "assign", dana, lee},
      {"linear", "issue", "assign", dana, lee},
      {"intercom", "conversation", "assign", dana, lee},
      {"freshdesk", "ticket", "assign", dana, lee},
      {"hubspot", "ticket", "assign", {{"owner", "7001"}}, {{"owner", "7002"}}},
      {"salesforce", "case", "assign", dana, {{"to", "Nora Lind"}}},
      {"twilio", "", "transfer", {{"by", "Dana Agent"}}, {{"by", "Lee Agent"}}},
  };
  return all;
}

class GivenAway : public ::testing::TestWithParam<Gift> {
 protected:
  void SetUp() override {
    const bool chat = is_chat();
    const auto place = place_of(chat ? "zendesk" : GetParam().connector);
    const auto platform = place_of(chat ? GetParam().connector : "standard_webhooks");
    if (!place || !platform) GTEST_SKIP() << "not in this registry";
    desk.emplace(*place, *platform);
    if (!chat) {
      id = desk->open("c1", place->customer.value("email", "ada@example.com"));
      return;
    }
    const json conversation = {{"conversation", "chat-1"}, {"text", "A person, please"}};
    EXPECT_TRUE(desk->bot.vendor().act(simulation::Deed("say", conversation), desk->clock.now()));
    EXPECT_LT(desk->platform_tells("hand_off", {{"conversation", "chat-1"}}), 300);
    desk->run();
    ASSERT_EQ(desk->store.handoffs.size(), 1u);
    id = desk->store.handoffs.begin()->first;
  }
  bool is_chat() const { return GetParam().about[0] == '\0'; }

  void give(bool first) {
    auto with = first ? GetParam().first : GetParam().second;
    if (is_chat()) {
      EXPECT_LT(desk->platform_tells(first ? "accept" : GetParam().deed, with), 300);
    } else {
      with[GetParam().about] = desk->handoff(id).ticket->object_id;
      if (GetParam().connector == std::string("intercom")) {
        auto& named = with[GetParam().about];
        named = named.get<std::string>().substr(named.get<std::string>().rfind('/') + 1);
      }
      EXPECT_LT(desk->happens(GetParam().deed, with), 300);
    }
    desk->run(3s);
  }
  const Handoff& handoff() const { return desk->handoff(id); }
  // How often the chat platform heard who has it: in events, or in what it says to the customer.
  std::size_t told_claims() {
    if (is_chat()) return desk->jobs(id, Operation::tell_customer).size();
    const auto jobs = desk->jobs(id, Operation::emit);
    return static_cast<std::size_t>(std::ranges::count_if(
        jobs, [](const Job& job) { return JsonView(job.subject)["type"].text() == "handoff.claimed"; }));
  }

  std::optional<Desk> desk;
  HandoffId id;
};

TEST_P(GivenAway, at_the_vendor_the_claim_goes_with_it_and_the_platform_hears_of_both) {
  const auto told = told_claims();
  give(true);
  ASSERT_EQ(name(handoff().state), "claimed");
  const auto first = handoff().owner;
  EXPECT_NE(desk->last.body.find(first), std::string::npos);
  EXPECT_EQ(told_claims(), told + 1);
  give(false);
  EXPECT_EQ(name(handoff().state), "claimed");
  EXPECT_NE(handoff().owner, first);
  EXPECT_FALSE(handoff().owner.empty());
  EXPECT_TRUE(handoff().refused.empty());
  EXPECT_EQ(told_claims(), told + 2);
}

TEST_P(GivenAway, a_claim_that_was_made_elsewhere_stays) {
  for (const char* elsewhere : {"slack", ""}) {
    SCOPED_TRACE(elsewhere[0] ? "on a card" : "through the API");
    desk.reset();
    SetUp();
    if (IsSkipped()) return;
    Signal claim(SignalKind::claimed, "elsewhere", "", "U-anna");
    claim.from = DestinationId(elsewhere);
    claim.who_name = "Anna";
    Batch batch;
    batch.facts.emplace_back(id, "elsewhere", Fact(desk->clock.now(), std::move(claim)));
    ASSERT_TRUE(desk->await(desk->journal.commit(std::move(batch)))->done());
    desk->run(3s);
    ASSERT_EQ(handoff().owner, "U-anna");
    const auto told = told_claims();
    give(true);
    give(false);
    EXPECT_EQ(handoff().owner, "U-anna");
    EXPECT_EQ(told_claims(), told);
  }
}

// Flex's invites (twilio_flex_v1): a second task of the same conversation, and the first one is completed.
class Invited : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto place = place_of("zendesk"), platform = place_of("twilio");
    if (!place || !platform) GTEST_SKIP() << "not in this registry";
    desk.emplace(*place, *platform);
    const json said = {{"conversation", "chat-1"}, {"text", "A person, please"}};
    EXPECT_TRUE(desk->bot.vendor().act(simulation::Deed("say", said), desk->clock.now()));
    does("hand_off", {{"conversation", "chat-1"}});
    does("accept", {{"by", "Dana Agent"}});
    ASSERT_EQ(desk->store.handoffs.size(), 1u);
  }
  void does(const char* deed, const json& with) {
    EXPECT_LT(desk->platform_tells(deed, with), 300);
    desk->run();
  }
  std::string task(std::size_t n) const { return desk->bot.vendor().ledger().at("tasks").at(n).at("sid"); }
  const Handoff& handoff() const { return *desk->store.handoffs.begin()->second.handoff; }

  std::optional<Desk> desk;
};

TEST_F(Invited, the_second_worker_goes_on_when_the_first_task_is_completed) {
  does("invite", {{"by", "Lee Agent"}});
  ASSERT_EQ(desk->store.handoffs.size(), 1u);
  EXPECT_EQ(handoff().owner_name, "Lee Agent");
  does("complete", {{"task", task(0)}});
  EXPECT_EQ(name(handoff().state), "claimed") << "the customer is with the second worker";
  ASSERT_EQ(handoff().refused.size(), 1u);
  EXPECT_NE(handoff().refused[0].why.find("goes on"), std::string::npos);
  does("complete", {{"task", task(1)}});
  EXPECT_EQ(name(handoff().state), "returned");
}

TEST_F(Invited, an_invite_that_nobody_took_does_not_hold_the_conversation) {
  does("invite", {{"accepted", false}});
  EXPECT_EQ(handoff().owner_name, "Dana Agent");
  does("cancel", {{"task", task(1)}});
  EXPECT_EQ(name(handoff().state), "claimed");
  does("complete", {{"task", task(0)}});
  EXPECT_EQ(name(handoff().state), "returned");
}

TEST_F(Invited, a_conversation_that_is_closed_is_over_whatever_tasks_are_open) {
  does("invite", {{"by", "Lee Agent"}});
  does("close", {{"conversation", "chat-1"}});
  EXPECT_GE(handoff().state, State::resolved) << name(handoff().state);
}

// Intercom as the chat platform: people answer in its inbox, wherever the ticket is.
class Inbox : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto place = place_of("zendesk"), platform = place_of("intercom");
    if (!place || !platform) GTEST_SKIP() << "not in this registry";
    desk.emplace(*place, *platform);
    conversation = desk->bot.vendor().ledger().at("conversations").at(0).at("id");
    does("escalate", json::object());
    ASSERT_EQ(desk->store.handoffs.size(), 1u);
    ASSERT_EQ(name(handoff().state), "waiting");
  }
  void does(const char* deed, json with) {
    with["conversation"] = conversation;
    EXPECT_LT(desk->platform_tells(deed, with), 300);
    desk->run();
  }
  const Handoff& handoff() const { return *desk->store.handoffs.begin()->second.handoff; }
  std::size_t told() { return desk->jobs(handoff().id, Operation::tell_customer).size(); }

  std::optional<Desk> desk;
  std::string conversation;
};

TEST_F(Inbox, whoever_takes_it_there_has_the_handoff_and_who_gives_it_to_a_team_has_it_no_more) {
  does("assign", {{"by", "Dana Agent"}});
  EXPECT_EQ(name(handoff().state), "claimed");
  EXPECT_EQ(handoff().owner_name, "Dana Agent");
  does("assign", {{"by", "Dana Agent"}, {"to", "Lee Agent"}});
  EXPECT_EQ(name(handoff().state), "claimed");
  EXPECT_FALSE(handoff().owner.empty());
  EXPECT_NE(handoff().owner, "991267001") << "which is Dana";
  does("assign", {{"by", "Lee Agent"}, {"team", "5017691"}});
  EXPECT_EQ(name(handoff().state), "waiting");
  EXPECT_TRUE(handoff().owner.empty());
}

TEST_F(Inbox, whoever_answers_there_has_answered_and_the_customer_reads_it_once) {
  const auto before = told();
  does("reply", {{"by", "Dana Agent"}, {"text", "I am looking into it."}});
  EXPECT_EQ(name(handoff().state), "active");
  EXPECT_EQ(handoff().owner_name, "Dana Agent");
  EXPECT_EQ(handoff().replies, 1);
  EXPECT_EQ(told(), before + 1) << "that somebody has it, and not what they wrote";
  does("close", {{"by", "Dana Agent"}});
  EXPECT_GE(handoff().state, State::resolved) << name(handoff().state);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GivenAway);
INSTANTIATE_TEST_SUITE_P(Every, GivenAway, ::testing::ValuesIn(gifts()),
                         [](const auto& info) { return std::string(info.param.connector); });

}  // namespace
}  // namespace baton::contract
