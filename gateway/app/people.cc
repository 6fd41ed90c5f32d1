#include "gateway/app/people.h"

#include <algorithm>
#include <set>

#include "gateway/base/text.h"

namespace baton::app {

std::vector<Stranger> strangers_at(const handoff::Teams& teams, std::string_view destination) {
  std::vector<Stranger> strangers;
  std::set<std::string> seen;
  for (const auto& [name, team] : teams) {
    for (const auto& member : team.members) {
      const bool known = member.accounts.contains(destination);
      if (!known && seen.insert(member.id).second) strangers.push_back({member.id, member.email});
    }
  }
  return strangers;
}

std::vector<std::string> advice_on_people(const handoff::Teams& teams,
                                          const std::vector<handoff::Rule>& rules) {
  std::set<std::string> places;
  for (const auto& rule : rules)
    for (const auto& place : rule.to.alerts) places.insert(place.text);
  std::vector<std::string> advice;
  for (const auto& place : places) {
    for (const auto& [name, team] : teams) {
      std::vector<std::string> strangers;
      for (const auto& member : team.members)
        if (!member.accounts.contains(place)) strangers.push_back(member.id);
      if (strangers.empty() || strangers.size() == team.members.size()) continue;
      advice.push_back(
          "teams." + name + ".members: " + join(strangers, ", ") + " of this team " +
          (strangers.size() == 1 ? "has" : "have") + " no account at " + place +
          ", where others of it have one, and will be refused when they claim there: add accounts: {" +
          place + ": ...}; where the vendor can tell it, `baton destinations test " + place +
          "` looks members up by their e-mail address");
    }
  }
  return advice;
}

}  // namespace baton::app
