#include "gateway/handoff/team.h"

#include <algorithm>

#include "gateway/base/text.h"

namespace baton::handoff {

const Member* Team::member(std::string_view id) const {
  const auto found = std::ranges::find(members, id, &Member::id);
  return found == members.end() ? nullptr : &*found;
}

std::string_view Team::skill_for(std::string_view category) const {
  const auto found = categories.find(category);
  return found == categories.end() ? std::string_view() : std::string_view(found->second);
}

bool Team::is_open(TimePoint at) const {
  return std::ranges::any_of(members, [&](const Member& one) { return one.calendar.is_open(at); });
}

std::optional<TimePoint> Team::next_open(TimePoint at) const {
  std::optional<TimePoint> first;
  for (const auto& one : members) {
    const auto opens = one.calendar.next_open(at);
    if (opens && (!first || *opens < *first)) first = opens;
  }
  return first;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool may_see(const Member& member, const std::vector<std::string>& topics) {
  return std::ranges::all_of(topics, [&](const auto& topic) { return has(member.sensitive, topic); });
}

bool speaks(const Member& member, std::string_view language) {
  if (language.empty() || member.languages.empty()) return true;
  const auto primary = [](std::string_view tag) { return tag.substr(0, tag.find_first_of("-_")); };
  return std::ranges::any_of(member.languages, [&](const auto& known) {
    if (equals_ignoring_case(known, language)) return true;
    // Who speaks German reads Austrian German; who asks for plain German reads any.
    const bool plain = primary(known) == known || primary(language) == language;
    return plain && equals_ignoring_case(primary(known), primary(language));
  });
}

std::vector<const Team*> overflow_chain(const Teams& teams, std::string_view start) {
  std::vector<const Team*> chain;
  for (auto team = teams.find(start); team != teams.end(); team = teams.find(team->second.overflow)) {
    if (std::ranges::find(chain, &team->second) != chain.end()) break;
    chain.push_back(&team->second);
  }
  return chain;
}

}  // namespace baton::handoff
