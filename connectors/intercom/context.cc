#include "connectors/intercom/context.h"

#include <algorithm>
#include <set>

#include "gateway/base/text.h"

namespace baton::intercom {
namespace {

using nlohmann::json;

constexpr std::size_t kMostOpen = 10, kMostRecent = 5, kLongest = 300;
constexpr std::size_t kLongestRead =
    kLongest + 4;  // of a title: more than is shown, whatever its last letter

void show(json& to, const char* key, std::string_view text) {
  if (!text.empty()) to[key] = std::string(clip_utf8(text, kLongest));
}

struct Entry {
  std::string at;
  bool open = false;
  std::int64_t made = 0;  // Unix seconds
  json shown;
};

std::string title_of(JsonView one) {
  for (const auto* path : {"title", "ticket_attributes._default_title_", "source.subject", "source.body"}) {
    if (auto text = plain_of(one.at_path(path).text(), kLongestRead); !text.empty()) return text;
  }
  return {};
}

std::optional<Entry> entry_of(JsonView one, bool is_ticket, const sdk::Settings& settings) {
  const auto id = one["id"].id();
  if (!id || id->empty()) return std::nullopt;
  Entry entry;
  const auto category = one.at_path("ticket_state.category").text();
  const auto state = is_ticket ? category : one["state"].text();
  entry.open = one["open"].boolean().value_or(state != "closed" && state != "resolved");
  entry.at = time_of(one["updated_at"]);
  entry.made = one["created_at"].integer().value_or(0);
  entry.shown = {{"id", *id}};
  show(entry.shown, "title", title_of(one));
  show(entry.shown, "status", state.empty() ? (entry.open ? "open" : "closed") : state);
  show(entry.shown, "at", entry.at);
  show(entry.shown, "url", link_of(settings, {is_ticket, *id}));
  return entry;
}

// A conversation that became a customer ticket is both, with one id (section 3.6).
std::vector<Entry> entries_of(const Records& records, const sdk::Settings& settings) {
  std::vector<Entry> entries;
  std::set<std::string> seen;
  const auto add = [&](JsonView list, bool tickets) {
    for (const auto& one : items(list)) {
      auto entry = entry_of(one, tickets, settings);
      if (entry && seen.insert(entry->shown["id"].get<std::string>()).second)
        entries.push_back(std::move(*entry));
    }
  };
  add(JsonView(records.tickets)["tickets"], true);
  add(JsonView(records.conversations)["conversations"], false);
  std::ranges::sort(entries, std::greater(), &Entry::at);
  return entries;
}

// How often they came. Of half the lists it would be too few.
void count_contacts(json& history, const std::vector<Entry>& entries, const Records& records) {
  if (!records.now || records.conversations.is_null() || records.tickets.is_null()) return;
  const auto since = [&](Duration time) {
    return std::chrono::floor<std::chrono::seconds>(*records.now - time).time_since_epoch().count();
  };
  const auto made_after = [&](std::int64_t first) {
    return std::ranges::count_if(entries, [&](const Entry& entry) { return entry.made >= first; });
  };
  history["contacts_7d"] = made_after(since(7 * 24h));
  history["contacts_14d"] = made_after(since(14 * 24h));
}

json history_of(const Records& records, const sdk::Settings& settings) {
  json history = {{"open_tickets", json::array()}, {"recent_tickets", json::array()}};
  auto entries = entries_of(records, settings);
  count_contacts(history, entries, records);
  for (auto& entry : entries) {
    auto& list = history[entry.open ? "open_tickets" : "recent_tickets"];
    if (list.size() < (entry.open ? kMostOpen : kMostRecent)) list.push_back(std::move(entry.shown));
  }
  return history;
}

// Attributes of a contact may be texts, numbers or flags.
std::string attribute(JsonView contact, std::string_view name) {
  if (name.empty()) return {};
  const auto value = contact["custom_attributes"][name];
  if (const auto flag = value.boolean()) return *flag ? "true" : "false";
  return value.id().value_or("");
}

json account_of(JsonView contact, const sdk::Settings& settings) {
  json account = json::object();
  show(account, "tier", attribute(contact, settings["tier_attribute"]));
  show(account, "health", attribute(contact, settings["health_attribute"]));
  // A date is Unix seconds in an attribute.
  const auto renewal = contact["custom_attributes"][settings["renewal_attribute"]];
  auto day = settings["renewal_attribute"].empty() ? std::string() : time_of(renewal);
  if (day.empty()) day = renewal.text();
  show(account, "renewal_date", day.substr(0, 10));
  return account;
}

json person_of(JsonView contact, const sdk::Settings& settings) {
  json person = json::object();
  const auto id = contact["id"].id().value_or("");
  show(person, "id", id);
  show(person, "name", contact["name"].text());
  show(person, "email", contact["email"].text());
  show(person, "role", contact["role"].text());
  if (const auto app = settings["app_id"]; !app.empty() && !id.empty()) {
    auto url = link_of(settings, Target::conversation("x"));
    url.resize(url.find("/a/inbox/"));
    show(person, "url",
         url + "/a/apps/" + percent_encode(app) + "/users/" + percent_encode(id) + "/all-conversations");
  }
  return person;
}

}  // namespace

json make_context(const Records& records, const sdk::Settings& settings) {
  json context = {{"matches", records.people.contacts.size()}};
  auto missing = records.missing;
  if (!records.people.why.empty()) missing.push_back({{"part", "customer"}, {"why", records.people.why}});
  if (!records.people.contacts.empty()) {
    const JsonView contact(records.people.contacts.front());
    if (auto account = account_of(contact, settings); !account.empty())
      context["account"] = std::move(account);
    context["people"] = json::array({person_of(contact, settings)});
    context["history"] = history_of(records, settings);
  }
  if (!missing.empty()) context["missing"] = std::move(missing);
  return context;
}

}  // namespace baton::intercom
