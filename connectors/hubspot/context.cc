#include "connectors/hubspot/context.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "connectors/sdk/vendor_clock.h"
#include "gateway/base/date.h"
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

// Open deals are added to the sum only in the currency of the won ones: one account has one currency.
void add_deals(const Records& records, json& account) {
  Sum won, open;
  std::set<std::string> seen;
  for (const auto& deal : items(JsonView(records.deals)["results"])) {
    const auto id = deal["id"].id();
    if (!id || !seen.insert(*id).second) continue;
    const auto properties = deal["properties"];
    if (properties["hs_is_closed"].text() != "true") open.add(properties);
    else if (properties["hs_is_closed_won"].text() == "true") won.add(properties);
  }
  const auto& first = won.meaningful() ? won : open;
  if (!first.meaningful()) return;
  put(account, "currency", *first.currencies.begin());
  if (won.meaningful()) account["value"] = won.total;
  if (open.meaningful() && open.currencies == first.currencies) account["open_value"] = open.total;
}

// A date property is "2026-12-01"; one with a time begins with its date.
std::string date_of(const std::string& text) {
  const bool is_date =
      text.size() >= 10 && text[4] == '-' && text[7] == '-' &&
      std::ranges::all_of(text.substr(0, 10), [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
  return is_date ? text.substr(0, 10) : std::string();
}

json contact_json(const Contact& contact, const sdk::Settings& settings) {
  const JsonView properties(contact.properties);
  json made = json::object();
  put(made, "id", contact.id);
  put(made, "name", full_name(properties["firstname"].text(), properties["lastname"].text()));
  put(made, "email", properties["email"].text());
  put(made, "role", properties["jobtitle"].text("contact"));
  put(made, "url", record_link(settings, "0-1", contact.id));
  return made;
}

json owner_json(JsonView owner) {
  json made = {{"role", "owner"}};
  put(made, "id", owner["id"].id().value_or(""));
  put(made, "name", owner_name(owner));
  put(made, "email", owner["email"].text());
  return made;
}

// Stages are ids of the account's own: what counts is whether they mean solved.
json history_json(const Records& records, const sdk::Settings& settings) {
  constexpr std::size_t kMost = 5;
  auto tickets = items(JsonView(records.tickets)["results"]);
  const auto at = [](JsonView ticket) {
    return ticket["properties"]["hs_lastmodifieddate"].text(ticket["properties"]["createdate"].text());
  };
  std::ranges::sort(tickets, std::greater(), at);
  json history = {{"open_tickets", json::array()}, {"recent_tickets", json::array()}};
  std::vector<std::optional<TimePoint>> opened;
  for (const auto& ticket : tickets) {
    const auto id = ticket["id"].id();
    if (!id) continue;
    opened.push_back(parse_rfc3339(ticket["properties"]["createdate"].text()));
    const bool closed = is_closed_stage(ticket["properties"]["hs_pipeline_stage"].text(), settings);
    json made = {{"status", closed ? "closed" : "open"}};
    put(made, "id", *id);
    put(made, "title", ticket["properties"]["subject"].text());
    put(made, "at", at(ticket));
    put(made, "url", record_link(settings, "0-5", *id));
    auto& shown = history[closed ? "recent_tickets" : "open_tickets"];
    if (shown.size() < kMost) shown.push_back(std::move(made));
  }
  sdk::count_contacts(opened, records.now, history);
  return history;
}

bool names_risk(std::string_view health) {
  const auto text = to_lower(health);
  return text.find("risk") != std::string::npos || text == "red" || text == "bad" || text == "poor" ||
         text == "critical" || text == "churning";
}

json account_json(const Records& records, const sdk::Settings& settings) {
  json account = json::object();
  const JsonView company(records.company);
  const auto id = company["id"].id().value_or("");
  put(account, "id", id);
  put(account, "name",
      company["properties"]["name"].text(JsonView(records.contact.properties)["company"].text()));
  put(account, "url", record_link(settings, "0-2", id));
  add_deals(records, account);
  put(account, "tier", custom(records, settings["tier_property"]));
  put(account, "renewal_date", date_of(custom(records, settings["renewal_property"])));
  const auto health = custom(records, settings["health_property"]);
  put(account, "health", health);
  if (!health.empty()) account["at_risk"] = names_risk(health);
  put(account, "owner", owner_name(JsonView(records.owner)));
  return account;
}

}  // namespace

json make_context(const Records& records, const sdk::Settings& settings) {
  json context = {{"people", json::array({contact_json(records.contact, settings)})},
                  {"matches", records.namesakes.size() + 1}};
  if (auto account = account_json(records, settings); !account.empty())
    context["account"] = std::move(account);
  if (records.owner.is_object()) context["people"].push_back(owner_json(JsonView(records.owner)));
  if (records.tickets.is_object()) context["history"] = history_json(records, settings);
  if (!records.namesakes.empty()) {
    context["chosen"] = {{"id", records.contact.id},
                         {"why", "it is the contact's main address, or it was modified last"}};
  }
  for (const auto& one : records.missing)
    context["missing"].push_back({{"part", one.part}, {"why", one.why}});
  return context;
}

json empty_context() { return {{"matches", 0}}; }

}  // namespace baton::hubspot
