// The simulated Salesforce against its fact sheet, section by section.
#include "connectors/salesforce/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

const std::string kBase = "/services/data/v67.0";

class Salesforce : public Bench, public testing::Test {
 public:
  explicit Salesforce(simulation::Setup setup = {}) : Bench("salesforce", std::move(setup)) {}

  static std::string credentials(const std::string& secret = "salesforce-client-secret") {
    return "grant_type=client_credentials&client_id=3MVG9Baton&client_secret=" + secret;
  }
  Reply ask_token(const std::string& form, Headers more = {}) {
    more.emplace("content-type", "application/x-www-form-urlencoded");
    return send("POST", "/services/oauth2/token", form, std::move(more));
  }
  void sign_in() {
    headers.erase("authorization");
    headers["authorization"] =
        "Bearer " + body_of(ask_token(credentials()))["access_token"].get<std::string>();
  }
  void SetUp() override { sign_in(); }

  Reply query(const std::string& soql) { return get(kBase + "/query?q=" + percent_encode(soql)); }
  json records(const std::string& soql) { return body_of(query(soql))["records"]; }
  static std::string code(const Reply& reply) {
    const auto body = body_of(reply);
    return body.is_array() && !body.empty() ? body[0].value("errorCode", "") : "";
  }
  // The fact sheet's sample, section 3.4, without the origin that an org has to add.
  static json sample() {
    return {{"Subject", "Handoff: export fails with error 500"},
            {"Description", "Brief..."},
            {"Status", "New"},
            {"Priority", "High"},
            {"Origin", "Web"},
            {"ContactId", "003000000000001AAA"},
            {"SuppliedEmail", "zoe@northwind.example"},
            {"SuppliedName", "Zoë A."}};
  }
  Reply upsert(const std::string& handoff, const json& body, const std::string& more = {}) {
    return patch(kBase + "/sobjects/Case/Baton_Handoff_Id__c/" + handoff + more, body);
  }
  std::string made(const std::string& handoff = "hnd_1") {
    return body_of(upsert(handoff, sample()))["id"].get<std::string>();
  }
};

// An org with a setup of its own, signed in.
class Org : public Salesforce {
 public:
  explicit Org(simulation::Setup setup) : Salesforce(std::move(setup)) { sign_in(); }
  void TestBody() override {}
};

TEST_F(Salesforce, gives_a_token_without_an_end_and_ends_it_all_the_same) {
  const auto answer = body_of(ask_token(credentials()));
  EXPECT_EQ(answer["token_type"], "Bearer");
  EXPECT_EQ(answer["instance_url"], "https://example.my.salesforce.com");
  EXPECT_FALSE(answer.contains("expires_in"));
  EXPECT_FALSE(answer.contains("refresh_token"));
  EXPECT_EQ(get(kBase + "/limits").status, 200);
  now += 2h;
  const auto late = get(kBase + "/limits");
  EXPECT_EQ(late.status, 401);
  EXPECT_EQ(code(late), "INVALID_SESSION_ID");
  sign_in();
  EXPECT_EQ(get(kBase + "/limits").status, 200);
}

TEST_F(Salesforce, refuses_wrong_clients_and_grants) {
  struct Case {
    std::string form;
    std::string error;
  };
  const Case cases[] = {{credentials("wrong"), "invalid_client"},
                        {"grant_type=client_credentials&client_id=x&client_secret=y", "invalid_client_id"},
                        {"grant_type=password&username=a&password=b", "unsupported_grant_type"},
                        {"", "unsupported_grant_type"}};
  for (const auto& wrong : cases) {
    const auto reply = ask_token(wrong.form);
    EXPECT_EQ(reply.status, 400) << wrong.form;
    EXPECT_EQ(body_of(reply)["error"], wrong.error) << wrong.form;
  }
  EXPECT_EQ(body_of(ask_token(credentials(), {{"host", "login.salesforce.com"}}))["error"], "invalid_grant");
  const auto basic = "Basic " + to_base64("3MVG9Baton:salesforce-client-secret");
  EXPECT_EQ(ask_token("grant_type=client_credentials", {{"authorization", basic}}).status, 200);
  EXPECT_EQ(
      Bench("salesforce", {{"run_as", "off"}}).send("POST", "/services/oauth2/token", credentials()).status,
      400);
}

TEST_F(Salesforce, takes_an_assertion_of_the_right_shape) {
  const auto ask = [&](json head, json claims, const std::string& signature = "c2ln") {
    return body_of(ask_token("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" +
                             to_base64url(head.dump()) + "." + to_base64url(claims.dump()) + "." +
                             signature));
  };
  const json head = {{"alg", "RS256"}};
  const json claims = {{"iss", "3MVG9Baton"},
                       {"sub", "baton.integration@example.com"},
                       {"aud", "https://example.my.salesforce.com"},
                       {"exp", epoch_seconds(now) + 120}};
  EXPECT_TRUE(ask(head, claims).contains("access_token"));
  const auto with = [&](const char* key, json value) {
    auto changed = claims;
    changed[key] = std::move(value);
    return ask(head, changed)["error_description"].get<std::string>();
  };
  EXPECT_EQ(with("aud", "https://login.salesforce.com"), "audience is invalid");
  EXPECT_EQ(with("aud", {"https://example.my.salesforce.com"}), "audience is invalid");
  EXPECT_EQ(with("sub", "somebody@example.com"), "user hasn't approved this consumer");
  EXPECT_EQ(with("exp", epoch_seconds(now) + 181), "expired authorization code");
  EXPECT_EQ(with("exp", epoch_seconds(now)), "expired authorization code");
  EXPECT_EQ(ask({{"alg", "HS256"}}, claims)["error"], "invalid_grant");
  EXPECT_EQ(ask(head, claims, "")["error"], "invalid_grant");
}

TEST_F(Salesforce, rotates_refresh_tokens) {
  const auto ask = [&](const std::string& token) {
    return ask_token(
        "grant_type=refresh_token&client_id=3MVG9Baton&client_secret=salesforce-client-secret&refresh_"
        "token=" +
        token);
  };
  const auto first = body_of(ask("salesforce-refresh-1"));
  ASSERT_TRUE(first.contains("refresh_token"));
  EXPECT_EQ(ask("salesforce-refresh-1").status, 400);
  EXPECT_EQ(ask(first["refresh_token"]).status, 200);
}

TEST_F(Salesforce, lists_versions_to_anybody_and_nothing_else) {
  headers.erase("authorization");
  EXPECT_EQ(body_of(get("/services/data")).back()["version"], "68.0");
  EXPECT_EQ(code(get(kBase + "/limits")), "INVALID_AUTH_HEADER");
  headers["authorization"] = "Bearer 00D!wrong";
  EXPECT_EQ(code(get(kBase + "/limits")), "INVALID_SESSION_ID");
  EXPECT_EQ(get("/services/oauth2/userinfo").status, 403);
  sign_in();
  EXPECT_EQ(body_of(get("/services/oauth2/userinfo"))["active"], true);
  EXPECT_EQ(get("/services/data/v30.0/limits").status, 404);
  EXPECT_EQ(get("/services/data/v99.0/limits").status, 404);
  EXPECT_EQ(get(kBase + "/nothing").status, 404);
}

TEST_F(Salesforce, upserts_one_case_for_one_handoff) {
  const auto first = upsert("hnd_1", sample());
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(body_of(first)["created"], true);
  EXPECT_EQ(body_of(first)["id"].get<std::string>().size(), 18u);
  const auto again = upsert("hnd_1", sample());
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(body_of(again)["created"], false);
  EXPECT_EQ(body_of(again)["id"], body_of(first)["id"]);
  EXPECT_EQ(effect("cases_created"), 1);
  EXPECT_EQ(effect("cases_updated"), 1);
  EXPECT_EQ(ledger()["duplicates"], 0);
  const auto shown =
      body_of(get(kBase + "/sobjects/Case/Baton_Handoff_Id__c/hnd_1?fields=Id,CaseNumber,Status,IsClosed"));
  EXPECT_EQ(shown["CaseNumber"], "00001026");
  EXPECT_EQ(shown["IsClosed"], false);
  EXPECT_EQ(shown["attributes"]["type"], "Case");
  EXPECT_FALSE(shown.contains("Subject"));
  EXPECT_EQ(get(kBase + "/sobjects/Case/Baton_Handoff_Id__c/hnd_2").status, 404);
}

TEST_F(Salesforce, does_not_create_with_update_only) {
  EXPECT_EQ(upsert("hnd_1", sample(), "?updateOnly=true").status, 404);
  made();
  EXPECT_EQ(upsert("hnd_1", {{"Subject", "x"}}, "?updateOnly=true").status, 200);
}

TEST_F(Salesforce, answers_an_upsert_without_a_body_where_old_versions_did) {
  Org old({{"upsert_status", "204"}});
  EXPECT_EQ(old.upsert("hnd_1", sample()).status, 201);
  const auto again = old.upsert("hnd_1", sample());
  EXPECT_EQ(again.status, 204);
  EXPECT_EQ(again.body, "");
}

TEST_F(Salesforce, knows_no_external_id_until_the_admin_makes_it) {
  Org bare({{"external_id", "none"}});
  EXPECT_EQ(bare.upsert("hnd_1", sample()).status, 404);
  EXPECT_EQ(bare.get(kBase + "/sobjects/Case/Baton_Handoff_Id__c/hnd_1").status, 404);
  EXPECT_EQ(code(bare.query("SELECT Id FROM Case WHERE Baton_Handoff_Id__c != null")), "INVALID_FIELD");
}

TEST_F(Salesforce, answers_300_where_the_external_id_is_not_unique) {
  Org loose({{"external_id", "plain"}});
  auto body = sample();
  body["Baton_Handoff_Id__c"] = "hnd_1";
  EXPECT_EQ(loose.post(kBase + "/sobjects/Case", body).status, 201);
  EXPECT_EQ(loose.post(kBase + "/sobjects/Case", body).status, 201);
  const auto reply = loose.upsert("hnd_1", sample());
  EXPECT_EQ(reply.status, 300);
  EXPECT_EQ(body_of(reply).size(), 2u);
  EXPECT_TRUE(body_of(reply)[0].get<std::string>().starts_with(kBase + "/sobjects/Case/500"));
  EXPECT_EQ(loose.get(kBase + "/sobjects/Case/Baton_Handoff_Id__c/hnd_1").status, 300);
  EXPECT_EQ(loose.ledger()["duplicates"], 1);
  EXPECT_EQ(post(kBase + "/sobjects/Case", body).status, 201);
  EXPECT_EQ(code(post(kBase + "/sobjects/Case", body)), "DUPLICATE_VALUE");
}

TEST_F(Salesforce, lets_one_of_two_upserts_at_a_time_fail) {
  act("race", json::object());
  const auto reply = upsert("hnd_1", sample());
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(code(reply), "DUPLICATE_VALUE");
  EXPECT_EQ(upsert("hnd_1", sample()).status, 200);
}

TEST_F(Salesforce, locks_rows_now_and_then) {
  act("lock", {{"times", 2}});
  EXPECT_EQ(code(upsert("hnd_1", sample())), "UNABLE_TO_LOCK_ROW");
  EXPECT_EQ(code(upsert("hnd_1", sample())), "UNABLE_TO_LOCK_ROW");
  EXPECT_EQ(upsert("hnd_1", sample()).status, 201);
}

TEST_F(Salesforce, refuses_cases_that_are_wrong) {
  struct Case {
    const char* field;
    json value;
    const char* code;
  };
  const Case cases[] = {{"Subject", std::string(256, 'x'), "STRING_TOO_LONG"},
                        {"Description", std::string(32'001, 'x'), "STRING_TOO_LONG"},
                        {"SuppliedName", std::string(81, 'x'), "STRING_TOO_LONG"},
                        {"Subject", 7, "JSON_PARSER_ERROR"},
                        {"Origin", "Chat", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
                        {"Status", "Done", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
                        {"ContactId", "003000000000099AAA", "INVALID_CROSS_REFERENCE_KEY"},
                        {"ContactId", "001000000000001AAA", "INVALID_CROSS_REFERENCE_KEY"},
                        {"ContactId", "zoe", "MALFORMED_ID"},
                        {"SuppliedEmail", "no address", "INVALID_EMAIL_ADDRESS"},
                        {"CaseNumber", "1", "INVALID_FIELD_FOR_INSERT_UPDATE"},
                        {"IsClosed", true, "INVALID_FIELD_FOR_INSERT_UPDATE"},
                        {"Nonsense__c", "x", "INVALID_FIELD"},
                        {"Baton_Handoff_Id__c", "hnd_1", "INVALID_FIELD"}};
  for (const auto& wrong : cases) {
    auto body = sample();
    body[wrong.field] = wrong.value;
    const auto reply = upsert("hnd_1", body);
    EXPECT_EQ(reply.status, 400) << wrong.field;
    EXPECT_EQ(code(reply), wrong.code) << wrong.field;
  }
  EXPECT_EQ(effect("cases_created"), 0);
  EXPECT_EQ(Org({{"origins", "Chat"}})
                .upsert("hnd_1",
                        [] {
                          auto b = sample();
                          b["Origin"] = "Chat";
                          return b;
                        }())
                .status,
            201);
  EXPECT_EQ(Org({{"read_only", "Case"}}).upsert("hnd_1", sample()).status, 403);
  EXPECT_EQ(
      send("PATCH", kBase + "/sobjects/Case/Baton_Handoff_Id__c/h", "{}", {{"content-type", "text/plain"}})
          .status,
      415);
  EXPECT_EQ(code(send("PATCH", kBase + "/sobjects/Case/Baton_Handoff_Id__c/h", "{\"a\":")),
            "JSON_PARSER_ERROR");
}

TEST_F(Salesforce, counts_a_subject_in_characters_and_a_comment_in_bytes) {
  auto body = sample();
  std::string umlauts;
  for (int i = 0; i < 255; ++i) umlauts += "ü";
  body["Subject"] = umlauts;
  EXPECT_EQ(upsert("hnd_1", body).status, 201);
  const auto comment = [&](const std::string& text) {
    return post(kBase + "/sobjects/CaseComment",
                {{"ParentId", made("hnd_2")}, {"CommentBody", text}, {"IsPublished", false}});
  };
  EXPECT_EQ(comment(std::string(4000, 'x')).status, 201);
  std::string wide;
  for (int i = 0; i < 2001; ++i) wide += "ü";
  EXPECT_EQ(code(comment(wide)), "STRING_TOO_LONG");
  EXPECT_EQ(code(comment("")), "REQUIRED_FIELD_MISSING");
  EXPECT_EQ(body_of(post(kBase + "/sobjects/CaseComment", {{"CommentBody", "x"}}))[0]["fields"][0],
            "ParentId");
  EXPECT_EQ(effect("comments_created"), 1);
}

TEST_F(Salesforce, counts_the_same_comment_twice_as_a_duplicate) {
  const json comment = {{"ParentId", made()}, {"CommentBody", "Ref: hnd_1/c1"}};
  EXPECT_EQ(post(kBase + "/sobjects/CaseComment", comment).status, 201);
  EXPECT_EQ(post(kBase + "/sobjects/CaseComment", comment).status, 201);
  EXPECT_EQ(ledger()["duplicates"], 1);
  EXPECT_EQ(records("SELECT Id, CommentBody FROM CaseComment WHERE ParentId = '" +
                    comment["ParentId"].get<std::string>() + "'")
                .size(),
            2u);
  const auto filtered = query("SELECT Id FROM CaseComment WHERE CommentBody = 'x'");
  EXPECT_EQ(code(filtered), "INVALID_FIELD");
}

TEST_F(Salesforce, makes_a_comment_of_the_cases_comments_and_never_shows_it_there) {
  auto body = sample();
  body["Comments"] = "first";
  upsert("hnd_1", body);
  EXPECT_EQ(effect("comments_created"), 1);
  EXPECT_EQ(code(query("SELECT Comments FROM Case")), "INVALID_FIELD");
}

TEST_F(Salesforce, moves_the_owner_unless_the_header_forbids_it) {
  const auto owner = [&] {
    return body_of(get(kBase + "/sobjects/Case/Baton_Handoff_Id__c/hnd_1?fields=OwnerId"))["OwnerId"]
        .get<std::string>();
  };
  auto body = sample();
  body["OwnerId"] = "005000000000001AAA";
  headers["sforce-auto-assign"] = "FALSE";
  upsert("hnd_1", body);
  EXPECT_EQ(owner(), "005000000000001AAA");
  headers.erase("sforce-auto-assign");
  upsert("hnd_1", {{"Priority", "Low"}});
  EXPECT_EQ(owner(), "00G000000000001EAA");
  EXPECT_EQ(effect("owners_moved"), 1);
}

TEST_F(Salesforce, updates_by_id_without_a_body_in_the_answer) {
  const auto id = made();
  const auto reply = patch(kBase + "/sobjects/Case/" + id, {{"Status", "Closed"}});
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  const auto shown = body_of(get(kBase + "/sobjects/Case/" + id + "?fields=IsClosed,ClosedDate"));
  EXPECT_EQ(shown["IsClosed"], true);
  EXPECT_EQ(shown["ClosedDate"], "2026-11-20T12:00:00.000+0000");
  EXPECT_EQ(effect("statuses_set"), 1);
  EXPECT_EQ(get(kBase + "/sobjects/Case/" + id.substr(0, 15)).status, 200);
  act("delete", {{"case", id}});
  EXPECT_EQ(code(patch(kBase + "/sobjects/Case/" + id, {{"Status", "New"}})), "ENTITY_IS_DELETED");
  EXPECT_EQ(patch(kBase + "/sobjects/Case/500000000000999AAA", {{"Status", "New"}}).status, 404);
}

TEST_F(Salesforce, answers_the_sheets_context_queries) {
  const auto people = records(
      "SELECT Id, Name, FirstName, LastName, Email, Phone, Title, AccountId, OwnerId, Owner.Name, "
      "Owner.Email, "
      "Account.Name, Account.Type, Account.Industry, Account.OwnerId, Account.Owner.Name, "
      "Account.Owner.Email FROM "
      "Contact WHERE Email = 'ZOE@northwind.example' ORDER BY LastModifiedDate DESC LIMIT 5");
  ASSERT_EQ(people.size(), 1u);
  EXPECT_EQ(people[0]["Name"], "Zoë Adler");
  EXPECT_EQ(people[0]["Account"]["Name"], "Northwind Logistics");
  EXPECT_EQ(people[0]["Account"]["Owner"]["Name"], "Nora Lind");
  EXPECT_EQ(people[0]["attributes"]["url"], kBase + "/sobjects/Contact/003000000000001AAA");
  const auto deals = records(
      "SELECT Id, Name, StageName, Amount, CloseDate, Type, Owner.Name FROM Opportunity WHERE AccountId = "
      "'001000000000001AAA' AND IsClosed = false ORDER BY CloseDate LIMIT 10");
  ASSERT_EQ(deals.size(), 1u);
  EXPECT_EQ(deals[0]["Amount"], 184000);
  const auto cases = records(
      "SELECT Id, CaseNumber, Subject, Status, Priority, Origin, CreatedDate, IsClosed, Owner.Name FROM Case "
      "WHERE "
      "ContactId = '003000000000001AAA' ORDER BY CreatedDate DESC LIMIT 10");
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0]["CaseNumber"], "00000982");
  EXPECT_EQ(cases[1]["IsClosed"], true);
  EXPECT_EQ(records("SELECT Id, EndDate FROM Contract WHERE AccountId = '001000000000001AAA' AND Status = "
                    "'Activated' ORDER BY EndDate DESC LIMIT 3")[0]["EndDate"],
            "2026-12-11");
  EXPECT_EQ(records("SELECT ApiName FROM CaseStatus WHERE IsClosed = true")[0]["ApiName"], "Closed");
}

TEST_F(Salesforce, gives_null_for_a_parent_that_is_not_set) {
  const auto people = records(
      "SELECT Id, Account.Name FROM Contact WHERE Email = 'office@acme.example' ORDER BY LastModifiedDate "
      "DESC");
  ASSERT_EQ(people.size(), 2u);
  EXPECT_TRUE(people[0]["Account"].is_null());
  EXPECT_EQ(people[1]["Account"]["Name"], "Acme Studios");
}

TEST_F(Salesforce, reads_literals_as_their_escapes_say) {
  const auto vectors = json::parse(R"([["o'brien@example.com", "'o\\'brien@example.com'"],
      ["x' OR Id != null OR Email = 'y", "'x\\' OR Id != null OR Email = \\'y'"],
      ["ends-with-backslash\\", "'ends-with-backslash\\\\'"], ["a\\' OR 1=1", "'a\\\\\\' OR 1=1'"],
      ["line\nbreak", "'line\\nbreak'"], ["quote\"double", "'quote\\\"double'"], ["50%_off", "'50%_off'"]])");
  for (const auto& vector : vectors) {
    const auto read = salesforce::simulated::read_soql("SELECT Id FROM Contact WHERE LastName = " +
                                                       vector[1].get<std::string>());
    ASSERT_TRUE(read) << vector[1];
    EXPECT_EQ(read->where->values[0].value, vector[0].get<std::string>());
  }
}

TEST_F(Salesforce, lets_a_quote_that_is_escaped_badly_break_out) {
  EXPECT_EQ(records("SELECT Id FROM Contact WHERE Email = 'x\\\\' OR Id != null").size(), 4u);
  EXPECT_EQ(records("SELECT Id FROM Contact WHERE Email = 'x\\\\\\' OR Id != null'").size(), 0u);
}

TEST_F(Salesforce, refuses_queries_that_are_wrong) {
  struct Case {
    const char* soql;
    const char* code;
  };
  const Case cases[] = {{"SELECT Id FROM Contact WHERE Email = 'x", "MALFORMED_QUERY"},
                        {"SELECT Id FROM Contact WHERE Email = 'x\\q'", "MALFORMED_QUERY"},
                        {"SELECT Id FROM Contact WHERE Email = \"x\"", "MALFORMED_QUERY"},
                        {"SELECT Id FROM Contact LIMIT x", "MALFORMED_QUERY"},
                        {"SELECT Id FROM Contact WHERE A = 'x' AND B = 'y' OR C = 'z'", "MALFORMED_QUERY"},
                        {"SELECT FROM Contact", "MALFORMED_QUERY"},
                        {"", "MALFORMED_QUERY"},
                        {"SELECT Id, Renewal__c FROM Account", "INVALID_FIELD"},
                        {"SELECT Id, Boss.Name FROM Account", "INVALID_FIELD"},
                        {"SELECT Id FROM Account WHERE Boss__c = 'x'", "INVALID_FIELD"},
                        {"SELECT Id FROM Case WHERE IsClosed = 'false'", "INVALID_FIELD"},
                        {"SELECT Id FROM Case WHERE CreatedDate > '2026-11-01T00:00:00Z'", "INVALID_FIELD"},
                        {"SELECT Id FROM Case WHERE ContactId = 'abc'", "INVALID_QUERY_FILTER_OPERATOR"},
                        {"SELECT Id FROM Secret__c", "INVALID_TYPE"}};
  for (const auto& wrong : cases) {
    const auto reply = query(wrong.soql);
    EXPECT_EQ(reply.status, 400) << wrong.soql;
    EXPECT_EQ(code(reply), wrong.code) << wrong.soql;
  }
  EXPECT_EQ(get(kBase + "/query").status, 400);
  EXPECT_EQ(get(kBase + "/query?q=" + std::string(16'400, 'x')).status, 414);
}

TEST_F(Salesforce, knows_and_or_not_like_in_null_and_times) {
  EXPECT_EQ(records("SELECT Id FROM Contact WHERE (Email = 'office@acme.example' AND AccountId = null) OR "
                    "LastName IN ('Ito', 'Adler')")
                .size(),
            3u);
  EXPECT_EQ(records("SELECT Id FROM Contact WHERE NOT (Email LIKE '%acme%')").size(), 2u);
  EXPECT_EQ(records("SELECT Id FROM Contact WHERE LastName LIKE 'a_l%'").size(), 1u);
  EXPECT_EQ(records("SELECT Id FROM Contact WHERE LastName LIKE 'a\\_l%'").size(), 0u);
  EXPECT_EQ(records("SELECT Id FROM Contact WHERE AccountId != null").size(), 3u);
  EXPECT_EQ(records("SELECT Id FROM Case WHERE CreatedDate >= 2026-11-01T00:00:00Z").size(), 1u);
  EXPECT_EQ(records("SELECT Id FROM Opportunity WHERE CloseDate < 2026-01-01").size(), 1u);
  EXPECT_EQ(records("SELECT Id FROM Opportunity WHERE Amount > 160000.5").size(), 1u);
  EXPECT_EQ(body_of(query("SELECT COUNT() FROM Contact"))["totalSize"], 4);
}

TEST_F(Salesforce, hides_what_the_user_may_not_see) {
  Org closed({{"hidden", "Contract,Account.Tier__c"}});
  EXPECT_EQ(code(closed.query("SELECT Id FROM Contract")), "INVALID_TYPE");
  EXPECT_EQ(code(closed.query("SELECT Id, Account.Tier__c FROM Contact")), "INVALID_FIELD");
  EXPECT_EQ(closed.get(kBase + "/sobjects/Contract/describe").status, 404);
  EXPECT_EQ(
      records("SELECT Id, Account.Tier__c FROM Contact WHERE LastName = 'Ito'")[0]["Account"]["Tier__c"],
      "trial");
}

TEST_F(Salesforce, answers_many_rows_in_pages) {
  json contacts = json::array();
  for (int i = 0; i < 450; ++i)
    contacts.push_back({{"LastName", "P" + std::to_string(i)}, {"Email", "p@example.com"}});
  Org large({{"seed", json{{"Contact", contacts}}.dump()}});
  large.headers["sforce-query-options"] = "batchSize=200";
  auto page = body_of(large.query("SELECT Id FROM Contact"));
  std::size_t seen = page["records"].size();
  EXPECT_EQ(page["totalSize"], 450);
  while (page["done"] == false) {
    page = body_of(large.get(page["nextRecordsUrl"].get<std::string>()));
    seen += page["records"].size();
  }
  EXPECT_EQ(seen, 450u);
  EXPECT_EQ(code(large.get(kBase + "/query/01gnonsense")), "INVALID_QUERY_LOCATOR");
}

TEST_F(Salesforce, describes_what_a_probe_looks_for) {
  const auto described = body_of(get(kBase + "/sobjects/Case/describe"));
  EXPECT_EQ(described["createable"], true);
  const auto field = [](const json& object, const char* name) {
    for (const auto& one : object["fields"]) {
      if (one["name"] == name) return one;
    }
    return json();
  };
  EXPECT_EQ(field(described, "Baton_Handoff_Id__c")["externalId"], true);
  EXPECT_EQ(field(described, "Baton_Handoff_Id__c")["unique"], true);
  EXPECT_EQ(field(described, "Subject")["length"], 255);
  EXPECT_EQ(field(described, "Priority")["picklistValues"][0]["value"], "High");
  EXPECT_EQ(field(described, "OwnerId")["relationshipName"], "Owner");
  Org plain({{"external_id", "plain"}, {"read_only", "Case"}});
  const auto other = body_of(plain.get(kBase + "/sobjects/Case/describe"));
  EXPECT_EQ(field(other, "Baton_Handoff_Id__c")["unique"], false);
  EXPECT_EQ(other["createable"], false);
  EXPECT_TRUE(field(body_of(Org({{"external_id", "none"}}).get(kBase + "/sobjects/Case/describe")),
                    "Baton_Handoff_Id__c")
                  .is_null());
}

TEST_F(Salesforce, answers_composites_part_by_part_with_200) {
  const auto ask = [&](const std::string& email) {
    return json{
        {"allOrNone", false},
        {"compositeRequest",
         {{{"method", "GET"},
           {"referenceId", "refContact"},
           {"url", kBase + "/query?q=SELECT+Id,AccountId+FROM+Contact+WHERE+Email='" + email + "'+LIMIT+1"}},
          {{"method", "GET"},
           {"referenceId", "refOpps"},
           {"url", kBase + "/query?q=SELECT+Id,Name+FROM+Opportunity+WHERE+AccountId='@{refContact.records[0]"
                           ".AccountId}'"}},
          {{"method", "GET"},
           {"referenceId", "refCases"},
           {"url", kBase + "/query?q=SELECT+Id+FROM+Case+WHERE+ContactId='@{refContact.records[0].Id}'"}}}}};
  };
  const auto used = [&] { return std::string(header(get(kBase + "/limits").headers, "sforce-limit-info")); };
  EXPECT_EQ(used(), "api-usage=1/100000");
  const auto parts = body_of(post(kBase + "/composite", ask("zoe%40northwind.example")))["compositeResponse"];
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[1]["body"]["totalSize"], 2);
  EXPECT_EQ(parts[2]["body"]["totalSize"], 2);
  EXPECT_EQ(used(), "api-usage=3/100000");  // one call
  const auto reply = post(kBase + "/composite", ask("nobody%40example.com"));
  EXPECT_EQ(reply.status, 200);
  const auto none = body_of(reply)["compositeResponse"];
  EXPECT_EQ(none[0]["httpStatusCode"], 200);
  EXPECT_EQ(none[0]["body"]["totalSize"], 0);
  EXPECT_EQ(none[1]["httpStatusCode"], 400);
  EXPECT_EQ(none[2]["referenceId"], "refCases");
  // A contact without a company: only the part that asks for it fails.
  const auto half = body_of(post(kBase + "/composite", ask("office%40acme.example")))["compositeResponse"];
  EXPECT_EQ(half[0]["httpStatusCode"], 200);
}

TEST_F(Salesforce, writes_a_case_and_its_first_comment_or_neither) {
  const auto ask = [&](const std::string& comment) {
    return json{{"allOrNone", true},
                {"compositeRequest",
                 {{{"method", "PATCH"},
                   {"referenceId", "refCase"},
                   {"url", kBase + "/sobjects/Case/Baton_Handoff_Id__c/hnd_7"},
                   {"body", sample()}},
                  {{"method", "POST"},
                   {"referenceId", "refComment"},
                   {"url", kBase + "/sobjects/CaseComment"},
                   {"body", {{"ParentId", "@{refCase.id}"}, {"CommentBody", comment}}}},
                  {{"method", "GET"},
                   {"referenceId", "refNumber"},
                   {"url", kBase + "/sobjects/Case/@{refCase.id}?fields=CaseNumber"}}}}};
  };
  const auto failed = body_of(post(kBase + "/composite", ask(std::string(4001, 'x'))))["compositeResponse"];
  EXPECT_EQ(failed[0]["httpStatusCode"], 400);
  EXPECT_EQ(failed[0]["body"][0]["errorCode"], "PROCESSING_HALTED");
  EXPECT_EQ(failed[1]["body"][0]["errorCode"], "STRING_TOO_LONG");
  EXPECT_EQ(effect("cases_created"), 0);
  const auto done = body_of(post(kBase + "/composite", ask("hello")))["compositeResponse"];
  EXPECT_EQ(done[0]["httpStatusCode"], 201) << done;
  EXPECT_EQ(done[2]["body"]["CaseNumber"], "00001026");
  EXPECT_EQ(effect("cases_created"), 1);
  EXPECT_EQ(effect("comments_created"), 1);
}

TEST_F(Salesforce, refuses_composites_that_are_wrong) {
  const auto with = [&](json parts) {
    return code(post(kBase + "/composite", {{"compositeRequest", std::move(parts)}}));
  };
  const auto part = [&](const std::string& id, const std::string& path = "/limits") {
    return json{{"method", "GET"}, {"referenceId", id}, {"url", kBase + path}};
  };
  EXPECT_EQ(with(json::array()), "INVALID_INPUT");
  EXPECT_EQ(with({part("1x")}), "INVALID_INPUT");
  EXPECT_EQ(with({part("a"), part("a")}), "INVALID_INPUT");
  json many = json::array(), queries = json::array();
  for (int i = 0; i < 26; ++i) many.push_back(part("r" + std::to_string(i)));
  for (int i = 0; i < 6; ++i)
    queries.push_back(part("r" + std::to_string(i), "/query?q=SELECT+Id+FROM+Case"));
  EXPECT_EQ(with(many), "INVALID_INPUT");
  EXPECT_EQ(with(queries), "INVALID_INPUT");
  many.erase(0);
  queries.erase(0);
  EXPECT_EQ(with(many), "");
  EXPECT_EQ(with(queries), "");
}

TEST_F(Salesforce, takes_back_a_session_alone_and_a_consent_with_all_its_sessions) {
  const auto revoke = [&](const std::string& token) {
    return send("POST", "/services/oauth2/revoke", "token=" + token,
                {{"content-type", "application/x-www-form-urlencoded"}});
  };
  EXPECT_EQ(revoke("nobodys").status, 400);
  EXPECT_EQ(get(kBase + "/limits").status, 200);
  EXPECT_EQ(revoke("salesforce-refresh-1").status, 200);
  EXPECT_EQ(get(kBase + "/limits").status, 401);
  EXPECT_EQ(revoke("salesforce-refresh-1").status, 400);
  EXPECT_EQ(revoke("").status, 400);
}

TEST_F(Salesforce, ends_the_days_requests_with_403_and_no_time_to_wait) {
  act("use_up", {{"share", 1.0}});
  const auto over = get(kBase + "/limits");
  EXPECT_EQ(over.status, 403);
  EXPECT_EQ(code(over), "REQUEST_LIMIT_EXCEEDED");
  EXPECT_FALSE(over.headers.contains("retry-after"));
  EXPECT_EQ(header(over.headers, "sforce-limit-info"), "api-usage=100000/100000");
  now += 24h;
  sign_in();
  EXPECT_EQ(get(kBase + "/limits").status, 200);
}

TEST_F(Salesforce, tells_of_claims_and_closings_by_a_callout_without_a_signature) {
  const auto id = made();
  const auto claimed = act("claim", {{"case", id}, {"by", "Dana Agent"}});
  ASSERT_EQ(claimed.size(), 1u);
  const auto owner = json::parse(claimed[0].request.body);
  EXPECT_EQ(owner["event"], "case.owner_changed");
  EXPECT_EQ(owner["ownerId"], "005000000000001AAA");
  EXPECT_EQ(owner["ownerName"], "Dana Agent");
  const auto back = json::parse(act("queue", {{"case", id}})[0].request.body);
  EXPECT_EQ(back["ownerId"], "00G000000000001EAA");
  EXPECT_EQ(back["previousOwnerId"], "005000000000001AAA");
  EXPECT_EQ(back["previousOwnerName"], "Dana Agent");
  const auto closed = act("solve", {{"ticket", id}, {"by", "dana@acme.example"}, {"text", "Refunded."}});
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].attempts, 1);
  EXPECT_EQ(closed[0].request.headers.at("authorization"), "Bearer baton-inbound-token-0001-of-the-flow");
  const auto body = json::parse(closed[0].request.body);
  EXPECT_EQ(body, (json{{"event", "case.closed"},
                        {"caseId", id},
                        {"caseNumber", "00001026"},
                        {"handoffId", "hnd_1"},
                        {"status", "Closed"},
                        {"occurredAt", "2026-11-20T12:00:00.000Z"}}));
  EXPECT_TRUE(act("comment", {{"case", id}, {"text", "more"}}).empty());
  const auto reopened = act("reopen", {{"case", id}});
  ASSERT_EQ(reopened.size(), 1u);
  EXPECT_EQ(json::parse(reopened[0].request.body)["event"], "case.reopened");
  EXPECT_TRUE(act("close", {{"case", "500000000000802AAA"}}).empty());  // not ours
  EXPECT_EQ(ledger()["cases"].back()["comments"].size(), 2u);
  EXPECT_FALSE(vendor().act(Deed("dance", {{"case", id}}), now));
  EXPECT_FALSE(vendor().act(Deed("close", {{"case", "500000000000999AAA"}}), now));
}

TEST_F(Salesforce, sends_outbound_messages_until_they_are_acknowledged_to_the_letter) {
  Org org({{"ways", "outbound"}, {"url_token", "a-secret"}});
  const auto id = org.made();
  const auto sent = org.act("close", {{"case", id}});
  ASSERT_EQ(sent.size(), 1u) << "and no callout";
  const auto& request = sent[0].request;
  EXPECT_EQ(request.target, "?token=a-secret");
  EXPECT_EQ(request.headers.at("content-type"), "text/xml; charset=UTF-8");
  for (const auto& part : {std::string("<OrganizationId>00D000000000001EAA</OrganizationId>"),
                           "<sf:Id>" + id + "</sf:Id>", std::string("<sf:Status>Closed</sf:Status>"),
                           std::string("<sf:Baton_Handoff_Id__c>hnd_1</sf:Baton_Handoff_Id__c>"),
                           std::string("<SessionId xsi:nil=\"true\"/>")})
    EXPECT_NE(request.body.find(part), std::string::npos) << part;
  EXPECT_GT(sent[0].attempts, 12) << "for a day";
  std::ifstream file(BATON_SOURCE_DIR "/tests/connectors/salesforce/data/vectors.json");
  const std::string ack = json::parse(file)["outbound_message"]["ack_body_xml"];
  const Headers xml = {{"content-type", "text/xml; charset=utf-8"}};
  EXPECT_TRUE(sent[0].taken(Reply(200, ack, xml)));
  EXPECT_FALSE(sent[0].taken(Reply(202, ack, xml)));
  EXPECT_FALSE(sent[0].taken(Reply(200, ack + " ", xml)));
  EXPECT_FALSE(sent[0].taken(Reply(200, ack, Headers{{"content-type", "application/json"}})));
  EXPECT_FALSE(sent[0].taken(Reply(200, R"({"ok":true})", xml)));
}

TEST_F(Salesforce, gathers_up_to_a_hundred_notifications_in_no_order_and_may_repeat_them) {
  Org org({{"ways", "both"}});
  const auto id = org.made();
  EXPECT_TRUE(org.act("repeat", json::object()).empty()) << "nothing was sent yet";
  org.act("hold", json::object());
  for (int i = 0; i < 51; ++i) {
    EXPECT_EQ(org.act("close", {{"case", id}}).size(), 1u) << "the callout alone";
    org.act("reopen", {{"case", id}});
  }
  const auto sent = org.act("send", json::object());
  ASSERT_EQ(sent.size(), 2u);
  const auto count = [](const std::string& body) {
    std::size_t found = 0;
    for (auto at = body.find("<Notification>"); at != std::string::npos;
         at = body.find("<Notification>", at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count(sent[0].request.body), 100u);
  EXPECT_EQ(count(sent[1].request.body), 2u);
  EXPECT_LT(sent[0].request.body.find("Working"), sent[0].request.body.find("Closed")) << "the latest first";
  EXPECT_EQ(org.act("repeat", json::object()).at(0).request.body, sent[1].request.body);
}

TEST_F(Salesforce, refuses_what_a_duplicate_rule_warns_of_unless_told_to_save_it) {
  Org org({{"duplicate_rule", "on"}});
  EXPECT_EQ(code(org.upsert("hnd_1", sample())), "DUPLICATES_DETECTED");
  org.headers["sforce-duplicate-rule-header"] =
      "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true";
  EXPECT_EQ(org.upsert("hnd_1", sample()).status, 201);
}

TEST_F(Salesforce, echoes_batons_own_writes_only_on_request) {
  patch(kBase + "/sobjects/Case/" + made(), {{"Status", "Closed"}});
  EXPECT_TRUE(vendor().take_outbox().empty());
  Org echoing({{"echo", "on"}});
  echoing.patch(kBase + "/sobjects/Case/" + echoing.made(), {{"Status", "Closed"}});
  EXPECT_EQ(echoing.vendor().take_outbox().size(), 1u);
}

TEST_F(Salesforce, ends_sessions_on_demand) {
  act("expire_sessions", json::object());
  EXPECT_EQ(code(get(kBase + "/limits")), "INVALID_SESSION_ID");
}

TEST_F(Salesforce, makes_feed_items_of_both_kinds) {
  const auto id = made();
  EXPECT_EQ(
      post(kBase + "/sobjects/FeedItem",
           {{"ParentId", id}, {"Body", "<p>x</p>"}, {"IsRichText", true}, {"Visibility", "InternalUsers"}})
          .status,
      201);
  const json element = {{"subjectId", id},
                        {"feedElementType", "FeedItem"},
                        {"visibility", "InternalUsers"},
                        {"body", {{"messageSegments", {{{"type", "Text"}, {"text", "hello"}}}}}}};
  EXPECT_EQ(post(kBase + "/chatter/feed-elements", element).status, 201);
  EXPECT_EQ(effect("feed_items_created"), 2);
}

TEST_F(Salesforce, shows_what_was_deleted_or_merged_to_queryAll_alone) {
  const auto all = [&](const std::string& id) {
    return body_of(get(
        kBase + "/queryAll?q=" +
        percent_encode("SELECT Id, IsDeleted, MasterRecordId FROM Case WHERE Id = '" + id + "'")))["records"];
  };
  const auto one = made("hnd_1"), other = made("hnd_2");
  EXPECT_EQ(all(one)[0]["IsDeleted"], false);
  EXPECT_TRUE(act("merge", {{"case", one}, {"into", other}}).empty());
  EXPECT_TRUE(records("SELECT Id FROM Case WHERE Id = '" + one + "'").empty());
  EXPECT_EQ(all(one)[0]["IsDeleted"], true);
  EXPECT_EQ(all(one)[0]["MasterRecordId"], other);
  (void)act("delete", {{"case", other}});
  EXPECT_EQ(all(other)[0]["MasterRecordId"], json());
  EXPECT_EQ(code(patch(kBase + "/sobjects/Case/" + other, {{"Status", "Working"}})), "ENTITY_IS_DELETED");
}

TEST_F(Salesforce, keeps_cases_from_the_user_that_are_not_shared_with_it) {
  const auto id = made();
  const json note = {{"ParentId", id}, {"CommentBody", "x"}};
  (void)act("hide", {{"case", id}});
  EXPECT_TRUE(records("SELECT Id FROM Case WHERE Id = '" + id + "'").empty());
  EXPECT_TRUE(body_of(get(
      kBase + "/queryAll?q=" + percent_encode("SELECT Id FROM Case WHERE Id = '" + id + "'")))["records"]
                  .empty())
      << "out of sight is not in the bin";
  EXPECT_EQ(code(get(kBase + "/sobjects/Case/" + id)), "NOT_FOUND");
  EXPECT_EQ(code(patch(kBase + "/sobjects/Case/" + id, {{"Status", "Working"}})),
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY");
  EXPECT_EQ(code(post(kBase + "/sobjects/CaseComment", note)),
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY");
  (void)act("show", {{"case", id}});
  (void)act("protect", {{"case", id}});
  EXPECT_EQ(records("SELECT Id FROM Case WHERE Id = '" + id + "'").size(), 1u);
  const auto refused = patch(kBase + "/sobjects/Case/" + id, {{"Status", "Working"}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(code(refused), "INSUFFICIENT_ACCESS_OR_READONLY");
  EXPECT_EQ(post(kBase + "/sobjects/CaseComment", note).status, 403);
  (void)act("unprotect", {{"case", id}});
  EXPECT_EQ(post(kBase + "/sobjects/CaseComment", note).status, 201);
}

TEST_F(Salesforce, selects_by_what_another_query_selects) {
  const auto cases = records(
      "SELECT CaseNumber FROM Case WHERE ContactId IN (SELECT Id FROM Contact WHERE Email = "
      "'zoe@northwind.example') "
      "ORDER BY CreatedDate DESC LIMIT 20");
  EXPECT_EQ(cases.size(), 2u);
  EXPECT_TRUE(
      records("SELECT Id FROM Case WHERE ContactId IN (SELECT Id FROM Contact WHERE Email = 'x@y.example')")
          .empty());
  for (const auto* soql : {"SELECT Id FROM Case WHERE Subject IN (SELECT Id FROM Contact)",
                           "SELECT Id FROM Case WHERE ContactId IN (SELECT Id FROM Contact",
                           "SELECT Id FROM Case WHERE ContactId IN (SELECT Id, Name FROM Contact)"})
    EXPECT_EQ(code(query(soql)), "MALFORMED_QUERY") << soql;
  EXPECT_EQ(code(query("SELECT Id FROM Case WHERE ContactId IN (SELECT Id FROM Contact WHERE Nope = 'x')")),
            "INVALID_FIELD");
}

TEST(SalesforceRequired, refuses_a_case_without_a_field_that_the_org_made_required) {
  Org org({{"required", "Case.Reason"}});
  EXPECT_EQ(Salesforce::code(org.upsert("hnd_1", Salesforce::sample())), "REQUIRED_FIELD_MISSING");
}

TEST(SalesforceIds, bear_their_checksum) {
  EXPECT_EQ(salesforce::simulated::with_checksum("500000000000001"), "500000000000001AAA");
  EXPECT_EQ(salesforce::simulated::with_checksum("00D000000000001"), "00D000000000001EAA");
}

// Whatever is sent is refused as the vendor would refuse it: no exception, no 5xx.
TEST_F(Salesforce, survives_what_is_hostile) {
  const auto id = made();
  const json strange[] = {nullptr,
                          true,
                          7,
                          -1.5,
                          "",
                          json::array(),
                          json::object(),
                          json::array({json::array()}),
                          std::string(5000, 'x')};
  const json composite = {
      {"allOrNone", true},
      {"compositeRequest",
       {{{"method", "POST"},
         {"referenceId", "a"},
         {"url", kBase + "/sobjects/CaseComment"},
         {"body", {{"ParentId", id}, {"CommentBody", "@{a.b[9999999999999999999].c}"}}}}}}};
  const std::pair<std::string, json> samples[] = {
      {kBase + "/sobjects/Case", sample()},
      {kBase + "/composite", composite},
      {kBase + "/chatter/feed-elements",
       {{"subjectId", id},
        {"feedElementType", "FeedItem"},
        {"body", {{"messageSegments", {{{"type", "Text"}, {"text", "x"}}}}}}}}};
  for (const auto& [target, body] : samples) {
    const auto flat = body.flatten();
    for (const auto& [place, value] : flat.items()) {
      for (const auto& odd : strange) {
        auto changed = body;
        changed[json::json_pointer(place)] = odd;
        EXPECT_LT(post(target, changed).status, 500) << target << place;
      }
    }
  }
  for (const auto* tail : {"", "/", "//", "/%zz", "/%ff", "/\xff", "/?", "?q=%ff", "?q=SELECT",
                           "?q=SELECT+COUNT(", "?q=((((", "/../..", "/Case/x/y/z"}) {
    for (const auto* base :
         {"", "/query", "/sobjects", "/sobjects/Case", "/sobjects/Case/Baton_Handoff_Id__c", "/composite"}) {
      for (const auto* method : {"GET", "POST", "PATCH", "DELETE"}) {
        EXPECT_LT(send(method, kBase + base + tail, "{}").status, 500) << base << tail;
      }
    }
  }
  EXPECT_LT(query("SELECT Id FROM Case WHERE " + std::string(500, '(') + "Id = null").status, 500);
  (void)ledger();
}

}  // namespace
}  // namespace baton::simulation
