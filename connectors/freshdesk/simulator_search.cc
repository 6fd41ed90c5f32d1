// Search and pages (fact sheet, section 3.5): what search knows is as old as its index.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/freshdesk/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::freshdesk::simulated {
namespace {

constexpr std::size_t kMaxQueryChars = 512;
constexpr int kSearchPage = 30, kSearchPages = 10, kListPages = 300, kMostPerPage = 100;
constexpr int kDeepest = 20;  // of parentheses

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// expression = term { ("AND" | "OR") term }, evaluated from the left; term = "(" expression ")" | field op
// value.
class Query {
 public:
  Query(std::string_view text, const json& doc) : text_(text), doc_(doc) {}

  std::optional<bool> run() {
    auto value = expression(0);
    skip();
    return text_.empty() ? value : std::nullopt;
  }

 private:
  void skip() { text_ = text_.substr(std::min(text_.find_first_not_of(' '), text_.size())); }
  bool eat(std::string_view word) {
    skip();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  std::optional<bool> expression(int depth) {
    auto left = term(depth);
    while (left) {
      const bool both = eat("AND ");
      if (!both && !eat("OR ")) break;
      const auto right = term(depth);
      if (!right) return std::nullopt;
      left = both ? *left && *right : *left || *right;
    }
    return left;
  }

  std::optional<bool> term(int depth) {
    if (depth > kDeepest) return std::nullopt;
    if (eat("(")) {
      const auto inner = expression(depth + 1);
      return inner && eat(")") ? inner : std::nullopt;
    }
    skip();
    const auto colon = text_.find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    const auto field = text_.substr(0, colon);
    if (field.find_first_of(" ()'\"") != std::string_view::npos) return std::nullopt;
    text_.remove_prefix(colon + 1);
    const char op = !text_.empty() && (text_[0] == '>' || text_[0] == '<') ? text_[0] : '=';
    if (op != '=') text_.remove_prefix(1);
    const auto wanted = value();
    return wanted ? compare(field, op, *wanted) : std::nullopt;
  }

  std::optional<std::string> value() {
    if (eat("'")) {
      const auto end = text_.find('\'');
      if (end == std::string_view::npos) return std::nullopt;
      std::string quoted(text_.substr(0, end));
      text_.remove_prefix(end + 1);
      return quoted;
    }
    const auto end = std::min(text_.find_first_of(" )"), text_.size());
    std::string plain(text_.substr(0, end));
    text_.remove_prefix(end);
    return plain.empty() ? std::nullopt : std::optional(plain);
  }

  std::optional<bool> compare(std::string_view field, char op, const std::string& wanted) const {
    const JsonView view(doc_);
    if (field == "tag") {
      for (const auto tag : items(view["tags"])) {
        if (tag.text() == wanted) return true;
      }
      return false;
    }
    const auto name = field == "agent_id" ? std::string_view("responder_id") : field;
    const auto found = name.starts_with("cf_") ? view["custom_fields"][name] : view[name];
    if (wanted == "null") return found.missing() || found.null();
    if (found.integer()) {
      const auto right = number(wanted);
      if (!right) return std::nullopt;
      return op == '>'   ? *found.integer() >= *right
             : op == '<' ? *found.integer() <= *right
                         : *found.id() == wanted;
    }
    const bool is_day =
        name == "created_at" || name == "updated_at" || name == "due_by" || name == "fr_due_by";
    const auto left = is_day ? found.text().substr(0, 10) : found.text();
    return op == '>' ? left >= wanted : op == '<' ? left <= wanted : equals_ignoring_case(left, wanted);
  }

  std::string_view text_;
  const json& doc_;
};

}  // namespace

std::optional<bool> query_matches(std::string_view query, const json& doc) { return Query(query, doc).run(); }

Reply Account::search_tickets(const Call& call) {
  const auto quoted = call.query("query");
  const auto wrong = [](std::string_view why) { return invalid(400, "query", why, "invalid_value"); };
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') {
    return wrong("It should be a string within double quotes");
  }
  const auto query = std::string_view(quoted).substr(1, quoted.size() - 2);
  if (count_code_points(query) > kMaxQueryChars) return wrong("Has too many characters, it can have 512");
  const auto at = call.query("page").empty() ? std::optional(1) : number(call.query("page"));
  if (!at || *at < 1 || *at > kSearchPages)
    return invalid(400, "page", "It should be between 1 and 10", "invalid_value");
  const json probe = {{"tags", json::array()}};
  if (!query_matches(query, probe)) return wrong("The query is invalid");
  const auto lag = simulation::seconds_of(setup_, "search_lag", 180);
  std::vector<json> found;
  for (const auto& [id, ticket] : tickets_) {
    const json* indexed = nullptr;
    for (const auto& [changed, doc] : ticket.history) {
      if (changed + lag <= call.now()) indexed = &doc;
    }
    if (!indexed || ticket.deleted) continue;
    const auto fits = query_matches(query, *indexed);
    if (!fits) return wrong("The query is invalid");
    if (*fits) found.push_back(*indexed);
  }
  std::reverse(found.begin(), found.end());
  json shown = json::array();
  const auto start = static_cast<std::size_t>((*at - 1) * kSearchPage);
  for (auto i = start; i < found.size() && i < start + kSearchPage; ++i) shown.push_back(found[i]);
  return simulation::json_reply(200, {{"total", found.size()}, {"results", std::move(shown)}});
}

// The next page stands in the header Link while there is one.
Reply Account::page(const Call& call, json items, int per_page_default) {
  const auto asked = call.query("per_page"), at_text = call.query("page");
  const auto size = asked.empty() ? std::optional(per_page_default) : number(asked);
  const auto at = at_text.empty() ? std::optional(1) : number(at_text);
  if (!size || *size < 1 || *size > kMostPerPage) {
    return invalid(400, "per_page", "It should be a Positive Integer less than or equal to 100",
                   "invalid_value");
  }
  if (!at || *at < 1 || *at > kListPages) {
    return invalid(400, "page", "It should be a Positive Integer up to 300", "invalid_value");
  }
  json shown = json::array();
  const auto start = static_cast<std::size_t>(*at - 1) * static_cast<std::size_t>(*size);
  const auto end = std::min(items.size(), start + static_cast<std::size_t>(*size));
  for (auto i = start; i < end; ++i) shown.push_back(items[i]);
  auto reply = simulation::json_reply(200, shown);
  if (end < items.size() && start < items.size()) {
    std::string kept;  // the rest of the query
    const std::string_view target(call.raw.target);
    const auto mark = target.find('?');
    for (const auto pair : split(mark == std::string_view::npos ? "" : target.substr(mark + 1), '&')) {
      if (!pair.empty() && !pair.starts_with("page=")) kept += "&" + std::string(pair);
    }
    reply.headers["link"] =
        fmt::format("<{}{}?page={}{}>; rel=\"next\"", self_url_, call.path, *at + 1, kept);
  }
  return reply;
}

}  // namespace baton::freshdesk::simulated
