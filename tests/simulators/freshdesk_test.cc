// The simulated Freshdesk against its fact sheet, section by section.
#include "connectors/freshdesk/simulator.h"

#include <algorithm>

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

class Freshdesk : public Bench, public testing::Test {
 public:
  Freshdesk() : Bench("freshdesk") { sign_in(*this); }
  static void sign_in(Bench& bench) { bench.headers["authorization"] = "Basic ZmRBcGlLZXkxMjM6WA=="; }

  // The fact sheet's sample, section 3.2.
  static json ticket() {
    return {{"unique_external_id", "crm-8841"},
            {"name", "Ada Byron"},
            {"email", "ada@example.com"},
            {"subject", "[AI handoff] Refund not received"},
            {"description", "<p>Handed over by the AI assistant.</p>"},
            {"status", 2},
            {"priority", 3},
            {"source", 7},
            {"group_id", 1060000223277},
            {"tags", {"baton", "ai_handoff", "intent_refund"}},
            {"custom_fields", {{"cf_baton_handoff_id", "hf-01JD3Z8Q"}, {"cf_ai_confidence", 0.42}}}};
  }
  std::string path_of_new(std::string_view more = {}) {
    const auto made = body_of(post("/api/v2/tickets", ticket()));
    return "/api/v2/tickets/" + std::to_string(made["id"].get<long>()) + std::string(more);
  }
  Reply form(const std::string& target, const std::string& body) {
    return send("POST", target, body, {{"content-type", "multipart/form-data; boundary=frontier"}});
  }
  static std::string part(const std::string& name, const std::string& text) {
    return "--frontier\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + text + "\r\n";
  }
  static std::string file(const std::string& text, const std::string& field = "attachments[]") {
    return "--frontier\r\nContent-Disposition: form-data; name=\"" + field +
           "\"; filename=\"transcript.txt\"\r\nContent-Type: text/plain\r\n\r\n" + text + "\r\n";
  }
  std::string ada() { return body_of(get("/api/v2/contacts?email=ada%40example.com"))[0]["id"].dump(); }
};

TEST_F(Freshdesk, takes_the_key_as_user_of_basic_authorisation_and_locks_who_guesses) {
  EXPECT_EQ(body_of(get("/api/v2/agents/me"))["contact"]["email"], "baton@acme.example");
  headers["authorization"] = "Basic " + to_base64("wrong:X");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(get("/api/v2/agents/me").status, 401);
  EXPECT_EQ(body_of(get("/api/v2/agents/me"))["code"], "password_lockout");
  sign_in(*this);
  EXPECT_EQ(get("/api/v2/agents/me").status, 403);
}

TEST_F(Freshdesk, refuses_other_ways_to_sign_in) {
  for (const auto* given : {"", "Bearer fdApiKey123", "Basic fdApiKey123", "Basic ZmRBcGlLZXkxMjM="}) {
    headers["authorization"] = given;
    const auto reply = get("/api/v2/agents/me");
    EXPECT_EQ(reply.status, 401) << given;
    EXPECT_EQ(body_of(reply)["code"], "invalid_credentials");
  }
}

TEST_F(Freshdesk, creates_the_sheets_sample_ticket_and_its_requester) {
  const auto reply = post("/api/v2/tickets", ticket());
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto made = body_of(reply);
  EXPECT_EQ(made["id"], 141);
  EXPECT_EQ(reply.headers.at("location"), "https://acme.freshdesk.com/api/v2/tickets/141");
  EXPECT_EQ(made["created_at"], "2026-11-20T12:00:00Z");
  EXPECT_EQ(made["description_text"], "Handed over by the AI assistant.");
  EXPECT_TRUE(made["responder_id"].is_null());
  EXPECT_EQ(effect("tickets_created"), 1);
  EXPECT_EQ(effect("contacts_created"), 1);
  const auto contact = body_of(get("/api/v2/contacts?unique_external_id=crm-8841"))[0];
  EXPECT_EQ(contact["id"], made["requester_id"]);
  EXPECT_EQ(contact["email"], "ada@example.com");
}

TEST_F(Freshdesk, has_no_idempotency_so_a_repetition_makes_a_second_ticket) {
  post("/api/v2/tickets", ticket(), {{"idempotency-key", "x"}});
  post("/api/v2/tickets", ticket(), {{"idempotency-key", "x"}});
  EXPECT_EQ(effect("tickets_created"), 2);
  EXPECT_EQ(effect("contacts_created"), 1);
  EXPECT_EQ(ledger()["duplicates"], 1);
}

TEST_F(Freshdesk, refuses_tickets_that_are_wrong_and_names_the_field) {
  struct Case {
    const char* field;
    json value;
    const char* code;
  };
  const Case cases[] = {
      {"subject", "", "missing_field"},
      {"subject", std::string(256, 'x'), "invalid_value"},
      {"description", nullptr, "missing_field"},
      {"description", 7, "datatype_mismatch"},
      {"status", "2", "datatype_mismatch"},
      {"status", 1, "invalid_value"},
      {"priority", 5, "invalid_value"},
      {"source", 4, "invalid_value"},
      {"type", "Refund", "invalid_value"},
      {"group_id", 1, "invalid_value"},
      {"responder_id", 1, "invalid_value"},
      {"requester_id", 1, "invalid_value"},
      {"email", "no address", "invalid_value"},
      {"tags", "baton", "datatype_mismatch"},
      {"tags", {std::string(33, 't')}, "invalid_value"},
      {"external_id", "hf-1", "invalid_field"},
      {"attachments", json::array({"x"}), "invalid_field"},
      {"custom_fields", {{"cf_unknown", "x"}}, "invalid_field"},
      {"custom_fields", {{"cf_ai_confidence", "high"}}, "datatype_mismatch"},
      {"custom_fields", {{"cf_ai_category", "billing"}}, "invalid_value"},
  };
  for (const auto& wrong : cases) {
    auto request = ticket();
    request[wrong.field] = wrong.value;
    const auto reply = post("/api/v2/tickets", request);
    EXPECT_EQ(reply.status, 400) << wrong.field << " " << dump(wrong.value).substr(0, 60);
    const auto body = body_of(reply);
    EXPECT_EQ(body["description"], "Validation failed");
    EXPECT_EQ(body["errors"][0]["code"], wrong.code) << reply.body;
  }
  auto nobody = ticket();
  for (const auto* key : {"unique_external_id", "email", "name"}) nobody.erase(key);
  EXPECT_EQ(body_of(post("/api/v2/tickets", nobody))["errors"][0]["field"], "requester_id");
  EXPECT_EQ(effect("tickets_created"), 0);
}

TEST_F(Freshdesk, wants_json_and_known_ways) {
  EXPECT_EQ(send("POST", "/api/v2/tickets", "{}", {{"content-type", "text/plain"}}).status, 415);
  EXPECT_EQ(body_of(send("POST", "/api/v2/tickets", "{"))["code"], "invalid_json");
  EXPECT_EQ(send("POST", "/api/v2/tickets", "[]").status, 400);
  EXPECT_EQ(send("DELETE", "/api/v2/tickets").status, 405);
  EXPECT_EQ(get("/api/v2/nothing").status, 404);
  EXPECT_EQ(get("/api/v2/tickets/999").status, 404);
}

TEST_F(Freshdesk, keeps_contacts_unique_and_does_not_tell_whose) {
  const json contact = {
      {"name", "Ada Byron"}, {"email", "ada@example.com"}, {"unique_external_id", "crm-8841"}};
  EXPECT_EQ(post("/api/v2/contacts", contact).status, 201);
  const auto clash = post("/api/v2/contacts", contact);
  EXPECT_EQ(clash.status, 409);
  const auto error = body_of(clash)["errors"][0];
  EXPECT_EQ(error["code"], "duplicate_value");
  EXPECT_FALSE(error.contains("additional_info"));
  EXPECT_EQ(post("/api/v2/contacts", {{"email", "new@example.com"}}).status, 400);
  EXPECT_EQ(post("/api/v2/contacts", {{"name", "Nobody"}}).status, 400);
  EXPECT_EQ(put("/api/v2/contacts/" + ada(), {{"phone", "+44 1"}}).status, 200);
  EXPECT_EQ(body_of(get("/api/v2/contacts/" + ada()))["phone"], "+44 1");
  EXPECT_EQ(get("/api/v2/contacts/1").status, 404);
  Bench telling("freshdesk", {{"conflict_tells_id", "on"}});
  sign_in(telling);
  const auto made = body_of(telling.post("/api/v2/contacts", contact));
  EXPECT_EQ(body_of(telling.post("/api/v2/contacts", contact))["errors"][0]["additional_info"]["user_id"],
            made["id"]);
}

TEST_F(Freshdesk, keeps_notes_private_unless_told_and_mails_replies) {
  const auto path = path_of_new();
  const auto note = post(path + "/notes", {{"body", "<h3>Brief</h3><script>x()</script><!-- hidden -->"}});
  ASSERT_EQ(note.status, 201);
  EXPECT_EQ(body_of(note)["private"], true);
  EXPECT_EQ(body_of(note)["body"], "<h3>Brief</h3>");
  EXPECT_EQ(body_of(note)["body_text"], "Brief");
  EXPECT_EQ(body_of(note)["source"], 2);
  EXPECT_EQ(effect("mails_sent"), 0);
  const auto reply = post(path + "/reply", {{"body", "<p>Hello</p>"}});
  ASSERT_EQ(reply.status, 201);
  EXPECT_EQ(body_of(reply)["source"], 0);
  EXPECT_EQ(body_of(reply)["private"], false);
  EXPECT_EQ(effect("mails_sent"), 1);
  for (const json& wrong :
       {json{{"body", ""}}, json::object(), json{{"body", 7}}, json{{"body", "x"}, {"private", "yes"}},
        json{{"body", std::string(60'001, 'x')}}, json{{"body", "x"}, {"user_id", 1}}}) {
    EXPECT_EQ(post(path + "/notes", wrong).status, 400) << dump(wrong).substr(0, 60);
  }
  EXPECT_EQ(post(path + "/reply", {{"body", "x"}, {"private", true}}).status, 400);
  EXPECT_EQ(post("/api/v2/tickets/9/notes", {{"body", "x"}}).status, 404);
  const auto all = body_of(get(path + "/conversations?per_page=1"));
  EXPECT_EQ(all.size(), 1u);
  EXPECT_EQ(header(get(path + "/conversations?per_page=1").headers, "link"),
            "<https://acme.freshdesk.com" + path + "/conversations?page=2&per_page=1>; rel=\"next\"");
  EXPECT_EQ(header(get(path + "/conversations?per_page=1&page=2").headers, "link"), "");
}

TEST_F(Freshdesk, counts_a_note_of_batons_that_stands_there_twice) {
  const auto path = path_of_new("/notes");
  post(path, {{"body", "Baton ref hf-01JD3Z8Q/3"}});
  EXPECT_EQ(ledger()["duplicates"], 0);
  post(path, {{"body", "Baton ref hf-01JD3Z8Q/3"}});
  EXPECT_EQ(ledger()["duplicates"], 1);
}

TEST_F(Freshdesk, wants_structured_bodies_where_the_ticket_is_a_web_chat) {
  Bench chat("freshdesk",
             {{"seed", R"({"tickets":[{"id":5,"subject":"s","email":"a@b.example","web_chat":true}]})"}});
  sign_in(chat);
  const json plain = {{"body", "x"}};
  const json structured = {
      {"structured_body", {{"body_contents", json::array({{{"type", "text"}, {"data", "x"}}})}}}};
  EXPECT_EQ(body_of(chat.post("/api/v2/tickets/5/reply", plain))["errors"][0]["field"], "structured_body");
  EXPECT_EQ(chat.post("/api/v2/tickets/5/reply", structured).status, 201);
  EXPECT_EQ(chat.post("/api/v2/tickets/5/notes", plain).status, 201);  // private
  EXPECT_EQ(chat.post("/api/v2/tickets/5/notes", {{"body", "x"}, {"private", false}}).status, 400);
}

TEST_F(Freshdesk, takes_files_in_forms) {
  const auto path = path_of_new("/notes");
  const auto reply =
      form(path, part("body", "Brief") + part("private", "true") + file("Hello") + "--frontier--\r\n");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto kept = body_of(reply);
  EXPECT_EQ(kept["body"], "Brief");
  EXPECT_EQ(kept["private"], true);
  ASSERT_EQ(kept["attachments"].size(), 1u);
  EXPECT_EQ(kept["attachments"][0]["name"], "transcript.txt");
  EXPECT_EQ(kept["attachments"][0]["size"], 5);
  const auto made =
      form("/api/v2/tickets", part("email", "new@example.com") + part("subject", "s") +
                                  part("description", "d") + part("status", "2") + part("tags[]", "baton") +
                                  part("tags[]", "two") + part("custom_fields[cf_baton_handoff_id]", "hf-2") +
                                  file("Hello") + "--frontier--");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(body_of(made)["tags"], json({"baton", "two"}));
  EXPECT_EQ(body_of(made)["custom_fields"]["cf_baton_handoff_id"], "hf-2");
  EXPECT_EQ(body_of(made)["status"], 2);
}

TEST_F(Freshdesk, refuses_forms_that_are_broken_and_files_beyond_twenty_megabytes_a_ticket) {
  const auto path = path_of_new("/notes");
  const auto body = part("body", "n");
  EXPECT_EQ(form(path, body + file("x", "attachments") + "--frontier--").status, 400);  // without brackets
  EXPECT_EQ(form(path, body + file("x")).status, 400);                                  // never ends
  EXPECT_EQ(form(path, "").status, 400);
  EXPECT_EQ(send("POST", path, body, {{"content-type", "multipart/form-data"}}).status, 400);
  const std::string eleven(11 * 1024 * 1024, 'x');
  EXPECT_EQ(form(path, body + file(eleven) + "--frontier--").status, 201);
  EXPECT_EQ(form(path, body + file(eleven) + "--frontier--").status, 400);
  EXPECT_EQ(effect("notes_added"), 1);
}

TEST_F(Freshdesk, updates_status_assignment_and_tags_and_replaces_lists) {
  const auto path = path_of_new();
  EXPECT_EQ(put(path, {{"status", 4}}).status, 200);
  EXPECT_EQ(put(path, {{"status", 4}}).status, 200);
  EXPECT_EQ(effect("statuses_set"), 1);
  const auto assigned = body_of(put(path, {{"responder_id", 1060000400001}, {"group_id", 1060000223278}}));
  EXPECT_EQ(assigned["responder_id"], 1060000400001);
  EXPECT_EQ(body_of(put(path, {{"tags", {"other"}}}))["tags"], json({"other"}));
  EXPECT_EQ(put(path, {{"status", 9}}).status, 400);
  EXPECT_EQ(put("/api/v2/tickets/7", {{"status", 4}}).status, 404);
}

TEST_F(Freshdesk, lets_an_account_ask_for_fields_before_a_ticket_is_closed) {
  Bench strict("freshdesk", {{"required_on_close", "type"}, {"required_fields", "subject,cf_ai_category"}});
  sign_in(strict);
  EXPECT_EQ(body_of(strict.post("/api/v2/tickets", ticket()))["errors"][0]["field"], "cf_ai_category");
  auto complete = ticket();
  complete["custom_fields"]["cf_ai_category"] = "Billing";
  EXPECT_EQ(strict.post("/api/v2/tickets", complete).status, 201);
  const auto refused = strict.put("/api/v2/tickets/141", {{"status", 4}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(body_of(refused)["errors"][0]["field"], "type");
  EXPECT_EQ(strict.put("/api/v2/tickets/141", {{"status", 4}, {"type", "Question"}}).status, 200);
}

TEST_F(Freshdesk, lists_a_requesters_tickets_of_the_last_thirty_days_at_once) {
  path_of_new();
  now += 1min;
  path_of_new();
  const auto list = [&](const std::string& query) { return body_of(get("/api/v2/tickets?" + query)); };
  const auto mine = list("requester_id=" + ada());
  ASSERT_EQ(mine.size(), 2u);
  EXPECT_EQ(mine[0]["id"], 142);
  EXPECT_FALSE(mine[0].contains("description"));
  EXPECT_EQ(list("email=ada%40example.com&order_type=asc")[0]["id"], 141);
  EXPECT_EQ(list("unique_external_id=crm-8841&per_page=1").size(), 1u);
  for (const auto* stranger : {"email=nobody%40example.com", "unique_external_id=crm-1"}) {
    const auto refused = get(std::string("/api/v2/tickets?") + stranger);
    EXPECT_EQ(refused.status, 400) << "somebody who is no contact has no list";
    EXPECT_EQ(body_of(refused)["errors"][0]["code"], "invalid_value");
    EXPECT_NE(refused.body.find("There is no contact matching the given "), std::string::npos);
  }
  EXPECT_TRUE(list("requester_id=" + ada() + "&include=description")[0].contains("description"));
  EXPECT_EQ(get("/api/v2/tickets?per_page=101").status, 400);
  EXPECT_EQ(get("/api/v2/tickets?updated_since=yesterday").status, 400);
  now += std::chrono::days(31);
  EXPECT_EQ(list("requester_id=" + ada()).size(), 0u);
  EXPECT_EQ(list("requester_id=" + ada() + "&updated_since=2026-11-01T00%3A00%3A00Z").size(), 2u);
}

TEST_F(Freshdesk, charges_credits_for_what_is_included) {
  const auto path = path_of_new();
  const auto plain = get(path), rich = get(path + "?include=conversations,requester");
  EXPECT_EQ(header(plain.headers, "x-ratelimit-used-currentrequest"), "1");
  EXPECT_EQ(header(rich.headers, "x-ratelimit-used-currentrequest"), "5");
  EXPECT_EQ(body_of(rich)["requester"]["email"], "ada@example.com");
  EXPECT_TRUE(body_of(rich)["conversations"].is_array());
}

TEST_F(Freshdesk, lets_search_lag_and_wants_double_quotes) {
  const auto path = path_of_new();
  const auto search = [&](const std::string& query) {
    return get("/api/v2/search/tickets?query=" + percent_encode(query));
  };
  EXPECT_EQ(body_of(search("\"tag:'baton'\""))["total"], 0);
  now += 180s;
  EXPECT_EQ(body_of(search("\"tag:'baton'\""))["total"], 1);
  put(path, {{"status", 4}});
  EXPECT_EQ(body_of(search("\"status:4\""))["total"], 0);
  EXPECT_EQ(body_of(search("\"status:2 AND tag:'baton'\""))["total"], 1);
  now += 180s;
  EXPECT_EQ(body_of(search("\"status:4\""))["total"], 1);
  EXPECT_EQ(body_of(search("\"(status:2 OR status:3) AND tag:'baton'\""))["total"], 0);
  EXPECT_EQ(body_of(search("\"cf_baton_handoff_id:'hf-01JD3Z8Q'\""))["total"], 1);
  EXPECT_EQ(body_of(search("\"priority:>3 AND updated_at:>'2026-11-20'\""))["total"], 1);
  EXPECT_EQ(body_of(search("\"priority:<2\""))["total"], 0);
  EXPECT_EQ(body_of(search("\"agent_id:null\""))["total"], 1);
  for (const auto* wrong : {"tag:'baton'", "'tag:baton'", "\"\"", "\"tag\"", "\"tag:'x\"", "\"(status:2\"",
                            "\"status:2 status:3\""}) {
    EXPECT_EQ(search(wrong).status, 400) << wrong;
  }
  EXPECT_EQ(search("\"tag:'" + std::string(512, 'x') + "'\"").status, 400);
  EXPECT_EQ(get("/api/v2/search/tickets?query=%22status%3A2%22&page=11").status, 400);
}

TEST_F(Freshdesk, knows_groups_agents_fields_and_companies) {
  EXPECT_EQ(body_of(get("/api/v2/groups"))[0]["name"], "Support");
  EXPECT_EQ(body_of(get("/api/v2/agents?email=dana%40acme.example"))[0]["contact"]["name"], "Dana Agent");
  EXPECT_EQ(body_of(get("/api/v2/agents/1060000400001"))["contact"]["name"], "Dana Agent");
  EXPECT_EQ(get("/api/v2/agents/1").status, 404);
  EXPECT_EQ(body_of(get("/api/v2/companies/1060000300001"))["name"], "Example Ltd");
  const auto fields = body_of(get("/api/v2/ticket_fields"));
  const auto has = [&](std::string_view name) {
    return std::any_of(fields.begin(), fields.end(), [&](const json& f) { return f["name"] == name; });
  };
  EXPECT_TRUE(has("status"));
  EXPECT_TRUE(has("cf_baton_handoff_id"));
}

TEST_F(Freshdesk, counts_every_request_and_says_when_to_come_back) {
  Bench small("freshdesk", {{"rate_per_minute", "3"}});
  sign_in(small);
  for (int left = 2; left >= 0; --left) {
    const auto reply = small.get("/api/v2/nothing");  // what is refused counts too
    EXPECT_EQ(header(reply.headers, "x-ratelimit-total"), "3");
    EXPECT_EQ(header(reply.headers, "x-ratelimit-remaining"), std::to_string(left));
  }
  small.now += 20s;
  const auto over = small.get("/api/v2/groups");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(header(over.headers, "retry-after"), "40");
  small.now += 40s;
  EXPECT_EQ(small.get("/api/v2/groups").status, 200);
}

TEST_F(Freshdesk, limits_creations_apart) {
  Bench small("freshdesk", {{"create_per_minute", "1"}});
  sign_in(small);
  EXPECT_EQ(small.post("/api/v2/tickets", ticket()).status, 201);
  EXPECT_EQ(small.post("/api/v2/tickets", ticket()).status, 429);
  EXPECT_EQ(small.get("/api/v2/groups").status, 200);
}

TEST_F(Freshdesk, tells_of_a_solution_by_automations_with_the_secret_in_a_header) {
  path_of_new();
  const auto sent = act("solve", {{"ticket", 141}, {"by", "Dana Agent"}, {"text", "Refunded."}});
  ASSERT_EQ(sent.size(), 3u);  // the reply, the assignment, the status
  for (const auto& outbound : sent) {
    EXPECT_EQ(outbound.request.headers.at("x-baton-secret"), "freshdesk-webhook-secret");
    EXPECT_EQ(outbound.attempts, 4);
  }
  const auto event = json::parse(sent[2].request.body);
  EXPECT_EQ(event["event"], "status_changed");
  EXPECT_EQ(event["ticket_id"], "141");
  EXPECT_EQ(event["status"], "Resolved");
  EXPECT_EQ(event["group"], "Support");
  EXPECT_EQ(event["agent_email"], "dana@acme.example");
  EXPECT_EQ(event["handoff_id"], "hf-01JD3Z8Q");
  EXPECT_EQ(event["updated_at"], "2026-11-20T12:00:00Z");
  EXPECT_EQ(event["triggered_event"], "{ticket_status:{from:Open,to:Resolved}}");
  EXPECT_EQ(json::parse(sent[0].request.body)["event"], "public_comment");
  EXPECT_EQ(body_of(get("/api/v2/tickets/141"))["status"], 4);
}

TEST_F(Freshdesk, puts_placeholders_in_as_raw_text_which_a_quote_breaks) {
  Bench odd("freshdesk", {{"seed", R"({"groups":[{"id":9,"name":"The \"A\" team"}],
                          "tickets":[{"id":5,"subject":"s","email":"a@b.example","tags":["baton"],"group_id":9}]})"}});
  const auto sent = odd.act("reopen", {{"ticket", 5}});
  EXPECT_TRUE(sent.empty());  // it was open
  const auto broken = odd.act("solve", {{"ticket", 5}}).at(0).request.body;
  EXPECT_TRUE(json::parse(broken, nullptr, false).is_discarded()) << broken;
}

TEST_F(Freshdesk, sends_ticked_boxes_with_labels_if_so_set_up) {
  Bench simple("freshdesk", {{"webhook_form", "simple"}});
  sign_in(simple);
  simple.post("/api/v2/tickets", ticket());
  const auto event =
      json::parse(simple.act("close", {{"ticket", 141}}).back().request.body)["freshdesk_webhook"];
  EXPECT_EQ(event["ticket_id"], 141);
  EXPECT_EQ(event["ticket_status"], "Closed");
  EXPECT_EQ(event["ticket_priority"], "High");
  EXPECT_EQ(event["ticket_contact_name"], "Ada Byron");
}

TEST_F(Freshdesk, tells_nothing_of_tickets_without_the_tag_nor_of_customers_words_nor_of_deletion) {
  auto untagged = ticket();
  untagged["tags"] = {"other"};
  post("/api/v2/tickets", untagged);
  EXPECT_TRUE(act("solve", {{"ticket", 141}}).empty());
  path_of_new();
  EXPECT_TRUE(act("comment", {{"ticket", 142}, {"by", "requester"}, {"text", "hello?"}}).empty());
  EXPECT_TRUE(act("comment", {{"ticket", 142}, {"text", "internal"}, {"public", false}}).empty());
  act("solve", {{"ticket", 142}});
  const auto again = act("comment", {{"ticket", 142}, {"by", "ada@example.com"}, {"text", "still broken"}});
  ASSERT_EQ(again.size(), 1u);  // reopened
  EXPECT_EQ(json::parse(again[0].request.body)["status"], "Open");
  EXPECT_TRUE(act("delete", {{"ticket", 142}}).empty());
  EXPECT_EQ(get("/api/v2/tickets/142").status, 404);
  EXPECT_FALSE(vendor().act(Deed("dance", {{"ticket", 141}}), now));
  EXPECT_FALSE(vendor().act(Deed("solve", {{"ticket", 1}}), now));
}

TEST_F(Freshdesk, echoes_batons_own_writes_only_on_request) {
  put(path_of_new(), {{"status", 4}});
  EXPECT_TRUE(vendor().take_outbox().empty());
  Bench echoing("freshdesk", {{"echo", "on"}});
  sign_in(echoing);
  echoing.post("/api/v2/tickets", ticket());
  echoing.put("/api/v2/tickets/141", {{"status", 4}});
  EXPECT_EQ(echoing.vendor().take_outbox().size(), 1u);
  EXPECT_TRUE(echoing.vendor().take_outbox().empty());
}

TEST_F(Freshdesk, survives_what_is_strange) {
  path_of_new();
  const json strange[] = {nullptr, true, -1.5, "", json::array(), json::object(), json::array({nullptr}),
                          9e99};
  Bench bench("freshdesk", {{"limits", "off"}});
  sign_in(bench);
  const auto sample = ticket();
  for (const auto& [key, value] : sample.items()) {
    for (const auto& other : strange) {
      auto request = ticket();
      request[key] = other;
      EXPECT_LT(bench.post("/api/v2/tickets", request).status, 500) << key << dump(other);
      EXPECT_LT(bench.put("/api/v2/tickets/141", {{key, other}}).status, 500) << key << dump(other);
      EXPECT_LT(bench.post("/api/v2/contacts", {{"name", "n"}, {key, other}}).status, 500) << key;
    }
  }
  for (const auto* body :
       {"", "--frontier", "--frontier--", "--frontier\r\n\r\n\r\n--frontier--", "\xff\xfe"}) {
    EXPECT_LT(form("/api/v2/tickets/141/notes", body).status, 500);
  }
  for (const auto* target :
       {"/", "", "/api/v2/tickets/%ff", "/api/v2/tickets?page=0&per_page=x", "/api/v2/tickets/-1"}) {
    EXPECT_LT(get(target).status, 500) << target;
  }
  const std::string deep = "\"" + std::string(500, '(') + "\"";
  EXPECT_EQ(get("/api/v2/search/tickets?query=" + percent_encode(deep)).status, 400);
}

}  // namespace
}  // namespace baton::simulation
