// The simulated Linear against its fact sheet, section by section.
#include "connectors/linear/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

constexpr auto kTeam = "9cfb482a-81e3-4154-b5b9-2c805e70a02d";
constexpr auto kId = "8d3c2b1a-4f5e-4a6b-9c7d-0e1f2a3b4c5d";
constexpr auto kIssueCreate =
    "mutation BatonIssueCreate($input: IssueCreateInput!) { issueCreate(input: $input) { success lastSyncId "
    "issue { id identifier url title state { id name type } } } }";
constexpr auto kCommentCreate =
    "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id url } } }";
constexpr auto kAttachmentCreate =
    "mutation($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { success attachment { id "
    "url "
    "title subtitle } } }";

class LinearBench : public Bench {
 public:
  explicit LinearBench(Setup setup = {}) : Bench("linear", std::move(setup)) {
    headers["authorization"] = "lin_api_baton";
  }
  Reply ask(const std::string& query, const json& variables = json::object()) {
    return post("/graphql", {{"query", query}, {"variables", variables}});
  }
  json data(const std::string& query, const json& variables = json::object()) {
    const auto reply = ask(query, variables);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return body_of(reply)["data"];
  }
  json error(const Reply& reply) { return body_of(reply)["errors"][0]; }

  // The fact sheet's sample, section 3.2, without the label and state that this workspace does not have.
  static json input() {
    return {{"id", kId},
            {"teamId", kTeam},
            {"title", "Checkout fails with 502 after coupon"},
            {"description", "## Summary\n...\n\n`baton-fp:3f9a1c`"},
            {"priority", 2}};
  }
  json made() { return data(kIssueCreate, {{"input", input()}})["issueCreate"]["issue"]; }
  Reply token(const std::string& form) {
    return send("POST", "/oauth/token", form, {{"content-type", "application/x-www-form-urlencoded"}});
  }
  const std::string client = "&client_id=baton&client_secret=linear-client-secret";
};

class Linear : public LinearBench, public testing::Test {};

TEST_F(Linear, takes_a_personal_key_raw_and_never_as_a_bearer) {
  EXPECT_EQ(data("{ viewer { id name } organization { urlKey } }")["organization"]["urlKey"], "acme");
  for (const auto* wrong : {"Bearer lin_api_baton", "lin_api_other", ""}) {
    headers["authorization"] = wrong;
    const auto reply = ask("{ viewer { id } }");
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(error(reply)["message"], "Authentication required, not authenticated");
    EXPECT_EQ(error(reply)["extensions"]["code"], "AUTHENTICATION_ERROR");
  }
}

TEST_F(Linear, gives_an_app_token_for_client_credentials_until_it_expires) {
  const auto answer = body_of(token("grant_type=client_credentials&scope=read%2Cwrite" + client));
  EXPECT_EQ(answer["token_type"], "Bearer");
  EXPECT_EQ(answer["expires_in"], 2591999);
  EXPECT_EQ(answer["scope"], "read write");
  EXPECT_FALSE(answer.contains("refresh_token"));
  headers["authorization"] = "Bearer " + answer["access_token"].get<std::string>();
  EXPECT_EQ(data("{ viewer { app } }")["viewer"]["app"], true);
  now += 2591999s;
  EXPECT_EQ(ask("{ viewer { app } }").status, 401);
  EXPECT_EQ(token("grant_type=client_credentials&scope=read&client_id=baton&client_secret=x").status, 401);
}

TEST_F(Linear, lets_every_app_token_die_when_other_scopes_are_asked_for) {
  const auto ask_token = [&](const std::string& scope) {
    return "Bearer " + body_of(token("grant_type=client_credentials&scope=" + scope + client))["access_token"]
                           .get<std::string>();
  };
  const auto first = ask_token("read,write"), second = ask_token("read,write");
  for (const auto& one : {first, second}) {
    headers["authorization"] = one;
    EXPECT_EQ(ask("{ viewer { id } }").status, 200);
  }
  const auto other = ask_token("read");
  EXPECT_EQ(ask("{ viewer { id } }").status, 401);
  headers["authorization"] = other;
  const auto reply = ask(kIssueCreate, {{"input", input()}});
  EXPECT_EQ(error(reply)["extensions"]["type"], "forbidden");
  EXPECT_EQ(effect("issues_created"), 0);
}

TEST_F(Linear, refreshes_and_replays_the_same_refresh_for_half_an_hour) {
  const auto form = "grant_type=refresh_token&refresh_token=lin_refresh_1" + client;
  const auto first = body_of(token(form));
  EXPECT_EQ(first["expires_in"], 86399);
  EXPECT_NE(first["refresh_token"], "lin_refresh_1");
  now += 30min;
  EXPECT_EQ(body_of(token(form)), first);
  now += 1s;
  EXPECT_EQ(body_of(token(form))["error"], "invalid_grant");
}

TEST(LinearApp, may_have_client_credentials_switched_off) {
  Bench off("linear", {{"client_credentials", "off"}});
  const auto reply =
      off.send("POST", "/oauth/token",
               "grant_type=client_credentials&client_id=baton&client_secret=linear-client-secret",
               {{"content-type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(body_of(reply)["error_description"], "Client does not support the client_credentials grant type");
}

TEST_F(Linear, creates_the_sheets_sample_issue_in_triage) {
  const auto issue = made();
  EXPECT_EQ(issue["id"], kId);
  EXPECT_EQ(issue["identifier"], "ENG-482");
  EXPECT_EQ(issue["url"], "https://linear.app/acme/issue/ENG-482/checkout-fails-with-502-after-coupon");
  EXPECT_EQ(issue["state"]["type"], "triage");
  EXPECT_FALSE(issue.contains("priority")) << "only what was asked for is answered";
  EXPECT_EQ(effect("issues_created"), 1);
  EXPECT_EQ(ledger()["duplicates"], 0);
}

TEST_F(Linear, refuses_an_id_that_is_taken_instead_of_answering_the_old_issue) {
  made();
  const auto reply = ask(kIssueCreate, {{"input", input()}});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(error(reply)["message"], "conflict on insert of Issue");
  EXPECT_EQ(error(reply)["extensions"]["code"], "INPUT_ERROR");
  EXPECT_EQ(error(reply)["extensions"]["userPresentableMessage"],
            std::string("Entity Issue with id ") + kId + " already exists.");
  EXPECT_TRUE(body_of(reply)["data"].is_null());
  EXPECT_EQ(effect("issues_created"), 1);
  LinearBench mild({{"conflict_status", "200"}});
  mild.made();
  EXPECT_EQ(mild.ask(kIssueCreate, {{"input", input()}}).status, 200);
}

TEST_F(Linear, refuses_issues_that_are_wrong) {
  struct Case {
    const char* field;
    json value;
  };
  const Case cases[] = {{"teamId", kId},
                        {"teamId", nullptr},
                        {"title", ""},
                        {"title", std::string(256, 'x')},
                        {"title", 7},
                        {"priority", 5},
                        {"priority", "high"},
                        {"id", "baton-1"},
                        {"labelIds", {kId}},
                        {"stateId", kId},
                        {"labelIds", "Bug"},
                        {"customField", "x"},
                        {"createAsUser", "Dana"},
                        {"id", "8d3c2b1a-4f5e-1a6b-9c7d-0e1f2a3b4c5d"}};
  for (const auto& wrong : cases) {
    auto fields = input();
    fields[wrong.field] = wrong.value;
    const auto body = body_of(ask(kIssueCreate, {{"input", fields}}));
    EXPECT_TRUE(body["data"].is_null()) << wrong.field << " " << dump(wrong.value).substr(0, 60);
    EXPECT_FALSE(body["errors"].empty());
  }
  EXPECT_EQ(effect("issues_created"), 0);
}

TEST_F(Linear, answers_documents_that_it_cannot_read_with_400) {
  for (const auto* wrong : {"", "query {", "{ viewer { id }", "subscription { x }", "{ nothing { id } }",
                            "mutation { viewer { id } }", "query($a: String!) { issue(id: $a) { id } }",
                            "{ issue(id: \"x) { id } }"}) {
    const auto reply = ask(wrong);
    EXPECT_EQ(reply.status, 400) << wrong;
    EXPECT_FALSE(body_of(reply)["errors"].empty()) << wrong;
  }
  EXPECT_EQ(send("POST", "/graphql", "{\"query\":").status, 400);
  EXPECT_EQ(get("/graphql").status, 400);
  EXPECT_EQ(get("/nothing").status, 404);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "{a";
  EXPECT_EQ(ask(deep).status, 400);
}

TEST_F(Linear, looks_up_teams_states_labels_and_projects) {
  const auto team = data(
      "query($key: String!) { teams(first: 1, filter: { key: { eq: $key } }) { nodes { id key "
      "triageIssueState { type } defaultIssueState { type } } } }",
      {{"key", "ENG"}})["teams"]["nodes"];
  ASSERT_EQ(team.size(), 1u);
  EXPECT_EQ(team[0]["id"], kTeam);
  EXPECT_EQ(team[0]["defaultIssueState"]["type"], "backlog");
  const auto states = data(
      "query($t: ID!) { workflowStates(first: 50, filter: { team: { id: { eq: $t } } }) { "
      "nodes { id name type position } } }",
      {{"t", kTeam}})["workflowStates"]["nodes"];
  EXPECT_EQ(states.size(), 7u);
  EXPECT_EQ(
      data("query($n: [String!]!) { issueLabels(first: 50, filter: { name: { in: $n } }) { nodes { id } } }",
           {{"n", {"Bug", "nothing"}}})["issueLabels"]["nodes"]
          .size(),
      1u);
  EXPECT_EQ(data("{ projects(first: 5, filter: { name: { eqIgnoreCase: \"CHECKOUT\" } }) { nodes { id } } "
                 "}")["projects"]["nodes"]
                .size(),
            1u);
}

constexpr auto kByMarker =
    "query($t: ID!, $m: String!) { issues(first: 10, orderBy: updatedAt, filter: { team: { id: { eq: $t } } "
    "description: { contains: $m } state: { type: { nin: [\"completed\", \"canceled\", \"duplicate\"] } } }) "
    "{ nodes "
    "{ id } } }";

TEST_F(Linear, finds_open_issues_by_marker_at_once_and_by_words_after_a_while) {
  made();
  const json marked = {{"t", kTeam}, {"m", "baton-fp:3f9a1c"}};
  EXPECT_EQ(data(kByMarker, marked)["issues"]["nodes"].size(), 1u);
  const auto* search =
      "query($term: String!) { searchIssues(term: $term, first: 5) { totalCount nodes { id } } }";
  EXPECT_EQ(data(search, {{"term", "coupon checkout"}})["searchIssues"]["totalCount"], 0);
  now += 61s;
  EXPECT_EQ(data(search, {{"term", "coupon checkout"}})["searchIssues"]["totalCount"], 1);
  act("solve", {{"issue", "ENG-482"}});
  EXPECT_TRUE(data(kByMarker, marked)["issues"]["nodes"].empty());
}

TEST_F(Linear, writes_an_attachment_of_the_same_url_over) {
  made();
  json attachment = {{"issueId", "ENG-482"},
                     {"url", "https://baton.example.com/fp/3f9a1c"},
                     {"title", "Baton defect 3f9a1c"},
                     {"subtitle", "7 conversations"},
                     {"metadata", {{"fingerprint", "3f9a1c"}, {"conversations", 7}}}};
  const auto first = data(kAttachmentCreate, {{"input", attachment}})["attachmentCreate"]["attachment"];
  attachment["subtitle"] = "8 conversations";
  const auto again = data(kAttachmentCreate, {{"input", attachment}})["attachmentCreate"]["attachment"];
  EXPECT_EQ(again["id"], first["id"]);
  EXPECT_EQ(again["subtitle"], "8 conversations");
  EXPECT_EQ(effect("attachments_created"), 1);
  const auto found = data(
      "query($url: String!) { attachmentsForURL(url: $url, first: 10) { nodes { id issue { "
      "identifier state { type } } } } }",
      {{"url", attachment["url"]}});
  EXPECT_EQ(found["attachmentsForURL"]["nodes"][0]["issue"]["identifier"], "ENG-482");
  attachment["url"] = "/fp/1";
  EXPECT_EQ(ask(kAttachmentCreate, {{"input", attachment}}).status, 400);
}

TEST_F(Linear, takes_a_comment_once_under_its_id_and_twice_without) {
  made();
  json comment = {
      {"id", "1d3c2b1a-4f5e-4a6b-9c7d-0e1f2a3b4c5d"}, {"issueId", "ENG-482"}, {"body", "one more"}};
  EXPECT_EQ(data(kCommentCreate, {{"input", comment}})["commentCreate"]["success"], true);
  EXPECT_EQ(error(ask(kCommentCreate, {{"input", comment}}))["message"], "conflict on insert of Comment");
  EXPECT_EQ(data("query($id: String!) { comment(id: $id) { id issue { identifier } } }",
                 {{"id", comment["id"]}})["comment"]["issue"]["identifier"],
            "ENG-482");
  EXPECT_EQ(ledger()["duplicates"], 0);
  comment.erase("id");
  EXPECT_EQ(ask(kCommentCreate, {{"input", comment}}).status, 200);
  EXPECT_EQ(ledger()["duplicates"], 1);
  comment["issueId"] = "ENG-1";
  EXPECT_EQ(error(ask(kCommentCreate, {{"input", comment}}))["message"], "Entity not found: Issue");
}

TEST_F(Linear, changes_labels_one_by_one_and_state_by_its_id) {
  made();
  const auto* update =
      "mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success "
      "issue { "
      "state { type } priority labelIds } } }";
  const json label = "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d";
  for (int i = 0; i < 2; ++i) {
    const auto issue =
        data(update,
             {{"id", kId}, {"input", {{"priority", 1}, {"addedLabelIds", {label}}}}})["issueUpdate"]["issue"];
    EXPECT_EQ(issue["priority"], 1);
    EXPECT_EQ(issue["labelIds"], json::array({label}));
  }
  EXPECT_EQ(error(ask(update, {{"id", kId}, {"input", {{"stateId", "Done"}}}}))["message"],
            "Entity not found: WorkflowState");
}

TEST(LinearLabels, of_another_team_or_a_group_are_on_no_issue) {
  LinearBench bench({{"seed", R"({"teams": [
      {"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "key": "ENG", "name": "Engineering"}], "labels": [
      {"id": "l-own", "name": "Bug", "team": {"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d"}},
      {"id": "l-web", "name": "Bug", "team": {"id": "5d1c7b0e-3f2a-4c68-9b1d-7e6f5a4b3c2d"}},
      {"id": "l-area", "name": "Area", "isGroup": true}]})"}});
  // What it says of the labels; null: nothing is wrong with them.
  const auto code = [&](const char* label) {
    auto fields = LinearBench::input();
    fields["labelIds"] = {label};
    const auto body = body_of(bench.ask(kIssueCreate, {{"input", fields}}));
    return body.contains("errors") ? body["errors"][0]["extensions"]["code"] : json();
  };
  const auto found = bench.data(
      "query($n: [String!]!, $t: ID!) { issueLabels(first: 50, filter: { name: { in: $n } "
      "or: [{ team: { null: true } }, { team: { id: { eq: $t } } }] }) { nodes { id } } }",
      {{"n", {"Bug", "Area"}}, {"t", kTeam}})["issueLabels"]["nodes"];
  EXPECT_EQ(found, json::parse(R"([{"id":"l-own"},{"id":"l-area"}])"));
  EXPECT_EQ(code("l-web"), "INPUT_ERROR");
  EXPECT_EQ(code("l-area"), "INPUT_ERROR");
  EXPECT_EQ(code("l-own"), json());
}

TEST_F(Linear, keeps_customers_by_external_id_and_their_requests) {
  made();
  const auto* upsert =
      "mutation($input: CustomerUpsertInput!) { customerUpsert(input: $input) { success customer { "
      "id name } } }";
  const auto* need =
      "mutation($input: CustomerNeedCreateInput!) { customerNeedCreate(input: $input) { success need "
      "{ id } } }";
  EXPECT_EQ(ask(upsert, {{"input", {{"externalId", "cus_1"}}}}).status, 400) << "a new one needs a name";
  const auto first = data(upsert, {{"input", {{"externalId", "cus_1"}, {"name", "Acme"}}}});
  EXPECT_EQ(
      data(upsert,
           {{"input", {{"externalId", "cus_1"}, {"name", "Acme Ltd"}}}})["customerUpsert"]["customer"]["id"],
      first["customerUpsert"]["customer"]["id"]);
  json request = {{"issueId", kId}, {"customerExternalId", "cus_1"}, {"body", "blocked"}, {"priority", 1}};
  EXPECT_EQ(data(need, {{"input", request}})["customerNeedCreate"]["success"], true);
  EXPECT_EQ(ask(need, {{"input", request}}).status, 200);
  EXPECT_EQ(ledger()["duplicates"], 1) << "nothing keeps a second request of the same customer away";
  request["customerId"] = "x";
  EXPECT_EQ(ask(need, {{"input", request}}).status, 400);
  LinearBench poor({{"needs", "off"}});
  poor.made();
  EXPECT_EQ(poor.error(poor.ask(need, {{"input", request}}))["extensions"]["type"], "feature not accessible");
}

TEST_F(Linear, relates_issues) {
  made();
  auto second = input();
  second["id"] = "2d3c2b1a-4f5e-4a6b-9c7d-0e1f2a3b4c5d";
  (void)ask(kIssueCreate, {{"input", second}});
  const auto* relate =
      "mutation($input: IssueRelationCreateInput!) { issueRelationCreate(input: $input) { success } }";
  const json both = {{"issueId", kId}, {"relatedIssueId", second["id"]}, {"type", "related"}};
  EXPECT_EQ(data(relate, {{"input", both}})["issueRelationCreate"]["success"], true);
  EXPECT_EQ(ledger()["relations"].size(), 1u);
}

TEST_F(Linear, says_that_a_limit_is_reached_with_400_and_headers_in_milliseconds) {
  LinearBench slow({{"requests_per_hour", "2"}});
  EXPECT_EQ(header(slow.ask("{ viewer { id } }").headers, "x-ratelimit-requests-remaining"), "1");
  (void)slow.ask("{ viewer { id } }");
  const auto reply = slow.ask("{ viewer { id } }");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(slow.error(reply)["extensions"]["code"], "RATELIMITED");
  EXPECT_EQ(slow.error(reply)["extensions"]["statusCode"], 429);
  EXPECT_EQ(header(reply.headers, "x-ratelimit-requests-remaining"), "0");
  EXPECT_EQ(header(reply.headers, "x-ratelimit-requests-reset").size(), 13u);
  EXPECT_FALSE(reply.headers.contains("retry-after"));
  slow.now += 30min;  // refilled evenly, not all at once
  EXPECT_EQ(slow.ask("{ viewer { id } }").status, 200);
  EXPECT_EQ(slow.ask("{ viewer { id } }").status, 400);
}

TEST_F(Linear, counts_complexity_by_what_a_document_asks_for) {
  EXPECT_EQ(header(ask("{ teams(first: 10) { nodes { id key } } }").headers, "x-complexity"), "13");
  EXPECT_EQ(header(ask("{ teams { nodes { id key } } }").headers, "x-complexity"), "61");
  const auto reply = ask("{ teams(first: 250) { nodes { issues(first: 250) { nodes { id title } } } } }");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(error(reply)["message"], "Query too complex");
  LinearBench slow({{"complexity_per_hour", "20"}});
  EXPECT_EQ(slow.ask("{ teams(first: 10) { nodes { id key } } }").status, 200);
  EXPECT_EQ(slow.error(slow.ask("{ teams(first: 10) { nodes { id key } } }"))["extensions"]["code"],
            "RATELIMITED");
}

TEST_F(Linear, lets_search_be_asked_thirty_times_a_minute) {
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(ask("{ searchIssues(term: \"a\", first: 1) { totalCount } }").status, 200);
  const auto reply = ask("{ searchIssues(term: \"a\", first: 1) { totalCount } }");
  EXPECT_EQ(error(reply)["extensions"]["code"], "RATELIMITED");
  EXPECT_EQ(header(reply.headers, "x-ratelimit-endpoint-name"), "searchIssues");
  EXPECT_EQ(ask("{ viewer { id } }").status, 200);
}

TEST_F(Linear, loses_an_issue_in_the_trash_whose_id_still_conflicts) {
  made();
  act("trash", {{"issue", kId}});
  EXPECT_EQ(error(ask("{ issue(id: \"ENG-482\") { id } }"))["message"], "Entity not found: Issue");
  EXPECT_EQ(error(ask(kIssueCreate, {{"input", input()}}))["message"], "conflict on insert of Issue");
}

TEST_F(Linear, keeps_old_identifiers_when_an_issue_moves_to_another_team) {
  made();
  act("team", {{"issue", kId}, {"to", "WEB"}});
  const auto issue = data("{ issue(id: \"ENG-482\") { id identifier } }")["issue"];
  EXPECT_EQ(issue["id"], kId);
  EXPECT_EQ(issue["identifier"], "WEB-483");
}

TEST_F(Linear, signs_a_webhook_over_the_body_alone_as_the_vectors_do) {
  // The sheet's short vector, section 7.
  EXPECT_EQ(to_hex(hmac_sha256("lin_wh_short",
                               {R"({"action":"create","type":"Comment","webhookTimestamp":1788257729120})"})),
            "f716ba24c94ace57276e5f6b43872f7b7a72d80aa34b795132d5a214fb2af94f");
  made();
  const auto sent = act("solve", {{"issue", "ENG-482"}, {"by", "Dana Fixer"}});
  ASSERT_EQ(sent.size(), 1u);
  const auto& request = sent[0].request;
  EXPECT_EQ(sent[0].attempts, 4) << "one, and three retries";
  EXPECT_EQ(header(request.headers, "linear-event"), "Issue");
  EXPECT_EQ(header(request.headers, "linear-delivery").size(), 36u);
  EXPECT_EQ(header(request.headers, "linear-signature"),
            to_hex(hmac_sha256("linear-webhook-secret", {request.body})));
  const auto event = json::parse(request.body);
  EXPECT_EQ(event["action"], "update");
  EXPECT_EQ(event["actor"]["name"], "Dana Fixer");
  EXPECT_EQ(event["data"]["state"]["type"], "completed");
  EXPECT_EQ(event["data"]["completedAt"], "2026-11-20T12:00:00.000Z");
  EXPECT_TRUE(event["updatedFrom"]["stateId"].is_string());
  EXPECT_EQ(event["webhookTimestamp"], 1795176000000);
}

TEST_F(Linear, tells_of_comments_removals_and_a_revoked_grant) {
  made();
  const auto comment =
      json::parse(act("comment", {{"issue", kId}, {"text", "Fixed in 4.2"}})[0].request.body);
  EXPECT_EQ(comment["type"], "Comment");
  EXPECT_EQ(comment["data"]["body"], "Fixed in 4.2");
  EXPECT_EQ(comment["data"]["issue"]["identifier"], "ENG-482");
  EXPECT_EQ(json::parse(act("remove", {{"issue", kId}})[0].request.body)["action"], "remove");
  EXPECT_EQ(json::parse(act("revoke", json::object())[0].request.body)["type"], "OAuthApp");
  EXPECT_EQ(ask("{ viewer { id } }").status, 401);
}

TEST_F(Linear, sends_our_own_writes_back_when_it_is_asked_to) {
  made();
  EXPECT_TRUE(vendor().take_outbox().empty());
  LinearBench loud({{"echo", "on"}});
  loud.made();
  const auto sent = loud.vendor().take_outbox();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(json::parse(sent[0].request.body)["actor"]["name"], "Baton");
}

TEST_F(Linear, survives_whatever_stands_where_a_value_is_expected) {
  LinearBench bench({{"limits", "off"}});
  bench.made();
  (void)bench.ask("mutation($input: CustomerUpsertInput!) { customerUpsert(input: $input) { success } }",
                  {{"input", {{"externalId", "c"}, {"name", "n"}}}});
  const std::string at_input = "(input: $input) { success } }";
  const json input = {{"id", kId},
                      {"teamId", kTeam},
                      {"title", "t"},
                      {"description", "d"},
                      {"priority", 1},
                      {"labelIds", {"x"}},
                      {"stateId", "s"},
                      {"issueId", kId},
                      {"body", "b"},
                      {"url", "https://a.b"},
                      {"metadata", {{"a", 1}}},
                      {"externalId", "c"},
                      {"customerExternalId", "c"},
                      {"domains", {"d"}},
                      {"name", "n"},
                      {"type", "related"},
                      {"relatedIssueId", kId},
                      {"addedLabelIds", {"x"}}};
  const json strange[] = {nullptr, true, -7, 1.5, "", json::array(), json::object(), json::array({nullptr})};
  for (const auto* root :
       {"issueCreate", "commentCreate", "attachmentCreate", "customerUpsert", "customerNeedCreate",
        "issueRelationCreate", "webhookCreate", "issueUpdate(id: \"ENG-482\", input: $input)"}) {
    const bool update = std::string_view(root).find('(') != std::string_view::npos;
    const auto document =
        "mutation($input: Any!) { " + std::string(root) + (update ? " { success } }" : at_input);
    // Members that the input's type does not have are taken away one by one, as the answers name them.
    auto known = input;
    for (auto answer = bench.ask(document, {{"input", known}}); known.size() > 1;
         answer = bench.ask(document, {{"input", known}})) {
      const auto message =
          bench.error(answer).is_object() ? bench.error(answer)["message"].get<std::string>() : "";
      const auto quote = message.find("Field \"");
      if (quote == std::string::npos || message.find("is not defined") == std::string::npos) break;
      known.erase(message.substr(quote + 7, message.find('"', quote + 7) - quote - 7));
    }
    for (const auto& [key, value] : known.items()) {
      for (const auto& odd : strange) {
        auto changed = known;
        changed[key] = odd;
        EXPECT_LT(bench.ask(document, {{"input", changed}}).status, 500) << root << key;
      }
    }
  }
  for (const auto* filter : {"7", "{ title: 7 }", "{ title: { in: 7 } }", "{ createdAt: { gt: \"-P\" } }",
                             "{ or: 7 }", "{ team: { id: { eq: null } } }", "[[[]]]"}) {
    EXPECT_LT(bench.ask("{ issues(first: -1, filter: " + std::string(filter) + ") { nodes { id } } }").status,
              500);
  }
  (void)bench.ledger();
}

}  // namespace
}  // namespace baton::simulation
