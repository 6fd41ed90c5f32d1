// What the CRM knows of a customer, in one composite request. Fact sheet salesforce, sections 3.1 to 3.3.
#include "connectors/salesforce/context.h"

#include "connectors/salesforce/soql.h"
#include "gateway/base/text.h"
#include "tests/connectors/salesforce/bench.h"
#include "tests/support/spec_schema.h"

namespace baton::salesforce {
namespace {

using namespace salesforce_testing;

json part(const char* name, int status, json body) {
  return {{"referenceId", name},
          {"httpStatusCode", status},
          {"httpHeaders", json::object()},
          {"body", std::move(body)}};
}
json composite(std::vector<json> parts) { return {{"compositeResponse", parts}}; }

json contact(const char* id, const char* email, json account, json name = "Zoë A.") {
  json made = {{"Id", id},
               {"Name", std::move(name)},
               {"Email", email},
               {"Title", "Head"},
               {"AccountId", nullptr},
               {"Account", nullptr},
               {"Owner", {{"Name", "Omar"}, {"Email", "omar@example.com"}}}};
  if (account.is_null()) return made;
  made["AccountId"] = kAccount;
  made["Account"] = std::move(account);
  return made;
}
json acme() {
  return {{"Name", "Acme"},
          {"Tier__c", "gold"},
          {"Health__c", "At risk"},
          {"Seats__c", 12.5},
          {"Owner", {{"Name", "Nora"}, {"Email", "nora@example.com"}}}};
}
std::vector<json> whole() {
  return {part("refContacts", 200,
               records({contact("003000000000002AAA", "zoe@example.com", nullptr, "Zoë Old"),
                        contact(kContact, "Zoe@Example.com", acme()),
                        contact("003000000000003AAA", "zoe@example.com.evil.example", acme())})),
          part("refAccount", 200, records({{{"Id", kContact}, {"AccountId", kAccount}}})),
          part("refOpportunities", 200,
               records({{{"Id", "1"}, {"Amount", 1200.5}},
                        {{"Id", "2"}, {"Amount", 100}},
                        {{"Id", "3"}, {"Amount", nullptr}}})),
          part("refContracts", 200,
               records({{{"EndDate", "2026-12-01"}}, {{"EndDate", "2025-12-01"}}, {{"EndDate", nullptr}}})),
          part("refCases", 200,
               records({{{"Id", kCase},
                         {"CaseNumber", "00001026"},
                         {"Subject", "Printer"},
                         {"Status", "Working"},
                         {"CreatedDate", "2026-09-21T13:33:20.000+0000"},
                         {"IsClosed", false}},
                        {{"Id", "500000000000002AAA"},
                         {"CaseNumber", "00001001"},
                         {"Subject", nullptr},
                         {"Status", "Closed"},
                         {"CreatedDate", "2026-08-21T13:33:20.000+0200"},
                         {"IsClosed", true}}}))};
}

class SalesforceContext : public Bench {
 protected:
  SalesforceContext() {
    settings = with({{"tier_field", "Tier__c"},
                     {"health_field", "Health__c"},
                     {"value_field", "Seats__c"},
                     {"currency", "EUR"}});
  }
  json look(std::vector<json> parts) {
    session.expect("POST", kComposite).replies(200, composite(std::move(parts)));
    const auto found = session.look(Operation::read_context, context("zoe@example.com"));
    EXPECT_TRUE(found) << (found ? "" : found.error().detail);
    return found ? *found : json();
  }
};

TEST_F(SalesforceContext, gathers_everything_in_one_request) {
  const auto found = look(whole());
  EXPECT_EQ(session.sent.size(), 1u);
  testing::expect_golden(found, "salesforce/golden/context.json");
  testing::expect_golden(session.sent[0].request, "salesforce/golden/composite.json");
}

TEST_F(SalesforceContext, asks_at_most_five_queries_and_keeps_references_readable) {
  const auto parts = context_parts(Paths(settings), "'zoe@example.com'", settings, true);
  EXPECT_EQ(parts.size(), 5u);
  int references = 0;
  for (const auto& one : parts)
    references +=
        one["url"].get<std::string>().find("@{refAccount.records[0].AccountId}") != std::string::npos;
  EXPECT_EQ(references, 2);
  if (const auto spec = testing::read_spec("salesforce/salesforce.openapi.json")) {
    const auto body = json::parse(Paths(settings).composite(parts).request().body);
    EXPECT_EQ(testing::violations(*spec, "/components/schemas/CompositeRequest", body), "");
  }
}

TEST_F(SalesforceContext, names_the_chosen_one_of_several_and_why) {
  const auto found = look(whole());
  EXPECT_EQ(found["matches"], 2);  // the third has another address
  EXPECT_EQ(found["people"][0]["id"], kContact);
  EXPECT_NE(found["people"][0]["role"].get<std::string>().find("chosen of 2"), std::string::npos);
}

TEST_F(SalesforceContext, names_parts_that_fail_and_keeps_the_rest) {
  auto parts = whole();
  parts[2] =
      part("refOpportunities", 400, error("INVALID_TYPE", "sObject type 'Opportunity' is not supported."));
  parts[3] = part("refContracts", 500, "x");
  parts.pop_back();
  const auto found = look(parts);
  ASSERT_EQ(found["missing"].size(), 3u);
  EXPECT_EQ(found["missing"][0]["part"], "cases");
  EXPECT_EQ(found["missing"][1]["part"], "opportunities");
  EXPECT_NE(found["missing"][1]["why"].get<std::string>().find("INVALID_TYPE"), std::string::npos);
  EXPECT_EQ(found["missing"][2]["part"], "contracts");
  EXPECT_EQ(found["account"]["tier"], "gold");
  EXPECT_FALSE(found["account"].contains("renewal_date"));
}

TEST_F(SalesforceContext, of_somebody_unknown_ignores_the_parts_that_depend_and_looks_for_a_lead) {
  const auto halted = error("PROCESSING_HALTED", "Invalid reference specified.");
  session.expect("POST", kComposite)
      .replies(200, composite({part("refContacts", 200, records(json::array())),
                               part("refAccount", 200, records(json::array())),
                               part("refOpportunities", 400, halted), part("refContracts", 400, halted),
                               part("refCases", 200, records(json::array()))}));
  session.expect("GET", kQuery)
      .replies(200, records({{{"Id", "00Q000000000001EAA"},
                              {"Name", "Lea Novak"},
                              {"Email", "zoe@example.com"},
                              {"Company", "Novak Bikes"}}}));
  session.expect("GET", kQuery).replies(200, records({{{"Id", kCase}, {"CaseNumber", "00000900"}}}));
  const auto found = session.look(Operation::read_context, context("zoe@example.com"));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->contains("missing"));
  EXPECT_EQ((*found)["matches"], 1);
  EXPECT_EQ((*found)["people"][0]["role"], "lead of Novak Bikes");
  EXPECT_EQ((*found)["people"][0]["url"],
            "https://acme.my.salesforce.com/lightning/r/Lead/00Q000000000001EAA/view");
  EXPECT_EQ((*found)["history"]["recent_tickets"][0]["id"], "00000900") << "made with the address alone";
  EXPECT_NE(session.sent[2].request.target.find("SuppliedEmail"), std::string::npos);
}

// The address of a case is not indexed: of somebody known it is not asked for.
TEST_F(SalesforceContext, asks_for_cases_by_their_contacts) {
  const auto parts = context_parts(Paths(settings), "'zoe@example.com'", settings, true);
  const auto url = parts.back()["url"].get<std::string>();
  EXPECT_NE(
      url.find(percent_encode("WHERE ContactId IN (SELECT Id FROM Contact WHERE Email = 'zoe@example.com')")),
      std::string::npos)
      << url;
  EXPECT_EQ(url.find("SuppliedEmail"), std::string::npos);
}

TEST_F(SalesforceContext, takes_health_that_speaks_of_no_risk_for_none) {
  const auto at_risk = [&](const char* health) {
    auto account = acme();
    account["Health__c"] = health;
    auto parts = whole();
    parts[0] = part("refContacts", 200, records({contact(kContact, "zoe@example.com", account)}));
    return look(parts)["account"]["at_risk"].get<bool>();
  };
  for (const auto* health : {"At risk", "High risk", "risk", "RED", "Risk: high", "Medium-risk", "Critical"})
    EXPECT_TRUE(at_risk(health)) << health;
  for (const auto* health :
       {"Low risk", "Not at risk", "no risk", "Risk: low", "risk-free", "Very low risk", "Green"})
    EXPECT_FALSE(at_risk(health)) << health;
}

TEST_F(SalesforceContext, of_a_contact_without_an_account_has_no_gaps) {
  const auto halted = error("PROCESSING_HALTED", "Invalid reference specified.");
  auto parts = whole();
  parts[0] = part("refContacts", 200, records({contact(kContact, "zoe@example.com", nullptr)}));
  parts[2] = part("refOpportunities", 400, halted);
  parts[3] = part("refContracts", 400, halted);
  const auto found = look(parts);
  EXPECT_FALSE(found.contains("missing"));
  EXPECT_FALSE(found.contains("account"));
  EXPECT_EQ(found["people"][1]["name"], "Omar");
}

TEST_F(SalesforceContext, is_asked_again_without_fields_that_are_hidden) {
  auto parts = whole();
  parts[0] = part("refContacts", 400, error("INVALID_FIELD", "No such column 'Tier__c' on entity 'Account'"));
  session.expect("POST", kComposite).replies(200, composite(parts));
  const auto found = look(whole());
  EXPECT_EQ(session.sent.size(), 2u);
  EXPECT_EQ(session.sent[1].request.body.find("Tier__c"), std::string::npos);
  EXPECT_EQ(found["missing"][0]["part"], "custom fields");
  EXPECT_EQ(found["people"][0]["id"], kContact);
}

TEST_F(SalesforceContext, asks_nothing_for_an_address_that_cannot_be_a_literal) {
  for (const auto& email : {std::string(), std::string("a@b\x01.example"), std::string(81, 'a'),
                            std::string("a@{ref.Id}"), std::string("\xff@example.com")}) {
    EXPECT_EQ(*session.look(Operation::read_context, context(email)), json({{"matches", 0}}));
  }
  EXPECT_TRUE(session.sent.empty());
}

TEST_F(SalesforceContext, never_crashes_and_never_invents) {
  for (const auto& body : testing::hostile_bodies(composite(whole()).dump())) {
    session.expect("POST", kComposite).says(200, body);
    EXPECT_FALSE(session.look(Operation::read_context, context("zoe@example.com"))) << body.substr(0, 60);
  }
  const auto flat = composite(whole()).flatten();
  for (const auto& [where, value] : flat.items()) {
    for (const json& wrong :
         {json(), json(true), json(-1), json(1e300), json("x"), json::array(), json::object()}) {
      auto body = composite(whole());
      body[json::json_pointer(where)] = wrong;
      const auto found =
          read_context(Reply(200, body.dump()), "zoe@example.com", Paths(settings), settings, true);
      if (found) EXPECT_TRUE(found->is_object());
    }
  }
}

// --- SOQL

TEST(SalesforceSoql, literals_are_those_of_the_vectors) {
  const auto vectors = testing::read_vectors("salesforce/vectors.json", "salesforce/data/vectors.json");
  for (const auto& vector : vectors["soql_string_literal_escape"]) {
    EXPECT_EQ(soql_text(vector["value"].get<std::string>(), 100), vector["literal"].get<std::string>());
  }
  EXPECT_EQ(soql_text(std::string("a\0b", 3), 100), std::nullopt);
  EXPECT_EQ(soql_text("a\x1b", 100), std::nullopt);
  EXPECT_EQ(soql_text("abc", 2), std::nullopt);
  EXPECT_EQ(soql_text("", 2), std::nullopt);
}

TEST(SalesforceSoql, knows_names_ids_and_times) {
  EXPECT_TRUE(is_field_name("Tier__c"));
  EXPECT_TRUE(is_field_name("Parent.Tier__c"));
  for (const auto* name : {"", "1a", "a b", "a.", ".a", "a,b", "a'b", "_a"})
    EXPECT_FALSE(is_field_name(name)) << name;
  EXPECT_TRUE(is_id("500000000000001AAA"));
  EXPECT_TRUE(is_id("500000000000001"));
  for (const auto* id : {"", "5158", "500000000000001AA", "50000000000000-AAA"})
    EXPECT_FALSE(is_id(id)) << id;
  EXPECT_EQ(rfc3339_of("2026-09-21T13:33:20.000+0000"), "2026-09-21T13:33:20.000Z");
  EXPECT_EQ(rfc3339_of("2026-09-21T13:33:20.000+0200"), "2026-09-21T11:33:20.000Z");
  EXPECT_EQ(rfc3339_of("2026-09-21T13:33:20Z"), "2026-09-21T13:33:20.000Z");
  for (const auto* time : {"", "soon", "2026-09-21", "+0000"}) EXPECT_EQ(rfc3339_of(time), "") << time;
}

}  // namespace
}  // namespace baton::salesforce
