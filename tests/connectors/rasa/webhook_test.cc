#include <gtest/gtest.h>

#include "connectors/rasa/webhook.h"
#include "gateway/ingress/schema.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::rasa {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kToken = "rasa-url-token-5d1c9e40";

// As the sheet describes the call of a custom action.
json call() {
  return json::parse(R"({
    "next_action": "action_handoff_to_human", "sender_id": "user-4471", "version": "3.6.0", "domain": {},
    "tracker": {
      "sender_id": "user-4471", "paused": false, "latest_event_time": 1788257729.12,
      "latest_input_channel": "rest",
      "slots": {"name": "Jane Roe", "email": "jane@acme.inc", "customer_id": "c-77", "order": "A-1009", "cart": null,
                "handoff_reason": "low_confidence"},
      "latest_message": {"text": "I want a person please", "intent": {"name": "payment_failed", "confidence": 0.31},
                         "entities": []},
      "events": [
        {"event": "action", "timestamp": 1788257700.0, "name": "action_session_start"},
        {"event": "user", "timestamp": 1788257710.5, "text": "My card is declined", "message_id": "m1"},
        {"event": "slot", "timestamp": 1788257711.0, "name": "order", "value": "A-1009"},
        {"event": "action", "timestamp": 1788257712.0, "name": "action_retry_payment"},
        {"event": "bot", "timestamp": 1788257713.0, "text": "It did not work.", "metadata": {}},
        {"event": "action", "timestamp": 1788257714.0, "name": "utter_sorry"},
        {"event": "user", "timestamp": 1788257725.25, "text": "I want a person please", "message_id": "m2"}]}})");
}

class RasaCalls : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector);

  Result<sdk::Inbound> read(const std::string& body,
                            const std::string& query = std::string("?token=") + kToken) {
    const RawRequest request("POST", "/v1/in/bot" + query, body);
    return connector->read_events(request, testing::OpensslKeys({{"url_token", kToken}}), settings);
  }
  sdk::Inbound heard(const json& body) {
    auto inbound = read(body.dump());
    EXPECT_TRUE(inbound) << (inbound ? "" : inbound.error().detail);
    if (!inbound) return {};
    for (const auto& arrival : inbound->events) expect_published_shape(arrival);
    return *std::move(inbound);
  }
  static void expect_published_shape(const sdk::Arrival& arrival) {
    static const EventValidator validator;
    const auto errors = validator.validate({{"specversion", "1.0"},
                                            {"id", arrival.id},
                                            {"source", "bot"},
                                            {"type", arrival.type},
                                            {"data", arrival.data}});
    for (const auto& error : errors) ADD_FAILURE() << error.pointer << " " << error.detail;
  }
};

TEST_F(RasaCalls, the_handoff_action_is_a_handoff_with_its_conversation) {
  const auto inbound = heard(call());
  ASSERT_EQ(inbound.events.size(), 1u);
  EXPECT_EQ(inbound.events[0].type, "handoff.requested");
  EXPECT_EQ(inbound.events[0].id, "action_handoff_to_human/user-4471/1788257725.250000");
  testing::expect_golden(inbound.events[0].data, "rasa/golden/handoff.json");
}

TEST_F(RasaCalls, the_answer_pauses_the_bot_and_tells_the_customer) {
  const auto inbound = heard(call());
  ASSERT_TRUE(inbound.answer_with);
  const auto reply = inbound.answer_with({HandoffId("hof_1")});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(
      json::parse(reply.body),
      json::parse(
          R"({"events":[{"event":"pause"}],"responses":[{"text":"I am getting a colleague for you."}]})"));
}

TEST_F(RasaCalls, the_handoffs_id_goes_into_a_slot_if_one_is_named) {
  settings = testing::settings_for(*connector, {{"handoff_slot", "handoff_id"}, {"handoff_text", ""}});
  const auto answer = json::parse(heard(call()).answer_with({HandoffId("hof_1")}).body);
  EXPECT_EQ(answer["events"],
            json::parse(R"([{"event":"slot","name":"handoff_id","value":"hof_1"},{"event":"pause"}])"));
  EXPECT_TRUE(answer["responses"].empty());
}

TEST_F(RasaCalls, the_same_call_again_is_the_same_event_and_a_later_one_is_another) {
  const auto first = heard(call()).events.at(0).id;
  EXPECT_EQ(heard(call()).events.at(0).id, first);
  auto later = call();
  later["tracker"]["events"].push_back({{"event", "user"}, {"timestamp", 1788257999.5}, {"text", "again"}});
  EXPECT_NE(heard(later).events.at(0).id, first);
}

TEST_F(RasaCalls, a_call_without_the_token_is_refused) {
  for (const auto* query :
       {"", "?token=", "?token=rasa-url-token-5d1c9e41", "?other=rasa-url-token-5d1c9e40"}) {
    const auto inbound = read(call().dump(), query);
    ASSERT_FALSE(inbound) << query;
    EXPECT_EQ(inbound.error().kind, FailureKind::rejected);
    EXPECT_EQ(inbound.error().detail.find(kToken), std::string::npos);
  }
  const RawRequest request("POST", "/v1/in/bot?token=", call().dump());
  EXPECT_FALSE(connector->read_events(request, testing::OpensslKeys({}), settings));
}

TEST_F(RasaCalls, an_action_that_is_not_ours_is_rejected_as_rasa_wants_it) {
  auto other = call();
  other["next_action"] = "action_weather";
  const auto inbound = heard(other);
  EXPECT_TRUE(inbound.events.empty());
  EXPECT_EQ(inbound.answer.status, 400);
  EXPECT_EQ(json::parse(inbound.answer.body)["action_name"], "action_weather");
  settings = testing::settings_for(*connector, {{"action", "action_weather"}});
  EXPECT_EQ(heard(other).events.size(), 1u);
}

TEST_F(RasaCalls, the_bot_says_that_it_solved_the_conversation_itself) {
  auto solved = call();
  solved["next_action"] = "action_conversation_resolved";
  const auto inbound = heard(solved);
  ASSERT_EQ(inbound.events.size(), 1u);
  EXPECT_EQ(inbound.events[0].type, "conversation.resolved");
  EXPECT_EQ(inbound.events[0].data, json::parse(R"({"conversation":{"id":"user-4471"},"by":"ai"})"));
  EXPECT_EQ(json::parse(inbound.answer.body), json::parse(R"({"events":[],"responses":[]})"));
  settings = testing::settings_for(*connector, {{"resolved_action", ""}});
  auto nameless = call();
  nameless["next_action"] = "";
  EXPECT_TRUE(heard(nameless).events.empty()) << "an action that is switched off has no name";
}

TEST_F(RasaCalls, why_it_hands_over_is_a_trigger_or_words) {
  auto body = call();
  EXPECT_EQ(heard(body).events.at(0).data["reason"], json::parse(R"({"trigger":"low_confidence"})"));
  body["tracker"]["slots"]["handoff_reason"] = "three refunds in a row";
  EXPECT_EQ(heard(body).events.at(0).data["reason"],
            json::parse(R"({"trigger":"other","explanation":"three refunds in a row"})"));
}

TEST_F(RasaCalls, hostile_and_ill_typed_calls_give_an_answer_and_never_a_crash) {
  for (const auto& body : testing::hostile_bodies(call().dump())) {
    const auto inbound = read(body);
    if (inbound) EXPECT_TRUE(inbound->events.empty()) << body.substr(0, 40);
  }
  for (const auto& variant : testing::ill_typed(call())) {
    const auto inbound = read(variant.dump());
    if (inbound && !inbound->events.empty()) EXPECT_FALSE(inbound->events[0].id.empty());
  }
  auto lonely = call();
  lonely.erase("tracker");
  EXPECT_EQ(heard(lonely).events.size(), 1u) << "a handoff without a conversation is one all the same";
}

}  // namespace
}  // namespace baton::rasa
