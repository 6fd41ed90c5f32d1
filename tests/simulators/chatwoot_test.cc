// The simulated Chatwoot against fact sheet ingress, section 4.1.
#include "connectors/chatwoot/simulator.h"

#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

namespace woot = chatwoot::simulated;

const std::string kPath = "/api/v1/accounts/1/conversations/8841";

class Chatwoot : public Bench, public testing::Test {
 public:
  Chatwoot() : Bench("chatwoot") { headers["api_access_token"] = "chatwoot-api-token"; }
  static json message(const std::string& text, const std::string& key = "k1") {
    return {{"content", text}, {"message_type", "outgoing"}, {"content_attributes", {{"baton_id", key}}}};
  }
};

TEST(ChatwootSignature, agrees_with_the_sheets_vector) {
  const auto vector = read_data("chatwoot_vectors.json")["vectors"]["chatwoot_conversation_status_changed"];
  const auto& headers = vector["headers"];
  EXPECT_EQ(
      woot::signature(vector["secret"].get<std::string>(), headers["X-Chatwoot-Timestamp"].get<std::string>(),
                      vector["body"].get<std::string>()),
      headers["X-Chatwoot-Signature"].get<std::string>());
}

TEST_F(Chatwoot, lets_only_its_own_token_and_account_in) {
  EXPECT_EQ(body_of(get("/api/v1/profile"))["accounts"][0]["id"], 1);
  EXPECT_EQ(get("/api/v1/accounts/2/conversations/8841/messages").status, 401);
  headers["api_access_token"] = "wrong";
  EXPECT_EQ(get("/api/v1/profile").status, 401);
}

TEST_F(Chatwoot, keeps_messages_with_their_attributes_and_takes_the_same_twice) {
  const auto reply = post(kPath + "/messages", message("Hello"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(body_of(reply)["message_type"], 1);
  EXPECT_EQ(body_of(reply)["content_attributes"]["baton_id"], "k1");
  post(kPath + "/messages", message("Hello", "k2"));
  EXPECT_EQ(ledger()["duplicates"], 0);
  post(kPath + "/messages", message("Hello"));
  EXPECT_EQ(ledger()["duplicates"], 1);
  EXPECT_EQ(effect("messages_sent"), 3);
}

TEST_F(Chatwoot, refuses_what_is_wrong) {
  EXPECT_EQ(post(kPath + "/messages", message(" ")).status, 422);
  EXPECT_EQ(post(kPath + "/messages", {{"content", "x"}, {"message_type", "incoming"}}).status, 422);
  EXPECT_EQ(send("POST", kPath + "/messages", "[]").status, 422);
  EXPECT_EQ(post(kPath + "/toggle_status", {{"status", "done"}}).status, 422);
  EXPECT_EQ(get("/api/v1/accounts/1/conversations/9/messages").status, 404);
  EXPECT_EQ(get("/api/v2/nothing").status, 404);
}

TEST_F(Chatwoot, pages_back_by_before_until_a_page_is_empty) {
  for (int i = 0; i < 30; ++i) post(kPath + "/messages", message("m" + std::to_string(i)));
  const auto first = body_of(get(kPath + "/messages"))["payload"];
  ASSERT_EQ(first.size(), 20u);
  EXPECT_EQ(first.back()["content"], "m29");
  const auto before = [](const json& page) { return "?before=" + std::to_string(page[0]["id"].get<long>()); };
  const auto second = body_of(get(kPath + "/messages" + before(first)))["payload"];
  ASSERT_EQ(second.size(), 11u);
  EXPECT_EQ(second[0]["content"], "I want a person please");
  EXPECT_TRUE(body_of(get(kPath + "/messages" + before(second)))["payload"].empty());
}

TEST_F(Chatwoot, signs_a_handoff_with_both_states) {
  act("say", {{"conversation", "12"}, {"text", "help"}});
  const auto sent =
      act("hand_off", {{"conversation", "12"}, {"attributes", {{"ai_intent", "payment_failed"}}}});
  ASSERT_EQ(sent.size(), 2u);  // the activity follows
  const auto& request = sent[0].request;
  EXPECT_EQ(
      request.headers.at("x-chatwoot-signature"),
      woot::signature("chatwoot-webhook-secret", request.headers.at("x-chatwoot-timestamp"), request.body));
  const auto body = json::parse(request.body);
  EXPECT_EQ(body["event"], "conversation_status_changed");
  EXPECT_EQ(body["changed_attributes"][0]["status"]["previous_value"], "pending");
  EXPECT_EQ(body["status"], "open");
  EXPECT_EQ(body["custom_attributes"]["ai_intent"], "payment_failed");
  EXPECT_EQ(json::parse(sent[1].request.body)["message_type"], "activity");
}

TEST_F(Chatwoot, an_old_server_signs_nothing_but_carries_its_token) {
  Bench old("chatwoot", {{"webhook_secret", ""}, {"url_token", "t"}, {"keeps_attributes", "off"}});
  old.headers = headers;
  const auto sent = old.act("say", {{"text", "x"}});
  EXPECT_EQ(sent[0].request.target, "?token=t");
  EXPECT_FALSE(sent[0].request.headers.contains("x-chatwoot-signature"));
  EXPECT_TRUE(body_of(old.post(kPath + "/messages", message("Hello")))["content_attributes"].empty());
}

TEST_F(Chatwoot, sends_our_own_calls_back_if_it_is_told_to) {
  Bench loud("chatwoot", {{"echo", "on"}});
  loud.headers = headers;
  loud.post(kPath + "/messages", message("Hello"));
  loud.post(kPath + "/toggle_status", {{"status", "open"}});
  EXPECT_EQ(loud.vendor().take_outbox().size(), 2u) << "it was open, and is Baton's now";
  EXPECT_EQ(
      body_of(loud.post(kPath + "/toggle_status", {{"status", "pending"}}))["payload"]["current_status"],
      "pending");
  EXPECT_EQ(loud.vendor().take_outbox().size(), 1u);
}

// conversations_controller.rb and assignments_controller.rb of Chatwoot.
TEST_F(Chatwoot, gives_a_conversation_to_the_agent_who_opens_it_until_it_is_nobodys_again) {
  const auto assignee = [&] { return body_of(get(kPath))["meta"]["assignee"]; };
  EXPECT_EQ(assignee(), json());
  post(kPath + "/toggle_status", {{"status", "open"}});
  EXPECT_EQ(assignee()["id"], 42);
  EXPECT_EQ(body_of(post(kPath + "/assignments", {{"assignee_id", 7}}))["name"], "Dana Agent");
  EXPECT_EQ(post(kPath + "/assignments", {{"assignee_id", 0}}).body, "null");
  EXPECT_EQ(assignee(), json());
  Bench admin("chatwoot", {{"role", "administrator"}});
  admin.headers = headers;
  admin.post(kPath + "/toggle_status", {{"status", "open"}});
  EXPECT_EQ(body_of(admin.get(kPath))["meta"]["assignee"], json());
}

}  // namespace
}  // namespace baton::simulation
