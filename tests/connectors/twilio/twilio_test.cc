// What Baton asks of Twilio and how its answers read. Source: fact sheet ingress, section 4.7; Twilio's
// OpenAPI document of Conversations.
#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "tests/support/direct_session.h"

namespace baton::twilio {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/chat/tell_customer/1";
const std::string kChat = "CHcccccccccccccccccccccccccccccccc";
const std::string kPath = "/v1/Conversations/" + kChat;
const std::string kMessages = kPath + "/Messages";
const std::string kWebhooks = kPath + "/Webhooks";
const std::string kFlow = "FW" + std::string(32, 'a');
const std::string kHost = "https://conversations.twilio.com";

std::string sid(const std::string& prefix, int n) {
  auto digits = std::to_string(n);
  return prefix + std::string(32 - digits.size(), '0') + digits;
}
json message(int n, const std::string& author, const std::string& text,
             const std::string& attributes = "{}") {
  return {{"sid", sid("IM", n)}, {"conversation_sid", kChat}, {"author", author},
          {"body", text},        {"attributes", attributes},  {"date_created", "2026-09-01T10:15:29Z"},
          {"index", n},          {"media", nullptr}};
}
json page(const char* key, json entries, int number = 0, json next = nullptr) {
  json made = {{"meta", {{"page", number}, {"next_page_url", std::move(next)}, {"key", key}}}};
  made[key] = std::move(entries);
  return made;
}
json messages(std::initializer_list<json> entries, int number = 0, json next = nullptr) {
  return page("messages", json(std::vector<json>(entries)), number, std::move(next));
}
std::string next_url(int number, const std::string& host = kHost) {
  return host + kMessages + "?Order=desc&PageSize=100&Page=" + std::to_string(number) + "&PageToken=PA1";
}
json conversation(json attributes) {
  return {{"sid", kChat}, {"state", "active"}, {"attributes", std::move(attributes)}};
}
std::string keyed(const std::string& key) { return json{{"baton_id", key}}.dump(); }

class Twilio : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings::Values said = {{"account_sid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
                                {"webhook_url", "https://baton.example.com/v1/in/twilio"},
                                {"ai_authors", "ai-bot"}};
  sdk::Settings settings = testing::settings_for(*connector, said);
  DirectSession session{*connector};

  void set(const char* name, const std::string& value) {
    said[name] = value;
    settings = testing::settings_for(*connector, said);
  }
  sdk::Order order(json more = json::object(), json id = kChat) {
    json subject = {{"conversation", {{"id", std::move(id)}}}, {"handoff_id", "hof_1"}};
    subject.update(more);
    return sdk::Order(kId, kId, nullptr, Receipt(), std::move(subject), settings);
  }
  // The form of a request that was sent.
  std::map<std::string, std::string> form(std::size_t n) const {
    std::map<std::string, std::string> fields;
    const auto& body = session.sent.at(n).request.body;
    for (const auto pair : split(body, '&')) {
      const auto equals = pair.find('=');
      fields[*percent_decode(pair.substr(0, equals))] = *percent_decode(pair.substr(equals + 1));
    }
    return fields;
  }
  std::string kind(const Result<Receipt>& result) {
    return result ? "done" : std::string(name(result.error().kind));
  }
};

// --- words to the customer

TEST_F(Twilio, a_message_bears_our_author_and_our_key) {
  session.expect("POST", kMessages).replies(201, message(7, "Support", "x"));
  const auto receipt = session.attempt(Operation::tell_customer,
                                       order({{"text", "I have refunded 12 € & more."}, {"by", "Dana"}}));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, sid("IM", 7));
  EXPECT_EQ(form(0)["Body"], "Dana: I have refunded 12 € & more.");
  EXPECT_EQ(form(0)["Author"], "Support");
  EXPECT_EQ(json::parse(form(0)["Attributes"]), (json{{"baton_id", kId}, {"baton_by", "Dana"}}));
  expect_golden(session.sent[0].request, "twilio/golden/tell_customer.json");
}

TEST_F(Twilio, a_conversation_of_another_service_is_reached_through_it) {
  set("service", "ISbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
  session
      .expect("POST", "/v1/Services/ISbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/Conversations/" + kChat + "/Messages")
      .replies(201, message(7, "Support", "x"));
  EXPECT_TRUE(session.attempt(Operation::tell_customer, order({{"text", "x"}})));
}

TEST_F(Twilio, what_is_no_conversation_becomes_no_part_of_a_path) {
  for (const json& id :
       {json("../../Accounts"), json("CH1"), json(7), json(), json(kChat + "/x"), json("WT1")}) {
    EXPECT_EQ(kind(session.attempt(Operation::tell_customer, order({{"text", "x"}}, id))), "rejected") << id;
    EXPECT_EQ(kind(session.attempt(Operation::take_control, order(json::object(), id))), "rejected") << id;
  }
  EXPECT_EQ(kind(session.attempt(Operation::tell_customer, order({{"text", " \n"}}))), "rejected");
  EXPECT_TRUE(session.sent.empty());
}

TEST_F(Twilio, long_words_go_in_several_messages_of_at_most_1600_characters) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "word" + std::to_string(i) + " ";
  for (int i = 0; i < 3; ++i) session.expect("POST", kMessages).replies(201, message(i, "Support", "x"));
  ASSERT_TRUE(session.attempt(Operation::tell_customer, order({{"text", text}})));
  ASSERT_EQ(session.sent.size(), 3u);
  std::string together;
  std::set<std::string> keys;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_LE(count_code_points(form(i)["Body"]), 1600u);
    together += form(i)["Body"] + " ";
    keys.insert(json::parse(form(i)["Attributes"])["baton_id"]);
  }
  EXPECT_EQ(together, text);
  EXPECT_EQ(keys.size(), 3u);  // each can be looked for by itself
}

TEST_F(Twilio, characters_beyond_the_basic_plane_count_twice_and_none_is_cut_in_two) {
  std::string text;
  for (int i = 0; i < 1601; ++i) text += "😀";
  for (int i = 0; i < 3; ++i) session.expect("POST", kMessages).replies(201, message(i, "Support", "x"));
  ASSERT_TRUE(session.attempt(Operation::tell_customer, order({{"text", text}})));
  EXPECT_EQ(count_code_points(form(0)["Body"]), 800u);
  EXPECT_EQ(form(0)["Body"] + form(1)["Body"] + form(2)["Body"], text);
}

TEST_F(Twilio, there_is_an_end_to_it_and_the_last_message_says_so) {
  for (int i = 0; i < 6; ++i) session.expect("POST", kMessages).replies(201, message(i, "Support", "x"));
  ASSERT_TRUE(session.attempt(Operation::tell_customer, order({{"text", std::string(100'000, 'x')}})));
  EXPECT_TRUE(form(5)["Body"].ends_with("…"));
  EXPECT_EQ(count_code_points(form(5)["Body"]), 1600u);
}

TEST_F(Twilio, a_lost_answer_is_looked_for_through_all_pages) {
  session.expect("POST", kMessages).loses_reply();
  EXPECT_EQ(kind(session.attempt(Operation::tell_customer, order({{"text", "x"}}))), "ambiguous");
  EXPECT_EQ(kind(session.attempt(Operation::tell_customer, order({{"text", "x"}}))),
            "ambiguous");  // too early
  session.now += Duration{1min};
  session.expect("GET", kMessages)
      .replies(200, messages({message(9, "user", "hello?"), message(8, "Support", "x", keyed("hof_2"))}, 0,
                             next_url(1)));
  session.expect("GET", kMessages).replies(200, messages({message(7, "Support", "x", keyed(kId))}, 1));
  const auto receipt = session.attempt(Operation::tell_customer, order({{"text", "x"}}));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, sid("IM", 7));
  EXPECT_EQ(query_value(session.sent[1].request.target, "Order"), "desc");
  EXPECT_EQ(query_value(session.sent[2].request.target, "PageToken"), "PA1");
}

TEST_F(Twilio, only_what_is_proven_absent_is_sent_again_with_the_same_bytes) {
  session.expect("POST", kMessages).loses_reply();
  EXPECT_FALSE(session.attempt(Operation::tell_customer, order({{"text", "x"}})));
  session.now += Duration{1min};
  const json good = messages({message(9, "user", "hi")});
  auto headless = good, bodiless = good, wordless = good, torn = good;
  headless.erase("meta");
  bodiless.erase("messages");
  wordless["messages"][0].erase("attributes");
  torn["messages"][0]["attributes"] = "{\"baton_id";
  auto backwards = messages({message(9, "user", "hi")}, 3, next_url(2));
  auto elsewhere = messages({message(9, "user", "hi")}, 0, next_url(1, "https://evil.example/x"));
  auto other = messages({}, 0, kHost + "/v1/Conversations/CH0/Messages?Page=1");
  for (const auto& bad : {headless, bodiless, wordless, torn, backwards, elsewhere, other}) {
    session.expect("GET", kMessages).replies(200, bad);
    EXPECT_EQ(kind(session.attempt(Operation::tell_customer, order({{"text", "x"}}))), "ambiguous") << bad;
  }
  session.expect("GET", kMessages).replies(200, good);
  session.expect("POST", kMessages).replies(201, message(7, "Support", "x"));
  EXPECT_TRUE(session.attempt(Operation::tell_customer, order({{"text", "x"}})));
  EXPECT_EQ(session.sent.front().request, session.sent.back().request);
}

TEST_F(Twilio, an_answer_that_names_no_message_of_ours_is_no_receipt) {
  auto elsewhere = message(7, "Support", "x");
  elsewhere["conversation_sid"] = sid("CH", 1);
  for (const auto& body : {json::object(), json::array(), json{{"sid", 7}}, json{{"sid", sid("IM", 7)}},
                           elsewhere, json{{"sid", kChat}, {"conversation_sid", kChat}}}) {
    DirectSession fresh(*connector);
    fresh.expect("POST", kMessages).replies(201, body);
    EXPECT_EQ(kind(fresh.attempt(Operation::tell_customer, order({{"text", "x"}}))), "ambiguous") << body;
  }
}

TEST_F(Twilio, what_twilio_says_no_with_decides) {
  const auto after = [&](int status, const char* code, const char* text) {
    DirectSession fresh(*connector);
    fresh.expect("POST", kMessages).replies(status, {{"code", code}, {"message", text}, {"status", status}});
    if (status == 400) fresh.expect("GET", kPath).replies(200, conversation("{}"));
    const auto receipt = fresh.attempt(Operation::tell_customer, order({{"text", "x"}}));
    EXPECT_NE(receipt.error().detail.find(text), std::string::npos);
    return kind(receipt);
  };
  EXPECT_EQ(after(401, "20003", "Authenticate"), "auth_expired");
  EXPECT_EQ(after(404, "20404", "was not found"), "target_gone");
  EXPECT_EQ(after(400, "20001", "Invalid parameter: Body"), "rejected");
  EXPECT_EQ(after(429, "20429", "Too Many Requests"), "rate_limited");
  EXPECT_EQ(after(503, "20503", "busy"), "ambiguous");
  EXPECT_EQ(after(302, "0", "moved"), "misconfigured");
}

// The customer left, or a colleague closed it: each word for them would be work for a person.
TEST_F(Twilio, a_conversation_that_is_closed_has_nobody_to_tell_and_nobody_to_give_it_back_to) {
  auto closed = conversation("{}");
  closed["state"] = "closed";
  const json refusal = {{"code", 20001}, {"message", "whatever it is"}, {"status", 400}};
  session.expect("POST", kMessages).replies(400, refusal);
  session.expect("GET", kPath).replies(200, closed);
  EXPECT_EQ(kind(session.attempt(Operation::tell_customer, order({{"text", "x"}}))), "done");
  DirectSession back(*connector);
  back.expect("GET", kPath).replies(200, closed);
  back.expect("POST", kPath).replies(400, refusal);
  back.expect("GET", kPath).replies(200, closed);
  EXPECT_EQ(kind(back.attempt(Operation::give_back, order())), "done");
  DirectSession unknown(*connector);
  unknown.expect("POST", kMessages).replies(400, refusal);
  unknown.expect("GET", kPath).says(500, "{}");
  EXPECT_EQ(kind(unknown.attempt(Operation::tell_customer, order({{"text", "x"}}))), "rejected");
}

// --- who has the conversation

TEST_F(Twilio, control_is_written_beside_what_others_keep_there) {
  const auto before = json{{"plan", "gold"}, {"baton", {{"control", "ai"}}}}.dump();
  const json after = {{"plan", "gold"},
                      {"baton", {{"control", "human"}, {"handoff_id", "hof_1"}, {"op", kId}}}};
  session.expect("GET", kPath).replies(200, conversation(before));
  session.expect("POST", kPath).replies(200, conversation(after.dump()));
  const auto receipt = session.attempt(Operation::take_control, order());
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, kChat);
  EXPECT_EQ(json::parse(form(1)["Attributes"]), after);
  EXPECT_EQ(form(1).size(), 1u);  // neither state nor name
  expect_golden(session.sent[1].request, "twilio/golden/take_control.json");
}

TEST_F(Twilio, the_bot_gets_it_back_with_how_it_was_solved) {
  const json after = {
      {"baton", {{"control", "ai"}, {"handoff_id", "hof_1"}, {"op", kId}, {"resolution", "Refunded."}}}};
  session.expect("GET", kPath).replies(200, conversation("{}"));
  session.expect("POST", kPath).replies(200, conversation(after.dump()));
  ASSERT_TRUE(session.attempt(Operation::give_back, order({{"text", "Refunded."}})));
  EXPECT_EQ(json::parse(form(1)["Attributes"]), after);
}

TEST_F(Twilio, attributes_that_are_no_object_or_full_are_left_alone) {
  session.expect("GET", kPath).replies(200, conversation("[1,2]"));
  EXPECT_EQ(kind(session.attempt(Operation::take_control, order())), "rejected");
  session.expect("GET", kPath).replies(200, conversation(json{{"a", std::string(16'370, 'x')}}.dump()));
  EXPECT_EQ(kind(session.attempt(Operation::take_control, order())), "rejected");
  // The resolution is the first to go.
  const auto nearly = json{{"a", std::string(15'000, 'x')}};
  session.expect("GET", kPath).replies(200, conversation(nearly.dump()));
  session.expect("POST", kPath).replies(200, conversation(json{{"baton", {{"op", kId}}}}.dump()));
  EXPECT_TRUE(session.attempt(Operation::give_back, order({{"text", std::string(9000, 'y')}})));
  EXPECT_LE(form(3)["Attributes"].size(), 16u * 1024);
  EXPECT_FALSE(json::parse(form(3)["Attributes"])["baton"].contains("resolution"));
}

TEST_F(Twilio, a_lost_answer_about_control_is_looked_up_in_the_conversation) {
  const auto ours = json{{"baton", {{"op", kId}}}}.dump();
  session.expect("GET", kPath).replies(200, conversation("{}"));
  session.expect("POST", kPath).loses_reply();
  EXPECT_FALSE(session.attempt(Operation::take_control, order()));
  session.now += Duration{1min};
  for (const auto& unclear : {json::object(), json{{"sid", kChat}}, conversation(7), conversation("{")}) {
    session.expect("GET", kPath).replies(200, conversation("{}"));
    session.expect("GET", kPath).replies(200, unclear);
    EXPECT_EQ(kind(session.attempt(Operation::take_control, order())), "ambiguous") << unclear;
  }
  session.expect("GET", kPath).replies(200, conversation(ours));
  session.expect("GET", kPath).replies(200, conversation(ours));
  EXPECT_TRUE(session.attempt(Operation::take_control, order()));
  EXPECT_EQ(session.count("POST", kPath), 1);
}

TEST_F(Twilio, an_answer_that_shows_another_holder_is_no_receipt) {
  for (const auto& body : {conversation("{}"), conversation(json{{"baton", {{"op", "other"}}}}.dump()),
                           json{{"sid", sid("CH", 1)}, {"attributes", "{}"}}, json::array()}) {
    DirectSession fresh(*connector);
    fresh.expect("GET", kPath).replies(200, conversation("{}"));
    fresh.expect("POST", kPath).replies(200, body);
    EXPECT_EQ(kind(fresh.attempt(Operation::take_control, order())), "ambiguous") << body;
  }
}

// --- the Studio flow

TEST_F(Twilio, a_studio_flow_hears_the_conversation_again_once) {
  set("studio_flow", kFlow);
  const auto ours = json{{"baton", {{"op", kId}}}}.dump();
  session.expect("GET", kPath).replies(200, conversation("{}"));
  session.expect("POST", kPath).replies(200, conversation(ours));
  session.expect("GET", kWebhooks).replies(200, page("webhooks", json::array()));
  session.expect("POST", kWebhooks).replies(201, {{"sid", sid("WH", 1)}, {"target", "studio"}});
  const auto receipt = session.attempt(Operation::give_back, order());
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, kChat);
  EXPECT_EQ(form(3),
            (std::map<std::string, std::string>{{"Target", "studio"}, {"Configuration.FlowSid", kFlow}}));
}

TEST_F(Twilio, a_flow_that_hears_it_already_is_not_attached_twice) {
  set("studio_flow", kFlow);
  const auto ours = json{{"baton", {{"op", kId}}}}.dump();
  const json webhooks =
      json::array({{{"sid", sid("WH", 1)}, {"target", "webhook"}, {"configuration", {{"url", "x"}}}},
                   {{"sid", sid("WH", 2)}, {"target", "studio"}, {"configuration", {{"flow_sid", kFlow}}}}});
  session.expect("GET", kPath).replies(200, conversation("{}"));
  session.expect("POST", kPath).replies(200, conversation(ours));
  session.expect("GET", kWebhooks).replies(200, page("webhooks", webhooks));
  EXPECT_TRUE(session.attempt(Operation::give_back, order()));
}

// --- the conversation

TEST_F(Twilio, a_transcript_is_all_pages_with_the_oldest_message_first) {
  const auto ours = json{{"baton_id", "k"}, {"baton_by", "Dana"}}.dump();
  session.expect("GET", kMessages)
      .replies(200, messages({message(4, "Support", "Dana: hello", ours), message(3, "system", "joined")}, 0,
                             next_url(1)));
  session.expect("GET", kMessages)
      .replies(200, messages({message(2, "ai-bot", "How can I help?"), message(1, "+15555550123", "hi")}, 1));
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found) << found.error().detail;
  expect_golden(*found, "twilio/golden/transcript.json");
  EXPECT_EQ(query_value(session.sent[0].request.target, "PageSize"), "100");
}

TEST_F(Twilio, media_are_told_by_name_and_type) {
  auto picture = message(1, "+15555550123", "");
  picture["body"] = nullptr;
  picture["media"] =
      json::array({{{"sid", "ME1"}, {"filename", "a.png"}, {"content_type", "image/png"}, {"size", 7}},
                   {{"sid", "ME2"}}});
  session.expect("GET", kMessages).replies(200, messages({picture}));
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->at("transcript")[0]["attachments"],
            (json::array({{{"name", "a.png"}, {"type", "image/png"}}, {{"name", "ME2"}}})));
}

TEST_F(Twilio, of_a_long_conversation_the_newest_500_are_kept) {
  int newest = 5999;
  for (int number = 0; number < 5; ++number) {
    json entries = json::array();
    for (int i = 0; i < 100; ++i, --newest)
      entries.push_back(message(newest, "+1", "m" + std::to_string(newest)));
    session.expect("GET", kMessages).replies(200, page("messages", entries, number, next_url(number + 1)));
  }
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->at("transcript").size(), 500u);
  EXPECT_EQ(found->at("transcript").front()["text"], "m5500");
  EXPECT_EQ(found->at("transcript").back()["text"], "m5999");
}

TEST_F(Twilio, a_page_that_cannot_be_read_is_asked_for_again) {
  for (const auto& body : testing::hostile_bodies(messages({message(1, "+1", "hi")}).dump())) {
    session.expect("GET", kMessages).says(200, body);
    const auto found = session.look(Operation::fetch_transcript, order());
    ASSERT_FALSE(found) << body.substr(0, 80);
    EXPECT_EQ(name(found.error().kind), "retryable");
  }
  for (const auto& odd : testing::ill_typed(messages({message(1, "+1", "hi")}, 0, next_url(1)))) {
    DirectSession fresh(*connector);
    fresh.expect("GET", kMessages).replies(200, odd);
    if (odd["meta"].is_object() && odd["meta"]["next_page_url"].is_string() && odd["meta"]["page"] == 0)
      fresh.expect("GET", kMessages).replies(200, messages({}, 1));
    // Whatever comes of it: nothing breaks.
    const auto found = fresh.look(Operation::fetch_transcript, order());
    if (!found && fresh.sent.size() == 1 && odd["meta"].is_object() &&
        odd["meta"]["next_page_url"].is_string() && odd["meta"]["page"] == 0) {
      (void)testing::run_task(fresh.read(sdk::Read::get(kMessages)));
    }
  }
}

// --- the probe

TEST_F(Twilio, the_probe_tries_the_key_and_whether_messages_come_here) {
  const json webhook = {{"post_webhook_url", "https://baton.example.com/v1/in/twilio"},
                        {"filters", {"onMessageAdded", "onConversationStateUpdated"}}};
  session.expect("GET", "/v1/Configuration/Webhooks").replies(200, webhook);
  const auto fine = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(fine);
  ASSERT_EQ(fine->size(), 5u);
  for (const auto& finding : *fine) EXPECT_TRUE(finding.fine) << finding.what;
  session.expect("GET", "/v1/Configuration/Webhooks")
      .replies(200, {{"post_webhook_url", "https://else.example"}, {"filters", {"onMessageAdded"}}});
  const auto wrong = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(wrong);
  EXPECT_FALSE((*wrong)[2].fine);
  EXPECT_NE((*wrong)[2].remedy.find("https://baton.example.com/v1/in/twilio"), std::string::npos);
  EXPECT_TRUE((*wrong)[3].fine);
  EXPECT_FALSE((*wrong)[4].fine);
}

TEST_F(Twilio, a_refused_key_is_a_finding_and_ends_the_probe) {
  session.expect("GET", "/v1/Configuration/Webhooks").replies(401, {{"code", 20003}});
  const auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 2u);
  EXPECT_FALSE(findings->back().fine);
  EXPECT_FALSE(findings->back().remedy.empty());
}

TEST_F(Twilio, requests_are_made_with_the_auth_token_or_with_an_api_key) {
  const auto basic = std::get<sdk::BasicAuth>(connector->auth(settings));
  EXPECT_EQ(basic.user, "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(basic.field, "auth_token");
  set("api_key", "SK1");
  const auto keyed_auth = std::get<sdk::BasicAuth>(connector->auth(settings));
  EXPECT_EQ(keyed_auth.user, "SK1");
  EXPECT_EQ(keyed_auth.field, "api_secret");
}

}  // namespace
}  // namespace baton::twilio
