#include <gtest/gtest.h>

#include "connectors/chatwoot/wire.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"

namespace baton::chatwoot {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/chat/tell_customer/1";
constexpr auto kMessages = "/api/v1/accounts/1/conversations/8841/messages";
constexpr auto kStatus = "/api/v1/accounts/1/conversations/8841/toggle_status";
constexpr auto kConversation = "/api/v1/accounts/1/conversations/8841";
constexpr auto kAssignments = "/api/v1/accounts/1/conversations/8841/assignments";
constexpr auto kUrl = "https://chat.acme.example/app/accounts/1/conversations/8841";

json message(int id, const std::string& text, int type = 0, json more = json::object()) {
  json made = {{"id", id},
               {"content", text},
               {"message_type", type},
               {"private", false},
               {"created_at", 1788257700 + id},
               {"content_attributes", json::object()},
               {"attachments", json::array()}};
  made.update(more);
  return made;
}
json page_of(json messages) { return {{"meta", json::object()}, {"payload", std::move(messages)}}; }
json page(std::initializer_list<json> messages) { return page_of(json(std::vector<json>(messages))); }
json empty_page() { return page_of(json::array()); }
json status_answer(const char* status) {
  return {{"meta", json::object()},
          {"payload", {{"success", true}, {"conversation_id", 8841}, {"current_status", status}}}};
}

class Chatwoot : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(
      *connector, {{"base_url", "https://chat.acme.example"}, {"account_id", "1"}, {"baton_user_id", "42"}});
  DirectSession session{*connector};

  sdk::Order order(json more = json::object(), json conversation = "8841") {
    json subject = {{"conversation", {{"id", std::move(conversation)}}}, {"handoff_id", "hof_1"}};
    subject.update(more);
    return sdk::Order(kId, kId, nullptr, Receipt(), std::move(subject), settings);
  }
  sdk::Order tell(const std::string& text = "Dana has your conversation now.") {
    return order({{"text", text}});
  }
  std::string sent_text(std::size_t i = 0) { return json::parse(session.sent.at(i).request.body)["content"]; }
};

// --- messages

TEST_F(Chatwoot, a_message_to_the_customer_is_public_outgoing_and_bears_our_key) {
  session.expect("POST", kMessages).replies(200, message(55130, "Dana has your conversation now.", 1));
  EXPECT_EQ(*session.attempt(Operation::tell_customer, tell()), Receipt("55130", kUrl));
  expect_golden(session.sent[0].request, "chatwoot/golden/tell_customer.json");
}

TEST_F(Chatwoot, a_lost_reply_is_looked_for_back_to_the_beginning_and_not_sent_again) {
  session.expect("POST", kMessages).loses_reply();
  session.expect("GET", kMessages).replies(200, page({message(55131, "other"), message(55132, "newest")}));
  session.expect("GET", kMessages)
      .replies(200, page({message(55129, "older"),
                          message(55130, "x", 1, {{"content_attributes", {{"baton_id", kId}}}})}));
  EXPECT_EQ(session.attempt(Operation::tell_customer, tell()).error().kind, FailureKind::ambiguous);
  EXPECT_FALSE(session.attempt(Operation::tell_customer, tell())) << "it may still be under way";
  session.now += 10s;
  EXPECT_EQ(session.attempt(Operation::tell_customer, tell())->object_id, "55130");
  EXPECT_EQ(session.count("POST", kMessages), 1);
  EXPECT_TRUE(session.sent[2].request.target.ends_with("?before=55131"));
}

TEST_F(Chatwoot, only_an_empty_page_proves_that_the_message_is_not_there) {
  session.expect("POST", kMessages).loses_reply();
  session.expect("GET", kMessages).replies(200, page({message(55131, "Dana has your conversation now.", 1)}));
  session.expect("GET", kMessages).replies(200, empty_page());
  session.expect("POST", kMessages).replies(200, message(55133, "Dana has your conversation now.", 1));
  EXPECT_FALSE(session.attempt(Operation::tell_customer, tell()));
  session.now += 10s;
  EXPECT_EQ(session.attempt(Operation::tell_customer, tell())->object_id, "55133");
  EXPECT_EQ(session.sent[0].request, session.sent[3].request);
}

TEST_F(Chatwoot, a_list_that_cannot_be_read_proves_nothing) {
  const auto good = page({message(1, "x")});
  for (const auto& body : testing::hostile_bodies(good.dump())) {
    const auto found = match_message(Reply(200, body), kId, "");
    EXPECT_FALSE(found) << body.substr(0, 40);
    EXPECT_FALSE(page_before({"1", "8841"}, Reply(200, body)));
  }
  for (const auto& variant : testing::ill_typed(good)) {
    const auto found = match_message(Reply(200, variant.dump()), kId, "");
    if (found) EXPECT_FALSE(*found) << variant;
  }
}

TEST_F(Chatwoot, an_answer_without_the_message_is_no_receipt) {
  const auto good = message(55130, "x", 1);
  for (const auto& body : testing::hostile_bodies(good.dump())) {
    const auto receipt = read_message(Reply(200, body), kUrl);
    ASSERT_FALSE(receipt) << body.substr(0, 40);
    EXPECT_EQ(receipt.error().kind, FailureKind::ambiguous);
  }
  for (const auto& id : {json(nullptr), json("55130"), json(-1), json(0), json::array()}) {
    auto odd = good;
    odd["id"] = id;
    EXPECT_FALSE(read_message(Reply(200, odd.dump()), kUrl)) << id;
  }
}

TEST_F(Chatwoot, what_a_person_wrote_is_said_in_their_name) {
  session.expect("POST", kMessages).replies(200, message(1, "x", 1));
  EXPECT_TRUE(session.attempt(Operation::tell_customer, order({{"text", "I refund it."}, {"by", "Dana"}})));
  EXPECT_EQ(sent_text(), "Dana: I refund it.");
}

TEST_F(Chatwoot, nothing_in_a_text_runs_as_liquid) {
  for (const auto* text : {"{{ contact.email }}", "{% if true %}x{% endif %}", "{{{{x}}}}", "{%%}", "{{%"}) {
    const auto clean = harmless(text);
    for (const auto* mark : {"{{", "}}", "{%", "%}"}) EXPECT_EQ(clean.find(mark), std::string::npos) << text;
  }
  EXPECT_EQ(harmless("100 % {a} %"), "100 % {a} %");
  session.expect("POST", kMessages).replies(200, message(1, "x", 1));
  EXPECT_TRUE(session.attempt(Operation::tell_customer, order({{"text", "{"}, {"by", "{"}})));
  EXPECT_TRUE(session.sent[0].request.body.find("{{") == std::string::npos ||
              sent_text().find("{{") == std::string::npos);
}

TEST_F(Chatwoot, a_long_text_goes_in_several_messages_and_none_is_lost) {
  std::string text;
  for (int i = 0; i < 14'000; ++i) text += "\u00e4";
  for (int i = 1; i <= 2; ++i) session.expect("POST", kMessages).replies(200, message(i, "x", 1));
  EXPECT_EQ(session.attempt(Operation::tell_customer, tell(text))->object_id, "2");
  EXPECT_EQ(count_code_points(sent_text(0)), 10'000u);
  EXPECT_EQ(sent_text(0) + sent_text(1), text);
  const auto key = [&](std::size_t i) {
    return json::parse(session.sent.at(i).request.body)["content_attributes"]["baton_id"].get<std::string>();
  };
  EXPECT_EQ(key(0), kId);
  EXPECT_EQ(key(1), std::string(kId) + "/2");
}

TEST_F(Chatwoot, what_is_no_message_or_no_conversation_is_rejected_without_a_request) {
  for (const auto& wrong : {order({{"text", "  "}}), order(), order({{"text", 7}}),
                            order({{"text", "x"}}, ""), order({{"text", "x"}}, "../../1"),
                            order({{"text", "x"}}, "8841/messages?x="), order({{"text", "x"}}, nullptr)}) {
    const auto receipt = session.attempt(Operation::tell_customer, wrong);
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, FailureKind::rejected);
  }
  EXPECT_TRUE(session.sent.empty());
}

TEST_F(Chatwoot, an_account_that_is_no_number_is_the_operators_to_mend) {
  settings = testing::settings_for(*connector, {{"account_id", "acme"}});
  EXPECT_EQ(session.attempt(Operation::tell_customer, tell()).error().kind, FailureKind::misconfigured);
}

// --- control

json standing(const char* status, json assignee = nullptr) {
  return {{"id", 8841}, {"status", status}, {"meta", {{"assignee", std::move(assignee)}}}};
}
const json kOurselves = {{"id", 42}, {"name", "Baton"}};
const json kDana = {{"id", 7}, {"name", "Dana"}};

// Whoever sets `open` has the conversation in Chatwoot, and then it is given to nobody else.
TEST_F(Chatwoot, a_conversation_that_is_open_is_left_as_it_is) {
  for (const auto& assignee : {json(), kDana}) {
    DirectSession fresh(*connector);
    fresh.expect("GET", kConversation).replies(200, standing("open", assignee));
    EXPECT_EQ(*fresh.attempt(Operation::take_control, order()), Receipt("8841", kUrl));
  }
}

TEST_F(Chatwoot, one_that_is_not_open_is_opened_and_stays_nobodys) {
  session.expect("GET", kConversation).replies(200, standing("pending"));
  session.expect("POST", kStatus).replies(200, status_answer("open"));
  session.expect("GET", kConversation).replies(200, standing("open", kOurselves));
  session.expect("POST", kAssignments).says(200, "null");
  EXPECT_EQ(*session.attempt(Operation::take_control, order()), Receipt("8841", kUrl));
  expect_golden(session.sent[1].request, "chatwoot/golden/take_control.json");
  EXPECT_EQ(json::parse(session.sent[3].request.body), json({{"assignee_id", 0}}));
}

TEST_F(Chatwoot, whom_chatwoot_gave_it_when_it_was_opened_keeps_it) {
  session.expect("GET", kConversation).replies(200, standing("snoozed"));
  session.expect("POST", kStatus).replies(200, status_answer("open"));
  session.expect("GET", kConversation).replies(200, standing("open", kDana));
  EXPECT_TRUE(session.attempt(Operation::take_control, order()));
}

TEST_F(Chatwoot, a_role_that_may_not_assign_has_opened_it_all_the_same) {
  session.expect("GET", kConversation).replies(200, standing("open", kOurselves));
  session.expect("POST", kAssignments).says(403, R"({"error":"You are not authorized to do this action"})");
  EXPECT_TRUE(session.attempt(Operation::take_control, order()));
  DirectSession lost(*connector);
  lost.expect("GET", kConversation).replies(200, standing("open", kOurselves));
  lost.expect("POST", kAssignments).replies(200, kOurselves);
  EXPECT_EQ(lost.attempt(Operation::take_control, order()).error().kind, FailureKind::ambiguous);
}

TEST_F(Chatwoot, a_conversation_of_which_nothing_is_known_is_asked_for_again) {
  for (const auto& body : testing::hostile_bodies(standing("open").dump())) {
    DirectSession one(*connector);
    one.expect("GET", kConversation).says(200, body);
    EXPECT_EQ(one.attempt(Operation::take_control, order()).error().kind, FailureKind::retryable);
  }
}

TEST_F(Chatwoot, the_bot_gets_it_back_with_a_private_note_of_how_it_was_solved) {
  session.expect("POST", kMessages).replies(200, message(60, "x", 1));
  session.expect("GET", kConversation).replies(200, standing("open", kDana));
  session.expect("POST", kStatus).replies(200, status_answer("pending"));
  EXPECT_TRUE(session.attempt(Operation::give_back, order({{"text", "Refunded."}})));
  const auto note = json::parse(session.sent[0].request.body);
  EXPECT_EQ(note["private"], true);
  EXPECT_EQ(note["content"], "Solved: Refunded.");
  EXPECT_EQ(json::parse(session.sent[2].request.body), json({{"status", "pending"}}));
}

TEST_F(Chatwoot, it_gets_it_back_without_a_note_where_there_is_nothing_to_say) {
  session.expect("GET", kConversation).replies(200, standing("snoozed"));
  session.expect("POST", kStatus).replies(200, status_answer("pending"));
  EXPECT_TRUE(session.attempt(Operation::give_back, order()));
}

// A person ended it in Chatwoot: it would stand in the bot's list again.
TEST_F(Chatwoot, what_is_resolved_or_the_bots_already_keeps_its_status) {
  for (const auto* status : {"resolved", "pending"}) {
    DirectSession fresh(*connector);
    fresh.expect("GET", kConversation).replies(200, standing(status));
    EXPECT_TRUE(fresh.attempt(Operation::give_back, order())) << status;
  }
}

TEST_F(Chatwoot, a_refused_note_does_not_keep_it_from_the_bot_but_an_unknown_one_is_tried_again) {
  session.expect("POST", kMessages).says(422, R"({"error":"too long"})");
  session.expect("GET", kConversation).replies(200, standing("open"));
  session.expect("POST", kStatus).replies(200, status_answer("pending"));
  EXPECT_TRUE(session.attempt(Operation::give_back, order({{"text", "Refunded."}})));
  DirectSession other(*connector);
  other.expect("POST", kMessages).loses_reply();
  EXPECT_FALSE(other.attempt(Operation::give_back, order({{"text", "Refunded."}})));
}

TEST_F(Chatwoot, the_status_at_the_end_is_a_setting) {
  settings = testing::settings_for(*connector, {{"account_id", "1"}, {"returned_status", "resolved"}});
  session.expect("GET", kConversation).replies(200, standing("open"));
  session.expect("POST", kStatus).replies(200, status_answer("resolved"));
  EXPECT_TRUE(session.attempt(Operation::give_back, order()));
}

TEST_F(Chatwoot, an_answer_that_names_another_status_is_no_success) {
  for (const auto& body : testing::hostile_bodies(status_answer("open").dump())) {
    EXPECT_FALSE(read_status(Reply(200, body), "8841", "open", kUrl)) << body.substr(0, 40);
  }
  EXPECT_FALSE(read_status(Reply(200, status_answer("pending").dump()), "8841", "open", kUrl));
}

// --- the conversation

TEST_F(Chatwoot, the_transcript_is_read_back_to_the_beginning_oldest_first) {
  const json person = {{"id", 907},         {"name", "Jane Roe"},        {"email", "jane@acme.inc"},
                       {"type", "contact"}, {"identifier", "user-4471"}, {"pubsub_token", "never"}};
  session.expect("GET", kMessages)
      .replies(
          200,
          page({message(3, "Let me see", 1, {{"sender", {{"name", "Fin"}, {"type", "agent_bot"}}}}),
                message(4, "Conversation was marked open", 2), message(5, "internal", 1, {{"private", true}}),
                message(6, "Dana here", 1, {{"sender", {{"id", 7}, {"name", "Dana"}, {"type", "user"}}}})}));
  session.expect("GET", kMessages)
      .replies(200, page({message(1, "Welcome", 3),
                          message(2, "I want a person", 0,
                                  {{"sender", person},
                                   {"attachments",
                                    {{{"data_url", "https://chat.acme.example/f/cart.png"},
                                      {"file_type", "image"}}}}})}));
  session.expect("GET", kMessages).replies(200, empty_page());
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found);
  expect_golden(*found, "chatwoot/golden/transcript.json");
  EXPECT_TRUE(session.sent[2].request.target.ends_with("?before=1"));
}

TEST_F(Chatwoot, of_a_long_conversation_the_newest_500_messages_are_kept) {
  for (int first = 981; first > 480; first -= 20) {
    json messages = json::array();
    for (int i = 0; i < 20; ++i) messages.push_back(message(first + i, "m" + std::to_string(first + i)));
    session.expect("GET", kMessages).replies(200, page_of(std::move(messages)));
    if (first == 501) break;
  }
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found);
  const auto& lines = (*found)["transcript"];
  ASSERT_EQ(lines.size(), 500u);
  EXPECT_EQ(lines[0]["text"], "m501");
  EXPECT_EQ(lines[499]["text"], "m1000");
}

TEST_F(Chatwoot, a_server_that_does_not_go_back_is_asked_twice_and_no_more) {
  for (int i = 0; i < 2; ++i) session.expect("GET", kMessages).replies(200, page({message(9, "x")}));
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)["transcript"].size(), 1u);
}

TEST_F(Chatwoot, a_hostile_answer_to_a_read_fails_or_leaves_gaps) {
  for (const auto& body : testing::hostile_bodies(page({message(1, "x")}).dump())) {
    DirectSession one(*connector);
    one.expect("GET", kMessages).says(200, body);
    EXPECT_FALSE(one.look(Operation::fetch_transcript, order()));
  }
  const auto rich =
      page({message(1, "x", 0, {{"sender", {{"id", 1}, {"name", "J"}, {"custom_attributes", {{"a", 1}}}}}})});
  for (const auto& variant : testing::ill_typed(rich)) {
    DirectSession one(*connector);
    one.expect("GET", kMessages).replies(200, variant);
    const auto first = read_page(Reply(200, variant.dump()), FailureKind::retryable);
    if (first && !first->empty()) one.expect("GET", kMessages).replies(200, empty_page());
    const auto found = one.look(Operation::fetch_transcript, order());
    if (found) EXPECT_TRUE(found->is_object());
  }
}

// --- refusals

TEST_F(Chatwoot, refusals_say_what_to_do) {
  using enum FailureKind;
  const auto kind = [&](const char* method, int status) {
    const Request request(method, kMessages);
    const Reply reply(status, R"({"error":"no"})");
    return connector->classify(sdk::Exchange(request, std::string(method) != "GET", reply, session.now))
        ->kind;
  };
  EXPECT_EQ(kind("POST", 401), auth_expired);
  EXPECT_EQ(kind("POST", 403), misconfigured);
  EXPECT_EQ(kind("POST", 404), target_gone);
  EXPECT_EQ(kind("POST", 422), rejected);
  EXPECT_EQ(kind("POST", 429), rate_limited);
  EXPECT_EQ(kind("POST", 500), ambiguous);
  EXPECT_EQ(kind("POST", 503), ambiguous);
  EXPECT_EQ(kind("GET", 503), retryable);
  EXPECT_EQ(kind("POST", 302), misconfigured);
}

TEST_F(Chatwoot, the_token_travels_in_the_header_that_chatwoot_names) {
  const auto auth = connector->auth(settings);
  ASSERT_TRUE(std::holds_alternative<sdk::HeaderAuth>(auth));
  EXPECT_EQ(std::get<sdk::HeaderAuth>(auth).header, "api_access_token");
  EXPECT_EQ(std::get<sdk::HeaderAuth>(auth).field, "api_token");
}

// --- the probe

TEST_F(Chatwoot, the_probe_tries_token_account_and_echo_guard) {
  const json profile = {{"id", 42}, {"name", "Baton"}, {"accounts", {{{"id", 1}, {"role", "agent"}}}}};
  session.expect("GET", "/api/v1/profile").replies(200, profile);
  const auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 4u);
  for (const auto& finding : *findings) EXPECT_TRUE(finding.fine) << finding.what << finding.remedy;
  settings = testing::settings_for(*connector, {{"account_id", "2"}, {"returned_status", "closed"}});
  session.expect("GET", "/api/v1/profile").replies(200, profile);
  const auto wrong = testing::run_task(connector->probe(settings, session));
  ASSERT_EQ(wrong->size(), 4u);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_FALSE((*wrong)[i].fine) << (*wrong)[i].what;
  EXPECT_EQ((*wrong)[2].remedy, "set baton_user_id to 42");
}

TEST_F(Chatwoot, a_refused_token_is_a_finding_and_ends_the_probe) {
  session.expect("GET", "/api/v1/profile").says(401, R"({"error":"Invalid Access Token"})");
  const auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 1u);
  EXPECT_FALSE(findings->front().fine);
  EXPECT_FALSE(findings->front().remedy.empty());
}

}  // namespace
}  // namespace baton::chatwoot
