#include <gtest/gtest.h>

#include "connectors/simulation/simulation.h"
#include "gateway/base/text.h"
#include "gateway/ingress/schema.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::dialogflow {
sdk::ConnectorPtr make_connector();
simulation::VendorPtr make_vendor(const simulation::Setup& setup);

namespace {

using nlohmann::json;

constexpr auto kToken = "dialogflow-webhook-token";
constexpr auto kId = "a1b2c3d4-0000-4444-8888-f00ba7f00ba7";

// Entry dialogflow_cx_webhook of the vectors of fact sheet ingress, names of resources shortened.
json call() {
  return json::parse(R"({
    "detectIntentResponseId": "a1b2c3d4-0000-4444-8888-f00ba7f00ba7", "languageCode": "en",
    "fulfillmentInfo": {"tag": "handoff_to_human"},
    "intentInfo": {"lastMatchedIntent": "projects/acme/locations/europe-west1/agents/7c9e/intents/0f9a",
                   "displayName": "agent.escalate",
                   "parameters": {"order_id": {"originalValue": "A-1009", "resolvedValue": "A-1009"}},
                   "confidence": 0.31},
    "pageInfo": {"currentPage": "projects/acme/locations/europe-west1/agents/7c9e/flows/0/pages/escalate",
                 "displayName": "Escalate"},
    "sessionInfo": {"session": "projects/acme/locations/europe-west1/agents/7c9e/sessions/conv-8841",
                    "parameters": {"customer_id": "user-4471", "email": "jane@acme.inc", "order_id": "A-1009",
                                   "ai_tried": ["retry_payment", "clear_cart"],
                                   "page_url": "https://shop.example.com/checkout"}},
    "messages": [
      {"text": {"text": ["Let me get a colleague for you."]}, "responseType": "HANDLER_PROMPT",
       "source": "VIRTUAL_AGENT"},
      {"liveAgentHandoff": {"metadata": {"reason": "low_confidence", "queue": "tier2"}},
       "source": "VIRTUAL_AGENT"}],
    "payload": {"channel": "web"}, "sentimentAnalysisResult": {"score": -0.6, "magnitude": 0.8},
    "text": "I want a person please",
    "languageInfo": {"inputLanguageCode": "en", "resolvedLanguageCode": "en", "confidenceScore": 1}})");
}

class DialogflowCalls : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector);
  std::string token = kToken;

  Result<sdk::Inbound> read(const std::string& body, Headers headers) {
    const RawRequest request("POST", "/v1/in/bot", body, std::move(headers));
    return connector->read_events(request, testing::OpensslKeys({{"webhook_token", token}}), settings);
  }
  Result<sdk::Inbound> read(const std::string& body) {
    return read(body, {{"authorization", std::string("Bearer ") + kToken}});
  }
  sdk::Inbound heard(const json& body) {
    auto inbound = read(body.dump());
    EXPECT_TRUE(inbound) << (inbound ? "" : inbound.error().detail);
    if (!inbound) return {};
    for (const auto& arrival : inbound->events) expect_published_shape(arrival);
    return *std::move(inbound);
  }
  json data_of(const json& body) {
    const auto inbound = heard(body);
    EXPECT_EQ(inbound.events.size(), 1u);
    return inbound.events.empty() ? json() : inbound.events[0].data;
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

TEST_F(DialogflowCalls, the_tag_is_a_handoff_with_all_that_the_call_says) {
  const auto inbound = heard(call());
  ASSERT_EQ(inbound.events.size(), 1u);
  EXPECT_EQ(inbound.events[0].type, "handoff.requested");
  EXPECT_EQ(inbound.events[0].id, kId);
  EXPECT_EQ(inbound.events[0].data, json::parse(R"({
    "conversation": {"id": "conv-8841", "channel": "web", "language": "en"},
    "customer": {"id": "user-4471", "email": "jane@acme.inc"},
    "page": {"url": "https://shop.example.com/checkout"},
    "reason": {"trigger": "low_confidence"},
    "intent": {"name": "agent.escalate", "confidence": 0.31},
    "sentiment": {"score": -0.6},
    "attempts": [{"action": "retry_payment"}, {"action": "clear_cart"}],
    "identifiers": [{"kind": "order_id", "value": "A-1009"}],
    "transcript": [
      {"id": "a1b2c3d4-0000-4444-8888-f00ba7f00ba7/0", "role": "customer", "text": "I want a person please"},
      {"id": "a1b2c3d4-0000-4444-8888-f00ba7f00ba7/1", "role": "ai", "text": "Let me get a colleague for you."}],
    "metadata": {"tag": "handoff_to_human", "page": "Escalate", "sentiment_magnitude": 0.8,
      "parameters": {"customer_id": "user-4471", "email": "jane@acme.inc", "order_id": "A-1009",
                     "ai_tried": ["retry_payment", "clear_cart"],
                     "page_url": "https://shop.example.com/checkout"},
      "live_agent_handoff": {"reason": "low_confidence", "queue": "tier2"}}})"));
}

TEST_F(DialogflowCalls, the_answer_tells_customer_front_end_and_session) {
  const auto inbound = heard(call());
  ASSERT_TRUE(inbound.answer_with);
  const auto reply = inbound.answer_with({HandoffId("hof_1")});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(json::parse(reply.body), json::parse(R"({"fulfillmentResponse": {"messages": [
      {"text": {"text": ["I am getting a colleague for you."]}},
      {"liveAgentHandoff": {"metadata": {"handoff_id": "hof_1"}}}], "mergeBehavior": "APPEND"},
    "sessionInfo": {"parameters": {"baton_handoff_id": "hof_1"}}})"));
  settings = testing::settings_for(*connector, {{"handoff_text", ""}, {"handoff_parameter", ""}});
  EXPECT_EQ(json::parse(heard(call()).answer_with({HandoffId("hof_1")}).body),
            json::parse(R"({"fulfillmentResponse": {"messages": [
      {"liveAgentHandoff": {"metadata": {"handoff_id": "hof_1"}}}], "mergeBehavior": "APPEND"}})"));
}

TEST_F(DialogflowCalls, another_tag_is_a_handoff_only_with_a_queued_live_agent_handoff) {
  auto other = call();
  other["fulfillmentInfo"]["tag"] = "opening_hours";
  EXPECT_EQ(heard(other).events.size(), 1u);
  other["messages"].erase(1);
  const auto inbound = heard(other);
  EXPECT_TRUE(inbound.events.empty());
  EXPECT_FALSE(inbound.answer_with);
  EXPECT_EQ(inbound.answer.status, 200);
  EXPECT_EQ(json::parse(inbound.answer.body), json::object());
  settings = testing::settings_for(*connector, {{"tags", "refund, opening_hours"}});
  EXPECT_EQ(heard(other).events.size(), 1u);
  other["fulfillmentInfo"]["tag"] = "";
  settings = testing::settings_for(*connector, {{"tags", ""}});
  EXPECT_TRUE(heard(other).events.empty()) << "no tag is not the empty tag";
}

TEST_F(DialogflowCalls, only_who_knows_the_token_is_heard) {
  const auto basic = "Basic " + to_base64("baton:secret");
  for (const Headers& headers :
       {Headers{}, Headers{{"authorization", ""}}, Headers{{"authorization", "Bearer "}},
        Headers{{"authorization", "Bearer dialogflow-webhook-tokem"}}, Headers{{"authorization", basic}},
        Headers{{"authorization", "Basic %%%"}}, Headers{{"x-token", kToken}}}) {
    const auto inbound = read(call().dump(), headers);
    ASSERT_FALSE(inbound);
    EXPECT_EQ(inbound.error().kind, FailureKind::rejected);
    EXPECT_EQ(inbound.error().detail.find(kToken), std::string::npos);
  }
  EXPECT_TRUE(read(call().dump(), {{"authorization", kToken}})) << "a header without a scheme";
  settings = testing::settings_for(*connector, {{"webhook_header", "X-Token"}});
  EXPECT_TRUE(read(call().dump(), {{"x-token", kToken}}));
  EXPECT_FALSE(read(call().dump())) << "the other header does not count";
  settings = testing::settings_for(*connector);
  token = "baton:secret";
  EXPECT_TRUE(read(call().dump(), {{"authorization", basic}}));
}

TEST_F(DialogflowCalls, a_handoff_that_cannot_be_told_apart_takes_the_error_path) {
  for (const auto* pointer : {"/detectIntentResponseId", "/sessionInfo/session"}) {
    for (const auto& value : {json(), json(""), json(7), json(std::string(4000, 'x'))}) {
      auto body = call();
      body[json::json_pointer(pointer)] = value;
      const auto inbound = heard(body);
      EXPECT_TRUE(inbound.events.empty()) << pointer << value.dump().substr(0, 20);
      EXPECT_EQ(inbound.answer.status, 400);
    }
  }
}

TEST_F(DialogflowCalls, why_it_hands_over_is_a_trigger_or_words_or_nothing) {
  auto body = call();
  auto& metadata = body["messages"][1]["liveAgentHandoff"]["metadata"];
  metadata["reason"] = "three refunds in a row";
  EXPECT_EQ(data_of(body)["reason"],
            json::parse(R"({"trigger":"other","explanation":"three refunds in a row"})"));
  metadata.erase("reason");
  EXPECT_FALSE(data_of(body).contains("reason"));
}

TEST_F(DialogflowCalls, a_call_by_phone_a_persons_name_and_a_priority_are_understood) {
  auto body = call();
  body.erase("text");
  body["transcript"] = "I want to talk to somebody";
  auto& parameters = body["sessionInfo"]["parameters"];
  parameters["name"] = {{"name", "Jane Roe"}, {"original", "it's Jane Roe"}};
  parameters["priority"] = "medium";
  parameters["baton_handoff_id"] = "hof_0";
  const auto data = data_of(body);
  EXPECT_EQ(data["transcript"][0]["text"], "I want to talk to somebody");
  EXPECT_EQ(data["customer"]["name"], "Jane Roe");
  EXPECT_EQ(data["priority"], "normal");
  EXPECT_FALSE(data["metadata"]["parameters"].contains("baton_handoff_id")) << "our own word is no news";
}

TEST_F(DialogflowCalls, values_out_of_their_bounds_are_left_out) {
  auto body = call();
  body["intentInfo"]["confidence"] = 31;
  body["sentimentAnalysisResult"]["score"] = -6;
  body["sessionInfo"]["parameters"]["email"] = std::string(400, 'a');
  body["sessionInfo"]["parameters"]["priority"] = "now!";
  const auto data = data_of(body);
  EXPECT_FALSE(data["intent"].contains("confidence"));
  EXPECT_FALSE(data.contains("sentiment"));
  EXPECT_FALSE(data["customer"].contains("email"));
  EXPECT_FALSE(data.contains("priority"));
}

TEST_F(DialogflowCalls, hostile_and_ill_typed_calls_give_an_answer_and_never_a_crash) {
  for (const auto& body : testing::hostile_bodies(call().dump())) {
    const auto inbound = read(body);
    if (inbound) EXPECT_TRUE(inbound->events.empty()) << body.substr(0, 40);
  }
  for (const auto& variant : testing::ill_typed(call())) {
    const auto inbound = read(variant.dump());
    if (!inbound) continue;
    for (const auto& arrival : inbound->events) expect_published_shape(arrival);
  }
}

// The agent refuses an answer with a member that it does not know, as Dialogflow does.
TEST_F(DialogflowCalls, the_simulated_agent_takes_the_answer_and_hands_over) {
  const auto vendor = make_vendor({});
  const auto now = TimePoint{} + std::chrono::years(56);
  const auto sent = vendor->act(simulation::Deed("hand_off", json::object()), now);
  ASSERT_TRUE(sent);
  const auto& request = sent->at(0).request;
  const auto inbound = read(request.body, request.headers);
  ASSERT_TRUE(inbound && inbound->answer_with);
  const auto reply = inbound->answer_with({HandoffId("hof_1")});
  ASSERT_TRUE(
      vendor->act(simulation::Deed("answered", {{"status", reply.status}, {"body", reply.body}}), now));
  const auto session = vendor->ledger().at("sessions").at("conv-8841");
  EXPECT_EQ(session["with_person"], true);
  EXPECT_EQ(session["parameters"]["baton_handoff_id"], "hof_1");
  EXPECT_EQ(session["turns"].back()["text"], "I am getting a colleague for you.");
}

}  // namespace
}  // namespace baton::dialogflow
