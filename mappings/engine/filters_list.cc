// The filters of Liquid that work on lists.
#include <algorithm>
#include <list>
#include <optional>
#include <unordered_set>

#include "gateway/base/text.h"
#include "mappings/engine/filters.h"
#include "mappings/engine/number.h"

namespace baton::mappings {
namespace {

void flatten(const Value& value, Run& run, std::vector<Value>& out, int depth = 0) {
  if (!value.is_list()) {
    out.push_back(value);
    return;
  }
  for (std::int64_t i = 0; depth <= kMaxDepth && i < count(value) && run.spend(); ++i) {
    flatten(item(value, i), run, out, depth + 1);
  }
}

// Lists are flattened; an object is one item; nil is none; anything else is a list of itself.
std::vector<Value> items_of(const FilterInput& in) {
  std::vector<Value> items;
  if (in.value.nil()) return items;
  if (in.value.kind() != Kind::range) {
    flatten(in.value, in.run, items);
  } else if (in.run.spend(static_cast<std::size_t>(count(in.value)))) {
    each_item(in.value, in.run.arena(), SIZE_MAX >> 1, items);
  }
  return items;
}

Value made_list(const FilterInput& in, std::vector<Value> items) {
  in.run.arena().charge(items.size() * sizeof(Value));
  auto* list = in.run.arena().list();
  list->items = std::move(items);
  return Value::of(list);
}

// item[property], as Ruby reads it: a member of an object, a part of a text. `skip`: the item knows
// no such question, and the whole filter yields nil.
struct Property {
  Value value;
  bool skip = false;
};

Property property_of(const Value& item, const Value& property, const FilterInput& in) {
  if (item.is_object()) return {property.is_text() ? member(item, property.text()) : Value()};
  if (item.is_loop() && property.is_text()) return {member(item, property.text())};
  if (item.is_text()) {
    if (!property.is_text()) {
      if (!property.nil()) in.fail("cannot select a text's property by what is no text");
      return {{}, true};
    }
    const bool found = item.text().find(property.text()) != std::string_view::npos;
    return {found ? property : Value()};
  }
  if (item.kind() == Kind::integer && property.kind() == Kind::integer) {  // Ruby reads a bit
    const auto bit = std::clamp<std::int64_t>(property.integer(), 0, 63);
    return {Value::of(property.integer() < 0 ? 0 : item.integer() >> bit & 1)};
  }
  if (item.kind() != Kind::integer && !item.is_list()) return {{}, true};
  in.fail("cannot select the property '" + std::string(to_text(property, in.run.arena())) +
          "' of a number or list");
  return {{}, true};
}

// Which items have the property, or have it with that value; nothing if the question makes no sense.
std::optional<std::vector<bool>> selected(const std::vector<Value>& items, const FilterInput& in) {
  std::vector<bool> chosen;
  for (const auto& item : items) {
    const auto found = property_of(item, in.argument(0), in);
    if (found.skip) return std::nullopt;
    chosen.push_back(in.argument(1).nil() ? found.value.truthy() : equal(found.value, in.argument(1)));
  }
  return chosen;
}

Value filtered(const FilterInput& in, bool wanted) {
  const auto items = items_of(in);
  const auto chosen = selected(items, in);
  if (!chosen) {
    // Ruby cannot ask a text for nil; only `reject` is known to go on with nothing.
    if (wanted && in.argument(0).nil() && std::ranges::any_of(items, &Value::is_text)) {
      return in.fail("cannot select the items of a list of texts by nil");
    }
    return {};
  }
  std::vector<Value> kept;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if ((*chosen)[i] == wanted) kept.push_back(items[i]);
  }
  return made_list(in, std::move(kept));
}

Value where(const FilterInput& in) { return filtered(in, true); }
Value reject(const FilterInput& in) { return filtered(in, false); }

// The first item that fits; the items before it are all that is asked.
struct Search {
  bool skip = false;
  std::optional<std::size_t> index;
};

Search first_match(const std::vector<Value>& items, const FilterInput& in) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto found = property_of(items[i], in.argument(0), in);
    if (found.skip) return {true, std::nullopt};
    if (in.argument(1).nil() ? found.value.truthy() : equal(found.value, in.argument(1))) return {false, i};
  }
  return {};
}

Value has(const FilterInput& in) {
  const auto search = first_match(items_of(in), in);
  return search.skip ? Value() : Value::of(search.index.has_value());
}

Value find(const FilterInput& in) {
  const auto items = items_of(in);
  const auto search = first_match(items, in);
  return search.index ? items[*search.index] : Value();
}

Value find_index(const FilterInput& in) {
  const auto search = first_match(items_of(in), in);
  return search.index ? Value::of(static_cast<std::int64_t>(*search.index)) : Value();
}

Value map(const FilterInput& in) {
  std::vector<Value> mapped;
  for (const auto& item : items_of(in)) mapped.push_back(property_of(item, in.argument(0), in).value);
  return made_list(in, std::move(mapped));
}

Value compact(const FilterInput& in) {
  std::vector<Value> kept;
  for (const auto& item : items_of(in)) {
    const auto found =
        in.has(0) && !in.argument(0).nil() ? property_of(item, in.argument(0), in) : Property{item};
    if (found.skip) return {};
    if (!found.value.nil()) kept.push_back(item);
  }
  return made_list(in, std::move(kept));
}

// Ruby's <=>; nothing where two values have no order.
std::optional<int> compare(const Value& a, const Value& b, int depth = 0) {
  const auto sign = [](bool is_less, bool is_more) { return is_less ? -1 : is_more ? 1 : 0; };
  if (a.is_number() && b.is_number()) {
    const auto left = to_number(a);
    const auto right = to_number(b);
    return sign(less(left, right), less(right, left));
  }
  if (a.is_text() && b.is_text()) return sign(a.text() < b.text(), b.text() < a.text());
  if (a.is_list() && b.is_list() && depth < kMaxDepth) {
    for (std::int64_t i = 0; i < std::min(count(a), count(b)); ++i) {
      const auto order = compare(item(a, i), item(b, i), depth + 1);
      if (!order || *order != 0) return order;
    }
    return sign(count(a) < count(b), count(b) < count(a));
  }
  if (equal(a, b)) return 0;
  return std::nullopt;
}

int compare_case_insensitive(const Value& a, const Value& b, Run& run) {
  const auto left = to_lower(to_text(a, run.arena()));
  const auto right = to_lower(to_text(b, run.arena()));
  return left < right ? -1 : right < left ? 1 : 0;
}

Value sorted(const FilterInput& in, bool natural) {
  const auto items = items_of(in);
  // Key and item. A list, because it sorts stably, and safely whatever a comparison answers.
  std::list<std::pair<Value, Value>> keyed;
  for (const auto& item : items) {
    const auto key =
        in.has(0) && !in.argument(0).nil() ? property_of(item, in.argument(0), in) : Property{item};
    if (key.skip) return {};
    keyed.emplace_back(key.value, item);
  }
  keyed.sort([&](const auto& left, const auto& right) {
    const auto& a = left.first;
    const auto& b = right.first;
    if (!in.run.spend() || a.nil() || b.nil()) return !a.nil() && b.nil();  // nil comes last
    if (natural) return compare_case_insensitive(a, b, in.run) < 0;
    const auto order = compare(a, b);
    if (!order) in.fail("cannot sort values of different types");
    return order.value_or(0) < 0;
  });
  std::vector<Value> result;
  for (const auto& entry : keyed) result.push_back(entry.second);
  return made_list(in, std::move(result));
}

Value sort(const FilterInput& in) { return sorted(in, false); }
Value sort_natural(const FilterInput& in) { return sorted(in, true); }

// Two values are the same if Ruby shows them alike: 1 and 1.0 are not.
std::string shown_value(const Value& value, Run& run) {
  Buffer out(run.arena().max_bytes());
  write_text(value, out);
  return (value.is_text() ? "\"" : value.nil() ? "nil" : "") + out.text();
}

Value uniq(const FilterInput& in) {
  std::unordered_set<std::string> seen;
  std::vector<Value> kept;
  for (const auto& item : items_of(in)) {
    const auto key =
        in.has(0) && !in.argument(0).nil() ? property_of(item, in.argument(0), in) : Property{item};
    if (key.skip) return {};
    auto text = shown_value(key.value, in.run);
    in.run.arena().charge(text.size());
    if (in.run.arena().exhausted()) return in.fail("the render needs too much memory");
    if (seen.insert(std::move(text)).second) kept.push_back(item);
  }
  return made_list(in, std::move(kept));
}

Value reverse(const FilterInput& in) {
  auto items = items_of(in);
  std::ranges::reverse(items);
  return made_list(in, std::move(items));
}

Value concat(const FilterInput& in) {
  if (!in.argument(0).is_list()) return in.fail("`concat` needs a list");
  auto items = items_of(in);
  if (!in.run.spend(static_cast<std::size_t>(count(in.argument(0))))) return {};
  for (std::int64_t i = 0; i < count(in.argument(0)); ++i) items.push_back(item(in.argument(0), i));
  return made_list(in, std::move(items));
}

Value joined(const FilterInput& in) {
  const auto glue = in.has(0) ? in.text(0) : std::string_view(" ");
  Buffer out(in.run.arena().max_bytes());
  bool first = true;
  for (const auto& item : items_of(in)) {
    if (!std::exchange(first, false)) out.append(glue);
    write_text(item, out);
  }
  if (out.full()) return in.fail("the render needs too much memory");
  return in.made(out.text());
}

Value first(const FilterInput& in) { return command(in.value, "first", in.run.arena()); }
Value last(const FilterInput& in) { return command(in.value, "last", in.run.arena()); }

Value size(const FilterInput& in) {
  const auto found = command(in.value, "size", in.run.arena());
  return found.nil() ? Value::of(std::int64_t{0}) : found;
}

Value sum(const FilterInput& in) {
  std::optional<Number> total(std::in_place);
  for (const auto& item : items_of(in)) {
    auto value = item;
    if (in.has(0) && !in.argument(0).nil()) value = property_of(item, in.argument(0), in).value;
    if (total) total = add(*total, to_number(value));
  }
  return total ? total->to_value() : in.fail("the result is too large a number");
}

constexpr FilterRule kListFilters[] = {
    {"compact", 0, 1, compact, nullptr, Yields::same},
    {"concat", 1, 1, concat, nullptr, Yields::anything},
    {"find", 1, 2, find, nullptr, Yields::item},
    {"find_index", 1, 2, find_index},
    {"first", 0, 0, first, nullptr, Yields::item},
    {"has", 1, 2, has},
    {"join", 0, 1, joined},
    {"last", 0, 0, last, nullptr, Yields::item},
    {"map", 1, 1, map},
    {"reject", 1, 2, reject, nullptr, Yields::same},
    {"reverse", 0, 0, reverse, nullptr, Yields::same},
    {"size", 0, 0, size},
    {"sort", 0, 1, sort, nullptr, Yields::same},
    {"sort_natural", 0, 1, sort_natural, nullptr, Yields::same},
    {"sum", 0, 1, sum},
    {"uniq", 0, 1, uniq, nullptr, Yields::same},
    {"where", 1, 2, where, nullptr, Yields::same},
};

}  // namespace

std::span<const FilterRule> list_filters() { return kListFilters; }

}  // namespace baton::mappings
