#include <gtest/gtest.h>

#include "connectors/standard_webhooks/wire.h"
#include "gateway/base/date.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"
#include "tests/support/spec_schema.h"

namespace baton::standard_webhooks {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;

constexpr auto kId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/desk/emit/2";
constexpr auto kSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";
constexpr std::int64_t kNow = 1'788'257'729;

class StandardWebhooks : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector);
  DirectSession session{*connector};
  json event = {{"type", "handoff.returned"},
                {"timestamp", "2026-09-01T10:15:29.120Z"},
                {"data", {{"handoff_id", "hof_1"}, {"resolution", "Refunded <b>now</b>"}}}};

  sdk::Order order() { return sdk::Order(kId, kId, nullptr, Receipt(), event, settings); }
  Result<sdk::Webhook> read(const RawRequest& request, const std::string& secret = kSecret) {
    return connector->read_webhook(request, testing::OpensslKeys({{"webhook_secret", secret}}), settings);
  }
  RawRequest signed_request(std::string body, std::string id = "msg_1") {
    RawRequest request("POST", "/v1/hooks/desk", std::move(body));
    const auto stamp = std::to_string(kNow);
    request.headers["webhook-id"] = id;
    request.headers["webhook-timestamp"] = stamp;
    request.headers["webhook-signature"] =
        "v1," + to_base64(testing::hmac_sha256(testing::standard_key(kSecret),
                                               id + "." + stamp + "." + request.body));
    request.received_at = TimePoint(std::chrono::seconds(kNow));
    return request;
  }
  Result<sdk::Webhook> read(const json& body) { return read(signed_request(body.dump())); }
};

TEST_F(StandardWebhooks, an_event_is_sent_as_the_specification_recommends) {
  session.expect("POST", "/").says(200, "");
  EXPECT_EQ(*session.attempt(Operation::emit, order()), Receipt(kId));
  testing::expect_golden(session.sent[0].request, "standard_webhooks/golden/emit.json");
  EXPECT_TRUE(session.sent[0].request.body.starts_with(R"({"type":"handoff.returned","timestamp":)"));
  const auto schema = testing::read_vectors("standard-webhooks/envelope.schema.json",
                                            "standard_webhooks/data/envelope.schema.json");
  EXPECT_EQ(testing::violations(schema, "", json::parse(session.sent[0].request.body)), "");
  EXPECT_NE(testing::violations(schema, "", {{"type", 1}}), "");
}

TEST_F(StandardWebhooks, the_path_is_a_setting) {
  for (const auto* path : {"/hooks/baton", "hooks/baton"}) {
    settings = testing::settings_for(*connector, {{"path", path}});
    DirectSession one(*connector);
    one.expect("POST", "/hooks/baton").says(202, "");
    EXPECT_TRUE(one.attempt(Operation::emit, order()));
  }
}

TEST_F(StandardWebhooks, a_lost_reply_is_repeated_with_the_same_bytes) {
  session.expect("POST", "/").loses_reply();
  session.expect("POST", "/").says(204, "");
  EXPECT_FALSE(session.attempt(Operation::emit, order()));
  EXPECT_TRUE(session.attempt(Operation::emit, order()));
  EXPECT_EQ(session.sent[0].request, session.sent[1].request);
}

TEST_F(StandardWebhooks, the_receiver_may_name_what_it_made) {
  EXPECT_EQ(read_taken(Reply(200, R"({"object_id":"T-7","url":"https://desk.example/7"})"), kId),
            Receipt("T-7", "https://desk.example/7"));
  EXPECT_EQ(read_taken(Reply(200, R"({"object_id":7,"url":"javascript:alert"})"), kId), Receipt("7"));
  for (const auto& body : testing::hostile_bodies(R"({"object_id":"T-7"})")) {
    EXPECT_EQ(read_taken(Reply(200, body), kId), Receipt(kId));
  }
}

TEST_F(StandardWebhooks, what_is_no_event_is_rejected_without_a_request) {
  for (const auto* pointer : {"/type", "/timestamp", "/data"}) {
    for (const auto& wrong : {json(nullptr), json(""), json(5), json("not a thing")}) {
      auto odd = order();
      odd.subject[json::json_pointer(pointer)] = wrong;
      const auto receipt = session.attempt(Operation::emit, odd);
      ASSERT_FALSE(receipt) << pointer << wrong;
      EXPECT_EQ(receipt.error().kind, FailureKind::rejected);
    }
  }
}

TEST_F(StandardWebhooks, an_alert_is_sent_as_alertmanager_takes_it) {
  settings = testing::settings_for(*connector, {{"form", "alertmanager"}, {"path", "/am/"}});
  event = {{"type", "alert.worse"},
           {"timestamp", "2026-09-01T10:15:29.120Z"},
           {"data",
            {{"key", "destination/desk/availability"},
             {"about", "destination/desk"},
             {"cause", "availability"},
             {"state", "firing"},
             {"severity", "critical"},
             {"was", "warning"},
             {"title", "desk is down"},
             {"since", "2026-09-01T10:00:00.000Z"},
             {"until", "2026-09-01T15:15:29.120Z"},
             {"timeline", "https://admin.example/v1/handoffs/hof_1/timeline"}}}};
  DirectSession one(*connector);
  one.expect("POST", "/am/api/v2/alerts").says(200, "");
  EXPECT_EQ(*one.attempt(Operation::notify, order()), Receipt(kId));
  testing::expect_golden(one.sent[0].request, "standard_webhooks/golden/alertmanager.json");

  event["data"]["state"] = "resolved";
  event["data"].erase("was");
  const auto over = send_alert("/", event);
  const auto body = json::parse(over->request().body);
  ASSERT_EQ(body.size(), 1u);
  EXPECT_EQ(body[0]["endsAt"], event["timestamp"]);
  event["data"].erase("since");
  EXPECT_EQ(send_alert("/", event).error().kind, FailureKind::rejected);
}

TEST_F(StandardWebhooks, it_is_signed_with_the_configured_secret) {
  const auto auth = connector->auth(settings);
  ASSERT_TRUE(std::holds_alternative<sdk::StandardSignature>(auth));
  EXPECT_EQ(std::get<sdk::StandardSignature>(auth).field, "secret");
}

// --- sections 3.5 and 6

TEST_F(StandardWebhooks, refusals_are_retried_for_a_day_and_then_parked) {
  using enum FailureKind;
  const auto write = send_event("/", event);
  ASSERT_TRUE(write);
  const auto happened = *parse_rfc3339("2026-09-01T10:15:29.120Z");
  const auto kind = [&](int status, Duration after) {
    const Reply reply(status);
    return connector->classify(sdk::Exchange(write->request(), true, reply, happened + after))->kind;
  };
  for (const int status : {301, 302, 307, 400, 401, 403, 404, 422}) {
    EXPECT_EQ(kind(status, Duration{1s}), retryable) << status;
    EXPECT_EQ(kind(status, Duration{24h}), retryable) << status;
    EXPECT_EQ(kind(status, Duration{24h + 1ms}), misconfigured) << status;
  }
  for (const int status : {405, 408, 409, 413, 425})
    EXPECT_EQ(kind(status, Duration{48h}), retryable) << status;
  EXPECT_EQ(kind(410, Duration{1s}), misconfigured);
  EXPECT_EQ(kind(429, Duration{1s}), rate_limited);
  for (const int status : {500, 502, 504}) EXPECT_EQ(kind(status, Duration{48h}), ambiguous) << status;
  EXPECT_EQ(kind(503, Duration{48h}), retryable);
  const Reply busy(429, "", Duration{17s});
  EXPECT_EQ(connector->classify(sdk::Exchange(write->request(), true, busy, happened))->not_before,
            happened + 17s);
  for (const int status : {200, 201, 202, 204}) {
    const Reply taken(status);
    EXPECT_FALSE(connector->classify(sdk::Exchange(write->request(), true, taken, happened)));
  }
}

// --- what the other side tells us

TEST_F(StandardWebhooks, the_vectors_hold) {
  const auto vectors = testing::read_vectors("standard-webhooks/vectors.json",
                                             "standard_webhooks/data/vectors.json")["vectors"];
  int checked = 0;
  for (const auto& vector : vectors) {
    if (!vector.contains("secret") || !vector["secret"].get<std::string>().starts_with("whsec_"))
      continue;  // ed25519
    RawRequest request("POST", "/v1/hooks/desk", vector["body"].get<std::string>());
    for (const auto& [name, value] : vector["headers"].items()) request.headers[to_lower(name)] = value;
    request.received_at = TimePoint(std::chrono::seconds(vector["now_epoch_s"].get<std::int64_t>()));
    EXPECT_EQ(read(request, vector["secret"].get<std::string>()).has_value(), vector["valid"].get<bool>())
        << vector["name"];
    ++checked;
  }
  EXPECT_GE(checked, 7);
}

TEST_F(StandardWebhooks, ticket_events_become_signals) {
  const std::vector<std::pair<const char*, SignalKind>> types = {
      {"ticket.solved", SignalKind::solved},     {"ticket.claimed", SignalKind::claimed},
      {"ticket.replied", SignalKind::replied},   {"ticket.reopened", SignalKind::reopened},
      {"ticket.released", SignalKind::released},
  };
  for (const auto& [type, kind] : types) {
    const auto webhook =
        read(json{{"type", type},
                  {"data", {{"object_id", 77}, {"who", "dana"}, {"who_name", "Dana"}, {"text", "Done"}}}});
    ASSERT_TRUE(webhook) << type;
    ASSERT_EQ(webhook->signals.size(), 1u);
    const auto& signal = webhook->signals[0];
    EXPECT_EQ(signal.kind, kind);
    EXPECT_EQ(signal.id, "msg_1");
    EXPECT_EQ(signal.object_id, "77");
    EXPECT_EQ(signal.who, "dana");
    EXPECT_EQ(signal.who_name, "Dana");
    EXPECT_EQ(signal.text, "Done");
  }
}

TEST_F(StandardWebhooks, other_events_are_taken_and_mean_nothing) {
  EXPECT_TRUE(read(json{{"type", "webhook.test"}})->signals.empty());
  EXPECT_TRUE(read(json{{"type", "handoff.accepted"}, {"data", {{"object_id", "1"}}}})->signals.empty());
  EXPECT_TRUE(read(signed_request(""))->signals.empty());
  EXPECT_TRUE(read(json::array())->signals.empty());
}

TEST_F(StandardWebhooks, forged_and_malformed_ones_are_refused) {
  const json good = {{"type", "ticket.solved"}, {"data", {{"object_id", "1"}}}};
  EXPECT_TRUE(read(good));
  EXPECT_FALSE(read(signed_request(good.dump()), ""));
  auto forged = signed_request(good.dump());
  forged.body += " ";
  EXPECT_EQ(read(forged).error().kind, FailureKind::rejected);
  auto late = signed_request(good.dump());
  late.received_at += 301s;
  EXPECT_FALSE(read(late));
  EXPECT_FALSE(read(json{{"type", "ticket.solved"}}));
  EXPECT_FALSE(read(json{{"type", "ticket.solved"}, {"data", {{"object_id", ""}}}}));
  EXPECT_FALSE(read(signed_request("{\"type\":")));
  for (const auto& variant : testing::ill_typed(good)) (void)read(variant);
}

}  // namespace
}  // namespace baton::standard_webhooks
