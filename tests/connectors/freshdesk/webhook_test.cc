// What Freshdesk's automations send (fact sheet, section 7, and the samples beside it).
#include <gtest/gtest.h>

#include "connectors/freshdesk/webhook.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::freshdesk {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kSecret = "s3cr3t-fd";

json notice(const char* event, const char* status) {
  return {{"event", event},
          {"ticket_id", "141"},
          {"status", status},
          {"agent_email", "agent@acme.com"},
          {"handoff_id", "hof_0199e5a1/freshdesk/open_ticket/1"},
          {"triggered_event", ""}};
}

class FreshdeskWebhook : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"baton_agent_email", "baton@acme.example"}});

  static RawRequest request(std::string body, Headers headers = {{"x-baton-secret", kSecret}},
                            std::string target = "/v1/hooks/freshdesk") {
    RawRequest raw("POST", std::move(target), std::move(body), std::move(headers));
    raw.received_at = TimePoint{Duration{1'790'000'000'000}};
    return raw;
  }
  Result<sdk::Webhook> read(const RawRequest& raw, const std::string& secret = kSecret) {
    const testing::OpensslKeys keys({{"webhook_secret", secret}});
    return connector->read_webhook(raw, keys, settings);
  }
  std::vector<Signal> signals(const json& body) {
    const auto webhook = read(request(body.dump()));
    EXPECT_TRUE(webhook);
    return webhook ? webhook->signals : std::vector<Signal>();
  }
};

// "Treat the payload as a hint only" (section 7): whoever knows the secret can end nothing.
TEST_F(FreshdeskWebhook, a_change_of_status_is_a_hint_and_the_ticket_is_asked) {
  for (const auto* label : {"Resolved", "Closed", "4", "5", "Gel\u00f6st", "Pending", "Open"}) {
    const auto seen = signals(notice("status_changed", label));
    ASSERT_EQ(seen.size(), 1u) << label;
    EXPECT_EQ(seen[0].kind, SignalKind::touched);
    EXPECT_EQ(seen[0].object_id, "141");
    EXPECT_EQ(seen[0].handoff.text, "hof_0199e5a1");
    EXPECT_TRUE(seen[0].text.empty());
  }
}

TEST_F(FreshdeskWebhook, translated_labels_are_a_setting) {
  settings = testing::settings_for(*connector,
                                   {{"solved_labels", "Gel\u00f6st, Geschlossen"}, {"open_labels", "Offen"}});
  auto again = notice("status_changed", "Offen");
  again["triggered_event"] = "{ticket_status:{from:Gel\u00f6st,to:Offen}}";
  EXPECT_EQ(signals(again).at(0).kind, SignalKind::reopened);
  again["triggered_event"] = "{ticket_status:{from:Resolved,to:Offen}}";
  EXPECT_EQ(signals(again).at(0).kind, SignalKind::touched);
}

TEST_F(FreshdeskWebhook, a_ticket_is_reopened_only_if_it_was_done) {
  auto again = notice("status_changed", "Open");
  EXPECT_EQ(signals(again).at(0).kind, SignalKind::touched);
  again["triggered_event"] = "{ticket_status:{from:Pending,to:Open}}";
  EXPECT_EQ(signals(again).at(0).kind, SignalKind::touched);
  again["triggered_event"] = "{ticket_status:{from:Resolved,to:Open}}";
  EXPECT_EQ(signals(again).at(0).kind, SignalKind::reopened);
}

TEST_F(FreshdeskWebhook, an_assignment_is_a_claim_and_ours_is_none) {
  const auto claim = signals(notice("assignment_changed", "Open")).at(0);
  EXPECT_EQ(claim.kind, SignalKind::claimed);
  EXPECT_EQ(claim.who, "agent@acme.com");
  EXPECT_EQ(claim.about, kAssigned);
  auto ours = notice("assignment_changed", "Open");
  ours["agent_email"] = "Baton@acme.example";
  EXPECT_TRUE(signals(ours).empty());
  EXPECT_TRUE(signals(notice("priority_changed", "Open")).empty());
}

// The words, and who said them, stand in the ticket; who had it is not told when it is taken from them.
TEST_F(FreshdeskWebhook, an_answer_and_an_agent_taken_off_are_hints_whoever_has_the_ticket) {
  for (const auto* event : {"public_comment", "assignment_changed"}) {
    auto nobody = notice(event, "Open");
    nobody["agent_email"] = "";
    ASSERT_EQ(signals(nobody).size(), 1u) << event;
    EXPECT_EQ(signals(nobody)[0].kind, SignalKind::touched) << event;
  }
  EXPECT_EQ(signals(notice("public_comment", "Open")).at(0).kind, SignalKind::touched);
}

TEST_F(FreshdeskWebhook, the_simple_form_is_read_too) {
  const json simple = {
      {"freshdesk_webhook", {{"ticket_id", 141}, {"ticket_status", "Resolved"}, {"ticket_subject", "x"}}}};
  const auto seen = signals(simple);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].object_id, "141");
  EXPECT_TRUE(seen[0].handoff.text.empty());
}

TEST_F(FreshdeskWebhook, the_agent_has_the_name_that_the_automation_or_the_ticked_box_tells) {
  for (const auto* event : {"status_changed", "public_comment", "assignment_changed"}) {
    auto named = notice(event, "Resolved");
    named["agent_name"] = " Dana Agent ";
    EXPECT_EQ(signals(named).at(0).who_name, "Dana Agent") << event;
  }
  EXPECT_EQ(signals(notice("status_changed", "Resolved")).at(0).who_name, "");
  const json simple = {
      {"freshdesk_webhook",
       {{"ticket_id", 141}, {"ticket_status", "Resolved"}, {"ticket_agent_name", "Dana Agent"}}}};
  EXPECT_EQ(signals(simple).at(0).who_name, "Dana Agent");
}

TEST_F(FreshdeskWebhook, a_ticket_of_somebody_else_is_no_news) {
  auto foreign = notice("status_changed", "Resolved");
  foreign["handoff_id"] = "hf-01JD3Z8Q";
  EXPECT_TRUE(signals(foreign).empty());
  auto none = notice("status_changed", "Resolved");
  none.erase("ticket_id");
  EXPECT_TRUE(signals(none).empty());
  EXPECT_TRUE(signals(json::array()).empty());
}

TEST_F(FreshdeskWebhook, the_secret_may_stand_in_the_header_the_address_or_basic) {
  const auto body = notice("status_changed", "Resolved").dump();
  EXPECT_TRUE(read(request(body)));
  EXPECT_TRUE(read(request(body, {}, "/v1/hooks/freshdesk?secret=s3cr3t-fd")));
  EXPECT_TRUE(read(request(body, {{"authorization", "Basic " + to_base64("baton:s3cr3t-fd")}})));
}

TEST_F(FreshdeskWebhook, whoever_does_not_know_the_secret_is_refused) {
  const auto body = notice("status_changed", "Resolved").dump();
  for (const auto& raw :
       {request(body, {}), request(body, {{"x-baton-secret", ""}}),
        request(body, {{"x-baton-secret", "s3cr3t-fe"}}), request(body, {{"authorization", "Basic x"}}),
        request(body, {{"authorization", "Bearer s3cr3t-fd"}}),
        request(body, {}, "/v1/hooks/freshdesk?secret=")}) {
    const auto webhook = read(raw);
    ASSERT_FALSE(webhook);
    EXPECT_EQ(webhook.error().kind, FailureKind::rejected);
    EXPECT_EQ(webhook.error().detail.find(kSecret), std::string::npos);
  }
  EXPECT_FALSE(read(request(body), "another"));
}

TEST_F(FreshdeskWebhook, a_body_that_an_agents_quote_broke_is_refused) {
  EXPECT_FALSE(read(request(R"({"ticket_id":"141","comment":"He said "no""})")));
  for (const auto& body : testing::ill_typed(notice("status_changed", "Resolved")))
    EXPECT_TRUE(read(request(body.dump())));
}

TEST_F(FreshdeskWebhook, the_same_news_again_is_the_same_notice_and_later_another) {
  const auto body = notice("status_changed", "Resolved").dump();
  auto first = request(body), again = request(body), later = request(body);
  again.received_at += 30s;
  later.received_at += 3h;
  const auto id = [&](const RawRequest& raw) { return read(raw)->signals.at(0).id; };
  EXPECT_EQ(id(first), id(again));
  EXPECT_NE(id(first), id(later));
}

// Dana, Lee, and Dana again within a minute are three claims.
TEST_F(FreshdeskWebhook, where_it_tells_when_the_ticket_changed_no_news_hides_another) {
  auto body = notice("assignment_changed", "Open");
  const auto id = [&](const char* at, Duration late = {}) {
    body["updated_at"] = at;
    auto raw = request(body.dump());
    raw.received_at += late;
    return read(raw)->signals.at(0).id;
  };
  EXPECT_NE(id("2026-11-20T09:58:07Z"), id("2026-11-20T09:58:31Z"));
  EXPECT_EQ(id("2026-11-20T09:58:07Z"), id("2026-11-20T09:58:07Z", 65min)) << "sent again an hour later";
}

}  // namespace
}  // namespace baton::freshdesk
