// Slack as a chat platform: threads as conversations, and the wish for a person.
#include <gtest/gtest.h>

#include "connectors/slack/events.h"
#include "connectors/slack/thread.h"
#include "connectors/slack/webhook.h"
#include "gateway/ingress/schema.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::slack {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;

constexpr auto kSecret = "8f742231b10e8888abcd99yyyzzz85a5";
constexpr std::int64_t kNow = 1'788'257'729;

RawRequest signed_request(std::string body) {
  RawRequest request("POST", "/v1/in/slack", std::move(body));
  request.headers["x-slack-request-timestamp"] = std::to_string(kNow);
  request.headers["x-slack-signature"] =
      "v0=" + to_hex(testing::hmac_sha256(kSecret, "v0:" + std::to_string(kNow) + ":" + request.body));
  request.received_at = TimePoint(std::chrono::seconds(kNow));
  return request;
}
Result<sdk::Inbound> read(const RawRequest& request, sdk::Settings::Values said = {}) {
  const auto connector = make_connector();
  return connector->read_events(request, testing::OpensslKeys({{"signing_secret", kSecret}}),
                                testing::settings_for(*connector, std::move(said)));
}
Result<sdk::Inbound> read_event(const json& body, const std::string& ask_words = "") {
  return read(signed_request(body.dump()), {{"ask_words", ask_words}});
}
Result<sdk::Inbound> read_payload(const json& payload) {
  return read(signed_request("payload=" + percent_encode(payload.dump())));
}

json message_event() {
  return {{"type", "event_callback"},
          {"event_id", "Ev0123"},
          {"event",
           {{"type", "message"},
            {"user", "U77"},
            {"channel", "C1"},
            {"ts", "1788257720.000200"},
            {"thread_ts", "1788257700.000300"},
            {"text", "still &lt;broken&gt; <https://acme.example|here>"}}}};
}
json click() {
  return {{"type", "block_actions"},
          {"user", {{"id", "U77"}, {"username", "jane"}}},
          {"container",
           {{"message_ts", "1788257710.000100"}, {"channel_id", "C1"}, {"thread_ts", "1788257700.000300"}}},
          {"message", {{"ts", "1788257710.000100"}, {"bot_id", "B1"}, {"text", "Shall I call a person?"}}},
          {"actions", {{{"action_id", "baton_handoff"}, {"action_ts", "1788257729.1"}}}}};
}
json shortcut() {
  return {{"type", "message_action"},
          {"callback_id", "baton_handoff"},
          {"action_ts", "1788257729.2"},
          {"user", {{"id", "U77"}, {"name", "jane"}}},
          {"channel", {{"id", "C1"}}},
          {"message", {{"ts", "1788257710.000100"}, {"user", "U77"}, {"text", "help"}}}};
}

TEST(SlackSource, a_click_on_the_ais_button_asks_for_a_person) {
  const auto inbound = read_payload(click());
  ASSERT_TRUE(inbound) << inbound.error().detail;
  EXPECT_EQ(inbound->answer.status, 200);
  EXPECT_EQ(inbound->answer.body, "");
  ASSERT_EQ(inbound->events.size(), 1u);
  const auto& event = inbound->events[0];
  EXPECT_EQ(event.type, "handoff.requested");
  const json expected = {{"conversation", {{"id", "C1:1788257700.000300"}, {"channel", "slack"}}},
                         {"customer", {{"id", "U77"}, {"name", "jane"}}},
                         {"reason", {{"trigger", "explicit_request"}}},
                         {"metadata", {{"latest_message", "Shall I call a person?"}}}};
  EXPECT_EQ(event.data, expected) << "without a transcript, so that the thread is fetched: " << event.data;
  EXPECT_EQ(read_payload(click())->events[0].id, event.id) << "the same click is the same event";
}

TEST(SlackSource, a_shortcut_on_a_message_without_a_thread_makes_it_the_conversation) {
  const auto inbound = read_payload(shortcut());
  ASSERT_TRUE(inbound);
  ASSERT_EQ(inbound->events.size(), 1u);
  EXPECT_EQ(inbound->events[0].data["conversation"]["id"], "C1:1788257710.000100");
  EXPECT_EQ(inbound->events[0].data["metadata"]["latest_message"], "help");
  EXPECT_FALSE(inbound->events[0].data.contains("transcript"));
}

TEST(SlackSource, what_a_person_writes_in_a_thread_is_added) {
  const auto inbound = read_event(message_event());
  ASSERT_TRUE(inbound);
  ASSERT_EQ(inbound->events.size(), 1u);
  EXPECT_EQ(inbound->events[0].id, "Ev0123");
  EXPECT_EQ(inbound->events[0].type, "handoff.updated");
  EXPECT_EQ(inbound->events[0].data["conversation"]["id"], "C1:1788257700.000300");
  EXPECT_EQ(inbound->events[0].data["transcript"][0]["text"], "still <broken> here (https://acme.example)");
}

json mention() {
  auto body = message_event();
  body["event_id"] = "Ev0456";
  body["event"]["type"] = "app_mention";
  body["event"]["text"] = "<@U0BATONBOT> I want a person";
  return body;
}
RawRequest command(const std::string& name = "/human", const std::string& text = "my+order+is+lost") {
  return signed_request(
      "token=x&team_id=T1&channel_id=C1&channel_name=general&user_id=U77&user_name=jane&command=" +
      percent_encode(name) + "&text=" + text +
      "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2Fx&trigger_id=398.474.80");
}

TEST(SlackSource, to_mention_the_app_asks_for_a_person) {
  const auto inbound = read_event(mention());
  ASSERT_TRUE(inbound) << inbound.error().detail;
  ASSERT_EQ(inbound->events.size(), 1u);
  const auto& event = inbound->events[0];
  EXPECT_EQ(event.type, "handoff.requested");
  const json expected = {{"conversation", {{"id", "C1:1788257700.000300"}, {"channel", "slack"}}},
                         {"customer", {{"id", "U77"}}},
                         {"reason", {{"trigger", "explicit_request"}}},
                         {"metadata", {{"latest_message", "@U0BATONBOT I want a person"}}}};
  EXPECT_EQ(event.data, expected) << "without a transcript, so that the thread is fetched: " << event.data;
}

// Where a handoff is open already the wish changes nothing, and the words must not be lost.
TEST(SlackSource, a_message_that_asks_by_its_words_is_a_message_as_well) {
  auto body = message_event();
  body["event"]["text"] = "where is the human?";
  const auto inbound = read_event(body, "human");
  ASSERT_TRUE(inbound);
  ASSERT_EQ(inbound->events.size(), 2u);
  EXPECT_EQ(inbound->events[0].type, "handoff.requested");
  EXPECT_FALSE(inbound->events[0].data.contains("transcript"));
  EXPECT_EQ(inbound->events[1].type, "handoff.updated");
  EXPECT_EQ(inbound->events[1].id, "Ev0123");
  EXPECT_EQ(inbound->events[1].data["transcript"][0]["text"], "where is the human?");
}

TEST(SlackSource, a_mention_outside_of_threads_begins_one) {
  auto body = mention();
  body["event"].erase("thread_ts");
  EXPECT_EQ(read_event(body)->events.at(0).data["conversation"]["id"], "C1:1788257720.000200");
}

TEST(SlackSource, where_words_are_set_they_ask_and_mentions_alone_do_not) {
  auto body = message_event();
  for (const auto& [text, asks] : std::vector<std::pair<const char*, bool>>{{"A HUMAN please!", true},
                                                                            {"real   person", false},
                                                                            {"a real person", true},
                                                                            {"humanity", false},
                                                                            {"(human)", true},
                                                                            {"inhuman", false},
                                                                            {"\xc3\xbchuman", false},
                                                                            {"", false}}) {
    body["event"]["text"] = text;
    const auto inbound = read_event(body, "human, Real Person ,,");
    ASSERT_EQ(inbound->events.size(), asks ? 2u : 1u) << text;
    EXPECT_EQ(inbound->events[0].type, asks ? "handoff.requested" : "handoff.updated") << text;
  }
  EXPECT_TRUE(read_event(mention(), "human")->events.empty());
}

TEST(SlackSource, a_wish_that_slack_tells_twice_is_one_and_hides_no_other_event) {
  auto as_message = mention();
  as_message["event"]["type"] = "message";
  as_message["event_id"] = "Ev0457";
  EXPECT_EQ(read_event(mention(), "person")->events.at(0).id,
            read_event(as_message, "person")->events.at(0).id);
  EXPECT_NE(read_event(mention())->events.at(0).id, read_event(as_message)->events.at(0).id)
      << "an update under the same id would be taken for the wish";
}

TEST(SlackSource, direct_messages_are_the_conversation_with_that_person) {
  auto body = message_event();
  body["event"].erase("thread_ts");
  body["event"]["channel"] = "D1";
  EXPECT_TRUE(read_event(body)->events.empty()) << "in a channel a word of its own concerns nobody";
  body["event"]["channel_type"] = "im";
  EXPECT_EQ(read_event(body)->events.at(0).data["conversation"]["id"], "U77");
  body["event"]["thread_ts"] = "1788257700.000300";  // an assistant's thread
  EXPECT_EQ(read_event(body)->events.at(0).data["conversation"]["id"], "D1:1788257700.000300");
}

TEST(SlackSource, a_command_asks_for_a_person_who_writes_directly) {
  const auto inbound = read(command());
  ASSERT_TRUE(inbound) << inbound.error().detail;
  EXPECT_EQ(inbound->answer.body, "");
  ASSERT_EQ(inbound->events.size(), 2u);
  const json expected = {{"conversation", {{"id", "U77"}, {"channel", "slack"}}},
                         {"customer", {{"id", "U77"}, {"name", "jane"}}},
                         {"reason", {{"trigger", "explicit_request"}}},
                         {"metadata", {{"latest_message", "my order is lost"}}}};
  EXPECT_EQ(inbound->events[0].data, expected) << inbound->events[0].data;
  const json words = {{"conversation", {{"id", "U77"}, {"channel", "slack"}}},
                      {"transcript",
                       {{{"id", "command/398.474.80"},
                         {"role", "customer"},
                         {"author", "U77"},
                         {"text", "my order is lost"}}}}};
  EXPECT_EQ(inbound->events[1].type, "handoff.updated") << "no history holds what is typed behind a command";
  EXPECT_EQ(inbound->events[1].data, words) << inbound->events[1].data;
  EXPECT_EQ(read(command("/human", ""))->events.size(), 1u);
  EXPECT_TRUE(read(command("/baton"))->events.empty());
  EXPECT_TRUE(read(command(), {{"ask_command", ""}})->events.empty());
  EXPECT_FALSE(read(signed_request("command=%2Fhuman&user_id=U77")))
      << "without a time it cannot be known again";
  auto forged = command();
  forged.body += "x";
  EXPECT_FALSE(read(forged));
}

TEST(SlackSource, what_people_share_or_show_in_the_channel_is_said_as_well) {
  for (const auto* subtype : {"file_share", "thread_broadcast"}) {
    auto body = message_event();
    body["event"]["subtype"] = subtype;
    EXPECT_EQ(read_event(body)->events.size(), 1u) << subtype;
  }
}

TEST(SlackSource, what_the_assistants_container_tells_is_no_wish) {
  for (const auto* type : {"assistant_thread_started", "assistant_thread_context_changed"}) {
    const auto inbound = read_event(
        {{"type", "event_callback"},
         {"event_id", "Ev1"},
         {"event",
          {{"type", type},
           {"assistant_thread", {{"user_id", "U77"}, {"channel_id", "D1"}, {"thread_ts", "1.2"}}}}}});
    ASSERT_TRUE(inbound);
    EXPECT_TRUE(inbound->events.empty()) << type;
  }
}

TEST(SlackSource, every_event_has_the_published_shape) {
  const EventValidator validator;
  auto long_words = message_event();
  long_words["event"]["text"] = std::string(40'000, '<');
  for (const auto& inbound : {read_payload(click()), read_payload(shortcut()), read_event(message_event()),
                              read_event(long_words), read_event(mention()), read(command())}) {
    ASSERT_TRUE(inbound);
    ASSERT_FALSE(inbound->events.empty());
    for (const auto& event : inbound->events) {
      const auto errors = validator.validate({{"specversion", "1.0"},
                                              {"id", event.id},
                                              {"source", "slack"},
                                              {"type", event.type},
                                              {"data", event.data}});
      for (const auto& error : errors) ADD_FAILURE() << event.type << error.pointer << " " << error.detail;
    }
  }
}

TEST(SlackSource, our_own_words_changes_and_words_outside_of_threads_are_none_of_ours) {
  for (const auto& [key, value] : std::vector<std::pair<const char*, json>>{{"bot_id", "B1"},
                                                                            {"subtype", "message_changed"},
                                                                            {"app_id", "A1"},
                                                                            {"thread_ts", ""},
                                                                            {"user", ""},
                                                                            {"type", "reaction_added"}}) {
    auto body = message_event();
    body["event"][key] = value;
    const auto inbound = read_event(body);
    ASSERT_TRUE(inbound) << key;
    EXPECT_TRUE(inbound->events.empty()) << key;
  }
  for (const auto& sample : {message_event(), mention()}) {
    auto ours = sample;
    ours["event"]["metadata"] = {{"event_type", "baton_handoff"}, {"event_payload", json::object()}};
    EXPECT_TRUE(read_event(ours)->events.empty()) << "known by its metadata, whichever app it is";
  }
  auto bots = mention();
  bots["event"]["bot_id"] = "B0AI";
  EXPECT_TRUE(read_event(bots)->events.empty()) << "an AI that mentions us is not a person";
  auto other = click();
  other["actions"][0]["action_id"] = "baton_claim";
  EXPECT_TRUE(read_payload(other)->events.empty());
  auto unknown = shortcut();
  unknown["callback_id"] = "translate";
  EXPECT_TRUE(read_payload(unknown)->events.empty());
}

TEST(SlackSource, a_challenge_is_answered_only_if_it_is_signed) {
  const json body = {{"type", "url_verification"}, {"challenge", "abc"}};
  EXPECT_EQ(read_event(body)->answer.body, "abc");
  auto forged = signed_request(body.dump());
  forged.body += " ";
  ASSERT_FALSE(read(forged));
  EXPECT_EQ(read(forged).error().kind, FailureKind::rejected);
  auto late = signed_request(body.dump());
  late.received_at += 301s;
  EXPECT_FALSE(read(late));
}

TEST(SlackSource, hostile_requests_are_refused_or_empty_and_never_an_event) {
  for (const auto& body : testing::hostile_bodies(message_event().dump())) {
    const auto inbound = read(signed_request(body));
    if (inbound) EXPECT_TRUE(inbound->events.empty()) << body.substr(0, 60);
  }
  for (const auto& sample : {click(), shortcut()})
    for (const auto& variant : testing::ill_typed(sample)) (void)read_payload(variant);
  for (const auto& sample : {message_event(), mention()})
    for (const auto& variant : testing::ill_typed(sample)) (void)read_event(variant, "person");
  auto timeless = mention();
  timeless["event"].erase("ts");
  EXPECT_FALSE(read_event(timeless));
  auto nobody = click();
  nobody.erase("user");
  EXPECT_FALSE(read_payload(nobody));
}

TEST(SlackSource, the_text_of_a_message_is_what_people_read) {
  EXPECT_EQ(plain("<!here> <!subteam^S1|@team> <@U1> <#C1|general> &amp;lt; a <https://x.example>"),
            "@here @@team @U1 #general &lt; a https://x.example");
  EXPECT_EQ(plain("1 < 2 <open"), "1 < 2 <open");
}

class SlackThread : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"channel", "C1"}});
  DirectSession session{*connector};
  sdk::Order order() {
    return sdk::Order("x", "x", nullptr, Receipt(), {{"conversation", {{"id", "C1:1788257700.000300"}}}},
                      settings);
  }
  static json page(std::vector<json> messages, bool more = false) {
    return {{"ok", true}, {"messages", std::move(messages)}, {"has_more", more}};
  }
  static json our_words() {
    return {{"ts", "1788257703.000000"},
            {"user", "UBATON"},
            {"bot_id", "B2"},
            {"text", "x"},
            {"metadata", {{"event_type", "baton_handoff"}, {"event_payload", json::object()}}}};
  }
  static json said(const char* ts, const char* user, const char* bot = "") {
    json message = {{"ts", ts}, {"user", user}, {"text", ts}};
    if (*bot) message["bot_id"] = bot;
    return message;
  }
};

TEST_F(SlackThread, a_thread_is_read_page_by_page_and_each_message_once) {
  session.expect("GET", "/conversations.replies")
      .replies(200, page({said("1788257700.000300", "U77"), said("1788257701.000000", "UBOT", "B1")}, true));
  session.expect("GET", "/conversations.replies")
      .replies(200, page({said("1788257700.000300", "U77"), said("1788257702.000000", "U88"), our_words()}));
  session.expect("GET", "/users.info")
      .replies(200, {{"ok", true},
                     {"user",
                      {{"id", "U77"},
                       {"name", "jane"},
                       {"real_name", "Jane Roe"},
                       {"tz", "Europe/Paris"},
                       {"profile", {{"email", "jane@customer.example"}}}}}});
  auto named = order();
  named.subject["customer"] = {{"id", "U77"}};
  const auto found = session.look(Operation::fetch_transcript, named);
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_EQ((*found)["transcript"].size(), 4u);
  EXPECT_EQ((*found)["transcript"][0]["role"], "customer");
  EXPECT_EQ((*found)["transcript"][1]["role"], "ai");
  EXPECT_EQ((*found)["transcript"][2]["role"], "agent");
  EXPECT_EQ((*found)["transcript"][3]["role"], "system") << "Baton's own";
  const json customer = {
      {"id", "U77"}, {"name", "Jane Roe"}, {"email", "jane@customer.example"}, {"timezone", "Europe/Paris"}};
  EXPECT_EQ((*found)["customer"], customer);
  EXPECT_EQ(session.sent[2].request.target, "/users.info?user=U77");
  EXPECT_NE(session.sent[1].request.target.find("oldest=1788257701.000000"), std::string::npos);
}

// What is fetched is joined with what the event says of the customer, which may be about another of them.
TEST_F(SlackThread, where_several_people_write_nobodys_address_is_told_unless_it_is_known_whose) {
  session.expect("GET", "/conversations.replies")
      .replies(200, page({said("1788257700.000300", "U77"), said("1788257702.000000", "U88")}));
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_FALSE(found->contains("customer"));
  EXPECT_EQ((*found)["transcript"][0]["role"], "customer");
  EXPECT_EQ((*found)["transcript"][1]["role"], "agent");
}

// A shortcut can be used anywhere, and the cards' channel has nothing to do with it: a read that is
// `misconfigured` would park the cards as well.
TEST_F(SlackThread, a_channel_that_the_app_may_not_read_is_that_conversations_alone) {
  for (const auto* code : {"not_in_channel", "channel_not_found", "is_archived", "missing_scope"}) {
    DirectSession one(*connector);
    one.expect("GET", "/conversations.replies").replies(200, {{"ok", false}, {"error", code}});
    EXPECT_EQ(one.look(Operation::fetch_transcript, order()).error().kind, FailureKind::rejected) << code;
  }
  DirectSession direct(*connector);
  direct.expect("POST", "/conversations.open").replies(200, {{"ok", false}, {"error", "missing_scope"}});
  auto person = order();
  person.subject = {{"conversation", {{"id", "U77"}}}};
  EXPECT_EQ(direct.look(Operation::fetch_transcript, person).error().kind, FailureKind::rejected);
  session.expect("GET", "/conversations.replies").replies(200, {{"ok", false}, {"error", "invalid_auth"}});
  EXPECT_EQ(session.look(Operation::fetch_transcript, order()).error().kind, FailureKind::misconfigured);
}

TEST_F(SlackThread, of_a_long_thread_the_newest_500_messages_are_kept) {
  std::vector<json> many;
  for (int i = 0; i < 600; ++i)
    many.push_back(said(std::to_string(1788257700 + i).append(".000000").c_str(), "U77"));
  session.expect("GET", "/conversations.replies").replies(200, page(std::move(many)));
  session.expect("GET", "/users.info")
      .replies(200, {{"ok", false}, {"error", "missing_scope"}, {"needed", "users:read"}});
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found);
  ASSERT_EQ((*found)["transcript"].size(), 500u);
  EXPECT_EQ((*found)["transcript"][499]["id"], "1788258299.000000");
  EXPECT_EQ((*found)["customer"], json({{"id", "U77"}})) << "who cannot be looked up is still somebody";
}

TEST_F(SlackThread, direct_messages_are_read_from_the_newest_and_shown_from_the_oldest) {
  session.expect("POST", "/conversations.open").replies(200, {{"ok", true}, {"channel", {{"id", "D1"}}}});
  auto newest = page({said("1788257702.000000", "U77"), said("1788257701.000000", "UBOT", "B1")}, true);
  newest["response_metadata"]["next_cursor"] = "bmV4dDo=";
  session.expect("GET", "/conversations.history").replies(200, newest);
  session.expect("GET", "/conversations.history").replies(200, page({said("1788257700.000000", "U77")}));
  session.expect("GET", "/users.info").replies(200, {{"ok", true}, {"user", json::object()}});
  auto direct = order();
  direct.subject = {{"conversation", {{"id", "U77"}}}};
  const auto found = session.look(Operation::fetch_transcript, direct);
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_EQ((*found)["transcript"].size(), 3u);
  EXPECT_EQ((*found)["transcript"][0]["id"], "1788257700.000000");
  EXPECT_EQ((*found)["transcript"][2]["id"], "1788257702.000000");
  EXPECT_EQ((*found)["transcript"][1]["role"], "ai");
}

TEST_F(SlackThread, a_thread_that_cannot_be_read_is_a_failure) {
  session.expect("GET", "/conversations.replies").replies(200, {{"ok", true}});
  EXPECT_FALSE(session.look(Operation::fetch_transcript, order()));
  session.expect("GET", "/conversations.replies")
      .replies(200, {{"ok", false}, {"error", "thread_not_found"}});
  EXPECT_EQ(session.look(Operation::fetch_transcript, order()).error().kind, FailureKind::target_gone);
  auto elsewhere = order();
  elsewhere.subject = {{"conversation", {{"id", "conv-1"}}}};
  EXPECT_EQ(session.look(Operation::fetch_transcript, elsewhere).error().kind, FailureKind::rejected);
}

}  // namespace
}  // namespace baton::slack
