#include "gateway/handoff/context.h"

#include <array>
#include <set>
#include <utility>
#include <vector>

#include "gateway/base/date.h"

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
  json value(std::string_view section, std::string_view key) const {
    for (const auto& source : sources_) {
      const auto said = JsonView(source.part->found)[section][key];
      if (is_scalar(said)) return present({{"value", *said.raw()}}, source);
    }
    return absent(json::object());
  }

  // Added up over all who say it.
  json sum(std::string_view section, std::string_view key) const {
    std::int64_t total = 0;
    const Source* latest = nullptr;
    for (const auto& source : sources_) {
      const auto said = JsonView(source.part->found)[section][key].integer();
      if (!said) continue;
      total += *said;
      latest = &source;
    }
    if (!latest) return absent(json::object());
    return present({{"value", total}}, *latest);
  }

  json list(const std::vector<std::string_view>& path) const {
    auto listed = json::array();
    for (const auto& source : sources_) {
      auto view = JsonView(source.part->found);
      for (const auto key : path) view = view[key];
      for (const auto& item : items(view)) {
        if (!item.object()) continue;
        auto& copy = listed.emplace_back(*item.raw());
        copy["source"] = source.name;
      }
    }
    json whole = {{"items", std::move(listed)}};
    if (whole["items"].empty()) return absent(std::move(whole));
    whole["state"] = "present";
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
  json present(json value, const Source& source) const {
    value["source"] = source.name;
    value["at"] = to_rfc3339(source.part->at);
    value["state"] = now_ - source.part->at > kFresh ? "stale" : "present";
    return value;
  }
  json absent(json value) const {
    value["state"] = why_failed_.empty() ? "missing" : "failed";
    value["why"] = why_failed_.empty() ? "no destination says it" : why_failed_;
    return value;
  }

  std::vector<Source> sources_;
  TimePoint now_;
  std::string why_failed_;
};

// What Baton itself knows of the defects comes first: it has counted the customers.
json with_defects(const Handoff& handoff, json list) {
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
    add(item);
  }
  if (items.empty()) return list;
  for (const auto& item : list["items"]) add(item);
  return {{"items", std::move(items)}, {"state", "present"}};
}

// {"value": x, ...} -> x, {"items": [...], ...} -> [...]; what is absent goes.
json bare(const json& section) {
  if (section.contains("items")) return section["items"];
  auto to = json::object();
  for (const auto& [key, part] : section.items()) {
    if (part.contains("value")) to[key] = part["value"];
    else if (part.contains("items") && !part["items"].empty()) to[key] = part["items"];
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
  all["known_bugs"] = with_defects(handoff, merge.list({"known_bugs"}));
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
