#include <gtest/gtest.h>

#include "connectors/zendesk/webhook.h"
#include "gateway/base/date.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::zendesk {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kStamp = "2026-11-20T10:15:31Z";
constexpr auto kSecret = "baton-test-secret";

json status_event(const char* previous, const char* current) {
  return {{"id", "evt-1"},
          {"type", "zen:event-type:ticket.status_changed"},
          {"subject", "zen:ticket:5158"},
          {"event", {{"previous", previous}, {"current", current}}},
          {"detail", {{"id", "5158"}, {"external_id", "hof_1/zendesk/open_ticket/1"}, {"actor_id", "77"}}}};
}

json event(const char* type, json what) {
  auto made = status_event("", "");
  made["type"] = type;
  made["event"] = std::move(what);
  return made;
}

class ZendeskWebhook : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"baton_user_id", "42"}});

  RawRequest signed_request(std::string body, const std::string& stamp = kStamp) {
    RawRequest request("POST", "/v1/hooks/zendesk", std::move(body));
    request.headers["x-zendesk-webhook-signature-timestamp"] = stamp;
    request.headers["x-zendesk-webhook-signature"] =
        to_base64(testing::hmac_sha256(kSecret, stamp + request.body));
    request.received_at = *parse_rfc3339(kStamp);
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

TEST_F(ZendeskWebhook, the_vectors_of_the_sheet_hold) {
  const auto vectors = testing::read_vectors("zendesk/webhook-vectors.baton.json",
                                             "zendesk/data/webhook_vectors.json")["vectors"];
  ASSERT_GE(vectors.size(), 5u);
  for (const auto& vector : vectors) {
    RawRequest request("POST", "/v1/hooks/zendesk", vector["body"].get<std::string>());
    for (const auto& [name, value] : vector["headers"].items()) request.headers[to_lower(name)] = value;
    request.received_at = *parse_rfc3339(request.headers["x-zendesk-webhook-signature-timestamp"]) + 5min;
    const auto webhook = read(request, vector["secret"].get<std::string>());
    const bool legible = vector["valid"].get<bool>() && !request.body.empty();  // nothing is no event
    EXPECT_EQ(webhook.has_value(), legible) << vector["name"];
    if (vector["name"].get<std::string>().starts_with("ticket.status_changed event")) {
      ASSERT_EQ(webhook->signals.size(), 1u);
      EXPECT_EQ(webhook->signals[0].kind, SignalKind::solved);
      EXPECT_EQ(webhook->signals[0].id, "d4f5c389-8f4a-4c2e-a1b9-8e4f39c71d52");
      EXPECT_EQ(webhook->signals[0].object_id, "5158");
      EXPECT_EQ(webhook->signals[0].who, "8447388090495");
    }
  }
}

TEST_F(ZendeskWebhook, forged_late_and_early_ones_are_refused) {
  const auto good = status_event("OPEN", "SOLVED").dump();
  EXPECT_TRUE(read(signed_request(good)));
  EXPECT_FALSE(read(signed_request(good), "another secret"));
  EXPECT_FALSE(read(signed_request(good), ""));
  for (std::size_t i = 0; i < good.size(); i += 7) {
    auto forged = signed_request(good);
    forged.body[i] ^= 1;
    const auto webhook = read(forged);
    ASSERT_FALSE(webhook);
    EXPECT_EQ(webhook.error().kind, FailureKind::rejected);
  }
  auto late = signed_request(good);
  late.received_at += 10min;
  EXPECT_TRUE(read(late));
  late.received_at += Duration{1};
  EXPECT_FALSE(read(late));
  auto early = signed_request(good);
  early.received_at -= 10min + Duration{1};
  EXPECT_FALSE(read(early));
  auto bare = signed_request(good);
  bare.headers.clear();
  EXPECT_FALSE(read(bare));
  auto timeless = signed_request(good, "yesterday");
  EXPECT_FALSE(read(timeless));
}

// Test calls before a webhook is saved are signed with a constant that everybody knows, and wrong recipes are
// about (sections 7.1 and 10).
TEST_F(ZendeskWebhook, neither_the_vendors_test_secret_nor_another_recipe_opens_the_door) {
  const auto body = status_event("OPEN", "SOLVED").dump();
  const auto with = [&](const std::string& key, const std::string& message) {
    auto request = signed_request(body);
    request.headers["x-zendesk-webhook-signature"] = to_base64(testing::hmac_sha256(key, message));
    return read(request).has_value();
  };
  const std::string stamp = kStamp;
  EXPECT_TRUE(with(kSecret, stamp + body));
  EXPECT_FALSE(with("dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", stamp + body));
  EXPECT_FALSE(with("this_secret_is_for_testing_only", stamp + body));
  EXPECT_FALSE(with(kSecret, stamp + "." + body));
  EXPECT_FALSE(with(kSecret, body));
  EXPECT_FALSE(with(kSecret, stamp + json::parse(body).dump(2))) << "written again by a framework";
}

TEST_F(ZendeskWebhook, the_tolerance_is_a_setting) {
  settings = testing::settings_for(*connector, {{"webhook_tolerance", "1m"}});
  auto late = signed_request(status_event("OPEN", "SOLVED").dump());
  late.received_at += 61s;
  EXPECT_FALSE(read(late));
}

TEST_F(ZendeskWebhook, solved_and_closed_end_the_handoff_and_open_again_reopens_it) {
  for (const auto& [before, done] : {std::pair("OPEN", "SOLVED"), std::pair("SOLVED", "CLOSED")}) {
    const auto found = signals(status_event(before, done));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, SignalKind::solved);
    EXPECT_EQ(found[0].who, "77");
  }
  const auto again = signals(status_event("SOLVED", "OPEN"));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].kind, SignalKind::reopened);
  EXPECT_TRUE(signals(status_event("NEW", "OPEN")).empty());
}

TEST_F(ZendeskWebhook, what_baton_itself_solves_or_wakes_is_no_persons_deed) {
  const auto by = [](const char* previous, const char* current, const char* actor) {
    auto made = status_event(previous, current);
    made["detail"]["actor_id"] = actor;
    return made;
  };
  EXPECT_TRUE(signals(by("OPEN", "SOLVED", "42")).empty());
  EXPECT_TRUE(signals(by("SOLVED", "OPEN", "42")).empty());
  EXPECT_EQ(signals(by("SOLVED", "CLOSED", "-1")).size(), 1u) << "an automation";
  EXPECT_EQ(signals(by("OPEN", "SOLVED", "77")).size(), 1u);
}

TEST_F(ZendeskWebhook, a_ticket_that_was_deleted_is_asked_for) {
  for (const auto& deleted : {event("zen:event-type:ticket.soft_deleted", json::object()),
                              status_event("SOLVED", "DELETED"), status_event("OPEN", "DELETED")}) {
    const auto found = signals(deleted);
    ASSERT_EQ(found.size(), 1u) << deleted;
    EXPECT_EQ(found[0].kind, SignalKind::touched);
  }
}

TEST_F(ZendeskWebhook, a_merge_names_the_ticket_that_remains_and_what_may_be_one_is_a_hint) {
  settings = testing::settings_for(*connector, {{"base_url", "https://acme.zendesk.com"}});
  const auto merged = signals(event("zen:event-type:ticket.merged", {{"target_ticket_id", "6001"}}));
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_EQ(merged[0].kind, SignalKind::merged);
  EXPECT_EQ(merged[0].about, "6001");
  EXPECT_EQ(merged[0].detail.at("url"), "https://acme.zendesk.com/agent/tickets/6001");
  for (const auto& unclear :
       {event("zen:event-type:ticket.merged", json::object()),
        event("zen:event-type:ticket.merged", {{"target_ticket_id", merged[0].object_id}}),
        status_event("OPEN", "CLOSED"), status_event("PENDING", "CLOSED")}) {
    const auto hint = signals(unclear);
    ASSERT_EQ(hint.size(), 1u) << unclear;
    EXPECT_EQ(hint[0].kind, SignalKind::touched) << unclear;
    EXPECT_TRUE(hint[0].about.empty());
  }
}

TEST_F(ZendeskWebhook, public_words_of_staff_are_a_reply_and_all_else_is_not) {
  const auto said = [](bool is_public, bool staff, const char* author) {
    return event("zen:event-type:ticket.comment_added",
                 {{"comment",
                   {{"id", "1"},
                    {"body", "Refund is on its way"},
                    {"is_public", is_public},
                    {"author", {{"id", author}, {"is_staff", staff}, {"name", "Dana"}}}}}});
  };
  const auto found = signals(said(true, true, "77"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, SignalKind::replied);
  EXPECT_EQ(found[0].text, "Refund is on its way");
  EXPECT_EQ(found[0].who, "77");
  EXPECT_EQ(found[0].who_name, "Dana");
  EXPECT_EQ(found[0].detail, (json{{"reply", "1"}})) << "as read_status names it";
  EXPECT_TRUE(signals(said(false, true, "77")).empty());
  EXPECT_TRUE(signals(said(true, false, "77")).empty());
  EXPECT_TRUE(signals(said(true, true, "42")).empty());  // our own words come back as an echo
}

TEST_F(ZendeskWebhook, an_assignee_has_claimed_it_and_none_has_released_it) {
  const auto assigned = [](json previous, json current) {
    return event("zen:event-type:ticket.agent_assignment_changed",
                 {{"previous", std::move(previous)}, {"current", std::move(current)}});
  };
  auto found = signals(assigned(nullptr, "77"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, SignalKind::claimed);
  EXPECT_EQ(found[0].who, "77");
  found = signals(assigned("77", nullptr));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, SignalKind::released);
  EXPECT_EQ(found[0].who, "77");
  EXPECT_TRUE(signals(assigned(nullptr, "42")).empty());
  EXPECT_TRUE(signals(assigned(nullptr, nullptr)).empty());
}

TEST_F(ZendeskWebhook, only_our_tickets_matter) {
  auto other = status_event("OPEN", "SOLVED");
  other["detail"]["external_id"] = "crm-1";
  EXPECT_TRUE(signals(other).empty());
  other["detail"]["tags"] = {"x", "baton"};
  EXPECT_EQ(signals(other).size(), 1u);
  other["detail"]["tags"] = {"baton_vip"};
  EXPECT_TRUE(signals(other).empty());
}

// Ingress knows the tickets: what an event leaves out does not make it another's.
TEST_F(ZendeskWebhook, an_event_that_tells_little_is_taken) {
  auto bare = status_event("OPEN", "SOLVED");
  bare["detail"] = json::object();
  const auto found = signals(bare);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].object_id, "5158");
  bare["subject"] = "zen:user:7";
  EXPECT_TRUE(signals(bare).empty());
}

TEST_F(ZendeskWebhook, what_we_do_not_know_is_answered_200_without_signals) {
  EXPECT_TRUE(signals(event("zen:event-type:ticket.tags_changed", json::object())).empty());
  EXPECT_TRUE(signals({{"ticket_id", "5158"}, {"status", "solved"}}).empty());
  EXPECT_TRUE(signals(json::array({1})).empty());
  for (const auto& variant : testing::ill_typed(status_event("OPEN", "SOLVED"))) (void)signals(variant);
  EXPECT_FALSE(read(signed_request("{\"id\":")));
  EXPECT_FALSE(read(signed_request("")));
}

}  // namespace
}  // namespace baton::zendesk
