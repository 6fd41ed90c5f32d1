// Searches: they lag, and they answer what they last saw (fact sheet, sections 3.1, 3.7, 4).
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/intercom/simulator.h"
#include "gateway/base/text.h"

namespace baton::intercom::simulated {
namespace {

constexpr std::size_t kMostFilters = 15;
constexpr int kMostPerPage = 150;

std::string as_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? std::string() : simulation::dump(value);
}

double as_number(const json& value) {
  if (value.is_number()) return value.get<double>();
  double number = 0;
  const auto text = as_text(value);
  (void)std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_date(std::string_view field) { return field.ends_with("_at") || field.ends_with("_since"); }

// The values that a field of the document has; several for a conversation's contacts and tags.
std::vector<json> values_of(const json& doc, const std::string& field) {
  const auto ids = [](const json& list) {
    std::vector<json> all;
    for (const auto& one : list) all.push_back(one["id"]);
    return all;
  };
  if (field == "contact_ids") return ids(doc["contacts"]["contacts"]);
  if (field == "tag_ids") return ids(doc["tags"]["tags"]);
  const JsonView found = JsonView(doc).at_path(field);
  return {found.missing() ? json() : *found.raw()};
}

// A date is compared by its whole day, in contacts [3.1, 10.11].
bool compare(std::string_view op, const std::string& field, const json& have, const json& want, bool by_day) {
  if (op == "=")
    return is_date(field) && by_day ? std::abs(as_number(have) - as_number(want)) < 86400
                                    : equals_ignoring_case(as_text(have), as_text(want));
  if (op == "!=") return !equals_ignoring_case(as_text(have), as_text(want));
  if (op == ">") return as_number(have) + (by_day && is_date(field) ? 86400 : 0) > as_number(want);
  if (op == "<") return as_number(have) < as_number(want);
  if (op == "~") return to_lower(as_text(have)).find(to_lower(as_text(want))) != std::string::npos;
  if (op == "^") return to_lower(as_text(have)).starts_with(to_lower(as_text(want)));
  if (op == "$") return to_lower(as_text(have)).ends_with(to_lower(as_text(want)));
  return false;
}

// Whether the query can be read at all: two levels, fifteen filters in a group [3.1].
std::optional<std::string> fault_of(const json& query, int depth,
                                    const std::vector<std::string_view>& fields) {
  const JsonView view(query);
  if (!view.object()) return "query is not an object";
  const auto op = view["operator"].text();
  if (op == "AND" || op == "OR") {
    const auto all = view["value"].list();
    if (!all) return "value of a group is not a list";
    if (depth >= 2) return "query is nested too deeply";
    if (all->empty() || all->size() > kMostFilters) return "a group holds one to fifteen filters";
    for (const auto one : *all) {
      if (auto fault = fault_of(*one.raw(), depth + 1, fields)) return fault;
    }
    return std::nullopt;
  }
  const auto field = view["field"].text();
  const auto known = std::find_if(fields.begin(), fields.end(), [&](std::string_view name) {
    return name.ends_with("*") ? field.starts_with(name.substr(0, name.size() - 1)) : field == name;
  });
  if (known == fields.end()) return fmt::format("'{}' is not a searchable field", field);
  const bool date = is_date(field);
  if (op == ">" || op == "<" || op == "=" ||
      (!date &&
       (op == "!=" || op == "~" || op == "^" || op == "$" || op == "!~" || op == "IN" || op == "NIN"))) {
    return view["value"].missing() ? std::optional<std::string>("a filter has no value") : std::nullopt;
  }
  return fmt::format("operator '{}' is not supported for {}", op, field);
}

bool holds(const json& query, const json& doc, bool by_day) {
  const JsonView view(query);
  const auto op = view["operator"].text();
  if (op == "AND" || op == "OR") {
    const auto each = [&](const json& one) { return holds(one, doc, by_day); };
    const auto& all = query["value"];
    return op == "AND" ? std::all_of(all.begin(), all.end(), each)
                       : std::any_of(all.begin(), all.end(), each);
  }
  const auto field = view["field"].text();
  const auto have = values_of(doc, field);
  const auto any = [&](std::string_view with, const json& want) {
    return std::any_of(have.begin(), have.end(),
                       [&](const json& one) { return compare(with, field, one, want, by_day); });
  };
  const auto& want = query["value"];
  if (op == "IN" || op == "NIN") {
    const bool in =
        want.is_array() && std::any_of(want.begin(), want.end(), [&](const json& w) { return any("=", w); });
    return in == (op == "IN");
  }
  if (op == "!~") return !any("~", want);
  return any(op, want);
}

}  // namespace

// What the index knows: the last state that is at least search_lag old; null if it does not know of it yet.
json Workspace::as_searched(const Kept& kept, TimePoint now) const {
  json seen;
  for (const auto& [at, doc] : kept.history) {
    if (at + search_lag_ <= now || at == TimePoint{}) seen = doc;
  }
  return seen;
}

Reply Workspace::search(const Call& call, std::vector<json> seen, std::string_view list_type,
                        std::string_view key, int fallback_size) {
  const auto asked = member(call.body, "pagination");
  const auto size = static_cast<std::size_t>(std::clamp<std::int64_t>(
      JsonView(asked)["per_page"].integer().value_or(fallback_size), 1, kMostPerPage));
  // The cursor is opaque: here the number of what was shown.
  std::size_t start = 0;
  const auto after = JsonView(asked)["starting_after"].text();
  (void)std::from_chars(after.data(), after.data() + after.size(), start);
  std::sort(seen.begin(), seen.end(), [](const json& a, const json& b) {
    return a["updated_at"] == b["updated_at"] ? a["id"] < b["id"] : b["updated_at"] < a["updated_at"];
  });
  json shown = json::array();
  for (auto i = std::min(start, seen.size()); i < seen.size() && shown.size() < size; ++i)
    shown.push_back(seen[i]);
  json pages = {{"type", "pages"},
                {"page", start / size + 1},
                {"per_page", size},
                {"total_pages", (seen.size() + size - 1) / size}};
  if (start < seen.size() && seen.size() - start > size) {
    pages["next"] = {{"page", start / size + 2}, {"starting_after", std::to_string(start + size)}};
  }
  json body = {{"type", list_type}, {"total_count", seen.size()}, {"pages", std::move(pages)}};
  body[std::string(key)] = std::move(shown);
  return simulation::json_reply(200, body);
}

Reply Workspace::search_contacts(const Call& call) {
  const json query = call.body.value("query", json());
  if (const auto fault = fault_of(query, 0,
                                  {"id", "role", "name", "email", "phone", "external_id", "created_at",
                                   "updated_at", "custom_attributes.*"})) {
    return invalid(*fault);
  }
  std::vector<json> found;
  for (const auto& [id, one] : contacts_) {
    auto doc = as_searched(one, call.now());
    if (doc.is_object() && doc["archived"] != true && !doc.contains("merged_into") &&
        holds(query, doc, true)) {
      found.push_back(std::move(doc));
    }
  }
  return search(call, std::move(found), "list", "data", 50);
}

Reply Workspace::search_conversations(const Call& call) {
  const json query = call.body.value("query", json());
  // That custom attributes can be searched is unconfirmed, so they cannot be [3.7].
  if (const auto fault = fault_of(
          query, 0,
          {"id", "contact_ids", "state", "open", "created_at", "updated_at", "team_assignee_id",
           "admin_assignee_id", "tag_ids", "source.*", "ai_agent.*", "ai_agent_participated", "priority"})) {
    return invalid(*fault);
  }
  std::vector<json> found;
  for (const auto& [id, one] : conversations_) {
    auto doc = as_searched(one, call.now());
    if (!one.deleted && doc.is_object() && holds(query, doc, false)) found.push_back(std::move(doc));
  }
  return search(call, std::move(found), "conversation.list", "conversations", 20);
}

Reply Workspace::search_tickets(const Call& call) {
  const json query = call.body.value("query", json());
  if (const auto fault =
          fault_of(query, 0,
                   {"id", "contact_ids", "open", "state", "created_at", "updated_at", "title",
                    "ticket_type_id", "admin_assignee_id", "team_assignee_id", "ticket_attribute.*"})) {
    return invalid(*fault);
  }
  std::vector<json> found;
  for (const auto& [id, one] : tickets_) {
    auto doc = as_searched(one, call.now());
    if (!doc.is_object()) continue;
    // A ticket's attributes are searched by the attribute's id, not by its name [3.7].
    auto searched = doc;
    for (const auto& attribute : doc["ticket_type"]["ticket_type_attributes"]["data"]) {
      const auto& name = attribute["name"].get_ref<const std::string&>();
      searched["ticket_attribute"][attribute["id"].get<std::string>()] =
          doc["ticket_attributes"].value(name, json());
    }
    searched["state"] = doc["ticket_state"]["category"];
    searched["ticket_type_id"] = doc["ticket_type"]["id"];
    if (holds(query, searched, false)) found.push_back(std::move(doc));
  }
  return search(call, std::move(found), "ticket.list", "tickets", 20);
}

}  // namespace baton::intercom::simulated
