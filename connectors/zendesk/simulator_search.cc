// Search and pages (fact sheet, sections 3.4, 3.7): what search knows is as old as its index.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/zendesk/simulator.h"
#include "gateway/base/text.h"

namespace baton::zendesk::simulated {
namespace {

constexpr std::size_t kMostResults = 1000;
constexpr std::size_t kMostPerPage = 100;

// -tags:"a b", status<solved, word
struct Term {
  bool negated = false;
  std::string key;  // empty: a word
  std::string op;
  std::string value;
};

std::vector<Term> read_terms(std::string_view query) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : query) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  std::vector<Term> terms;
  for (auto& word : words) {
    if (word.empty()) continue;
    Term term;
    term.negated = word[0] == '-';
    if (term.negated) word.erase(0, 1);
    const auto at = word.find_first_of(":<>");
    if (at == std::string::npos) {
      term.value = word;
    } else {
      term.key = word.substr(0, at);
      const std::size_t length = word.substr(at, 2) == "<=" || word.substr(at, 2) == ">=" ? 2 : 1;
      term.op = word.substr(at, length);
      term.value = word.substr(at + length);
    }
    terms.push_back(std::move(term));
  }
  return terms;
}

template <class T>
bool compare(const T& left, std::string_view op, const T& right) {
  if (op == "<") return left < right;
  if (op == "<=") return left <= right;
  if (op == ">") return left > right;
  if (op == ">=") return left >= right;
  return left == right;
}

std::size_t number(std::string_view text, std::size_t fallback) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && !text.empty() && end == text.data() + text.size() ? value : fallback;
}

}  // namespace

int status_rank(std::string_view status) {
  constexpr std::string_view kOrder[] = {"new", "open", "pending", "hold", "solved", "closed"};
  const auto* const found = std::find(std::begin(kOrder), std::end(kOrder), status);
  return found == std::end(kOrder) ? -1 : static_cast<int>(found - kOrder);
}

Reply Account::search(const Call& call) {
  const auto query = call.query("query");
  if (query.empty()) return refuse(422, "InvalidSearch", "query is needed");
  const auto lag = simulation::seconds_of(setup_, "search_lag", 120);
  const auto terms = read_terms(query);
  const auto fits = [&](const json& doc, const Term& term) {
    const JsonView view(doc);
    if (term.key.empty()) {
      const auto text = to_lower(view["subject"].text() + " " + view["description"].text());
      return text.find(to_lower(term.value)) != std::string::npos;
    }
    if (term.key == "type") return term.value == "ticket" || view["type"].text() == term.value;
    if (term.key == "status")
      return compare(status_rank(view["status"].text()), term.op, status_rank(term.value));
    if (term.key == "created" || term.key == "updated") {
      const auto at = simulation::read_iso(view[term.key + "_at"].text()),
                 wanted = simulation::read_iso(term.value);
      return at && wanted && compare(*at, term.op, *wanted);
    }
    if (term.key == "tags") {
      const auto& tags = doc["tags"];
      return std::find(tags.begin(), tags.end(), term.value) != tags.end();
    }
    if (term.key == "group") {
      const auto same = [&](const json& g) {
        return g["id"] == doc["group_id"] &&
               equals_ignoring_case(g["name"].get_ref<const std::string&>(), term.value);
      };
      return view["group_id"].id() == term.value || std::any_of(groups_.begin(), groups_.end(), same);
    }
    if (term.key == "requester" || term.key == "assignee") {
      const auto id = view[term.key + "_id"].id().value_or("");
      if (id == term.value) return true;
      auto* user = find_user_by("email", term.value);
      if (!user) user = find_user_by("name", term.value);
      return user && JsonView(*user)["id"].id() == id;
    }
    return view[term.key].id().value_or("") == term.value;
  };
  std::vector<json> found;
  for (const auto& [id, ticket] : tickets_) {
    const json* indexed = nullptr;
    for (const auto& [at, doc] : ticket.history) {
      if (at + lag <= call.now()) indexed = &doc;
    }
    if (!indexed || ticket.deleted) continue;
    const auto matches = [&](const Term& term) { return fits(*indexed, term) != term.negated; };
    if (!std::all_of(terms.begin(), terms.end(), matches)) continue;
    found.push_back(*indexed);
    found.back()["result_type"] = "ticket";
  }
  const auto key = call.query("sort_by") == "created_at" ? "created_at" : "updated_at";
  const bool ascending = call.query("sort_order") == "asc";
  std::sort(found.begin(), found.end(), [&](const json& a, const json& b) {
    const auto& first = ascending ? a : b;
    const auto& second = ascending ? b : a;
    return first[key] == second[key] ? first["id"] < second["id"] : first[key] < second[key];
  });
  const auto per_page =
      std::clamp<std::size_t>(number(call.query("per_page"), kMostPerPage), 1, kMostPerPage);
  if (number(call.query("page"), 1) * per_page > kMostResults) {
    return refuse(422, "InvalidSearch", "Search Response Limits: at most 1000 results");
  }
  return page(call, "results", json(found));
}

// A page by cursor if page[size] is given, else by number.
Reply Account::page(const Call& call, std::string_view key, json items) {
  const auto asked = query_value(call.raw.target, "page[size]");
  const auto size =
      std::clamp<std::size_t>(number(asked ? *asked : call.query("per_page"), kMostPerPage), 1, kMostPerPage);
  const auto start = asked ? number(call.query("page[after]"), 0)
                           : (std::max<std::size_t>(1, number(call.query("page"), 1)) - 1) * size;
  json shown = json::array();
  for (auto i = start; i < items.size() && i < start + size; ++i) shown.push_back(items[i]);
  const bool more = start + size < items.size();
  json body = {{std::string(key), std::move(shown)}};
  const auto base = self_url_ + std::string(path_of(call.raw.target));
  if (asked) {
    const auto next = fmt::format("{}?page%5Bsize%5D={}&page%5Bafter%5D={}", base, size, start + size);
    body["meta"] = {{"has_more", more}, {"after_cursor", more ? json(std::to_string(start + size)) : json()}};
    body["links"] = {{"next", more ? json(next) : json()}, {"prev", nullptr}};
  } else {
    std::string kept;  // the rest of the query
    const auto target = std::string_view(call.raw.target);
    const auto mark = target.find('?');
    for (const auto pair : split(mark == std::string_view::npos ? "" : target.substr(mark + 1), '&')) {
      if (!pair.empty() && !pair.starts_with("page=")) kept += "&" + std::string(pair);
    }
    body["count"] = items.size();
    body["next_page"] = more ? json(fmt::format("{}?page={}{}", base, start / size + 2, kept)) : json();
    body["previous_page"] = nullptr;
  }
  return simulation::json_reply(200, body);
}

}  // namespace baton::zendesk::simulated
