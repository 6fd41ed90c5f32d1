#include <gtest/gtest.h>

#include "connectors/hubspot/context.h"
#include "connectors/hubspot/errors.h"
#include "connectors/hubspot/wire.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"
#include "tests/support/spec_schema.h"

namespace baton::hubspot {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kTicketId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/hubspot/open_ticket/1";
constexpr auto kNoteId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/hubspot/write_back/1";
constexpr auto kWordId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/hubspot/add_note/1";
constexpr auto kObjects = "/crm/objects/2026-09";
const std::string kByEmail = std::string(kObjects) + "/contacts/zoe%40example.com";
const std::string kSearch = std::string(kObjects) + "/contacts/search";
const std::string kNotes = std::string(kObjects) + "/notes";
const std::string kNoteIds = std::string(kObjects) + "/contacts/51/associations/notes";
const std::string kTicketNoteIds = std::string(kObjects) + "/tickets/3001/associations/notes";
const std::string kUpsert = std::string(kObjects) + "/tickets/batch/upsert";
const std::string kBatchRead = std::string(kObjects) + "/tickets/batch/read";
const std::string kTicket = std::string(kObjects) + "/tickets/3001";
const json kNotFound = {{"status", "error"}, {"category", "OBJECT_NOT_FOUND"}, {"correlationId", "c-1"}};

json contact(const char* id = "51") {
  return {{"id", id},
          {"properties",
           {{"email", "zoe@example.com"},
            {"firstname", "Zo\u00eb"},
            {"lastname", "A."},
            {"lifecyclestage", "customer"},
            {"hubspot_owner_id", "7001"},
            {"associatedcompanyid", "900"},
            {"jobtitle", nullptr}}},
          {"associations",
           {{"companies", {{"results", {{{"id", "900"}, {"type", "a"}}, {{"id", "900"}, {"type", "b"}}}}}},
            {"deals", {{"results", {{{"id", "1"}}, {{"id", "1"}}, {{"id", "2"}}, {{"id", "3"}}}}}},
            {"tickets", {{"results", {{{"id", "30"}, {"type", "a"}}, {{"id", "9"}, {"type", "a"}}}}}}}}};
}
json upserted() {
  return {{"status", "COMPLETE"},
          {"results", {{{"id", "3001"}, {"new", true}, {"properties", {{"baton_handoff_id", kTicketId}}}}}}};
}
json note_ids(std::vector<const char*> ids) {
  auto results = json::array();
  for (const auto* id : ids) results.push_back({{"toObjectId", id}, {"associationTypes", json::array()}});
  return {{"results", results}, {"paging", json::object()}};
}

class HubSpot : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"tier_property", "customer_tier"},
                                                              {"renewal_property", "renewal_date"},
                                                              {"health_property", "health"},
                                                              {"portal_id", "62515"}});
  DirectSession session{*connector};

  sdk::Order order(const char* id, json document, json subject) {
    return sdk::Order(id, id, std::move(document), Receipt(), std::move(subject), settings);
  }
  sdk::Order context(json customer) { return order("", nullptr, {{"customer", std::move(customer)}}); }
  sdk::Order zoe() { return context({{"email", "zoe@example.com"}}); }
  sdk::Order ticket() {
    return order(kTicketId,
                 {{"properties",
                   {{"subject", "Handoff: export fails"},
                    {"hs_pipeline", "0"},
                    {"hs_pipeline_stage", 1},
                    {"hs_ticket_priority", "HIGH"},
                    {"content", nullptr}}},
                  {"contact_email", "zoe@example.com"}},
                 json::object());
  }
  sdk::Order note() {
    return order(kNoteId,
                 {{"hs_note_body", "<p>Handed to a human</p>"}, {"hs_timestamp", "2026-09-21T13:33:20.000Z"}},
                 {{"customer", {{"email", "zoe@example.com"}}}, {"text", "x"}});
  }
  sdk::Order word(const char* ticket = "3001") {
    return sdk::Order(
        kWordId, kWordId,
        {{"hs_note_body", "<p>Zo\u00eb: it fails again</p>"}, {"hs_timestamp", "2026-09-21T13:43:20.000Z"}},
        Receipt(ticket), {{"text", "x"}}, settings);
  }
  FailureKind kind_of(const Request& request, bool writes, const Reply& reply) {
    const auto failure = connector->classify(sdk::Exchange(request, writes, reply, session.now));
    EXPECT_TRUE(failure.has_value()) << reply.status;
    return failure ? failure->kind : FailureKind::retryable;
  }
};

// --- context

TEST_F(HubSpot, the_context_gathers_contact_company_deals_and_owner) {
  const auto deal = [](const char* id, const char* amount, const char* closed, const char* won) {
    return json{{"id", id},
                {"properties",
                 {{"dealname", std::string("Deal ") + id},
                  {"amount", amount},
                  {"deal_currency_code", "EUR"},
                  {"dealstage", "s"},
                  {"hs_is_closed", closed},
                  {"hs_is_closed_won", won}}}};
  };
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("GET", "/crm/objects/2026-09/companies/900")
      .replies(200, {{"id", "900"},
                     {"properties",
                      {{"name", "Acme"},
                       {"domain", "acme.example"},
                       {"customer_tier", "gold"},
                       {"renewal_date", "2026-12-01"},
                       {"health", "At risk"}}}});
  session.expect("POST", "/crm/objects/2026-09/deals/batch/read")
      .replies(207, {{"results",
                      {deal("1", "1200.50", "true", "true"), deal("2", "800", "false", "false"),
                       deal("3", "5", "true", "false"), deal("1", "1200.50", "true", "true")}},
                     {"numErrors", 1}});
  const auto ticket = [](const char* id, const char* stage, const char* at) {
    return json{
        {"id", id},
        {"properties",
         {{"subject", std::string("T") + id}, {"hs_pipeline_stage", stage}, {"hs_lastmodifieddate", at}}}};
  };
  session.expect("POST", kBatchRead)
      .replies(200, {{"results",
                      {ticket("9", "4", "2026-09-01T10:00:00Z"), ticket("30", "3", "2026-09-02T10:00:00Z"),
                       ticket("31", "1", "2026-09-03T10:00:00Z")}}});
  session.expect("GET", "/crm/owners/2026-09/7001")
      .replies(200,
               {{"id", "7001"}, {"email", "owner@example.com"}, {"firstName", "Ann"}, {"lastName", "B"}});
  const auto found = session.look(Operation::read_context, zoe());
  ASSERT_TRUE(found) << found.error().detail;
  expect_golden(*found, "hubspot/golden/context.json");
  for (std::size_t i = 0; i < 5; ++i) {
    expect_golden(session.sent[i].request, "hubspot/golden/context_" + std::to_string(i) + ".json");
  }
}

TEST_F(HubSpot, parts_that_fail_are_named_and_the_rest_is_kept) {
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("GET", "/crm/objects/2026-09/companies/900").replies(404, kNotFound);
  session.expect("POST", "/crm/objects/2026-09/deals/batch/read")
      .replies(403, {{"category", "MISSING_SCOPES"}});
  session.expect("POST", kBatchRead).says(200, "<html>");
  session.expect("GET", "/crm/owners/2026-09/7001").replies(500, json::object());
  const auto found = session.look(Operation::read_context, zoe());
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)["missing"],
            (json{{{"part", "company"}, {"why", "HubSpot does not know it"}},
                  {{"part", "deals"}, {"why", "the token may not read it, see `baton destinations test`"}},
                  {{"part", "history"}, {"why", "HubSpot's answer could not be read"}},
                  {{"part", "owner"}, {"why", "HubSpot did not answer, or not in time"}}}));
  EXPECT_EQ((*found)["people"][0]["id"], "51");
  EXPECT_FALSE(found->contains("history"));
}

TEST_F(HubSpot, a_second_address_is_found_by_search_and_the_best_of_several_is_taken) {
  session.expect("GET", kByEmail).replies(404, kNotFound);
  const auto hit = [](const char* id, const char* email, const char* others) {
    return json{{"id", id}, {"properties", {{"email", email}, {"hs_additional_emails", others}}}};
  };
  session.expect("POST", kSearch)
      .replies(200, {{"total", 4},
                     {"results",
                      {hit("60", "other@example.com", "a@b.example; ZOE@example.com"),
                       hit("61", "not.zoe@example.com", "azoe@example.com"), hit("51", "Zoe@example.com", ""),
                       hit("60", "x@y", "zoe@example.com")}}});
  auto lonely = contact();
  lonely["properties"] = {{"email", "zoe@example.com"}};
  lonely.erase("associations");
  session.expect("GET", "/crm/objects/2026-09/contacts/51").replies(200, lonely);
  const auto found = session.look(Operation::read_context, zoe());
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)["people"][0]["id"], "51");
  EXPECT_EQ((*found)["matches"], 2);
  EXPECT_EQ((*found)["chosen"]["id"], "51");
  expect_golden(session.sent[1].request, "hubspot/golden/search_contacts.json");
}

// Twice, and HubSpot knows nobody (section 10).
TEST_F(HubSpot, an_address_is_encoded_once_in_a_path_and_not_at_all_in_a_search) {
  const Paths paths(settings);
  EXPECT_EQ(path_of(paths.contact_by_email("zoe+a?b/c%40@example.com").request().target),
            std::string(kObjects) + "/contacts/zoe%2Ba%3Fb%2Fc%2540%40example.com");
  const auto body = json::parse(paths.search_contacts("zoe+a@example.com").request().body);
  EXPECT_EQ(body["filterGroups"][0]["filters"][0]["value"], "zoe+a@example.com");
}

TEST_F(HubSpot, somebody_unknown_is_an_empty_context) {
  for (const auto& customer :
       {json(nullptr), json::object(), json{{"email", ""}}, json{{"email", 4}}, json{{"email", "zoe"}}}) {
    EXPECT_EQ(*session.look(Operation::read_context, context(customer)), empty_context());
  }
  EXPECT_TRUE(session.sent.empty());
  session.expect("GET", kByEmail).replies(404, kNotFound);
  session.expect("POST", kSearch).replies(200, {{"total", 0}, {"results", json::array()}});
  EXPECT_EQ(*session.look(Operation::read_context, zoe()), empty_context());
}

TEST_F(HubSpot, a_404_of_a_wrong_path_is_not_an_unknown_customer) {
  session.expect("GET", kByEmail).says(404, "<html>");
  const auto found = session.look(Operation::read_context, zoe());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, FailureKind::misconfigured);
}

TEST_F(HubSpot, amounts_of_several_currencies_are_not_added_up) {
  Records records;
  records.contact.id = "1";
  const auto won = [](const char* amount, const char* currency) {
    return json{{"id", amount},
                {"properties",
                 {{"amount", amount},
                  {"deal_currency_code", currency},
                  {"hs_is_closed", "true"},
                  {"hs_is_closed_won", "true"}}}};
  };
  records.deals = {{"results", {won("1", "EUR"), won("2", "USD")}}};
  EXPECT_FALSE(make_context(records, settings)["account"].contains("value"));
  records.deals = {{"results", {won("1", "EUR"), won("2.5", "EUR"), won("1e999", "EUR"), won("x", "USD")}}};
  EXPECT_EQ(make_context(records, settings)["account"]["value"], 3.5);
}

TEST_F(HubSpot, open_deals_of_another_currency_do_not_stand_beside_the_won_ones) {
  Records records;
  records.contact.id = "1";
  const auto deal = [](const char* currency, const char* closed) {
    return json{{"id", currency},
                {"properties",
                 {{"amount", "5"},
                  {"deal_currency_code", currency},
                  {"hs_is_closed", closed},
                  {"hs_is_closed_won", closed}}}};
  };
  records.deals = {{"results", {deal("EUR", "true"), deal("USD", "false")}}};
  const auto account = make_context(records, settings)["account"];
  EXPECT_EQ(account["currency"], "EUR");
  EXPECT_FALSE(account.contains("open_value"));
  records.deals = {{"results", json::array({deal("USD", "false")})}};
  EXPECT_EQ(make_context(records, settings)["account"]["currency"], "USD");
}

TEST_F(HubSpot, a_renewal_is_a_date_or_left_out) {
  Records records;
  records.contact.id = "1";
  const auto renewal = [&](const char* said) {
    records.contact.properties = {{"renewal_date", said}};
    return make_context(records, settings).value("account", json::object()).value("renewal_date", "");
  };
  EXPECT_EQ(renewal("2026-12-01"), "2026-12-01");
  EXPECT_EQ(renewal("2026-12-01T00:00:00.000Z"), "2026-12-01");
  for (const auto* odd : {"", "soon", "1790000000000", "01/12/2026", "2026-1x-01"})
    EXPECT_EQ(renewal(odd), "") << odd;
}

// --- how a ticket stands

class HubSpotStatus : public HubSpot {
 protected:
  Result<json> ask() {
    return session.look(Operation::read_status,
                        sdk::Order("", "", nullptr, Receipt("3001"), json::object(), settings));
  }
  void stands(json properties, json history = json::object()) {
    session.expect("GET", kTicket)
        .replies(200, {{"id", "3001"}, {"properties", properties}, {"propertiesWithHistory", history}});
  }
  void knows(const char* id, const char* name) {
    session.expect("GET", std::string("/crm/owners/2026-09/") + id)
        .replies(200, {{"id", id}, {"firstName", name}, {"lastName", "B"}});
  }
  static json change(const char* at, const char* source, json user = nullptr) {
    json one = {{"value", "x"}, {"timestamp", at}, {"sourceType", source}};
    if (!user.is_null()) one["updatedByUserId"] = user;
    return one;
  }
};

TEST_F(HubSpotStatus, a_ticket_in_a_closed_stage_is_solved_by_its_owner_where_its_history_tells_nobody) {
  stands({{"hs_pipeline_stage", "4"},
          {"closed_date", "2026-11-20T10:00:00.000Z"},
          {"hubspot_owner_id", "7001"}});
  knows("7001", "Ann");
  EXPECT_EQ(*ask(),
            (json{{"state", "solved"}, {"by", "Ann B"}, {"text", ""}, {"at", "2026-11-20T10:00:00.000Z"}}));
  expect_golden(session.sent[0].request, "hubspot/golden/read_status.json");
  stands({{"hs_pipeline_stage", "4"}, {"hubspot_owner_id", "7001"}});
  session.expect("GET", "/crm/owners/2026-09/7001").replies(403, json::object());
  EXPECT_EQ((*ask())["state"], "solved");
}

TEST_F(HubSpotStatus, whoever_moved_it_to_its_last_stage_closed_it) {
  const json history = {{"hs_pipeline_stage",
                         {change("2026-11-20T10:00:00.000Z", "CRM_UI", 123),
                          change("2026-11-20T09:00:00.000Z", "CRM_UI", 456)}}};
  stands({{"hs_pipeline_stage", "4"}, {"hubspot_owner_id", "7001"}}, history);
  knows("123", "Nora");
  EXPECT_EQ((*ask())["by"], "Nora B");
  EXPECT_EQ(query_value(session.sent.back().request.target, "idProperty"), "userId");
  auto elder = history;
  std::swap(elder["hs_pipeline_stage"][0], elder["hs_pipeline_stage"][1]);
  elder["hs_pipeline_stage"][1].erase("updatedByUserId");
  elder["hs_pipeline_stage"][1]["sourceId"] = "userId:123";
  stands({{"hs_pipeline_stage", "4"}}, elder);
  knows("123", "Nora");
  EXPECT_EQ((*ask())["by"], "Nora B") << "in whatever order, and by either name of the user";
  // A user need not be an owner, and an app is no person.
  stands({{"hs_pipeline_stage", "4"}, {"hubspot_owner_id", "7001"}}, history);
  session.expect("GET", "/crm/owners/2026-09/123").replies(404, kNotFound);
  knows("7001", "Ann");
  EXPECT_EQ((*ask())["by"], "Ann B");
  stands({{"hs_pipeline_stage", "4"}},
         {{"hs_pipeline_stage", json::array({change("2026-11-20T10:00:00.000Z", "INTEGRATION", 123)})}});
  EXPECT_EQ((*ask())["by"], "");
}

TEST_F(HubSpotStatus, an_open_ticket_tells_its_owner_as_a_claim_does) {
  stands({{"hs_pipeline_stage", "1"}, {"hubspot_owner_id", "7001"}},
         {{"hubspot_owner_id", json::array({change("2026-11-20T10:00:00.000Z", "CRM_UI", 123)})}});
  knows("7001", "Ann");
  auto found = *ask();
  EXPECT_EQ(found["by_id"], "7001");
  EXPECT_EQ(found["by"], "Ann B");
  EXPECT_FALSE(found.contains("replies")) << "HubSpot does not tell them";
  stands({{"hs_pipeline_stage", "1"}, {"hubspot_owner_id", nullptr}});
  EXPECT_EQ((*ask())["by_id"], "") << "nobody has it";
  // Whom our mapping, or another app, gave it to has not taken it.
  stands({{"hs_pipeline_stage", "1"}, {"hubspot_owner_id", "7001"}},
         {{"hubspot_owner_id", json::array({change("2026-11-20T10:00:00.000Z", "INTEGRATION")})}});
  EXPECT_FALSE(ask()->contains("by_id"));
  for (const auto& odd :
       testing::ill_typed({{"properties", {{"hs_pipeline_stage", "4"}}},
                           {"propertiesWithHistory",
                            {{"hs_pipeline_stage", json::array({change("x", "CRM_UI", nullptr)})}}}})) {
    session.expect("GET", kTicket).replies(200, odd);
    (void)ask();
  }
}

TEST_F(HubSpot, a_ticket_is_open_or_gone_only_if_hubspot_says_so) {
  const auto ask = [&](const Reply& reply) {
    session.expect("GET", kTicket).replies(reply);
    return session.look(Operation::read_status,
                        sdk::Order("", "", nullptr, Receipt("3001"), json::object(), settings));
  };
  EXPECT_EQ((*ask(Reply(200, R"({"properties":{"hs_pipeline_stage":"1"}})")))["state"], "open");
  EXPECT_EQ((*ask(Reply(404, kNotFound.dump())))["state"], "gone");
  EXPECT_FALSE(ask(Reply(404, "<html>")));
  EXPECT_FALSE(ask(Reply(200, "{}")));
  EXPECT_FALSE(ask(Reply(200, R"({"properties":{"hs_pipeline_stage":4}})")));
  EXPECT_FALSE(ask(Reply(500, "{}")));
}

TEST_F(HubSpot, who_closed_a_ticket_is_read_by_the_users_id_or_else_from_the_ticket) {
  const auto ask = [&](const char* who) {
    return session.look(Operation::read_person,
                        sdk::Order("", "", nullptr, Receipt("3001"), {{"who", who}}, settings));
  };
  const json nora = {{"id", "7001"}, {"userId", 123}, {"firstName", "Nora"}, {"lastName", "Lind"}};
  session.expect("GET", "/crm/owners/2026-09/123").replies(200, nora);
  EXPECT_EQ(*ask("123"), (json{{"id", "7001"}, {"name", "Nora Lind"}}));
  EXPECT_EQ(query_value(session.sent.back().request.target, "idProperty"), "userId");
  session.expect("GET", kTicket).replies(200, {{"properties", {{"hubspot_owner_id", "7001"}}}});
  session.expect("GET", "/crm/owners/2026-09/7001").replies(200, nora);
  EXPECT_EQ((*ask(""))["name"], "Nora Lind");
  EXPECT_EQ(query_value(session.sent.back().request.target, "idProperty"), "id");
  session.expect("GET", kTicket).replies(200, {{"properties", {{"hubspot_owner_id", nullptr}}}});
  EXPECT_EQ(*ask(""), json::object());
  session.expect("GET", "/crm/owners/2026-09/999").replies(404, kNotFound);
  EXPECT_EQ(*ask("999"), json::object()) << "a user who is no owner";
  session.expect("GET", "/crm/owners/2026-09/123").says(200, "<html>");
  EXPECT_FALSE(ask("123"));
}

// --- the probe

// What a person who runs `destinations test --apply` gets.
class Trial final : public sdk::SetupSession {
 public:
  explicit Trial(DirectSession& session) : session_(session) {}
  Task<Reply> read(sdk::Read read) override { co_return co_await session_.read(std::move(read)); }
  Task<Reply> send(sdk::Write write) override {
    sent.push_back(write.request());
    co_return Reply(201, "{}");
  }
  std::vector<Request> sent;

 private:
  DirectSession& session_;
};

class HubSpotProbe : public HubSpot {
 protected:
  HubSpotProbe() {
    settings = testing::settings_for(
        *connector, {{"portal_id", "62515"}, {"tier_property", "customer_tier"}, {"closed_stages", "4,77"}});
  }

  void expect_objects(const char* ui_domain = "app.hubspot.com") {
    session.expect("GET", "/account-info/2026-09/details")
        .replies(200, {{"portalId", 62515}, {"uiDomain", ui_domain}});
    for (const auto* type : {"contacts", "companies", "deals", "tickets"}) {
      session.expect("GET", std::string("/crm/objects/2026-09/") + type)
          .replies(200, {{"results", json::array()}});
    }
    session.expect("GET", "/crm/owners/2026-09").replies(200, {{"results", json::array()}});
  }
  void expect_stages(const char* state = "CLOSED") {
    session.expect("GET", "/crm/pipelines/2026-09/tickets")
        .replies(200, {{"results",
                        {{{"id", "0"},
                          {"stages",
                           {{{"id", "1"}, {"metadata", {{"ticketState", "OPEN"}}}},
                            {{"id", "4"}, {"metadata", {{"ticketState", state}}}},
                            {{"id", "77"}, {"metadata", {{"ticketState", "CLOSED"}}}}}}}}}});
  }
  static std::vector<sdk::Finding> bad(const Result<sdk::Findings>& found) {
    std::vector<sdk::Finding> all;
    if (!found) return all;
    for (const auto& one : *found) {
      if (!one.fine) all.push_back(one);
    }
    return all;
  }
};
const std::string kKey = "/crm/properties/2026-09/tickets/baton_handoff_id";

TEST_F(HubSpotProbe, a_good_account_is_fine_in_every_part) {
  expect_objects();
  session.expect("GET", kKey).replies(200, {{"name", "baton_handoff_id"}, {"hasUniqueValue", true}});
  expect_stages();
  session.expect("GET", "/crm/properties/2026-09/contacts/customer_tier").replies(404, kNotFound);
  session.expect("GET", "/crm/properties/2026-09/companies/customer_tier")
      .replies(200, {{"name", "customer_tier"}});
  const auto found = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 10u);
  EXPECT_TRUE(bad(found).empty());
}

TEST_F(HubSpotProbe, what_lacks_is_named_with_a_remedy) {
  session.expect("GET", "/account-info/2026-09/details").replies(200, {{"portalId", 7}});
  session.expect("GET", "/crm/objects/2026-09/contacts").replies(200, {{"results", json::array()}});
  session.expect("GET", "/crm/objects/2026-09/companies").replies(403, {{"category", "MISSING_SCOPES"}});
  for (const auto* type : {"deals", "tickets"}) {
    session.expect("GET", std::string("/crm/objects/2026-09/") + type)
        .replies(200, {{"results", json::array()}});
  }
  session.expect("GET", "/crm/owners/2026-09").replies(200, {{"results", json::array()}});
  session.expect("GET", kKey).replies(404, kNotFound);
  expect_stages("OPEN");
  for (const auto* type : {"contacts", "companies"}) {
    session.expect("GET", std::string("/crm/properties/2026-09/") + type + "/customer_tier")
        .replies(404, kNotFound);
  }
  const auto found = testing::run_task(connector->probe(settings, session));
  const auto lacking = bad(found);
  ASSERT_EQ(lacking.size(), 5u);
  EXPECT_NE(lacking[0].remedy.find("portal_id: \"7\""), std::string::npos);
  EXPECT_NE(lacking[1].remedy.find("crm.objects.companies.read"), std::string::npos);
  EXPECT_TRUE(lacking[2].can_make);
  EXPECT_EQ(lacking[3].remedy,
            "a ticket in 4 counts as solved, though HubSpot calls that open; set `closed_stages: \"77\"`");
  EXPECT_NE(lacking[4].what.find("customer_tier"), std::string::npos);
}

TEST_F(HubSpotProbe, a_property_that_is_not_unique_cannot_be_mended_by_making_it) {
  expect_objects();
  session.expect("GET", kKey).replies(200, {{"name", "baton_handoff_id"}, {"hasUniqueValue", false}});
  expect_stages();
  session.expect("GET", "/crm/properties/2026-09/contacts/customer_tier").replies(200, json::object());
  const auto lacking = bad(testing::run_task(connector->probe(settings, session)));
  ASSERT_EQ(lacking.size(), 1u);
  EXPECT_FALSE(lacking[0].can_make);
}

TEST_F(HubSpotProbe, stages_of_which_none_is_closed_never_mean_solved) {
  settings = testing::settings_for(*connector, {{"closed_stages", "5"}, {"portal_id", "62515"}});
  expect_objects();
  session.expect("GET", kKey).replies(200, {{"hasUniqueValue", true}});
  expect_stages();
  const auto lacking = bad(testing::run_task(connector->probe(settings, session)));
  ASSERT_EQ(lacking.size(), 1u);
  EXPECT_NE(lacking[0].remedy.find("closed_stages: \"4,77\""), std::string::npos);
}

TEST_F(HubSpotProbe, a_closed_stage_that_is_not_listed_is_named) {
  settings = testing::settings_for(*connector, {{"closed_stages", "4"}, {"portal_id", "62515"}});
  expect_objects();
  session.expect("GET", kKey).replies(200, {{"hasUniqueValue", true}});
  expect_stages();
  const auto lacking = bad(testing::run_task(connector->probe(settings, session)));
  ASSERT_EQ(lacking.size(), 1u);
  EXPECT_EQ(lacking[0].remedy,
            "a ticket in 77 counts as open, though HubSpot calls that closed; set `closed_stages: \"4,77\"`");
}

TEST_F(HubSpotProbe, without_the_accounts_id_tickets_have_no_link_and_the_probe_says_which_it_is) {
  for (const bool set : {false, true}) {
    settings =
        testing::settings_for(*connector, {{"closed_stages", "4,77"}, {"portal_id", set ? "62515" : ""}});
    expect_objects("app-eu1.hubspot.com");
    session.expect("GET", kKey).replies(200, {{"hasUniqueValue", true}});
    expect_stages();
    const auto lacking = bad(testing::run_task(connector->probe(settings, session)));
    ASSERT_EQ(lacking.size(), 1u);
    EXPECT_EQ(lacking[0].what, set ? "ui_domain" : "portal_id");
    EXPECT_NE(lacking[0].remedy.find("`ui_domain: \"app-eu1.hubspot.com\"`"), std::string::npos);
    EXPECT_EQ(lacking[0].remedy.find("`portal_id: \"62515\"`") != std::string::npos, !set);
  }
}

// A refresh token that has ended is no missing scope.
TEST_F(HubSpotProbe, where_no_token_can_be_had_it_ends_too) {
  class NoToken final : public sdk::ReadSession {
   public:
    Task<Reply> read(sdk::Read) override {
      co_return Failure(FailureKind::misconfigured, "the refresh token is refused: authorise Baton again");
    }
  } none;
  const auto lacking = bad(testing::run_task(connector->probe(settings, none)));
  ASSERT_EQ(lacking.size(), 1u);
  EXPECT_NE(lacking[0].remedy.find("authorise Baton again"), std::string::npos);
}

TEST_F(HubSpotProbe, a_refused_token_ends_it) {
  session.expect("GET", "/account-info/2026-09/details")
      .replies(401, {{"category", "INVALID_AUTHENTICATION"}});
  EXPECT_EQ(bad(testing::run_task(connector->probe(settings, session))).size(), 1u);
}

TEST_F(HubSpotProbe, prepare_makes_the_property_once_and_looks_again) {
  session.expect("GET", kKey).replies(404, kNotFound);
  expect_objects();
  session.expect("GET", kKey).replies(200, {{"hasUniqueValue", true}});
  expect_stages();
  session.expect("GET", "/crm/properties/2026-09/contacts/customer_tier").replies(200, json::object());
  Trial trial(session);
  EXPECT_TRUE(bad(testing::run_task(connector->prepare(settings, trial))).empty());
  ASSERT_EQ(trial.sent.size(), 1u);
  expect_golden(trial.sent[0], "hubspot/golden/make_property.json");
}

// --- tickets

TEST_F(HubSpot, a_ticket_is_upserted_by_our_key_and_linked_to_its_contact) {
  session.expect("POST", kUpsert).replies(200, upserted());
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("PUT", "/crm/objects/2026-09/tickets/3001/associations/default/contacts/51")
      .replies(200, json::object());
  const auto receipt = session.attempt(Operation::open_ticket, ticket());
  ASSERT_TRUE(receipt);
  EXPECT_EQ(*receipt, Receipt("3001", "https://app.hubspot.com/contacts/62515/record/0-5/3001"));
  expect_golden(session.sent[0].request, "hubspot/golden/upsert_ticket.json");
  expect_golden(session.sent[2].request, "hubspot/golden/link_ticket.json");
}

TEST_F(HubSpot, a_ticket_whose_reply_was_lost_is_found_by_our_key_and_not_overwritten) {
  session.expect("POST", kUpsert).loses_reply();
  session.expect("POST", kBatchRead)
      .replies(200, {{"results", {{{"id", "3001"}, {"properties", {{"baton_handoff_id", kTicketId}}}}}}});
  session.expect("GET", kByEmail).replies(404, kNotFound);
  session.expect("POST", kSearch).replies(200, {{"results", json::array()}});
  EXPECT_FALSE(session.attempt(Operation::open_ticket, ticket()));
  session.now += 10s;
  EXPECT_EQ(session.attempt(Operation::open_ticket, ticket())->object_id, "3001");
  EXPECT_EQ(session.count("POST", kUpsert), 1);
  expect_golden(session.sent[1].request, "hubspot/golden/find_ticket.json");
}

TEST_F(HubSpot, a_ticket_that_is_proven_absent_is_upserted_again) {
  session.expect("POST", kUpsert).says(502, "<html>");
  session.expect("POST", kBatchRead)
      .replies(207, {{"results", json::array()}, {"numErrors", 1}, {"errors", {kNotFound}}});
  session.expect("POST", kUpsert).replies(201, upserted());
  session.expect("GET", kByEmail).replies(403, json::object());  // a ticket without its contact is a ticket
  EXPECT_EQ(session.attempt(Operation::open_ticket, ticket()).error().kind, FailureKind::ambiguous);
  session.now += 10s;
  EXPECT_TRUE(session.attempt(Operation::open_ticket, ticket()));
}

TEST_F(HubSpot, absence_of_a_ticket_is_proven_or_the_outcome_stays_open) {
  const auto match = [&](int status, const std::string& body) {
    return match_ticket(Reply(status, body), kTicketId, settings);
  };
  EXPECT_FALSE(match(207, R"({"results":[],"errors":[{"category":"OBJECT_NOT_FOUND"}]})")->has_value());
  EXPECT_FALSE(match(200, R"({"status":"COMPLETE","results":[]})")->has_value());
  for (const auto* body : {"", "{}", "[]", R"({"results":{}})", R"({"results":[1]})", R"({"results":[]})",
                           R"({"results":[],"errors":[{"category":"RATE_LIMITS"}]})",
                           R"({"results":[{"id":"1","properties":{"baton_handoff_id":"other"}}]})"}) {
    const auto found = match(207, body);
    ASSERT_FALSE(found) << body;
    EXPECT_EQ(found.error().kind, FailureKind::ambiguous);
  }
}

TEST_F(HubSpot, a_link_that_fails_for_a_moment_is_tried_again_without_a_second_ticket) {
  session.expect("POST", kUpsert).replies(200, upserted());
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("PUT", "/crm/objects/2026-09/tickets/3001/associations/default/contacts/51").says(503, "");
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("PUT", "/crm/objects/2026-09/tickets/3001/associations/default/contacts/51")
      .replies(200, json::object());
  EXPECT_EQ(session.attempt(Operation::open_ticket, ticket()).error().kind, FailureKind::ambiguous);
  EXPECT_TRUE(session.attempt(Operation::open_ticket, ticket()));
  EXPECT_EQ(session.count("POST", kUpsert), 1);
}

TEST_F(HubSpot, a_document_that_is_no_ticket_is_rejected_without_a_request) {
  for (const auto& wrong :
       {json(nullptr), json::array(), json{{"subject", "x"}}, json{{"properties", {{"content", "x"}}}}}) {
    EXPECT_EQ(session.attempt(Operation::open_ticket, order(kTicketId, wrong, json::object())).error().kind,
              FailureKind::rejected);
  }
}

TEST_F(HubSpot, a_text_that_is_too_long_for_a_property_costs_its_end_and_not_the_ticket) {
  std::string text;
  while (text.size() < 90'000) text += "\u0448";
  const auto properties = ticket_properties({{"properties", {{"subject", "x"}, {"content", text}}}});
  ASSERT_TRUE(properties);
  const auto sent = (*properties)["content"].get<std::string>();
  EXPECT_LE(sent.size(), 65'000u);
  EXPECT_GT(sent.size(), 64'900u);
  EXPECT_TRUE(is_utf8(sent));
}

sdk::Order with_transcript(sdk::Order order, std::string html) {
  order.document["transcript"] = {{"hs_note_body", std::move(html)},
                                  {"hs_timestamp", "2026-09-21T13:33:20.000Z"}};
  return order;
}

TEST_F(HubSpot, the_whole_conversation_is_a_note_on_the_ticket_and_on_the_contact) {
  session.expect("POST", kUpsert).replies(200, upserted());
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("PUT", "/crm/objects/2026-09/tickets/3001/associations/default/contacts/51")
      .replies(200, json::object());
  session.expect("POST", kNotes).replies(201, {{"id", "88"}});
  EXPECT_EQ(
      session.attempt(Operation::open_ticket, with_transcript(ticket(), "<p>Zoe: it fails</p>"))->object_id,
      "3001");
  expect_golden(session.sent[3].request, "hubspot/golden/transcript.json");
}

TEST_F(HubSpot, a_conversation_too_long_for_one_note_is_several_and_each_is_looked_for_by_itself) {
  std::string html;
  for (int i = 0; html.size() < 150'000; ++i) html += "<p>message " + std::to_string(i) + "</p>\n";
  const auto order = with_transcript(ticket(), html);
  session.expect("POST", kUpsert).replies(200, upserted());
  session.expect("GET", kByEmail).replies(404, kNotFound);
  session.expect("POST", kSearch).replies(200, {{"results", json::array()}});
  session.expect("POST", kNotes).replies(201, {{"id", "88"}});
  session.expect("POST", kNotes).loses_reply();
  EXPECT_EQ(session.attempt(Operation::open_ticket, order).error().kind, FailureKind::ambiguous);
  session.now += 10s;
  session.expect("GET", kByEmail).replies(404, kNotFound);
  session.expect("POST", kSearch).replies(200, {{"results", json::array()}});
  session.expect("GET", kTicketNoteIds).replies(200, note_ids({"89"}));
  session.expect("POST", kNotes + "/batch/read")
      .replies(200, {{"results",
                      {{{"id", "89"},
                        {"properties",
                         {{"hs_note_body", note_body("", std::string(kTicketId) + "/transcript_2")}}}}}}});
  session.expect("POST", kNotes).replies(201, {{"id", "90"}});
  EXPECT_TRUE(session.attempt(Operation::open_ticket, order));
  EXPECT_EQ(session.count("POST", kNotes), 3);
  EXPECT_EQ(session.count("POST", kUpsert), 1);
  const auto last = json::parse(session.sent.back().request.body);
  EXPECT_EQ(last["associations"].size(), 1u) << "nobody's timeline but the ticket's";
}

TEST_F(HubSpot, a_conversation_that_hubspot_refuses_does_not_fail_the_ticket) {
  session.expect("POST", kUpsert).replies(200, upserted());
  session.expect("GET", kByEmail).replies(404, kNotFound);
  session.expect("POST", kSearch).replies(200, {{"results", json::array()}});
  session.expect("POST", kNotes).replies(400, {{"category", "VALIDATION_ERROR"}});
  EXPECT_TRUE(session.attempt(Operation::open_ticket, with_transcript(ticket(), "<p>x</p>")));
}

TEST_F(HubSpot, notes_of_a_long_conversation_lose_nothing_until_there_are_too_many_of_them) {
  std::string html;
  for (int i = 0; html.size() < 200'000; ++i) html += "<p>message " + std::to_string(i) + "</p>";
  const auto parts = note_parts(html);
  EXPECT_EQ(parts.size(), 4u);
  std::string all;
  for (const auto& part : parts) {
    EXPECT_LE(note_body(part, kTicketId).size(), 65'000u);
    EXPECT_TRUE(part.starts_with("<p>message ") && part.ends_with("</p>"));
    all += part;
  }
  EXPECT_EQ(all, html);
  const auto one = note_parts("<p>" + std::string(90'000, 'x') + "</p><p>after</p>");
  ASSERT_EQ(one.size(), 2u);
  EXPECT_TRUE(one[0].ends_with("[cut here: too long for a note]</p>"));
  EXPECT_EQ(one[1], "<p>after</p>");
  while (html.size() < 900'000) html += html;
  html += "<p>the last</p>";
  const auto newest = note_parts(html);
  EXPECT_EQ(newest.size(), 10u);
  EXPECT_TRUE(newest.front().starts_with("<p>[what was said before"));
  EXPECT_TRUE(newest.back().ends_with("<p>the last</p>"));
  EXPECT_TRUE(note_parts("").empty());
}

// --- how Baton is authorised

TEST_F(HubSpot, an_app_that_was_authorised_asks_for_its_tokens_and_a_static_one_does_not) {
  EXPECT_TRUE(std::holds_alternative<sdk::BearerAuth>(connector->auth(settings)));
  settings = testing::settings_for(*connector, {{"auth", "refresh_token"}, {"client_id", "c-1"}});
  const auto auth = connector->auth(settings);
  const auto* scheme = std::get_if<sdk::RefreshToken>(&auth);
  ASSERT_TRUE(scheme);
  EXPECT_EQ(scheme->target, "/oauth/2026-09/token");
  EXPECT_EQ(scheme->client_id, "c-1");
  EXPECT_TRUE(scheme->revoke.empty());
}

TEST_F(HubSpot, what_can_only_be_wrong_is_said_before_anything_is_sent) {
  const auto wrong = [&](std::string_view name, std::string_view value) {
    for (const auto& field : connector->manifest().fields) {
      if (field.name == name && field.wrong) return std::string(field.wrong(value));
    }
    return std::string("no such field");
  };
  EXPECT_EQ(wrong("auth", "token") + wrong("auth", "refresh_token"), "");
  EXPECT_EQ(wrong("auth", "oauth"), "must be token or refresh_token");
  for (const auto* fine :
       {"", "https://baton.example.com/v1/hooks/hubspot", "https://baton.example.com/v1/hooks/crm?src=a",
        "https://acme.example/behind/a/proxy"})
    EXPECT_EQ(wrong("hook_url", fine), "") << fine;
  for (const auto* bad : {"baton.example.com/v1/hooks/hubspot", "http://baton.example.com/v1/hooks/hubspot",
                          "https://baton.example.com", "https://baton.example.com/v1/hooks/",
                          "https://baton.example.com/v1/hooks/hub spot"})
    EXPECT_NE(wrong("hook_url", bad).find("https://<your Baton>/v1/hooks/<this destination>"),
              std::string::npos)
        << bad;
}

// --- notes

TEST_F(HubSpot, a_note_ends_with_our_reference) {
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("POST", kNotes).replies(201, {{"id", "88"}});
  EXPECT_EQ(*session.attempt(Operation::write_back, note()), Receipt("88"));
  expect_golden(session.sent[1].request, "hubspot/golden/create_note.json");
}

TEST_F(HubSpot, a_note_whose_reply_was_lost_is_found_among_the_contacts_notes) {
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("POST", kNotes).loses_reply();
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("GET", kNoteIds).replies(200, note_ids({"9", "88", "9"}));
  session.expect("POST", kNotes + "/batch/read")
      .replies(200, {{"results",
                      {{{"id", "88"}, {"properties", {{"hs_note_body", note_body("<p>x</p>", kNoteId)}}}},
                       {{"id", "9"}, {"properties", {{"hs_note_body", nullptr}}}}}}});
  EXPECT_FALSE(session.attempt(Operation::write_back, note()));
  session.now += 10s;
  EXPECT_EQ(*session.attempt(Operation::write_back, note()), Receipt("88"));
  EXPECT_EQ(session.count("POST", kNotes), 1);
  expect_golden(session.sent[3].request, "hubspot/golden/note_ids.json");
  expect_golden(session.sent[4].request, "hubspot/golden/read_notes.json");
}

TEST_F(HubSpot, a_note_that_is_proven_absent_is_written_again) {
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("POST", kNotes).loses_reply();
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("GET", kNoteIds).replies(200, note_ids({}));
  session.expect("POST", kNotes).replies(201, {{"id", "89"}});
  EXPECT_FALSE(session.attempt(Operation::write_back, note()));
  session.now += 10s;
  EXPECT_EQ(*session.attempt(Operation::write_back, note()), Receipt("89"));
}

json notes_of(int first, int last, std::optional<int> ours = {}) {
  json results = json::array();
  for (int i = first; i <= last; ++i) {
    const auto text = ours == i ? note_body("<p>x</p>", kNoteId) : std::string("<p>another</p>");
    results.push_back({{"id", std::to_string(i)}, {"properties", {{"hs_note_body", text}}}});
  }
  return {{"results", results}};
}
json ids_page(int first, int last, std::string after = {}) {
  json results = json::array();
  for (int i = first; i <= last; ++i) results.push_back({{"toObjectId", i}});
  json page = {{"results", results}, {"paging", json::object()}};
  if (!after.empty()) page["paging"]["next"] = {{"after", after}};
  return page;
}

TEST_F(HubSpot, a_note_is_looked_for_among_all_notes_however_many_there_are) {
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("POST", kNotes).loses_reply();
  session.expect("GET", kByEmail).replies(200, contact());
  session.expect("GET", kNoteIds).replies(200, ids_page(1, 150, "150=="));
  session.expect("POST", kNotes + "/batch/read").replies(200, notes_of(51, 150));
  session.expect("POST", kNotes + "/batch/read").replies(200, notes_of(1, 50));
  session.expect("GET", kNoteIds).replies(200, ids_page(151, 160));
  session.expect("POST", kNotes + "/batch/read").replies(200, notes_of(151, 160, 155));
  EXPECT_FALSE(session.attempt(Operation::write_back, note()));
  session.now += 10s;
  EXPECT_EQ(*session.attempt(Operation::write_back, note()), Receipt("155"));
  EXPECT_EQ(session.count("POST", kNotes), 1);
  EXPECT_EQ(session.sent[6].request.target, kNoteIds + "?limit=100&after=150%3D%3D");
}

TEST_F(HubSpot, a_page_of_notes_that_fails_leaves_the_outcome_open) {
  for (const auto& broken : {json{{"results", "x"}}, json{{"results", json::array()}}, notes_of(1, 99)}) {
    DirectSession attempt(*connector);
    attempt.expect("GET", kByEmail).replies(200, contact());
    attempt.expect("POST", kNotes).loses_reply();
    attempt.expect("GET", kByEmail).replies(200, contact());
    attempt.expect("GET", kNoteIds).replies(200, ids_page(1, 150));
    attempt.expect("POST", kNotes + "/batch/read").replies(200, broken);
    EXPECT_FALSE(attempt.attempt(Operation::write_back, note()));
    attempt.now += 10s;
    EXPECT_EQ(attempt.attempt(Operation::write_back, note()).error().kind, FailureKind::ambiguous);
    EXPECT_EQ(attempt.count("POST", kNotes), 1);
  }
}

TEST_F(HubSpot, absence_of_a_note_is_proven_or_the_outcome_stays_open) {
  const auto one = [](std::string body) {
    return json{{"results", {{{"id", "1"}, {"properties", {{"hs_note_body", std::move(body)}}}}}}}.dump();
  };
  const auto match = [](const std::string& body, std::size_t asked = 1) {
    return match_note(Reply(200, body), kNoteId, asked);
  };
  EXPECT_FALSE(match(one("<p>other</p>"))->has_value());
  EXPECT_FALSE(
      match(one("<p>Ref: " + std::string(kNoteId) + "2</p>"))->has_value());  // .../12 is another one
  EXPECT_FALSE(match(one("<p>Ref: " + std::string(kNoteId) + "/transcript_1</p>"))->has_value());
  EXPECT_TRUE(match(one(note_body("", kNoteId)))->has_value());
  EXPECT_TRUE(match(one("Ref: " + std::string(kNoteId)))->has_value());  // HubSpot took the elements out
  EXPECT_FALSE(match(one("<p>other</p>"), 2));                           // HubSpot left one out
  const std::string gone =
      R"({"results":[],"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["1"]}}]})";
  EXPECT_FALSE(match(gone)->has_value());  // deleted between the two answers
  EXPECT_FALSE(match(gone, 2));
  for (const auto* body :
       {"", "{}", "[]", R"({"results":{}})", R"({"results":[1]})", R"({"results":[{"id":"1"}]})"}) {
    EXPECT_FALSE(match(body)) << body;
  }
  EXPECT_EQ(read_note_ids(Reply(200, ids_page(1, 3, "4").dump()))->after, "4");
  EXPECT_FALSE(read_note_ids(Reply(200, R"({"results":[],"paging":{"next":{}}})"))) << "where?";
  EXPECT_FALSE(read_note_ids(Reply(200, R"({"results":[{}]})")));
}

TEST_F(HubSpot, of_two_notes_of_ours_the_oldest_is_taken) {
  auto both = notes_of(99, 99, 99);
  both["results"].push_back(notes_of(100, 100, 100)["results"][0]);
  EXPECT_EQ((*match_note(Reply(200, both.dump()), kNoteId, 2))->object_id, "99");
}

// What the customer says while a person has the ticket (section 3.6: notes hang on tickets as well).
TEST_F(HubSpot, a_word_that_comes_later_is_a_note_on_the_ticket_itself) {
  session.expect("POST", kNotes).replies(201, {{"id", "89"}});
  EXPECT_EQ(*session.attempt(Operation::add_note, word()), Receipt("89"));
  expect_golden(session.sent[0].request, "hubspot/golden/add_note.json");
}

TEST_F(HubSpot, a_word_whose_reply_was_lost_is_looked_for_on_the_ticket) {
  session.expect("POST", kNotes).loses_reply();
  session.expect("GET", kTicketNoteIds).replies(200, note_ids({"89"}));
  session.expect("POST", kNotes + "/batch/read")
      .replies(200, {{"results",
                      {{{"id", "89"}, {"properties", {{"hs_note_body", note_body("<p>x</p>", kWordId)}}}}}}});
  EXPECT_FALSE(session.attempt(Operation::add_note, word()));
  session.now += 10s;
  EXPECT_EQ(*session.attempt(Operation::add_note, word()), Receipt("89"));
  EXPECT_EQ(session.count("POST", kNotes), 1);
}

TEST_F(HubSpot, a_word_on_a_ticket_that_is_gone_goes_back_to_the_planner_and_one_on_none_is_rejected) {
  session.expect("POST", kNotes).replies(404, kNotFound);
  EXPECT_EQ(session.attempt(Operation::add_note, word()).error().kind, FailureKind::target_gone);
  EXPECT_EQ(session.attempt(Operation::add_note, word("")).error().kind, FailureKind::rejected);
}

TEST_F(HubSpot, a_word_without_a_mapping_is_still_told) {
  session.expect("POST", kNotes).replies(201, {{"id", "89"}});
  const sdk::Order bare(kWordId, kWordId, nullptr, Receipt("3001"), {{"text", "Zo\u00eb: <b>again</b>"}},
                        settings);
  ASSERT_TRUE(session.attempt(Operation::add_note, bare));
  const auto sent = json::parse(session.sent[0].request.body)["properties"];
  EXPECT_TRUE(
      sent["hs_note_body"].get<std::string>().starts_with("<p>Zo\u00eb: &lt;b&gt;again&lt;/b&gt;</p>"));
}

TEST_F(HubSpot, a_customer_whom_hubspot_does_not_know_gets_no_note_and_no_dead_letter) {
  session.expect("GET", kByEmail).replies(404, kNotFound);
  session.expect("POST", kSearch).replies(200, {{"results", json::array()}});
  EXPECT_EQ(*session.attempt(Operation::write_back, note()), Receipt("no contact"));
  EXPECT_EQ(*session.attempt(Operation::write_back, order(kNoteId, nullptr, json::object())),
            Receipt("no contact"));
}

TEST_F(HubSpot, a_long_note_is_cut_between_elements_and_keeps_its_reference) {
  std::string html;
  while (html.size() < 70'000) html += "<p>Zo\u00eb &amp; <strong>more</strong></p>";
  const auto body = note_body(html, kNoteId);
  EXPECT_LE(body.size(), 65'000u);
  EXPECT_NE(body.find("</strong></p><p>Ref: hof_"), std::string::npos);
  // One long paragraph keeps what fits: a conversation that was fetched late is no more than that.
  const auto solid = note_body("<p>" + std::string(70'000, 'x') + "</p>", "id");
  EXPECT_LE(solid.size(), 65'000u);
  EXPECT_GT(solid.size(), 64'900u);
  EXPECT_TRUE(solid.ends_with("x</p><p>Ref: id</p>"));
  EXPECT_EQ(escaped_html("<b>&\"\n"), "&lt;b&gt;&amp;&quot;<br>");
}

// --- errors

TEST_F(HubSpot, failures_are_classified_as_the_sheet_says) {
  using enum FailureKind;
  const Request write("POST", kNotes), look("GET", kByEmail + "?idProperty=email"),
      update("PATCH", "/crm/objects/2026-09/tickets/1");
  const auto category = [](int status, const char* name) {
    return Reply(status, json{{"category", name}}.dump());
  };
  EXPECT_EQ(kind_of(write, true, category(400, "VALIDATION_ERROR")), rejected);
  EXPECT_EQ(kind_of(write, true, category(400, "CONFLICT")), ambiguous);
  EXPECT_EQ(kind_of(write, true, category(401, "INVALID_AUTHENTICATION")), auth_expired);
  EXPECT_EQ(kind_of(write, true, category(403, "MISSING_SCOPES")), misconfigured);
  EXPECT_EQ(kind_of(write, true, category(403, "USER_DOES_NOT_HAVE_PERMISSIONS")), misconfigured)
      << "whoever made the app has left (section 10)";
  EXPECT_EQ(kind_of(update, true, category(404, "OBJECT_NOT_FOUND")), target_gone);
  EXPECT_EQ(kind_of(update, true, Reply(404, "<html>")), misconfigured);
  EXPECT_FALSE(
      connector->classify(sdk::Exchange(look, false, category(404, "OBJECT_NOT_FOUND"), session.now)));
  EXPECT_EQ(kind_of(look, false, Reply(404)), misconfigured);
  EXPECT_EQ(kind_of(write, true, category(409, "CONFLICT")), ambiguous);
  EXPECT_EQ(kind_of(write, true, Reply(414)), rejected);
  EXPECT_EQ(kind_of(write, true, Reply(415)), rejected);
  EXPECT_EQ(kind_of(write, true, Reply(423)), retryable);
  EXPECT_EQ(kind_of(write, true, Reply(429)), rate_limited);
  EXPECT_EQ(kind_of(write, true, Reply(477)), rate_limited);
  for (const int status : {500, 502, 503, 504, 521, 522, 523, 524}) {
    EXPECT_EQ(kind_of(write, true, Reply(status, "<html>")), ambiguous) << status;
    EXPECT_EQ(kind_of(look, false, Reply(status, "<html>")), retryable) << status;
  }
  for (const int status : {525, 526}) EXPECT_EQ(kind_of(write, true, Reply(status)), retryable) << status;
  EXPECT_EQ(kind_of(write, true, Reply(302)), misconfigured);
}

// All fields of an error are optional (section 6).
TEST_F(HubSpot, somebody_unknown_may_be_answered_without_a_category) {
  session.expect("GET", kByEmail).replies(404, {{"status", "error"}, {"message", "resource not found"}});
  session.expect("POST", kSearch).replies(200, {{"results", json::array()}});
  EXPECT_EQ(*session.look(Operation::read_context, zoe()), empty_context());
}

TEST_F(HubSpot, a_missing_key_property_parks_the_lane_and_says_how_to_make_it) {
  using enum FailureKind;
  const Request upsert("POST", kUpsert), look("POST", kBatchRead);
  const Reply unknown(
      400,
      R"({"status":"error","category":"VALIDATION_ERROR","message":"Property \"baton_handoff_id\" does not exist"})");
  const Reply plain(
      400,
      R"({"category":"VALIDATION_ERROR","message":"unable to perform update/upsert by non-unique property baton_handoff_id"})");
  const Reply part(
      207,
      R"({"results":[],"errors":[{"category":"VALIDATION_ERROR","message":"no property baton_handoff_id"}]})");
  for (const auto* reply : {&unknown, &plain, &part}) {
    const auto failure = connector->classify(sdk::Exchange(upsert, true, *reply, session.now));
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, misconfigured) << reply->body;
    EXPECT_TRUE(failure->detail.starts_with("HubSpot does not know our key; tickets need the property"));
    EXPECT_NE(failure->detail.find("POST /crm/properties/2026-09/tickets"), std::string::npos);
  }
  EXPECT_EQ(kind_of(look, false, unknown), misconfigured);
  // The key is there and taken: by an attempt of ours that nobody heard of.
  const Reply taken(
      400,
      R"({"category":"VALIDATION_ERROR","errors":[{"code":"CONFLICTING_UNIQUE_VALUE","context":{"propertyName":["baton_handoff_id"]}}]})");
  EXPECT_EQ(kind_of(upsert, true, taken), ambiguous);
}

TEST_F(HubSpot, a_ticket_that_is_looked_up_and_not_there_may_be_answered_404) {
  const Request look("POST", kBatchRead);
  EXPECT_FALSE(connector->classify(sdk::Exchange(look, false, Reply(404, kNotFound.dump()), session.now)));
  EXPECT_FALSE(match_ticket(Reply(404, kNotFound.dump()), kTicketId, settings)->has_value());
  EXPECT_EQ(kind_of(look, false, Reply(404, "<html>")), FailureKind::misconfigured);
  // One was asked for by its key: the answer need not repeat it.
  EXPECT_EQ((*match_ticket(Reply(200, R"({"results":[{"id":"7"}]})"), kTicketId, settings))->object_id, "7");
}

TEST_F(HubSpot, a_batch_that_failed_in_part_is_no_success) {
  using enum FailureKind;
  const Request write("POST", kUpsert);
  const auto part = [](const char* category) {
    return Reply(
        207,
        json{{"results", json::array()}, {"numErrors", 1}, {"errors", {{{"category", category}}}}}.dump());
  };
  EXPECT_EQ(kind_of(write, true, part("VALIDATION_ERROR")), rejected);
  EXPECT_EQ(kind_of(write, true, part("CONFLICT")), ambiguous);
  EXPECT_FALSE(connector->classify(sdk::Exchange(write, false, part("OBJECT_NOT_FOUND"), session.now)));
  EXPECT_FALSE(connector->classify(sdk::Exchange(write, true, Reply(207, upserted().dump()), session.now)));
  EXPECT_FALSE(read_ticket(Reply(207, R"({"results":[],"errors":[]})"), kTicketId, settings));
}

TEST_F(HubSpot, waits_follow_the_policy_that_was_hit) {
  const Request write("POST", kNotes);
  const auto wait = [&](const Reply& reply) {
    return *connector->classify(sdk::Exchange(write, true, reply, session.now))->not_before - session.now;
  };
  const auto policy = [](const char* name) { return Reply(429, json{{"policyName", name}}.dump()); };
  EXPECT_EQ(wait(policy("TEN_SECONDLY_ROLLING")), 10s);
  EXPECT_EQ(wait(policy("SECONDLY")), 1s);
  const auto daily = session.now + wait(policy("DAILY"));
  EXPECT_EQ((daily - 1min).time_since_epoch() % 1h, 0h);
  EXPECT_GT(daily, session.now);
  EXPECT_EQ(wait(Reply(429, "<html>", Duration{42s})), 42s);
  EXPECT_EQ(wait(Reply(423)), 2s);
  EXPECT_EQ(wait(Reply(477, "", Duration{5h})), 5h);
}

TEST_F(HubSpot, a_limit_of_the_search_is_the_searches_alone_and_a_used_up_day_everybodys) {
  const auto search = Paths(settings).search_contacts("a@b.example");
  EXPECT_EQ(search.budget(), "searches");
  EXPECT_TRUE(Paths(settings).contact_by_email("a@b.example").budget().empty());
  ASSERT_EQ(connector->manifest().budgets.size(), 1u);
  EXPECT_EQ(connector->manifest().budgets[0].name, "searches");
  EXPECT_EQ(connector->manifest().budgets[0].per_second, 2);
  const auto budget = [&](const Request& request, const char* policy) {
    const Reply reply(429, json{{"policyName", policy}}.dump());
    return connector->classify(sdk::Exchange(request, false, reply, session.now))->budget;
  };
  EXPECT_EQ(budget(search.request(), "SECONDLY"), "searches");
  EXPECT_EQ(budget(search.request(), "TEN_SECONDLY_ROLLING"), "searches");
  EXPECT_EQ(budget(search.request(), "DAILY"), "");
  EXPECT_EQ(budget(Request("POST", "/crm/objects/2026-09/notes/batch/read"), "SECONDLY"), "");
}

TEST_F(HubSpot, the_quota_is_read_where_there_is_one) {
  const Reply reply(200, "",
                    Headers{{"x-hubspot-ratelimit-remaining", "3"},
                            {"x-hubspot-ratelimit-interval-milliseconds", "10000"}});
  EXPECT_EQ(connector->quota(reply, session.now).remaining, 3);
  EXPECT_EQ(connector->quota(reply, session.now).resets_at, session.now + 10s);
  EXPECT_FALSE(connector->quota(Reply(200), session.now).remaining);
}

TEST_F(HubSpot, hostile_replies_are_failures) {
  for (const auto& body : testing::hostile_bodies(contact().dump())) {
    const Reply reply(200, body);
    EXPECT_FALSE(read_contact(reply)) << body.substr(0, 40);
    EXPECT_FALSE(read_matches(reply, "a@b"));
    EXPECT_FALSE(read_note_ids(reply));
    EXPECT_FALSE(read_ticket(reply, "x", settings));
    EXPECT_FALSE(match_ticket(reply, "x", settings));
    EXPECT_FALSE(match_note(reply, "x", 0));
  }
  EXPECT_FALSE(read_note(Reply(201, "{}")));
}

TEST_F(HubSpot, ill_typed_records_never_throw) {
  for (const auto& variant : testing::ill_typed(contact())) {
    const auto read = read_contact(Reply(200, variant.dump()));
    if (!read || !*read) continue;
    Records records;
    records.contact = **read;
    records.company = variant;
    records.deals = {{"results", {variant}}};
    records.owner = variant;
    (void)make_context(records, settings);
  }
  for (const auto& variant : testing::ill_typed(upserted()))
    (void)read_ticket(Reply(200, variant.dump()), kTicketId, settings);
}

// --- what we send, held against the specification

TEST_F(HubSpot, bodies_fit_the_specification) {
  auto spec = testing::read_spec("hubspot/hubspot.openapi.json");
  if (!spec) GTEST_SKIP() << "this machine has no hubspot/hubspot.openapi.json: the golden files stand in";
  const auto check = [&](const char* schema, const Request& request) {
    auto body = json::parse(request.body);
    body.erase("sorts");  // strings in the specification, objects in the documentation
    EXPECT_EQ(testing::violations(*spec, std::string("/components/schemas/") + schema, body), "")
        << request.body;
  };
  const Paths paths(settings);
  check("PublicObjectSearchRequest", paths.search_contacts("zoe@example.com").request());
  check("BatchReadInputSimplePublicObjectId", paths.deals({"1", "2"}).request());
  check("BatchReadInputSimplePublicObjectId", paths.notes({"1"}).request());
  check("BatchReadInputSimplePublicObjectId", paths.ticket_by_key(kTicketId).request());
  check("BatchInputSimplePublicObjectBatchInputUpsert",
        paths.upsert_ticket(*ticket_properties(ticket().document), kTicketId).request());
  check("SimplePublicObjectInputForCreate",
        paths.create_note(Timeline(Timeline::Of::contact, "51"), note().document, kNoteId).request());
  EXPECT_NE(
      testing::violations(*spec, "/components/schemas/SimplePublicObjectInputForCreate", {{"properties", 1}}),
      "");
}

}  // namespace
}  // namespace baton::hubspot
