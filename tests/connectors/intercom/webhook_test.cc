// What Intercom sends: verified, and read as signals and as events (fact sheet, section 7; ingress, 4.2a).
#include <gtest/gtest.h>

#include <fstream>

#include "connectors/sdk/account_keys.h"
#include "gateway/base/text.h"
#include "secrets/crypto.h"
#include "tests/support/direct_session.h"

namespace baton::intercom {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kSecret = "baton-intercom-client-secret";
constexpr std::int64_t kMade = 1795169730;

class IntercomWebhooks : public ::testing::Test {
 protected:
  IntercomWebhooks() { account.secrets["client_secret"].emplace_back(kSecret); }

  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = with({});
  sdk::Account account;

  sdk::Settings with(sdk::Settings::Values more) const {
    more.try_emplace("admin_id", "991267696");
    return testing::settings_for(*connector, std::move(more));
  }
  static RawRequest signed_request(std::string body) {
    const auto key = secrets::MacKey::make(secrets::Digest::sha1, kSecret);
    RawRequest raw("POST", "/v1/hooks/intercom", body,
                   {{"x-hub-signature", "sha1=" + to_hex(*key->mac({body}))}});
    raw.received_at = TimePoint(std::chrono::seconds(kMade + 5));
    return raw;
  }
  static json notice(const char* topic, json item) {
    item.emplace("type", "conversation");
    item.emplace("id", "499");
    return {{"type", "notification_event"},
            {"id", "notif_1"},
            {"topic", topic},
            {"app_id", "abc123de"},
            {"created_at", kMade},
            {"data", {{"type", "notification_event_data"}, {"item", std::move(item)}}}};
  }
  static json by(const char* id, const char* type = "admin", const char* body = nullptr,
                 json more = json::object()) {
    json part = {{"id", "77"},
                 {"part_type", "comment"},
                 {"created_at", kMade},
                 {"body", body ? json(body) : json()},
                 {"author", {{"type", type}, {"id", id}, {"name", "Dana"}}}};
    part.update(more);
    return {{"conversation_parts", {{"conversation_parts", json::array({std::move(part)})}}}};
  }
  static json with_part(json item, json part) {
    item.update(part);
    return item;
  }
  Result<sdk::Webhook> read(const RawRequest& raw) {
    return connector->read_webhook(raw, sdk::AccountKeys(account), settings);
  }
  std::vector<Signal> signals(const json& body) {
    const auto webhook = read(signed_request(body.dump()));
    EXPECT_TRUE(webhook) << webhook.error().detail;
    return webhook ? webhook->signals : std::vector<Signal>();
  }
  std::vector<sdk::Arrival> arrivals(const json& body) {
    const auto inbound =
        connector->read_events(signed_request(body.dump()), sdk::AccountKeys(account), settings);
    EXPECT_TRUE(inbound) << inbound.error().detail;
    return inbound ? inbound->events : std::vector<sdk::Arrival>();
  }
  static json escalated(json part) {
    return with_part(
        {{"ai_agent_participated", true},
         {"ai_agent", {{"resolution_state", "escalated"}}},
         {"created_at", kMade - 60},
         {"priority", "medium"},
         {"team_assignee_id", 5017691},
         {"source",
          {{"type", "conversation"},
           {"url", "https://shop.example/x"},
           {"author", {{"id", "c1"}, {"name", "Ada"}, {"email", "ada@example.com"}}}}},
         {"contacts", {{"contacts", json::array({{{"id", "c1"}, {"external_id", "crm-8841"}}})}}}},
        std::move(part));
  }
};

TEST_F(IntercomWebhooks, agree_with_the_vectors) {
  std::ifstream in(BATON_SOURCE_DIR "/tests/connectors/intercom/data/webhook_vectors.json");
  const auto vectors = json::parse(in)["vectors"];
  ASSERT_EQ(vectors.size(), 5u);
  for (const auto& vector : vectors) {
    RawRequest raw("POST", "/", vector["body"].get<std::string>(),
                   {{"x-hub-signature", vector["headers"]["X-Hub-Signature"].get<std::string>()}});
    raw.received_at = TimePoint(std::chrono::seconds(kMade));
    EXPECT_EQ(read(raw).has_value(), vector["valid"].get<bool>()) << vector["name"];
  }
}

TEST_F(IntercomWebhooks,
       the_check_when_an_address_is_saved_is_answered_without_a_signature_and_means_nothing) {
  const auto webhook = read(RawRequest("HEAD", "/v1/hooks/intercom"));
  ASSERT_TRUE(webhook);
  EXPECT_TRUE(webhook->signals.empty());
  EXPECT_EQ(webhook->answer.status, 200);
  EXPECT_FALSE(read(RawRequest("HEAD", "/", "{}")));
  EXPECT_FALSE(read(RawRequest("GET", "/")));
}

TEST_F(IntercomWebhooks, what_is_forged_stale_or_of_another_workspace_is_refused) {
  const auto genuine = signed_request(notice("conversation.admin.closed", by("991267001")).dump());
  ASSERT_TRUE(read(genuine));
  for (const auto* given :
       {"", "sha1=", "sha1=00", "sha256=00", "1a7b2a923f0c7b83833351914a4113e11f164804"}) {
    auto forged = genuine;
    forged.headers["x-hub-signature"] = given;
    EXPECT_FALSE(read(forged)) << given;
  }
  for (const auto off : {Duration{25h}, Duration{-1h}}) {
    auto late = genuine;
    late.received_at += off;
    EXPECT_FALSE(read(late)) << off.count();
  }
  settings = with({{"app_id", "another"}});
  EXPECT_FALSE(read(genuine));
}

TEST_F(IntercomWebhooks, an_agents_close_solves_and_our_own_does_not) {
  const auto closed = signals(notice("conversation.admin.closed", by("991267001")));
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(name(closed[0].kind), "solved");
  EXPECT_EQ(closed[0].id, "notif_1");
  EXPECT_EQ(closed[0].object_id, "499");
  EXPECT_EQ(closed[0].who, "991267001");
  EXPECT_EQ(closed[0].who_name, "Dana");
  EXPECT_TRUE(signals(notice("conversation.admin.closed", by("991267696"))).empty());
  EXPECT_EQ(signals(notice("conversation.admin.closed", json::object())).size(),
            1u);  // no part: nobody named
}

TEST_F(IntercomWebhooks, a_reply_is_plain_text_whichever_version_the_app_has) {
  for (const auto* body : {"Refunded & done", "<p>Refunded &amp; done</p>"}) {
    const auto replied = signals(notice("conversation.admin.replied", by("991267001", "admin", body)));
    ASSERT_EQ(replied.size(), 1u);
    EXPECT_EQ(name(replied[0].kind), "replied");
    EXPECT_EQ(replied[0].text, "Refunded & done");
  }
  EXPECT_TRUE(signals(notice("conversation.admin.replied", by("991267696", "admin", "ours"))).empty());
  EXPECT_TRUE(signals(notice("conversation.admin.noted", by("991267001", "admin", "internal"))).empty());
  EXPECT_TRUE(signals(notice("conversation.user.replied", by("c1", "user", "hello"))).empty());
}

TEST_F(IntercomWebhooks, an_assignment_to_a_person_claims_and_to_a_team_does_not) {
  const auto to = [](const char* type) { return json{{"assigned_to", {{"type", type}}}}; };
  const auto claimed = signals(
      notice("conversation.admin.assigned",
             with_part({{"admin_assignee_id", 991267001}}, by("991267001", "admin", nullptr, to("admin")))));
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(name(claimed[0].kind), "claimed");
  EXPECT_EQ(claimed[0].who, "991267001");
  EXPECT_TRUE(
      signals(notice("conversation.admin.assigned",
                     with_part({{"admin_assignee_id", 0}}, by("991267001", "admin", nullptr, to("team")))))
          .empty());
  const auto released =
      signals(notice("conversation.admin.assigned", with_part({{"admin_assignee_id", 0}}, by("991267001"))));
  ASSERT_EQ(released.size(), 1u);
  EXPECT_EQ(name(released[0].kind), "released");
  EXPECT_EQ(name(signals(notice("conversation.admin.opened", by("991267001"))).at(0).kind), "reopened");
}

TEST_F(IntercomWebhooks, a_ticket_is_solved_when_its_state_is_of_the_category_resolved) {
  const auto changed = [&](const char* category) {
    return signals(notice("ticket.state.updated",
                          {{"type", "ticket"}, {"id", "501"}, {"ticket_state", {{"category", category}}}}));
  };
  ASSERT_EQ(changed("resolved").size(), 1u);
  EXPECT_EQ(changed("resolved")[0].object_id, "ticket:501");
  EXPECT_TRUE(changed("in_progress").empty());
}

TEST_F(IntercomWebhooks, an_assignment_after_fin_gave_up_is_a_handoff) {
  const auto came = arrivals(notice("conversation.admin.assigned", escalated(by("fin", "bot"))));
  ASSERT_EQ(came.size(), 1u);
  EXPECT_EQ(came[0].type, "handoff.requested");
  EXPECT_EQ(came[0].id, "notif_1");
  const auto& data = came[0].data;
  EXPECT_EQ(data["conversation"]["id"], "499");
  EXPECT_EQ(data["conversation"]["started_at"], "2026-11-20T10:14:30.000Z");
  EXPECT_EQ(data["customer"], json({{"id", "crm-8841"}, {"name", "Ada"}, {"email", "ada@example.com"}}));
  EXPECT_EQ(data["reason"]["trigger"], "other");
  EXPECT_EQ(data["priority"], "normal");
  EXPECT_EQ(data["page"]["url"], "https://shop.example/x");
}

TEST_F(IntercomWebhooks, other_assignments_are_no_handoffs) {
  EXPECT_TRUE(arrivals(notice("conversation.admin.assigned", by("fin", "bot"))).empty());  // Fin took no part
  auto resolved = escalated(by("fin", "bot"));
  resolved["ai_agent"]["resolution_state"] = "assumed_resolution";
  EXPECT_TRUE(arrivals(notice("conversation.admin.assigned", resolved)).empty());
  // Our own taking of control, and a person who passes it on.
  EXPECT_TRUE(arrivals(notice("conversation.admin.assigned", escalated(by("991267696")))).empty());
  EXPECT_TRUE(arrivals(notice("conversation.admin.assigned", escalated(by("991267001")))).empty());
  settings = with({{"handoff_team_id", "5017691"}});
  EXPECT_EQ(arrivals(notice("conversation.admin.assigned", escalated(by("991267001")))).size(), 1u);
  EXPECT_TRUE(arrivals(notice("conversation.admin.assigned", escalated(by("991267696")))).empty());
}

TEST_F(IntercomWebhooks, what_is_said_closed_and_rated_comes_in_too_but_not_our_own_words) {
  const auto said = arrivals(notice("conversation.user.replied", by("c1", "user", "Still waiting")));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].type, "handoff.updated");
  EXPECT_EQ(said[0].data["transcript"][0]["text"], "Still waiting");
  EXPECT_TRUE(arrivals(notice("conversation.admin.replied", by("991267696", "admin", "ours"))).empty());
  const auto closed = arrivals(notice("conversation.admin.closed", by("991267001", "admin", "Done")));
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].type, "conversation.resolved");
  EXPECT_EQ(closed[0].data["by"], "human");
  EXPECT_TRUE(arrivals(notice("conversation.admin.closed", by("991267696"))).empty());
  const auto rated = arrivals(
      notice("conversation.rating.added", {{"conversation_rating", {{"rating", 5}, {"remark", "quick"}}}}));
  ASSERT_EQ(rated.size(), 1u);
  EXPECT_EQ(rated[0].data["score"], 5);
  EXPECT_TRUE(arrivals(notice("conversation.admin.noted", by("991267001", "admin", "internal"))).empty());
}

TEST_F(IntercomWebhooks, an_attachment_of_an_event_has_a_content_type) {
  const json file = {
      {"attachments",
       json::array({{{"name", "a.png"}, {"url", "https://x.example/a"}, {"content_type", "image/png"}}})}};
  const auto said = arrivals(notice("conversation.user.replied", by("c1", "user", "See", file)));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].data["transcript"][0]["attachments"][0]["content_type"], "image/png");
}

TEST_F(IntercomWebhooks, strange_bodies_are_refused_or_mean_nothing) {
  for (
      const auto* body :
      {"", "null", "[]", "{", "7", "{}", R"({"topic":"ping"})", R"({"id":[],"topic":{},"created_at":"x"})",
       R"({"id":"n","topic":"conversation.admin.closed","created_at":1795169730,"data":[]})",
       R"({"id":"n","topic":"conversation.admin.assigned","created_at":1795169730,"data":{"item":{"id":1,"conversation_parts":{"conversation_parts":[null,7]}}}})"}) {
    const auto raw = signed_request(body);
    const auto webhook = read(raw);
    if (webhook) EXPECT_TRUE(webhook->signals.empty()) << body;
    const auto inbound = connector->read_events(raw, sdk::AccountKeys(account), settings);
    if (inbound) EXPECT_TRUE(inbound->events.empty()) << body;
  }
}

TEST_F(IntercomWebhooks, who_closed_it_is_called_by_name_or_else_by_address) {
  const auto closed = [&](json author) {
    author.update({{"type", "admin"}, {"id", "991267001"}});
    const auto item = by("991267001", "admin", nullptr, {{"author", author}, {"part_type", "close"}});
    return signals(notice("conversation.admin.closed", item)).at(0).who_name;
  };
  EXPECT_EQ(closed({{"name", "Dana"}, {"email", "dana@acme.example"}}), "Dana");
  EXPECT_EQ(closed({{"name", ""}, {"email", "dana@acme.example"}}), "dana@acme.example");
  EXPECT_EQ(closed({{"name", nullptr}}), "");
  const json part = {{"author", {{"type", "admin"}, {"id", "991267001"}, {"name", "Dana"}}}};
  const json ticket = {{"type", "ticket"},
                       {"ticket_state", {{"category", "resolved"}}},
                       {"ticket_parts", {{"ticket_parts", json::array({part})}}}};
  EXPECT_EQ(signals(notice("ticket.state.updated", ticket)).at(0).who_name, "Dana");
}

}  // namespace
}  // namespace baton::intercom
