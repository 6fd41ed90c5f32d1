// The flow's callout. Fact sheet salesforce, section 7.1.
#include "connectors/salesforce/webhook.h"

#include "connectors/salesforce/soql.h"
#include "gateway/base/text.h"
#include "tests/connectors/salesforce/bench.h"
#include "tests/support/openssl_keys.h"

namespace baton::salesforce {
namespace {

using namespace salesforce_testing;

constexpr auto kToken = "baton-inbound-token-0001";
const TimePoint kThen{Duration{1'789'997'600'000}};  // 2026-09-21T13:33:20Z

class SalesforceCallout : public Bench {
 protected:
  static json callout(const char* event) {
    return {{"event", event},
            {"caseId", kCase},
            {"caseNumber", "00001026"},
            {"status", "Closed"},
            {"handoffId", "hof_0199e5a1c2d37f00a1b2c3d4e5f60718-salesforce-open_ticket-1"},
            {"occurredAt", "2026-09-21T13:33:20.000Z"}};
  }
  Result<sdk::Webhook> read(const std::string& body, const std::string& authorization, TimePoint at) {
    RawRequest request("POST", "/v1/hooks/salesforce", body, {{"authorization", authorization}});
    request.received_at = at;
    return connector->read_webhook(request, testing::OpensslKeys({{"webhook_token", kToken}}), settings);
  }
  std::vector<Signal> signals(const json& body) {
    const auto webhook = read(body.dump(), std::string("Bearer ") + kToken, kThen + 2s);
    EXPECT_TRUE(webhook);
    return webhook ? webhook->signals : std::vector<Signal>();
  }
};

TEST_F(SalesforceCallout, of_the_vector_is_a_hint_to_read_the_case) {
  const auto vector =
      testing::read_vectors("salesforce/vectors.json", "salesforce/data/vectors.json")["flow_http_callout"];
  const auto webhook = read(vector["body"].get<std::string>(),
                            vector["headers"]["Authorization"].get<std::string>(), kThen + 5s);
  ASSERT_TRUE(webhook) << webhook.error().detail;
  ASSERT_EQ(webhook->signals.size(), 1u);
  EXPECT_EQ(webhook->signals[0].kind, SignalKind::touched) << "its word proves nothing, the case is read";
  EXPECT_EQ(webhook->signals[0].object_id, kCase);
  EXPECT_EQ(webhook->answer.status, 200);
  EXPECT_EQ(webhook->answer.body, R"({"ok":true})");
}

TEST_F(SalesforceCallout, names_the_handoff_and_the_same_again_is_the_same) {
  const auto first = signals(callout("case.closed")), second = signals(callout("case.closed"));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].handoff.text, "hof_0199e5a1c2d37f00a1b2c3d4e5f60718");
  EXPECT_EQ(first[0].id, second[0].id);
  EXPECT_TRUE(first[0].who.empty());
}

TEST_F(SalesforceCallout, of_a_new_owner_claims_or_releases_where_the_flow_tells_who) {
  auto body = callout("case.owner_changed");
  ASSERT_EQ(signals(body).size(), 1u);
  EXPECT_EQ(signals(body)[0].kind, SignalKind::touched) << "the case is asked who has it";
  body["ownerId"] = "005000000000001AAA";
  body["ownerName"] = "Dana Agent";
  ASSERT_EQ(signals(body).size(), 2u);
  EXPECT_EQ(signals(body)[0].kind, SignalKind::claimed);
  EXPECT_EQ(signals(body)[0].who, "005000000000001AAA");
  EXPECT_EQ(signals(body)[0].who_name, "Dana Agent");
  EXPECT_EQ(signals(body)[0].detail, json({{"replies", false}})) << "no flow tells of an answer";
  EXPECT_EQ(signals(body)[1].kind, SignalKind::touched);
  EXPECT_NE(signals(body)[0].id, signals(body)[1].id) << "or the second would be the first again";
  body["ownerId"] = "00G000000000001EAA";
  EXPECT_EQ(signals(body)[0].kind, SignalKind::released);
  EXPECT_TRUE(signals(body)[0].who.empty()) << "a queue is nobody";
  // A claim is ended by who has it, so the flow tells who had the case.
  body["previousOwnerId"] = "005000000000001AAA";
  body["previousOwnerName"] = "Dana Agent";
  EXPECT_EQ(signals(body)[0].who, "005000000000001AAA");
  EXPECT_EQ(signals(body)[0].who_name, "Dana Agent");
  body["previousOwnerId"] = "00G000000000002EAA";
  EXPECT_TRUE(signals(body)[0].who.empty());
  EXPECT_TRUE(signals(body)[0].who_name.empty());
  ASSERT_EQ(signals(callout("case.reopened")).size(), 2u);
  EXPECT_EQ(signals(callout("case.reopened"))[0].kind, SignalKind::reopened);
  EXPECT_EQ(signals(callout("case.reopened"))[1].kind, SignalKind::touched);
  EXPECT_TRUE(signals(callout("case.danced")).empty());
}

// The user whom Baton is made every case, and takes none.
TEST_F(SalesforceCallout, of_batons_own_user_claims_nothing) {
  auto body = callout("case.owner_changed");
  body["createdById"] = "005000000000009AAA";
  body["ownerId"] = "005000000000009";
  body["ownerName"] = "Baton Integration";
  body["previousOwnerId"] = "005000000000001AAA";
  ASSERT_EQ(signals(body).size(), 2u);
  EXPECT_EQ(signals(body)[0].kind, SignalKind::released) << "whoever had it has it no more";
  EXPECT_EQ(signals(body)[0].who, "005000000000001AAA");
  auto reopened = callout("case.reopened");
  reopened["createdById"] = reopened["ownerId"] = "005000000000009AAA";
  EXPECT_TRUE(signals(reopened)[0].who.empty());
}

// Formulas and reports give ids of 15 characters, the API those of 18, and our receipts are the API's
// (section 1).
TEST_F(SalesforceCallout, with_a_short_id_is_about_the_same_case_and_person) {
  EXPECT_EQ(safe_id("500A0000006xYzQ"), "500A0000006xYzQIAU");
  EXPECT_EQ(safe_id("500A0000006xYzQIAU"), "500A0000006xYzQIAU");
  EXPECT_EQ(safe_id("5158"), "5158");
  auto body = callout("case.owner_changed");
  body["caseId"] = "500000000000001";
  body["ownerId"] = "00500000000000B";
  ASSERT_EQ(signals(body).size(), 2u);
  EXPECT_EQ(signals(body)[0].object_id, kCase);
  EXPECT_EQ(signals(body)[0].who, "00500000000000BAAQ");
  auto whole = body;
  whole["caseId"] = kCase;
  EXPECT_EQ(signals(body)[0].id, signals(whole)[0].id) << "the same notice";
}

TEST_F(SalesforceCallout, is_refused_without_the_token) {
  for (const auto* given :
       {"", "Bearer ", "Bearer baton-inbound-token-0002", "baton-inbound-token-0001", "Basic eA=="}) {
    const auto webhook = read(callout("case.closed").dump(), given, kThen);
    ASSERT_FALSE(webhook) << given;
    EXPECT_EQ(webhook.error().kind, FailureKind::rejected);
  }
}

TEST_F(SalesforceCallout, may_be_signed_by_apex_and_is_then_held_to_it) {
  RawRequest request("POST", "/v1/hooks/salesforce", callout("case.closed").dump());
  request.received_at = kThen;
  const auto stamp = std::to_string(kThen.time_since_epoch() / 1s);
  request.headers = {{"webhook-id", "m1"}, {"webhook-timestamp", stamp}};
  request.headers["webhook-signature"] =
      "v1," +
      to_base64(testing::hmac_sha256("thirty-two-bytes-of-a-shared-key", "m1." + stamp + "." + request.body));
  const testing::OpensslKeys keys(
      {{"webhook_secret", "whsec_" + to_base64("thirty-two-bytes-of-a-shared-key")}});
  const auto webhook = connector->read_webhook(request, keys, settings);
  ASSERT_TRUE(webhook) << webhook.error().detail;
  EXPECT_EQ(webhook->signals.size(), 1u);
  auto changed = request;
  changed.body[12] ^= 1;
  EXPECT_FALSE(connector->read_webhook(changed, keys, settings));
  // Without the token's secret a token proves nothing.
  RawRequest plain("POST", "/v1/hooks/salesforce", request.body,
                   {{"authorization", std::string("Bearer ") + kToken}});
  plain.received_at = kThen;
  EXPECT_FALSE(connector->read_webhook(plain, keys, settings));
}

TEST_F(SalesforceCallout, is_refused_late_early_or_without_a_time) {
  const auto good = std::string("Bearer ") + kToken;
  for (const auto off : {Duration{11min}, Duration{-11min}, Duration{48h}}) {
    EXPECT_FALSE(read(callout("case.owner_changed").dump(), good, kThen + off));
  }
  for (const json& time : {json(), json("soon"), json(5), json("9999-99-99T00:00:00Z")}) {
    auto body = callout("case.reopened");
    body["occurredAt"] = time;
    EXPECT_FALSE(read(body.dump(), good, kThen));
  }
}

// It is a hint alone, and flows run late: the case says how it stands now.
TEST_F(SalesforceCallout, of_a_closed_case_is_taken_however_late) {
  const auto good = std::string("Bearer ") + kToken;
  const auto late = read(callout("case.closed").dump(), good, kThen + 48h);
  ASSERT_TRUE(late) << late.error().detail;
  ASSERT_EQ(late->signals.size(), 1u);
  EXPECT_EQ(late->signals[0].kind, SignalKind::touched);
  auto timeless = callout("case.closed");
  timeless.erase("occurredAt");
  const auto first = read(timeless.dump(), good, kThen), second = read(timeless.dump(), good, kThen + 1h);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->signals[0].id, second->signals[0].id) << "closed once more";
}

TEST_F(SalesforceCallout, that_cannot_be_read_is_no_signal) {
  const auto good = std::string("Bearer ") + kToken;
  for (const auto& body : testing::hostile_bodies("{}"))
    EXPECT_FALSE(read(body, good, kThen)) << body.substr(0, 60);
  auto body = callout("case.closed");
  for (const json& id : {json(), json("5158"), json(500), json("500000000000001'--")}) {
    body["caseId"] = id;
    EXPECT_TRUE(signals(body).empty());
  }
}

}  // namespace
}  // namespace baton::salesforce
