// Queries over the org's records (fact sheet, section 3.1): fields that are not there or hidden fail the
// whole.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/salesforce/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::salesforce::simulated {
namespace {

constexpr std::size_t kPage = 2000;

std::size_t number_in(std::string_view text, std::size_t fallback) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? value : fallback;
}

// "batchSize=200" [3.1]
std::size_t batch_size(const Headers& headers) {
  const auto options = header(headers, "sforce-query-options");
  const auto at = options.find("batchSize=");
  return at == std::string_view::npos
             ? kPage
             : std::clamp<std::size_t>(number_in(trim(options.substr(at + 10)), kPage), 200, kPage);
}

bool compares(int order, std::string_view op) {
  if (op == "=" || op == "IN") return order == 0;
  if (op == "!=" || op == "NOT IN") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return op == ">=" && order >= 0;
}

int sign(std::string_view a, std::string_view b) { return a < b ? -1 : a > b ? 1 : 0; }

// How a record's value stands to a literal that fits its field; nullopt: not comparable.
std::optional<int> order_of(const FieldRule& rule, const json& value, const Literal& literal) {
  if (value.is_null() || literal.kind == Literal::Kind::null) {
    return value.is_null() == (literal.kind == Literal::Kind::null) ? std::optional(0) : std::nullopt;
  }
  if (rule.kind == Kind::flag) return value == (literal.value == "true") ? 0 : 1;
  if (rule.kind == Kind::number && value.is_number()) {
    double number = 0;
    (void)std::from_chars(literal.value.data(), literal.value.data() + literal.value.size(), number);
    const auto own = value.get<double>();
    return own < number ? -1 : own > number ? 1 : 0;
  }
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (rule.kind == Kind::id || rule.kind == Kind::reference) return same_id(text, literal.value) ? 0 : 1;
  if (rule.kind == Kind::instant)
    return sign(text, stamp(simulation::read_iso(literal.value).value_or(TimePoint{})));
  if (rule.kind == Kind::date || rule.name == kHandoffId) return sign(text, literal.value);
  return sign(to_lower(text), to_lower(literal.value));  // ordinary text ignores case
}

bool fits(const FieldRule& rule, const Literal& literal) {
  if (literal.kind == Literal::Kind::null) return true;
  switch (rule.kind) {
    case Kind::flag: return literal.kind == Literal::Kind::flag;
    case Kind::number: return literal.kind == Literal::Kind::number;
    case Kind::instant: return literal.kind == Literal::Kind::instant && simulation::read_iso(literal.value);
    case Kind::date: return literal.kind == Literal::Kind::date && simulation::read_iso(literal.value);
    case Kind::id:
    case Kind::text:
    case Kind::long_text:
    case Kind::email:
    case Kind::picklist:
    case Kind::reference: return literal.kind == Literal::Kind::text;
  }
  return false;
}

}  // namespace

json Org::attributes(const Object& object, const json& fields) const {
  return {
      {"type", object.name},
      {"url", fmt::format("/services/data/{}/sobjects/{}/{}", version_, object.name, text_at(fields, "Id"))}};
}

// "Account.Owner.Name": each part but the last is a reference without its "Id".
const FieldRule* Org::resolve(const Object& object, std::string_view path, std::string& why) const {
  const auto dot = path.find('.');
  const auto* here = &object;
  if (dot == std::string_view::npos) {
    const auto* rule = field(*here, path);
    if (!rule || rule->name == "Comments") {
      why = fmt::format("No such column '{}' on entity '{}'", path, object.name);
      return nullptr;
    }
    return rule;
  }
  const auto* reference = field(object, std::string(path.substr(0, dot)) + "Id");
  const auto* next = reference && reference->kind == Kind::reference
                         ? visible(split(reference->more, ',').front())
                         : nullptr;
  if (!next) {
    why = fmt::format("Didn't understand relationship '{}' in field path", path.substr(0, dot));
    return nullptr;
  }
  return resolve(*next, path.substr(dot + 1), why);
}

json Org::value_at(const Object& object, const Row& row, std::string_view path) const {
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) {
    const auto* rule = field(object, path);
    return rule ? row.fields.value(std::string(rule->name), json()) : json();
  }
  const auto* reference = field(object, std::string(path.substr(0, dot)) + "Id");
  const auto id = reference ? text_at(row.fields, reference->name) : "";
  const auto* next = find_object_by_id(id);
  const auto* parent = id.empty() || !next ? nullptr : find_row(next->name, id);
  return parent ? value_at(*next, *parent, path.substr(dot + 1)) : json();
}

std::optional<Reply> Org::check_condition(const Object& object, const Condition& condition) const {
  for (const auto& part : condition.parts) {
    if (auto refused = check_condition(object, part)) return refused;
  }
  if (condition.kind != Condition::Kind::comparison) return std::nullopt;
  std::string why;
  const auto* rule = resolve(object, condition.field, why);
  if (!rule) return refuse(400, "INVALID_FIELD", why);
  if (rule->kind == Kind::long_text) {
    return refuse(400, "INVALID_FIELD",
                  fmt::format("field '{}' can not be filtered in a query call", rule->name));
  }
  if (!condition.inner.empty()) {
    const auto& inner = condition.inner.front();
    const bool is_id = rule->kind == Kind::id || rule->kind == Kind::reference;
    if (!is_id || inner.fields.size() != 1)
      return refuse(400, "MALFORMED_QUERY", "semi join sub-selects compare one id");
    return check_query(inner);
  }
  for (const auto& literal : condition.values) {
    if (!fits(*rule, literal)) {
      return refuse(400, "INVALID_FIELD",
                    fmt::format("value of filter criterion for field '{}' must be of type {}", rule->name,
                                api_name(rule->kind)));
    }
    const bool is_id = rule->kind == Kind::id || rule->kind == Kind::reference;
    if (is_id && literal.kind == Literal::Kind::text && !looks_like_id(literal.value)) {
      return refuse(400, "INVALID_QUERY_FILTER_OPERATOR", fmt::format("invalid ID field: {}", literal.value));
    }
  }
  return std::nullopt;
}

std::optional<Reply> Org::check_query(const Query& query) const {
  const auto* object = visible(query.object);
  if (!object)
    return refuse(400, "INVALID_TYPE", fmt::format("sObject type '{}' is not supported.", query.object));
  std::string why;
  for (const auto& path : query.fields) {
    if (!resolve(*object, path, why)) return refuse(400, "INVALID_FIELD", why);
  }
  for (const auto& ordering : query.order) {
    const auto* rule = resolve(*object, ordering.field, why);
    if (!rule) return refuse(400, "INVALID_FIELD", why);
    if (rule->kind == Kind::long_text)
      return refuse(400, "MALFORMED_QUERY", "field can not be sorted in a query call");
  }
  return query.where ? check_condition(*object, *query.where) : std::nullopt;
}

bool Org::holds(const Object& object, const Row& row, const Condition& condition) const {
  const auto part_holds = [&](const Condition& part) { return holds(object, row, part); };
  const auto& parts = condition.parts;
  if (condition.kind == Condition::Kind::all) return std::all_of(parts.begin(), parts.end(), part_holds);
  if (condition.kind == Condition::Kind::any) return std::any_of(parts.begin(), parts.end(), part_holds);
  if (condition.kind == Condition::Kind::negation)
    return std::none_of(parts.begin(), parts.end(), part_holds);
  std::string why;
  const auto* rule = resolve(object, condition.field, why);
  const auto value = value_at(object, row, condition.field);
  if (!rule) return false;
  if (condition.op == "LIKE")
    return value.is_string() && is_like(value.get_ref<const std::string&>(), condition.values[0].value);
  if (!condition.inner.empty()) {
    const auto ids = ids_of(condition.inner.front());
    const bool is_in = value.is_string() && std::any_of(ids.begin(), ids.end(), [&](const auto& id) {
                         return same_id(id, value.get_ref<const std::string&>());
                       });
    return is_in == (condition.op == "IN");
  }
  const auto one_holds = [&](const Literal& literal) {
    const auto order = order_of(*rule, value, literal);
    // A value differs from null, and null from a value; it is not less or more.
    return order ? compares(*order, condition.op) : condition.op == "!=" || condition.op == "NOT IN";
  };
  const auto& values = condition.values;
  return condition.op == "NOT IN" ? std::all_of(values.begin(), values.end(), one_holds)
                                  : std::any_of(values.begin(), values.end(), one_holds);
}

// A parent that is not set is null, not an object.
json Org::projected(const Object& object, const Row& row, const Query& query) const {
  json record = {{"attributes", attributes(object, row.fields)}};
  for (const auto& path : query.fields) {
    const auto* from = &object;
    const auto* source = &row;
    auto* into = &record;
    std::string_view rest(path);
    for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
      const std::string step(rest.substr(0, dot));
      const auto* reference = field(*from, step + "Id");
      const auto id = text_at(source->fields, reference->name);
      const auto* target = id.empty() ? nullptr : find_object_by_id(id);
      source = target ? find_row(target->name, id) : nullptr;
      auto& parent = (*into)[std::string(reference->name.substr(0, reference->name.size() - 2))];
      if (!source) {
        into = nullptr;
        break;
      }
      from = target;
      if (parent.is_null()) parent = {{"attributes", attributes(*from, source->fields)}};
      into = &parent;
      rest.remove_prefix(dot + 1);
    }
    if (!into) continue;
    const auto* rule = field(*from, rest);
    if (rule) (*into)[std::string(rule->name)] = source->fields.value(std::string(rule->name), json());
  }
  return record;
}

// What is out of the user's sight is so for every way of asking, and with it its comments.
bool Org::is_seen(const Object& object, const Row& row, bool with_deleted) const {
  if (row.out_of_sight || (row.deleted && !with_deleted)) return false;
  const auto* parent =
      object.name == "CaseComment" ? find_row("Case", text_at(row.fields, "ParentId")) : nullptr;
  return !parent || !parent->out_of_sight;
}

// Of a semi-join, "ContactId IN (SELECT Id FROM Contact WHERE ...)".
std::vector<std::string> Org::ids_of(const Query& query) const {
  std::vector<std::string> ids;
  const auto* object = find_object(query.object);
  for (const auto& row : data_.tables.at(std::string(object->name))) {
    if (!is_seen(*object, row, false) || (query.where && !holds(*object, row, *query.where))) continue;
    if (auto id = value_at(*object, row, query.fields.front()); id.is_string())
      ids.push_back(id.get<std::string>());
  }
  return ids;
}

Reply Org::query(const Call& call) { return run_query(call, false); }
Reply Org::query_all(const Call& call) { return run_query(call, true); }

Reply Org::run_query(const Call& call, bool with_deleted) {
  const auto text = query_value(call.raw.target, "q");
  if (!text)
    return refuse(400, "MALFORMED_QUERY", "The query parameter 'q' is required or is not well encoded");
  if (text->size() > 100'000)
    return refuse(400, "QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100000 characters.");
  const auto query = read_soql(*text);
  if (!query) return refuse(400, "MALFORMED_QUERY", query.error().detail);
  if (auto refused = check_query(*query)) return *std::move(refused);
  const auto* object = find_object(query->object);
  std::vector<const Row*> rows;
  for (const auto& row : data_.tables[std::string(object->name)]) {
    if (is_seen(*object, row, with_deleted) && (!query->where || holds(*object, row, *query->where)))
      rows.push_back(&row);
  }
  std::sort(rows.begin(), rows.end(), [&](const Row* a, const Row* b) {
    for (const auto& ordering : query->order) {
      const auto left = value_at(*object, *a, ordering.field), right = value_at(*object, *b, ordering.field);
      if (left == right) continue;
      if (left.is_null() || right.is_null()) return left.is_null() != ordering.nulls_last;
      return ordering.descending ? right < left : left < right;
    }
    return a < b;  // as they stand
  });
  if (query->counts) {
    return simulation::json_reply(200,
                                  {{"totalSize", rows.size()}, {"done", true}, {"records", json::array()}});
  }
  std::vector<json> records;
  for (std::size_t i = query->offset; i < rows.size() && records.size() < query->limit.value_or(50'000);
       ++i) {
    records.push_back(projected(*object, *rows[i], *query));
  }
  cursors_.push_back(std::move(records));
  if (cursors_.size() > 200) cursors_.front().clear();
  return page(cursors_.size() - 1, 0, batch_size(call.raw.headers));
}

Reply Org::page(std::size_t cursor, std::size_t start, std::size_t size) {
  const auto& all = cursors_[cursor];
  json body = {{"totalSize", all.size()}, {"done", start + size >= all.size()}, {"records", json::array()}};
  for (auto i = start; i < all.size() && i < start + size; ++i) body["records"].push_back(all[i]);
  if (body["done"] == false) {
    body["nextRecordsUrl"] =
        fmt::format("/services/data/{}/query/01g{:012}AAA-{}-{}", version_, cursor, start + size, size);
  }
  return simulation::json_reply(200, body);
}

Reply Org::more(const Call& call) {
  const auto parts = split(call.args[0], '-');
  const bool sound = parts.size() == 3 && parts[0].size() == 18;
  const auto cursor = sound ? number_in(parts[0].substr(3, 12), cursors_.size()) : cursors_.size();
  if (cursor >= cursors_.size()) return refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
  return page(cursor, number_in(parts[1], 0),
              std::clamp<std::size_t>(number_in(parts[2], kPage), 200, kPage));
}

}  // namespace baton::salesforce::simulated
