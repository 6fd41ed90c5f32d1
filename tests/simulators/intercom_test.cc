// The simulated Intercom against its fact sheet, section by section.
#include "connectors/intercom/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

constexpr auto kAda = "6762f11b1bb69f9f2193bba3";

Headers intercom_headers() {
  return {{"accept", "application/json"},
          {"content-type", "application/json"},
          {"authorization", "Bearer intercom-token"},
          {"intercom-version", "2.16"}};
}

class Intercom : public Bench, public testing::Test {
 public:
  Intercom() : Bench("intercom") { headers = intercom_headers(); }

  // The fact sheet's sample, section 3.2.
  static json start() {
    return {{"from", {{"type", "user"}, {"id", kAda}}},
            {"body", "Refund not received (handed over by the AI assistant)"}};
  }
  std::string started() {
    return body_of(post("/conversations", start()))["conversation_id"].get<std::string>();
  }
  std::string path_of_new(std::string_view more = {}) {
    return "/conversations/" + started() + std::string(more);
  }
  static json note(std::string body = "<h2>Brief</h2><p>...</p>") {
    return {
        {"message_type", "note"}, {"type", "admin"}, {"admin_id", "991267696"}, {"body", std::move(body)}};
  }
  static json filter(const char* field, const char* op, json value) {
    return {{"field", field}, {"operator", op}, {"value", std::move(value)}};
  }
  json found(const std::string& path, const json& query, json pagination = json::object()) {
    return body_of(post(path, {{"query", query}, {"pagination", pagination}}));
  }
};

std::string code_of(const Reply& reply) { return body_of(reply)["errors"][0]["code"].get<std::string>(); }

TEST_F(Intercom, wants_a_token_a_version_and_an_accept_header) {
  EXPECT_EQ(get("/me").status, 200);
  headers["authorization"] = "Bearer wrong";
  EXPECT_EQ(get("/me").status, 401);
  EXPECT_EQ(code_of(get("/me")), "unauthorized");
  headers.erase("authorization");
  EXPECT_EQ(code_of(get("/me")), "missing_authorization");
  headers = intercom_headers();
  headers.erase("intercom-version");
  EXPECT_EQ(get("/me").status, 400);
  headers = intercom_headers();
  headers.erase("accept");
  EXPECT_EQ(get("/me").status, 406);
  headers = intercom_headers();
  EXPECT_EQ(send("POST", "/conversations", "{", {}).status, 400);
  EXPECT_EQ(send("POST", "/conversations", "{}", {{"content-type", "text/plain"}}).status, 415);
  EXPECT_EQ(get("/nowhere").status, 404);
  EXPECT_EQ(send("DELETE", "/conversations").status, 404);  // also for a wrong method
}

TEST_F(Intercom, tells_who_it_is) {
  const auto me = body_of(get("/me"));
  EXPECT_EQ(me["id"], "991267696");
  EXPECT_EQ(me["has_inbox_seat"], true);
  EXPECT_EQ(me["app"]["id_code"], "abc123de");
  EXPECT_EQ(me["app"]["region"], "US");
  EXPECT_EQ(body_of(get("/admins"))["admins"].size(), 3u);
  EXPECT_EQ(body_of(get("/teams"))["teams"][0]["id"], "5017691");
}

TEST_F(Intercom, keeps_to_the_permissions_of_the_app) {
  Bench small("intercom", {{"scopes", "read_conversations"}});
  small.headers = intercom_headers();
  EXPECT_EQ(small.get("/me").status, 200);
  EXPECT_EQ(small.post("/conversations", start()).status, 403);
  EXPECT_EQ(small.get("/admins").status, 403);
  EXPECT_EQ(small.post("/conversations/search", {{"query", filter("state", "=", "open")}}).status, 200);
}

TEST_F(Intercom, limits_calls_in_windows_of_ten_seconds_and_names_the_reset) {
  Bench small("intercom", {{"rate_per_10s", "2"}});
  small.headers = intercom_headers();
  EXPECT_EQ(small.get("/me").status, 200);
  const auto second = small.get("/me");
  EXPECT_EQ(second.headers.at("x-ratelimit-remaining"), "0");
  const auto third = small.get("/me");
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(code_of(third), "rate_limit_exceeded");
  EXPECT_FALSE(third.headers.contains("retry-after"));
  EXPECT_EQ(third.headers.at("x-ratelimit-reset"), std::to_string(epoch_seconds(small.now) + 10));
  small.now += 10s;
  EXPECT_EQ(small.get("/me").status, 200);
}

TEST_F(Intercom, makes_a_contact_once_and_names_the_other_in_the_text) {
  const json fields = {
      {"role", "user"}, {"external_id", "crm-1"}, {"email", "bob@example.com"}, {"name", "Bob"}};
  const auto made = post("/contacts", fields);
  EXPECT_EQ(made.status, 200);
  const auto id = body_of(made)["id"].get<std::string>();
  EXPECT_EQ(id.size(), 24u);
  const auto again = post("/contacts", fields);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(body_of(again)["errors"][0]["message"],
            "A contact matching those details already exists with id=" + id);
  EXPECT_EQ(post("/contacts", json::object()).status, 400);
  EXPECT_EQ(post("/contacts", {{"email", 7}}).status, 400);
  EXPECT_EQ(post("/contacts", {{"email", "x@example.com"}, {"custom_attributes", {{"plan", "pro"}}}}).status,
            400);
  EXPECT_EQ(body_of(get("/contacts/find_by_external_id/crm-1"))["id"], id);
  EXPECT_EQ(get("/contacts/find_by_external_id/nobody").status, 404);
  EXPECT_EQ(effect("contacts_created"), 1);
}

TEST_F(Intercom, sends_those_who_were_merged_elsewhere) {
  Bench merged(
      "intercom",
      {{"seed", R"({"contacts": [{"id": "aa", "external_id": "old", "merged_into": "bb"}, {"id": "bb"},
                                          {"id": "cc", "external_id": "gone", "archived": true}]})"}});
  merged.headers = intercom_headers();
  const auto reply = merged.get("/contacts/find_by_external_id/old");
  EXPECT_EQ(reply.status, 410);
  EXPECT_EQ(reply.headers.at("link"), "</contacts/bb>; rel=\"canonical\"");
  const auto archived = merged.post("/contacts", {{"external_id", "gone"}});
  EXPECT_EQ(archived.status, 409);
  EXPECT_EQ(body_of(archived)["errors"][0]["message"],
            "An archived contact matching those details already exists with id=cc");
  EXPECT_EQ(merged.post("/contacts/cc/unarchive", json::object()).status, 200);
  EXPECT_EQ(merged.get("/contacts/find_by_external_id/gone").status, 200);
}

TEST_F(Intercom, finds_a_new_contact_only_after_a_while) {
  post("/contacts", {{"role", "user"}, {"email", "bob@example.com"}});
  const json query = {{"operator", "AND"},
                      {"value", {filter("email", "=", "BOB@example.com"), filter("role", "=", "user")}}};
  EXPECT_EQ(found("/contacts/search", query)["total_count"], 0);
  now += 60s;
  const auto seen = found("/contacts/search", query);
  EXPECT_EQ(seen["total_count"], 1);
  EXPECT_EQ(seen["data"][0]["email"], "bob@example.com");
  EXPECT_EQ(post("/contacts/search", {{"query", filter("created_at", "!=", 1)}}).status, 400);
  EXPECT_EQ(post("/contacts/search", {{"query", filter("nonsense", "=", 1)}}).status, 400);
  EXPECT_EQ(post("/contacts/search", {{"query", {{"operator", "AND"}, {"value", json::array()}}}}).status,
            400);
  EXPECT_EQ(post("/contacts/search", json::object()).status, 400);
}

TEST_F(Intercom, starts_a_conversation_and_calls_it_conversation_id) {
  const auto reply = post("/conversations", start());
  EXPECT_EQ(reply.status, 200);
  const auto made = body_of(reply);
  EXPECT_EQ(made["type"], "user_message");
  EXPECT_NE(made["id"], made["conversation_id"]);
  const auto whole = body_of(get("/conversations/" + made["conversation_id"].get<std::string>()));
  EXPECT_EQ(whole["source"]["body"], "<p>Refund not received (handed over by the AI assistant)</p>");
  EXPECT_EQ(whole["state"], "open");
  EXPECT_EQ(whole["contacts"]["contacts"][0]["id"], kAda);
  EXPECT_EQ(get("/conversations/1").status, 404);
}

TEST_F(Intercom, has_no_idempotency_key_at_all) {
  started();
  started();
  EXPECT_EQ(effect("conversations_created"), 2);
  EXPECT_EQ(ledger()["duplicates"], 1);
  const auto path = path_of_new("/reply");
  post(path, note());
  post(path, note());
  EXPECT_EQ(effect("notes_added"), 2);
  EXPECT_EQ(ledger()["duplicates"], 3);
}

TEST_F(Intercom, does_not_know_a_contact_at_once) {
  const auto id = body_of(post("/contacts", {{"email", "bob@example.com"}}))["id"];
  auto request = start();
  request["from"]["id"] = id;
  const auto early = post("/conversations", request);
  EXPECT_EQ(early.status, 404);
  EXPECT_EQ(body_of(early)["errors"][0]["message"], "User Not Found");
  now += 5s;
  EXPECT_EQ(post("/conversations", request).status, 200);
  request["from"]["type"] = "admin";
  EXPECT_EQ(post("/conversations", request).status, 400);
  request = start();
  request["body"] = "";
  EXPECT_EQ(post("/conversations", request).status, 400);
}

TEST_F(Intercom, keeps_notes_with_files_and_strips_comments) {
  const auto path = path_of_new();
  auto request = note("<p>brief</p><!-- key --><script>x</script>");
  request["attachment_files"] = {
      {{"content_type", "text/plain"}, {"name", "transcript.txt"}, {"data", to_base64("hello")}}};
  const auto whole = body_of(post(path + "/reply", request));
  const auto part = whole["conversation_parts"]["conversation_parts"][0];
  EXPECT_EQ(part["part_type"], "note");
  EXPECT_EQ(part["body"], "<p>brief</p>");
  EXPECT_EQ(part["author"]["id"], "991267696");
  EXPECT_EQ(part["attachments"][0]["filesize"], 5);
  request["attachment_files"][0]["data"] = "no base64!";
  EXPECT_EQ(post(path + "/reply", request).status, 422);
  auto nobody = note();
  nobody.erase("admin_id");
  EXPECT_EQ(post(path + "/reply", nobody).status, 400);
  nobody["admin_id"] = "1";
  EXPECT_EQ(code_of(post(path + "/reply", nobody)), "admin_not_found");
  EXPECT_EQ(post(path + "/reply", note("")).status, 400);
  EXPECT_EQ(post(path + "/reply", note(std::string(20'001, 'x'))).status, 422);
  auto image = note();
  image["attachment_urls"] = {"https://x.example/a.pdf"};
  EXPECT_EQ(post(path + "/reply", image).status, 400);
  const auto plain = body_of(get(path + "?display_as=plaintext"));
  EXPECT_EQ(plain["conversation_parts"]["conversation_parts"][0]["body"], "brief");
}

TEST_F(Intercom, opens_again_for_the_customer_and_not_for_a_note) {
  const auto path = path_of_new();
  const json close = {
      {"message_type", "close"}, {"type", "admin"}, {"admin_id", "991267696"}, {"body", "Done."}};
  EXPECT_EQ(body_of(post(path + "/parts", close))["state"], "closed");
  EXPECT_EQ(body_of(post(path + "/reply", note()))["state"], "closed");
  const auto said = body_of(
      post(path + "/reply",
           {{"message_type", "comment"}, {"type", "user"}, {"intercom_user_id", kAda}, {"body", "still"}}));
  EXPECT_EQ(said["state"], "open");
  EXPECT_EQ(said["conversation_parts"]["conversation_parts"].back()["part_type"], "open");
  post(path + "/parts", close);
  EXPECT_EQ(body_of(post(path + "/parts", {{"message_type", "open"}, {"admin_id", "991267696"}}))["open"],
            true);
}

TEST_F(Intercom, assigns_to_teams_and_admins_that_exist) {
  const auto path = path_of_new("/parts");
  json assign = {{"message_type", "assignment"},
                 {"type", "team"},
                 {"admin_id", "991267696"},
                 {"assignee_id", "5017691"}};
  EXPECT_EQ(body_of(post(path, assign))["team_assignee_id"], 5017691);
  assign["assignee_id"] = "1";
  EXPECT_EQ(code_of(post(path, assign)), "team_not_found");
  assign["type"] = "admin";
  assign["assignee_id"] = "991267001";
  const auto both = body_of(post(path, assign));
  EXPECT_EQ(both["admin_assignee_id"], 991267001);
  EXPECT_EQ(both["team_assignee_id"], 5017691);
  assign["assignee_id"] = "0";
  EXPECT_EQ(body_of(post(path, assign))["admin_assignee_id"], 0);
  assign["assignee_id"] = "Dana Agent";
  EXPECT_EQ(post(path, assign).status, 404);
  EXPECT_EQ(post(path, {{"message_type", "dance"}, {"admin_id", "991267696"}}).status, 400);
}

TEST_F(Intercom, tags_and_takes_only_attributes_that_exist) {
  const auto path = path_of_new();
  const auto tag = body_of(post("/tags", {{"name", "ai_handoff"}}));
  EXPECT_EQ(body_of(post("/tags", {{"name", "AI_handoff"}}))["id"], tag["id"]);
  EXPECT_EQ(post(path + "/tags", {{"id", tag["id"]}, {"admin_id", "991267696"}}).status, 200);
  EXPECT_EQ(body_of(get(path))["tags"]["tags"][0]["name"], "ai_handoff");
  EXPECT_EQ(post(path + "/tags", {{"id", "1"}, {"admin_id", "991267696"}}).status, 404);
  EXPECT_EQ(
      send("DELETE", path + "/tags/" + tag["id"].get<std::string>(), R"({"admin_id":"991267696"})").status,
      200);
  const json update = {{"title", "Refund"}, {"custom_attributes", {{"baton_handoff_id", "hf-1"}}}};
  EXPECT_EQ(put(path, update).status, 400);
  EXPECT_EQ(post("/conversations/attributes", {{"name", "baton_handoff_id"}, {"data_type", "string"}}).status,
            200);
  EXPECT_EQ(post("/conversations/attributes", {{"name", "x"}, {"data_type", "text"}}).status, 422);
  EXPECT_EQ(body_of(put(path, update))["custom_attributes"]["baton_handoff_id"], "hf-1");
  EXPECT_EQ(body_of(get("/conversations/attributes"))["data"][0]["name"], "baton_handoff_id");
}

TEST_F(Intercom, searches_conversations_late_in_pages_and_without_parts) {
  for (int i = 0; i < 3; ++i) started();
  const json query = {
      {"operator", "AND"},
      {"value", {filter("contact_ids", "=", kAda), filter("created_at", ">", epoch_seconds(now) - 9)}}};
  EXPECT_EQ(found("/conversations/search", query)["total_count"], 0);
  now += 60s;
  const auto first = found("/conversations/search", query, {{"per_page", 2}});
  EXPECT_EQ(first["total_count"], 3);
  EXPECT_EQ(first["conversations"].size(), 2u);
  EXPECT_FALSE(first["conversations"][0].contains("conversation_parts"));
  const auto second = found("/conversations/search", query,
                            {{"per_page", 2}, {"starting_after", first["pages"]["next"]["starting_after"]}});
  EXPECT_EQ(second["conversations"].size(), 1u);
  EXPECT_FALSE(second["pages"].contains("next"));
  EXPECT_EQ(post("/conversations/search", {{"query", filter("custom_attributes.baton_handoff_id", "=", "x")}})
                .status,
            400);
}

TEST_F(Intercom, keeps_tickets_by_their_attributes) {
  const json request = {{"ticket_type_id", "89"},
                        {"contacts", {{{"id", kAda}}}},
                        {"conversation_to_link_id", started()},
                        {"ticket_attributes", {{"_default_title_", "Refund"}, {"baton_handoff_id", "hf-1"}}},
                        {"assignment", {{"team_assignee_id", "5017691"}}}};
  const auto made = body_of(post("/tickets", request));
  EXPECT_NE(made["id"], made["ticket_id"]);
  EXPECT_EQ(made["team_assignee_id"], 5017691);
  EXPECT_EQ(made["linked_objects"]["total_count"], 1);
  EXPECT_EQ(found("/tickets/search", filter("ticket_attribute.203", "=", "hf-1"))["total_count"], 0);
  now += 60s;
  EXPECT_EQ(found("/tickets/search", filter("ticket_attribute.203", "=", "hf-1"))["tickets"][0]["id"],
            made["id"]);
  auto bad = request;
  bad["ticket_type_id"] = "88";
  EXPECT_EQ(post("/tickets", bad).status, 400);  // a conversation takes no customer ticket
  bad = request;
  bad["ticket_attributes"]["unknown"] = "x";
  EXPECT_EQ(post("/tickets", bad).status, 400);
  bad = request;
  bad["ticket_attributes"].erase("_default_title_");
  EXPECT_EQ(post("/tickets", bad).status, 400);
  bad = request;
  bad["contacts"] = json::array();
  EXPECT_EQ(post("/tickets", bad).status, 400);
}

TEST_F(Intercom, refuses_the_state_that_a_ticket_has) {
  const json request = {{"ticket_type_id", "88"},
                        {"contacts", {{{"email", "new@example.com"}}}},
                        {"ticket_attributes", {{"_default_title_", "Refund"}}}};
  const auto id = body_of(post("/tickets", request))["id"].get<std::string>();
  EXPECT_EQ(effect("contacts_created"), 1);
  const auto states = body_of(get("/ticket_states"))["data"];
  const auto resolved = states[3]["id"];
  EXPECT_EQ(body_of(put("/tickets/" + id, {{"ticket_state_id", resolved}, {"admin_id", 991267696}}))["open"],
            false);
  const auto again = put("/tickets/" + id, {{"ticket_state_id", resolved}});
  EXPECT_EQ(again.status, 400);
  EXPECT_NE(again.body.find("same state"), std::string::npos);
  EXPECT_EQ(code_of(put("/tickets/" + id, {{"ticket_state_id", "1"}})), "ticket_state_id_invalid");
  EXPECT_EQ(body_of(post("/tickets/" + id + "/reply", note()))["part_type"], "note");
}

TEST_F(Intercom, makes_a_customer_ticket_of_a_conversation) {
  const auto id = started();
  EXPECT_EQ(post("/conversations/" + id + "/convert", {{"ticket_type_id", "89"}}).status, 400);
  const auto made = post("/conversations/" + id + "/convert", {{"ticket_type_id", "88"}});
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(body_of(made)["id"], id);
  EXPECT_EQ(get("/tickets/" + id).status, 200);
  EXPECT_EQ(post("/conversations/" + id + "/convert", {{"ticket_type_id", "88"}}).status, 400);
}

TEST_F(Intercom, signs_what_it_sends_as_the_vectors_say) {
  using intercom::simulated::webhook_signature;
  EXPECT_EQ(webhook_signature("baton-intercom-client-secret", R"({"topic":"ping"})"),
            "sha1=1a7b2a923f0c7b83833351914a4113e11f164804");
  EXPECT_EQ(webhook_signature("baton-intercom-client-secret",
                              "{\"topic\":\"ping\",\"note\":\"caf\xc3\xa9 \xe2\x9c\x93\"}"),
            "sha1=8d05c096deee9d1d4972996917ced77cdae04618");
  const auto sent = act("ping", json::object());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].request.headers.at("x-hub-signature"),
            webhook_signature("intercom-client-secret", sent[0].request.body));
  EXPECT_EQ(json::parse(sent[0].request.body)["topic"], "ping");
}

TEST_F(Intercom, tells_what_people_do_with_the_part_alone_and_in_plain_text) {
  const auto id = started();
  post("/conversations/" + id + "/reply", note());
  const auto sent =
      act("close", {{"conversation", id}, {"by", "Dana Agent"}, {"text", "Refunded &amp; done."}});
  ASSERT_EQ(sent.size(), 1u);
  const auto event = json::parse(sent[0].request.body);
  EXPECT_EQ(event["type"], "notification_event");
  EXPECT_EQ(event["topic"], "conversation.admin.closed");
  EXPECT_EQ(event["app_id"], "abc123de");
  const auto item = event["data"]["item"];
  EXPECT_EQ(item["id"], id);
  EXPECT_EQ(item["state"], "closed");
  const auto parts = item["conversation_parts"]["conversation_parts"];
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0]["body"], "Refunded & done.");
  EXPECT_EQ(parts[0]["author"]["name"], "Dana Agent");
  for (const auto& [deed, topic] :
       std::map<std::string, std::string>{{"reply", "conversation.admin.replied"},
                                          {"note", "conversation.admin.noted"},
                                          {"assign", "conversation.admin.assigned"},
                                          {"say", "conversation.user.replied"},
                                          {"fin", "conversation.operator.replied"},
                                          {"reopen", "conversation.admin.opened"},
                                          {"snooze", "conversation.admin.snoozed"},
                                          {"escalate", "conversation.admin.assigned"}}) {
    const auto told = act(deed, {{"conversation", id}, {"text", "hello"}});
    ASSERT_EQ(told.size(), 1u) << deed;
    EXPECT_EQ(json::parse(told[0].request.body)["topic"], topic);
  }
  EXPECT_EQ(body_of(get("/conversations/" + id))["ai_agent"]["resolution_state"], "escalated");
  EXPECT_EQ(json::parse(act("delete", {{"conversation", id}})[0].request.body)["topic"],
            "conversation.deleted");
  EXPECT_EQ(get("/conversations/" + id).status, 404);
  EXPECT_FALSE(vendor().act(Deed("reply", {{"conversation", "1"}}), now));
  EXPECT_FALSE(vendor().act(Deed("dance", {{"conversation", started()}}), now));
}

TEST_F(Intercom, tells_what_people_do_with_tickets) {
  const auto id = body_of(post("/tickets", {{"ticket_type_id", "88"},
                                            {"contacts", {{{"id", kAda}}}},
                                            {"ticket_attributes", {{"_default_title_", "t"}}}}))["id"]
                      .get<std::string>();
  const auto event = json::parse(act("state", {{"ticket", id}, {"category", "resolved"}})[0].request.body);
  EXPECT_EQ(event["topic"], "ticket.state.updated");
  EXPECT_EQ(event["data"]["item"]["ticket_state"]["category"], "resolved");
  EXPECT_EQ(json::parse(act("reply", {{"ticket", id}, {"text", "x"}})[0].request.body)["topic"],
            "ticket.admin.replied");
  EXPECT_EQ(json::parse(act("assign", {{"ticket", id}})[0].request.body)["data"]["item"]["admin_assignee_id"],
            991267001);
  const auto closed = json::parse(act("close", {{"ticket", id}})[0].request.body);
  EXPECT_EQ(closed["topic"], "ticket.closed");
  EXPECT_EQ(closed["data"]["item"]["ticket"]["id"], id);  // one deeper than of the others
}

TEST_F(Intercom, brings_nobody_back_who_was_archived_to_be_deleted) {
  const json seed = {
      {"contacts",
       json::array(
           {{{"id", "5f5f"}, {"email", "gone@example.com"}, {"archived", true}, {"restorable", false}}})}};
  Bench lost("intercom", {{"seed", seed.dump()}});
  lost.headers = intercom_headers();
  EXPECT_EQ(code_of(lost.post("/contacts/5f5f/unarchive", json::object())), "not_restorable");
}

TEST_F(Intercom, has_a_conversation_that_goes_to_a_team_in_nobodys_hands) {
  const auto id = started();
  act("assign", {{"conversation", id}, {"by", "Dana Agent"}});
  EXPECT_EQ(body_of(get("/conversations/" + id))["admin_assignee_id"], 991267001);
  act("assign", {{"conversation", id}, {"team", "5017692"}});
  EXPECT_EQ(body_of(get("/conversations/" + id))["admin_assignee_id"], 0);
}

TEST_F(Intercom, sends_our_own_writes_back_where_it_is_asked_to) {
  Bench echoing("intercom", {{"echo", "on"}});
  echoing.headers = intercom_headers();
  const auto id = body_of(echoing.post("/conversations", start()))["conversation_id"].get<std::string>();
  echoing.post("/conversations/" + id + "/reply", note());
  const auto sent = echoing.vendor().take_outbox();
  ASSERT_EQ(sent.size(), 2u);
  const auto event = json::parse(sent[1].request.body);
  EXPECT_EQ(event["topic"], "conversation.admin.noted");
  EXPECT_EQ(event["data"]["item"]["conversation_parts"]["conversation_parts"][0]["author"]["id"],
            "991267696");
  EXPECT_TRUE(echoing.vendor().take_outbox().empty());
}

TEST_F(Intercom, survives_strange_bodies) {
  const auto id = started();
  const std::vector<json> strange = {
      nullptr, true, 7, "", "x", json::array(), json::object(), json::array({nullptr})};
  for (const auto& path :
       {std::string("/contacts"), std::string("/contacts/search"), std::string("/conversations"),
        "/conversations/" + id + "/reply", "/conversations/" + id + "/parts",
        "/conversations/" + id + "/tags", std::string("/tags"), std::string("/tickets"),
        std::string("/conversations/search"), std::string("/conversations/attributes"),
        std::string("/tickets/search"), "/conversations/" + id + "/convert"}) {
    for (const auto* key : {"from", "body", "role", "email", "query", "pagination", "message_type", "type",
                            "admin_id", "contacts", "ticket_type_id", "ticket_attributes", "attachment_files",
                            "custom_attributes", "assignee_id", "name"}) {
      for (const auto& value : strange) {
        json body = note();
        body["query"] = {{"field", "state"}, {"operator", "="}, {"value", "open"}};
        body["contacts"] = {{{"id", kAda}}};
        body[key] = value;
        EXPECT_LT(post(path, body).status, 500) << path << key;
        EXPECT_LT(put("/conversations/" + id, body).status, 500);
      }
    }
  }
  (void)ledger();
}

}  // namespace
}  // namespace baton::simulation
