// Connector and simulated account, which share no code, understand one another.
#include <gtest/gtest.h>

#include "connectors/simulation/simulation.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::twilio {
sdk::ConnectorPtr make_connector();
simulation::VendorPtr make_vendor(const simulation::Setup& setup);

namespace {

using nlohmann::json;

constexpr auto kToken = "12345678901234567890123456789012";

// Sends to the simulated account; `loses` answers are lost after their effect.
class Wired final : public sdk::Session {
 public:
  Task<Reply> read(sdk::Read read) override { co_return ask(read.request()); }
  Task<Receipt> once(sdk::Step step) override {
    const auto reply = ask(step.write.request());
    if (!std::exchange(loses, false)) co_return step.read(reply);
    const auto& lookup = std::get<sdk::Lookup>(step.again);
    for (auto page = lookup.find;;) {
      const auto answer = ask(page.request());
      const auto found = lookup.match(answer);
      if (!found) co_return found.error();
      if (*found) co_return **found;
      const auto next = lookup.next ? lookup.next(answer) : Result<std::optional<sdk::Read>>(std::nullopt);
      if (!next) co_return next.error();
      if (!*next) co_return Failure(FailureKind::retryable, "proven absent");
      page = **next;
    }
  }
  bool loses = false;
  simulation::VendorPtr vendor = make_vendor({{"limits", "off"}, {"echo", "on"}});
  TimePoint now = TimePoint(std::chrono::seconds(1'788'257'730));

 private:
  Reply ask(const Request& request) {
    RawRequest raw(request.method, request.target, request.body, request.headers);
    raw.headers["authorization"] =
        "Basic " + to_base64(std::string("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:") + kToken);
    raw.received_at = now;
    return vendor->handle(raw);
  }
};

class TwilioRoundTrip : public ::testing::Test {
 protected:
  TwilioRoundTrip() {
    act("say", {{"conversation", "chat-1"}, {"text", "I want a person please"}});
    id = ledger()["conversations"][0]["sid"];
  }
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings =
      testing::settings_for(*connector, {{"account_sid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
                                         {"webhook_url", "https://baton.example.com/v1/in/twilio"},
                                         {"ai_authors", "ai-bot"},
                                         {"studio_flow", "FW0123456789abcdef0123456789abcdef"}});
  Wired session;
  std::string id;

  json ledger() { return session.vendor->ledger(); }
  int effect(const char* name) { return ledger()["effects"].value(name, 0); }
  std::vector<simulation::Outbound> act(const char* deed, json with) {
    auto sent = session.vendor->act(simulation::Deed(deed, std::move(with)), session.now);
    EXPECT_TRUE(sent) << (sent ? "" : sent.error().detail);
    return sent ? std::move(*sent) : std::vector<simulation::Outbound>();
  }
  sdk::Order order(const std::string& text) {
    return sdk::Order("key-1", "key-1", nullptr, Receipt(),
                      {{"conversation", {{"id", id}}}, {"text", text}, {"handoff_id", "hof_1"}}, settings);
  }
  Result<Receipt> attempt(Operation operation, const std::string& text = "Hello") {
    const auto what = order(text);
    return testing::run_task(connector->manifest().find(operation)->write(what, session));
  }
  std::vector<std::string> heard(const std::vector<simulation::Outbound>& sent) {
    const testing::OpensslKeys keys({{"auth_token", kToken}});
    std::vector<std::string> types;
    for (const auto& one : sent) {
      RawRequest raw("POST", "/v1/in/twilio" + one.request.target, one.request.body, one.request.headers);
      raw.received_at = session.now;
      const auto inbound = connector->read_events(raw, keys, settings);
      EXPECT_TRUE(inbound) << (inbound ? "" : inbound.error().detail);
      if (!inbound) continue;
      for (const auto& event : inbound->events) types.push_back(event.type);
    }
    return types;
  }
};

TEST_F(TwilioRoundTrip, every_write_takes_effect_and_is_understood) {
  EXPECT_TRUE(attempt(Operation::take_control));
  EXPECT_EQ(json::parse(ledger()["conversations"][0]["attributes"].get<std::string>())["baton"]["control"],
            "human");
  EXPECT_TRUE(attempt(Operation::tell_customer));
  EXPECT_TRUE(attempt(Operation::give_back, "Refunded."));
  EXPECT_EQ(effect("messages_sent"), 1);
  EXPECT_EQ(effect("webhooks_attached"), 1);
  EXPECT_EQ(json::parse(ledger()["conversations"][0]["attributes"].get<std::string>())["baton"]["control"],
            "ai");
  EXPECT_TRUE(attempt(Operation::give_back, "Refunded."));
  EXPECT_EQ(effect("webhooks_attached"), 1);  // the flow hears it already
  EXPECT_EQ(ledger()["duplicates"], 0);
}

TEST_F(TwilioRoundTrip, a_message_whose_answer_was_lost_is_found_behind_many_others) {
  for (int i = 0; i < 120; ++i) act("say", {{"conversation", "chat-1"}, {"text", "before"}});
  session.loses = true;
  const auto receipt = attempt(Operation::tell_customer);
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(effect("messages_sent"), 1);
}

TEST_F(TwilioRoundTrip, a_change_of_control_whose_answer_was_lost_is_found) {
  session.loses = true;
  EXPECT_TRUE(attempt(Operation::take_control));
  EXPECT_EQ(effect("conversations_updated"), 1);
}

TEST_F(TwilioRoundTrip, its_webhooks_are_genuine_and_what_we_wrote_is_no_event) {
  using Types = std::vector<std::string>;
  EXPECT_EQ(heard(act("say", {{"conversation", "chat-1"}, {"text", "help & more"}})),
            Types{"handoff.updated"});
  EXPECT_EQ(heard(act("answer", {{"conversation", "chat-1"}, {"text", "?"}})), Types{"handoff.updated"});
  EXPECT_EQ(heard(act("hand_off", {{"conversation", "chat-1"}})), Types{"handoff.requested"});
  EXPECT_EQ(heard(act("accept", {{"by", "Dana"}})), Types{});
  EXPECT_EQ(heard(act("complete", json::object())), Types{"conversation.resolved"});
  session.vendor->take_outbox();
  EXPECT_TRUE(attempt(Operation::tell_customer));
  const auto echo = session.vendor->take_outbox();
  EXPECT_EQ(echo.size(), 1u);
  EXPECT_EQ(heard(echo), Types{});
  EXPECT_EQ(heard(act("close", {{"conversation", "chat-1"}})), Types{"conversation.resolved"});
}

TEST_F(TwilioRoundTrip, the_conversation_is_fetched_over_all_its_pages) {
  for (int i = 0; i < 250; ++i) act("say", {{"conversation", "chat-1"}, {"text", "m" + std::to_string(i)}});
  const auto what = order("");
  const auto found =
      testing::run_task(connector->manifest().find(Operation::fetch_transcript)->look(what, session));
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_EQ((*found)["transcript"].size(), 251u);
  EXPECT_EQ((*found)["transcript"][0]["text"], "I want a person please");
  EXPECT_EQ((*found)["transcript"][0]["role"], "customer");
  EXPECT_EQ((*found)["transcript"][250]["text"], "m249");
}

TEST_F(TwilioRoundTrip, the_probe_finds_nothing_wrong) {
  const auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings);
  for (const auto& finding : *findings) EXPECT_TRUE(finding.fine) << finding.what << ": " << finding.remedy;
}

}  // namespace
}  // namespace baton::twilio
