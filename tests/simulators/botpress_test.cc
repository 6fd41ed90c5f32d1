// The simulated Botpress bot with its thin integration against fact sheet ingress, section 4.4.
#include "connectors/botpress/simulator.h"

#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

namespace press = botpress::simulated;

const std::string kSecret = "whsec_Ym90cHJlc3Mtd2ViaG9va3Mtc2VjcmV0LTAwMDAwMDE=";

class Botpress : public Bench, public testing::Test {
 public:
  Botpress() : Bench("botpress") {}

  Reply call_back(const std::string& id, std::string_view type, const json& data, Duration age = 0ms) {
    const auto body = dump({{"type", type}, {"timestamp", "2026-11-20T12:00:00Z"}, {"data", data}});
    return send("POST", "/baton", body, signed_for(id, body, age));
  }
  Headers signed_for(const std::string& id, const std::string& body, Duration age = 0ms) const {
    const auto timestamp = std::to_string(epoch_seconds(now - age));
    return {{"webhook-id", id},
            {"webhook-timestamp", timestamp},
            {"webhook-signature", press::signature(kSecret, id, timestamp, body)}};
  }
  void talk(int messages = 1) {
    for (int i = 0; i < messages; ++i) act("say", {{"text", "m" + std::to_string(i)}});
  }
  static json message(const std::string& text) {
    return {{"conversation", {{"id", "conv_1"}}}, {"text", text}, {"by", "Dana"}};
  }
};

TEST(BotpressSignature, agrees_with_a_vector_of_standard_webhooks) {
  const auto file = read_data("standard_webhooks_vectors.json");
  for (const auto& vector : file["vectors"]) {
    if (!vector["valid"].get<bool>() || !vector.contains("secret")) continue;
    const auto& headers = vector["headers"];
    if (!headers.contains("webhook-id")) continue;
    const auto secret = vector["secret"].get<std::string>();
    const auto made =
        press::signature(secret, headers["webhook-id"].get<std::string>(),
                         headers["webhook-timestamp"].get<std::string>(), vector["body"].get<std::string>());
    if (!secret.starts_with("whsec_")) continue;
    EXPECT_NE(headers["webhook-signature"].get<std::string>().find(made), std::string::npos);
    EXPECT_FALSE(made.empty());
  }
}

TEST_F(Botpress, hands_off_with_the_first_page_of_the_history_oldest_first) {
  talk(25);
  const auto sent = act("hand_off", {{"title", "Checkout"}, {"description", "Card declined"}});
  ASSERT_EQ(sent.size(), 1u);
  const auto& request = sent[0].request;
  EXPECT_EQ(request.headers.at("webhook-id"), "hitl_conv_1_m000025");
  EXPECT_EQ(request.headers.at("webhook-signature"),
            press::signature(kSecret, "hitl_conv_1_m000025", request.headers.at("webhook-timestamp"),
                             request.body));
  const auto body = json::parse(request.body);
  EXPECT_EQ(body["type"], "handoff.requested");
  EXPECT_EQ(body["data"]["transcript"].size(), 20u);
  EXPECT_EQ(body["data"]["transcript"][0]["text"], "m0");
  EXPECT_EQ(body["data"]["reason"]["explanation"], "Card declined");
  EXPECT_EQ(body["data"]["metadata"]["botpress"]["title"], "Checkout");
}

TEST_F(Botpress, replays_the_same_start_under_the_same_id) {
  talk();
  const auto first = act("hand_off", json::object()), again = act("hand_off", json::object());
  EXPECT_EQ(first[0].request.headers.at("webhook-id"), again[0].request.headers.at("webhook-id"));
  talk();
  EXPECT_NE(act("hand_off", json::object())[0].request.headers.at("webhook-id"),
            first[0].request.headers.at("webhook-id"));
}

TEST_F(Botpress, posts_messages_only_while_hitl_runs) {
  EXPECT_TRUE(act("say", {{"text", "hello"}}).empty());
  act("hand_off", json::object());
  const auto sent = act("say", {{"text", "are you there?"}});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(json::parse(sent[0].request.body)["type"], "handoff.updated");
  EXPECT_EQ(json::parse(sent[0].request.body)["data"]["transcript"][0]["text"], "are you there?");
  EXPECT_EQ(json::parse(act("stop", json::object())[0].request.body)["type"], "handoff.cancelled");
  EXPECT_TRUE(act("say", {{"text", "bye"}}).empty());
}

TEST_F(Botpress, signs_each_attempt_anew_under_one_id) {
  talk();
  const auto sent = act("hand_off", json::object());
  const auto again = sent[0].again(2, now + 60s);
  EXPECT_EQ(again.headers.at("webhook-id"), sent[0].request.headers.at("webhook-id"));
  EXPECT_NE(again.headers.at("webhook-signature"), sent[0].request.headers.at("webhook-signature"));
}

TEST_F(Botpress, takes_callbacks_into_the_conversation) {
  talk();
  act("hand_off", json::object());
  EXPECT_EQ(call_back("w1", "handoff.accepted", message("You are number 2")).status, 202);
  EXPECT_EQ(call_back("w2", "handoff.claimed", message("")).status, 202);
  EXPECT_EQ(call_back("w3", "handoff.message", message("Hello, Dana here")).status, 202);
  EXPECT_EQ(call_back("w4", "handoff.returned", message("")).status, 202);
  const auto held = ledger()["conversations"][0];
  EXPECT_EQ(held["messages"].back()["text"], "Hello, Dana here");
  EXPECT_EQ(held["messages"].back()["by"], "Dana");
  EXPECT_EQ(held["events"][0]["type"], "hitlAssigned");
  EXPECT_EQ(held["events"][1]["type"], "hitlStopped");
  EXPECT_EQ(held["in_hitl"], false);
}

TEST_F(Botpress, takes_one_webhook_id_once) {
  talk();
  for (int i = 0; i < 3; ++i) EXPECT_LT(call_back("w1", "handoff.message", message("once")).status, 300);
  EXPECT_EQ(effect("messages_sent"), 1);
  EXPECT_EQ(ledger()["duplicates"], 0);
  call_back("w2", "handoff.message", message("once"));
  EXPECT_EQ(ledger()["duplicates"], 1);
}

TEST_F(Botpress, refuses_callbacks_that_are_wrong) {
  talk();
  EXPECT_EQ(call_back("w", "handoff.message", message("late"), 301s).status, 401);
  EXPECT_EQ(send("POST", "/baton", "{}").status, 401);
  auto forged = signed_for("w", "{}");
  EXPECT_EQ(send("POST", "/baton", "{ }", forged).status, 401);
  EXPECT_EQ(call_back("w", "handoff.dance", message("x")).status, 400);
  EXPECT_EQ(call_back("w", "handoff.message", message("")).status, 400);
  EXPECT_EQ(call_back("w", "handoff.message", {{"conversation", {{"id", "other"}}}, {"text", "x"}}).status,
            404);
  EXPECT_EQ(send("POST", "/baton", "no json", signed_for("w", "no json")).status, 400);
  EXPECT_EQ(send("PUT", "/baton").status, 405);
  EXPECT_EQ(send("GET", "/baton", "", signed_for("p", "")).status, 200);
  EXPECT_EQ(effect("messages_sent"), 0);
}

}  // namespace
}  // namespace baton::simulation
