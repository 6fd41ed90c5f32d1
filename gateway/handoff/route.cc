#include "gateway/handoff/route.h"

#include <algorithm>
#include <charconv>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

// A number as people write it: 3, not 3.000000.
std::string number_text(double number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return std::string(buffer, end);
}

std::string either(const std::vector<std::string>& values) { return join(values, " or "); }

// The value of a field as text and as a number, whichever it has.
struct Value {
  bool present = false;
  std::string text;
  std::optional<double> number;
  std::string shown;  // to people
};

Value value_at(const nlohmann::json& data, const std::string& path) {
  const auto view = JsonView(data).at_path(path);
  Value value;
  value.present = !view.missing() && !view.null();
  if (const auto text = view.string()) {
    value.text = *text;
    if (path == "priority") {
      if (const auto priority = priority_from(*text)) value.number = static_cast<double>(*priority);
    }
  } else if (const auto number = view.number()) {
    value.number = number;
    value.text = number_text(*number);
  } else if (const auto flag = view.boolean()) {
    value.text = *flag ? "true" : "false";
  } else if (const auto list = view.list()) {
    value.number = static_cast<double>(list->size());  // a list counts as its length
    value.text = std::to_string(list->size());
    value.shown = value.text + (list->size() == 1 ? " item" : " items");
    value.present = !list->empty();
  }
  if (value.shown.empty()) value.shown = value.text;
  return value;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return to_lower(text).find(to_lower(part)) != std::string::npos;
}

bool holds(const Condition& condition, const Value& value) {
  if (condition.exists && *condition.exists != value.present) return false;
  if (condition.exists == false) return true;
  if (!value.present) return false;
  const auto equals = [&](const std::string& wanted) { return equals_ignoring_case(wanted, value.text); };
  const auto within = [&](const std::string& part) { return contains_ignoring_case(value.text, part); };
  if (!condition.any_of.empty() && !std::ranges::any_of(condition.any_of, equals)) return false;
  if (!condition.contains.empty() && !std::ranges::any_of(condition.contains, within)) return false;
  if (condition.at_least && (!value.number || *value.number < *condition.at_least)) return false;
  if (condition.at_most && (!value.number || *value.number > *condition.at_most)) return false;
  return true;
}

bool matches(const Rule& rule, const nlohmann::json& data) {
  return std::ranges::all_of(rule.when, [&](const Condition& condition) {
    return holds(condition, value_at(data, condition.path));
  });
}

void append_new(std::vector<DestinationId>& to, const std::vector<DestinationId>& from) {
  for (const auto& id : from) {
    if (std::ranges::find(to, id) == to.end()) to.push_back(id);
  }
}

// What an earlier rule named stays; a later one adds.
void merge(Route& to, const Route& from) {
  append_new(to.context, from.context);
  append_new(to.alerts, from.alerts);
  if (!to.tickets) to.tickets = from.tickets;
  if (!to.bugs) to.bugs = from.bugs;
  if (!to.record) to.record = from.record;
  if (!to.platform) to.platform = from.platform;
  if (to.team.empty()) to.team = from.team;
}

}  // namespace

std::string Condition::text() const {
  std::vector<std::string> parts;
  if (exists) parts.push_back(*exists ? "is there" : "is not there");
  if (!any_of.empty()) parts.push_back("is " + either(any_of));
  if (!contains.empty()) parts.push_back("contains " + either(contains));
  const auto bound = [&](double number) {
    const auto rank = static_cast<std::size_t>(number);
    const bool ranked = path == "priority" && rank < kPriorityNames.size();
    return ranked ? std::string(kPriorityNames[rank]) : number_text(number);
  };
  if (at_least) parts.push_back("is at least " + bound(*at_least));
  if (at_most) parts.push_back("is at most " + bound(*at_most));
  return path + " " + join(parts, " and ");
}

Decision route(const nlohmann::json& data, const Rules& rules) {
  Decision decision;
  for (const auto& rule : rules) {
    if (!matches(rule, data)) continue;
    merge(decision.route, rule.to);
    decision.rules.push_back(rule.name);
    if (!rule.goes_on) break;
  }
  decision.route.rule = join(decision.rules, "+");
  return decision;
}

std::vector<Trial> explain(const nlohmann::json& data, const Rules& rules) {
  std::vector<Trial> trials;
  bool decided = false;
  for (const auto& rule : rules) {
    Trial trial;
    trial.rule = rule.name;
    trial.reached = !decided;
    for (const auto& condition : rule.when) {
      const auto value = value_at(data, condition.path);
      if (holds(condition, value)) continue;
      trial.misses.push_back({condition.text(), value.present ? value.shown : "nothing"});
    }
    trial.matched = trial.misses.empty();
    decided = decided || (trial.matched && !rule.goes_on);
    trials.push_back(std::move(trial));
  }
  return trials;
}

void equip(Route& route, const Abilities& abilities, const std::optional<DestinationId>& platform) {
  if (!route.platform) route.platform = platform;
  for (const auto* one : {&route.platform, &route.tickets, &route.bugs}) {
    if (!*one) continue;
    const auto known = abilities.find(**one);
    if (known != abilities.end()) route.can[**one] = known->second;
  }
}

std::vector<DestinationId> destinations(const Route& route) {
  std::vector<DestinationId> all;
  const auto one = [&](const std::optional<DestinationId>& id) {
    if (id) append_new(all, {*id});
  };
  one(route.tickets);
  one(route.bugs);
  append_new(all, route.alerts);
  one(route.record);
  one(route.platform);
  append_new(all, route.context);
  return all;
}

}  // namespace baton::handoff
