// Botpress through its thin integration, from fact sheets ingress (4.4) and standard-webhooks.
#include <gtest/gtest.h>

#include "connectors/sdk/connector.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::botpress {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;

constexpr auto kSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";
constexpr auto kId = "hof_1/bot/emit/1";

class Botpress : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings =
      testing::settings_for(*connector, {{"base_url", "https://webhook.botpress.example"}});
  DirectSession session{*connector};

  sdk::Order order(json subject) {
    return sdk::Order(kId, kId, nullptr, Receipt(), std::move(subject), settings);
  }
  static RawRequest signed_request(const std::string& body, const std::string& id = "hitl_conv_1_m2") {
    const auto mac = testing::hmac_sha256(testing::standard_key(kSecret), id + ".1788257729." + body);
    RawRequest request("POST", "/v1/in/bot", body);
    request.headers["webhook-id"] = id;
    request.headers["webhook-timestamp"] = "1788257729";
    request.headers["webhook-signature"] = "v1," + to_base64(mac);
    request.received_at = TimePoint(std::chrono::seconds(1788257730));
    return request;
  }
  Result<sdk::Inbound> read(const RawRequest& request) {
    return connector->read_events(request, testing::OpensslKeys({{"webhook_secret", kSecret}}), settings);
  }
};

json handoff(const std::string& type = "handoff.requested") {
  return json{{"type", type}, {"data", {{"conversation", {{"id", "conv_1"}}}}}};
}

TEST_F(Botpress, the_start_of_hitl_is_a_handoff_under_the_integrations_id) {
  const auto inbound = read(signed_request(handoff().dump()));
  ASSERT_TRUE(inbound);
  ASSERT_EQ(inbound->events.size(), 1u);
  EXPECT_EQ(inbound->events[0].id, "hitl_conv_1_m2");
  EXPECT_EQ(inbound->events[0].type, "handoff.requested");
  EXPECT_EQ(inbound->events[0].data, handoff()["data"]);
}

// Sheet, section 4.4: the operation key is the conversation and its last user message.
TEST_F(Botpress, a_start_that_the_studio_replays_is_the_same_event_under_any_id) {
  auto body = handoff();
  body["data"]["transcript"] = {{{"id", "m1"}, {"role", "customer"}, {"text", "Help"}},
                                {{"id", "m2"}, {"role", "customer"}, {"text", "A person, please"}},
                                {{"id", "m3"}, {"role", "ai"}, {"text", "One moment"}}};
  const auto id_of = [&](const json& start, const std::string& webhook_id) {
    const auto inbound = read(signed_request(start.dump(), webhook_id));
    return inbound && inbound->events.size() == 1 ? inbound->events[0].id : "";
  };
  const auto first = id_of(body, "evt_1");
  EXPECT_EQ(id_of(body, "evt_2"), first);
  auto later = body;
  later["data"]["transcript"].push_back({{"id", "m4"}, {"role", "customer"}, {"text", "It is back"}});
  EXPECT_NE(id_of(later, "evt_3"), first) << "the customer has written since";
  auto elsewhere = body;
  elsewhere["data"]["conversation"]["id"] = "conv_2";
  EXPECT_NE(id_of(elsewhere, "evt_1"), first);
  auto message = body;
  message["type"] = "handoff.updated";
  EXPECT_EQ(id_of(message, "evt_5"), "evt_5") << "what is no start has the id it was sent under";
  for (const json& odd :
       {json(), json(5), json::array({7}), json::array({{{"role", "customer"}, {"id", 7}}})}) {
    auto start = handoff();
    start["data"]["transcript"] = odd;
    EXPECT_EQ(id_of(start, "evt_6"), "evt_6") << odd;
  }
}

TEST_F(Botpress, an_event_that_concerns_no_handoff_means_nothing) {
  EXPECT_TRUE(read(signed_request(handoff("webhook.test").dump()))->events.empty());
}

TEST_F(Botpress, forged_late_and_malformed_events_are_refused) {
  auto forged = signed_request(handoff().dump());
  forged.body += " ";
  EXPECT_FALSE(read(forged));
  auto late = signed_request(handoff().dump());
  late.received_at += 301s;
  EXPECT_FALSE(read(late));
  EXPECT_FALSE(read(signed_request(R"({"type":)")));
  EXPECT_FALSE(read(signed_request(R"({"type":"handoff.requested","data":{}})")));
  for (const auto& variant : testing::ill_typed(handoff())) (void)read(signed_request(variant.dump()));
}

json told(const char* type, json data) {
  data["conversation_id"] = "conv_1";
  return {{"type", type}, {"timestamp", "2026-09-01T10:15:29.120Z"}, {"data", std::move(data)}};
}

TEST_F(Botpress, a_message_names_its_conversation_and_who_wrote_it) {
  session.expect("POST", "/").replies(202, json::object());
  ASSERT_TRUE(session.attempt(
      Operation::emit,
      order(told("handoff.message", {{"text", "Hello"}, {"by", {{"id", "U7"}, {"name", "Dana"}}}}))));
  EXPECT_EQ(json::parse(session.sent.at(0).request.body), json::parse(R"({"type":"handoff.message",
                            "data":{"conversation":{"id":"conv_1"},"text":"Hello","by":"Dana"}})"));
}

// Sheet, section 4.4: the integration emits hitlAssigned and hitlStopped.
TEST_F(Botpress, who_has_it_is_told_with_the_words_for_the_customer) {
  session.expect("POST", "/").replies(202, json::object());
  ASSERT_TRUE(session.attempt(
      Operation::emit,
      order(told("handoff.claimed", {{"text", "Dana has it."}, {"by", {{"id", "U7"}, {"name", "Dana"}}}}))));
  EXPECT_EQ(json::parse(session.sent.at(0).request.body), json::parse(R"({"type":"handoff.claimed",
              "data":{"conversation":{"id":"conv_1"},"text":"Dana has it.","by":"Dana","by_id":"U7"}})"));
}

TEST_F(Botpress, an_integration_that_knows_no_claims_still_hears_the_words) {
  session.expect("POST", "/").says(400, R"({"error":"unknown_type"})");
  session.expect("POST", "/").replies(202, json::object());
  ASSERT_TRUE(session.attempt(
      Operation::emit,
      order(told("handoff.claimed", {{"text", "Dana has it."}, {"by", {{"id", "U7"}, {"name", "Dana"}}}}))));
  EXPECT_EQ(json::parse(session.sent.at(1).request.body), json::parse(R"({"type":"handoff.message",
                            "data":{"conversation":{"id":"conv_1"},"text":"Dana has it."}})"));
}

TEST_F(Botpress, a_lost_reply_is_ambiguous_and_the_next_attempt_sends_the_same_bytes) {
  const auto subject = told("handoff.accepted", {{"text", "Hello"}});
  session.expect("POST", "/").loses_reply();
  const auto lost = session.attempt(Operation::emit, order(subject));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, FailureKind::ambiguous);
  session.expect("POST", "/").replies(202, json::object());
  EXPECT_TRUE(session.attempt(Operation::emit, order(subject)));
  ASSERT_EQ(session.sent.size(), 2u);
  EXPECT_EQ(session.sent[0].request, session.sent[1].request);
}

TEST_F(Botpress, a_conversation_goes_back_to_the_bot_with_how_it_was_solved) {
  session.expect("POST", "/").replies(202, json::object());
  ASSERT_TRUE(session.attempt(Operation::emit, order(told("handoff.returned", {{"text", "Goodbye."},
                                                                               {"resolution", "Refunded."},
                                                                               {"did", {"refund"}}}))));
  EXPECT_EQ(json::parse(session.sent.at(0).request.body),
            json::parse(R"({"type":"handoff.returned","data":{"conversation":{"id":"conv_1"},
                            "text":"Goodbye.","resolution":"Refunded."}})"));
}

TEST_F(Botpress, what_says_nothing_or_names_no_conversation_is_not_sent) {
  EXPECT_TRUE(session.attempt(Operation::emit, order(told("handoff.escalated", {{"text", " "}}))));
  EXPECT_FALSE(
      session.attempt(Operation::emit, order({{"type", "handoff.message"}, {"data", {{"text", "Hello"}}}})));
  EXPECT_TRUE(session.sent.empty());
}

TEST_F(Botpress, of_another_event_a_refusal_is_no_failure) {
  session.expect("POST", "/").says(400, R"({"error":"unknown_type"})");
  EXPECT_TRUE(session.attempt(Operation::emit, order(told("decision.made", {{"hand_over", true}}))));
  DirectSession other(*connector);
  other.expect("POST", "/").says(503, "busy");
  EXPECT_FALSE(other.attempt(Operation::emit, order(told("decision.made", {{"hand_over", true}}))));
}

}  // namespace
}  // namespace baton::botpress
