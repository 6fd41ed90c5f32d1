// Purpose: event + rules -> which destinations take part, and why. Pure.
// Owner: ingress calls it, so that the 202 can name them; `baton routes explain` shows its work.
// Threads: any; rules are immutable. Errors: none; an event that no rule matches has an empty route.
//
// Rules are tried in order and the first match decides, unless it says `continue`: then what it
// names is kept and later rules add to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/model/handoff.h"
#include "gateway/model/node.h"

namespace baton::handoff {

// One condition on one field of the event's data ("intent.category"). All parts given must hold; a
// field that the event lacks holds none of them but `exists: false`.
struct Condition {
  std::string path;
  std::vector<std::string> any_of;    // equal to one of these; texts are compared ignoring case
  std::vector<std::string> contains;  // the text contains one of these, ignoring case
  std::optional<double> at_least;     // numbers; of `priority` its rank: low 0 .. urgent 3
  std::optional<double> at_most;
  std::optional<bool> exists;
  Position at;

  std::string text() const;  // as a person would say it: "intent.category is billing or refund"
};

struct Rule {
  std::string name;
  std::vector<Condition> when;  // all must hold; none: every event
  Route to;
  bool goes_on = false;  // `continue`
  Position at;
  Position team_at;  // where its team is named
};

using Rules = std::vector<Rule>;

// One condition that did not hold, and what the event has there.
struct Miss {
  std::string wanted;
  std::string found;
};

struct Trial {
  std::string rule;
  bool matched = false;
  bool reached = true;  // false: an earlier rule had decided
  std::vector<Miss> misses;
};

struct Decision {
  Route route;                     // `rule` names every rule that matched, joined by "+"
  std::vector<std::string> rules;  // those that matched, in order: their hits are counted
};

Decision route(const nlohmann::json& data, const Rules& rules);

// The same decision with every rule's trial.
std::vector<Trial> explain(const nlohmann::json& data, const Rules& rules);

// Completes a route: what those destinations can do on whom more is asked than their kind alone promises, and
// the way back to where the event came from, if no rule names another.
void equip(Route& route, const Abilities& abilities, const std::optional<DestinationId>& platform);

// All of them, in the order in which a person would name them, each once.
std::vector<DestinationId> destinations(const Route& route);

// Reads the `routes` section; reports unknown fields, destinations and teams with the nearest
// name, destinations that cannot do what they are named for, operators that do not fit, conditions that
// contradict themselves, and rules that can never match because an earlier one catches everything that they
// would.
struct KnownNames {
  std::vector<std::string> destinations;
  std::vector<std::string> teams;
  Abilities can = {};  // of a destination that is not in it, nothing is known: it is not judged
};
Rules read_rules(const Node& section, const KnownNames& known, Problems& problems);

}  // namespace baton::handoff
