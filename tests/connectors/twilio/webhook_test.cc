// What Twilio sends and what it means. Source: fact sheet ingress, sections 3, 4.7, 6 and 10, and its
// vectors.
#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "gateway/ingress/schema.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::twilio {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using Form = std::map<std::string, std::string>;

constexpr auto kAuthToken = "12345678901234567890123456789012";
constexpr auto kUrl = "https://baton.example.com/v1/in/twilio";
constexpr auto kConversation = "CHcccccccccccccccccccccccccccccccc";
constexpr auto kWorkflow = "WWabababababababababababababababab";

json vectors() {
  return testing::read_vectors("ingress/vectors.json", "twilio/data/vectors.json")["vectors"];
}

std::string sign(std::string message, const char* token = kAuthToken) {
  return to_base64(testing::hmac(EVP_sha1(), token, message));
}

class TwilioEvents : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings::Values said = {{"account_sid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
                                {"webhook_url", kUrl},
                                {"ai_authors", "ai-bot, flow-*"},
                                {"agent_authors", "*_40acme_2Ecom"}};

  Result<sdk::Inbound> read(const RawRequest& request) {
    return connector->read_events(request, testing::OpensslKeys({{"auth_token", kAuthToken}}),
                                  testing::settings_for(*connector, said));
  }
  // Signed as the sheet says: the address, then name and value of every field in the order of the names.
  static RawRequest form(const Form& fields, std::string query = {}) {
    std::string body, message = kUrl + query;
    for (const auto& [name, value] : fields) {
      body += (body.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
      message += name + value;
    }
    RawRequest request("POST", "/v1/in/twilio" + query, body);
    request.headers["content-type"] = "application/x-www-form-urlencoded";
    request.headers["x-twilio-signature"] = sign(message);
    return request;
  }
  static RawRequest document(const json& body, std::string claimed = {}) {
    const auto text = body.dump();
    if (claimed.empty()) {
      std::string digest(32, '\0');
      EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                 EVP_sha256(), nullptr);
      claimed = to_hex(digest);
    }
    const auto query = "?bodySHA256=" + claimed;
    RawRequest request("POST", "/v1/in/twilio" + query, text);
    request.headers["x-twilio-signature"] = sign(kUrl + query);
    return request;
  }
  std::vector<sdk::Arrival> heard(const RawRequest& request) {
    const auto inbound = read(request);
    EXPECT_TRUE(inbound) << (inbound ? "" : inbound.error().detail);
    if (!inbound) return {};
    EXPECT_EQ(inbound->answer.status, 204);
    EXPECT_TRUE(inbound->answer.body.empty());
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
  std::string refusal(const RawRequest& request) {
    const auto inbound = read(request);
    EXPECT_FALSE(inbound);
    return inbound ? "" : std::string(name(inbound.error().kind));
  }

  static Form message(std::string author, std::string text, std::string attributes = "{}",
                      std::string source = "SDK") {
    return {{"EventType", "onMessageAdded"},
            {"ConversationSid", kConversation},
            {"MessageSid", "IMdddddddddddddddddddddddddddddddd"},
            {"Author", std::move(author)},
            {"Body", std::move(text)},
            {"Attributes", std::move(attributes)},
            {"DateCreated", "2026-09-01T10:15:29.120Z"},
            {"Index", "7"},
            {"Source", std::move(source)},
            {"RetryCount", "0"}};
  }
  static Form task(std::string type, const json& attributes, Form more = {}) {
    Form fields = {{"EventType", std::move(type)},
                   {"Sid", "EV0123456789abcdef0123456789abcdef"},
                   {"TaskSid", "WT0123456789abcdef0123456789abcdef"},
                   {"TaskPriority", "10"},
                   {"TimestampMs", "1788257729120"},
                   {"WorkflowSid", kWorkflow},
                   {"WorkflowName", "AI handoff"},
                   {"TaskChannelUniqueName", "chat"},
                   {"TaskAttributes", attributes.dump()}};
    for (auto& [name, value] : more) fields[name] = value;
    return fields;
  }
  static json known(json handoff = json::object()) {
    return {{"conversationSid", kConversation}, {"from", "+15555550123"}, {"handoff", std::move(handoff)}};
  }
};

// --- genuine or not

TEST_F(TwilioEvents, the_sheets_vectors_are_genuine) {
  const auto all = vectors();
  for (const auto& [what, vector] : all.items()) {
    if (!what.starts_with("twilio")) continue;
    const auto url = vector["url"].get<std::string>();
    said["webhook_url"] = url;
    const auto path = url.substr(url.find("/ingress"));
    RawRequest request("POST", path, vector["body"].get<std::string>());
    for (const auto& [name, value] : vector["headers"].items()) request.headers[to_lower(name)] = value;
    EXPECT_TRUE(read(request)) << what;
    request.body[3] ^= 1;
    EXPECT_EQ(refusal(request), "rejected") << what;
  }
}

TEST_F(TwilioEvents, a_query_is_signed_and_a_door_that_is_not_the_configured_one_is_not) {
  EXPECT_TRUE(read(form(message("+1", "hi"), "?tenant=acme")));
  auto moved = form(message("+1", "hi"), "?tenant=acme");
  moved.target = "/v1/in/twilio?tenant=other";
  EXPECT_EQ(refusal(moved), "rejected");
  said["webhook_url"] = "https://else.example.com/v1/in/twilio";
  EXPECT_EQ(refusal(form(message("+1", "hi"))), "rejected");
  said["webhook_url"] = "";
  EXPECT_EQ(refusal(form(message("+1", "hi"))), "rejected");
}

TEST_F(TwilioEvents, the_host_header_has_no_say) {
  auto request = form(message("+1", "hi"));
  request.headers["host"] = "evil.example";
  request.headers["x-forwarded-host"] = "evil.example";
  request.target = "/behind/a/proxy";
  EXPECT_TRUE(read(request));
}

TEST_F(TwilioEvents, the_address_may_be_signed_with_its_port_or_without) {
  const auto fields = message("+1", "hi");
  auto request = form(fields);
  std::string params;
  for (const auto& [name, value] : fields) params += name + value;
  request.headers["x-twilio-signature"] = sign("https://baton.example.com:443/v1/in/twilio" + params);
  EXPECT_TRUE(read(request));
  said["webhook_url"] = "https://baton.example.com:8443/v1/in/twilio";
  request.headers["x-twilio-signature"] = sign("https://baton.example.com/v1/in/twilio" + params);
  EXPECT_TRUE(read(request));
  request.headers["x-twilio-signature"] = sign("https://baton.example.com:8443/v1/in/twilio" + params);
  EXPECT_TRUE(read(request));
}

TEST_F(TwilioEvents, a_name_that_stands_twice_is_signed_with_each_of_its_values_once_and_in_order) {
  RawRequest request("POST", "/v1/in/twilio", "EventType=x&A=2&A=1&A=2");
  request.headers["x-twilio-signature"] = sign(std::string(kUrl) + "A1A2EventTypex");
  EXPECT_TRUE(read(request));
}

TEST_F(TwilioEvents, a_document_is_proven_by_the_digest_in_the_address) {
  const json body = {{"handoff", "requested"}, {"conversation", kConversation}};
  EXPECT_TRUE(read(document(body)));
  EXPECT_EQ(refusal(document(body, std::string(64, 'a'))), "rejected");
  auto other = document(body);
  other.body = R"({"handoff":"requested","conversation":"CH00000000000000000000000000000000"})";
  EXPECT_EQ(refusal(other), "rejected");
  // Signed, but nothing says that this body is the one that was signed.
  RawRequest bare("POST", "/v1/in/twilio", body.dump());
  bare.headers["x-twilio-signature"] = sign(kUrl);
  EXPECT_EQ(refusal(bare), "rejected");
}

// Signed by Twilio's own library; the file says which.
TEST_F(TwilioEvents, what_twilios_own_library_signs_is_genuine_and_changed_it_is_not) {
  const auto file = testing::read_data("twilio/data/sdk_vectors.json");
  said["webhook_url"] = file["webhook_url"];
  const testing::OpensslKeys keys({{"auth_token", file["auth_token"]}, {"shared_key", file["shared_key"]}});
  const testing::OpensslKeys without({{"auth_token", file["auth_token"]}});
  const auto settings = testing::settings_for(*connector, said);
  ASSERT_EQ(file["requests"].size(), 6u);
  for (const auto& one : file["requests"]) {
    const auto name = one["name"].get<std::string>();
    RawRequest request("POST", one["target"], one["body"]);
    for (const auto& [field, value] : one["headers"].items()) request.headers[field] = value;
    const auto read = connector->read_events(request, keys, settings);
    EXPECT_TRUE(read) << name << ": " << (read ? "" : read.error().detail);
    const bool shared = request.headers.contains("x-twilio-webhooks-signature-settings");
    EXPECT_EQ(connector->read_events(request, without, settings).has_value(), !shared) << name;
    auto changed = request;
    changed.body.back() = changed.body.back() == 'x' ? 'y' : 'x';
    EXPECT_FALSE(connector->read_events(changed, keys, settings)) << name;
    auto other = request;  // the header is not signed: with another one the
                           // other key is asked for
    if (shared) other.headers.erase("x-twilio-webhooks-signature-settings");
    else other.headers["x-twilio-webhooks-signature-settings"] = "key=x,algorithm=HMAC_SHA256";
    EXPECT_FALSE(connector->read_events(other, keys, settings)) << name;
    other.headers["x-twilio-webhooks-signature-settings"] = "key=x,algorithm=NONE";
    EXPECT_FALSE(connector->read_events(other, keys, settings)) << name;
  }
}

// As Twilio's own library takes them.
TEST_F(TwilioEvents, the_way_of_signing_may_be_named_in_any_spelling_and_an_address_may_hold_a_digest) {
  const auto fields = message("+1", "hi");
  auto request = form(fields);
  request.headers["x-twilio-webhooks-signature-settings"] = "algorithm=hmac_sha1";
  EXPECT_TRUE(read(request));
  request.headers.erase("x-twilio-webhooks-signature-settings");
  request.headers["content-type"] = "application/x-www-form-urlencoded; charset=UTF-8";
  request.target = "/v1/in/twilio?bodySHA256=abc";
  std::string params;
  for (const auto& [name, value] : fields) params += name + value;
  request.headers["x-twilio-signature"] = sign(std::string(kUrl) + "?bodySHA256=abc" + params);
  EXPECT_TRUE(read(request));
  request.body += "&Body=other";
  EXPECT_EQ(refusal(request), "rejected");
}

TEST_F(TwilioEvents, without_signature_or_with_another_accounts_it_is_refused) {
  auto request = form(message("+1", "hi"));
  request.headers["x-twilio-signature"] = sign("x", "other");
  EXPECT_EQ(refusal(request), "rejected");
  request.headers["x-twilio-signature"] = "";
  EXPECT_EQ(refusal(request), "rejected");
  request.headers.erase("x-twilio-signature");
  EXPECT_EQ(refusal(request), "rejected");
  EXPECT_EQ(connector->manifest().refused_status, 403);
}

// --- handoffs

TEST_F(TwilioEvents, a_task_of_the_workflow_is_a_handoff_with_all_that_the_bot_knew) {
  const auto fields = vectors()["twilio_taskrouter_task_created"]["params"].get<Form>();
  const auto events = heard(form(fields));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "handoff.requested");
  const auto& data = events[0].data;
  EXPECT_EQ(data["conversation"]["id"], kConversation);
  EXPECT_EQ(data["conversation"]["channel"], "chat");
  EXPECT_EQ(data["customer"]["id"], "user-4471");
  EXPECT_EQ(data["customer"]["email"], "jane@acme.inc");
  EXPECT_EQ(data["customer"]["attributes"]["phone"], "+15555550123");
  EXPECT_EQ(data["reason"]["trigger"], "low_confidence");
  EXPECT_EQ(data["intent"]["name"], "payment_failed");
  EXPECT_EQ(data["intent"]["confidence"], 0.31);
  EXPECT_EQ(data["metadata"]["task_priority"], "10");
  EXPECT_FALSE(data.contains("transcript"));  // it must be fetched
  EXPECT_FALSE(data.contains("priority"));    // what 10 means is the workspace's own affair
}

TEST_F(TwilioEvents, a_priority_is_what_the_settings_make_of_it_and_the_bots_word_goes_first) {
  said["high_from"] = "10";
  said["urgent_from"] = "50";
  EXPECT_EQ(heard(form(task("task.created", known())))[0].data["priority"], "high");
  EXPECT_EQ(heard(form(task("task.created", known(), {{"TaskPriority", "50"}})))[0].data["priority"],
            "urgent");
  EXPECT_FALSE(
      heard(form(task("task.created", known(), {{"TaskPriority", "9"}})))[0].data.contains("priority"));
  EXPECT_EQ(heard(form(task("task.created", known({{"priority", "low"}}))))[0].data["priority"], "low");
}

TEST_F(TwilioEvents, a_reason_in_other_words_and_what_was_tried_are_kept) {
  const auto data = heard(form(task("task.created", known({{"reason", "card declined twice"},
                                                           {"sentiment", -0.6},
                                                           {"summary", "Wants a refund."},
                                                           {"attempts", {"retry_payment", {{"action", "x"}}}},
                                                           {"page", "https://shop.example/pay"},
                                                           {"confidence", "0.5"}}))))[0]
                        .data;
  EXPECT_EQ(data["reason"], (json{{"trigger", "other"}, {"explanation", "card declined twice"}}));
  EXPECT_EQ(data["sentiment"]["score"], -0.6);
  EXPECT_EQ(data["intent"], (json{{"summary", "Wants a refund."}, {"confidence", 0.5}}));
  EXPECT_EQ(data["attempts"], (json::array({{{"action", "retry_payment"}}, {{"action", "x"}}})));
  EXPECT_EQ(data["page"]["url"], "https://shop.example/pay");
}

TEST_F(TwilioEvents, tasks_of_other_workflows_and_calls_are_none) {
  said["workflow"] = kWorkflow;
  EXPECT_EQ(heard(form(task("task.created", known()))).size(), 1u);
  said["workflow"] = "WW00000000000000000000000000000000";
  EXPECT_TRUE(heard(form(task("task.created", known()))).empty());
  said["workflow"] = "";
  EXPECT_TRUE(heard(form(task("task.created", {{"call_sid", "CA1"}, {"from", "+1555"}}))).empty());
}

TEST_F(TwilioEvents, a_message_of_the_bot_can_hand_over_and_one_of_the_customer_cannot) {
  const auto attributes = R"({"handoff":{"reason":"explicit_request","intent":"refund","priority":"high"}})";
  const auto events = heard(form(message("ai-bot", "I get a colleague.", attributes, "API")));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "handoff.requested");
  EXPECT_EQ(events[0].data["reason"]["trigger"], "explicit_request");
  EXPECT_EQ(events[0].data["priority"], "high");
  EXPECT_EQ(events[0].data["metadata"]["latest_message"], "I get a colleague.");
  EXPECT_FALSE(events[0].data.contains("transcript"));
  const auto forged = heard(form(message("user-4471", "now!", attributes)));
  ASSERT_EQ(forged.size(), 1u);
  EXPECT_EQ(forged[0].type, "handoff.updated");
}

TEST_F(TwilioEvents, a_flows_http_step_hands_over_as_document_or_as_form) {
  const auto events = heard(document({{"handoff", "requested"},
                                      {"conversation", kConversation},
                                      {"id", "IM1"},
                                      {"reason", "attempts"},
                                      {"intent", "refund"},
                                      {"attempts", "reset password, resend mail"},
                                      {"customer", {{"id", "user-1"}, {"email", "a@b.example"}}}}));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "handoff.requested");
  EXPECT_EQ(events[0].data["intent"]["name"], "refund");
  EXPECT_EQ(events[0].data["attempts"].size(), 2u);
  EXPECT_EQ(events[0].data["customer"]["id"], "user-1");
  const auto fields = heard(form(
      {{"handoff", "requested"}, {"conversation", kConversation}, {"id", "IM1"}, {"confidence", "0.2"}}));
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].id, events[0].id);
  EXPECT_EQ(fields[0].data["intent"]["confidence"], 0.2);
}

TEST_F(TwilioEvents, a_step_without_an_id_of_its_own_is_told_apart_by_the_delivery) {
  auto request = document({{"handoff", "requested"}, {"conversation", kConversation}});
  request.headers["i-twilio-idempotency-token"] = "t1";
  const auto first = heard(request)[0].id;
  EXPECT_EQ(heard(request)[0].id, first);
  request.headers["i-twilio-idempotency-token"] = "t2";
  EXPECT_NE(heard(request)[0].id, first);
}

TEST_F(TwilioEvents, a_flow_can_also_end_what_it_began) {
  EXPECT_EQ(heard(document({{"handoff", "cancelled"}, {"conversation", kConversation}}))[0].type,
            "handoff.cancelled");
  const auto resolved =
      heard(document({{"handoff", "resolved"}, {"conversation", kConversation}, {"resolution", "Paid."}}));
  EXPECT_EQ(resolved[0].type, "conversation.resolved");
  EXPECT_EQ(resolved[0].data["by"], "ai");
  EXPECT_EQ(resolved[0].data["resolution"], "Paid.");
  EXPECT_TRUE(heard(document({{"handoff", "danced"}, {"conversation", kConversation}})).empty());
  EXPECT_TRUE(heard(document({{"handoff", "requested"}, {"conversation", "../x"}})).empty());
}

// --- messages

TEST_F(TwilioEvents, a_customers_message_is_an_update) {
  const auto fields = vectors()["twilio_conversations_on_message_added"]["params"].get<Form>();
  const auto events = heard(form(fields));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "handoff.updated");
  EXPECT_EQ(events[0].data["conversation"]["id"], kConversation);
  EXPECT_EQ(events[0].data["transcript"], (json::array({{{"id", "IMdddddddddddddddddddddddddddddddd"},
                                                         {"at", "2026-09-01T10:15:29.120Z"},
                                                         {"role", "customer"},
                                                         {"author", "+15555550123"},
                                                         {"text", "I want a person please"}}})));
}

TEST_F(TwilioEvents, who_speaks_is_told_by_the_author) {
  const auto role = [&](const char* author) {
    return heard(form(message(author, "hi")))[0].data["transcript"][0]["role"];
  };
  EXPECT_EQ(role("ai-bot"), "ai");
  EXPECT_EQ(role("flow-7"), "ai");
  EXPECT_EQ(role("dana_40acme_2Ecom"), "agent");
  EXPECT_EQ(role("user-4471"), "customer");
  EXPECT_EQ(role("whatsapp:+15555550123"), "customer");
  EXPECT_TRUE(heard(form(message("system", "Dana joined"))).empty());
  said["ai_authors"] = "*";  // everybody is nobody
  EXPECT_EQ(role("user-4471"), "customer");
}

TEST_F(TwilioEvents, our_own_words_are_no_news_and_nobody_can_pass_for_us) {
  const auto ours = R"({"baton_id":"hof_1/chat/tell_customer/1","baton_by":"Dana"})";
  EXPECT_TRUE(heard(form(message("Support", "Dana: I am here", ours, "API"))).empty());
  const auto forged = heard(form(message("user-4471", "I was promised a refund", ours)));
  ASSERT_EQ(forged.size(), 1u);
  EXPECT_EQ(forged[0].data["transcript"][0]["role"], "customer");
  EXPECT_EQ(forged[0].data["transcript"][0]["author"], "user-4471");
}

TEST_F(TwilioEvents, a_message_that_is_only_a_picture_is_one) {
  auto fields = message("+15555550123", "");
  fields["Media"] = R"([{"Sid":"ME1","Filename":"receipt.jpg","ContentType":"image/jpeg","Size":7}])";
  const auto events = heard(form(fields));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].data["transcript"][0]["attachments"],
            (json::array({{{"name", "receipt.jpg"}, {"content_type", "image/jpeg"}}})));
  EXPECT_TRUE(heard(form(message("+15555550123", ""))).empty());
}

TEST_F(TwilioEvents, a_repeated_delivery_is_the_same_event) {
  auto first = message("+15555550123", "hi"), second = first;
  second["RetryCount"] = "1";
  EXPECT_EQ(heard(form(first))[0].id, heard(form(second))[0].id);
}

// --- people in Flex

TEST_F(TwilioEvents, who_accepts_the_task_claims_the_conversation_that_it_is_about) {
  const Form worker = {{"WorkerSid", "WK0123456789abcdef0123456789abcdef"},
                       {"WorkerName", "dana@acme.example"},
                       {"ReservationSid", "WR0123456789abcdef0123456789abcdef"}};
  const auto accepted = read(form(task("reservation.accepted", known(), worker)));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->answer.status, 204);
  EXPECT_TRUE(accepted->events.empty());
  ASSERT_EQ(accepted->signals.size(), 1u);
  const auto& signal = accepted->signals[0];
  EXPECT_EQ(signal.kind, SignalKind::claimed);
  EXPECT_EQ(signal.id, "reservation.accepted/WR0123456789abcdef0123456789abcdef");
  EXPECT_EQ(signal.object_id, kConversation);
  EXPECT_EQ(signal.who, "WK0123456789abcdef0123456789abcdef");
  EXPECT_EQ(signal.who_name, "dana@acme.example");
  EXPECT_EQ(signal.about, kAssigned) << "of a transferred task the second worker's is accepted too";
}

TEST_F(TwilioEvents, tasks_without_a_conversation_or_worker_and_those_of_other_workflows_are_nobodys) {
  const Form worker = {{"WorkerSid", "WK1"}, {"WorkerName", "Dana"}, {"ReservationSid", "WR1"}};
  const auto claims = [&](const Form& fields) { return read(form(fields))->signals.size(); };
  EXPECT_EQ(claims(task("reservation.accepted", json::object(), worker)), 0u) << "a call";
  EXPECT_EQ(claims(task("reservation.accepted", known())), 0u);
  for (const auto* type :
       {"reservation.created", "reservation.rejected", "reservation.timeout", "task.completed"})
    EXPECT_EQ(claims(task(type, known(), worker)), 0u) << type;
  said["workflow"] = "WWfffffffffffffffffffffffffffffff";
  EXPECT_EQ(claims(task("reservation.accepted", known(), worker)), 0u);
}

TEST_F(TwilioEvents, what_a_person_writes_in_flex_is_their_answer_and_a_line_of_the_conversation) {
  const auto answered = read(form(message("dana_40acme_2Ecom", "I am on it.")));
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->events.size(), 1u);
  ASSERT_EQ(answered->signals.size(), 1u);
  EXPECT_EQ(answered->signals[0].kind, SignalKind::replied);
  EXPECT_EQ(answered->signals[0].object_id, kConversation);
  EXPECT_EQ(answered->signals[0].who, "dana_40acme_2Ecom");
  EXPECT_EQ(answered->signals[0].text, "I am on it.");
  EXPECT_EQ(answered->signals[0].detail, (json{{"reply", answered->events[0].data["transcript"][0]["id"]}}));
  for (const auto* author : {"+15555550123", "ai-bot", "Support", "system"})
    EXPECT_TRUE(read(form(message(author, "Hello")))->signals.empty()) << author;
}

// --- ends

TEST_F(TwilioEvents, a_completed_task_is_a_resolution_by_a_person) {
  const auto events =
      heard(form(task("task.completed", known(), {{"WorkerName", "Dana Agent"}, {"Reason", "refunded"}})));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "conversation.resolved");
  EXPECT_EQ(events[0].data, (json{{"conversation", {{"id", kConversation}}},
                                  {"by", "human"},
                                  {"resolution", "refunded"},
                                  {"at", "2026-09-01T10:15:29.120Z"},
                                  {"metadata",
                                   {{"assignee", "Dana Agent"},
                                    {"task_sid", "WT0123456789abcdef0123456789abcdef"},
                                    {"open_work", {{"WT0123456789abcdef0123456789abcdef", nullptr}}}}}}));
}

TEST_F(TwilioEvents, a_cancelled_task_leaves_the_customer_waiting_and_ends_nothing) {
  const auto events = heard(form(task("task.canceled", known(), {{"Reason", "Task TTL Exceeded"}})));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "handoff.updated");
  EXPECT_EQ(events[0].data["metadata"],
            (json{{"open_work", {{"WT0123456789abcdef0123456789abcdef", nullptr}}}}));
  for (const auto* type :
       {"task-queue.entered", "reservation.created", "reservation.accepted", "onMessageAdd"})
    EXPECT_TRUE(heard(form(task(type, known()))).empty()) << type;
}

TEST_F(TwilioEvents, a_closed_conversation_is_over_by_whom_the_attributes_say) {
  Form state = {{"EventType", "onConversationStateUpdated"},
                {"ConversationSid", kConversation},
                {"StateFrom", "active"},
                {"StateTo", "closed"},
                {"DateUpdated", "2026-09-01T10:20:00Z"},
                {"Attributes", R"({"baton":{"control":"human"}})"}};
  const auto closed = heard(form(state));
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].type, "conversation.resolved");
  EXPECT_EQ(closed[0].data["by"], "human");
  state["Attributes"] = R"({"baton":{"control":"ai"}})";
  EXPECT_EQ(heard(form(state))[0].data["by"], "ai");
  state["StateTo"] = "inactive";
  EXPECT_TRUE(heard(form(state)).empty());
}

// --- nonsense, signed

TEST_F(TwilioEvents, whatever_is_signed_nothing_breaks) {
  for (const auto* odd : {"", "{", "[]", "7", "null", "\"x\"", "{\"handoff\":7,\"conversationSid\":[]}",
                          "{\"handoff\":{\"attempts\":{},\"confidence\":[],\"page\":7,\"sentiment\":\"\"},"
                          "\"customers\":7,\"from\":{}}"}) {
    for (const auto* type :
         {"task.created", "task.completed", "onMessageAdded", "onConversationStateUpdated", ""}) {
      const Form fields = {{"EventType", type},      {"TaskAttributes", odd}, {"Attributes", odd},
                           {"Media", odd},           {"TaskSid", "WT1"},      {"MessageSid", "IM1"},
                           {"ConversationSid", odd}, {"TaskPriority", odd},   {"TimestampMs", odd},
                           {"handoff", odd},         {"DateCreated", odd}};
      EXPECT_TRUE(read(form(fields))) << type << " " << odd;
    }
  }
  for (const json& odd : {json(), json(7), json("x"), json::array(), json{{"handoff", json::object()}},
                          json{{"handoff", "requested"}, {"conversation", 7}}}) {
    EXPECT_TRUE(read(document(odd))) << odd;
  }
  for (const auto* body : {"%", "a=%zz", "=", "&&&", "a", "\xff=\xff"}) {
    RawRequest request("POST", "/v1/in/twilio", body);
    request.headers["x-twilio-signature"] = sign(kUrl);
    (void)read(request);
  }
}

}  // namespace
}  // namespace baton::twilio
