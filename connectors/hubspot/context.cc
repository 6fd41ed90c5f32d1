#include "connectors/hubspot/context.h"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "gateway/base/text.h"

namespace baton::hubspot {
namespace {

using nlohmann::json;

// All property values are strings or null (section 1).
void put(json& to, const char* key, std::string text) {
  constexpr std::size_t kLongest = 300;
  if (!text.empty()) to[key] = clip_utf8(text, kLongest);
}

std::optional<double> amount_of(JsonView properties) {
  const auto text = properties["amount"].text();
  if (text.empty()) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string full_name(const std::string& first, const std::string& last) {
  return first.empty() ? last : last.empty() ? first : first + " " + last;
}

// There is no standard property for tier and the like: its name is a setting, and it may stand on
// the contact or on the company. The contact's own value is the closer one.
std::string custom(const Records& records, std::string_view property) {
  if (property.empty()) return {};
  const auto own = JsonView(records.contact.properties)[property].text();
  return own.empty() ? JsonView(records.company)["properties"][property].text() : own;
}

// Sums only amounts of one currency: anything else would be a number that means nothing.
struct Sum {
  double total = 0;
  int count = 0;
  std::set<std::string> currencies;

  void add(JsonView properties) {
    const auto amount = amount_of(properties);
    if (!amount) return;
    total += *amount;
    ++count;
    currencies.insert(properties["deal_currency_code"].text());
  }
  bool meaningful() const { return count > 0 && currencies.size() == 1; }
};

json deal_json(JsonView deal) {
  const auto properties = deal["properties"];
  json made = json::object();
  put(made, "id", deal["id"].id().value_or(""));
  put(made, "name", properties["dealname"].text());
  put(made, "stage", properties["dealstage"].text());
  put(made, "close_date", properties["closedate"].text());
  put(made, "currency", properties["deal_currency_code"].text());
  if (const auto amount = amount_of(properties)) made["amount"] = *amount;
  return made;
}

void add_deals(const Records& records, json& context) {
  constexpr std::size_t kMost = 10;
  Sum won, open;
  std::set<std::string> seen;
  for (const auto& deal : JsonView(records.deals)["results"].list().value_or(std::vector<JsonView>{})) {
    const auto id = deal["id"].id();
    if (!id || !seen.insert(*id).second) continue;
    const auto properties = deal["properties"];
    if (properties["hs_is_closed"].text() == "true") {
      if (properties["hs_is_closed_won"].text() == "true") won.add(properties);
      continue;
    }
    open.add(properties);
    if (context["deals"].size() < kMost) context["deals"].push_back(deal_json(deal));
  }
  auto& account = context["account"];
  if (won.meaningful()) {
    account["value"] = won.total;
    put(account, "currency", *won.currencies.begin());
  }
  if (open.meaningful()) account["open_value"] = open.total;
}

json company_json(JsonView company) {
  const auto properties = company["properties"];
  json made = json::object();
  put(made, "id", company["id"].id().value_or(""));
  for (const auto* key : {"name", "domain", "industry", "type"}) put(made, key, properties[key].text());
  put(made, "lifecycle", properties["lifecyclestage"].text());
  return made;
}

json contact_json(const Contact& contact) {
  const JsonView properties(contact.properties);
  json made = json::object();
  put(made, "id", contact.id);
  put(made, "name", full_name(properties["firstname"].text(), properties["lastname"].text()));
  put(made, "email", properties["email"].text());
  put(made, "phone", properties["phone"].text());
  put(made, "title", properties["jobtitle"].text());
  put(made, "company", properties["company"].text());
  put(made, "lead_status", properties["hs_lead_status"].text());
  return made;
}

bool names_risk(std::string_view health) {
  const auto text = to_lower(health);
  return text.find("risk") != std::string::npos || text == "red" || text == "bad" || text == "poor" ||
         text == "critical" || text == "churning";
}

}  // namespace

json make_context(const Records& records, const sdk::Settings& settings) {
  auto context = empty_context();
  auto& account = context["account"];
  context["contact"] = contact_json(records.contact);
  if (records.company.is_object()) context["company"] = company_json(records.company);
  add_deals(records, context);
  put(account, "tier", custom(records, settings["tier_property"]));
  put(account, "renewal", custom(records, settings["renewal_property"]));
  put(account, "lifecycle", JsonView(records.contact.properties)["lifecyclestage"].text());
  const auto health = custom(records, settings["health_property"]);
  put(account, "health", health);
  if (!health.empty()) account["at_risk"] = names_risk(health);
  const JsonView owner(records.owner);
  auto name = full_name(owner["firstName"].text(), owner["lastName"].text());
  if (name.empty()) name = owner["email"].text();
  if (!name.empty()) {
    put(account, "owner", name);
    json person = {{"role", "owner"}};
    put(person, "name", name);
    put(person, "email", owner["email"].text());
    context["people"].push_back(std::move(person));
  }
  if (!records.namesakes.empty()) context["contact"]["same_address"] = records.namesakes;
  if (!records.missing.empty()) context["missing"] = records.missing;
  return context;
}

json empty_context() {
  return {{"account", json::object()},
          {"people", json::array()},
          {"deals", json::array()},
          {"company", json::object()},
          {"contact", json::object()}};
}

}  // namespace baton::hubspot
