// The simulated Zendesk against its fact sheet, section by section.
#include "connectors/zendesk/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

class Zendesk : public Bench, public testing::Test {
 public:
  Zendesk() : Bench("zendesk") {}

  json token_request() const {
    return {{"grant_type", "client_credentials"},
            {"client_id", "baton"},
            {"client_secret", "zendesk-client-secret"},
            {"scope", "read write"},
            {"expires_in", 86400}};
  }
  void sign_in(const json& request) {
    headers.erase("authorization");
    const auto answer = body_of(post("/oauth/tokens", request));
    headers["authorization"] = "Bearer " + answer["access_token"].get<std::string>();
  }
  void SetUp() override { sign_in(token_request()); }

  // The fact sheet's sample, section 3.2, without ids that this account does not have.
  static json ticket() {
    return {{"ticket",
             {{"subject", "[AI handoff] Refund not received"},
              {"requester", {{"name", "Ada Byron"}, {"email", "ada@example.com"}}},
              {"external_id", "baton-hf-01JD3Z8Q"},
              {"priority", "high"},
              {"type", "incident"},
              {"group_id", 8447320466430},
              {"tags", {"baton", "ai_handoff", "intent_refund", "sentiment_negative"}},
              {"custom_fields", {{{"id", 360023540498}, {"value", "0.42"}}}},
              {"metadata", {{"baton_op_id", "hf-01JD3Z8Q:create"}}},
              {"comment", {{"public", false}, {"html_body", "<h2>Brief</h2><p>...</p>"}}}}}};
  }
  json created() { return body_of(post("/api/v2/tickets", ticket()))["ticket"]; }
  std::string path_of_new(std::string_view more = {}) {
    return "/api/v2/tickets/" + std::to_string(created()["id"].get<long>()) + std::string(more);
  }
};

TEST_F(Zendesk, gives_a_token_for_client_credentials_and_lets_it_expire) {
  const auto reply = post("/oauth/tokens", token_request());
  EXPECT_EQ(reply.status, 201);
  const auto answer = body_of(reply);
  EXPECT_EQ(answer["token_type"], "bearer");
  EXPECT_EQ(answer["scope"], "read write");
  EXPECT_EQ(answer["expires_in"], 86400);
  EXPECT_EQ(get("/api/v2/users/me").status, 200);
  now += 86399s;
  EXPECT_EQ(get("/api/v2/groups").status, 200);
  now += 1s;
  EXPECT_EQ(get("/api/v2/groups").status, 401);
  EXPECT_EQ(body_of(get("/api/v2/groups"))["error"], "invalid_token");
}

TEST_F(Zendesk, refuses_token_requests_that_are_wrong) {
  struct Case {
    const char* key;
    json value;
    int status;
    const char* error;
  };
  const Case cases[] = {{"client_secret", "wrong", 401, "invalid_client"},
                        {"client_id", "somebody", 401, "invalid_client"},
                        {"grant_type", "password", 400, "unsupported_grant_type"},
                        {"expires_in", 300, 400, "invalid_request"},
                        {"expires_in", 172800, 400, "invalid_request"},
                        {"expires_in", "86400", 400, "invalid_request"}};
  for (const auto& wrong : cases) {
    auto request = token_request();
    request[wrong.key] = wrong.value;
    const auto reply = post("/oauth/tokens", request);
    EXPECT_EQ(reply.status, wrong.status) << wrong.key;
    EXPECT_EQ(body_of(reply)["error"], wrong.error) << wrong.key;
  }
  EXPECT_EQ(
      send("POST", "/oauth/tokens", "grant_type=client_credentials", {{"content-type", "text/plain"}}).status,
      415);
}

TEST_F(Zendesk, gives_a_new_pair_for_a_refresh_token_and_ends_the_old_one) {
  Bench bench("zendesk", {{"refresh_token", "first"}, {"refresh_seconds", "864000"}});
  const auto renew = [&](const std::string& token) {
    return bench.post("/oauth/tokens", {{"grant_type", "refresh_token"},
                                        {"client_id", "baton"},
                                        {"client_secret", "zendesk-client-secret"},
                                        {"refresh_token", token}});
  };
  const auto reads = [&](const json& answer) {
    bench.headers["authorization"] = "Bearer " + answer["access_token"].get<std::string>();
    return bench.get("/api/v2/groups").status == 200;
  };
  const auto first = body_of(renew("first"));
  EXPECT_EQ(first["scope"], "read write");
  EXPECT_EQ(first["refresh_token_expires_in"], 864000);
  EXPECT_TRUE(reads(first));
  const auto again = renew("first");
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(body_of(again)["error"], "invalid_grant");
  const auto second = body_of(renew(first["refresh_token"]));
  EXPECT_FALSE(reads(first)) << "both old ones end at once";
  EXPECT_TRUE(reads(second));
  bench.now += 864000s;
  EXPECT_EQ(renew(second["refresh_token"]).status, 400);
  EXPECT_EQ(renew("").status, 400);
}

TEST_F(Zendesk, gives_a_token_for_a_wrong_scope_whose_calls_are_forbidden) {
  auto request = token_request();
  request["scope"] = "nonsense";
  sign_in(request);
  EXPECT_EQ(get("/api/v2/groups").status, 403);
  request["scope"] = "tickets:read users:write";
  sign_in(request);
  EXPECT_EQ(get("/api/v2/tickets?external_id=x").status, 200);
  EXPECT_EQ(post("/api/v2/tickets", ticket()).status, 403);
  EXPECT_EQ(post("/api/v2/users/create_or_update", {{"user", {{"name", "A"}}}}).status, 201);
}

TEST_F(Zendesk, takes_the_legacy_token_only_if_it_is_set_up) {
  headers["authorization"] = "Basic YWdlbnRAZXhhbXBsZS5jb20vdG9rZW46emRBcGlUb2tlbjEyMw==";
  EXPECT_EQ(get("/api/v2/groups").status, 401);
  Bench legacy("zendesk", {{"api_email", "agent@example.com"}, {"api_token", "zdApiToken123"}});
  legacy.headers = headers;
  EXPECT_EQ(legacy.get("/api/v2/groups").status, 200);
}

TEST_F(Zendesk, answers_who_am_i_to_strangers_too) {
  EXPECT_EQ(body_of(get("/api/v2/users/me"))["user"]["role"], "admin");
  headers.erase("authorization");
  const auto reply = get("/api/v2/users/me.json");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(body_of(reply)["user"]["id"].is_null());
  EXPECT_EQ(get("/api/v2/groups").status, 401);
}

TEST_F(Zendesk, wants_accept_and_a_json_body) {
  headers.erase("accept");
  EXPECT_EQ(get("/api/v2/groups").status, 415);
  headers["accept"] = "application/json";
  EXPECT_EQ(send("POST", "/api/v2/tickets", "{}", {{"content-type", "text/plain"}}).status, 415);
  EXPECT_EQ(send("POST", "/api/v2/tickets", "{\"ticket\":").status, 400);
  EXPECT_EQ(send("POST", "/api/v2/tickets", "[]").status, 400);
  EXPECT_EQ(get("/api/v2/nothing").status, 404);
}

TEST_F(Zendesk, creates_the_sheets_sample_ticket) {
  const auto reply = post("/api/v2/tickets", ticket());
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto made = body_of(reply)["ticket"];
  EXPECT_EQ(reply.headers.at("location"), made["url"].get<std::string>());
  EXPECT_EQ(made["url"], "https://acme.zendesk.com/api/v2/tickets/5158.json");
  EXPECT_EQ(made["status"], "new");
  EXPECT_EQ(made["priority"], "high");
  EXPECT_EQ(made["is_public"], false);
  EXPECT_EQ(made["created_at"], "2026-11-20T12:00:00Z");
  EXPECT_TRUE(made["requester_id"].is_number_integer());
  EXPECT_EQ(effect("tickets_created"), 1);
  EXPECT_EQ(effect("users_created"), 1);
  const auto ledger = this->ledger();
  EXPECT_EQ(ledger["tickets"][0]["comments"][0]["public"], false);
  EXPECT_EQ(ledger["duplicates"], 0);
}

TEST_F(Zendesk, refuses_tickets_that_are_wrong) {
  struct Case {
    const char* field;
    json value;
    int status;
  };
  const Case cases[] = {
      {"comment", nullptr, 422},
      {"comment", {{"body", "  "}}, 422},
      {"comment", {{"body", 7}}, 400},
      {"comment", {{"body", "x"}, {"public", "no"}}, 400},
      {"comment", {{"body", std::string(65'001, 'x')}}, 422},
      {"comment", {{"body", "x"}, {"uploads", {"unknown"}}}, 422},
      {"comment", {{"body", "x"}, {"author_id", 1}}, 422},
      {"subject", 7, 400},
      {"priority", "critical", 422},
      {"status", "done", 422},
      {"type", "bug", 422},
      {"group_id", 1, 422},
      {"group_id", "8447320466430", 400},
      {"assignee_id", 1, 422},
      {"requester_id", 1, 422},
      {"requester", {{"name", "Ada"}, {"email", "no address"}}, 422},
      {"requester", {{"email", "new@example.com"}}, 422},
      {"tags", "baton", 400},
      {"tags", {1}, 400},
      {"custom_fields", {{{"value", 1}}}, 400},
      {"metadata", "x", 400},
      {"external_id", 12, 400},
      {"via_followup_source_id", 5158, 422},
  };
  for (const auto& wrong : cases) {
    auto request = ticket();
    request["ticket"][wrong.field] = wrong.value;
    const auto reply = post("/api/v2/tickets", request);
    EXPECT_EQ(reply.status, wrong.status) << wrong.field << " " << dump(wrong.value).substr(0, 60);
    const auto error = body_of(reply)["error"];
    EXPECT_TRUE(wrong.status == 422 ? error == "RecordInvalid" : error["title"] == "Invalid attribute")
        << reply.body;
  }
  EXPECT_EQ(post("/api/v2/tickets", json::object()).status, 400);
  EXPECT_EQ(effect("tickets_created"), 0);
}

TEST_F(Zendesk, replays_a_creation_under_its_idempotency_key_for_two_hours) {
  const Headers key = {{"idempotency-key", "hof_1:open_ticket"}};
  const auto first = post("/api/v2/tickets", ticket(), key);
  EXPECT_EQ(header(first.headers, "x-idempotency-lookup"), "miss");
  now += 1h + 59min;
  const auto again = post("/api/v2/tickets", ticket(), key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(header(again.headers, "x-idempotency-lookup"), "hit");
  EXPECT_EQ(again.body, first.body);
  auto other = ticket();
  other["ticket"]["subject"] = "another";
  const auto clash = post("/api/v2/tickets", other, key);
  EXPECT_EQ(clash.status, 400);
  EXPECT_EQ(body_of(clash)["error"], "IdempotentRequestError");
  EXPECT_EQ(effect("tickets_created"), 1);
  now += 1min;
  EXPECT_EQ(header(post("/api/v2/tickets", ticket(), key).headers, "x-idempotency-lookup"), "miss");
  EXPECT_EQ(effect("tickets_created"), 2);
  EXPECT_EQ(ledger()["duplicates"], 1);
}

TEST_F(Zendesk, keeps_no_key_for_what_it_refused_and_none_for_other_requests) {
  const Headers key = {{"idempotency-key", "k"}};
  auto wrong = ticket();
  wrong["ticket"]["priority"] = "critical";
  EXPECT_EQ(post("/api/v2/tickets", wrong, key).status, 422);
  EXPECT_EQ(post("/api/v2/tickets", ticket(), key).status, 201);
  const json note = {{"ticket", {{"comment", {{"body", "n"}, {"public", false}}}}}};
  for (int i = 0; i < 2; ++i) {
    const auto reply = send("PUT", "/api/v2/tickets/5158", dump(note), key);
    EXPECT_EQ(reply.status, 200);
    EXPECT_FALSE(reply.headers.contains("x-idempotency-lookup"));
  }
  EXPECT_EQ(effect("notes_added"), 2);
}

TEST_F(Zendesk, does_not_deduplicate_by_external_id_but_lists_by_it_at_once) {
  created();
  created();
  const auto found = body_of(get("/api/v2/tickets?external_id=baton-hf-01JD3Z8Q"));
  EXPECT_EQ(found["tickets"].size(), 2u);
  EXPECT_TRUE(body_of(get("/api/v2/tickets?external_id=other"))["tickets"].empty());
  EXPECT_EQ(ledger()["duplicates"], 1);
}

TEST_F(Zendesk, counts_a_note_that_was_added_twice_as_a_duplicate) {
  const auto path = path_of_new();
  const json note = {{"ticket",
                      {{"comment", {{"public", false}, {"html_body", "<p>wrote again</p>"}}},
                       {"metadata", {{"baton_op_id", "hf:note:3"}}}}}};
  EXPECT_EQ(put(path, note).status, 200);
  EXPECT_EQ(ledger()["duplicates"], 0);
  EXPECT_EQ(put(path, note).status, 200);
  EXPECT_EQ(ledger()["duplicates"], 1);
  const auto audits = body_of(get(path + "/audits"))["audits"];
  ASSERT_EQ(audits.size(), 3u);
  EXPECT_EQ(audits[0]["metadata"]["custom"]["baton_op_id"], "hf-01JD3Z8Q:create");
  EXPECT_EQ(audits[2]["metadata"]["custom"]["baton_op_id"], "hf:note:3");
  const auto comments = body_of(get(path + "/comments?sort=-created_at&page%5Bsize%5D=2"));
  EXPECT_EQ(comments["comments"].size(), 2u);
  EXPECT_EQ(comments["comments"][0]["plain_body"], "wrote again");
  EXPECT_EQ(comments["meta"]["has_more"], true);
  EXPECT_EQ(body_of(get(path + "/comments?page[size]=2&page[after]=2"))["meta"]["has_more"], false);
  EXPECT_FALSE(comments.contains("users"));
  const auto named = body_of(get(path + "/comments?include=users"))["users"];
  ASSERT_EQ(named.size(), 1u) << "each author once";
  EXPECT_EQ(named[0]["name"], "Baton");
}

TEST_F(Zendesk, takes_a_comment_for_private_where_the_first_was) {
  const auto path = path_of_new();
  put(path, {{"ticket", {{"comment", {{"body", "silent"}}}}}});
  EXPECT_EQ(effect("notes_added"), 1);
  put(path, {{"ticket", {{"comment", {{"body", "loud"}, {"public", true}}}}}});
  EXPECT_EQ(effect("replies_added"), 1);
  EXPECT_EQ(body_of(get(path))["ticket"]["is_public"], true);
}

TEST_F(Zendesk, prevents_a_safe_update_of_what_somebody_changed) {
  const auto path = path_of_new();
  const json update = {
      {"ticket", {{"status", "open"}, {"safe_update", true}, {"updated_stamp", "2026-11-20T12:00:00Z"}}}};
  now += 5s;
  EXPECT_EQ(put(path, update).status, 200);
  EXPECT_EQ(put(path, update).status, 409);
  EXPECT_EQ(put(path, {{"ticket", {{"status", "open"}, {"safe_update", true}}}}).status, 400);
}

TEST_F(Zendesk, adds_sets_and_removes_tags) {
  const auto path = path_of_new("/tags");
  EXPECT_EQ(body_of(put(path, {{"tags", {"claimed", "baton"}}}))["tags"].size(), 5u);
  const auto set = post(path, {{"tags", {"one"}}});
  EXPECT_EQ(set.status, 201);
  EXPECT_EQ(body_of(set)["tags"], json({"one"}));
  EXPECT_EQ(body_of(send("DELETE", path, R"({"tags":["one"]})"))["tags"], json::array());
  EXPECT_EQ(put(path, {{"tags", "one"}}).status, 400);
  EXPECT_EQ(
      put(path, {{"tags", {"x"}}, {"safe_update", "true"}, {"updated_stamp", "2020-01-01T00:00:00Z"}}).status,
      409);
  // In an update of the ticket they replace.
  put("/api/v2/tickets/5158", {{"ticket", {{"tags", {"only"}}}}});
  EXPECT_EQ(body_of(get("/api/v2/tickets/5158"))["ticket"]["tags"], json({"only"}));
}

TEST_F(Zendesk, lets_nobody_change_a_closed_ticket_but_follows_it_up) {
  const auto path = path_of_new();
  act("close", {{"ticket", 5158}, {"by", "Dana Agent"}});
  const auto reply = put(path, {{"ticket", {{"status", "open"}}}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(body_of(reply)["details"]["status"][0]["error"], "ClosedTicket");
  EXPECT_EQ(body_of(reply)["details"]["status"][0]["description"], "Status: closed prevents ticket update");
  EXPECT_EQ(put(path + "/tags", {{"tags", {"x"}}}).status, 422);
  auto next = ticket();
  next["ticket"]["via_followup_source_id"] = 5158;
  EXPECT_EQ(post("/api/v2/tickets", next).status, 201);
}

TEST_F(Zendesk, knows_no_deleted_ticket) {
  const auto path = path_of_new();
  const auto sent = act("delete", {{"ticket", "5158"}});
  EXPECT_EQ(body_of(Reply(200, sent.at(0).request.body))["type"], "zen:event-type:ticket.soft_deleted");
  for (const auto& reply :
       {get(path), put(path, {{"ticket", {{"status", "open"}}}}), get(path + "/audits")}) {
    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(body_of(reply)["error"], "RecordNotFound");
  }
}

TEST_F(Zendesk, lets_search_lag_and_answer_with_a_stale_status) {
  const auto path = path_of_new();
  const std::string query =
      "/api/v2/"
      "search?query=type%3Aticket%20requester%3Aada%40example.com%20status%3Csolved&sort_by=updated_at";
  EXPECT_EQ(body_of(get(query))["count"], 0);
  now += 120s;
  EXPECT_EQ(body_of(get(query))["count"], 1);
  put(path, {{"ticket", {{"status", "solved"}}}});
  const auto stale = body_of(get(query));
  ASSERT_EQ(stale["count"], 1);
  EXPECT_EQ(stale["results"][0]["status"], "new");
  EXPECT_EQ(stale["results"][0]["result_type"], "ticket");
  now += 2min;
  EXPECT_EQ(body_of(get(query))["count"], 0);
  EXPECT_EQ(body_of(get("/api/v2/search?query=tags%3Abaton%20updated%3E2026-11-01"))["count"], 1);
  EXPECT_EQ(body_of(get("/api/v2/search?query=tags%3Abaton%20-tags%3Aai_handoff"))["count"], 0);
  EXPECT_EQ(body_of(get("/api/v2/search?query=%22not%20received%22%20group%3ASupport"))["count"], 1);
  EXPECT_EQ(get("/api/v2/search?query=type%3Aticket&page=11").status, 422);
  EXPECT_EQ(get("/api/v2/search").status, 422);
}

TEST_F(Zendesk, creates_or_updates_users) {
  const json ada = {{"user",
                     {{"name", "Ada Byron"},
                      {"email", "ada@example.com"},
                      {"external_id", "crm-8841"},
                      {"skip_verify_email", true}}}};
  const auto first = post("/api/v2/users/create_or_update", ada);
  EXPECT_EQ(first.status, 201);
  EXPECT_FALSE(header(first.headers, "location").empty());
  EXPECT_EQ(body_of(first)["user"]["role"], "end-user");
  const auto id = body_of(first)["user"]["id"];
  // By either key, without case; the stored case becomes ours.
  for (const json& user : {json{{"external_id", "CRM-8841"}}, json{{"email", "Ada@Example.com"}}}) {
    const auto again = post("/api/v2/users/create_or_update", {{"user", user}});
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(body_of(again)["user"]["id"], id);
  }
  EXPECT_EQ(body_of(get("/api/v2/users/search?external_id=crm-8841"))["users"][0]["external_id"], "CRM-8841");
  EXPECT_EQ(effect("verification_mails"), 0);
  EXPECT_EQ(post("/api/v2/users/create_or_update", {{"user", {{"email", "new@example.com"}}}}).status, 422);
  EXPECT_EQ(post("/api/v2/users/create_or_update", {{"user", {{"name", "N"}, {"email", "bad"}}}}).status,
            422);
  EXPECT_EQ(post("/api/v2/users/create_or_update", {{"user", {{"name", 7}}}}).status, 400);
  EXPECT_EQ(post("/api/v2/users/create_or_update", json::object()).status, 400);
  EXPECT_EQ(
      post("/api/v2/users/create_or_update", {{"user", {{"name", "Mail"}, {"email", "mail@example.com"}}}})
          .status,
      201);
  EXPECT_EQ(effect("verification_mails"), 1);
  EXPECT_TRUE(body_of(get("/api/v2/users/search?query=email:mail@example.com"))["users"].empty());
  now += 2min;
  EXPECT_EQ(body_of(get("/api/v2/users/search?query=email:mail@example.com"))["users"].size(), 1u);
}

TEST_F(Zendesk, updates_one_user_five_times_a_minute) {
  const json ada = {{"user", {{"name", "Ada"}, {"external_id", "x"}}}};
  EXPECT_EQ(post("/api/v2/users/create_or_update", ada).status, 201);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(post("/api/v2/users/create_or_update", ada).status, 200);
  const auto over = post("/api/v2/users/create_or_update", ada);
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(header(over.headers, "retry-after"), "60");
}

TEST_F(Zendesk, says_what_time_it_is) {
  EXPECT_EQ(header(get("/api/v2/groups").headers, "date"), "Fri, 20 Nov 2026 12:00:00 GMT");
  EXPECT_EQ(header(get("/api/v2/nothing").headers, "date"), "Fri, 20 Nov 2026 12:00:00 GMT");
}

TEST_F(Zendesk, shows_a_requesters_recent_tickets) {
  for (int i = 0; i < 3; ++i) {
    now += 1min;
    created();
  }
  const auto user = body_of(get("/api/v2/tickets/5158"))["ticket"]["requester_id"].get<long>();
  const auto base = "/api/v2/users/" + std::to_string(user) +
                    "/tickets/requested?sort_by=updated_at&sort_order=desc&per_page=2";
  const auto page = body_of(get(base));
  ASSERT_EQ(page["tickets"].size(), 2u);
  EXPECT_EQ(page["tickets"][0]["id"], 5160);
  EXPECT_EQ(page["count"], 3);
  EXPECT_TRUE(page["next_page"].is_string());
  EXPECT_EQ(body_of(get(base + "&page=2"))["tickets"][0]["id"], 5158);
  EXPECT_EQ(get("/api/v2/users/1/tickets/requested").status, 404);
}

TEST_F(Zendesk, uses_an_upload_once_within_three_days) {
  const auto upload = [&] {
    const auto reply =
        send("POST", "/api/v2/uploads?filename=transcript.txt", "Hello", {{"content-type", "text/plain"}});
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(body_of(reply)["upload"]["attachment"]["size"], 5);
    return body_of(reply)["upload"]["token"].get<std::string>();
  };
  const auto path = path_of_new();
  const auto note = [&](const std::string& token) {
    return put(path, {{"ticket", {{"comment", {{"body", "n"}, {"uploads", {token}}}}}}});
  };
  const auto token = upload(), late = upload();
  EXPECT_EQ(note(token).status, 200);
  EXPECT_EQ(note(token).status, 422);
  now += 72h;
  sign_in(token_request());
  EXPECT_EQ(note(late).status, 422);
  EXPECT_EQ(send("POST", "/api/v2/uploads", "Hello").status, 422);
}

TEST_F(Zendesk, counts_requests_per_minute_and_says_when_to_come_back) {
  Bench small("zendesk", {{"rate_per_minute", "3"}});
  const auto answer = body_of(small.post("/oauth/tokens", token_request()));
  small.headers["authorization"] = "Bearer " + answer["access_token"].get<std::string>();
  for (int left = 2; left >= 0; --left) {
    const auto reply = small.get("/api/v2/groups");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(header(reply.headers, "x-rate-limit"), "3");
    EXPECT_EQ(header(reply.headers, "ratelimit-remaining"), std::to_string(left));
    small.now += 10s;
  }
  const auto over = small.get("/api/v2/groups");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(header(over.headers, "retry-after"), "30");
  small.now += 29s;
  EXPECT_EQ(small.get("/api/v2/groups").status, 429);
  small.now += 1s;
  EXPECT_EQ(small.get("/api/v2/groups").status, 200);
  EXPECT_EQ(small.ledger()["refused"]["APIRateLimitExceeded"], 2);
}

TEST_F(Zendesk, updates_one_ticket_thirty_times_in_ten_minutes) {
  const auto path = path_of_new();
  const json update = {{"ticket", {{"status", "open"}}}};
  for (int i = 0; i < 30; ++i) EXPECT_EQ(put(path, update).status, 200);
  const auto over = put(path, update);
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(header(over.headers, "retry-after"), "600");
  EXPECT_TRUE(over.headers.contains("zendesk-ratelimit-ticket-updates"));
  EXPECT_EQ(header(get("/api/v2/tickets?external_id=x").headers, "zendesk-ratelimit-tickets-index"),
            "total=100; remaining=99; resets=60");
}

TEST_F(Zendesk, has_no_limits_where_they_are_lifted) {
  Bench free("zendesk", {{"limits", "off"}});
  free.headers["authorization"] =
      "Bearer " + body_of(free.post("/oauth/tokens", token_request()))["access_token"].get<std::string>();
  for (int i = 0; i < 800; ++i) ASSERT_EQ(free.get("/api/v2/groups").status, 200);
}

TEST_F(Zendesk, tells_of_a_solution_with_a_signed_event) {
  created();
  const auto sent = act("solve", {{"ticket", 5158}, {"by", "Dana Agent"}, {"text", "Refunded."}});
  ASSERT_EQ(sent.size(), 3u);  // the comment, the assignment that a solution needs, the status
  const char* types[] = {"comment_added", "agent_assignment_changed", "status_changed"};
  std::string sequence;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& request = sent[i].request;
    const auto event = json::parse(request.body);
    EXPECT_EQ(event["type"], std::string("zen:event-type:ticket.") + types[i]);
    EXPECT_EQ(event["subject"], "zen:ticket:5158");
    EXPECT_EQ(event["detail"]["id"], "5158");
    EXPECT_EQ(event["detail"]["external_id"], "baton-hf-01JD3Z8Q");
    EXPECT_EQ(event["detail"]["status"], "SOLVED");
    EXPECT_EQ(event["detail"]["priority"], "HIGH");
    EXPECT_EQ(event["event"]["meta"]["sequence"]["position"], i + 1);
    if (i == 0) sequence = event["event"]["meta"]["sequence"]["id"];
    EXPECT_EQ(event["event"]["meta"]["sequence"]["id"], sequence);
    EXPECT_EQ(request.headers.at("x-zendesk-webhook-signature-timestamp"), "2026-11-20T12:00:00Z");
    EXPECT_EQ(request.headers.at("x-zendesk-webhook-signature"),
              to_base64(hmac_sha256("zendesk-webhook-secret", {"2026-11-20T12:00:00Z", request.body})));
  }
  const auto comment = json::parse(sent[0].request.body)["event"]["comment"];
  EXPECT_EQ(comment["body"], "Refunded.");
  EXPECT_EQ(comment["is_public"], true);
  EXPECT_EQ(comment["author"]["is_staff"], true);
  const auto status = json::parse(sent[2].request.body)["event"];
  EXPECT_EQ(status["previous"], "NEW");
  EXPECT_EQ(status["current"], "SOLVED");
  EXPECT_NE(json::parse(sent[0].request.body)["id"], json::parse(sent[1].request.body)["id"]);
  EXPECT_EQ(body_of(get("/api/v2/tickets/5158"))["ticket"]["status"], "solved");
}

TEST_F(Zendesk, tells_of_comments_assignments_and_reopening) {
  created();
  const auto note =
      act("comment", {{"ticket", 5158}, {"by", "Lee Agent"}, {"text", "hm"}, {"public", false}});
  EXPECT_EQ(json::parse(note.at(0).request.body)["event"]["comment"]["is_public"], false);
  const auto assigned = act("assign", {{"ticket", 5158}, {"by", "Dana Agent"}});
  ASSERT_EQ(assigned.size(), 2u);
  EXPECT_EQ(json::parse(assigned[0].request.body)["event"]["current"], "8447388090001");
  EXPECT_EQ(json::parse(assigned[1].request.body)["event"]["current"], "OPEN");
  act("solve", {{"ticket", 5158}, {"by", "Dana Agent"}});
  EXPECT_EQ(json::parse(act("reopen", {{"ticket", 5158}}).at(0).request.body)["event"]["previous"], "SOLVED");
  act("solve", {{"ticket", 5158}});
  const auto again = act("comment", {{"ticket", 5158}, {"by", "ada@example.com"}, {"text", "still broken"}});
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(json::parse(again[0].request.body)["event"]["comment"]["author"]["is_staff"], false);
  EXPECT_EQ(json::parse(again[1].request.body)["event"]["current"], "OPEN");
  EXPECT_FALSE(vendor().act(Deed("dance", {{"ticket", 5158}}), now));
  EXPECT_FALSE(vendor().act(Deed("solve", {{"ticket", 1}}), now));
}

TEST_F(Zendesk, echoes_batons_own_writes_only_on_request) {
  const auto path = path_of_new();
  put(path, {{"ticket", {{"comment", {{"body", "x"}, {"public", true}}}}}});
  EXPECT_TRUE(vendor().take_outbox().empty());
  Bench echoing("zendesk", {{"echo", "on"}});
  echoing.headers["authorization"] =
      "Bearer " + body_of(echoing.post("/oauth/tokens", token_request()))["access_token"].get<std::string>();
  echoing.post("/api/v2/tickets", ticket());
  echoing.put(path, {{"ticket", {{"comment", {{"body", "x"}, {"public", true}}}}}});
  const auto sent = echoing.vendor().take_outbox();
  ASSERT_EQ(sent.size(), 1u);
  const auto me = body_of(echoing.get("/api/v2/users/me"))["user"]["id"].get<long>();
  EXPECT_EQ(json::parse(sent[0].request.body)["detail"]["actor_id"], std::to_string(me));
  EXPECT_TRUE(echoing.vendor().take_outbox().empty());
}

TEST(ZendeskSignature, agrees_with_the_vectors) {
  const auto vectors = read_data("zendesk_vectors.json")["vectors"];
  ASSERT_EQ(vectors.size(), 5u);
  for (const auto& vector : vectors) {
    const auto made = zendesk::simulated::webhook_signature(
        vector["secret"].get<std::string>(),
        vector["headers"]["X-Zendesk-Webhook-Signature-Timestamp"].get<std::string>(),
        vector["body"].get<std::string>());
    EXPECT_EQ(made == vector["headers"]["X-Zendesk-Webhook-Signature"].get<std::string>(),
              vector["valid"].get<bool>())
        << vector["name"];
  }
}

}  // namespace
}  // namespace baton::simulation
