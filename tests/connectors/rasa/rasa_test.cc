#include <gtest/gtest.h>

#include "connectors/rasa/wire.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"

namespace baton::rasa {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/bot/tell_customer/1";
constexpr auto kTracker = "/conversations/user%2F4471/tracker";
constexpr auto kEvents = "/conversations/user%2F4471/tracker/events";

json uttered(const std::string& text, const std::string& key = {}) {
  json event = {{"event", "bot"}, {"timestamp", 1788257730.25}, {"text", text}, {"metadata", json::object()}};
  if (!key.empty()) event["metadata"]["baton_id"] = key;
  return event;
}

json tracker(std::vector<json> events, bool paused = true) {
  return {
      {"sender_id", "user/4471"},
      {"slots", {{"name", "Jane Roe"}, {"email", "jane@acme.inc"}, {"customer_id", 4471}, {"cart", nullptr}}},
      {"latest_event_time", 1788257730.25},
      {"paused", paused},
      {"events", json(std::move(events))}};
}

class Rasa : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"base_url", "https://rasa.acme.example"}});
  DirectSession session{*connector};

  sdk::Order order(json more = json::object(), json conversation = "user/4471") {
    json subject = {{"conversation", {{"id", std::move(conversation)}}}, {"handoff_id", "hof_1"}};
    subject.update(more);
    return sdk::Order(kId, kId, nullptr, Receipt(), std::move(subject), settings);
  }
  sdk::Order tell(const std::string& text = "Dana has your conversation now.") {
    return order({{"text", text}});
  }
  json sent(std::size_t i = 0) { return json::parse(session.sent.at(i).request.body); }
};

TEST_F(Rasa, a_message_is_what_the_bot_says_with_our_key_to_the_customers_last_channel) {
  session.expect("POST", kEvents).replies(200, tracker({uttered("x", kId)}));
  EXPECT_EQ(*session.attempt(Operation::tell_customer, tell()), Receipt(kId));
  expect_golden(session.sent[0].request, "rasa/golden/tell_customer.json");
}

TEST_F(Rasa, a_lost_reply_is_looked_for_in_the_tracker_and_not_said_again) {
  session.expect("POST", kEvents).loses_reply();
  session.expect("GET", kTracker).replies(200, tracker({uttered("other"), uttered("x", kId)}));
  EXPECT_EQ(session.attempt(Operation::tell_customer, tell()).error().kind, FailureKind::ambiguous);
  EXPECT_FALSE(session.attempt(Operation::tell_customer, tell())) << "it may still be under way";
  session.now += 10s;
  EXPECT_EQ(session.attempt(Operation::tell_customer, tell())->object_id, kId);
  EXPECT_TRUE(session.sent[1].request.target.ends_with("?include_events=ALL"));
}

TEST_F(Rasa, a_message_that_is_proven_absent_is_said_again_in_the_same_bytes) {
  session.expect("POST", kEvents).loses_reply();
  session.expect("GET", kTracker).replies(200, tracker({uttered("Dana has your conversation now.")}));
  session.expect("POST", kEvents).replies(200, tracker({uttered("x", kId)}));
  EXPECT_FALSE(session.attempt(Operation::tell_customer, tell()));
  session.now += 10s;
  EXPECT_TRUE(session.attempt(Operation::tell_customer, tell()));
  EXPECT_EQ(session.sent[0].request, session.sent[2].request);
}

TEST_F(Rasa, a_tracker_that_cannot_be_read_proves_nothing) {
  const auto good = tracker({uttered("x", "another")});
  ASSERT_TRUE(match_uttered(Reply(200, good.dump()), kId));
  for (const auto& body : testing::hostile_bodies(good.dump())) {
    EXPECT_FALSE(match_uttered(Reply(200, body), kId)) << body.substr(0, 40);
    EXPECT_FALSE(read_uttered(Reply(200, body), kId)) << body.substr(0, 40);
    EXPECT_FALSE(read_paused(Reply(200, body), "u", true)) << body.substr(0, 40);
  }
  auto without = good;
  without.erase("events");
  EXPECT_EQ(match_uttered(Reply(200, without.dump()), kId).error().kind, FailureKind::ambiguous);
  for (const auto& variant : testing::ill_typed(good)) {
    const auto found = match_uttered(Reply(200, variant.dump()), kId);
    if (found) EXPECT_FALSE(*found) << variant;
  }
}

TEST_F(Rasa, an_answer_that_does_not_show_the_message_is_no_receipt) {
  EXPECT_EQ(read_uttered(Reply(200, tracker({uttered("x", "another")}).dump()), kId).error().kind,
            FailureKind::ambiguous);
  EXPECT_TRUE(read_uttered(Reply(200, tracker({uttered("x", kId)}).dump()), kId));
}

TEST_F(Rasa, what_a_person_wrote_is_said_in_their_name) {
  session.expect("POST", kEvents).replies(200, tracker({uttered("x", kId)}));
  EXPECT_TRUE(session.attempt(Operation::tell_customer, order({{"text", "I refund it."}, {"by", "Dana"}})));
  EXPECT_EQ(sent()[0]["text"], "Dana: I refund it.");
  EXPECT_EQ(sent()[0]["metadata"]["baton_by"], "Dana");
}

TEST_F(Rasa, a_long_text_is_cut_between_characters) {
  std::string text;
  for (int i = 0; i < 9'000; ++i) text += "\u00e4";
  session.expect("POST", kEvents).replies(200, tracker({uttered("x", kId)}));
  EXPECT_TRUE(session.attempt(Operation::tell_customer, tell(text)));
  const auto said = sent()[0]["text"].get<std::string>();
  EXPECT_LE(said.size(), 10'000u);
  EXPECT_TRUE(is_utf8(said));
}

TEST_F(Rasa, what_is_no_message_or_no_conversation_is_rejected_without_a_request) {
  for (const auto& wrong : {order({{"text", "  "}}), order(), order({{"text", 7}}),
                            order({{"text", "x"}}, ""), order({{"text", "x"}}, ".."),
                            order({{"text", "x"}}, nullptr), order({{"text", "x"}}, std::string(257, 'x'))}) {
    const auto receipt = session.attempt(Operation::tell_customer, wrong);
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, FailureKind::rejected);
  }
}

TEST_F(Rasa, no_name_of_a_conversation_leads_to_another_path) {
  for (const auto* id : {"a/../../model", "a?b=c", "a#b", "a%2Fb", "../status"}) {
    const auto target = pause(id).request().target;
    EXPECT_TRUE(target.starts_with("/conversations/" + percent_encode(id) + "/tracker/events?")) << target;
  }
}

// --- control

TEST_F(Rasa, a_person_takes_the_conversation_by_pausing_the_bot) {
  session.expect("POST", kEvents).replies(200, tracker({}, true));
  EXPECT_EQ(*session.attempt(Operation::take_control, order()), Receipt("user/4471"));
  expect_golden(session.sent[0].request, "rasa/golden/take_control.json");
}

TEST_F(Rasa, the_bot_gets_it_back_by_resuming) {
  session.expect("POST", kEvents).replies(200, tracker({}, false));
  EXPECT_TRUE(session.attempt(Operation::give_back, order({{"text", "Refunded."}})));
  EXPECT_EQ(sent(), json::parse(R"([{"event":"resume"}])"));
}

TEST_F(Rasa, how_it_was_solved_goes_into_a_slot_before_it_resumes_if_one_is_named) {
  settings = testing::settings_for(*connector, {{"resolution_slot", "handoff_resolution"}});
  session.expect("POST", kEvents).replies(200, tracker({}, false));
  EXPECT_TRUE(session.attempt(Operation::give_back, order({{"text", "Refunded."}})));
  expect_golden(session.sent[0].request, "rasa/golden/give_back.json");
}

TEST_F(Rasa, an_answer_that_says_the_contrary_is_no_success) {
  EXPECT_FALSE(read_paused(Reply(200, tracker({}, false).dump()), "u", true));
  EXPECT_FALSE(read_paused(Reply(200, R"({"paused":"true"})"), "u", true));
  session.expect("POST", kEvents).replies(200, tracker({}, true));
  EXPECT_EQ(session.attempt(Operation::give_back, order()).error().kind, FailureKind::ambiguous);
}

// --- the conversation

TEST_F(Rasa, the_transcript_is_the_trackers_words_in_order) {
  const json user = {
      {"event", "user"}, {"timestamp", 1788257725.5}, {"text", "I want a person"}, {"message_id", "m-7"}};
  auto ours = uttered("Dana: I refund it.", "k");
  ours["metadata"]["baton_by"] = "Dana";
  session.expect("GET", kTracker)
      .replies(200, tracker({{{"event", "action"}, {"name", "action_session_start"}},
                             {{"event", "user"}, {"text", "/greet"}, {"timestamp", 1788257720}},
                             user,
                             uttered("Let me see"),
                             uttered("We have it.", "k0"),
                             ours,
                             uttered("  ")}));
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found);
  expect_golden(*found, "rasa/golden/transcript.json");
}

TEST_F(Rasa, of_a_long_conversation_the_newest_500_messages_are_kept) {
  std::vector<json> events;
  for (int i = 0; i < 700; ++i) events.push_back(uttered("m" + std::to_string(i)));
  session.expect("GET", kTracker).replies(200, tracker(events));
  const auto found = session.look(Operation::fetch_transcript, order());
  ASSERT_TRUE(found);
  ASSERT_EQ((*found)["transcript"].size(), 500u);
  EXPECT_EQ((*found)["transcript"][0]["text"], "m200");
  EXPECT_NE((*found)["transcript"][0]["id"], (*found)["transcript"][1]["id"]) << "one instant, two messages";
}

TEST_F(Rasa, a_hostile_answer_to_a_read_fails_or_leaves_gaps) {
  const auto good =
      tracker({uttered("x"), {{"event", "user"}, {"text", "y"}, {"timestamp", 1}, {"message_id", "m"}}});
  for (const auto& body : testing::hostile_bodies(good.dump())) {
    DirectSession one(*connector);
    one.expect("GET", kTracker).says(200, body);
    EXPECT_FALSE(one.look(Operation::fetch_transcript, order()));
  }
  for (const auto& variant : testing::ill_typed(good)) {
    DirectSession one(*connector);
    one.expect("GET", kTracker).replies(200, variant);
    const auto found = one.look(Operation::fetch_transcript, order());
    if (found) EXPECT_TRUE(found->is_object());
  }
}

// --- refusals, credential, probe

TEST_F(Rasa, refusals_say_what_to_do) {
  using enum FailureKind;
  const auto kind = [&](const char* method, int status) {
    const Request request(method, kTracker);
    const Reply reply(status, R"({"status":"failure"})");
    return connector->classify(sdk::Exchange(request, std::string(method) != "GET", reply, session.now))
        ->kind;
  };
  EXPECT_EQ(kind("POST", 401), auth_expired);
  EXPECT_EQ(kind("POST", 403), misconfigured);
  EXPECT_EQ(kind("POST", 404), misconfigured);
  EXPECT_EQ(kind("POST", 400), rejected);
  EXPECT_EQ(kind("POST", 409), retryable);
  EXPECT_EQ(kind("POST", 429), rate_limited);
  EXPECT_EQ(kind("POST", 500), ambiguous);
  EXPECT_EQ(kind("POST", 503), ambiguous);
  EXPECT_EQ(kind("GET", 500), retryable);
}

TEST_F(Rasa, the_api_is_entered_with_a_token_or_in_a_closed_network_without) {
  EXPECT_TRUE(std::holds_alternative<sdk::BearerAuth>(connector->auth(settings)));
  settings = testing::settings_for(*connector, {{"auth", "none"}});
  EXPECT_TRUE(std::holds_alternative<sdk::NoAuth>(connector->auth(settings)));
}

TEST_F(Rasa, the_probe_tries_the_token_and_the_model) {
  session.expect("GET", "/status")
      .replies(200, {{"model_file", "20190429-103105.tar.gz"}, {"num_active_training_jobs", 0}});
  auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_EQ(findings->size(), 2u);
  for (const auto& finding : *findings) EXPECT_TRUE(finding.fine) << finding.what;
  session.expect("GET", "/status").replies(200, json::object());
  findings = testing::run_task(connector->probe(settings, session));
  EXPECT_FALSE(findings->at(1).fine);
  session.expect("GET", "/status").says(401, "{}");
  findings = testing::run_task(connector->probe(settings, session));
  ASSERT_EQ(findings->size(), 1u);
  EXPECT_FALSE(findings->front().fine);
}

}  // namespace
}  // namespace baton::rasa
