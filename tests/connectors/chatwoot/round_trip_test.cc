// Connector and simulated account, which share no code, understand one another.
#include <gtest/gtest.h>

#include "connectors/chatwoot/wire.h"
#include "connectors/simulation/simulation.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::chatwoot {
sdk::ConnectorPtr make_connector();
simulation::VendorPtr make_vendor(const simulation::Setup& setup);

namespace {

using nlohmann::json;

// Sends to the simulated account; `loses` answers are lost after their effect.
class Wired final : public sdk::Session {
 public:
  Task<Reply> read(sdk::Read read) override { co_return ask(read.request()); }
  Task<Receipt> once(sdk::Step step) override {
    const auto reply = ask(step.write.request());
    if (std::exchange(loses, false)) {
      for (auto page = std::get<sdk::Lookup>(step.again).find;;) {
        const auto& lookup = std::get<sdk::Lookup>(step.again);
        const auto answer = ask(page.request());
        const auto found = lookup.match(answer);
        if (!found) co_return found.error();
        if (*found) co_return **found;
        const auto next = lookup.next(answer);
        if (!next) co_return next.error();
        if (!*next) co_return Failure(FailureKind::retryable, "proven absent");
        page = **next;
      }
    }
    co_return step.read(reply);
  }
  bool loses = false;
  simulation::VendorPtr vendor = make_vendor({});
  TimePoint now = TimePoint(std::chrono::seconds(1'788'257'730));

 private:
  Reply ask(const Request& request) {
    RawRequest raw(request.method, request.target, request.body, request.headers);
    raw.headers["api_access_token"] = "chatwoot-api-token";
    raw.received_at = now;
    return vendor->handle(raw);
  }
};

class RoundTrip : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"account_id", "1"}, {"baton_user_id", "42"}});
  Wired session;

  sdk::Order order(const char* text) {
    return sdk::Order("key-1", "key-1", nullptr, Receipt(),
                      {{"conversation", {{"id", "8841"}}}, {"text", text}}, settings);
  }
  Result<Receipt> attempt(Operation operation, const char* text = "Hello") {
    const auto what = order(text);
    return testing::run_task(connector->manifest().find(operation)->write(what, session));
  }
  int effect(const char* name) { return session.vendor->ledger()["effects"].value(name, 0); }
};

TEST_F(RoundTrip, every_write_takes_effect_and_is_understood) {
  EXPECT_TRUE(attempt(Operation::take_control));
  EXPECT_TRUE(attempt(Operation::tell_customer));
  EXPECT_TRUE(attempt(Operation::give_back, "Refunded."));
  EXPECT_EQ(effect("messages_sent"), 1);
  EXPECT_EQ(effect("notes_added"), 1);
  EXPECT_EQ(session.vendor->ledger()["conversations"][0]["status"], "pending");
}

// As its own controller does: whoever opens it has it, unless that is taken back.
TEST_F(RoundTrip, what_is_taken_from_the_bot_is_open_and_nobodys) {
  (void)session.vendor->act(simulation::Deed("return", json::object()), session.now);
  EXPECT_TRUE(attempt(Operation::take_control));
  const auto after = session.vendor->ledger()["conversations"][0];
  EXPECT_EQ(after["status"], "open");
  EXPECT_EQ(after["meta"]["assignee"], json());
  EXPECT_TRUE(attempt(Operation::take_control));
  EXPECT_EQ(effect("statuses_set"), 1);
}

TEST_F(RoundTrip, a_message_whose_answer_was_lost_is_found_behind_many_others) {
  for (int i = 0; i < 3; ++i)
    (void)session.vendor->act(simulation::Deed("say", {{"text", "before"}}), session.now);
  session.loses = true;
  const auto receipt = attempt(Operation::tell_customer);
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(effect("messages_sent"), 1);
}

TEST_F(RoundTrip, its_webhooks_are_genuine_and_what_we_wrote_is_no_event) {
  const testing::OpensslKeys keys({{"webhook_secret", "chatwoot-webhook-secret"}});
  const auto heard = [&](const char* deed, json with) {
    std::vector<std::string> types;
    const auto sent = session.vendor->act(simulation::Deed(deed, std::move(with)), session.now);
    for (const auto& one : *sent) {
      RawRequest raw("POST", "/v1/in/chat", one.request.body, one.request.headers);
      raw.received_at = session.now;
      const auto inbound = connector->read_events(raw, keys, settings);
      EXPECT_TRUE(inbound) << (inbound ? "" : inbound.error().detail);
      if (inbound)
        for (const auto& event : inbound->events) types.push_back(event.type);
      if (inbound)
        for (const auto& signal : inbound->signals) types.emplace_back(name(signal.kind));
    }
    return types;
  };
  using Types = std::vector<std::string>;
  EXPECT_EQ(heard("say", {{"conversation", "12"}, {"text", "help"}}), Types{"handoff.updated"});
  EXPECT_EQ(heard("hand_off", {{"conversation", "12"}}), Types{"handoff.requested"});
  EXPECT_EQ(heard("reply", {{"conversation", "12"}, {"text", "Dana here"}}),
            (Types{"handoff.updated", "replied"}));
  EXPECT_EQ(heard("assign", {{"conversation", "12"}}), Types{"claimed"});
  EXPECT_EQ(heard("unassign", {{"conversation", "12"}}), Types{"released"});
  EXPECT_EQ(heard("resolve", {{"conversation", "12"}}), Types{"conversation.resolved"});
}

TEST_F(RoundTrip, the_conversation_is_fetched_over_all_its_pages) {
  for (int i = 0; i < 50; ++i)
    (void)session.vendor->act(simulation::Deed("say", {{"text", "m"}}), session.now);
  const auto what = order("");
  const auto found =
      testing::run_task(connector->manifest().find(Operation::fetch_transcript)->look(what, session));
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)["transcript"].size(), 51u);
  EXPECT_EQ((*found)["transcript"][0]["text"], "I want a person please");
  EXPECT_EQ((*found)["customer"]["email"], "jane@acme.inc");
}

}  // namespace
}  // namespace baton::chatwoot
