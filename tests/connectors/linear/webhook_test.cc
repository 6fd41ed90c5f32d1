#include <gtest/gtest.h>

#include "connectors/linear/webhook.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::linear {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kSecret = "lin_wh_test";
constexpr std::int64_t kSent = 1788257729120;

json change(json state, json before) {
  return {{"action", "update"},
          {"type", "Issue"},
          {"actor", {{"id", "u-dana"}, {"type", "user"}, {"name", "Dana Fixer"}}},
          {"createdAt", "2026-09-01T10:15:29.001Z"},
          {"data",
           {{"id", "0f8fad5b-d9cb-469f-a165-70867728950e"},
            {"identifier", "ENG-482"},
            {"state", std::move(state)},
            {"updatedAt", "2026-09-01T10:15:29.000Z"}}},
          {"updatedFrom", std::move(before)},
          {"webhookTimestamp", kSent},
          {"webhookId", "wh-1"}};
}
json state(const char* type) { return {{"id", "s1"}, {"name", "x"}, {"type", type}}; }

class LinearWebhook : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"baton_user_id", "u-baton"}});

  static RawRequest signed_request(std::string body) {
    RawRequest request("POST", "/v1/hooks/linear", std::move(body));
    request.headers["linear-signature"] = to_hex(testing::hmac_sha256(kSecret, request.body));
    request.headers["linear-delivery"] = "234d1a4e-b617-4388-90fe-adc3633d6b72";
    request.received_at = TimePoint(Duration{kSent + 900});
    return request;
  }
  Result<sdk::Webhook> read(const RawRequest& request, const std::string& secret = kSecret) {
    const testing::OpensslKeys keys({{"webhook_secret", secret}});
    return connector->read_webhook(request, keys, settings);
  }
  std::vector<Signal> signals(const json& body) {
    const auto webhook = read(signed_request(body.dump()));
    EXPECT_TRUE(webhook);
    if (!webhook) return {};
    EXPECT_EQ(webhook->answer.status, 200);
    return webhook->signals;
  }
};

TEST_F(LinearWebhook, the_sheets_vectors_hold) {
  const auto vector = json::parse(testing::read_text(
      std::string(BATON_SOURCE_DIR) + "/tests/connectors/linear/data/webhook_vectors.json"))["linear"];
  RawRequest request("POST", "/v1/hooks/linear", vector["body"].get<std::string>());
  for (const auto& [name, value] : vector["headers"].items()) request.headers[to_lower(name)] = value;
  request.received_at = TimePoint(std::chrono::seconds(vector["now_epoch_s"].get<std::int64_t>()));
  const auto webhook = read(request, vector["secret"].get<std::string>());
  ASSERT_TRUE(webhook);
  ASSERT_EQ(webhook->signals.size(), 1u);
  EXPECT_EQ(webhook->signals[0].kind, SignalKind::solved);
  EXPECT_EQ(webhook->signals[0].object_id, "0f8fad5b-d9cb-469f-a165-70867728950e");
  EXPECT_EQ(webhook->signals[0].who, "b5ea5f1f-8adc-4f52-b4bd-ab4e84cf51ba");
  EXPECT_EQ(webhook->signals[0].who_name, "Dana Fixer");

  RawRequest brief("POST", "/", R"({"action":"create","type":"Comment","webhookTimestamp":1788257729120})");
  brief.headers["linear-signature"] = "f716ba24c94ace57276e5f6b43872f7b7a72d80aa34b795132d5a214fb2af94f";
  brief.received_at = TimePoint(Duration{kSent});
  const auto nothing = read(brief, "lin_wh_short");
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->signals.empty());
}

// Its identifier is another one then; what a receipt holds is the id (section 10).
TEST_F(LinearWebhook, an_issue_that_moved_to_another_team_is_still_the_same) {
  auto moved = change(state("completed"), {{"stateId", "s0"}});
  const auto before = signals(moved);
  moved["data"]["identifier"] = "OPS-7";
  moved["data"]["previousIdentifiers"] = {"ENG-482"};
  const auto after = signals(moved);
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].object_id, before[0].object_id);
  EXPECT_EQ(after[0].object_id, "0f8fad5b-d9cb-469f-a165-70867728950e");
}

TEST_F(LinearWebhook, forged_late_and_early_ones_are_refused) {
  const auto good = change(state("completed"), {{"stateId", "s0"}}).dump();
  EXPECT_TRUE(read(signed_request(good)));
  EXPECT_FALSE(read(signed_request(good), "another secret"));
  EXPECT_FALSE(read(signed_request(good), ""));
  for (std::size_t i = 0; i < good.size(); i += 5) {
    auto forged = signed_request(good);
    forged.body[i] ^= 1;
    const auto webhook = read(forged);
    ASSERT_FALSE(webhook);
    EXPECT_EQ(webhook.error().kind, FailureKind::rejected);
  }
  auto bare = signed_request(good);
  bare.headers.clear();
  EXPECT_FALSE(read(bare));
  auto late = signed_request(good);
  late.received_at = TimePoint(Duration{kSent}) + 60s;
  EXPECT_TRUE(read(late));
  late.received_at += Duration{1};
  EXPECT_FALSE(read(late));
  late.received_at = TimePoint(Duration{kSent}) - 60s - Duration{1};
  EXPECT_FALSE(read(late));
}

TEST_F(LinearWebhook, the_time_is_that_of_the_signed_body) {
  auto body = change(state("completed"), {{"stateId", "s0"}});
  for (const auto& time :
       {json(nullptr), json("1788257729120"), json(-1), json(1e300), json(0), json::array()}) {
    body["webhookTimestamp"] = time;
    auto request = signed_request(body.dump());
    request.headers["linear-timestamp"] = std::to_string(kSent);
    EXPECT_FALSE(read(request)) << time;
  }
}

TEST_F(LinearWebhook, an_end_is_solved_and_only_after_an_end_it_is_reopened) {
  struct Case {
    const char* name;
    json body;
    std::string kinds;
  };
  const std::vector<Case> cases = {
      {"done", change(state("completed"), {{"stateId", "s0"}, {"completedAt", nullptr}}), "solved"},
      {"canceled", change(state("canceled"), {{"stateId", "s0"}, {"canceledAt", nullptr}}), "solved"},
      {"duplicate", change(state("duplicate"), {{"stateId", "s0"}}), "solved"},
      {"on its way", change(state("started"), {{"stateId", "s0"}}), ""},
      {"a type that is new", change(state("paused"), {{"stateId", "s0"}}), ""},
      {"back from done",
       change(state("unstarted"), {{"stateId", "s0"}, {"completedAt", "2026-08-31T08:00:00Z"}}), "reopened"},
      {"back from canceled",
       change(state("triage"), {{"stateId", "s0"}, {"canceledAt", "2026-08-31T08:00:00Z"}}), "reopened"},
      {"from one end to another",
       change(state("canceled"), {{"stateId", "s0"}, {"completedAt", "2026-08-31T08:00:00Z"}}), ""},
      {"a title", change(state("completed"), {{"title", "x"}}), ""},
      {"no state", change(nullptr, {{"stateId", "s0"}}), ""},
  };
  for (const auto& one : cases) {
    std::string kinds;
    for (const auto& signal : signals(one.body)) kinds += name(signal.kind);
    EXPECT_EQ(kinds, one.kinds) << one.name;
  }
}

// A ticket as well as a bug: which of the two it is, Baton knows.
TEST_F(LinearWebhook, what_was_given_up_is_solved_without_a_fix) {
  for (const auto& [type, about] : std::map<std::string, std::string>{
           {"completed", ""}, {"canceled", "unfixed"}, {"duplicate", "unfixed"}}) {
    const auto found = signals(change(state(type.c_str()), {{"stateId", "s0"}}));
    ASSERT_EQ(found.size(), 1u) << type;
    EXPECT_EQ(found[0].kind, SignalKind::solved) << type;
    EXPECT_EQ(found[0].about, about) << type;
    EXPECT_EQ(found[0].text, "") << "nobody wrote a word";
  }
}

TEST_F(LinearWebhook, who_takes_an_issue_claims_it_and_may_release_it) {
  auto taken = change(state("started"), {{"assigneeId", nullptr}});
  taken["data"]["assigneeId"] = "u-lee";
  taken["data"]["assignee"] = {{"id", "u-lee"}, {"name", "Lee Fixer"}};
  auto found = signals(taken);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, SignalKind::claimed);
  EXPECT_EQ(found[0].who, "u-lee");
  EXPECT_EQ(found[0].who_name, "Lee Fixer");
  EXPECT_EQ(found[0].detail, nlohmann::json({{"replies", false}}))
      << "no reply is ever told, so none is awaited";
  auto dropped = change(state("started"), {{"assigneeId", "u-lee"}});
  dropped["data"]["assigneeId"] = nullptr;
  found = signals(dropped);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, SignalKind::released);
  EXPECT_EQ(found[0].who, "u-lee");
}

TEST_F(LinearWebhook, what_engineers_write_never_reaches_the_customer) {
  auto comment = change(nullptr, nullptr);
  comment["type"] = "Comment";
  comment["action"] = "create";
  comment["data"] = {{"id", "c1"}, {"body", "this customer is wrong"}, {"issueId", "i1"}};
  EXPECT_TRUE(signals(comment).empty());
}

TEST_F(LinearWebhook, our_own_changes_and_what_is_no_change_of_an_issue_are_no_signals) {
  auto body = change(state("completed"), {{"stateId", "s0"}});
  body["actor"]["id"] = "u-baton";
  EXPECT_TRUE(signals(body).empty());
  for (const auto& [key, value] : std::map<std::string, json>{{"type", "Project"},
                                                              {"action", "remove"},
                                                              {"action ", ""},
                                                              {"data", nullptr},
                                                              {"updatedFrom", nullptr}}) {
    auto other = change(state("completed"), {{"stateId", "s0"}});
    other[key] = value;
    if (key == "action ") continue;
    EXPECT_TRUE(signals(other).empty()) << key;
  }
}

TEST_F(LinearWebhook, the_same_change_is_the_same_signal_and_another_is_another) {
  const auto body = change(state("completed"), {{"stateId", "s0"}});
  auto again = signed_request(body.dump());
  again.headers["linear-delivery"] = "another delivery";
  EXPECT_EQ(signals(body)[0].id, read(again)->signals[0].id);
  auto later = body;
  later["data"]["updatedAt"] = "2026-09-02T10:15:29.000Z";
  EXPECT_NE(signals(body)[0].id, signals(later)[0].id);
}

TEST_F(LinearWebhook, ill_typed_bodies_end_in_a_refusal_or_in_nothing) {
  for (const auto& body :
       testing::ill_typed(change(state("completed"), {{"stateId", "s0"}, {"assigneeId", "u"}})))
    (void)read(signed_request(body.dump()));
  for (const auto& body : testing::hostile_bodies(change(state("completed"), {{"stateId", "s0"}}).dump())) {
    const auto webhook = read(signed_request(body));
    EXPECT_TRUE(!webhook || webhook->signals.empty());
  }
}

TEST_F(LinearWebhook,
       an_app_that_is_taken_out_says_what_to_do_and_another_app_or_a_persons_key_is_not_meant) {
  const auto revoked = [&](const char* client, const char* said, const char* action = "revoked") {
    settings = testing::settings_for(*connector, {{"client_id", client}});
    const json body = {{"action", action},        {"type", "OAuthApp"},        {"oauthClientId", said},
                       {"organizationId", "org"}, {"webhookTimestamp", kSent}, {"webhookId", "wh-1"}};
    const auto webhook = read(signed_request(body.dump()));
    EXPECT_TRUE(webhook);
    return webhook ? webhook->revoked : std::nullopt;
  };
  const auto gone = revoked("app-1", "app-1");
  ASSERT_TRUE(gone);
  EXPECT_NE(gone->why.find("install it again"), std::string::npos);
  EXPECT_EQ(gone->at, TimePoint(Duration{kSent}));
  EXPECT_TRUE(revoked("app-1", "")) << "whose it is is unconfirmed to be told";
  EXPECT_FALSE(revoked("app-1", "app-2"));
  settings = testing::settings_for(*connector, {{"client_id", "app-1"}});
  const json of_another = {{"action", "revoked"},
                           {"type", "OAuthApp"},
                           {"data", {{"oauthClientId", "app-2"}}},
                           {"webhookTimestamp", kSent}};
  EXPECT_FALSE(read(signed_request(of_another.dump()))->revoked);
  EXPECT_FALSE(revoked("", "app-1"));
  EXPECT_FALSE(revoked("app-1", "app-1", "created"));
}

}  // namespace
}  // namespace baton::linear
