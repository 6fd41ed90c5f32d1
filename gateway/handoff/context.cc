#include "gateway/handoff/context.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

// The members of each section; of lists the items are kept as they are.
constexpr auto kAccount = std::to_array<const char*>(
    {"name", "tier", "owner", "value", "currency", "open_value", "renewal_date", "health", "at_risk"});
constexpr auto kMoney =
    std::to_array<const char*>({"plan", "status", "currency", "balance", "renews_at", "ends_at"});
constexpr auto kMoneyLists = std::to_array<const char*>(
    {"last_payments", "failed_charges", "unfinished_payments", "open_invoices", "disputes"});
constexpr auto kHistoryLists = std::to_array<const char*>({"open_tickets", "recent_tickets"});
constexpr auto kContacts = std::to_array<const char*>({"contacts_7d", "contacts_14d"});

constexpr auto kFresh = Duration{3'600'000};

struct Source {
  std::string name;
  const ContextPart* part;
};

// What a destination calls a part that it could not read, and what it would have said: a section, or a
// section and a key. A part that is named like a section, with more after a dot or without, needs no row.
struct PartOf {
  std::string_view part;
  std::string_view says;
};
constexpr auto kPartsOf = std::to_array<PartOf>({{"company", "account"},
                                                 {"custom fields", "account"},
                                                 {"deals", "account.value"},
                                                 {"deals", "account.open_value"},
                                                 {"deals", "account.currency"},
                                                 {"opportunities", "account.value"},
                                                 {"opportunities", "account.open_value"},
                                                 {"opportunities", "account.currency"},
                                                 {"contracts", "account.renewal_date"},
                                                 {"owner", "account.owner"},
                                                 {"owner", "people"},
                                                 {"contacts", "account"},
                                                 {"contacts", "people"},
                                                 {"leads", "account"},
                                                 {"leads", "people"},
                                                 {"cases", "history"},
                                                 {"subscriptions", "money.plan"},
                                                 {"subscriptions", "money.status"},
                                                 {"subscriptions", "money.currency"},
                                                 {"subscriptions", "money.renews_at"},
                                                 {"subscriptions", "money.ends_at"},
                                                 {"products", "money.plan"},
                                                 {"charges", "money.last_payments"},
                                                 {"charges", "money.failed_charges"},
                                                 {"payment intents", "money.unfinished_payments"},
                                                 {"invoices", "money.open_invoices"},
                                                 {"disputes", "money.disputes"}});
constexpr auto kSectionNames =
    std::to_array<std::string_view>({"account", "people", "money", "history", "known_bugs"});

// Whether `what` is `whole` or stands below it: "money.plan" in "money".
bool is_within(std::string_view what, std::string_view whole) {
  return what.starts_with(whole) && (what.size() == whole.size() || what[whole.size()] == '.');
}

// Whether this value would be there if that part could have been read. A part that nobody knows here may hold
// anything: that it was read in vain is said rather than that nobody says it.
bool would_say(std::string_view part, std::string_view value) {
  for (const auto section : kSectionNames) {
    if (is_within(part, section)) return is_within(value, section);
  }
  const bool known = std::ranges::any_of(kPartsOf, [&](const PartOf& row) { return row.part == part; });
  if (!known) return true;
  return std::ranges::any_of(
      kPartsOf, [&](const PartOf& row) { return row.part == part && is_within(value, row.says); });
}

// In the order of the route, then whoever answered beside it.
std::vector<Source> sources_of(const Handoff& handoff) {
  std::vector<Source> sources;
  for (const auto& id : handoff.route.context) {
    const auto part = handoff.context.find(id);
    if (part != handoff.context.end()) sources.push_back({id.text, &part->second});
  }
  return sources;
}

bool is_scalar(JsonView view) {
  return view.raw() && view.raw()->is_primitive() && !view.null() &&
         !(view.string() && view.string()->empty());
}

class Merge {
 public:
  Merge(const Handoff& handoff, TimePoint now) : sources_(sources_of(handoff)), now_(now) {
    for (const auto& [name, part] : sources_) {
      if (part->part == Part::present) continue;
      why_failed_ += (why_failed_.empty() ? "" : "; ") + name + ": " + part->reason;
    }
  }

  // The first that says it.
  json value(const std::string& section, const std::string& key) const {
    for (const auto& source : sources_) {
      const auto said = JsonView(source.part->found)[section][key];
      if (is_scalar(said)) return present({{"value", *said.raw()}}, source);
    }
    return absent(json::object(), section + "." + key);
  }

  // Added up over all who say it.
  json sum(const std::string& section, const std::string& key) const {
    std::int64_t total = 0;
    const Source* latest = nullptr;
    for (const auto& source : sources_) {
      const auto said = JsonView(source.part->found)[section][key].integer();
      if (!said) continue;
      total += *said;
      latest = &source;
    }
    if (!latest) return absent(json::object(), section + "." + key);
    return present({{"value", total}}, *latest);
  }

  // Each item says for itself where it is from and how old it is; of the whole the oldest counts. An item may
  // have an `at` of its own, when it happened: when it was read is `read_at`.
  json list(const std::vector<std::string>& path) const {
    auto listed = json::array();
    std::optional<TimePoint> oldest;
    for (const auto& source : sources_) {
      auto view = JsonView(source.part->found);
      for (const auto& key : path) view = view[key];
      for (const auto& item : items(view)) {
        if (!item.object()) continue;
        auto& copy = listed.emplace_back(*item.raw());
        copy["source"] = source.name;
        copy["read_at"] = to_rfc3339(source.part->at);
        copy["state"] = state_at(source.part->at);
        oldest = std::min(oldest.value_or(source.part->at), source.part->at);
      }
    }
    json whole = {{"items", std::move(listed)}};
    if (!oldest) return absent(std::move(whole), join(path, "."));
    whole["at"] = to_rfc3339(*oldest);
    whole["state"] = state_at(*oldest);
    return whole;
  }

  json sources() const {
    auto list = json::array();
    for (const auto& [name, part] : sources_) {
      json one = {{"name", name}, {"state", baton::name(part->part)}};
      if (part->at != TimePoint{}) one["at"] = to_rfc3339(part->at);
      if (!part->reason.empty()) one["why"] = part->reason;
      const JsonView found(part->found);
      if (found["missing"].list()) one["missing"] = *found["missing"].raw();
      if (found["chosen"].object()) one["chosen"] = *found["chosen"].raw();
      if (const auto matches = found["matches"].integer()) one["matches"] = *matches;
      list.push_back(std::move(one));
    }
    return list;
  }

 private:
  const char* state_at(TimePoint read) const { return now_ - read > kFresh ? "stale" : "present"; }

  json present(json value, const Source& source) const {
    value["source"] = source.name;
    value["at"] = to_rfc3339(source.part->at);
    value["state"] = state_at(source.part->at);
    return value;
  }

  // Somebody who answered may have been refused just the part that says it.
  std::string why_not_read(std::string_view value) const {
    auto why = why_failed_;
    for (const auto& source : sources_) {
      for (const auto& gap : items(JsonView(source.part->found)["missing"])) {
        const auto part = gap["part"].text();
        if (part.empty() || !would_say(part, value)) continue;
        why += (why.empty() ? "" : "; ") + source.name + ": " + std::string(part) + ": " +
               std::string(gap["why"].text("it could not be read"));
      }
    }
    return why;
  }

  json absent(json value, std::string_view name) const {
    const auto why = why_not_read(name);
    value["state"] = why.empty() ? "missing" : "failed";
    value["why"] = why.empty() ? "no destination says it" : why;
    return value;
  }

  std::vector<Source> sources_;
  TimePoint now_;
  std::string why_failed_;
};

// What Baton itself knows of the defects comes first: it has counted the customers.
json with_defects(const Handoff& handoff, json list, TimePoint now) {
  auto items = json::array();
  std::set<std::string> addresses;
  const auto add = [&](const json& item) {
    const auto url = JsonView(item)["url"].text();
    if (url.empty() || addresses.insert(url).second) items.push_back(item);
  };
  for (const auto& met : handoff.defects) {
    if (!met.known.is_object()) continue;
    auto item = met.known;
    item["source"] = "baton";
    item["read_at"] = to_rfc3339(now);
    item["state"] = "present";
    add(item);
  }
  if (items.empty()) return list;
  // Beside what the trackers say, which may be old or could not be read at all, these are known for certain.
  const bool told = !list["items"].empty();
  json whole = {{"state", told ? list["state"] : json("present")},
                {"at", told ? list["at"] : json(to_rfc3339(now))}};
  for (const auto& item : list["items"]) add(item);
  whole["items"] = std::move(items);
  return whole;
}

json bare_items(json items) {
  for (auto& item : items) {
    item.erase("read_at");
    item.erase("state");
  }
  return items;
}

// {"value": x, ...} -> x, {"items": [...], ...} -> [...]; what is absent goes.
json bare(const json& section) {
  if (section.contains("items")) return bare_items(section["items"]);
  auto to = json::object();
  for (const auto& [key, part] : section.items()) {
    if (part.contains("value")) to[key] = part["value"];
    else if (part.contains("items") && !part["items"].empty()) to[key] = bare_items(part["items"]);
  }
  return to;
}

}  // namespace

json sections(const Handoff& handoff, TimePoint now) {
  const Merge merge(handoff, now);
  json all = {{"account", json::object()}, {"money", json::object()}, {"history", json::object()}};
  for (const auto* key : kAccount) all["account"][key] = merge.value("account", key);
  for (const auto* key : kMoney) all["money"][key] = merge.value("money", key);
  for (const auto* key : kMoneyLists) all["money"][key] = merge.list({"money", key});
  for (const auto* key : kHistoryLists) all["history"][key] = merge.list({"history", key});
  for (const auto* key : kContacts) all["history"][key] = merge.sum("history", key);
  all["people"] = merge.list({"people"});
  all["known_bugs"] = with_defects(handoff, merge.list({"known_bugs"}), now);
  all["sources"] = merge.sources();
  return all;
}

json known(const Handoff& handoff) {
  const auto all = sections(handoff, TimePoint{});
  auto to = json::object();
  for (const auto* key : {"account", "people", "money", "history", "known_bugs"}) to[key] = bare(all[key]);
  return to;
}

}  // namespace baton::handoff
