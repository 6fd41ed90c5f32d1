#include <gtest/gtest.h>

#include "connectors/slack/webhook.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::slack {
namespace {

using nlohmann::json;

constexpr auto kCardSecret = "8f742231b10e8888abcd99yyyzzz85a5";
constexpr std::int64_t kClickedAt = 1'788'257'729;

json vectors() { return testing::read_vectors("ingress/vectors.json", "slack/data/vectors.json")["vectors"]; }

RawRequest request_of(const json& vector) {
  RawRequest request("POST", "/v1/hooks/slack", vector["body"].get<std::string>());
  for (const auto& [name, value] : vector["headers"].items()) request.headers[to_lower(name)] = value;
  request.received_at = TimePoint(std::chrono::seconds(vector.value("now_epoch_s", kClickedAt + 2)));
  return request;
}

RawRequest signed_click(std::string body, std::string type = "application/x-www-form-urlencoded") {
  RawRequest request("POST", "/v1/hooks/slack", std::move(body));
  request.headers["content-type"] = std::move(type);
  request.headers["x-slack-request-timestamp"] = std::to_string(kClickedAt);
  request.headers["x-slack-signature"] =
      "v0=" +
      to_hex(testing::hmac_sha256(kCardSecret, "v0:" + std::to_string(kClickedAt) + ":" + request.body));
  request.received_at = TimePoint(std::chrono::seconds(kClickedAt));
  return request;
}

Result<sdk::Webhook> read_click(const RawRequest& request, const std::string& secret = kCardSecret) {
  return read_webhook(request, testing::OpensslKeys({{"signing_secret", secret}}));
}

json click_of(const char* action) {
  return {{"type", "block_actions"},
          {"user", {{"id", "U1"}, {"username", "dana"}}},
          {"container", {{"message_ts", "1788257700.000300"}, {"channel_id", "C1"}}},
          {"response_url", "https://hooks.slack.com/actions/x"},
          {"actions", {{{"action_id", action}, {"action_ts", "1788257729.1"}, {"value", "hof_1"}}}}};
}
Result<sdk::Webhook> read_click(const json& payload) {
  return read_click(signed_click("payload=" + percent_encode(payload.dump())));
}

TEST(SlackWebhook, a_return_click_ends_the_work_so_that_the_ai_may_have_it_again) {
  const auto webhook = read_click(click_of("baton_return"));
  ASSERT_TRUE(webhook);
  ASSERT_EQ(webhook->signals.size(), 1u);
  EXPECT_EQ(webhook->signals[0].kind, SignalKind::solved);
  EXPECT_EQ(webhook->signals[0].handoff.text, "hof_1");
}

TEST(SlackWebhook, a_claim_click_of_the_vectors_becomes_a_signal) {
  const auto webhook = read_click(request_of(vectors()["slack_block_actions"]));
  ASSERT_TRUE(webhook);
  EXPECT_EQ(webhook->answer.status, 200);
  EXPECT_EQ(webhook->answer.body, "");
  ASSERT_EQ(webhook->signals.size(), 1u);
  const auto& signal = webhook->signals[0];
  EXPECT_EQ(signal.kind, SignalKind::claimed);
  EXPECT_EQ(signal.object_id, "C0HANDOFFS:1788257700.000300");
  EXPECT_EQ(signal.who, "U02AGENT01");
  EXPECT_EQ(signal.who_name, "dana");
  EXPECT_TRUE(signal.reply_address.starts_with("https://hooks.slack.com/actions/T012ACME/"));
  EXPECT_NE(signal.id.find("1788257700.000300"), std::string::npos);
  EXPECT_NE(signal.id.find("U02AGENT01"), std::string::npos);
}

TEST(SlackWebhook, the_url_is_verified_with_the_challenge_as_text) {
  const auto all = vectors();
  const auto& vector = all["slack_url_verification"];
  const auto webhook = read_click(request_of(vector));
  ASSERT_TRUE(webhook);
  EXPECT_EQ(webhook->answer.status, 200);
  EXPECT_EQ(webhook->answer.body, vector["expected_response"]["body"].get<std::string>());
  EXPECT_TRUE(header(webhook->answer.headers, "content-type").starts_with("text/plain"));
  EXPECT_TRUE(webhook->signals.empty());
}

TEST(SlackWebhook, every_vector_is_genuine_and_every_changed_bit_is_not) {
  const auto all = vectors();
  int seen = 0;
  for (const auto& [name, vector] : all.items()) {
    if (!name.starts_with("slack_")) continue;
    ++seen;
    const auto good = request_of(vector);
    EXPECT_TRUE(read_click(good)) << name;
    EXPECT_FALSE(read_click(good, "another secret")) << name;
    EXPECT_FALSE(read_click(good, "")) << name;
    for (std::size_t i = 0; i < good.body.size(); i += 11) {
      auto forged = good;
      forged.body[i] ^= 1;
      const auto webhook = read_click(forged);
      ASSERT_FALSE(webhook) << name << i;
      EXPECT_EQ(webhook.error().kind, FailureKind::rejected);
    }
  }
  EXPECT_EQ(seen, 4);
}

TEST(SlackWebhook, five_minutes_are_the_limit_both_ways) {
  auto request = signed_click("payload=" + percent_encode(click_of("baton_claim").dump()));
  for (const auto offset : {Duration{5min}, -Duration{5min}}) {
    request.received_at = TimePoint(std::chrono::seconds(kClickedAt)) + offset;
    EXPECT_TRUE(read_click(request));
    request.received_at += offset > Duration{0} ? Duration{1} : -Duration{1};
    EXPECT_FALSE(read_click(request));
  }
  for (const auto* stamp : {"", "x", "1788257729.0", "-5", "99999999999999999999"}) {
    auto odd = request;
    odd.headers["x-slack-request-timestamp"] = stamp;
    odd.headers["x-slack-signature"] =
        "v0=" + to_hex(testing::hmac_sha256(kCardSecret, "v0:" + std::string(stamp) + ":" + odd.body));
    EXPECT_FALSE(read_click(odd)) << stamp;
  }
}

TEST(SlackWebhook, claim_and_release_are_signals_and_other_buttons_are_not) {
  EXPECT_EQ(read_click(click_of("baton_claim"))->signals.at(0).kind, SignalKind::claimed);
  EXPECT_EQ(read_click(click_of("baton_release"))->signals.at(0).kind, SignalKind::released);
  EXPECT_TRUE(read_click(click_of("baton_open_ticket"))->signals.empty());
  EXPECT_TRUE(read_click({{"type", "view_submission"}})->signals.empty());
  EXPECT_TRUE(read_click(json::array())->signals.empty());
}

TEST(SlackWebhook, two_clicks_of_two_people_are_two_signals_and_the_same_click_is_one) {
  auto other = click_of("baton_claim");
  other["user"]["id"] = "U2";
  EXPECT_NE(read_click(click_of("baton_claim"))->signals[0].id, read_click(other)->signals[0].id);
  EXPECT_EQ(read_click(click_of("baton_claim"))->signals[0].id,
            read_click(click_of("baton_claim"))->signals[0].id);
}

TEST(SlackWebhook, a_click_without_message_person_or_time_is_refused) {
  for (const auto* pointer : {"/container", "/user", "/actions/0/action_ts"}) {
    auto payload = click_of("baton_claim");
    payload[json::json_pointer(pointer)] = nullptr;
    EXPECT_FALSE(read_click(payload)) << pointer;
  }
  for (const auto& variant : testing::ill_typed(click_of("baton_claim"))) (void)read_click(variant);
}

TEST(SlackWebhook, an_ssl_check_is_answered_and_nothing_else_without_a_signature) {
  RawRequest probe("POST", "/v1/hooks/slack", "ssl_check=1&token=x");
  const auto webhook = read_click(probe);
  ASSERT_TRUE(webhook);
  EXPECT_EQ(webhook->answer.status, 200);
  EXPECT_TRUE(webhook->signals.empty());
  RawRequest smuggled("POST", "/v1/hooks/slack",
                      "ssl_check=1&payload=" + percent_encode(click_of("baton_claim").dump()));
  EXPECT_FALSE(read_click(smuggled));
  EXPECT_FALSE(read_click(RawRequest("POST", "/v1/hooks/slack", "")));
}

// The model of signals has no place for presence.
TEST(SlackWebhook, who_says_that_they_are_away_is_told_that_nobody_asks) {
  for (const auto* text : {"available", "busy", "Away+"}) {
    const auto webhook = read_click(signed_click("command=%2Fbaton&user_id=U1&text=" + std::string(text)));
    ASSERT_TRUE(webhook) << text;
    EXPECT_TRUE(webhook->signals.empty());
    EXPECT_EQ(json::parse(webhook->answer.body)["response_type"], "ephemeral") << text;
  }
  EXPECT_EQ(read_click(signed_click("command=%2Fbaton&user_id=U1&text=lunch"))->answer.body, "");
  EXPECT_FALSE(read_click(RawRequest("POST", "/v1/hooks/slack", "command=%2Fbaton&user_id=U1&text=away")));
}

}  // namespace
}  // namespace baton::slack
