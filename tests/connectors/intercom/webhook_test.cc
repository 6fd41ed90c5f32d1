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
      signals(notice("conversation.admin.assigned", with_part({{"admin_assignee_id", 991267002}},
                                                              by("991267001", "admin", nullptr, to("team")))))
          .empty());  // another team, and whoever has it keeps it
  EXPECT_EQ(name(signals(notice("conversation.admin.opened", by("991267001"))).at(0).kind), "reopened");
}

TEST_F(IntercomWebhooks, what_nobody_has_any_more_is_released_and_the_ticket_is_asked) {
  const json free = {{"admin_assignee_id", 0}};
  for (const json& to : {json(), json{{"type", "team"}, {"id", "5017691"}}}) {
    const auto part = by("991267001", "admin", nullptr, {{"part_type", "assignment"}, {"assigned_to", to}});
    const auto released = signals(notice("conversation.admin.assigned", with_part(free, part)));
    ASSERT_EQ(released.size(), 2u) << to;
    EXPECT_EQ(name(released[0].kind), "released");
    EXPECT_EQ(released[0].who, "991267001");
    EXPECT_EQ(name(released[1].kind), "touched");
    EXPECT_NE(released[1].id, released[0].id);
  }
  // A workflow took it from somebody, it does not say from whom.
  const auto moved = signals(notice("conversation.admin.assigned", with_part(free, by("9", "bot"))));
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(name(moved[0].kind), "touched");
  EXPECT_TRUE(signals(notice("conversation.admin.assigned", with_part(free, by("991267696")))).empty());
}

TEST_F(IntercomWebhooks, a_reply_bears_its_id_and_is_one_with_a_file_alone_or_with_an_assignment) {
  const json file = {{"attachments", json::array({{{"name", "a.pdf"}, {"url", "https://x.example/a"}}})}};
  const auto sent = signals(notice("conversation.admin.replied", by("991267001", "admin", nullptr, file)));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].text, "a.pdf: https://x.example/a");
  EXPECT_EQ(sent[0].detail, json({{"reply", "77"}}));
  const auto with_words = by("991267001", "admin", "Lee takes over",
                             {{"part_type", "assignment"}, {"assigned_to", {{"type", "admin"}}}});
  const auto given = signals(
      notice("conversation.admin.assigned", with_part({{"admin_assignee_id", 991267002}}, with_words)));
  ASSERT_EQ(given.size(), 2u);
  EXPECT_EQ(name(given[0].kind), "replied");
  EXPECT_EQ(name(given[1].kind), "claimed");
  EXPECT_NE(given[0].id, given[1].id);
  const auto closed = signals(
      notice("conversation.admin.closed", by("991267001", "admin", "Done", {{"part_type", "close"}})));
  ASSERT_EQ(closed.size(), 2u);
  EXPECT_EQ(name(closed[0].kind), "replied");
  EXPECT_EQ(name(closed[1].kind), "solved");
  const json note = {{"part_type", "note_and_reopen"}};
  const auto opened =
      signals(notice("conversation.admin.opened", by("991267001", "admin", "internal", note)));
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(name(opened[0].kind), "reopened");
}

TEST_F(IntercomWebhooks, a_notice_that_comes_before_our_receipt_names_the_handoff) {
  const auto reference = std::string("Baton ref hof_1/intercom/open_ticket/1");
  const auto named = [&](json item) {
    return signals(notice("conversation.admin.closed", with_part(std::move(item), by("991267001"))))
        .at(0)
        .handoff.text;
  };
  EXPECT_EQ(named({{"source", {{"body", "Refund\n\n" + reference}}}}), "hof_1");
  EXPECT_EQ(named({{"source", {{"body", "<p>Refund<br>" + reference + "</p>"}}}}), "hof_1");
  EXPECT_EQ(named({{"type", "ticket"}, {"ticket_attributes", {{"_default_description_", reference}}}}),
            "hof_1");
  EXPECT_EQ(named({{"source", {{"body", "Hello"}}}}), "");
  const auto brief = by("991267696", "admin", ("Brief\n" + reference + ".brief").c_str());
  auto whole = by("991267001");
  auto& parts = whole["conversation_parts"]["conversation_parts"];
  parts.insert(parts.begin(), brief["conversation_parts"]["conversation_parts"][0]);
  EXPECT_EQ(signals(notice("conversation.admin.closed", whole)).at(0).handoff.text, "hof_1");
}

// ticket.closed does so from version 2.15 on; that others have their part beside the ticket is told of them.
TEST_F(IntercomWebhooks, a_ticket_may_stand_one_deeper_with_its_part_beside_it) {
  const json ticket = {{"type", "ticket"}, {"id", "501"}, {"ticket_id", "7"}};
  const auto deeper = [&](const char* topic, json part) {
    auto told = notice(topic, json::object());
    told["data"]["item"] = {{"ticket", ticket}, {"ticket_part", std::move(part)}};
    return signals(told);
  };
  const json part = {{"id", "88"},
                     {"part_type", "comment"},
                     {"body", "<p>Done</p>"},
                     {"author", {{"type", "admin"}, {"id", "991267001"}, {"name", "Dana"}}}};
  const auto closed = deeper("ticket.closed", nullptr);
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].object_id, "ticket:501");
  const auto replied = deeper("ticket.admin.replied", part);
  ASSERT_EQ(replied.size(), 1u);
  EXPECT_EQ(replied[0].text, "Done");
  EXPECT_EQ(replied[0].detail, json({{"reply", "88"}}));
  EXPECT_EQ(name(deeper("ticket.resolved", nullptr).at(0).kind), "solved");
}

TEST_F(IntercomWebhooks, as_a_chat_platform_it_tells_what_people_do_in_the_inbox) {
  const auto heard = [&](const json& body) {
    const auto inbound =
        connector->read_events(signed_request(body.dump()), sdk::AccountKeys(account), settings);
    EXPECT_TRUE(inbound) << inbound.error().detail;
    std::string kinds;
    for (const auto& signal : inbound->signals) {
      EXPECT_EQ(signal.object_id, "499");
      kinds += std::string(name(signal.kind)) + " ";
    }
    for (const auto& event : inbound->events) kinds += event.type + " ";
    return kinds;
  };
  const auto taken =
      notice("conversation.admin.assigned", with_part({{"admin_assignee_id", 991267001}}, by("991267001")));
  EXPECT_EQ(heard(taken), "claimed ");
  EXPECT_EQ(
      heard(notice("conversation.admin.assigned", with_part({{"admin_assignee_id", 0}}, by("991267001")))),
      "released touched ");
  const auto replied = notice("conversation.admin.replied", by("991267001", "admin", "Hello"));
  EXPECT_EQ(heard(replied), "replied handoff.updated ");
  EXPECT_EQ(heard(notice("conversation.admin.replied", by("991267696", "admin", "ours"))), "");
  EXPECT_EQ(heard(notice("conversation.admin.closed", by("991267001"))), "conversation.resolved ");
  // Fin gives it to a person at once.
  auto to_dana = escalated(by("fin", "bot", nullptr, {{"assigned_to", {{"type", "admin"}}}}));
  to_dana["admin_assignee_id"] = 991267001;
  EXPECT_EQ(heard(notice("conversation.admin.assigned", to_dana)), "claimed handoff.requested ");
  settings = with({{"opens", "same_conversation"}});  // where it is written it need not be told
  EXPECT_EQ(heard(replied), "replied ");
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
