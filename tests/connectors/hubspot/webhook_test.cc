#include <gtest/gtest.h>

#include "connectors/hubspot/webhook.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::hubspot {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kSecret = "baton-test-client-secret-0001";
constexpr auto kUrl = "https://baton.example.com/v1/hooks/hubspot";
constexpr std::int64_t kNow = 1'790'000'001'000;

json change(const char* property, const char* value) {
  return {{"eventId", 1},
          {"portalId", 62515},
          {"occurredAt", 1790000000123},
          {"subscriptionType", "ticket.propertyChange"},
          {"objectId", 1145814089},
          {"propertyName", property},
          {"propertyValue", value},
          {"changeSource", "CRM_UI"},
          {"sourceId", "userId:882761034"}};
}

class HubSpotWebhook : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"hook_url", kUrl}, {"closed_stages", "4, 9"}});

  Result<sdk::Webhook> read(const RawRequest& request, const std::string& secret = kSecret) {
    return connector->read_webhook(request, testing::OpensslKeys({{"client_secret", secret}}), settings);
  }
  RawRequest signed_request(std::string body) {
    RawRequest request("POST", "/v1/hooks/hubspot", std::move(body));
    request.headers["x-hubspot-request-timestamp"] = std::to_string(kNow);
    request.headers["x-hubspot-signature-v3"] = to_base64(
        testing::hmac_sha256(kSecret, "POST" + std::string(kUrl) + request.body + std::to_string(kNow)));
    request.received_at = TimePoint(Duration{kNow});
    return request;
  }
  std::vector<Signal> signals(const json& body) {
    const auto webhook = read(signed_request(body.dump()));
    EXPECT_TRUE(webhook);
    return webhook ? webhook->signals : std::vector<Signal>();
  }
};

TEST_F(HubSpotWebhook, the_vectors_hold) {
  const auto vectors = testing::read_vectors("hubspot/webhook_signature_vectors.json",
                                             "hubspot/data/webhook_signature_vectors.json")["v3"];
  ASSERT_GE(vectors.size(), 8u);
  for (const auto& vector : vectors) {
    RawRequest request(vector["method"].get<std::string>(), "/v1/hooks/hubspot",
                       vector["body"].get<std::string>());
    request.headers["x-hubspot-request-timestamp"] = vector["timestamp"];
    request.headers["x-hubspot-signature-v3"] = vector["signature"];
    request.received_at = TimePoint(Duration{vector["now_ms"].get<std::int64_t>()});
    settings = testing::settings_for(*connector, {{"hook_url", vector["uri_received"]}});
    const auto webhook = read(request, vector["secret"].get<std::string>());
    // Two published vectors sign a body that is no JSON: then it is the body that is refused.
    const bool genuine = webhook || webhook.error().detail.find("is not JSON") != std::string::npos;
    EXPECT_EQ(genuine, vector["expect"] == "valid") << vector["name"];
    EXPECT_EQ(signed_form(vector["uri_received"].get<std::string>()),
              vector["uri_signed"].get<std::string>());
  }
}

TEST_F(HubSpotWebhook, forged_late_and_unverifiable_ones_are_refused) {
  const auto body = json::array({change("hs_pipeline_stage", "4")}).dump();
  EXPECT_TRUE(read(signed_request(body)));
  EXPECT_FALSE(read(signed_request(body), "another"));
  EXPECT_FALSE(read(signed_request(body), ""));
  for (std::size_t i = 0; i < body.size(); i += 9) {
    auto forged = signed_request(body);
    forged.body[i] ^= 1;
    EXPECT_FALSE(read(forged));
  }
  auto late = signed_request(body);
  late.received_at += 5min;
  EXPECT_TRUE(read(late));
  late.received_at += Duration{1};
  EXPECT_FALSE(read(late));
  auto early = signed_request(body);
  early.received_at -= 5min + Duration{1};
  EXPECT_FALSE(read(early));
  settings = testing::settings_for(*connector);
  const auto unconfigured = read(signed_request(body));
  ASSERT_FALSE(unconfigured);
  EXPECT_NE(unconfigured.error().detail.find("hook_url"), std::string::npos);
}

// What a proxy makes of the request has no say, and what it was signed for elsewhere is not ours (section
// 10).
TEST_F(HubSpotWebhook, only_the_configured_address_is_signed_whatever_a_proxy_makes_of_the_request) {
  const auto body = json::array({change("hs_pipeline_stage", "4")}).dump();
  auto proxied = signed_request(body);
  proxied.target = "/internal/7?by=proxy";
  proxied.headers["host"] = "10.0.0.7:8080";
  proxied.headers["x-forwarded-proto"] = "http";
  EXPECT_TRUE(read(proxied));
  for (const auto* elsewhere : {"http://baton.example.com/v1/hooks/hubspot", "https://baton.example.com",
                                "https://baton.example.com:8443/v1/hooks/hubspot"}) {
    auto other = signed_request(body);
    other.headers["x-hubspot-signature-v3"] = to_base64(
        testing::hmac_sha256(kSecret, "POST" + std::string(elsewhere) + other.body + std::to_string(kNow)));
    EXPECT_FALSE(read(other)) << elsewhere;
  }
}

// HubSpot sends older signatures beside it, which the vendor's own library takes unless it is told otherwise.
TEST_F(HubSpotWebhook, no_older_signature_takes_the_place_of_version_3) {
  const auto body = json::array({change("hs_pipeline_stage", "4")}).dump();
  const auto sha256 = [](const std::string& text) {
    std::string digest(32, '\0');
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
               EVP_sha256(), nullptr);
    return to_hex(digest);
  };
  const std::map<std::string, std::string> older = {
      {"v1", sha256(kSecret + body)}, {"v2", sha256(std::string(kSecret) + "POST" + kUrl + body)}};
  for (const auto& [version, signature] : older) {
    auto request = signed_request(body);
    request.headers["x-hubspot-signature"] = signature;
    request.headers["x-hubspot-signature-version"] = version;
    EXPECT_TRUE(read(request)) << "beside it they do no harm";
    request.headers.erase("x-hubspot-signature-v3");
    EXPECT_FALSE(read(request)) << version;
    request.headers["x-hubspot-signature-v3"] = signature;
    EXPECT_FALSE(read(request)) << version;
  }
}

// "On an event fetch the ticket and act on its present state" (section 7): it may be open again by now.
TEST_F(HubSpotWebhook, a_closed_stage_is_a_hint_and_the_ticket_is_asked) {
  const auto found = signals(json::array(
      {change("hs_pipeline_stage", "9"), change("hs_pipeline_stage", "2"), change("subject", "4")}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, SignalKind::touched);
  EXPECT_EQ(found[0].object_id, "1145814089");
}

TEST_F(HubSpotWebhook, an_owner_set_by_a_person_has_claimed_it) {
  auto ours = change("hubspot_owner_id", "7001");
  EXPECT_EQ(signals(json::array({ours})).at(0).kind, SignalKind::claimed);
  EXPECT_EQ(signals(json::array({ours})).at(0).who, "7001");
  EXPECT_EQ(signals(json::array({ours})).at(0).detail, (json{{"replies", false}}))
      << "no answer of theirs is ever told, so none is waited for";
  ours["changeSource"] = "INTEGRATION";
  EXPECT_TRUE(signals(json::array({ours})).empty());
  auto taken_off = change("hubspot_owner_id", "");
  EXPECT_EQ(signals(json::array({taken_off})).at(0).kind, SignalKind::touched) << "whose it was is not told";
  taken_off["changeSource"] = "API";
  EXPECT_TRUE(signals(json::array({taken_off})).empty());
}

TEST_F(HubSpotWebhook, a_contact_or_company_that_reads_otherwise_in_a_brief_is_a_hint) {
  settings = testing::settings_for(
      *connector, {{"hook_url", std::string(settings["hook_url"])}, {"tier_property", "plan"}});
  const auto changed = [&](const char* type, const char* property, const char* object_type = "") {
    auto event = change(property, "gold");
    event["subscriptionType"] = type;
    if (*object_type) event["objectTypeId"] = object_type;
    return signals(json::array({event}));
  };
  for (const auto* type : {"contact.propertyChange", "company.propertyChange"}) {
    const auto found = changed(type, "plan");
    ASSERT_EQ(found.size(), 1u) << type;
    EXPECT_EQ(found[0].kind, SignalKind::changed);
    EXPECT_EQ(found[0].object_id, "1145814089");
    EXPECT_EQ(found[0].text, "plan");
    EXPECT_EQ(changed(type, "hubspot_owner_id").at(0).kind, SignalKind::changed);
    EXPECT_TRUE(changed(type, "lastmodifieddate").empty()) << "an import of other properties asks nobody";
    EXPECT_TRUE(changed(type, "").empty());
  }
  EXPECT_EQ(changed("object.propertyChange", "plan", "0-1").size(), 1u);
  EXPECT_EQ(changed("object.propertyChange", "plan", "0-2").size(), 1u);
  EXPECT_TRUE(changed("object.propertyChange", "plan", "0-3").empty());
  EXPECT_TRUE(changed("ticket.propertyChange", "plan").empty());
}

TEST_F(HubSpotWebhook, both_names_of_an_event_type_and_both_styles_are_read) {
  auto named = change("hs_pipeline_stage", "4");
  named["eventType"] = named["subscriptionType"];
  named.erase("subscriptionType");
  EXPECT_EQ(signals(json::array({named})).size(), 1u);
  named["eventType"] = "object.propertyChange";
  EXPECT_TRUE(signals(json::array({named})).empty());
  named["objectTypeId"] = "0-5";
  EXPECT_EQ(signals(json::array({named})).size(), 1u);
}

TEST_F(HubSpotWebhook, the_same_event_has_the_same_id_and_eventId_alone_is_not_enough) {
  auto later = change("hs_pipeline_stage", "4");
  later["occurredAt"] = 1790000000999;
  later["attemptNumber"] = 3;
  auto again = change("hs_pipeline_stage", "4");
  again["attemptNumber"] = 3;
  const auto found = signals(json::array({change("hs_pipeline_stage", "4"), later, again}));
  ASSERT_EQ(found.size(), 3u);
  EXPECT_NE(found[0].id, found[1].id);
  EXPECT_EQ(found[0].id, found[2].id);
}

TEST_F(HubSpotWebhook, each_ticket_that_a_merge_ended_leads_to_the_one_that_remains) {
  const auto merge = [&](json primary, json merged, json made, const char* type = "ticket.merge") {
    auto event = change("", "");
    event["subscriptionType"] = type;
    event["objectTypeId"] = "0-5";
    event["primaryObjectId"] = std::move(primary);
    event["mergedObjectIds"] = std::move(merged);
    event["newObjectId"] = std::move(made);
    std::vector<std::string> found;
    for (const auto& signal : signals(json::array({event}))) {
      EXPECT_EQ(signal.kind, SignalKind::merged);
      EXPECT_EQ(signal.who, "882761034");
      found.push_back(signal.object_id + " into " + signal.about);
    }
    return found;
  };
  using Found = std::vector<std::string>;
  EXPECT_EQ(merge(7, {5, "6"}, nullptr), (Found{"5 into 7", "6 into 7"}));
  EXPECT_EQ(merge(7, {5}, 9), (Found{"7 into 9", "5 into 9"})) << "a new one stands for both";
  EXPECT_EQ(merge(7, {5, 7}, 7), (Found{"5 into 7"}));
  EXPECT_EQ(merge("7", {5}, nullptr, "object.merge"), (Found{"5 into 7"}));
  EXPECT_EQ(merge(7, {5}, nullptr, "contact.merge"), Found());
  EXPECT_EQ(merge(nullptr, {5}, nullptr), Found());
  for (const auto& variant : testing::ill_typed(
           {{"subscriptionType", "ticket.merge"}, {"primaryObjectId", 7}, {"mergedObjectIds", {5}}}))
    (void)signals(json::array({variant}));
}

TEST_F(HubSpotWebhook, a_contact_that_was_deleted_for_privacy_is_a_deletion_and_no_signal) {
  auto event = change("", "");
  event["subscriptionType"] = "contact.privacyDeletion";
  const auto seen = read(signed_request(json::array({event}).dump()));
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->signals.empty());
  ASSERT_EQ(seen->deletions.size(), 1u);
  EXPECT_EQ(seen->deletions[0].person, "1145814089");
  EXPECT_EQ(seen->deletions[0].why.find("1145814089"), std::string::npos) << "the log does not say whom";
  event["subscriptionType"] = "contact.deletion";
  EXPECT_TRUE(read(signed_request(json::array({event}).dump()))->deletions.empty())
      << "a contact that was tidied up is nobody's wish to be forgotten";
}

TEST_F(HubSpotWebhook, what_we_do_not_know_is_answered_200_without_signals) {
  EXPECT_TRUE(signals(json::array()).empty());
  EXPECT_TRUE(signals(json::object()).empty());
  EXPECT_TRUE(signals(json::array({1, nullptr, "x", json::object()})).empty());
  for (const auto& variant : testing::ill_typed(json::array({change("hs_pipeline_stage", "4")})))
    (void)signals(variant);
  EXPECT_FALSE(read(signed_request("[{")));
}

}  // namespace
}  // namespace baton::hubspot
