// Purpose: Zendesk messaging as a chat platform: what is asked of it, how its answers and webhooks read.
// Source: fact sheets zendesk, section 3.9, and ingress, section 4.3; the official OpenAPI document.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/sunshine/events.h"
#include "connectors/sunshine/wire.h"
#include "gateway/base/text.h"
#include "gateway/ingress/schema.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::sunshine {

sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;

constexpr auto kSecret = "8564b3e6a8b20a4bdb68b05ce9bc5936";
constexpr auto kId = "hof_1/chat/tell_customer/1";
constexpr auto kConversation = "c93bb9c14dde8ffb94564eae";
constexpr auto kMessages = "/v2/apps/app1/conversations/c93bb9c14dde8ffb94564eae/messages";
constexpr auto kPassControl = "/v2/apps/app1/conversations/c93bb9c14dde8ffb94564eae/passControl";

json message(const std::string& id, const std::string& type, const std::string& text,
             const std::string& operation = "") {
  json one = {{"id", id},
              {"received", "2026-09-01T10:15:2" + id.substr(id.size() - 1) + ".000Z"},
              {"author", {{"type", type}}},
              {"content", {{"type", "text"}, {"text", text}}}};
  if (!operation.empty()) one["metadata"] = {{"baton_op_id", operation}};
  return one;
}

json page(std::vector<json> messages, bool more = false) {
  return {{"messages", messages},
          {"meta", {{"hasMore", more}, {"beforeCursor", more ? messages.front()["id"] : json()}}}};
}

class Sunshine : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(
      *connector,
      {{"app_id", "app1"}, {"key_id", "act_1"}, {"bot", "the-bot"}, {"integration", "baton-human"}});
  DirectSession session{*connector};

  sdk::Order order(json subject = {{"text", "A colleague takes over."}}) {
    subject["conversation"] = {{"id", kConversation}};
    subject["handoff_id"] = "hof_1";
    return sdk::Order(kId, kId, nullptr, Receipt(), std::move(subject), settings);
  }
  json body(std::size_t n) const { return json::parse(session.sent.at(n).request.body); }

  Result<sdk::Inbound> read(const json& events, const std::string& key = kSecret) {
    RawRequest request("POST", "/v1/in/chat", json{{"app", {{"id", "app1"}}}, {"events", events}}.dump());
    request.headers["x-api-key"] = key;
    return connector->read_events(request, testing::OpensslKeys({{"webhook_secret", kSecret}}), settings);
  }
  static json event(const std::string& type, json payload) {
    payload["conversation"]["id"] = kConversation;
    return {{"id", "e1"},
            {"createdAt", "2026-09-01T10:15:29.120Z"},
            {"type", type},
            {"payload", std::move(payload)}};
  }
  static json control(const std::string& type, const std::string& key, const std::string& to,
                      json metadata = json::object()) {
    return event(
        type, {{"conversation", {{key, {{"id", "5ef2"}, {"name", to}}}}}, {"metadata", std::move(metadata)}});
  }
};

TEST_F(Sunshine, a_message_is_a_business_that_can_be_found_again) {
  session.expect("POST", kMessages).replies(201, {{"messages", {message("m1", "business", "x")}}});
  EXPECT_EQ(*session.attempt(Operation::tell_customer, order()), Receipt("m1"));
  EXPECT_EQ(body(0), (json{{"author", {{"type", "business"}, {"displayName", "Support"}}},
                           {"content", {{"type", "text"}, {"text", "A colleague takes over."}}},
                           {"metadata", {{"baton_op_id", kId}}}}));
}

TEST_F(Sunshine, a_person_speaks_in_their_own_name) {
  session.expect("POST", kMessages).replies(201, {{"messages", {message("m1", "business", "x")}}});
  ASSERT_TRUE(session.attempt(Operation::tell_customer, order({{"text", "Hello"}, {"by", "Anna"}})));
  EXPECT_EQ(body(0).at("author").at("displayName"), "Anna");
  EXPECT_EQ(body(0).at("metadata"), (json{{"baton_op_id", kId}, {"baton_by", "Anna"}}));
}

// 4,096 characters, of which an emoji may be two: every part bears a key of its own.
TEST_F(Sunshine, long_words_go_in_several_messages_and_none_is_lost) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "\u00e4";
  for (int i = 0; i < 4000; ++i) text += "\U0001f600";
  for (int i = 1; i <= 4; ++i)
    session.expect("POST", kMessages)
        .replies(201, {{"messages", {message("m" + std::to_string(i), "business", "x")}}});
  const auto receipt = session.attempt(Operation::tell_customer, order({{"text", text}}));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, "m4");
  std::string whole;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto said = body(i).at("content").at("text").get<std::string>();
    EXPECT_LE(count_code_points(said), 4096u);
    EXPECT_EQ(body(i).at("metadata").at("baton_op_id"), i == 0 ? kId : kId + ("/" + std::to_string(i + 1)));
    whole += said;
  }
  EXPECT_EQ(whole, text);
}

TEST_F(Sunshine, a_message_without_words_is_not_sent) {
  EXPECT_FALSE(session.attempt(Operation::tell_customer, order({{"text", " "}})));
  EXPECT_TRUE(session.sent.empty());
}

TEST_F(Sunshine, a_lost_answer_is_looked_for_through_all_pages_and_not_sent_twice) {
  session.expect("POST", kMessages).loses_reply();
  EXPECT_FALSE(session.attempt(Operation::tell_customer, order()));
  session.now += Duration{1min};
  session.expect("GET", kMessages)
      .replies(200, page({message("m5", "user", "hello?"), message("m6", "user", "?")}, true));
  session.expect("GET", kMessages).replies(200, page({message("m4", "business", "x", kId)}));
  EXPECT_EQ(*session.attempt(Operation::tell_customer, order()), Receipt("m4"));
  EXPECT_EQ(query_value(session.sent[2].request.target, "page[before]"), "m5");
}

TEST_F(Sunshine, one_that_is_nowhere_is_sent_again_and_one_that_cannot_be_looked_for_is_not) {
  session.expect("POST", kMessages).loses_reply();
  EXPECT_FALSE(session.attempt(Operation::tell_customer, order()));
  session.now += Duration{1min};
  for (const auto* nonsense : {"{}", "[]", "{\"messages\":null}", "{\"messages\":[]}", "<html>"}) {
    session.expect("GET", kMessages).says(200, nonsense);
    const auto unclear = session.attempt(Operation::tell_customer, order());
    ASSERT_FALSE(unclear) << nonsense;
  }
  session.expect("GET", kMessages)
      .replies(200, page({message("m1", "business", "x", "hof_2/chat/tell_customer/1")}));
  session.expect("POST", kMessages).replies(201, {{"messages", {message("m7", "business", "x")}}});
  EXPECT_EQ(*session.attempt(Operation::tell_customer, order()), Receipt("m7"));
}

TEST_F(Sunshine, control_is_passed_to_a_name_and_never_to_next) {
  session.expect("POST", kPassControl).replies(200, json::object());
  ASSERT_TRUE(session.attempt(Operation::take_control, order()));
  DirectSession again(*connector);
  again.expect("POST", kPassControl).replies(200, json::object());
  ASSERT_TRUE(again.attempt(Operation::give_back, order({{"text", "Refunded."}})));
  EXPECT_EQ(body(0).at("switchboardIntegration"), "baton-human");
  const auto back = json::parse(again.sent[0].request.body);
  EXPECT_EQ(back, (json{{"switchboardIntegration", "the-bot"},
                        {"metadata", {{"baton_handoff_id", "hof_1"}, {"baton_resolution", "Refunded."}}}}));
}

TEST_F(Sunshine, the_conversation_is_read_from_its_beginning) {
  session.expect("GET", kMessages)
      .replies(200, page({message("m3", "business", "two"), message("m4", "user", "three")}, true));
  session.expect("GET", kMessages).replies(200, page({message("m2", "user", "one")}));
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found) << found.error().detail;
  std::vector<std::string> texts;
  for (const auto& one : found->at("transcript")) texts.push_back(one.at("text"));
  EXPECT_EQ(texts, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(found->at("transcript")[0].at("role"), "customer");
  EXPECT_EQ(found->at("transcript")[1].at("role"), "agent");
}

TEST_F(Sunshine, roles_are_told_apart) {
  auto bot = message("m1", "business", "x");
  bot["author"]["subtypes"] = {"bot"};
  auto activity = message("m1", "business", "x");
  activity["author"]["subtypes"] = {"activity"};
  EXPECT_EQ(to_message(bot).at("role"), "ai");
  EXPECT_EQ(to_message(activity).at("role"), "system");
  const auto ours = message("m1", "business", "x", kId);
  EXPECT_EQ(to_message(ours).at("role"), "system") << "Baton's own words";
  auto anna = message("m1", "business", "x", kId);
  anna["metadata"]["baton_by"] = "Anna";
  EXPECT_EQ(to_message(anna).at("role"), "agent");
}

json sent_file(std::string name, std::string url = "https://x.example/a.png") {
  return {{"id", "m1"},
          {"author", {{"type", "user"}, {"displayName", std::string(300, 'n')}}},
          {"content",
           {{"type", "image"},
            {"mediaUrl", std::move(url)},
            {"mediaType", "image/png"},
            {"altText", std::move(name)}}}};
}

// The whole transcript is lost with one member that the published schema does not know.
TEST_F(Sunshine, a_customers_picture_fits_the_published_event) {
  static const EventValidator validator;
  for (const auto& one : {sent_file("cart.png"), sent_file(""), sent_file(std::string(400, 'f')),
                          sent_file("long", "https://x.example/" + std::string(3000, 'u'))}) {
    const auto inbound = read(json::array({event("conversation:message", {{"message", one}})}));
    ASSERT_EQ(inbound->events.size(), 1u);
    const auto errors = validator.validate({{"specversion", "1.0"},
                                            {"id", "e1"},
                                            {"source", "chat"},
                                            {"type", "handoff.updated"},
                                            {"data", inbound->events[0].data}});
    for (const auto& error : errors) ADD_FAILURE() << error.pointer << " " << error.detail;
  }
  const auto picture = sent_file("cart.png");
  EXPECT_EQ(to_message(picture).at("attachments"),
            json::array(
                {{{"name", "cart.png"}, {"url", "https://x.example/a.png"}, {"content_type", "image/png"}}}));
}

// A hand-over names no customer; what they wrote does.
TEST_F(Sunshine, the_customer_is_whoever_wrote_last) {
  auto wrote = message("m2", "user", "Help");
  wrote["author"]["userId"] = "7494";
  session.expect("GET", kMessages).replies(200, page({message("m1", "user", "one"), wrote}));
  session.expect("GET", "/v2/apps/app1/users/7494")
      .replies(200,
               {{"user",
                 {{"id", "7494"},
                  {"externalId", "crm-1"},
                  {"profile", {{"givenName", "Ada"}, {"surname", "Byron"}, {"email", "a@b.example"}}}}}});
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->at("customer"), (json{{"id", "crm-1"}, {"name", "Ada Byron"}, {"email", "a@b.example"}}));
  DirectSession without(*connector);
  without.expect("GET", kMessages).replies(200, page({wrote}));
  without.expect("GET", "/v2/apps/app1/users/7494").says(404, "{}");
  EXPECT_EQ(without.look(Operation::fetch_transcript, order())->at("customer"), (json{{"id", "7494"}}));
}

TEST_F(Sunshine, control_that_comes_to_us_is_a_handoff_with_what_the_bot_knows) {
  const json events =
      json::array({control("switchboard:passControl", "activeSwitchboardIntegration", "baton-human",
                           {{"handoff.reason", "low_confidence"},
                            {"handoff.intent", "payment_failed"},
                            {"handoff.confidence", 0.31},
                            {"handoff.aiTried", "retry_payment,clear_cart"}})});
  const auto inbound = read(events);
  ASSERT_TRUE(inbound);
  ASSERT_EQ(inbound->events.size(), 1u);
  const auto& arrival = inbound->events[0];
  EXPECT_EQ(arrival.id, "e1");
  EXPECT_EQ(arrival.type, "handoff.requested");
  EXPECT_EQ(arrival.data.at("conversation").at("id"), kConversation);
  EXPECT_EQ(arrival.data.at("intent").at("name"), "payment_failed");
  EXPECT_EQ(arrival.data.at("intent").at("confidence"), 0.31);
  EXPECT_EQ(arrival.data.at("reason").at("trigger"), "low_confidence");
  EXPECT_EQ(arrival.data.at("attempts").size(), 2u);
}

TEST_F(Sunshine, an_offer_is_a_handoff_and_control_that_goes_to_the_bot_or_nobody_is_an_end) {
  EXPECT_EQ(
      read(json::array({control("switchboard:offerControl", "pendingSwitchboardIntegration", "baton-human")}))
          ->events[0]
          .type,
      "handoff.requested");
  EXPECT_EQ(read(json::array({control("switchboard:passControl", "activeSwitchboardIntegration", "the-bot")}))
                ->events[0]
                .type,
            "conversation.resolved");
  EXPECT_EQ(
      read(json::array({event("switchboard:releaseControl", {{"reason", "ticketClosed"}})}))->events[0].type,
      "conversation.resolved");
}

TEST_F(Sunshine, control_that_goes_to_a_third_is_a_claim_of_people_there_and_no_end) {
  const auto inbound = read(
      json::array({control("switchboard:passControl", "activeSwitchboardIntegration", "zd-agentWorkspace")}));
  EXPECT_TRUE(inbound->events.empty());
  ASSERT_EQ(inbound->signals.size(), 1u);
  const auto& signal = inbound->signals[0];
  EXPECT_EQ(signal.kind, SignalKind::claimed);
  EXPECT_EQ(signal.object_id, kConversation);
  EXPECT_EQ(signal.who, "zd-agentWorkspace");
  EXPECT_EQ(signal.who_name, "Support");
  EXPECT_EQ(signal.about, kAssigned);
  EXPECT_EQ(signal.detail, (json{{"replies", false}}));
}

// Sheet zendesk, section 7.2.
TEST_F(Sunshine, that_the_customer_left_or_the_ticket_was_closed_is_heard) {
  const auto after = [&](const char* activity) {
    auto one = message("m1", "business", "ended");
    one["author"]["subtypes"] = {"activity"};
    one["activity"] = {{"type", activity}};
    const auto inbound = read(json::array({event("conversation:message", {{"message", one}})}));
    return inbound->events.empty() ? sdk::Arrival("", "nothing", nullptr) : inbound->events[0];
  };
  EXPECT_EQ(after("conversation:endedByUser").type, "handoff.cancelled");
  EXPECT_EQ(after("conversation:endedByUser").data.at("by"), "customer");
  EXPECT_EQ(after("ticket:closed").type, "conversation.resolved");
  EXPECT_EQ(after("ticket:closed").data.at("by"), "human");
  EXPECT_EQ(after("ticket:transfer:email").type, "nothing");
}

TEST_F(Sunshine, without_a_bots_name_control_is_released) {
  settings = testing::settings_for(*connector, {{"app_id", "app1"}, {"key_id", "act_1"}});
  session.expect("POST", "/v2/apps/app1/conversations/c93bb9c14dde8ffb94564eae/releaseControl")
      .replies(200, json::object());
  ASSERT_TRUE(session.attempt(Operation::give_back, order({{"text", "Refunded."}})));
  EXPECT_EQ(body(0),
            (json{{"metadata", {{"baton_handoff_id", "hof_1"}, {"baton_resolution", "Refunded."}}}}));
}

TEST_F(Sunshine, our_own_hand_is_no_news) {
  const json ours = {{"baton_handoff_id", "hof_1"}};
  EXPECT_TRUE(
      read(json::array({control("switchboard:passControl", "activeSwitchboardIntegration", "the-bot", ours)}))
          ->events.empty());
  EXPECT_TRUE(read(json::array({control("switchboard:passControl", "activeSwitchboardIntegration",
                                        "baton-human", ours)}))
                  ->events.empty());
  EXPECT_TRUE(
      read(json::array({event("conversation:message", {{"message", message("m1", "business", "x", kId)}})}))
          ->events.empty());
}

TEST_F(Sunshine, a_customers_message_is_an_update) {
  const auto inbound =
      read(json::array({event("conversation:message", {{"message", message("m1", "user", "hurry")}})}));
  ASSERT_EQ(inbound->events.size(), 1u);
  EXPECT_EQ(inbound->events[0].type, "handoff.updated");
  EXPECT_EQ(inbound->events[0].data.at("transcript")[0].at("text"), "hurry");
}

// Sheet, section 3: without `includeFullUser` a message names its author by id alone.
TEST_F(Sunshine, a_customer_of_whom_only_the_id_is_told_is_known_by_it) {
  auto bare = message("m1", "user", "hurry");
  bare["author"]["userId"] = "7494535bff5cef41a15be74d";
  EXPECT_EQ(
      read(json::array({event("conversation:message", {{"message", bare}})}))->events[0].data.at("customer"),
      (json{{"id", "7494535bff5cef41a15be74d"}}));
  auto whole = bare;
  whole["author"]["user"] = {
      {"id", "7494"}, {"externalId", "crm-1"}, {"profile", {{"email", "a@b.example"}}}};
  EXPECT_EQ(
      read(json::array({event("conversation:message", {{"message", whole}})}))->events[0].data.at("customer"),
      (json{{"id", "crm-1"}, {"email", "a@b.example"}}));
  EXPECT_FALSE(read(json::array({event("conversation:message", {{"message", message("m1", "user", "x")}})}))
                   ->events[0]
                   .data.contains("customer"));
}

// Sheet, section 4.3: the metadata are flat and hold strings, numbers or booleans.
TEST_F(Sunshine, a_confidence_written_as_text_is_one) {
  const auto confidence = [&](json given) {
    const auto inbound =
        read(json::array({control("switchboard:passControl", "activeSwitchboardIntegration", "baton-human",
                                  {{"handoff.confidence", std::move(given)}})}));
    return inbound->events[0].data.value("/intent/confidence"_json_pointer, json());
  };
  EXPECT_EQ(confidence("0.31"), 0.31);
  EXPECT_EQ(confidence(1), 1.0);
  for (const json& none : {json("high"), json("0.3x"), json("7"), json(""), json(true), json(-1)})
    EXPECT_EQ(confidence(none), json()) << none;
}

// Zendesk sheet, section 3.9: whoever asks to a hand-over may put metadata there, and gets them back.
TEST_F(Sunshine, a_release_by_our_own_hand_is_no_end) {
  EXPECT_TRUE(read(json::array({event("switchboard:releaseControl",
                                      {{"metadata", {{"baton_handoff_id", "hof_1"}}}})}))
                  ->events.empty());
}

TEST_F(Sunshine, several_events_of_one_request_are_each_under_their_own_id) {
  auto first = control("switchboard:passControl", "activeSwitchboardIntegration", "baton-human");
  auto second = event("conversation:message", {{"message", message("m2", "user", "hurry")}});
  second["id"] = "e2";
  const auto inbound = read(json::array({first, json(7), second}));
  ASSERT_EQ(inbound->events.size(), 2u);
  EXPECT_EQ(inbound->events[0].id, "e1");
  EXPECT_EQ(inbound->events[1].id, "e2");
}

// Failed hand-overs are told under a name that begins alike.
TEST_F(Sunshine, a_hand_over_that_failed_is_neither_handoff_nor_end) {
  for (const auto* type : {"switchboard:passControl:failure", "switchboard:offerControl:failure",
                           "switchboard:releaseControl:failure"}) {
    auto failed = control(type, "activeSwitchboardIntegration", "baton-human");
    failed["payload"]["conversation"]["pendingSwitchboardIntegration"] = {{"name", "baton-human"}};
    EXPECT_TRUE(read(json::array({failed}))->events.empty()) << type;
  }
}

TEST_F(Sunshine, who_does_not_hold_the_secret_is_refused) {
  EXPECT_FALSE(read(json::array(), "guessed"));
  EXPECT_FALSE(read(json::array(), ""));
  EXPECT_TRUE(read(json::array()));
}

TEST_F(Sunshine, whatever_it_sends_nothing_breaks) {
  for (const json& odd : {json(), json(7), json("x"), json::object(), json::array({json::array()})}) {
    for (const auto* type :
         {"switchboard:passControl", "conversation:message", "switchboard:releaseControl", "other"})
      EXPECT_TRUE(read(json::array({{{"id", "e"}, {"type", type}, {"payload", odd}}}))) << odd << type;
    EXPECT_TRUE(read(odd));
  }
}

}  // namespace
}  // namespace baton::sunshine
