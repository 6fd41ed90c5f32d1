// The simulated Rasa server against fact sheet ingress, section 4.5, and Rasa's OpenAPI.
#include "connectors/rasa/simulator.h"

#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

const std::string kTracker = "/conversations/user-4471/tracker";
const std::string kSent = "/events?execute_side_effects=true&output_channel=latest";

class Rasa : public Bench, public testing::Test {
 public:
  Rasa() : Bench("rasa") { headers["authorization"] = "Bearer rasa-jwt"; }
  json tracker() { return body_of(get(kTracker + "?include_events=ALL")); }
  static json answer() {
    return json::parse(R"({"events":[{"event":"pause"}],"responses":[{"text":"One moment."}]})");
  }
};

TEST_F(Rasa, lets_only_its_own_token_in) {
  EXPECT_FALSE(body_of(get("/status"))["model_file"].get<std::string>().empty());
  headers["authorization"] = "Bearer wrong";
  const auto reply = get(kTracker);
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(body_of(reply)["reason"], "NotAuthenticated");
  headers.erase("authorization");
  EXPECT_EQ(get("/status").status, 401);
}

TEST_F(Rasa, pauses_and_resumes_and_says_so) {
  EXPECT_EQ(body_of(post(kTracker + "/events", {{"event", "pause"}}))["paused"], true);
  EXPECT_TRUE(act("say", {{"text", "hello?"}}).empty());
  EXPECT_EQ(tracker()["events"].back()["event"], "user") << "a paused bot is silent";
  const auto reply = post(kTracker + "/events?include_events=NONE", json::array({{{"event", "resume"}}}));
  EXPECT_EQ(body_of(reply)["paused"], false);
  EXPECT_TRUE(body_of(reply)["events"].is_null());
  act("say", {{"text", "hello?"}});
  EXPECT_EQ(tracker()["events"].back()["event"], "bot");
}

TEST_F(Rasa, a_message_reaches_the_customer_with_side_effects_only_and_twice_if_it_is_sent_twice) {
  const json message = {{"event", "bot"}, {"text", "Hello"}, {"metadata", {{"baton_id", "k1"}}}};
  post(kTracker + "/events", message);
  EXPECT_EQ(effect("messages_sent"), 0);
  post(kTracker + kSent, {{"event", "bot"}, {"text", "Hello"}, {"metadata", {{"baton_id", "k2"}}}});
  EXPECT_EQ(effect("messages_sent"), 1);
  EXPECT_EQ(ledger()["duplicates"], 0);
  post(kTracker + kSent, message);
  EXPECT_EQ(ledger()["duplicates"], 1);
  EXPECT_EQ(tracker()["events"][0]["metadata"]["baton_id"], "k1");
}

TEST_F(Rasa, refuses_events_that_are_none_and_then_takes_none_of_them) {
  const json good = {{"event", "pause"}};
  for (const auto& wrong : {json::array(), json("x"), json{{"event", "dance"}}, json{{"event", "bot"}},
                            json::array({good, {{"event", "slot"}}})}) {
    EXPECT_EQ(post(kTracker + "/events", wrong).status, 400) << wrong;
  }
  EXPECT_EQ(get(kTracker + "?include_events=SOME").status, 400);
  EXPECT_EQ(tracker()["paused"], false);
  EXPECT_EQ(get("/model").status, 404);
}

TEST_F(Rasa, calls_the_action_with_its_tracker_and_waits) {
  act("say", {{"text", "My card is declined"}});
  const auto sent = act("hand_off", {{"slots", {{"email", "jane@acme.inc"}}}});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].attempts, 1);
  EXPECT_EQ(sent[0].request.target, "?token=rasa-url-token");
  const auto call = json::parse(sent[0].request.body);
  EXPECT_EQ(call["next_action"], "action_handoff_to_human");
  EXPECT_EQ(call["tracker"]["slots"]["email"], "jane@acme.inc");
  EXPECT_EQ(call["tracker"]["latest_message"]["intent"]["confidence"], 0.31);
  EXPECT_FALSE(vendor().act(Deed("say", json::object()), now));
  act("answered", {{"body", answer().dump()}});
  EXPECT_EQ(tracker()["paused"], true);
  EXPECT_EQ(effect("answers_taken"), 1);
}

TEST_F(Rasa, takes_no_answer_that_is_late_wrong_or_unasked) {
  EXPECT_FALSE(vendor().act(Deed("answered", {{"body", answer()}}), now));
  for (const auto& wrong : {json{{"status", 500}, {"body", answer()}}, json{{"body", "no json"}},
                            json{{"body", json::object()}}, json{{"body", answer()}, {"after_ms", 10'001}}}) {
    act("hand_off", json::object());
    act("answered", wrong);
    EXPECT_EQ(tracker()["paused"], false) << wrong;
  }
  EXPECT_EQ(effect("answers_taken"), 0);
}

}  // namespace
}  // namespace baton::simulation
