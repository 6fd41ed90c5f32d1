// What integrators of the chat platforms stumbled over (fact sheet ingress, sections 4 to 6 and 10), tried on
// the real connectors behind the real door. Requests are written from the sheet and signed by OpenSSL alone.
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/model/codec.h"
#include "tests/ingress/bench.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton {
namespace botpress {
sdk::ConnectorPtr make_connector();
}
namespace chatwoot {
sdk::ConnectorPtr make_connector();
}
namespace dialogflow {
sdk::ConnectorPtr make_connector();
}
namespace intercom {
sdk::ConnectorPtr make_connector();
}
namespace rasa {
sdk::ConnectorPtr make_connector();
}
namespace slack {
sdk::ConnectorPtr make_connector();
}
namespace sunshine {
sdk::ConnectorPtr make_connector();
}
namespace twilio {
sdk::ConnectorPtr make_connector();
}
}  // namespace baton

namespace baton::ingress {
namespace {

using nlohmann::json;

constexpr auto kSecret = "a-secret-of-the-pitfalls";
constexpr auto kStandardSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";
constexpr auto kTwilioUrl = "https://baton.example.com/v1/in/twilio";
constexpr auto kTwilioChat = "CHcccccccccccccccccccccccccccccccc";

class Pitfalls : public ::testing::Test {
 protected:
  Pitfalls() : bench(store) {
    add(botpress::make_connector(), "webhook_secret", kStandardSecret);
    add(chatwoot::make_connector(), "webhook_secret", kSecret,
        {{"account_id", "1"}, {"baton_user_id", "42"}});
    add(dialogflow::make_connector(), "webhook_token", kSecret);
    add(intercom::make_connector(), "client_secret", kSecret, {{"admin_id", "991"}});
    add(rasa::make_connector(), "url_token", kSecret);
    add(slack::make_connector(), "signing_secret", kSecret, {{"channel", "C0HANDOFFS"}});
    add(sunshine::make_connector(), "webhook_secret", kSecret,
        {{"app_id", "app1"}, {"key_id", "act_1"}, {"bot", "the-bot"}, {"integration", "baton-human"}});
    add(twilio::make_connector(), "auth_token", kSecret,
        {{"account_sid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
         {"webhook_url", kTwilioUrl},
         {"ai_authors", "bot"}});
    door.emplace(bench.parts());
  }

  void add(sdk::ConnectorPtr connector, const char* field, const char* secret,
           sdk::Settings::Values said = {}) {
    auto account = std::make_unique<sdk::Account>();
    const std::string name(connector->manifest().name);
    account->id = DestinationId(name);
    account->connector = connector.get();
    account->settings = baton::testing::settings_for(*connector, std::move(said));
    account->secrets[field].emplace_back(std::string(secret));
    bench.accounts.insert_or_assign(account->id, std::move(account));
    auto& source = bench.sources[name];
    source.name = name;
    source.event_source = "https://" + name + ".example";
    source.platform = DestinationId(name);
    connectors.push_back(std::move(connector));
  }

  Reply knock(RawRequest request) { return *bench.await(door->platform(std::move(request))); }

  std::int64_t seconds() const { return bench.clock.now().time_since_epoch() / 1s; }
  std::string stamp() const { return std::to_string(seconds()); }
  RawRequest to(const std::string& source, std::string body, Headers headers,
                const std::string& query = {}) const {
    RawRequest request("POST", "/v1/in/" + source + query, std::move(body), std::move(headers));
    request.params["source"] = source;
    request.received_at = bench.clock.now();
    return request;
  }

  // Each as the platform proves itself (section 7).
  RawRequest chatwoot_says(const json& body, const std::string& delivery) const {
    const auto text = body.dump();
    return to("chatwoot", text,
              {{"x-chatwoot-timestamp", stamp()},
               {"x-chatwoot-delivery", delivery},
               {"x-chatwoot-signature",
                "sha256=" + to_hex(baton::testing::hmac_sha256(kSecret, stamp() + "." + text))}});
  }
  RawRequest intercom_says(const json& body) const {
    const auto text = body.dump();
    return to("intercom", text,
              {{"x-hub-signature", "sha1=" + to_hex(baton::testing::hmac(EVP_sha1(), kSecret, text))}});
  }
  RawRequest sunshine_says(const std::vector<json>& events) const {
    return to(
        "sunshine",
        json{{"app", {{"id", "app1"}}}, {"webhook", {{"version", "v2"}}}, {"events", json(events)}}.dump(),
        {{"x-api-key", kSecret}});
  }
  RawRequest dialogflow_says(const json& body) const {
    return to("dialogflow", body.dump(), {{"authorization", std::string("Bearer ") + kSecret}});
  }
  RawRequest rasa_says(const json& body) const {
    return to("rasa", body.dump(), {}, std::string("?token=") + kSecret);
  }
  RawRequest twilio_says(const std::map<std::string, std::string>& fields) const {
    std::string body, message = kTwilioUrl;
    for (const auto& [name, value] : fields) {
      body += (body.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
      message += name + value;
    }
    return to("twilio", body,
              {{"content-type", "application/x-www-form-urlencoded"},
               {"x-twilio-signature", to_base64(baton::testing::hmac(EVP_sha1(), kSecret, message))}});
  }
  RawRequest botpress_says(const json& body, const std::string& id) const {
    const auto text = body.dump();
    const auto mac = baton::testing::hmac_sha256(baton::testing::standard_key(kStandardSecret),
                                                 id + "." + stamp() + "." + text);
    return to(
        "botpress", text,
        {{"webhook-id", id}, {"webhook-timestamp", stamp()}, {"webhook-signature", "v1," + to_base64(mac)}});
  }
  RawRequest slack_says(const json& body) const {
    const auto text = body.dump();
    return to("slack", text,
              {{"x-slack-request-timestamp", stamp()},
               {"x-slack-signature",
                "v0=" + to_hex(baton::testing::hmac_sha256(kSecret, "v0:" + stamp() + ":" + text))}});
  }

  // Of each platform what asks for a person, and what concerns no handoff.
  json chatwoot_opened(const char* from = "pending") const {
    return {{"event", "conversation_status_changed"},
            {"id", 8841},
            {"inbox_id", 3},
            {"status", "open"},
            {"meta", {{"sender", {{"id", 907}, {"name", "Jane Roe"}, {"pubsub_token", "pubsub-secret"}}}}},
            {"messages", {{{"id", 55120}, {"content", "I want a person please"}, {"message_type", 0}}}},
            {"timestamp", seconds()},
            {"changed_attributes", {{{"status", {{"previous_value", from}, {"current_value", "open"}}}}}}};
  }
  json intercom_assigned(const std::string& id, const char* topic = "conversation.admin.assigned",
                         const char* state = "escalated") const {
    return {{"type", "notification_event"},
            {"topic", topic},
            {"id", id},
            {"app_id", "ws_abc123"},
            {"created_at", seconds()},
            {"data",
             {{"type", "notification_event_data"},
              {"item",
               {{"type", "conversation"},
                {"id", "215470012"},
                {"ai_agent_participated", true},
                {"ai_agent", {{"resolution_state", state}}},
                {"conversation_parts",
                 {{"conversation_parts", {{{"id", "p1"}, {"author", {{"type", "bot"}, {"id", "5"}}}}}}}}}}}}};
  }
  static json sunshine_event(const std::string& id, const std::string& type, json payload) {
    payload["conversation"]["id"] = "c93bb9c14dde8ffb94564eae";
    return {{"id", id}, {"type", type}, {"createdAt", "2026-09-01T10:15:29.120Z"}, {"payload", payload}};
  }
  static json sunshine_passed(const std::string& id) {
    return sunshine_event(
        id, "switchboard:passControl",
        {{"conversation", {{"activeSwitchboardIntegration", {{"id", "5ef2"}, {"name", "baton-human"}}}}}});
  }
  static json sunshine_message(const std::string& id, const std::string& text) {
    return sunshine_event(id, "conversation:message",
                          {{"message",
                            {{"id", "m-" + id},
                             {"received", "2026-09-01T10:15:30.000Z"},
                             {"author", {{"type", "user"}, {"userId", "7494"}}},
                             {"content", {{"type", "text"}, {"text", text}}}}}});
  }
  static json dialogflow_call(const char* tag = "handoff_to_human") {
    return {{"detectIntentResponseId", "a1b2c3d4-0000"},
            {"fulfillmentInfo", {{"tag", tag}}},
            {"sessionInfo", {{"session", "projects/p/locations/l/agents/a/sessions/s-8841"}}},
            {"text", "I want a person please"}};
  }
  static json rasa_call(const char* action = "action_handoff_to_human") {
    return {{"next_action", action},
            {"sender_id", "user-4471"},
            {"tracker",
             {{"sender_id", "user-4471"},
              {"latest_event_time", 1788257729.12},
              {"events", {{{"event", "user"}, {"timestamp", 1788257725.25}, {"text", "A person please"}}}}}}};
  }
  static std::map<std::string, std::string> twilio_task(const std::string& type = "task.created") {
    return {{"EventType", type},
            {"TaskSid", "WT0123456789abcdef0123456789abcdef"},
            {"TaskAttributes", json{{"conversationSid", kTwilioChat}}.dump()}};
  }
  static json botpress_start() {
    return {{"type", "handoff.requested"}, {"data", {{"conversation", {{"id", "conv_1"}}}}}};
  }
  static json slack_mention(const std::string& id, const char* type = "app_mention") {
    return {{"token", "deprecated-do-not-use"},
            {"type", "event_callback"},
            {"event_id", id},
            {"authorizations", {{{"user_id", "U0BATONBOT"}, {"is_bot", true}}}},
            {"event",
             {{"type", type},
              {"user", "U77"},
              {"channel", "C1"},
              {"ts", "1788257720.000200"},
              {"thread_ts", "1788257700.000300"},
              {"text", "<@U0BATONBOT> a person please"}}}};
  }

  struct Spoken {
    std::string name;
    RawRequest asks, concerns_nothing;
    int taken, refused;  // section 6
  };
  std::vector<Spoken> everybody() const {
    return {{"chatwoot", chatwoot_says(chatwoot_opened(), "d-1"),
             chatwoot_says(chatwoot_opened("snoozed"), "d-2"), 200, 401},
            {"intercom", intercom_says(intercom_assigned("notif_1")),
             intercom_says({{"type", "notification_event"},
                            {"topic", "ping"},
                            {"id", "notif_9"},
                            {"created_at", seconds()}}),
             200, 401},
            {"sunshine", sunshine_says({sunshine_passed("e1")}),
             sunshine_says({sunshine_event("e2", "conversation:read", json::object())}), 200, 401},
            {"dialogflow", dialogflow_says(dialogflow_call()),
             dialogflow_says(dialogflow_call("order_status")), 200, 401},
            {"rasa", rasa_says(rasa_call()), rasa_says(rasa_call("action_conversation_resolved")), 200, 401},
            {"twilio", twilio_says(twilio_task()), twilio_says(twilio_task("task-queue.entered")), 204, 403},
            {"botpress", botpress_says(botpress_start(), "hitl_1"),
             botpress_says({{"type", "webhook.test"}, {"data", json::object()}}, "hitl_2"), 200, 401},
            {"slack", slack_says(slack_mention("Ev1")),
             slack_says(
                 {{"type", "event_callback"}, {"event_id", "Ev2"}, {"event", {{"type", "channel_created"}}}}),
             200, 401}};
  }

  Record only() {
    EXPECT_EQ(store.handoffs.size(), 1u);
    return bench.record(store.handoffs.begin()->first);
  }

  MemoryStore store;
  Bench bench;
  std::vector<sdk::ConnectorPtr> connectors;
  std::optional<Ingress> door;  // once it has all its sources
};

// The sheet's own requests, with the signatures that it computed.
class Vectors : public Pitfalls {
 protected:
  static RawRequest vector(const std::string& name) {
    const auto all = baton::testing::read_vectors("ingress/vectors.json", "../pitfalls/vectors.json");
    const auto& given = all.at("vectors").at(name);
    RawRequest request("POST", "/v1/in/platform", given.at("body").get<std::string>());
    for (const auto& [header, value] : given.at("headers").items())
      request.headers[to_lower(header)] = value.get<std::string>();
    request.received_at = TimePoint(std::chrono::seconds(1788257730));
    return request;
  }
  sdk::Arrival heard(const std::string& platform, const std::string& field, const std::string& secret,
                     const RawRequest& request, const sdk::Settings::Values& said) {
    const auto& connector = *bench.accounts.at(DestinationId(platform))->connector;
    const auto settings = baton::testing::settings_for(connector, said);
    const auto inbound =
        connector.read_events(request, baton::testing::OpensslKeys({{field, secret}}), settings);
    EXPECT_TRUE(inbound) << (inbound ? "" : inbound.error().detail);
    if (!inbound || inbound->events.size() != 1) return sdk::Arrival("", "", nullptr);
    return inbound->events[0];
  }
};

TEST_F(Vectors, of_intercom_is_a_handoff_with_all_that_it_says) {
  const auto event = heard("intercom", "client_secret", "ic_client_secret_5f4e3d",
                           vector("intercom_conversation_admin_assigned"), {{"admin_id", "991"}});
  EXPECT_EQ(event.id, "notif_ac073374-3043-4b52-9d3f-f8201b1f53c1");
  ASSERT_EQ(event.type, "handoff.requested");
  EXPECT_EQ(event.data.at("conversation").at("id"), "215470012");
  EXPECT_EQ(event.data.at("customer"),
            (json{{"id", "user-4471"}, {"name", "Jane Roe"}, {"email", "jane@acme.inc"}}));
  EXPECT_EQ(event.data.at("page").at("url"), "https://shop.example.com/checkout");
  EXPECT_EQ(event.data.at("intent"), (json{{"name", "payment_failed"}}));
  EXPECT_EQ(event.data.at("priority"), "high");
}

TEST_F(Vectors, of_sunshine_is_a_handoff_with_all_that_it_says) {
  const auto event =
      heard("sunshine", "webhook_secret", "8564b3e6a8b20a4bdb68b05ce9bc5936", vector("sunshine_pass_control"),
            {{"app_id", "app1"}, {"key_id", "act_1"}, {"bot", "the-bot"}, {"integration", "baton-human"}});
  EXPECT_EQ(event.id, "64f1c0d2a1b2c3d4e5f60718");
  ASSERT_EQ(event.type, "handoff.requested");
  EXPECT_EQ(event.data.at("intent"), (json{{"name", "payment_failed"},
                                           {"confidence", 0.31},
                                           {"summary", "Card declined twice; asked for a person"}}));
  EXPECT_EQ(event.data.at("attempts").size(), 2u);
}

TEST_F(Vectors, of_dialogflow_is_a_handoff_with_all_that_it_says) {
  auto request = vector("dialogflow_cx_webhook");
  request.headers["authorization"] = "Bearer of-the-test";
  const auto event = heard("dialogflow", "webhook_token", "of-the-test", request, {});
  ASSERT_EQ(event.type, "handoff.requested");
  EXPECT_EQ(event.data.at("conversation").at("id"), "conv-8841");
  EXPECT_EQ(event.data.at("customer").at("id"), "user-4471");
  EXPECT_EQ(event.data.at("intent").at("confidence"), 0.31);
  EXPECT_EQ(event.data.at("sentiment").at("score"), -0.6);
  EXPECT_EQ(event.data.at("page").at("url"), "https://shop.example.com/checkout");
}

// Ada signs with Svix: a source that shares a whsec_ secret needs no connector.
TEST_F(Vectors, of_ada_is_genuine_by_its_svix_headers_and_by_nothing_less) {
  auto request = vector("ada_conversation_message");
  const std::vector<secrets::SigningKey> keys = [] {
    std::vector<secrets::SigningKey> made;
    made.push_back(key_of("whsec_YWRhLWVuZHBvaW50LXNpZ25pbmctc2VjcmV0LTAwMDE="));
    return made;
  }();
  const auto genuine = secrets::verify(request.headers, request.body, keys, request.received_at);
  ASSERT_TRUE(genuine) << genuine.error().detail;
  EXPECT_EQ(genuine->id, "msg_2ldCXt9yJq5kPVkCx4qYFqTuOaX");
  request.headers["webhook-id"] = request.headers["svix-id"];
  EXPECT_FALSE(secrets::verify(request.headers, request.body, keys, request.received_at)) << "a mixture";
}

TEST_F(Pitfalls, each_platform_hears_the_codes_that_it_understands) {
  std::size_t opened = 0;
  for (const auto& [name, asks, concerns_nothing, taken, refused] : everybody()) {
    SCOPED_TRACE(name);
    EXPECT_EQ(knock(concerns_nothing).status, taken) << "not a handoff";
    EXPECT_EQ(store.handoffs.size(), opened);
    bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
    EXPECT_EQ(knock(asks).status, 503) << "never 4xx for what passes: many never come again";
    bench.journal.fails.reset();
    const auto first = knock(asks);
    EXPECT_EQ(first.status, taken) << first.body;
    EXPECT_EQ(store.handoffs.size(), ++opened);
    const auto again = knock(asks);
    EXPECT_EQ(again.status, taken) << "a duplicate";
    EXPECT_EQ(again.body, first.body) << "with the same body";
    EXPECT_EQ(store.handoffs.size(), opened);
  }
}

// Some take a 4xx for the last word, and one drops what it was told 429 for too often.
TEST_F(Pitfalls, whoever_sends_too_much_is_asked_to_come_again_and_never_hears_a_4xx) {
  for (const auto& spoken : everybody()) {
    bench.sources.at(spoken.name).budget = std::make_unique<RateBudget>(1, 1, bench.clock.now());
    EXPECT_EQ(knock(spoken.asks).status, spoken.taken) << spoken.name;
    const auto put_off = knock(spoken.asks);
    EXPECT_EQ(put_off.status, 503) << spoken.name;
    EXPECT_TRUE(put_off.retry_after) << spoken.name;
  }
  EXPECT_EQ(door->figures().not_now, 0u);
}

TEST_F(Pitfalls, what_is_not_genuine_is_refused_before_anything_is_stored) {
  for (auto& [name, asks, concerns_nothing, taken, refused] : everybody()) {
    SCOPED_TRACE(name);
    auto bare = asks;
    bare.headers.clear();
    bare.target = "/v1/in/" + name;
    EXPECT_EQ(knock(bare).status, refused) << "without a proof";
    const bool signs = name != "sunshine" && name != "dialogflow" && name != "rasa";
    if (!signs) continue;
    auto changed = asks;
    changed.body += " ";  // the same JSON: only the raw bytes tell
    EXPECT_EQ(knock(changed).status, refused);
  }
  EXPECT_TRUE(store.handoffs.empty());
}

// A secret that is set but empty would be anybody's (slack-go/slack v0.23.1).
TEST_F(Pitfalls, an_empty_secret_opens_to_nobody) {
  for (const auto& name : {"slack", "chatwoot", "intercom", "sunshine", "dialogflow", "rasa", "twilio"}) {
    auto& secrets = bench.accounts.at(DestinationId(name))->secrets;
    for (auto& [field, values] : secrets) {
      values.clear();
      values.emplace_back(std::string());
    }
    RawRequest request = to(name, "{}", {});
    const std::string mac = to_hex(baton::testing::hmac_sha256("", "v0:" + stamp() + ":{}"));
    request.headers["x-slack-request-timestamp"] = stamp();
    request.headers["x-slack-signature"] = "v0=" + mac;
    request.headers["x-chatwoot-timestamp"] = stamp();
    request.headers["x-chatwoot-signature"] =
        "sha256=" + to_hex(baton::testing::hmac_sha256("", stamp() + ".{}"));
    request.headers["x-hub-signature"] = "sha1=" + to_hex(baton::testing::hmac(EVP_sha1(), "", "{}"));
    request.headers["x-api-key"] = "";
    request.headers["authorization"] = "Bearer ";
    request.headers["x-twilio-signature"] =
        to_base64(baton::testing::hmac(EVP_sha1(), "", std::string(kTwilioUrl) + "{}"));
    const auto status = knock(request).status;
    EXPECT_TRUE(status == 401 || status == 403) << name << " " << status;
  }
}

// Intercom and Sunshine look with HEAD, unsigned, when the address is saved.
TEST_F(Pitfalls, whoever_looks_first_finds_that_the_address_is_there) {
  const auto look = [&](const std::string& source) {
    RawRequest request("HEAD", "/v1/in/" + source);
    request.params["source"] = source;
    return bench.await(door->is_there(std::move(request)))->status;
  };
  EXPECT_EQ(look("intercom"), 200);
  EXPECT_EQ(look("sunshine"), 200);
  EXPECT_EQ(look("nobody"), 404);
}

TEST_F(Pitfalls, several_notices_of_one_intercom_handoff_are_one) {
  knock(intercom_says(intercom_assigned("notif_1")));
  knock(intercom_says(intercom_assigned("notif_2", "conversation.admin.open.assigned")));
  only();
}

TEST_F(Pitfalls, control_and_message_in_one_sunshine_request_are_one_handoff_and_its_update) {
  EXPECT_EQ(knock(sunshine_says({sunshine_passed("e1"), sunshine_message("e2", "hurry")})).status, 200);
  bench.plan();
  const auto data = only().handoff.data;
  EXPECT_EQ(data.at("transcript").at(0).at("text"), "hurry");
  EXPECT_EQ(data.at("customer").at("id"), "7494");
}

// Each of several events by its own id: a request that comes again with one more brings that one.
TEST_F(Pitfalls, a_sunshine_request_that_comes_again_with_one_more_event_brings_that_one) {
  knock(sunshine_says({sunshine_passed("e1"), sunshine_message("e2", "first")}));
  knock(sunshine_says(
      {sunshine_passed("e1"), sunshine_message("e2", "first"), sunshine_message("e3", "second")}));
  bench.plan();
  EXPECT_EQ(only().handoff.data.at("transcript").size(), 2u);
}

// The account's webhook and the agent bot's tell of the same.
TEST_F(Pitfalls, a_chatwoot_handoff_that_bot_and_account_tell_of_is_one) {
  knock(chatwoot_says(chatwoot_opened(), "d-1"));
  auto bot = chatwoot_opened();
  bot["event"] = "conversation_opened";
  bot.erase("changed_attributes");
  knock(chatwoot_says(bot, "d-2"));
  only();
}

TEST_F(Pitfalls, a_slack_wish_that_comes_as_mention_and_message_is_one) {
  knock(slack_says(slack_mention("Ev1")));
  knock(slack_says(slack_mention("Ev2", "message")));
  bench.plan();
  const auto record = only();
  EXPECT_EQ(record.handoff.data.at("transcript").size(), 1u) << record.handoff.data;
}

// A slow answer of ours makes Slack tell it again, a minute later, as a retry.
TEST_F(Pitfalls, what_slack_tells_again_has_no_second_effect) {
  knock(slack_says(slack_mention("Ev1")));
  bench.clock.run(bench.clock.now() + 1min);
  auto again = slack_says(slack_mention("Ev1"));
  again.headers["x-slack-retry-num"] = "2";
  again.headers["x-slack-retry-reason"] = "http_timeout";
  EXPECT_EQ(knock(again).status, 200);
  EXPECT_EQ(only().facts.size(), 1u);
}

// At an uninstallation Slack tells of both, each up to four times.
TEST_F(Pitfalls, a_slack_app_that_is_taken_out_parks_its_destination_once_with_what_to_do) {
  const auto tells = [&](json event, const char* id) {
    return slack_says({{"type", "event_callback"},
                       {"event_id", id},
                       {"event_time", seconds()},
                       {"team_id", "T012ACME"},
                       {"event", std::move(event)}});
  };
  const auto revoked = tells({{"type", "tokens_revoked"}, {"tokens", {{"bot", {"U0BATONBOT"}}}}}, "Ev1");
  const auto gone = tells({{"type", "app_uninstalled"}}, "Ev2");
  const auto began = bench.clock.now();
  EXPECT_EQ(knock(revoked).status, 200);
  bench.clock.run(bench.clock.now() + 1min);
  EXPECT_EQ(knock(gone).status, 200);
  EXPECT_EQ(knock(revoked).status, 200);
  ASSERT_EQ(store.lanes.size(), 1u);
  const auto& lane = store.lanes.at(DestinationId("slack"));
  EXPECT_TRUE(is_parked(lane));
  EXPECT_EQ(lane.since, began) << "once";
  EXPECT_NE(lane.reason.find("install the app again"), std::string::npos) << lane.reason;
  EXPECT_NE(lane.reason.find("resume slack"), std::string::npos) << lane.reason;
}

// The channel of the cards, and not one where a customer talks: the app and its address are the same.
TEST_F(Pitfalls, a_slack_channel_that_is_archived_parks_the_destination_that_posts_there_until_it_is_back) {
  bench.accounts.at(DestinationId("slack"))->settings = baton::testing::settings_for(
      *bench.accounts.at(DestinationId("slack"))->connector, {{"channel", "C0HANDOFFS"}});
  const auto tell = [&](const char* type, const char* channel) {
    const json event = {{"type", type}, {"channel", channel}, {"user", "U1"}};
    return knock(slack_says({{"type", "event_callback"},
                             {"event_id", std::string(type) + channel},
                             {"event_time", seconds()},
                             {"team_id", "T012ACME"},
                             {"event", event}}))
        .status;
  };
  EXPECT_EQ(tell("channel_archive", "C1"), 200) << "a customer's thread was there";
  EXPECT_TRUE(store.lanes.empty());
  const auto began = bench.clock.now();
  EXPECT_EQ(tell("channel_archive", "C0HANDOFFS"), 200);
  bench.clock.run(bench.clock.now() + 1min);
  EXPECT_EQ(tell("channel_archive", "C0HANDOFFS"), 200) << "Slack tells it again";
  const auto& lane = store.lanes.at(DestinationId("slack"));
  EXPECT_TRUE(is_parked(lane));
  EXPECT_EQ(lane.since, began) << "once";
  EXPECT_NE(lane.reason.find("C0HANDOFFS was archived"), std::string::npos) << lane.reason;
  EXPECT_NE(lane.reason.find("unarchive it"), std::string::npos) << lane.reason;
  EXPECT_EQ(tell("channel_unarchive", "C1"), 200);
  EXPECT_TRUE(is_parked(lane));
  EXPECT_EQ(tell("channel_unarchive", "C0HANDOFFS"), 200);
  EXPECT_FALSE(lane.paused);
}

TEST_F(Pitfalls, whoever_accepts_the_task_in_flex_has_the_handoff) {
  knock(twilio_says(twilio_task()));
  bench.plan();
  auto accepted = twilio_task("reservation.accepted");
  accepted.insert({{"ReservationSid", "WR0123456789abcdef0123456789abcdef"},
                   {"WorkerSid", "WK0123456789abcdef0123456789abcdef"},
                   {"WorkerName", "Dana Agent"}});
  EXPECT_EQ(knock(twilio_says(accepted)).status, 204);
  EXPECT_EQ(knock(twilio_says(accepted)).status, 204);
  bench.plan();
  const auto handoff = only().handoff;
  EXPECT_EQ(name(handoff.state), "claimed");
  EXPECT_EQ(handoff.owner, "WK0123456789abcdef0123456789abcdef");
  EXPECT_EQ(handoff.owner_name, "Dana Agent");
}

TEST_F(Pitfalls, a_task_that_is_transferred_in_flex_takes_the_handoff_with_it) {
  knock(twilio_says(twilio_task()));
  bench.plan();
  const auto accepts = [&](const std::string& reservation, const std::string& worker, const char* called) {
    auto accepted = twilio_task("reservation.accepted");
    accepted.insert({{"ReservationSid", "WR" + reservation}, {"WorkerSid", worker}, {"WorkerName", called}});
    EXPECT_EQ(knock(twilio_says(accepted)).status, 204);
    bench.plan();
  };
  const std::string dana = "WK0123456789abcdef0123456789abcdef", lee = "WK89abcdef0123456789abcdef01234567";
  accepts("1", dana, "Dana Agent");
  accepts("2", lee, "Lee Agent");
  EXPECT_EQ(name(only().handoff.state), "claimed");
  EXPECT_EQ(only().handoff.owner, lee);
  EXPECT_EQ(only().handoff.owner_name, "Lee Agent");
  EXPECT_TRUE(only().handoff.refused.empty());
  accepts("1", dana, "Dana Agent");
  EXPECT_EQ(only().handoff.owner, lee) << "told again it has no effect";
}

TEST_F(Pitfalls, tokens_that_vendors_put_into_bodies_are_neither_stored_nor_sent_on) {
  knock(chatwoot_says(chatwoot_opened(), "d-1"));
  knock(slack_says(slack_mention("Ev1")));
  bench.plan();
  for (const auto& [id, stored] : store.handoffs) {
    const auto record = encode(bench.record(id).handoff);
    EXPECT_EQ(record.find("pubsub"), std::string::npos) << record;
    EXPECT_EQ(record.find("deprecated-do-not-use"), std::string::npos) << record;
  }
}

TEST_F(Pitfalls, a_timestamp_of_a_slack_message_keeps_all_its_digits) {
  knock(slack_says(slack_mention("Ev1")));
  knock(slack_says(slack_mention("Ev2", "message")));
  bench.plan();
  const auto handoff = only().handoff;
  EXPECT_EQ(handoff.conversation.text, "C1:1788257700.000300");
  EXPECT_EQ(handoff.data.at("transcript").at(0).at("id"), "1788257720.000200");
}

// Our own writes come back as events: as each platform shows whose they are.
TEST_F(Pitfalls, what_we_wrote_ourselves_is_no_event) {
  knock(chatwoot_says({{"event", "message_created"},
                       {"id", 1},
                       {"content", "x"},
                       {"message_type", "outgoing"},
                       {"sender", {{"id", 42}, {"type", "user"}}},
                       {"conversation", {{"id", 8841}}}},
                      "d-9"));
  auto assigned = intercom_assigned("notif_1");
  assigned["data"]["item"]["conversation_parts"]["conversation_parts"][0]["author"] = {{"type", "admin"},
                                                                                       {"id", "991"}};
  knock(intercom_says(assigned));
  auto passed = sunshine_passed("e1");
  passed["payload"]["metadata"] = {{"baton_handoff_id", "hof_1"}};
  knock(sunshine_says({passed}));
  auto words = slack_mention("Ev3");
  words["event"]["bot_id"] = "B0BATON";
  knock(slack_says(words));
  knock(twilio_says({{"EventType", "onMessageAdded"},
                     {"ConversationSid", kTwilioChat},
                     {"MessageSid", "IM1"},
                     {"Author", "Support"},
                     {"Body", "x"},
                     {"Attributes", R"({"handoff":"requested"})"}}));
  EXPECT_TRUE(store.handoffs.empty());
}

// Events overtake one another: the conversation reads as it was said.
TEST_F(Pitfalls, messages_that_come_out_of_order_stand_in_the_order_in_which_they_were_said) {
  knock(sunshine_says({sunshine_passed("e1")}));
  for (const auto& [id, at] : {std::pair{"e2", "10:15:50"}, {"e3", "10:15:40"}, {"e4", "10:15:45"}}) {
    auto one = sunshine_message(id, at);
    one["payload"]["message"]["received"] = "2026-09-01T" + std::string(at) + ".000Z";
    knock(sunshine_says({one}));
  }
  bench.plan();
  std::vector<std::string> said;
  const auto data = only().handoff.data;
  for (const auto& message : data.at("transcript")) said.push_back(message.at("text"));
  EXPECT_EQ(said, (std::vector<std::string>{"10:15:40", "10:15:45", "10:15:50"}));
}

// Closing the ticket downstream starts HITL again with the message that it began with.
TEST_F(Pitfalls, a_botpress_start_that_is_replayed_after_the_end_opens_nothing) {
  auto start = botpress_start();
  start["data"]["transcript"] = {{{"id", "m1"}, {"role", "customer"}, {"text", "A person please"}}};
  knock(botpress_says(start, "evt_1"));
  bench.end(store.handoffs.begin()->first);
  EXPECT_EQ(knock(botpress_says(start, "evt_2")).status, 200);
  EXPECT_EQ(store.handoffs.size(), 1u);
  start["data"]["transcript"].push_back({{"id", "m2"}, {"role", "customer"}, {"text", "It is back"}});
  knock(botpress_says(start, "evt_3"));
  EXPECT_EQ(store.handoffs.size(), 2u) << "the customer has written since";
}

// Dialogflow tries nothing twice, and Rasa's bot stops at the answer: both must hear of the handoff at once.
TEST_F(Pitfalls, who_waits_for_the_answer_gets_the_handoff_with_it) {
  const auto flow = json::parse(knock(dialogflow_says(dialogflow_call())).body);
  EXPECT_EQ(flow.at("fulfillmentResponse").at("mergeBehavior"), "APPEND");
  const auto id = flow.at("sessionInfo").at("parameters").at("baton_handoff_id");
  EXPECT_TRUE(store.handoffs.contains(HandoffId(id.get<std::string>())));
  EXPECT_EQ(json::parse(knock(dialogflow_says(dialogflow_call("weather"))).body), json::object());
  const auto rasa = json::parse(knock(rasa_says(rasa_call())).body);
  EXPECT_EQ(rasa.at("events").at(0).at("event"), "pause");
}

}  // namespace
}  // namespace baton::ingress
