// The account that a demo finds: the one place of its people, companies and deals. An enterprise whose
// renewal is three weeks away, a trial, a contact with a second address, an address that two contacts
// share. Tier and renewal are custom properties, as in every account (fact sheet, section 3.2).
#include <charconv>

#include "connectors/hubspot/simulator.h"
#include "connectors/simulation/setup.h"

namespace baton::hubspot::simulated {
namespace {

constexpr std::string_view kSeed = R"({
"owners": [
  {"id": "7001", "email": "nora@baton-demo.example", "firstName": "Nora", "lastName": "Lind", "userId": 123, "type": "PERSON",
   "teams": [{"id": "1", "name": "Gold", "primary": true}], "archived": false,
   "createdAt": "2024-01-08T08:00:00.000Z", "updatedAt": "2025-05-02T08:00:00.000Z"},
  {"id": "7002", "email": "omar@baton-demo.example", "firstName": "Omar", "lastName": "Haddad", "userId": 124, "type": "PERSON",
   "teams": [], "archived": false, "createdAt": "2024-01-08T08:00:00.000Z", "updatedAt": "2025-05-02T08:00:00.000Z"}],
"pipelines": [
  {"id": "0", "label": "Support Pipeline", "displayOrder": 0, "archived": false,
   "createdAt": "2024-01-08T08:00:00.000Z", "updatedAt": "2024-01-08T08:00:00.000Z",
   "stages": [
     {"id": "1", "label": "New", "displayOrder": 0, "archived": false, "metadata": {"ticketState": "OPEN", "isClosed": "false"},
      "createdAt": "2024-01-08T08:00:00.000Z", "updatedAt": "2024-01-08T08:00:00.000Z"},
     {"id": "2", "label": "Waiting on contact", "displayOrder": 1, "archived": false, "metadata": {"ticketState": "OPEN", "isClosed": "false"},
      "createdAt": "2024-01-08T08:00:00.000Z", "updatedAt": "2024-01-08T08:00:00.000Z"},
     {"id": "3", "label": "Waiting on us", "displayOrder": 2, "archived": false, "metadata": {"ticketState": "OPEN", "isClosed": "false"},
      "createdAt": "2024-01-08T08:00:00.000Z", "updatedAt": "2024-01-08T08:00:00.000Z"},
     {"id": "4", "label": "Closed", "displayOrder": 3, "archived": false, "metadata": {"ticketState": "CLOSED", "isClosed": "true"},
      "createdAt": "2024-01-08T08:00:00.000Z", "updatedAt": "2024-01-08T08:00:00.000Z"}]}],
"companies": [
  {"id": "900", "name": "Northwind Logistics", "domain": "northwind.example", "industry": "LOGISTICS_AND_SUPPLY_CHAIN",
   "lifecyclestage": "customer", "hubspot_owner_id": "7001", "customer_tier": "enterprise", "renewal_date": "+21d", "annual_contract_value": "184000"},
  {"id": "901", "name": "Tiny Shop", "domain": "tinyshop.example", "lifecyclestage": "opportunity",
   "hubspot_owner_id": "7002", "customer_tier": "trial", "trial_ends": "+9d"},
  {"id": "902", "name": "Acme Studios", "domain": "acme.example", "lifecyclestage": "customer",
   "hubspot_owner_id": "7002", "customer_tier": "pro", "renewal_date": "+240d", "annual_contract_value": "12400"}],
"contacts": [
  {"id": "51", "email": "zoe@northwind.example", "firstname": "Zoë", "lastname": "Adler", "jobtitle": "Head of Operations",
   "phone": "+49 30 5550101", "company": "Northwind Logistics", "lifecyclestage": "customer", "hubspot_owner_id": "7001"},
  {"id": "52", "email": "sam@tinyshop.example", "firstname": "Sam", "lastname": "Ito", "company": "Tiny Shop",
   "lifecyclestage": "opportunity", "hs_lead_status": "IN_PROGRESS", "hubspot_owner_id": "7002"},
  {"id": "53", "email": "jane.roe@acme.example", "firstname": "Jane", "lastname": "Roe", "company": "Acme Studios",
   "hs_additional_emails": "jane@roe-private.example;j.roe@acme.example", "lifecyclestage": "customer", "hubspot_owner_id": "7002"},
  {"id": "54", "email": "bob@acme.example", "firstname": "Bob", "lastname": "Marsh", "company": "Acme Studios",
   "hs_additional_emails": "office@acme.example", "lifecyclestage": "customer"},
  {"id": "55", "email": "bea@acme.example", "firstname": "Bea", "lastname": "Quist", "company": "Acme Studios",
   "hs_additional_emails": "office@acme.example", "lifecyclestage": "customer"}],
"deals": [
  {"id": "2001", "dealname": "Northwind renewal", "amount": "184000", "deal_currency_code": "EUR", "dealstage": "contractsent",
   "pipeline": "default", "closedate": "+21d@09:00", "dealtype": "existingbusiness", "hubspot_owner_id": "7001",
   "hs_is_closed": "false", "hs_is_closed_won": "false", "hs_is_closed_lost": "false"},
  {"id": "2002", "dealname": "Northwind first year", "amount": "150000", "deal_currency_code": "EUR", "dealstage": "closedwon",
   "pipeline": "default", "closedate": "-344d@09:00", "dealtype": "newbusiness", "hubspot_owner_id": "7001",
   "hs_is_closed": "true", "hs_is_closed_won": "true", "hs_is_closed_lost": "false"},
  {"id": "2003", "dealname": "Tiny Shop starter", "amount": "1200", "deal_currency_code": "EUR", "dealstage": "qualifiedtobuy",
   "pipeline": "default", "closedate": "+14d@09:00", "dealtype": "newbusiness", "hubspot_owner_id": "7002",
   "hs_is_closed": "false", "hs_is_closed_won": "false", "hs_is_closed_lost": "false"}],
"tickets": [
  {"id": "3001", "subject": "Label printer offline in Hamburg", "content": "Printer stopped after the update.", "hs_pipeline": "0",
   "hs_pipeline_stage": "4", "hs_ticket_priority": "MEDIUM", "closed_date": "-12d@15:20"},
  {"id": "3002", "subject": "Export of shipments is slow", "content": "Takes ten minutes since Monday.", "hs_pipeline": "0",
   "hs_pipeline_stage": "3", "hs_ticket_priority": "HIGH"}],
"notes": [],
"associations": [
  ["contacts", "51", "companies", "900", 1], ["contacts", "51", "companies", "900", 279],
  ["contacts", "52", "companies", "901", 1], ["contacts", "52", "companies", "901", 279],
  ["contacts", "53", "companies", "902", 1], ["contacts", "53", "companies", "902", 279],
  ["contacts", "54", "companies", "902", 1], ["contacts", "55", "companies", "902", 1],
  ["deals", "2001", "contacts", "51", 3], ["deals", "2002", "contacts", "51", 3], ["deals", "2003", "contacts", "52", 3],
  ["deals", "2001", "companies", "900", 5], ["deals", "2002", "companies", "900", 5], ["deals", "2003", "companies", "901", 5],
  ["contacts", "51", "tickets", "3001", 15], ["contacts", "51", "tickets", "3002", 15],
  ["companies", "900", "tickets", "3002", 25]]
})";

constexpr std::string_view kProperties = R"({
"contacts": [
  {"name": "email", "hasUniqueValue": true}, {"name": "firstname"}, {"name": "lastname"}, {"name": "phone"}, {"name": "company"},
  {"name": "jobtitle"}, {"name": "website"}, {"name": "lifecyclestage", "type": "enumeration", "options": ["subscriber", "lead",
   "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other"]},
  {"name": "hs_lead_status"}, {"name": "hubspot_owner_id"}, {"name": "associatedcompanyid"}, {"name": "hs_additional_emails"},
  {"name": "customer_tier", "custom": true}, {"name": "createdate", "type": "datetime"},
  {"name": "lastmodifieddate", "type": "datetime", "readOnly": true}, {"name": "hs_object_id", "readOnly": true}],
"companies": [
  {"name": "name"}, {"name": "domain"}, {"name": "industry"}, {"name": "type"}, {"name": "lifecyclestage"}, {"name": "hubspot_owner_id"},
  {"name": "customer_tier", "custom": true}, {"name": "renewal_date", "type": "date", "custom": true},
  {"name": "trial_ends", "type": "date", "custom": true}, {"name": "annual_contract_value", "type": "number", "custom": true},
  {"name": "createdate", "type": "datetime"}, {"name": "hs_lastmodifieddate", "type": "datetime", "readOnly": true},
  {"name": "hs_object_id", "readOnly": true}],
"deals": [
  {"name": "dealname"}, {"name": "amount", "type": "number"}, {"name": "deal_currency_code"}, {"name": "dealstage"}, {"name": "pipeline"},
  {"name": "closedate", "type": "datetime"}, {"name": "dealtype"}, {"name": "hubspot_owner_id"}, {"name": "hs_is_closed", "readOnly": true},
  {"name": "hs_is_closed_won", "readOnly": true}, {"name": "hs_is_closed_lost", "readOnly": true}, {"name": "createdate", "type": "datetime"},
  {"name": "hs_lastmodifieddate", "type": "datetime", "readOnly": true}, {"name": "hs_object_id", "readOnly": true}],
"tickets": [
  {"name": "subject", "label": "Ticket name"}, {"name": "content", "fieldType": "textarea"}, {"name": "hs_pipeline"}, {"name": "hs_pipeline_stage"},
  {"name": "hs_ticket_priority", "type": "enumeration", "options": ["LOW", "MEDIUM", "HIGH"]},
  {"name": "hs_ticket_category", "type": "enumeration", "options": ["PRODUCT_ISSUE", "BILLING_ISSUE", "FEATURE_REQUEST", "GENERAL_INQUIRY"]},
  {"name": "source_type", "type": "enumeration", "options": ["CHAT", "EMAIL", "FORM", "PHONE"]}, {"name": "hubspot_owner_id"},
  {"name": "hs_resolution"}, {"name": "hs_external_object_ids", "hasUniqueValue": true}, {"name": "closed_date", "type": "datetime"},
  {"name": "createdate", "type": "datetime"}, {"name": "hs_lastmodifieddate", "type": "datetime", "readOnly": true},
  {"name": "hs_object_id", "readOnly": true}],
"notes": [
  {"name": "hs_note_body", "fieldType": "html"}, {"name": "hs_timestamp", "type": "datetime"}, {"name": "hubspot_owner_id"},
  {"name": "hs_attachment_ids"}, {"name": "hs_createdate", "type": "datetime", "readOnly": true}, {"name": "createdate", "type": "datetime"},
  {"name": "hs_lastmodifieddate", "type": "datetime", "readOnly": true}, {"name": "hs_object_id", "readOnly": true}]
})";

}  // namespace

std::string_view seed_text() { return kSeed; }
std::string_view property_text() { return kProperties; }

void resolve_dates(json& value, TimePoint now) {
  if (value.is_structured()) {
    for (auto& inner : value) resolve_dates(inner, now);
    return;
  }
  if (!value.is_string()) return;
  const auto text = value.get<std::string>();
  const auto d = text.find('d');
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-') || d == std::string::npos) return;
  int days = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + d, days);
  if (error != std::errc() || end != text.data() + d) return;
  const auto day =
      std::chrono::floor<std::chrono::days>(now) + std::chrono::days(text[0] == '-' ? -days : days);
  const auto date = simulation::iso_millis(std::chrono::time_point_cast<Duration>(day));
  if (d + 1 == text.size()) value = date.substr(0, 10);
  if (text.size() == d + 7 && text[d + 1] == '@')
    value = date.substr(0, 11) + text.substr(d + 2) + ":00.000Z";
}

void Account::seed(TimePoint now) {
  if (std::exchange(seeded_, true)) return;
  auto all = simulation::seed_of(setup_, kSeed);
  resolve_dates(all, now);
  const auto standard = json::parse(kSeed);
  owners_ = all.value("owners", standard["owners"]);
  pipelines_ = all.value("pipelines", standard["pipelines"]);
  const auto counted = tally_;  // what was there before is nobody's effect
  // Old enough for search to know all of it.
  const auto made = now - std::chrono::days(60);
  for (const auto* plural : {"companies", "contacts", "deals", "tickets", "notes"}) {
    for (auto fields : all.value(plural, json::array())) {
      const auto id = JsonView(fields)["id"].id().value_or(std::to_string(next_id_++));
      fields.erase("id");
      auto& object = objects_[plural][std::stol(id)];
      object.id = id;
      object.created = made;
      (void)write(*find_type(plural), &object, fields, made);
    }
  }
  outbox_.clear();  // nobody was told of what was there before
  for (const auto& link : all.value("associations", json::array())) {
    add_link(*find_type(link[0].get<std::string>()), link[1], *find_type(link[2].get<std::string>()), link[3],
             link[4]);
  }
  tally_ = counted;
}

}  // namespace baton::hubspot::simulated
