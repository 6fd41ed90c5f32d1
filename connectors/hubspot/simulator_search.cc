// Search (fact sheet, section 3.1): filters over what the index knew some moments ago.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/hubspot/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::hubspot::simulated {
namespace {

constexpr std::size_t kMaxGroups = 5, kMaxFiltersPerGroup = 6, kMaxFilters = 18;  // the smaller numbers
constexpr std::size_t kMaxQueryChars = 3000, kMostResults = 10'000;
constexpr std::int64_t kMaxLimit = 200, kDefaultLimit = 10;

constexpr std::string_view kOperators[] = {"EQ",
                                           "NEQ",
                                           "LT",
                                           "LTE",
                                           "GT",
                                           "GTE",
                                           "BETWEEN",
                                           "IN",
                                           "NOT_IN",
                                           "HAS_PROPERTY",
                                           "NOT_HAS_PROPERTY",
                                           "CONTAINS_TOKEN",
                                           "NOT_CONTAINS_TOKEN"};

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens(1);
  for (const char c : to_lower(text)) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
    if (is_word) {
      tokens.back() += c;
    } else if (!tokens.back().empty()) {
      tokens.emplace_back();
    }
  }
  if (tokens.back().empty()) tokens.pop_back();
  return tokens;
}

// The words of one in the words of the other, in a row: an address is also found inside a longer one,
// which is why results have to be checked.
bool contains_tokens(std::string_view text, std::string_view wanted) {
  const auto all = tokens_of(text), part = tokens_of(wanted);
  return !part.empty() && std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end();
}

// Numbers and instants as numbers, else text without case.
std::optional<double> as_number(std::string_view text) {
  if (const auto at = simulation::read_iso(text)) return static_cast<double>(at->time_since_epoch().count());
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

int compare(std::string_view a, std::string_view b) {
  const auto left = as_number(a), right = as_number(b);
  if (left && right) return *left < *right ? -1 : *left > *right ? 1 : 0;
  return to_lower(a).compare(to_lower(b));
}

}  // namespace

std::optional<Reply> Account::check_search(const json& body) {
  const auto wrong = [this](std::string message) { return refuse(400, "VALIDATION_ERROR", message); };
  const JsonView view(body);
  if (!view.object()) return wrong("Invalid input JSON: an object is needed");
  if (count_code_points(view["query"].text()) > kMaxQueryChars)
    return wrong("query is longer than 3000 characters");
  const auto limit = view["limit"];
  if (!limit.missing() && (!limit.integer() || *limit.integer() < 0 || *limit.integer() > kMaxLimit)) {
    return wrong("limit must be between 0 and 200");
  }
  const auto groups = items(view["filterGroups"]);
  if (groups.size() > kMaxGroups) return wrong("There are too many filter groups");
  std::size_t all = 0;
  for (const auto group : groups) {
    const auto filters = group["filters"].list();
    if (!filters) return wrong("Invalid input JSON: a filter group needs filters");
    if (filters->size() > kMaxFiltersPerGroup) return wrong("There are too many filters in a group");
    all += filters->size();
    for (const auto filter : *filters) {
      const auto op = filter["operator"].text();
      if (std::find(std::begin(kOperators), std::end(kOperators), op) == std::end(kOperators)) {
        return wrong("Invalid input JSON: operator " + op);
      }
      if (filter["propertyName"].text().empty()) return wrong("Invalid input JSON: propertyName is needed");
      const bool is_list = op == "IN" || op == "NOT_IN";
      if (is_list && !filter["values"].list()) return wrong(op + " needs values");
      if (!is_list && !op.ends_with("HAS_PROPERTY") && !filter["value"].string())
        return wrong(op + " needs a value of text");
      if (op == "BETWEEN" && !filter["highValue"].string()) return wrong("BETWEEN needs highValue");
    }
  }
  if (all > kMaxFilters) return wrong("There are too many filters");
  return std::nullopt;
}

bool Account::passes(const Type& type, const std::string& id, const json& properties,
                     const json& filter) const {
  const JsonView view(filter);
  const auto name = view["propertyName"].text(), op = view["operator"].text(), wanted = view["value"].text();
  if (name.starts_with("associations.")) {
    const auto* to = find_type(std::string_view(name).substr(13));
    if (!to) return false;
    const auto linked = [&](const Link& link) {
      return link.from == &type && link.from_id == id && link.to == to && link.to_id == wanted;
    };
    return std::any_of(links_.begin(), links_.end(), linked);
  }
  const auto held = JsonView(properties)[name];
  const bool has = !held.missing() && !held.null();
  const auto text = held.text();
  if (op == "HAS_PROPERTY") return has;
  if (op == "NOT_HAS_PROPERTY") return !has;
  if (op == "NEQ") return !has || compare(text, wanted) != 0;
  if (op == "NOT_CONTAINS_TOKEN") return !contains_tokens(text, wanted);
  const auto values = items(view["values"]);
  const bool listed = std::any_of(values.begin(), values.end(),
                                  [&](const JsonView& v) { return compare(text, v.text()) == 0; });
  if (op == "NOT_IN") return !has || !listed;
  if (!has) return false;
  if (op == "EQ") return compare(text, wanted) == 0;
  if (op == "LT") return compare(text, wanted) < 0;
  if (op == "LTE") return compare(text, wanted) <= 0;
  if (op == "GT") return compare(text, wanted) > 0;
  if (op == "GTE") return compare(text, wanted) >= 0;
  if (op == "BETWEEN") return compare(text, wanted) >= 0 && compare(text, view["highValue"].text()) <= 0;
  if (op == "CONTAINS_TOKEN") return contains_tokens(text, wanted);
  return listed;  // IN
}

Reply Account::search(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  if (auto refused = check_search(call.body)) return *std::move(refused);
  const JsonView view(call.body);
  const auto lag = simulation::seconds_of(setup_, "search_lag", 10);
  const auto groups = items(view["filterGroups"]);
  std::vector<Object> found;
  for (const auto& [number, object] : objects_[std::string(type->plural)]) {
    Object indexed = object;
    indexed.properties = nullptr;
    for (const auto& [at, properties] : object.history) {
      if (at + lag <= call.now()) indexed.properties = properties, indexed.updated = at;
    }
    if (!indexed.properties.is_object()) continue;
    const auto* modified = type->plural == "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate";
    auto searchable = indexed.properties;
    searchable[modified] = simulation::iso_millis(indexed.updated);
    searchable["createdate"] = simulation::iso_millis(indexed.created);
    searchable["hs_object_id"] = indexed.id;
    const auto in_group = [&](const JsonView& group) {
      const auto filters = *group["filters"].list();
      return std::all_of(filters.begin(), filters.end(),
                         [&](const JsonView& f) { return passes(*type, indexed.id, searchable, *f.raw()); });
    };
    if (!groups.empty() && std::none_of(groups.begin(), groups.end(), in_group)) continue;
    const auto query = view["query"].text();
    if (!query.empty() && !contains_tokens(simulation::dump(indexed.properties), query)) continue;
    indexed.properties = std::move(searchable);
    found.push_back(std::move(indexed));
  }
  if (const auto sorts = view["sorts"].list(); sorts && !sorts->empty()) {
    const auto sort = sorts->front();
    const auto name = sort["propertyName"].text(sort.text("createdate"));
    const bool descending = sort["direction"].text() == "DESCENDING";
    std::sort(found.begin(), found.end(), [&](const Object& a, const Object& b) {
      const auto order = compare(JsonView(a.properties)[name].text(), JsonView(b.properties)[name].text());
      return order == 0 ? a.id < b.id : descending ? order > 0 : order < 0;
    });
  }
  std::vector<std::string> wanted;
  for (const auto item : items(view["properties"])) wanted.push_back(item.text());
  std::size_t start = 0;
  const auto after = view["after"].id().value_or("0");
  std::from_chars(after.data(), after.data() + after.size(), start);
  const auto limit = static_cast<std::size_t>(view["limit"].integer().value_or(kDefaultLimit));
  if (start + limit > kMostResults)
    return refuse(400, "VALIDATION_ERROR", "at most 10,000 results can be paged through");
  json body = {{"total", found.size()}, {"results", json::array()}};
  for (auto i = start; i < found.size() && i < start + limit; ++i)
    body["results"].push_back(render(*type, found[i], wanted));
  if (start + limit < found.size()) body["paging"]["next"] = {{"after", std::to_string(start + limit)}};
  return simulation::json_reply(200, body);
}

}  // namespace baton::hubspot::simulated
