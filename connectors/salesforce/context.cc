#include "connectors/salesforce/context.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "connectors/salesforce/errors.h"
#include "connectors/salesforce/soql.h"
#include "connectors/sdk/vendor_clock.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::salesforce {
namespace {

using nlohmann::json;

// Settings that name a field of the account; their values stand under Account in a contact.
constexpr auto kCustom = {"tier_field", "renewal_field", "health_field", "value_field"};

void put(json& to, const char* key, std::string_view text) {
  constexpr std::size_t kLongest = 300;
  if (!trim(text).empty()) to[key] = to_valid_utf8(clip_utf8(text, kLongest));
}

// A number, a checkbox or a text: what a custom field holds is the org's affair.
std::string as_text(JsonView value) {
  if (const auto yes = value.boolean()) return *yes ? "yes" : "no";
  if (const auto number = value.number()) return fmt::format("{}", *number);
  return value.text();
}

std::string as_day(JsonView value) {
  const auto day = value.text().substr(0, 10);
  return day.size() == 10 && !rfc3339_of(day + "T00:00:00Z").empty() ? day : std::string();
}

std::optional<double> as_amount(JsonView value) {
  const auto number = value.number();
  return number && std::isfinite(*number) ? number : std::nullopt;
}

json part(const Paths& paths, const char* name, const std::string& encoded) {
  return {{"method", "GET"}, {"referenceId", name}, {"url", paths.query_url(encoded)}};
}

constexpr std::string_view kCaseFields =
    "SELECT Id, CaseNumber, Subject, Status, CreatedDate, IsClosed FROM Case ";

// One part's answer: its records, or why there are none.
struct Part {
  std::vector<JsonView> records;
  std::string why;  // it failed
  std::string code;
};

Part find_part(JsonView answer, std::string_view name) {
  Part found;
  found.why = "Salesforce did not answer this part";
  for (const auto& one : items(answer["compositeResponse"])) {
    if (one["referenceId"].text() != name) continue;
    const auto* body = one["body"].raw();
    if (one["httpStatusCode"].integer() != 200) {
      if (body) found.why = words_of(*body), found.code = code_of(*body);
      if (trim(found.why).empty()) found.why = "Salesforce refused this part";
      return found;
    }
    const auto records = one["body"]["records"].list();
    if (!records) return found;
    found.records = *records;
    found.why.clear();
    return found;
  }
  return found;
}

// Salesforce compares without case; so do we, in case it does not.
std::vector<JsonView> of_address(const std::vector<JsonView>& records, std::string_view email) {
  std::vector<JsonView> found;
  for (const auto& record : records) {
    if (is_id(record["Id"].text()) && equals_ignoring_case(record["Email"].text(), email))
      found.push_back(record);
  }
  return found;
}

// The one whose account the other parts were asked of; else the newest with an account; else the newest.
JsonView best_of(const std::vector<JsonView>& contacts, const Part& anchor) {
  const auto asked = anchor.records.empty() ? std::string() : anchor.records.front()["Id"].text();
  for (const auto& contact : contacts) {
    if (!asked.empty() && contact["Id"].text() == asked) return contact;
  }
  for (const auto& contact : contacts) {
    if (is_id(contact["AccountId"].text())) return contact;
  }
  return contacts.front();
}

json person_of(JsonView contact, const Paths& paths, std::string_view object, std::string role) {
  json person = json::object();
  const auto id = contact["Id"].text();
  put(person, "id", id);
  put(person, "name", contact["Name"].text());
  put(person, "email", contact["Email"].text());
  put(person, "role", role);
  person["url"] = paths.link(object, id);
  return person;
}

void add_people(const std::vector<JsonView>& contacts, JsonView chosen, const Paths& paths, json& context) {
  constexpr std::size_t kMost = 5;
  auto& people = context["people"] = json::array();
  const auto title = [](JsonView contact) { return contact["Title"].text("contact"); };
  auto role = title(chosen);
  if (contacts.size() > 1) {
    const bool has_account = is_id(chosen["AccountId"].text());
    role += fmt::format("; chosen of {} with this address: the newest{}", contacts.size(),
                        has_account ? " with an account" : "");
  }
  people.push_back(person_of(chosen, paths, "Contact", role));
  for (const auto& contact : contacts) {
    if (people.size() == kMost) break;
    if (contact.raw() != chosen.raw()) people.push_back(person_of(contact, paths, "Contact", title(contact)));
  }
  auto owner = chosen["Account"]["Owner"];
  if (owner["Name"].text().empty()) owner = chosen["Owner"];
  if (owner["Name"].text().empty()) return;
  json person = {{"role", "owner"}};
  put(person, "name", owner["Name"].text());
  put(person, "email", owner["Email"].text());
  people.push_back(std::move(person));
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : to_lower(text)) {
    if (is_letter(c)) words.back() += c;
    else if (!words.back().empty()) words.emplace_back();
  }
  return words;
}

// "At risk", "High risk"; but neither "Low risk", "Not at risk" nor "Risk: low".
bool speaks_of_risk(std::string_view health) {
  constexpr auto kBefore = std::to_array<std::string_view>(
      {"no", "not", "low", "lower", "lowest", "minimal", "without", "little", "zero"});
  constexpr auto kBehind = std::to_array<std::string_view>({"low", "none", "free", "minimal", "zero"});
  const auto words = words_in(health);
  for (auto risk = words.begin(); risk != words.end(); ++risk) {
    if (!risk->starts_with("risk")) continue;
    const auto is_in = [](const auto& list) {
      return [&list](const std::string& word) { return std::ranges::find(list, word) != list.end(); };
    };
    const auto first = risk - std::min<std::ptrdiff_t>(risk - words.begin(), 3);
    const auto last = risk + 1 + std::min<std::ptrdiff_t>(words.end() - risk - 1, 2);
    if (std::any_of(first, risk, is_in(kBefore)) || std::any_of(risk + 1, last, is_in(kBehind))) continue;
    return true;
  }
  return false;
}

bool names_risk(std::string_view health) {
  const auto text = to_lower(trim(health));
  return speaks_of_risk(text) || text == "red" || text == "bad" || text == "poor" || text == "critical" ||
         text == "churning";
}

json account_of(JsonView contact, const Paths& paths, const sdk::Settings& settings) {
  json account = json::object();
  const auto own = contact["Account"];
  const auto custom = [&](std::string_view setting) {
    const auto field = settings[setting];
    return field.empty() ? JsonView() : own.at_path(field);
  };
  if (const auto id = contact["AccountId"].text(); is_id(id)) {
    account["id"] = id;
    account["url"] = paths.link("Account", id);
  }
  put(account, "name", own["Name"].text());
  put(account, "owner", own["Owner"]["Name"].text());
  put(account, "tier", as_text(custom("tier_field")));
  put(account, "renewal_date", as_day(custom("renewal_field")));
  if (const auto value = as_amount(custom("value_field"))) account["value"] = *value;
  const auto health = as_text(custom("health_field"));
  put(account, "health", health);
  if (!health.empty()) account["at_risk"] = names_risk(health);
  return account;
}

void add_deals(const Part& deals, const sdk::Settings& settings, json& account) {
  double open = 0;
  bool any = false;
  for (const auto& deal : deals.records) {
    const auto amount = as_amount(deal["Amount"]);
    if (!amount) continue;
    open += *amount;
    any = true;
  }
  if (any && std::isfinite(open)) account["open_value"] = open;
  if (any || account.contains("value")) put(account, "currency", settings["currency"]);
}

// The contract that runs longest, where no field of its own says when the account renews.
void add_contract(const Part& contracts, json& account) {
  if (account.contains("renewal_date")) return;
  std::string last;
  for (const auto& contract : contracts.records) last = std::max(last, as_day(contract["EndDate"]));
  if (!last.empty()) account["renewal_date"] = last;
}

void add_history(const std::vector<JsonView>& cases, const Paths& paths, std::optional<TimePoint> now,
                 json& context) {
  constexpr std::size_t kMost = 10;
  auto open = json::array(), recent = json::array();
  std::vector<std::optional<TimePoint>> opened;
  for (const auto& one : cases) {
    const auto id = one["Id"].text();
    if (!is_id(id)) continue;
    opened.push_back(parse_rfc3339(rfc3339_of(one["CreatedDate"].text())));
    json ticket = json::object();
    ticket["url"] = paths.link("Case", id);
    put(ticket, "id", id);
    if (const auto number = one["CaseNumber"].text(); !number.empty()) put(ticket, "id", number);
    put(ticket, "title", one["Subject"].text());
    put(ticket, "status", one["Status"].text());
    put(ticket, "at", rfc3339_of(one["CreatedDate"].text()));
    if (one["IsClosed"].boolean() == false && open.size() < kMost) open.push_back(ticket);
    if (recent.size() < kMost) recent.push_back(std::move(ticket));
  }
  json history = {{"open_tickets", std::move(open)}, {"recent_tickets", std::move(recent)}};
  sdk::count_contacts(opened, now, history);
  context["history"] = std::move(history);
}

Result<json> answer_of(const Reply& reply) {
  auto body = parse_json(reply.body, FailureKind::retryable, "Salesforce's composite");
  if (!body) return body.error();
  if (!JsonView(*body)["compositeResponse"].list()) {
    return Failure(FailureKind::retryable, "Salesforce's composite carries no answers");
  }
  return body;
}

}  // namespace

bool has_custom_fields(const sdk::Settings& settings) {
  return std::ranges::any_of(kCustom, [&](auto setting) { return is_field_name(settings[setting]); });
}

json context_parts(const Paths& paths, std::string_view literal, const sdk::Settings& settings, bool custom) {
  std::string fields =
      "Id, Name, Email, Title, AccountId, Owner.Name, Owner.Email, Account.Name, Account.Owner.Name, "
      "Account.Owner.Email";
  for (const auto* setting : kCustom) {
    if (custom && is_field_name(settings[setting])) fields += ", Account." + std::string(settings[setting]);
  }
  const std::string address(literal);
  // A reference must stand as it is, everything around it is encoded (section 3.3).
  const auto of_account = [](std::string_view before, std::string_view after) {
    return percent_encode(before) + "%27@{refAccount.records[0].AccountId}%27" + percent_encode(after);
  };
  auto parts = json::array();
  parts.push_back(part(paths, "refContacts",
                       percent_encode("SELECT " + fields + " FROM Contact WHERE Email = " + address +
                                      " ORDER BY LastModifiedDate DESC LIMIT 20")));
  parts.push_back(part(paths, "refAccount",
                       percent_encode("SELECT Id, AccountId FROM Contact WHERE Email = " + address +
                                      " AND AccountId != null ORDER BY LastModifiedDate DESC LIMIT 1")));
  parts.push_back(
      part(paths, "refOpportunities",
           of_account("SELECT Id, Name, StageName, Amount, CloseDate FROM Opportunity WHERE AccountId = ",
                      " AND IsClosed = false ORDER BY CloseDate LIMIT 50")));
  parts.push_back(
      part(paths, "refContracts",
           of_account("SELECT Id, ContractNumber, Status, EndDate FROM Contract WHERE AccountId = ",
                      " AND Status = 'Activated' ORDER BY EndDate DESC LIMIT 3")));
  parts.push_back(part(paths, "refCases",
                       percent_encode(std::string(kCaseFields) +
                                      "WHERE ContactId IN (SELECT Id FROM Contact WHERE Email = " + address +
                                      ") ORDER BY CreatedDate DESC LIMIT 20")));
  return parts;
}

bool lacks_a_field(const Reply& reply) {
  const auto body = answer_of(reply);
  return body && find_part(JsonView(*body), "refContacts").code == "INVALID_FIELD";
}

bool knows_nobody(const Reply& reply, std::string_view email) {
  const auto body = answer_of(reply);
  if (!body) return false;
  const auto contacts = find_part(JsonView(*body), "refContacts");
  return contacts.why.empty() && of_address(contacts.records, email).empty();
}

Result<json> read_context(const Reply& reply, std::string_view email, const Paths& paths,
                          const sdk::Settings& settings, bool custom) {
  const auto body = answer_of(reply);
  if (!body) return body.error();
  const JsonView answer(*body);
  auto context = json::object();
  const auto lacks = [&](const char* name, const Part& failed) {
    json gap = {{"part", name}};
    put(gap, "why", failed.why);
    context["missing"].push_back(std::move(gap));
  };
  if (!custom && has_custom_fields(settings)) {
    Part refused;
    refused.why = "a field named in the settings is unknown to Salesforce or hidden from Baton's user";
    lacks("custom fields", refused);
  }
  const auto cases = find_part(answer, "refCases");
  if (cases.why.empty()) add_history(cases.records, paths, sdk::vendor_now(reply), context);
  else lacks("cases", cases);
  const auto contacts = find_part(answer, "refContacts");
  if (!contacts.why.empty()) {
    lacks("contacts", contacts);
    return context;
  }
  const auto known = of_address(contacts.records, email);
  context["matches"] = known.size();
  if (known.empty()) return context;
  const auto anchor = find_part(answer, "refAccount");
  const auto chosen = best_of(known, anchor);
  add_people(known, chosen, paths, context);
  auto account = account_of(chosen, paths, settings);
  // Without an account its parts are refused, as they must be; and they are only this account's if it was
  // asked for.
  const bool asked =
      !anchor.records.empty() && anchor.records.front()["AccountId"].text() == chosen["AccountId"].text();
  if (account.contains("id") && !asked) {
    Part unasked;
    unasked.why = "Salesforce answered for another account";
    lacks("opportunities", unasked);
    lacks("contracts", unasked);
  } else if (account.contains("id")) {
    const auto deals = find_part(answer, "refOpportunities"), contracts = find_part(answer, "refContracts");
    if (!deals.why.empty()) lacks("opportunities", deals);
    if (!contracts.why.empty()) lacks("contracts", contracts);
    add_deals(deals, settings, account);
    add_contract(contracts, account);
  }
  if (!account.empty()) context["account"] = std::move(account);
  return context;
}

// The field is not indexed: a large org's cases are all read for it, so it is asked for nobody else.
std::string supplied_query(std::string_view literal) {
  return std::string(kCaseFields) + "WHERE SuppliedEmail = " + std::string(literal) +
         " ORDER BY CreatedDate DESC LIMIT 20";
}

Result<Done> add_supplied(const Reply& reply, const Paths& paths, json& context) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Salesforce's cases");
  if (!body) return body.error();
  const auto records = records_of(*body, FailureKind::retryable, "Salesforce's list of cases");
  if (!records) return records.error();
  if (!records->empty()) add_history(*records, paths, sdk::vendor_now(reply), context);
  return Done();
}

std::string lead_query(std::string_view literal) {
  return "SELECT Id, Name, Email, Company FROM Lead WHERE Email = " + std::string(literal) +
         " AND IsConverted = false ORDER BY LastModifiedDate DESC LIMIT 5";
}

Result<json> read_leads(const Reply& reply, std::string_view email, const Paths& paths) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Salesforce's leads");
  if (!body) return body.error();
  const auto records = records_of(*body, FailureKind::retryable, "Salesforce's list of leads");
  if (!records) return records.error();
  auto people = json::array();
  for (const auto& lead : of_address(*records, email)) {
    auto role = "lead" + (lead["Company"].text().empty() ? "" : " of " + lead["Company"].text());
    people.push_back(person_of(lead, paths, "Lead", std::move(role)));
  }
  return people;
}

}  // namespace baton::salesforce
