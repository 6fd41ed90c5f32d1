// Lists, their filters and pages, and the search that lags (fact sheet, sections 3 and 3.1).
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/stripe/simulator.h"
#include "gateway/base/text.h"

namespace baton::stripe::simulated {
namespace {

struct Filters {
  std::string_view object;
  std::string_view names;     // plain parameters, with spaces around each
  std::string_view statuses;  // those that `status` takes
};

constexpr auto kFilters = std::to_array<Filters>({
    {"customer", " email created test_clock ", ""},
    {"subscription", " customer status price plan collection_method created current_period_end test_clock ",
     " active past_due unpaid canceled incomplete incomplete_expired trialing paused ended all "},
    {"invoice", " customer subscription status collection_method created due_date ",
     " draft open paid uncollectible void "},
    {"invoice_payment", " invoice status payment created ", " open paid canceled "},
    {"payment_intent", " customer created ", ""},
    {"charge", " customer payment_intent created transfer_group ", ""},
    {"dispute", " charge payment_intent created ", ""},
    {"payment_method", " type allow_redisplay ", ""},
    {"event", " type types created delivery_success ", ""},
});

const Filters& filters_of(const Kind& kind) {
  return *std::find_if(kFilters.begin(), kFilters.end(),
                       [&](const Filters& filters) { return filters.object == kind.object; });
}

std::string_view base_of(std::string_view name) { return name.substr(0, name.find('[')); }

bool among(std::string_view names, std::string_view name) {
  return names.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

std::optional<long long> read_number(std::string_view text) {
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// created=1, created[gte]=1, due_date[lt]=...
bool within(const json& value, std::string_view name, std::string_view wanted) {
  const auto at = JsonView(value).integer();
  const auto bound = read_number(wanted);
  if (!at || !bound) return false;
  if (name.ends_with("[gte]")) return *at >= *bound;
  if (name.ends_with("[gt]")) return *at > *bound;
  if (name.ends_with("[lte]")) return *at <= *bound;
  if (name.ends_with("[lt]")) return *at < *bound;
  return *at == *bound;
}

bool has_status(const json& doc, std::string_view wanted) {
  const auto status = JsonView(doc)["status"].text();
  if (wanted == "all") return true;
  if (wanted == "ended") return status == "canceled" || status == "incomplete_expired";
  return status == wanted;
}

struct Page {
  std::size_t limit = 10;
  std::optional<Reply> refused;
};

Page read_limit(const Params& params) {
  Page page;
  const auto text = param(params, "limit");
  if (!text) return page;
  const auto number = read_number(*text);
  if (!number) page.refused = refuse(400, "Invalid integer: " + *text, "parameter_invalid_integer", "limit");
  if (number && (*number < 1 || *number > 100)) {
    page.refused = refuse(400, "This value must be between 1 and 100.", "parameter_invalid_integer", "limit");
  }
  if (number) page.limit = static_cast<std::size_t>(*number);
  return page;
}

}  // namespace

std::vector<const Object*> Account::newest_first(const Kind& kind) const {
  std::vector<const Object*> found;
  for (const auto& id : order_) {
    const auto& object = objects_.at(id);
    if (object.doc["object"] == kind.object && !object.deleted && object.doc["livemode"] == false) {
      found.push_back(&object);
    }
  }
  // Of those of one second the later made comes first.
  std::reverse(found.begin(), found.end());
  std::multimap<long long, const Object*, std::greater<>> sorted;
  for (const auto* object : found) sorted.emplace(object->doc["created"].get<long long>(), object);
  found.clear();
  for (const auto& [at, object] : sorted) found.push_back(object);
  return found;
}

std::optional<Reply> Account::check_params(const Kind& kind, const Params& params) const {
  const auto& filters = filters_of(kind);
  for (const auto& [name, value] : params) {
    const auto base = base_of(name);
    if (base == "expand" || base == "limit" || base == "starting_after" || base == "ending_before") continue;
    if (!among(filters.names, base)) {
      return refuse(400, "Received unknown parameter: " + name, "parameter_unknown", name);
    }
    if (base == "status" && !among(filters.statuses, value)) {
      return refuse(400, fmt::format("Invalid status: must be one of{}", filters.statuses), "", "status");
    }
    const auto* named = find_kind(base);
    if (!named) continue;
    const auto* object = find(value);
    if (!object || object->deleted || object->doc["object"] != base) {
      return refuse(400, fmt::format("No such {}: '{}'", base, value), "resource_missing", base);
    }
  }
  return std::nullopt;
}

bool Account::chosen(const Kind& kind, const json& doc, const Params& params) const {
  const JsonView view(doc);
  if (kind.object == "subscription" && !param(params, "status") && view["status"].text() == "canceled") {
    return false;  // left out unless they are asked for [3.2]
  }
  for (const auto& [name, value] : params) {
    const auto base = base_of(name);
    if (base == "limit" || base == "expand" || base == "starting_after" || base == "ending_before") continue;
    if (base == "created" || base == "due_date" || base == "current_period_end") {
      const auto* at = base == "current_period_end" ? nullptr : view[base].raw();
      if (!at || !within(*at, name, value)) return false;
    } else if (base == "status") {
      if (!has_status(doc, value)) return false;
    } else if (base == "subscription") {
      if (view.at_path("parent.subscription_details.subscription").text() != value) return false;
    } else if (base == "payment") {
      const auto field = name == "payment[type]" ? "payment.type" : "payment.payment_intent";
      if (view.at_path(field).text() != value) return false;
    } else if (base == "types") {
      continue;  // any of several, below
    } else if (base == "delivery_success") {
      if (value == "false") return false;  // all were delivered
    } else if (view[base].text() != value) {
      return false;  // the address too: case counts [3.1]
    }
  }
  const auto of_type = [&](const auto& pair) { return base_of(pair.first) == "types"; };
  if (!std::any_of(params.begin(), params.end(), of_type)) return true;
  return std::any_of(params.begin(), params.end(),
                     [&](const auto& pair) { return of_type(pair) && pair.second == view["type"].text(); });
}

Reply Account::list(const Kind& kind, const Params& params, std::string_view url,
                    const std::string& customer) {
  if (auto refused = forbidden(kind.permission)) return *std::move(refused);
  if (auto refused = check_params(kind, params)) return *std::move(refused);
  const auto page = read_limit(params);
  if (page.refused) return *page.refused;
  json found = json::array();
  if (kind.object == "event") {
    for (const auto& [id, event] : events_) {
      if (chosen(kind, event, params)) found.insert(found.begin(), event);
    }
  }
  for (const auto* object : newest_first(kind)) {
    if (!customer.empty() && object->doc["customer"] != customer) continue;
    if (chosen(kind, object->doc, params)) found.push_back(object->doc);
  }
  const auto position = [&](const std::string& id) {
    return static_cast<std::size_t>(
        std::find_if(found.begin(), found.end(), [&](const json& doc) { return doc["id"] == id; }) -
        found.begin());
  };
  std::size_t begin = 0, end = found.size();
  const auto after = param(params, "starting_after"), before = param(params, "ending_before");
  for (const auto& edge : {after, before}) {
    if (edge && position(*edge) == found.size()) {
      return refuse(400, fmt::format("No such {}: '{}'", kind.object, *edge), "resource_missing",
                    after ? "starting_after" : "ending_before");
    }
  }
  if (after) begin = position(*after) + 1;
  if (before) end = position(*before);
  const bool has_more = end - begin > page.limit;
  if (before && has_more) begin = end - page.limit;
  json data = json::array();
  for (auto i = begin; i < end && data.size() < page.limit; ++i) data.push_back(found[i]);
  return sent({{"object", "list"}, {"url", url}, {"has_more", has_more}, {"data", std::move(data)}}, params,
              true);
}

// --- search [3.1]

namespace {

struct Clause {
  std::string field;
  char sign = ':';
  std::string value;
  bool negated = false;
};

struct Query {
  std::vector<Clause> clauses;
  bool any = false;  // joined by OR
};

// field:'value', field~'part', -field:'value', created>1; an unreadable query is nullopt. A backslash before
// anything but a quote is refused: how one is escaped itself is unconfirmed.
std::optional<Query> read_query(std::string_view text) {
  Query query;
  bool saw_and = false;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    if (!query.clauses.empty()) {
      const bool is_or = text.starts_with("OR "), is_and = text.starts_with("AND ");
      if (!is_or && !is_and) return std::nullopt;
      (is_or ? query.any : saw_and) = true;
      if (query.any && saw_and) return std::nullopt;  // not both in one query
      text = trim(text.substr(is_or ? 3 : 4));
    }
    Clause clause;
    if (text.starts_with('-')) {
      clause.negated = true;
      text.remove_prefix(1);
    }
    const auto sign = text.find_first_of(":~<>");
    if (sign == std::string_view::npos || sign == 0) return std::nullopt;
    clause.field = text.substr(0, sign);
    clause.sign = text[sign];
    text.remove_prefix(sign + 1);
    if (text.starts_with('\'') || text.starts_with('"')) {
      const char quote = text.front();
      std::size_t i = 1;
      for (; i < text.size() && text[i] != quote; ++i) {
        if (text[i] == '\\') {
          if (i + 1 >= text.size() || (text[i + 1] != '\'' && text[i + 1] != '"')) return std::nullopt;
          ++i;
        }
        clause.value += text[i];
      }
      if (i >= text.size()) return std::nullopt;
      text.remove_prefix(i + 1);
    } else {
      const auto end = std::min(text.find(' '), text.size());
      clause.value = text.substr(0, end);
      text.remove_prefix(end);
    }
    if (clause.sign == '~' && clause.value.size() < 3) return std::nullopt;
    query.clauses.push_back(std::move(clause));
  }
  if (query.clauses.empty()) return std::nullopt;
  return query;
}

// ':' on a text: holds all these words in this order, without case. A word ends at what is no letter or
// digit.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all(1);
  for (const char c : to_lower(text)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (letter) {
      all.back() += c;
    } else if (!all.back().empty()) {
      all.emplace_back();
    }
  }
  if (all.back().empty()) all.pop_back();
  return all;
}

bool holds(const json& doc, const Clause& clause) {
  const JsonView view(doc);
  auto field = view[clause.field];
  if (clause.field.starts_with("metadata[")) {
    const auto from = clause.field.find_first_of("'\""), to = clause.field.find_last_of("'\"");
    if (from == std::string::npos || to <= from) return false;
    const auto key = clause.field.substr(from + 1, to - from - 1);
    return view["metadata"][key].text() == clause.value;
  }
  if (field.integer()) {
    const auto wanted = read_number(clause.value);
    if (!wanted) return false;
    const auto at = *field.integer();
    return clause.sign == '<' ? at < *wanted : clause.sign == '>' ? at > *wanted : at == *wanted;
  }
  if (clause.sign == '~') {
    return to_lower(field.text()).find(to_lower(clause.value)) != std::string::npos;
  }
  const auto have = words(field.text()), want = words(clause.value);
  return !want.empty() && std::search(have.begin(), have.end(), want.begin(), want.end()) != have.end();
}

bool searchable(const Kind& kind, std::string_view field) {
  if (field.starts_with("metadata[")) return true;
  if (kind.object == "customer") return among(" created email metadata name phone ", field);
  return among(" created metadata status customer amount currency total number subscription ", field);
}

}  // namespace

Reply Account::search(const Kind& kind, const Params& params, TimePoint now) {
  if (auto refused = forbidden(kind.permission)) return *std::move(refused);
  if (!simulation::flag_of(setup_, "search", true)) {
    return refuse(400, "Search is not available for merchants in your region.");
  }
  if (!param(params, "query")) {
    return refuse(400, "Missing required param: query.", "parameter_missing", "query");
  }
  for (const auto& [name, value] : params) {
    if (!among(" query limit page expand ", base_of(name))) {
      return refuse(400, "Received unknown parameter: " + name, "parameter_unknown", name);
    }
  }
  const auto page = read_limit(params);
  if (page.refused) return *page.refused;
  const auto query = read_query(*param(params, "query"));
  if (!query) return refuse(400, "We were unable to parse your search query.", "", "query");
  for (const auto& clause : query->clauses) {
    if (!searchable(kind, clause.field)) {
      return refuse(400,
                    fmt::format("Field `{}` is an unsupported search field for resource `{}`.", clause.field,
                                kind.plural),
                    "", "query");
    }
  }
  json found = json::array();
  const auto known = now - simulation::seconds_of(setup_, "search_lag", 60);
  for (const auto* object : newest_first(kind)) {
    const json* seen = nullptr;  // the last state that search knows of
    for (const auto& [at, doc] : object->history) {
      if (at <= known) seen = &doc;
    }
    if (!seen) continue;
    const auto fits = [&](const Clause& clause) { return holds(*seen, clause) != clause.negated; };
    const auto& all = query->clauses;
    if (query->any ? std::any_of(all.begin(), all.end(), fits) : std::all_of(all.begin(), all.end(), fits)) {
      found.push_back(*seen);
    }
  }
  const auto token = param(params, "page");
  const auto start = token ? read_number(*token).value_or(-1) : 0;
  if (start < 0) return refuse(400, "Invalid page.", "", "page");
  const auto begin = static_cast<std::size_t>(start);
  json data = json::array();
  for (auto i = begin; i < found.size() && data.size() < page.limit; ++i) data.push_back(found[i]);
  const auto end = begin + data.size();
  const bool has_more = end < found.size();
  return sent({{"object", "search_result"},
               {"url", fmt::format("/v1/{}/search", kind.plural)},
               {"has_more", has_more},
               {"next_page", has_more ? json(std::to_string(end)) : json()},
               {"data", std::move(data)}},
              params, true);
}

}  // namespace baton::stripe::simulated
