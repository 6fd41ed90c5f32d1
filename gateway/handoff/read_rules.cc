// The `routes` section of the configuration: reading it, and finding rules that can never match.
#include <algorithm>
#include <array>

#include "gateway/base/text.h"
#include "gateway/handoff/route.h"

namespace baton::handoff {
namespace {

// What a condition may look at: the fields of handoff.requested that have one value, and lists,
// which count as their length.
const std::vector<std::string>& fields() {
  static const auto& kFields = *new std::vector<std::string>{"conversation.id",
                                                             "conversation.channel",
                                                             "conversation.language",
                                                             "conversation.product",
                                                             "conversation.url",
                                                             "customer.id",
                                                             "customer.name",
                                                             "customer.email",
                                                             "customer.company",
                                                             "customer.account_id",
                                                             "customer.tier",
                                                             "customer.timezone",
                                                             "page.url",
                                                             "page.title",
                                                             "page.screen",
                                                             "page.visited",
                                                             "page.actions",
                                                             "reason.trigger",
                                                             "reason.explanation",
                                                             "intent.name",
                                                             "intent.category",
                                                             "intent.confidence",
                                                             "intent.summary",
                                                             "sentiment.label",
                                                             "sentiment.score",
                                                             "priority",
                                                             "requested_team",
                                                             "requested_skill",
                                                             "attempts",
                                                             "considered",
                                                             "suggested_actions",
                                                             "identifiers",
                                                             "errors",
                                                             "transcript"};
  return kFields;
}

bool is_field(std::string_view path) {
  return std::ranges::find(fields(), path) != fields().end() || path.starts_with("customer.attributes.") ||
         path.starts_with("metadata.");
}

// Fields whose values are a closed set, so that a misspelt value is found before it matters.
std::vector<std::string> closed_values(std::string_view path) {
  if (path == "priority") return {kPriorityNames.begin(), kPriorityNames.end()};
  if (path == "reason.trigger") {
    return {"explicit_request", "low_confidence", "sentiment", "topic", "attempts", "vip", "error", "other"};
  }
  return {};
}

// A bound of `priority` is a name, of everything else a number.
std::optional<double> read_bound(Fields& in, const char* key, const std::string& path) {
  constexpr double kLargest = 1e12;
  if (in.node(key).missing()) return std::nullopt;
  if (path != "priority") return in.number(key, 0, -kLargest, kLargest);
  const auto named = priority_from(in.one_of(key, "normal", closed_values(path)));
  return static_cast<double>(named.value_or(Priority::normal));
}

void check_values(const Condition& condition, const std::string& where, Problems& problems) {
  const auto allowed = closed_values(condition.path);
  if (allowed.empty()) return;
  for (const auto& value : condition.any_of) {
    const auto same = [&](const auto& known) { return equals_ignoring_case(known, value); };
    if (std::ranges::any_of(allowed, same)) continue;
    problems.add(
        condition.at, where,
        "`" + value + "` can never match; allowed: " + join(allowed, ", ") + did_you_mean(value, allowed));
  }
}

Condition read_condition(const Node::Member& member, const std::string& where, Problems& problems) {
  Condition condition;
  condition.path = member.key;
  condition.at = member.at;
  if (!is_field(member.key)) {
    problems.add(member.at, where, "unknown field" + did_you_mean(member.key, fields()));
  }
  if (member.value.kind() == Node::Kind::scalar) {
    condition.any_of = {member.value.text()};
  } else if (member.value.kind() == Node::Kind::list) {
    for (const auto& item : member.value.items()) {
      if (item.kind() != Node::Kind::scalar) problems.add(item.at(), where, "must be a list of texts");
      condition.any_of.push_back(item.text());
    }
    if (condition.any_of.empty()) problems.add(member.at, where, "an empty list can never match");
  } else {
    Fields in(member.value, where, problems);
    condition.any_of = in.texts("is");
    condition.contains = in.texts("contains");
    condition.at_least = read_bound(in, "at_least", condition.path);
    condition.at_most = read_bound(in, "at_most", condition.path);
    if (!in.node("exists").missing()) condition.exists = in.boolean("exists", true);
    in.done();
  }
  const bool has_value =
      !condition.any_of.empty() || !condition.contains.empty() || condition.at_least || condition.at_most;
  if (condition.exists == false && has_value) {
    problems.add(member.at, where, "contradicts itself: what is not there has no value");
  }
  if (condition.at_least && condition.at_most && *condition.at_least > *condition.at_most) {
    problems.add(member.at, where, "can never match: at_least is above at_most");
  }
  check_values(condition, where, problems);
  return condition;
}

// What a destination must be able to do that is named for it; `platform` may be any, for each can do other
// things (advice.h).
std::optional<Operation> operation_of(std::string_view part) {
  if (part == "context") return Operation::read_context;
  if (part == "tickets") return Operation::open_ticket;
  if (part == "alerts") return Operation::post_alert;
  if (part == "bugs") return Operation::file_bug;
  if (part == "record") return Operation::write_back;
  return std::nullopt;
}

std::string those_that_can(Operation operation, const KnownNames& known) {
  std::vector<std::string> able;
  for (const auto& [id, can] : known.can) {
    if (can.contains(operation)) able.push_back(id.text);
  }
  if (!able.empty()) return "allowed: " + join(able, ", ");
  return "no destination of this configuration can: add one whose connector has " +
         std::string(name(operation)) + " in `baton connectors list`";
}

// Where each part of a route was written, to say so.
struct Named {
  std::string name;
  Position at;
  std::string where;
};

std::optional<DestinationId> known_destination(const Named& named, std::optional<Operation> operation,
                                               const KnownNames& known, Problems& problems) {
  if (named.name.empty()) return std::nullopt;
  DestinationId id(named.name);
  const auto can = known.can.find(id);
  if (std::ranges::find(known.destinations, named.name) == known.destinations.end()) {
    problems.add(named.at, named.where,
                 "unknown destination `" + named.name + "`" + did_you_mean(named.name, known.destinations) +
                     "; configured: " + join(known.destinations, ", "));
  } else if (operation && can != known.can.end() && !can->second.contains(*operation)) {
    problems.add(named.at, named.where,
                 "`" + named.name + "` cannot " + std::string(baton::name(*operation)) + "; " +
                     those_that_can(*operation, known));
  }
  return id;
}

Route read_route(const Node& node, const std::string& where, const KnownNames& known, Problems& problems) {
  Fields in(node, where, problems);
  Route route;
  const auto one = [&](const char* key) {
    const Named named{in.text(key), in.node(key).at(), in.path_of(key)};
    return known_destination(named, operation_of(key), known, problems);
  };
  const auto several = [&](const char* key) {
    std::vector<DestinationId> ids;
    for (const auto& name : in.texts(key)) {
      const Named named{name, in.node(key).at(), in.path_of(key)};
      if (const auto id = known_destination(named, operation_of(key), known, problems)) ids.push_back(*id);
    }
    return ids;
  };
  route.context = several("context");
  route.tickets = one("tickets");
  route.alerts = several("alerts");
  route.bugs = one("bugs");
  route.record = one("record");
  route.platform = one("platform");
  route.team = in.text("team");
  if (!route.team.empty() && std::ranges::find(known.teams, route.team) == known.teams.end()) {
    in.report("team", "unknown team `" + route.team + "`" + did_you_mean(route.team, known.teams) +
                          "; configured: " + join(known.teams, ", "));
  }
  in.done();
  if (route.empty()) problems.add(node.at(), where, "names no destination: such a rule does nothing");
  return route;
}

// Whether everything that satisfies `narrow` also satisfies `wide`.
bool implies(const Condition& narrow, const Condition& wide) {
  if (narrow.path != wide.path) return false;
  const auto among = [](const std::vector<std::string>& set) {
    return [&set](const std::string& value) {
      return std::ranges::any_of(set, [&](const auto& other) { return equals_ignoring_case(other, value); });
    };
  };
  if (narrow.exists.value_or(true) != wide.exists.value_or(true)) return false;
  if (!wide.any_of.empty() &&
      (narrow.any_of.empty() || !std::ranges::all_of(narrow.any_of, among(wide.any_of)))) {
    return false;
  }
  if (!wide.contains.empty() &&
      (narrow.contains.empty() || !std::ranges::all_of(narrow.contains, among(wide.contains)))) {
    return false;
  }
  if (wide.at_least && (!narrow.at_least || *narrow.at_least < *wide.at_least)) return false;
  if (wide.at_most && (!narrow.at_most || *narrow.at_most > *wide.at_most)) return false;
  return true;
}

bool hides(const Rule& earlier, const Rule& later) {
  if (earlier.goes_on) return false;
  return std::ranges::all_of(earlier.when, [&](const Condition& wide) {
    return std::ranges::any_of(later.when, [&](const Condition& narrow) { return implies(narrow, wide); });
  });
}

void find_hidden(const Rules& rules, Problems& problems) {
  for (std::size_t later = 1; later < rules.size(); ++later) {
    const auto before = rules.begin() + static_cast<std::ptrdiff_t>(later);
    const auto hider =
        std::find_if(rules.begin(), before, [&](const Rule& rule) { return hides(rule, rules[later]); });
    if (hider == before) continue;
    problems.add(rules[later].at, "routes." + rules[later].name,
                 "can never match: the rule `" + hider->name + "` (" + hider->at.text() +
                     ") catches everything that it would; move it up, or give `" + hider->name +
                     "` the line `continue: true`");
  }
}

Rule read_rule(const Node& item, std::size_t index, const KnownNames& known, Problems& problems) {
  Rule rule;
  rule.at = item.at();
  Fields in(item, "routes[" + std::to_string(index) + "]", problems);
  rule.name = in.required_text("name");
  const auto where = "routes." + rule.name;
  const auto& when = in.node("when");
  if (when.kind() != Node::Kind::map && !when.missing()) in.report("when", "must be a map of fields");
  for (const auto& member : when.members()) {
    rule.when.push_back(read_condition(member, where + ".when." + member.key, problems));
  }
  rule.to = read_route(in.node("to"), where + ".to", known, problems);
  rule.team_at = in.node("to")["team"].at();
  rule.goes_on = in.boolean("continue", false);
  in.done();
  return rule;
}

}  // namespace

Rules read_rules(const Node& section, const KnownNames& known, Problems& problems) {
  Rules rules;
  if (section.kind() != Node::Kind::list && !section.missing()) {
    problems.add(section.at(), "routes", "must be a list of rules, each with name, when and to");
    return rules;
  }
  for (const auto& item : section.items()) {
    auto rule = read_rule(item, rules.size(), known, problems);
    const auto same = std::ranges::find(rules, rule.name, &Rule::name);
    if (same != rules.end()) {
      problems.add(rule.at, "routes." + rule.name, "the name stands twice, first at " + same->at.text());
    }
    rules.push_back(std::move(rule));
  }
  find_hidden(rules, problems);
  return rules;
}

}  // namespace baton::handoff
