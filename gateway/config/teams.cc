#include "gateway/config/teams.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace baton::config {
namespace {

template <class Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// The names must differ: a member who stands twice would count twice.
std::vector<std::string> distinct(Fields& fields, std::string_view key) {
  auto texts = fields.texts(key);
  std::set<std::string_view> seen;
  for (const auto& text : texts) {
    if (text.empty()) fields.report(key, "must not hold an empty text");
    else if (!seen.insert(text).second) fields.report(key, "`" + text + "` stands here twice");
  }
  return texts;
}

std::optional<Hours> team_hours(Fields& fields, const Calendars& calendars) {
  const auto& node = fields.node("hours");
  if (node.missing()) return std::nullopt;
  if (node.kind() == Node::Kind::map) return read_hours(node, fields.path_of("hours"), fields.problems());
  if (node.kind() != Node::Kind::scalar) {
    fields.report("hours", "must be the name of a calendar, or a map of zone, weekdays and holidays");
    return std::nullopt;
  }
  const auto found = calendars.find(node.text());
  if (found != calendars.end()) return found->second;
  fields.report("hours",
                "unknown calendar `" + node.text() + "`" + did_you_mean(node.text(), names_of(calendars)));
  return std::nullopt;
}

Team read_team(const Node& node, const std::string& path, const Calendars& calendars, Problems& problems) {
  Team team;
  Fields fields(node, path, problems);
  team.members = distinct(fields, "members");
  team.skills = distinct(fields, "skills");
  if (const auto capacity = fields.integer("capacity", 0, 1, kMaxCapacity)) team.capacity = capacity;
  team.hours = team_hours(fields, calendars);
  team.overflow = fields.text("overflow");
  fields.done();
  return team;
}

// The teams that `start` overflows into, in order, up to the first that comes again (which then
// stands twice) or to the end.
std::vector<std::string> overflow_chain(const Teams& teams, const std::string& start) {
  std::vector<std::string> chain{start};
  for (;;) {
    const auto team = teams.find(chain.back());
    if (team == teams.end() || team->second.overflow.empty()) return chain;
    const bool again = std::ranges::find(chain, team->second.overflow) != chain.end();
    chain.push_back(team->second.overflow);
    if (again) return chain;
  }
}

// A circle is reported once, at the team of it that stands first in the alphabet.
bool starts_circle(const std::vector<std::string>& chain) {
  return chain.size() > 1 && chain.front() == chain.back() &&
         std::ranges::min_element(chain) == chain.begin();
}

std::string arrows(const std::vector<std::string>& chain) {
  std::string text;
  for (const auto& name : chain) text += (text.empty() ? "" : " -> ") + name;
  return text;
}

void check_overflows(const Node& section, const Teams& teams, Problems& problems) {
  for (const auto& [name, team] : teams) {
    if (team.overflow.empty()) continue;
    const auto& at = section[name]["overflow"].at();
    const auto path = "teams." + name + ".overflow";
    const auto chain = overflow_chain(teams, name);
    if (!teams.contains(team.overflow)) {
      problems.add(at, path,
                   "unknown team `" + team.overflow + "`" + did_you_mean(team.overflow, names_of(teams)));
    } else if (starts_circle(chain)) {
      problems.add(at, path, "these teams overflow in a circle: " + arrows(chain));
    }
  }
}

}  // namespace

Teams read_teams(const Node& section, const Calendars& calendars, Problems& problems) {
  Teams teams;
  const Fields shape(section, "teams", problems);  // reports a section that is no map
  for (const auto& [key, at, value] : section.members()) {
    teams.emplace(key, read_team(value, shape.path_of(key), calendars, problems));
  }
  check_overflows(section, teams, problems);
  return teams;
}

}  // namespace baton::config
