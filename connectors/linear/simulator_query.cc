// GraphQL documents, read tolerantly: types are not known, so that a field which this workspace does not hold
// is null instead of an error; documents are held against the vendor's schema elsewhere.
#include <algorithm>
#include <cstdlib>

#include "connectors/linear/simulator.h"
#include "gateway/base/text.h"

namespace baton::linear::simulated {
namespace {

constexpr int kDeepest = 24;

class Reader {
 public:
  Reader(std::string_view text, const json& variables) : text_(text), variables_(variables) {}

  std::optional<Query> read(std::string& why) {
    Query query;
    skip();
    if (peek() != '{') {
      const auto kind = word();
      if (kind != "query" && kind != "mutation") why = "Syntax Error: Unexpected " + kind;
      query.mutation = kind == "mutation";
      (void)word();
      if (peek() == '(') declare();
    }
    query.roots = selection(0);
    if (why.empty() && bad_) why = "Syntax Error: Unexpected end or character";
    if (why.empty() && at_ < text_.size()) why = "Syntax Error: one operation in a document";
    if (why.empty() && !absent_.empty())
      why = "Variable \"$" + absent_ + "\" of required type was not provided.";
    if (!why.empty()) return std::nullopt;
    return query;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip() {
    while (at_ < text_.size()) {
      if (peek() == '#') {
        while (at_ < text_.size() && peek() != '\n') ++at_;
      } else if (std::string_view(" \t\r\n,").find(peek()) != std::string_view::npos) {
        ++at_;
      } else {
        return;
      }
    }
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    skip();
    return true;
  }
  bool must(char wanted) {
    if (!take(wanted)) bad_ = true;
    return !bad_;
  }
  std::string word() {
    const auto start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '_')) ++at_;
    std::string found(text_.substr(start, at_ - start));
    skip();
    return found;
  }

  // ($id: String!, $names: [String!]! = [])
  void declare() {
    must('(');
    while (!bad_ && peek() == '$') {
      ++at_;
      const auto name = word();
      must(':');
      const auto start = at_;
      while (at_ < text_.size() && std::string_view("$)=").find(peek()) == std::string_view::npos) ++at_;
      auto type = text_.substr(start, at_ - start);
      while (!type.empty() && std::string_view(" ,\r\n\t").find(type.back()) != std::string_view::npos)
        type.remove_suffix(1);
      const bool required = type.ends_with('!');
      if (take('=')) {
        defaults_[name] = value(0);
      } else if (required && (!variables_.contains(name) || variables_[name].is_null())) {
        absent_ = name;
      }
    }
    must(')');
  }

  std::vector<Field> selection(int depth) {
    std::vector<Field> fields;
    if (depth > kDeepest || !must('{')) {
      bad_ = true;
      return fields;
    }
    while (!bad_ && peek() != '}') {
      if (take('.')) {  // "... on Issue {": what it holds belongs here
        if (!must('.') || !must('.') || word() != "on") bad_ = true;
        (void)word();
        for (auto& field : selection(depth + 1)) fields.push_back(std::move(field));
        continue;
      }
      Field field;
      field.name = field.alias = word();
      if (field.name.empty()) bad_ = true;
      if (take(':')) field.name = word();
      if (take('(')) {
        while (!bad_ && peek() != ')') {
          const auto name = word();
          if (name.empty() || !must(':')) bad_ = true;
          if (auto given = value(0); !given.is_discarded()) field.args[name] = std::move(given);
        }
        must(')');
      }
      if (peek() == '{') field.fields = selection(depth + 1);
      fields.push_back(std::move(field));
    }
    must('}');
    return fields;
  }

  // Discarded: a variable that was not given, as if the argument were not there.
  json value(int depth) {
    if (depth > kDeepest) bad_ = true;
    if (bad_) return nullptr;
    if (peek() == '$') {
      ++at_;
      const auto name = word();
      if (variables_.contains(name)) return variables_[name];
      return defaults_.contains(name) ? defaults_[name] : json(json::value_t::discarded);
    }
    if (peek() == '"') return string();
    if (take('[')) {
      json items = json::array();
      while (!bad_ && peek() != ']') items.push_back(value(depth + 1));
      must(']');
      return items;
    }
    if (take('{')) {
      json members = json::object();
      while (!bad_ && peek() != '}') {
        const auto name = word();
        if (name.empty() || !must(':')) bad_ = true;
        if (auto given = value(depth + 1); !given.is_discarded()) members[name] = std::move(given);
      }
      must('}');
      return members;
    }
    return literal();
  }

  json string() {
    const auto start = at_++;
    while (at_ < text_.size() && peek() != '"') at_ += peek() == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      bad_ = true;
      return nullptr;
    }
    ++at_;
    auto parsed = json::parse(text_.substr(start, at_ - start), nullptr, false);
    skip();
    if (parsed.is_discarded()) bad_ = true;
    return bad_ ? json() : parsed;
  }

  json literal() {
    const auto start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(peek())) ||
                                  std::string_view("_+-.").find(peek()) != std::string_view::npos))
      ++at_;
    const std::string found(text_.substr(start, at_ - start));
    skip();
    if (found.empty()) bad_ = true;
    auto parsed = json::parse(found, nullptr, false);
    return parsed.is_discarded() ? json(found) : parsed;  // an enum value is its name
  }

  std::string_view text_;
  const json& variables_;
  std::size_t at_ = 0;
  bool bad_ = false;
  std::string absent_;
  json defaults_ = json::object();
};

// "2026-11-20T12:00:00Z", or as far from now as "-P14D" says.
std::optional<TimePoint> read_time(const json& value, TimePoint now) {
  if (!value.is_string()) return std::nullopt;
  auto text = value.get<std::string>();
  const bool before = text.starts_with('-');
  if (before) text.erase(0, 1);
  if (!text.starts_with('P')) return simulation::read_iso(text);
  const auto digits = text.find_first_of("0123456789");
  if (digits == std::string::npos) return std::nullopt;
  const auto count = std::atoi(text.c_str() + digits);
  const Duration span = text.ends_with('D')   ? std::chrono::hours(24 * count)
                        : text.ends_with('H') ? std::chrono::hours(count)
                                              : std::chrono::minutes(count);
  return before ? now - span : now + span;
}

bool holds(const json& value, std::string_view op, const json& wanted, TimePoint now) {
  const auto text = value.is_string() ? value.get<std::string>() : "";
  const auto other = wanted.is_string() ? wanted.get<std::string>() : "";
  if (op == "eq") return value == wanted;
  if (op == "neq") return value != wanted;
  if (op == "in") return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  if (op == "nin") return std::find(wanted.begin(), wanted.end(), value) == wanted.end();
  if (op == "null") return value.is_null() == (wanted == true);
  if (op == "eqIgnoreCase") return equals_ignoring_case(text, other);
  if (op == "contains") return text.find(other) != std::string::npos;
  if (op == "containsIgnoreCase") return to_lower(text).find(to_lower(other)) != std::string::npos;
  if (op == "startsWith") return text.starts_with(other);
  const auto left = read_time(value, now), right = read_time(wanted, now);
  if (!left || !right) return false;
  return op == "gt"    ? *left > *right
         : op == "gte" ? *left >= *right
         : op == "lt"  ? *left < *right
                       : *left <= *right;
}

bool is_operator(std::string_view name) {
  static constexpr std::string_view kAll[] = {
      "eq",         "neq", "in",  "nin", "null", "eqIgnoreCase", "contains", "containsIgnoreCase",
      "startsWith", "gt",  "gte", "lt",  "lte"};
  return std::find(std::begin(kAll), std::end(kAll), name) != std::end(kAll);
}

}  // namespace

std::optional<Query> read_query(std::string_view document, const json& variables, std::string& why) {
  return Reader(document, variables).read(why);
}

// A property 0.1, an object 1, a connection `first` times what stands in it [5].
double cost_of(const Field& field) {
  if (field.fields.empty()) return 0.1;
  const bool connection = std::any_of(field.fields.begin(), field.fields.end(),
                                      [](const Field& inner) { return inner.name == "nodes"; });
  double inside = 0;
  for (const auto& inner : field.fields) inside += cost_of(inner);
  const auto first = JsonView(field.args)["first"].integer().value_or(50);
  return 1 + inside * (connection ? static_cast<double>(first) : 1.0);
}

json project(const json& value, const std::vector<Field>& fields) {
  if (fields.empty()) return value;
  if (value.is_array()) {
    json items = json::array();
    for (const auto& item : value) items.push_back(project(item, fields));
    return items;
  }
  if (!value.is_object()) return value;
  json chosen = json::object();
  for (const auto& field : fields)
    chosen[field.alias] = value.contains(field.name) ? project(value[field.name], field.fields) : json();
  return chosen;
}

bool matches(const json& entity, const json& filter, TimePoint now) {
  if (!filter.is_object()) return filter.is_null();
  const auto fits = [&](const json& one) { return matches(entity, one, now); };
  const auto member_fits = [&](const std::string& key, const json& wanted) {
    if (key == "and") return std::all_of(wanted.begin(), wanted.end(), fits);
    if (key == "or") return std::any_of(wanted.begin(), wanted.end(), fits);
    if (is_operator(key)) return holds(entity, key, wanted, now);
    if (!entity.is_object() || !entity.contains(key)) return matches(json(), wanted, now);
    const auto& member = entity[key];
    if (!member.is_object() || !member.contains("nodes")) return matches(member, wanted, now);
    const auto& nodes = member["nodes"];
    return std::any_of(nodes.begin(), nodes.end(), [&](const json& n) { return matches(n, wanted, now); });
  };
  for (const auto& [key, wanted] : filter.items()) {
    if (!member_fits(key, wanted)) return false;
  }
  return true;
}

}  // namespace baton::linear::simulated
