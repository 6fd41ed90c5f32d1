// Baton in a customer's conversation: what is said there, and the mark that people have it.
#include <gtest/gtest.h>

#include "connectors/slack/conversation.h"
#include "tests/support/direct_session.h"
#include "tests/support/spec_schema.h"

namespace baton::slack {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kTellId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/slack/tell_customer/1";
constexpr auto kThread = "C1ACME:1788257700.000300";
const json kPosted = {{"ok", true}, {"channel", "C1ACME"}, {"ts", "1788257800.000100"}};
const json kOk = {{"ok", true}};

json refusal(const char* code) { return {{"ok", false}, {"error", code}}; }

class SlackConversation : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = with_mark("bust_in_silhouette");
  DirectSession session{*connector};

  sdk::Settings with_mark(const char* emoji) {
    return testing::settings_for(*connector, {{"channel", "C0HANDOFFS"}, {"control_reaction", emoji}});
  }
  sdk::Order order(json subject = json::object(), const char* conversation = kThread) {
    subject["conversation"] = {{"id", conversation}};
    return sdk::Order(kTellId, kTellId, nullptr, Receipt(), std::move(subject), settings);
  }
  json thread_with(const char* op_key) {
    return {{"ok", true},
            {"has_more", false},
            {"messages",
             {{{"ts", "1788257700.000300"}, {"text", "help"}},
              {{"ts", "1788257800.000100"},
               {"metadata", {{"event_type", "baton_handoff"}, {"event_payload", {{"op_key", op_key}}}}}}}}};
  }
  json body(std::size_t i) const { return json::parse(session.sent.at(i).request.body); }
};

TEST_F(SlackConversation, the_customer_is_told_in_their_thread) {
  session.expect("POST", "/chat.postMessage").replies(200, kPosted);
  const auto told = session.attempt(Operation::tell_customer,
                                    order({{"text", "Refunded & <!channel> done."}, {"by", "Dana <b>"}}));
  ASSERT_TRUE(told) << told.error().detail;
  EXPECT_EQ(told->object_id, "C1ACME:1788257800.000100");
  expect_golden(session.sent[0].request, "slack/golden/tell_customer.json");
}

TEST_F(SlackConversation, words_whose_reply_was_lost_are_found_in_the_thread_and_said_once) {
  session.expect("POST", "/chat.postMessage").loses_reply();
  session.expect("GET", "/conversations.replies").replies(200, thread_with(kTellId));
  const auto tell = [&] { return session.attempt(Operation::tell_customer, order({{"text", "Hello"}})); };
  EXPECT_FALSE(tell());
  EXPECT_EQ(tell().error().not_before, session.now + 10s);
  session.now += 10s;
  const auto told = tell();
  ASSERT_TRUE(told) << told.error().detail;
  EXPECT_EQ(told->object_id, "C1ACME:1788257800.000100");
  EXPECT_EQ(session.count("POST", "/chat.postMessage"), 1);
}

TEST_F(SlackConversation, a_long_reply_is_said_whole_in_several_messages_cut_between_paragraphs) {
  std::string text;
  for (int i = 0; i < 9; ++i) text += std::string(1'100, static_cast<char>('a' + i)) + "\n\n";
  for (int i = 0; i < 3; ++i) session.expect("POST", "/chat.postMessage").replies(200, kPosted);
  const auto told = session.attempt(Operation::tell_customer, order({{"text", text}, {"by", "Dana"}}));
  ASSERT_TRUE(told) << told.error().detail;
  std::string all;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto part = body(i)["text"].get<std::string>();
    const auto key = body(i)["metadata"]["event_payload"]["op_key"].get<std::string>();
    EXPECT_EQ(key, i == 0 ? kTellId : std::string(kTellId) + "/" + std::to_string(i + 1));
    EXPECT_EQ(body(i)["metadata"]["event_payload"]["control"], "human");
    EXPECT_EQ(body(i)["thread_ts"], "1788257700.000300");
    all += (i == 0 ? part.substr(6) : part) + "\n\n";
  }
  EXPECT_TRUE(body(0)["text"].get<std::string>().starts_with("Dana: a"));
  EXPECT_EQ(all, text) << "not a letter is lost";
}

TEST_F(SlackConversation, a_part_whose_reply_was_lost_is_looked_for_by_its_own_key) {
  const std::string text = std::string(3'000, 'a') + "\n\n" + std::string(3'000, 'b');
  const auto tell = [&] { return session.attempt(Operation::tell_customer, order({{"text", text}})); };
  session.expect("POST", "/chat.postMessage").replies(200, kPosted);
  session.expect("POST", "/chat.postMessage").loses_reply();
  EXPECT_FALSE(tell());
  session.now += 10s;
  session.expect("GET", "/conversations.replies").replies(200, thread_with(kTellId));
  session.expect("POST", "/chat.postMessage").replies(200, kPosted);
  EXPECT_TRUE(tell()) << "the first part's key proves nothing about the second";
  EXPECT_EQ(session.count("POST", "/chat.postMessage"), 3);
}

TEST_F(SlackConversation, what_is_longer_than_ten_messages_is_cut_with_a_sign_and_every_one_fits) {
  const auto schema = testing::read_vectors("slack/baton.chat.postMessage.schema.json",
                                            "slack/data/post_message.schema.json");
  for (int i = 0; i < 10; ++i) session.expect("POST", "/chat.postMessage").replies(200, kPosted);
  EXPECT_TRUE(session.attempt(Operation::tell_customer,
                              order({{"text", std::string(9'900, '<')}, {"by", std::string(900, '&')}})));
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(testing::violations(schema, "", body(i)), "") << i;
  const auto last = body(9)["text"].get<std::string>();
  EXPECT_TRUE(last.ends_with("&lt;\xe2\x80\xa6")) << last.substr(last.size() - 20);
  EXPECT_TRUE(body(8)["text"].get<std::string>().ends_with("&lt;"));
}

TEST_F(SlackConversation, nothing_is_said_without_words_or_without_a_thread) {
  const auto kind = [&](const sdk::Order& told) {
    return session.attempt(Operation::tell_customer, told).error().kind;
  };
  EXPECT_EQ(kind(order({{"text", " "}})), FailureKind::rejected);
  EXPECT_EQ(kind(order({{"text", "x"}}, "conv-1")), FailureKind::rejected);
  EXPECT_EQ(kind(order({{"text", "x"}}, "")), FailureKind::rejected);
}

// The card's channel is everybody's, a customer's channel is that customer's.
TEST_F(SlackConversation, one_customers_lost_channel_does_not_park_the_destination) {
  for (const auto* code : {"not_in_channel", "channel_not_found", "is_archived", "messages_tab_disabled"}) {
    DirectSession one(*connector);
    one.expect("POST", "/chat.postMessage").replies(200, refusal(code));
    EXPECT_EQ(one.attempt(Operation::tell_customer, order({{"text", "x"}})).error().kind,
              FailureKind::rejected)
        << code;
  }
  DirectSession gone(*connector);
  gone.expect("POST", "/conversations.open").replies(200, refusal("user_not_found"));
  EXPECT_EQ(gone.attempt(Operation::tell_customer, order({{"text", "x"}}, "U0GONE")).error().kind,
            FailureKind::rejected);
  session.expect("POST", "/chat.postMessage").replies(200, refusal("invalid_auth"));
  EXPECT_EQ(session.attempt(Operation::tell_customer, order({{"text", "x"}})).error().kind,
            FailureKind::misconfigured);
}

TEST_F(SlackConversation, a_person_is_written_to_directly) {
  session.expect("POST", "/conversations.open").replies(200, {{"ok", true}, {"channel", {{"id", "D7"}}}});
  session.expect("POST", "/chat.postMessage").loses_reply();
  EXPECT_FALSE(session.attempt(Operation::tell_customer, order({{"text", "Hello"}}, "U03JANE")));
  EXPECT_EQ(body(0), json({{"users", "U03JANE"}}));
  EXPECT_FALSE(session.sent[0].writes);
  EXPECT_EQ(body(1)["channel"], "D7");
  EXPECT_FALSE(body(1).contains("thread_ts"));
  session.now += 10s;
  session.expect("POST", "/conversations.open").replies(200, {{"ok", true}, {"channel", {{"id", "D7"}}}});
  session.expect("GET", "/conversations.history").replies(200, thread_with(kTellId));
  EXPECT_EQ(session.attempt(Operation::tell_customer, order({{"text", "Hello"}}, "U03JANE"))->object_id,
            "D7:1788257800.000100");
  session.expect("POST", "/conversations.open").replies(200, kOk);
  EXPECT_FALSE(session.attempt(Operation::tell_customer, order({{"text", "Hello"}}, "U03JANE")));
}

TEST_F(SlackConversation, the_thread_bears_a_mark_while_people_have_it) {
  session.expect("POST", "/reactions.add").replies(200, kOk);
  EXPECT_EQ(session.attempt(Operation::take_control, order())->object_id, kThread);
  expect_golden(session.sent[0].request, "slack/golden/take_control.json");
}

TEST_F(SlackConversation, a_mark_that_stands_already_is_done_and_others_refusals_are_not) {
  session.expect("POST", "/reactions.add").loses_reply();
  session.expect("POST", "/reactions.add").replies(200, refusal("already_reacted"));
  EXPECT_FALSE(session.attempt(Operation::take_control, order()));
  EXPECT_TRUE(session.attempt(Operation::take_control, order()));
  using enum FailureKind;
  for (const auto& [code, kind] :
       std::vector<std::pair<const char*, FailureKind>>{{"no_reaction", rejected},
                                                        {"invalid_name", rejected},
                                                        {"message_not_found", target_gone},
                                                        {"not_in_channel", rejected},
                                                        {"invalid_auth", misconfigured},
                                                        {"fatal_error", ambiguous}}) {
    DirectSession one(*connector);
    one.expect("POST", "/reactions.add").replies(200, refusal(code));
    const auto taken = one.attempt(Operation::take_control, order());
    ASSERT_FALSE(taken) << code;
    EXPECT_EQ(taken.error().kind, kind) << code;
  }
}

TEST_F(SlackConversation, without_the_scope_the_name_or_a_thread_there_is_no_mark_and_no_failure) {
  session.expect("POST", "/reactions.add").replies(200, refusal("missing_scope"));
  EXPECT_TRUE(session.attempt(Operation::take_control, order()));
  DirectSession person(*connector);
  person.expect("POST", "/conversations.open").replies(200, {{"ok", true}, {"channel", {{"id", "D7"}}}});
  EXPECT_TRUE(person.attempt(Operation::take_control, order(json::object(), "U03JANE")));
  settings = with_mark("");
  DirectSession silent(*connector);
  EXPECT_TRUE(silent.attempt(Operation::take_control, order()));
}

TEST_F(SlackConversation, the_ai_has_it_again_and_alone_reads_how_it_was_solved) {
  session.expect("POST", "/chat.postMessage").replies(200, kPosted);
  session.expect("POST", "/reactions.remove").replies(200, refusal("no_reaction"));
  EXPECT_TRUE(session.attempt(Operation::give_back, order({{"text", "The second charge is refunded."}})));
  expect_golden(session.sent[0].request, "slack/golden/give_back.json");
  EXPECT_EQ(body(0)["text"].get<std::string>().find("refunded"), std::string::npos);
  EXPECT_EQ(body(1)["timestamp"], "1788257700.000300");
}

TEST_F(SlackConversation, a_return_whose_words_are_refused_still_takes_the_mark_away) {
  session.expect("POST", "/chat.postMessage").replies(200, refusal("metadata_too_large"));
  session.expect("POST", "/reactions.remove").replies(200, kOk);
  EXPECT_TRUE(session.attempt(Operation::give_back, order({{"text", "Done."}})));
  DirectSession lost(*connector);
  lost.expect("POST", "/chat.postMessage").loses_reply();
  EXPECT_EQ(lost.attempt(Operation::give_back, order({{"text", "Done."}})).error().kind,
            FailureKind::ambiguous);
}

TEST_F(SlackConversation, a_long_resolution_stays_below_what_metadata_may_hold) {
  session.expect("POST", "/chat.postMessage").replies(200, kPosted);
  session.expect("POST", "/reactions.remove").replies(200, kOk);
  EXPECT_TRUE(session.attempt(Operation::give_back, order({{"text", std::string(50'000, '"')}})));
  EXPECT_LT(body(0)["metadata"].dump().size(), 4'000u);
}

// The official specification's arguments of both methods.
TEST_F(SlackConversation, a_mark_names_what_the_specification_requires) {
  const auto spec = testing::read_spec("slack/slack_web_openapi_v2.json");
  if (!spec) GTEST_SKIP() << "no specifications here";
  session.expect("POST", "/reactions.add").replies(200, kOk);
  EXPECT_TRUE(session.attempt(Operation::take_control, order()));
  for (const auto& parameter : spec->at("paths").at("/reactions.add").at("post").at("parameters")) {
    if (parameter.at("in") == "formData")
      EXPECT_TRUE(body(0).contains(parameter.at("name").get<std::string>())) << parameter;
  }
}

}  // namespace
}  // namespace baton::slack
