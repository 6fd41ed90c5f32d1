#include <gtest/gtest.h>

#include "connectors/chatwoot/webhook.h"
#include "gateway/base/text.h"
#include "gateway/ingress/schema.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::chatwoot {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kSecret = "cw_wh_secret_1b2c3d4e";
constexpr std::int64_t kNow = 1'788'257'730;

json vector() {
  return testing::read_vectors(
      "ingress/vectors.json",
      "chatwoot/data/vectors.json")["vectors"]["chatwoot_conversation_status_changed"];
}

class ChatwootEvents : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(
      *connector, {{"base_url", "https://chat.acme.example"}, {"account_id", "1"}, {"baton_user_id", "42"}});

  // Signed with the sheet's own algorithm.
  static RawRequest signed_request(std::string body, std::string stamp = std::to_string(kNow - 1)) {
    RawRequest request("POST", "/v1/in/chat", std::move(body));
    request.headers["x-chatwoot-timestamp"] = stamp;
    request.headers["x-chatwoot-delivery"] = "7d0b6c0e-52f0-4f43-9a0e-6f6d2a1f8b11";
    request.headers["x-chatwoot-signature"] =
        "sha256=" + to_hex(testing::hmac_sha256(kSecret, stamp + "." + request.body));
    request.received_at = TimePoint(std::chrono::seconds(kNow));
    return request;
  }
  Result<sdk::Inbound> read(const RawRequest& request) {
    const testing::OpensslKeys keys({{"webhook_secret", kSecret}, {"url_token", "f00ba7f00ba7f00ba7"}});
    return connector->read_events(request, keys, settings);
  }
  std::vector<sdk::Arrival> events(const json& body) {
    const auto inbound = read(signed_request(body.dump()));
    EXPECT_TRUE(inbound) << (inbound ? "" : inbound.error().detail);
    if (!inbound) return {};
    EXPECT_EQ(inbound->answer.status, 200);
    for (const auto& arrival : inbound->events) expect_published_shape(arrival);
    return inbound->events;
  }
  static void expect_published_shape(const sdk::Arrival& arrival) {
    static const EventValidator validator;
    const auto errors = validator.validate({{"specversion", "1.0"},
                                            {"id", arrival.id},
                                            {"source", "chat"},
                                            {"type", arrival.type},
                                            {"data", arrival.data}});
    for (const auto& error : errors) ADD_FAILURE() << error.pointer << " " << error.detail;
  }
  static json conversation() { return json::parse(vector()["body"].get<std::string>()); }
  static json status(const char* from, const char* to) {
    auto body = conversation();
    body["status"] = to;
    body["changed_attributes"] = {{{"status", {{"previous_value", from}, {"current_value", to}}}}};
    return body;
  }
  static json message(const char* type, json sender, json more = json::object()) {
    json body = {{"event", "message_created"},
                 {"id", 55121},
                 {"content", "Are you there?"},
                 {"content_type", "text"},
                 {"content_attributes", json::object()},
                 {"message_type", type},
                 {"private", false},
                 {"created_at", "2026-09-01T10:15:40.000Z"},
                 {"sender", std::move(sender)},
                 {"conversation", {{"id", 8841}, {"status", "open"}}},
                 {"account", {{"id", 1}, {"name", "Acme"}}}};
    body.update(more);
    return body;
  }
};

const json kCustomer = {{"id", 907}, {"name", "Jane Roe"}, {"type", "contact"}};
const json kAgent = {{"id", 7}, {"name", "Dana"}, {"type", "user"}};

// --- genuine or not

TEST_F(ChatwootEvents, the_vector_of_the_sheet_is_genuine_and_a_handoff) {
  const auto sample = vector();
  RawRequest request("POST", "/v1/in/chat", sample["body"].get<std::string>());
  for (const auto& [name, value] : sample["headers"].items()) request.headers[to_lower(name)] = value;
  request.received_at = TimePoint(std::chrono::seconds(sample["now_epoch_s"].get<std::int64_t>()));
  const auto inbound = read(request);
  ASSERT_TRUE(inbound) << inbound.error().detail;
  ASSERT_EQ(inbound->events.size(), 1u);
  EXPECT_EQ(inbound->events[0].id, "7d0b6c0e-52f0-4f43-9a0e-6f6d2a1f8b11");
  EXPECT_EQ(inbound->events[0].type, "handoff.requested");
  expect_published_shape(inbound->events[0]);
  testing::expect_golden(inbound->events[0].data, "chatwoot/golden/handoff.json");
}

TEST_F(ChatwootEvents, a_forged_late_or_unsigned_webhook_is_refused) {
  const auto good = signed_request(conversation().dump());
  ASSERT_TRUE(read(good));
  for (std::size_t i = 0; i < good.body.size(); i += 29) {
    auto forged = good;
    forged.body[i] = static_cast<char>(forged.body[i] ^ 1);
    EXPECT_FALSE(read(forged)) << i;
  }
  for (const auto* name : {"x-chatwoot-signature", "x-chatwoot-timestamp"}) {
    auto without = good;
    without.headers.erase(name);
    EXPECT_FALSE(read(without)) << name;
    for (std::size_t i = 0; i < good.headers.at(name).size(); ++i) {
      auto forged = good;
      forged.headers[name][i] = static_cast<char>(forged.headers[name][i] ^ 1);
      EXPECT_FALSE(read(forged)) << name << i;
    }
  }
  for (const auto off : {Duration{6min}, Duration{48h}, Duration{-6min}}) {
    auto late = good;
    late.received_at += off;
    EXPECT_FALSE(read(late)) << off.count();
  }
  EXPECT_FALSE(connector->read_events(good, testing::OpensslKeys({{"webhook_secret", "another"}}), settings));
  EXPECT_FALSE(connector->read_events(good, testing::OpensslKeys({}), settings));
}

TEST_F(ChatwootEvents, a_server_that_does_not_sign_proves_itself_by_its_address) {
  RawRequest request("POST", "/v1/in/chat?token=f00ba7f00ba7f00ba7", conversation().dump());
  request.received_at = TimePoint(std::chrono::seconds(kNow));
  const auto inbound = read(request);
  ASSERT_TRUE(inbound);
  EXPECT_EQ(inbound->events.at(0).id, "opened/8841/1788257725/55120");
  for (const auto* target : {"/v1/in/chat", "/v1/in/chat?token=", "/v1/in/chat?token=f00ba7f00ba7f00ba8"}) {
    request.target = target;
    EXPECT_FALSE(read(request)) << target;
  }
  request.target = "/v1/in/chat?token=";
  EXPECT_FALSE(connector->read_events(request, testing::OpensslKeys({}), settings));
}

TEST_F(ChatwootEvents, what_is_no_json_is_refused_and_what_is_no_event_is_heard_and_forgotten) {
  for (const auto& body : testing::hostile_bodies(conversation().dump())) {
    const auto inbound = read(signed_request(body));
    if (inbound) EXPECT_TRUE(inbound->events.empty()) << body.substr(0, 40);
  }
  for (const auto* event :
       {"conversation_created", "conversation_updated", "contact_created", "webwidget_triggered", ""}) {
    auto body = conversation();
    body["event"] = event;
    EXPECT_TRUE(events(body).empty()) << event;
  }
}

// --- what is a handoff

TEST_F(ChatwootEvents, only_the_way_from_pending_to_open_is_a_handoff) {
  ASSERT_EQ(events(status("pending", "open")).size(), 1u);
  for (const auto* from : {"resolved", "snoozed", "open"})
    EXPECT_TRUE(events(status(from, "open")).empty()) << from;
  EXPECT_TRUE(events(status("resolved", "pending")).empty());
  auto silent = conversation();
  silent.erase("changed_attributes");
  EXPECT_TRUE(events(silent).empty());
}

TEST_F(ChatwootEvents, an_agent_bot_hears_that_the_conversation_was_opened) {
  auto body = conversation();
  body["event"] = "conversation_opened";
  body.erase("changed_attributes");
  const auto heard = events(body);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].type, "handoff.requested");
  EXPECT_EQ(heard[0].data["conversation"]["id"], "8841");
}

TEST_F(ChatwootEvents, tokens_and_pictures_of_the_contact_stay_behind) {
  auto body = conversation();
  body["meta"]["sender"]["pubsub_token"] = "canary-token";
  body["contact_inbox"]["pubsub_token"] = "canary-token";
  const auto heard = events(body);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].data.dump().find("canary-token"), std::string::npos);
}

TEST_F(ChatwootEvents, what_the_bot_says_of_its_reason_is_read_from_custom_attributes) {
  auto body = conversation();
  body["custom_attributes"] = {
      {"ai_reason", "low_confidence"}, {"ai_confidence", 0.2}, {"ai_summary", "Card declined."}};
  auto data = events(body).at(0).data;
  EXPECT_EQ(data["reason"], json({{"trigger", "low_confidence"}}));
  EXPECT_EQ(data["intent"], json({{"confidence", 0.2}, {"summary", "Card declined."}}));
  body["custom_attributes"] = {{"ai_reason", "the printer burns"}, {"ai_confidence", "7"}, {"ai_intent", 5}};
  data = events(body).at(0).data;
  EXPECT_EQ(data["reason"], json({{"trigger", "other"}, {"explanation", "the printer burns"}}));
  EXPECT_FALSE(data.contains("intent"));
}

TEST_F(ChatwootEvents, every_priority_of_chatwoot_has_its_own) {
  const std::pair<json, json> cases[] = {{"low", "low"},       {"medium", "normal"}, {"high", "high"},
                                         {"urgent", "urgent"}, {nullptr, nullptr},   {"odd", nullptr}};
  for (const auto& [theirs, ours] : cases) {
    auto body = conversation();
    body["priority"] = theirs;
    EXPECT_EQ(events(body).at(0).data.value("priority", json()), ours) << theirs;
  }
}

TEST_F(ChatwootEvents, a_conversation_of_odd_types_keeps_what_can_be_read) {
  auto body = conversation();
  for (const auto& variant : testing::ill_typed(body)) {
    const auto inbound = read(signed_request(variant.dump()));
    ASSERT_TRUE(inbound);
    EXPECT_LE(inbound->events.size(), 1u);
  }
}

// --- what follows

TEST_F(ChatwootEvents, what_the_customer_writes_later_adds_to_the_handoff) {
  const auto heard = events(message("incoming", kCustomer));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].type, "handoff.updated");
  EXPECT_EQ(heard[0].id, "message/55121");
  EXPECT_EQ(heard[0].data, json({{"conversation", {{"id", "8841"}}},
                                 {"transcript",
                                  {{{"id", "55121"},
                                    {"role", "customer"},
                                    {"author", "Jane Roe"},
                                    {"at", "2026-09-01T10:15:40.000Z"},
                                    {"text", "Are you there?"}}}}}));
}

TEST_F(ChatwootEvents, an_agents_and_a_bots_words_are_told_apart) {
  EXPECT_EQ(events(message("outgoing", kAgent)).at(0).data["transcript"][0]["role"], "agent");
  const json bot = {{"id", 3}, {"name", "Fin"}, {"type", "agent_bot"}};
  EXPECT_EQ(events(message("outgoing", bot)).at(0).data["transcript"][0]["role"], "ai");
}

TEST_F(ChatwootEvents, our_own_messages_private_notes_and_activities_are_not_heard) {
  const json ourselves = {{"id", 42}, {"name", "Baton"}, {"type", "user"}};
  EXPECT_TRUE(events(message("outgoing", ourselves)).empty());
  EXPECT_TRUE(events(message("outgoing", kAgent,
                             {{"content_attributes", {{"baton_id", "hof_1/chat/tell_customer/1"}}}}))
                  .empty());
  EXPECT_TRUE(events(message("outgoing", kAgent, {{"private", true}})).empty());
  EXPECT_TRUE(events(message("activity", nullptr)).empty());
  EXPECT_TRUE(events(message("template", nullptr)).empty());
  EXPECT_TRUE(events(message("incoming", kCustomer, {{"content", nullptr}})).empty());
  const json same_number = {{"id", 42}, {"name", "Jane"}, {"type", "contact"}};
  EXPECT_EQ(events(message("incoming", same_number)).size(), 1u) << "a contact's id is not a user's";
}

TEST_F(ChatwootEvents, a_file_without_words_is_a_message_too) {
  const json files = {{{"data_url", "https://chat.acme.example/rails/x/cart.png"}, {"file_type", "image"}}};
  const auto heard = events(message("incoming", kCustomer, {{"content", nullptr}, {"attachments", files}}));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].data["transcript"][0]["attachments"][0],
            json({{"name", "cart.png"},
                  {"url", "https://chat.acme.example/rails/x/cart.png"},
                  {"content_type", "image"}}));
}

TEST_F(ChatwootEvents, who_resolved_is_told_by_where_it_stood) {
  auto heard = events(status("open", "resolved"));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].type, "conversation.resolved");
  EXPECT_EQ(heard[0].data["by"], "human");
  EXPECT_EQ(events(status("pending", "resolved")).at(0).data["by"], "ai");
  auto body = conversation();
  body["event"] = "conversation_resolved";
  body["meta"]["assignee"] = {{"id", 7}, {"name", "Dana"}};
  heard = events(body);
  EXPECT_EQ(heard.at(0).data["by"], "human");
  EXPECT_EQ(heard.at(0).data["metadata"]["assignee"], "Dana");
}

// "Mark as pending" is how an agent gives it back to the bot (4.1).
TEST_F(ChatwootEvents, an_agent_who_marks_it_as_pending_is_done_with_it) {
  for (const auto* from : {"open", "snoozed"}) {
    const auto heard = events(status(from, "pending"));
    ASSERT_EQ(heard.size(), 1u) << from;
    EXPECT_EQ(heard[0].type, "conversation.resolved");
    EXPECT_EQ(heard[0].data["by"], "human");
  }
}

// --- what people do there

TEST_F(ChatwootEvents, an_agents_answer_in_the_inbox_is_a_reply_by_the_messages_own_id) {
  const auto signals_of = [&](const json& body) { return read(signed_request(body.dump()))->signals; };
  const auto heard = signals_of(message("outgoing", kAgent));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].kind, SignalKind::replied);
  EXPECT_EQ(heard[0].object_id, "8841");
  EXPECT_EQ(heard[0].who, "7");
  EXPECT_EQ(heard[0].who_name, "Dana");
  EXPECT_EQ(heard[0].text, "Are you there?");
  EXPECT_EQ(heard[0].detail, json({{"reply", "55121"}}));
  const json ourselves = {{"id", 42}, {"name", "Baton"}, {"type", "user"}};
  const json bot = {{"id", 3}, {"name", "Fin"}, {"type", "agent_bot"}};
  EXPECT_TRUE(signals_of(message("outgoing", ourselves)).empty());
  EXPECT_TRUE(signals_of(message("outgoing", bot)).empty());
  EXPECT_TRUE(signals_of(message("outgoing", kAgent, {{"private", true}})).empty());
  EXPECT_TRUE(signals_of(message("outgoing", kAgent, {{"content_attributes", {{"baton_id", "k"}}}})).empty());
  EXPECT_TRUE(signals_of(message("incoming", kCustomer)).empty());
}

TEST_F(ChatwootEvents, whose_the_conversation_becomes_has_it_and_whose_it_was_has_it_no_more) {
  const auto change = [&](json from, json to) {
    auto body = conversation();
    body["event"] = "conversation_updated";
    body["updated_at"] = 1788257730.25;
    body["meta"]["assignee"] = to.is_null() ? json() : json{{"id", to}, {"name", "Dana"}};
    body["changed_attributes"] = {{{"assignee_id", {{"previous_value", from}, {"current_value", to}}}}};
    const auto inbound = read(signed_request(body.dump()));
    EXPECT_TRUE(inbound->events.empty());
    return inbound->signals;
  };
  const auto claims = change(nullptr, 7);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].kind, SignalKind::claimed);
  EXPECT_EQ(claims[0].about, kAssigned);
  EXPECT_EQ(claims[0].who, "7");
  EXPECT_EQ(claims[0].who_name, "Dana");
  EXPECT_EQ(claims[0].object_id, "8841");
  EXPECT_EQ(change(nullptr, 7)[0].id, claims[0].id) << "told twice";
  EXPECT_EQ(change(42, 8)[0].kind, SignalKind::claimed) << "from ourselves";
  const auto released = change(7, nullptr);
  ASSERT_EQ(released.size(), 1u);
  EXPECT_EQ(released[0].kind, SignalKind::released);
  EXPECT_EQ(released[0].who, "7");
  EXPECT_EQ(change(7, 42)[0].kind, SignalKind::released);
  EXPECT_TRUE(change(nullptr, 42).empty()) << "ourselves";
  EXPECT_TRUE(change(42, nullptr).empty()) << "and again";
}

}  // namespace
}  // namespace baton::chatwoot
