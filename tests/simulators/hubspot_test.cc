// The simulated HubSpot against its fact sheet, section by section.
#include "connectors/hubspot/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

const std::string kObjects = "/crm/objects/2026-09/";

class HubSpot : public Bench, public testing::Test {
 public:
  HubSpot() : Bench("hubspot") { headers["authorization"] = "Bearer pat-eu1-baton"; }

  // Section 3.4, with the ids of this account.
  static json ticket() {
    return {{"properties",
             {{"subject", "Handoff: export fails with error 500"},
              {"content", "Brief...\n\nTranscript..."},
              {"hs_pipeline", "0"},
              {"hs_pipeline_stage", "1"},
              {"hs_ticket_priority", "HIGH"},
              {"hubspot_owner_id", "7001"}}},
            {"associations", {link("51", 16), link("900", 26)}}};
  }
  static json link(const std::string& id, int type) {
    return {
        {"to", {{"id", id}}},
        {"types", json::array({{{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", type}}})}};
  }
  static json note() {
    return {{"properties",
             {{"hs_timestamp", "2026-09-21T13:33:20.000Z"}, {"hs_note_body", "<p>Ref: hnd_01J8Z3V9</p>"}}},
            {"associations", {link("51", 202)}}};
  }
  void make_property() {
    EXPECT_EQ(post("/crm/properties/2026-09/tickets", {{"name", "baton_handoff_id"},
                                                       {"label", "Baton handoff id"},
                                                       {"type", "string"},
                                                       {"fieldType", "text"},
                                                       {"groupName", "ticketinformation"},
                                                       {"hasUniqueValue", true}})
                  .status,
              201);
  }
  static json upsert(json properties, const std::string& id = "hnd_01J8Z3V9") {
    return {{"inputs", json::array({{{"idProperty", "baton_handoff_id"},
                                     {"id", id},
                                     {"properties", std::move(properties)},
                                     {"objectWriteTraceId", id}}})}};
  }
  static json search(const std::string& property, const std::string& op, const json& value) {
    return {
        {"filterGroups",
         json::array({{{"filters",
                        json::array({{{"propertyName", property}, {"operator", op}, {"value", value}}})}}})}};
  }
};

TEST_F(HubSpot, lists_all_properties_of_a_type_and_minds_no_slash_at_the_end) {
  const auto all = body_of(get("/crm/properties/2026-09/tickets"))["results"];
  EXPECT_GT(all.size(), 3u);
  const auto ours = std::ranges::find(all, json("subject"), [](const json& one) { return one["name"]; });
  ASSERT_NE(ours, all.end());
  EXPECT_EQ(*ours, body_of(get("/crm/properties/2026-09/tickets/subject")));
  EXPECT_EQ(body_of(get("/crm/properties/2026-09/tickets/"))["results"], all);
  EXPECT_EQ(get("/crm/properties/2026-09/tickets/subject/").status, 200);
  EXPECT_EQ(get("/crm/owners/2026-09/").status, 200);
  EXPECT_EQ(get("/crm/properties/2026-09/nonsense").status, 404);
  EXPECT_EQ(get("/").status, 404);
}

TEST_F(HubSpot, reads_a_contact_by_its_primary_address_only) {
  const auto reply = get(kObjects +
                         "contacts/"
                         "zoe%40northwind.example?idProperty=email&properties=email,lifecyclestage,nonsense,"
                         "hs_lead_status&associations=companies,tickets");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto contact = body_of(reply);
  EXPECT_EQ(contact["id"], "51");
  EXPECT_EQ(contact["properties"]["lifecyclestage"], "customer");
  EXPECT_TRUE(contact["properties"]["hs_lead_status"].is_null());
  EXPECT_FALSE(contact["properties"].contains("nonsense"));
  // The same record once per label [3.1].
  const auto companies = contact["associations"]["companies"]["results"];
  ASSERT_EQ(companies.size(), 2u);
  EXPECT_EQ(companies[0]["type"], "contact_to_company");
  EXPECT_EQ(companies[1]["type"], "contact_to_company_unlabeled");
  EXPECT_EQ(contact["associations"]["tickets"]["results"].size(), 2u);
  for (const auto* address :
       {"zoe%2540northwind.example", "jane%40roe-private.example", "nobody%40x.example"}) {
    const auto missing = get(kObjects + "contacts/" + address + "?idProperty=email");
    EXPECT_EQ(missing.status, 404) << address;
    EXPECT_EQ(body_of(missing)["category"], "OBJECT_NOT_FOUND");
    EXPECT_FALSE(body_of(missing)["correlationId"].get<std::string>().empty());
  }
  EXPECT_EQ(get(kObjects + "contacts/Zo?idProperty=firstname").status, 400);
}

TEST_F(HubSpot, finds_secondary_addresses_by_search) {
  const auto find = [&](const std::string& address) {
    auto query = search("email", "EQ", address);
    query["filterGroups"].push_back(
        search("hs_additional_emails", "CONTAINS_TOKEN", address)["filterGroups"][0]);
    query["properties"] = {"email", "hs_additional_emails"};
    return body_of(post(kObjects + "contacts/search", query));
  };
  EXPECT_EQ(find("jane@roe-private.example")["results"][0]["id"], "53");
  EXPECT_EQ(find("ZOE@northwind.example")["total"], 1);
  EXPECT_EQ(find("office@acme.example")["total"], 2);  // two people share it
  EXPECT_EQ(find("nobody@x.example")["total"], 0);
}

TEST_F(HubSpot, is_seeded_with_an_enterprise_whose_renewal_is_near_and_with_a_trial) {
  const auto company = [&](const std::string& id) {
    return body_of(get(kObjects + "companies/" + id +
                       "?properties=customer_tier,renewal_date,trial_ends"))["properties"];
  };
  EXPECT_EQ(company("900")["customer_tier"], "enterprise");
  EXPECT_EQ(company("900")["renewal_date"], "2026-12-11");
  EXPECT_EQ(company("901")["customer_tier"], "trial");
  EXPECT_EQ(company("901")["trial_ends"], "2026-11-29");
  Bench own("hubspot", {{"seed", R"({"contacts": [{"id": "1", "email": "a@b.example"}]})"}});
  own.headers = headers;
  EXPECT_EQ(own.get(kObjects + "contacts/a%40b.example?idProperty=email").status, 200);
  EXPECT_EQ(own.get(kObjects + "contacts/51").status, 404);
}

TEST_F(HubSpot, refuses_strangers_and_missing_scopes) {
  headers["authorization"] = "Bearer wrong";
  const auto reply = get(kObjects + "contacts/51");
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(body_of(reply)["category"], "INVALID_AUTHENTICATION");
  struct Case {
    const char* method;
    const char* target;
    const char* scope;
  };
  const Case cases[] = {{"GET", "/crm/objects/2026-09/contacts/51", "crm.objects.contacts.read"},
                        {"POST", "/crm/objects/2026-09/contacts/search", "crm.objects.contacts.read"},
                        {"POST", "/crm/objects/2026-09/notes", "crm.objects.contacts.write"},
                        {"GET", "/crm/objects/2026-09/companies/900", "crm.objects.companies.read"},
                        {"POST", "/crm/objects/2026-09/deals/batch/read", "crm.objects.deals.read"},
                        {"POST", "/crm/objects/2026-09/tickets", "tickets"},
                        {"GET", "/crm/pipelines/2026-09/tickets", "tickets"},
                        {"GET", "/crm/owners/2026-09/7001", "crm.objects.owners.read"}};
  Bench poor("hubspot", {{"scopes", "oauth"}});
  poor.headers["authorization"] = "Bearer pat-eu1-baton";
  for (const auto& wanted : cases) {
    const auto refused =
        poor.send(wanted.method, wanted.target, std::string(wanted.method) == "GET" ? "" : "{}");
    EXPECT_EQ(refused.status, 403) << wanted.target;
    EXPECT_EQ(body_of(refused)["category"], "MISSING_SCOPES");
    EXPECT_EQ(body_of(refused)["errors"][0]["context"]["requiredGranularScopes"][0], wanted.scope);
  }
  EXPECT_EQ(poor.get("/account-info/2026-09/details").status, 200);
}

TEST_F(HubSpot, refreshes_oauth_tokens_that_live_half_an_hour) {
  const Headers form = {{"content-type", "application/x-www-form-urlencoded"}};
  const std::string good =
      "grant_type=refresh_token&client_id=hubspot-client-id&client_secret=hubspot-client-secret&refresh_"
      "token=";
  const auto bad = send("POST", "/oauth/2026-09/token", good + "gone", form);
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(body_of(bad)["status"], "BAD_REFRESH_TOKEN");
  EXPECT_EQ(body_of(bad)["error"], "invalid_grant");
  const auto answer = body_of(send("POST", "/oauth/2026-09/token", good + "hubspot-refresh-token", form));
  EXPECT_EQ(answer["expires_in"], 1800);
  EXPECT_EQ(answer["refresh_token"], "hubspot-refresh-token");
  headers["authorization"] = "Bearer " + answer["access_token"].get<std::string>();
  EXPECT_EQ(get(kObjects + "contacts/51").status, 200);
  now += 30min;
  EXPECT_EQ(body_of(get(kObjects + "contacts/51"))["category"], "EXPIRED_AUTHENTICATION");
}

TEST_F(HubSpot, may_give_another_refresh_token_after_which_the_first_is_worth_nothing) {
  Bench rotating("hubspot", {{"refresh_rotates", "on"}});
  const Headers form = {{"content-type", "application/x-www-form-urlencoded"}};
  const auto ask = [&](const std::string& refresh) {
    return rotating.send("POST", "/oauth/2026-09/token",
                         "grant_type=refresh_token&client_id=hubspot-client-id&client_secret=hubspot-client-"
                         "secret&refresh_token=" +
                             refresh,
                         form);
  };
  const auto next = body_of(ask("hubspot-refresh-token"))["refresh_token"].get<std::string>();
  EXPECT_NE(next, "hubspot-refresh-token");
  EXPECT_EQ(ask("hubspot-refresh-token").status, 400);
  EXPECT_EQ(ask(next).status, 200);
}

TEST_F(HubSpot, tells_who_changed_stage_and_owner_newest_first) {
  const auto id = body_of(post(kObjects + "tickets", ticket()))["id"].get<std::string>();
  now += 1min;
  act("move_stage", {{"ticket", id}, {"stage", "4"}, {"by", "123"}});
  const auto history =
      body_of(get(kObjects + "tickets/" + id + "?propertiesWithHistory=hs_pipeline_stage,hubspot_owner_id"))
          .at("propertiesWithHistory");
  const auto& stages = history.at("hs_pipeline_stage");
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(stages[0]["value"], "4");
  EXPECT_EQ(stages[0]["sourceType"], "CRM_UI");
  EXPECT_EQ(stages[0]["updatedByUserId"], 123);
  EXPECT_EQ(stages[1]["sourceType"], "INTEGRATION");
  EXPECT_FALSE(stages[1].contains("updatedByUserId"));
}

TEST_F(HubSpot, knows_its_date_version_only) {
  EXPECT_EQ(get("/crm/objects/v3/contacts/51").status, 404);
  EXPECT_EQ(get("/crm/objects/2026-03/contacts/51").status, 404);
  EXPECT_EQ(get("/crm/objects/2026-09/0-1/51").status, 200);
  Bench older("hubspot", {{"version", "2026-03"}});
  older.headers = headers;
  EXPECT_EQ(older.get("/crm/objects/2026-03/contacts/51").status, 200);
}

TEST_F(HubSpot, creates_the_sheets_ticket_twice_if_it_is_posted_twice) {
  const auto reply = post(kObjects + "tickets", ticket());
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(body_of(reply)["properties"]["hs_ticket_priority"], "HIGH");
  EXPECT_EQ(post(kObjects + "tickets", ticket()).status, 201);
  EXPECT_EQ(effect("tickets_created"), 2);
  const auto id = body_of(reply)["id"].get<std::string>();
  const auto links = body_of(get(kObjects + "tickets/" + id + "/associations/contacts?limit=100"));
  EXPECT_EQ(links["results"][0]["toObjectId"], "51");
  EXPECT_EQ(links["results"][0]["associationTypes"][0]["typeId"], 16);
}

TEST_F(HubSpot, refuses_properties_that_are_wrong) {
  struct Case {
    const char* property;
    json value;
    const char* code;
  };
  const Case cases[] = {{"subject", nullptr, "REQUIRED_FIELD"},
                        {"hs_pipeline_stage", nullptr, "REQUIRED_FIELD"},
                        {"hs_pipeline_stage", "77", "INVALID_OPTION"},
                        {"hs_pipeline", "9", "INVALID_OPTION"},
                        {"hs_ticket_priority", "URGENT", "INVALID_OPTION"},
                        {"source_type", "PIGEON", "INVALID_OPTION"},
                        {"hubspot_owner_id", "1", "INVALID_OWNER_ID"},
                        {"nonsense", "x", "PROPERTY_DOESNT_EXIST"},
                        {"hs_object_id", "1", "READ_ONLY_VALUE"},
                        {"content", json::array({1}), "INVALID_TYPE"},
                        {"closed_date", "yesterday", "INVALID_DATE"},
                        {"content", std::string(65'537, 'x'), "PROPERTY_VALUE_TOO_LONG"}};
  for (const auto& wrong : cases) {
    auto request = ticket();
    request["properties"][wrong.property] = wrong.value;
    const auto reply = post(kObjects + "tickets", request);
    EXPECT_EQ(reply.status, 400) << wrong.property;
    EXPECT_EQ(body_of(reply)["category"], "VALIDATION_ERROR");
    EXPECT_EQ(body_of(reply)["errors"][0]["code"], wrong.code) << wrong.property;
    EXPECT_EQ(body_of(reply)["errors"][0]["context"]["propertyName"][0], wrong.property);
  }
  auto strange = ticket();
  strange["associations"] = {link("404", 16)};
  EXPECT_EQ(post(kObjects + "tickets", strange).status, 400);
  strange["associations"] = {link("51", 1)};
  EXPECT_EQ(post(kObjects + "tickets", strange).status, 400);
  EXPECT_EQ(send("POST", kObjects + "tickets", "{\"properties\":").status, 400);
  EXPECT_EQ(send("POST", kObjects + "tickets", "{}").status, 400);
  EXPECT_EQ(send("POST", kObjects + "tickets", "a=b", {{"content-type", "application/x-www-form-urlencoded"}})
                .status,
            415);
  EXPECT_EQ(effect("tickets_created"), 0);
}

TEST_F(HubSpot, enforces_an_admins_rule) {
  Bench strict("hubspot", {{"required_ticket_properties", "hs_ticket_category"}});
  strict.headers = headers;
  const auto refused = strict.post(kObjects + "tickets", ticket());
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("hs_ticket_category"), std::string::npos);
  auto request = ticket();
  request["properties"]["hs_ticket_category"] = "PRODUCT_ISSUE";
  EXPECT_EQ(strict.post(kObjects + "tickets", request).status, 201);
}

TEST_F(HubSpot, upserts_by_a_unique_property_once) {
  EXPECT_EQ(get("/crm/properties/2026-09/tickets/baton_handoff_id").status, 404);
  make_property();
  EXPECT_EQ(body_of(get("/crm/properties/2026-09/tickets/baton_handoff_id"))["hasUniqueValue"], true);
  const auto properties = ticket()["properties"];
  const auto first = post(kObjects + "tickets/batch/upsert", upsert(properties));
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(body_of(first)["results"][0]["new"], true);
  const auto again = body_of(
      post(kObjects + "tickets/batch/upsert", upsert({{"subject", "Other"}, {"hs_pipeline_stage", "2"}})));
  EXPECT_EQ(again["results"][0]["new"], false);
  EXPECT_EQ(again["results"][0]["id"], body_of(first)["results"][0]["id"]);
  EXPECT_EQ(again["results"][0]["properties"]["hs_pipeline_stage"], "2");  // overwritten, the stage too
  EXPECT_EQ(effect("tickets_created"), 1);
  EXPECT_EQ(patch(kObjects + "tickets/hnd_01J8Z3V9?idProperty=baton_handoff_id",
                  {{"properties", {{"hs_pipeline_stage", "4"}}}})
                .status,
            200);
  // A plain create with the taken value is a conflict.
  auto taken = ticket();
  taken["properties"]["baton_handoff_id"] = "hnd_01J8Z3V9";
  EXPECT_EQ(post(kObjects + "tickets", taken).status, 409);
  EXPECT_EQ(ledger()["duplicates"], 0);
}

TEST_F(HubSpot, refuses_an_upsert_without_a_unique_property_and_reports_parts) {
  make_property();
  for (const auto* property : {"hs_object_id", "subject", "nonsense", ""}) {
    auto request = upsert(ticket()["properties"]);
    request["inputs"][0]["idProperty"] = property;
    const auto reply = post(kObjects + "tickets/batch/upsert", request);
    EXPECT_EQ(reply.status, 400) << property;
    EXPECT_NE(reply.body.find("unable to perform update/upsert by non-unique"), std::string::npos);
  }
  auto two = upsert(ticket()["properties"], "a");
  two["inputs"].push_back(upsert({{"subject", "no stage"}}, "b")["inputs"][0]);
  const auto partly = post(kObjects + "tickets/batch/upsert", two);
  EXPECT_EQ(partly.status, 207);
  EXPECT_EQ(body_of(partly)["results"].size(), 1u);
  EXPECT_EQ(body_of(partly)["numErrors"], 1);
  EXPECT_EQ(body_of(partly)["errors"][0]["context"]["objectWriteTraceId"][0], "b");
  auto many = upsert(ticket()["properties"]);
  for (int i = 0; i < 100; ++i) many["inputs"].push_back(many["inputs"][0]);
  EXPECT_EQ(post(kObjects + "tickets/batch/upsert", many).status, 400);
}

TEST_F(HubSpot, has_at_most_ten_unique_properties_and_no_name_twice) {
  const auto make = [&](const std::string& name) {
    return post("/crm/properties/2026-09/tickets", {{"name", name},
                                                    {"label", name},
                                                    {"type", "string"},
                                                    {"fieldType", "text"},
                                                    {"groupName", "ticketinformation"},
                                                    {"hasUniqueValue", true}})
        .status;
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(make("key_" + std::to_string(i)), 201);
  EXPECT_EQ(make("key_10"), 400);
  EXPECT_EQ(make("key_1"), 409);
  EXPECT_EQ(post("/crm/properties/2026-09/tickets", {{"name", "x"}}).status, 400);
}

TEST_F(HubSpot, keeps_every_note_and_counts_equal_ones_as_duplicates) {
  ASSERT_EQ(post(kObjects + "notes", note()).status, 201);
  EXPECT_EQ(ledger()["duplicates"], 0);
  EXPECT_EQ(post(kObjects + "notes", note()).status, 201);
  EXPECT_EQ(effect("notes_created"), 2);
  EXPECT_EQ(ledger()["duplicates"], 1);
  // Found without search: associations and a batch read [4].
  const auto links = body_of(get(kObjects + "contacts/51/associations/notes"))["results"];
  ASSERT_EQ(links.size(), 2u);
  const json batch = {{"inputs", {{{"id", links[0]["toObjectId"]}}}}, {"properties", {"hs_note_body"}}};
  EXPECT_EQ(body_of(post(kObjects + "notes/batch/read", batch))["results"][0]["properties"]["hs_note_body"],
            "<p>Ref: hnd_01J8Z3V9</p>");
  auto timeless = note();
  timeless["properties"].erase("hs_timestamp");
  EXPECT_EQ(post(kObjects + "notes", timeless).status, 400);
}

TEST_F(HubSpot, associates_as_often_as_it_is_told_with_one_effect) {
  const auto id =
      body_of(post(kObjects + "tickets", {{"properties", ticket()["properties"]}}))["id"].get<std::string>();
  const auto base = kObjects + "tickets/" + id + "/associations/";
  headers.erase("content-type");
  for (int i = 0; i < 2; ++i) {
    const auto reply = send("PUT", base + "default/contacts/51");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(body_of(reply)["results"][0]["associationSpec"]["associationTypeId"], 16);
  }
  EXPECT_EQ(effect("associations_made"), 1);
  EXPECT_EQ(body_of(get(base + "contacts"))["results"].size(), 1u);
  EXPECT_EQ(send("PUT", base + "default/contacts/404").status, 404);
  headers["content-type"] = "application/json";
  EXPECT_EQ(send("PUT", base + "companies/900",
                 R"([{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":26}])")
                .status,
            201);
  EXPECT_EQ(send("PUT", base + "companies/900",
                 R"([{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":16}])")
                .status,
            400);
  const auto read = post("/crm/associations/2026-09/contacts/deals/batch/read",
                         {{"inputs", {{{"id", "51"}}, {{"id", "53"}}}}});
  EXPECT_EQ(read.status, 207);
  EXPECT_EQ(body_of(read)["results"][0]["to"].size(), 2u);
}

TEST_F(HubSpot, says_which_of_a_batch_were_not_found) {
  const json batch = {{"idProperty", "email"},
                      {"inputs", {{{"id", "zoe@northwind.example"}}, {{"id", "x@y.example"}}}},
                      {"properties", {"email"}}};
  const auto partly = post(kObjects + "contacts/batch/read", batch);
  EXPECT_EQ(partly.status, 207);
  EXPECT_EQ(body_of(partly)["results"].size(), 1u);
  EXPECT_EQ(body_of(partly)["errors"][0]["context"]["ids"][0], "x@y.example");
  json many = {{"inputs", json::array()}};
  for (int i = 0; i < 101; ++i) many["inputs"].push_back({{"id", "51"}});
  EXPECT_EQ(post(kObjects + "contacts/batch/read", many).status, 400);
}

TEST_F(HubSpot, tells_the_id_of_a_contact_that_exists) {
  const auto reply = post(kObjects + "contacts", {{"properties", {{"email", "zoe@northwind.example"}}}});
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(body_of(reply)["message"], "Contact already exists. Existing ID: 51");
  EXPECT_EQ(post(kObjects + "contacts", {{"properties", {{"email", "no address"}}}}).status, 400);
  EXPECT_EQ(post(kObjects + "contacts", {{"properties", {{"email", "new@x.example"}}}}).status, 201);
}

TEST_F(HubSpot, lets_search_lag) {
  const auto made = body_of(post(kObjects + "tickets", ticket()));
  auto query = search("associations.contact", "EQ", "51");
  query["sorts"] = {{{"propertyName", "createdate"}, {"direction", "DESCENDING"}}};
  query["properties"] = {"subject"};
  EXPECT_EQ(body_of(post(kObjects + "tickets/search", query))["total"], 2);
  now += 10s;
  const auto found = body_of(post(kObjects + "tickets/search", query));
  EXPECT_EQ(found["total"], 3);
  EXPECT_EQ(found["results"][0]["id"], made["id"]);
  const auto poll =
      search("hs_lastmodifieddate", "GT", std::to_string((now - 1h).time_since_epoch().count()));
  EXPECT_EQ(body_of(post(kObjects + "tickets/search", poll))["total"], 1);
}

TEST_F(HubSpot, bounds_searches) {
  const auto filter = search("subject", "EQ", "x")["filterGroups"][0]["filters"][0];
  const auto groups = [&](int count, int filters) {
    json query = {{"filterGroups", json::array()}};
    for (int g = 0; g < count; ++g) {
      json group = {{"filters", json::array()}};
      for (int f = 0; f < filters; ++f) group["filters"].push_back(filter);
      query["filterGroups"].push_back(group);
    }
    return query;
  };
  struct Case {
    json query;
    int status;
  };
  const Case cases[] = {{groups(5, 3), 200},
                        {groups(6, 1), 400},
                        {groups(1, 7), 400},
                        {groups(4, 5), 400},
                        {{{"limit", 200}}, 200},
                        {{{"limit", 201}}, 400},
                        {{{"query", std::string(3001, 'x')}}, 400},
                        {search("subject", "LIKE", "x"), 400},
                        {search("subject", "EQ", 7), 400},
                        {{{"after", "10000"}, {"limit", 1}}, 400}};
  for (const auto& bound : cases) {
    now += 1s;
    EXPECT_EQ(post(kObjects + "tickets/search", bound.query).status, bound.status)
        << dump(bound.query).substr(0, 80);
  }
}

TEST_F(HubSpot, closes_a_ticket_by_its_stage) {
  const auto pipelines = body_of(get("/crm/pipelines/2026-09/tickets"));
  EXPECT_EQ(pipelines["results"][0]["stages"][3]["metadata"]["ticketState"], "CLOSED");
  EXPECT_EQ(patch(kObjects + "tickets/3002", {{"properties", {{"hs_pipeline_stage", "4"}}}}).status, 200);
  const auto closed = [&] {
    return body_of(get(kObjects + "tickets/3002?properties=closed_date"))["properties"]["closed_date"];
  };
  EXPECT_EQ(closed(), "2026-11-20T12:00:00.000Z");
  patch(kObjects + "tickets/3002", {{"properties", {{"hs_pipeline_stage", "2"}}}});
  EXPECT_TRUE(closed().is_null());
  EXPECT_EQ(send("DELETE", kObjects + "tickets/3002").status, 204);
  EXPECT_EQ(get(kObjects + "tickets/3002").status, 404);
}

TEST_F(HubSpot, knows_owners_and_its_account) {
  EXPECT_EQ(body_of(get("/crm/owners/2026-09/7001?idProperty=id"))["teams"][0]["name"], "Gold");
  EXPECT_EQ(get("/crm/owners/2026-09/1").status, 404);
  const auto details = body_of(get("/account-info/2026-09/details"));
  EXPECT_EQ(details["portalId"], 62515);
  EXPECT_EQ(details["utcOffsetMilliseconds"], 7200000);
}

TEST_F(HubSpot, refuses_bursts_searches_and_days_that_are_too_full) {
  Bench small("hubspot", {{"burst", "3"}, {"daily", "6"}});
  small.headers = headers;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(small.get(kObjects + "contacts/51").status, 200);
  auto over = small.get(kObjects + "contacts/51");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(body_of(over)["policyName"], "TEN_SECONDLY_ROLLING");
  EXPECT_EQ(body_of(over)["message"], "You have reached your ten_secondly_rolling limit.");
  EXPECT_EQ(body_of(over)["errorType"], "RATE_LIMIT");
  EXPECT_FALSE(over.headers.contains("retry-after"));
  small.now += 10s;
  const auto fine = small.get(kObjects + "contacts/51");
  EXPECT_EQ(header(fine.headers, "x-hubspot-ratelimit-remaining"), "2");
  EXPECT_EQ(header(fine.headers, "x-hubspot-ratelimit-daily-remaining"), "2");
  EXPECT_EQ(small.get(kObjects + "contacts/51").status, 200);
  EXPECT_EQ(small.get(kObjects + "contacts/51").status, 200);
  over = small.get(kObjects + "contacts/51");
  EXPECT_EQ(body_of(over)["policyName"], "DAILY");
  small.now += 10h;  // 22:00 UTC is the account's midnight
  EXPECT_EQ(small.get(kObjects + "contacts/51").status, 200);

  for (int i = 0; i < 5; ++i) {
    const auto found = post(kObjects + "contacts/search", json::object());
    EXPECT_EQ(found.status, 200);
    EXPECT_FALSE(found.headers.contains("x-hubspot-ratelimit-max"));
  }
  EXPECT_EQ(body_of(post(kObjects + "contacts/search", json::object()))["policyName"], "SECONDLY");
  EXPECT_EQ(get(kObjects + "contacts/51").status, 200);
  now += 1s;
  EXPECT_EQ(post(kObjects + "contacts/search", json::object()).status, 200);
}

TEST_F(HubSpot, tells_of_a_moved_stage_with_a_signed_batch) {
  const auto sent = act("move_stage", {{"ticket", 3002}, {"stage", "4"}});
  ASSERT_EQ(sent.size(), 1u);
  const auto& request = sent[0].request;
  const auto event = json::parse(request.body).at(0);
  EXPECT_EQ(event["subscriptionType"], "ticket.propertyChange");
  EXPECT_EQ(event["objectId"], 3002);
  EXPECT_EQ(event["propertyName"], "hs_pipeline_stage");
  EXPECT_EQ(event["propertyValue"], "4");
  EXPECT_EQ(event["attemptNumber"], 0);
  const auto timestamp = request.headers.at("x-hubspot-request-timestamp");
  EXPECT_EQ(timestamp, std::to_string(now.time_since_epoch().count()));
  EXPECT_EQ(request.headers.at("x-hubspot-signature-v3"),
            to_base64(hmac_sha256("hubspot-client-secret", {"POST", "https://baton.example.com/hooks/hubspot",
                                                            request.body, timestamp})));
  const auto again = sent[0].again(2, now + 1min);
  EXPECT_EQ(json::parse(again.body).at(0)["attemptNumber"], 1);
  EXPECT_NE(again.headers.at("x-hubspot-signature-v3"), request.headers.at("x-hubspot-signature-v3"));
  EXPECT_TRUE(act("move_stage", {{"ticket", 3002}, {"stage", "4"}}).empty());
  EXPECT_EQ(json::parse(act("assign", {{"ticket", "3002"}, {"owner", "7002"}}).at(0).request.body)
                .at(0)["propertyName"],
            "hubspot_owner_id");
  EXPECT_EQ(json::parse(act("delete", {{"ticket", "3002"}}).at(0).request.body).at(0)["subscriptionType"],
            "ticket.deletion");
  EXPECT_FALSE(vendor().act(Deed("move_stage", {{"ticket", 3001}, {"stage", "99"}}), now));
  EXPECT_FALSE(vendor().act(Deed("move_stage", {{"ticket", 1}, {"stage", "4"}}), now));
}

TEST_F(HubSpot, tells_of_tickets_that_were_merged_and_moves_what_hangs_on_them) {
  const auto event_of = [](const std::vector<Outbound>& sent) {
    return json::parse(sent.at(0).request.body).at(0);
  };
  auto told = event_of(act("merge", {{"ticket", "3001"}, {"into", "3002"}, {"by", "123"}}));
  EXPECT_EQ(told["subscriptionType"], "ticket.merge");
  EXPECT_EQ(told["primaryObjectId"], 3002);
  EXPECT_EQ(told["mergedObjectIds"], json({3001}));
  EXPECT_TRUE(told["newObjectId"].is_null());
  EXPECT_EQ(told["sourceId"], "userId:123");
  EXPECT_EQ(get(kObjects + "tickets/3001").status, 404);
  const auto other = body_of(post(kObjects + "tickets", ticket()))["id"].get<std::string>();
  told = event_of(act("merge", {{"ticket", other}, {"into", "3002"}, {"new", true}}));
  EXPECT_EQ(told["primaryObjectId"], 3002);
  EXPECT_EQ(get(kObjects + "tickets/3002").status, 404);
  const auto made = std::to_string(told["newObjectId"].get<long>());
  EXPECT_EQ(get(kObjects + "tickets/" + made).status, 200);
  EXPECT_EQ(body_of(get(kObjects + "tickets/" + made + "/associations/contacts"))["results"].size(), 1u);
}

TEST_F(HubSpot, tells_of_a_contact_that_was_deleted_for_privacy) {
  const auto sent = act("delete_for_privacy", {{"contact", "51"}});
  const auto told = json::parse(sent.at(0).request.body).at(0);
  EXPECT_EQ(told["subscriptionType"], "contact.privacyDeletion");
  EXPECT_EQ(told["objectId"], 51);
  EXPECT_EQ(get(kObjects + "contacts/51").status, 404);
}

TEST_F(HubSpot, echoes_batons_own_writes_on_request) {
  Bench echoing("hubspot", {{"echo", "on"}});
  echoing.headers = headers;
  echoing.patch(kObjects + "tickets/3002", {{"properties", {{"hs_pipeline_stage", "4"}}}});
  const auto sent = echoing.vendor().take_outbox();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(json::parse(sent[0].request.body).at(0)["changeSource"], "INTEGRATION");
}

TEST(HubSpotSignature, agrees_with_the_vectors) {
  int checked = 0;
  const auto vectors = read_data("hubspot_vectors.json");
  for (const auto& vector : vectors["v3"]) {
    const auto text = [&](const char* key) { return vector[key].get<std::string>(); };
    EXPECT_EQ(hubspot::simulated::webhook_signature(text("secret"), text("method"), text("uri_received"),
                                                    text("body"), text("timestamp")),
              text("signature"))
        << text("name");
    ++checked;
  }
  EXPECT_EQ(checked, 6);
}

}  // namespace
}  // namespace baton::simulation
