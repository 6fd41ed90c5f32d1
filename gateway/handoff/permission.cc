#include "gateway/handoff/permission.h"

#include <algorithm>
#include <set>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

// "billing", "billing or support": those who may take it.
std::string team_names(const std::vector<const Team*>& chain) {
  std::vector<std::string> names;
  for (const auto* team : chain) names.push_back(team->name);
  return join(names, " or ");
}

template <class Holds>
bool any_member(const std::vector<const Team*>& teams, const Holds& holds) {
  return std::ranges::any_of(teams,
                             [&](const Team* team) { return std::ranges::any_of(team->members, holds); });
}

}  // namespace

std::vector<std::string> sensitive_topics(const Handoff& handoff, const Teams& teams) {
  const JsonView intent = JsonView(handoff.data)["intent"];
  const auto name = intent["name"].text(), category = intent["category"].text();
  if (name.empty() && category.empty() && handoff.topics.empty()) return {};
  const auto is_in_it = [&](const std::string& topic) {
    return equals_ignoring_case(topic, name) || equals_ignoring_case(topic, category) ||
           handoff.topics.contains(topic);
  };
  std::set<std::string> found;
  for (const auto& [key, team] : teams) {
    for (const auto& member : team.members) {
      for (const auto& topic : member.sensitive) {
        if (is_in_it(topic)) found.insert(topic);
      }
    }
  }
  return {found.begin(), found.end()};
}

bool is_member(const Member& member, const DestinationId& from, std::string_view who) {
  if (who.empty()) return false;
  const auto account = member.accounts.find(from.text);
  if (account != member.accounts.end()) return account->second == who;
  const bool address = !member.email.empty() && equals_ignoring_case(member.email, who);
  return address || (from.empty() && member.id == who);
}

const Member* find_member(const Teams& teams, std::string_view team, const DestinationId& from,
                          std::string_view who) {
  const auto in = [&](const Team& one) -> const Member* {
    const auto found =
        std::ranges::find_if(one.members, [&](const Member& member) { return is_member(member, from, who); });
    return found == one.members.end() ? nullptr : &*found;
  };
  for (const auto* one : overflow_chain(teams, team)) {
    if (const auto* member = in(*one)) return member;
  }
  for (const auto& [key, one] : teams) {
    if (const auto* member = in(one)) return member;
  }
  return nullptr;
}

std::optional<std::string> why_not_take(const Handoff& handoff, const Signal& signal, const Teams& teams) {
  const auto topics = sensitive_topics(handoff, teams);
  const auto chain = overflow_chain(teams, handoff.route.team);
  if (chain.empty() && topics.empty()) return std::nullopt;
  // Where no team is named, all that there are may take it.
  auto reach = chain;
  if (reach.empty()) {
    for (const auto& [key, team] : teams) reach.push_back(&team);
  }
  const auto is_who = [&](const Member& member) { return is_member(member, signal.from, signal.who); };
  if (any_member(reach, [&](const Member& one) { return is_who(one) && may_see(one, topics); }))
    return std::nullopt;
  if (any_member(reach, is_who)) return "It is confidential, and you are not among those who may see it.";
  if (!topics.empty())
    return "It is confidential: only members of " + team_names(reach) + " who may see it take it.";
  const bool known_here =
      any_member(reach, [&](const Member& one) { return one.accounts.contains(signal.from.text); });
  const bool elsewhere = find_member(teams, handoff.route.team, signal.from, signal.who) != nullptr;
  if (!known_here && !elsewhere) return std::nullopt;
  return "It is for " + team_names(reach) + ", and you are not a member there.";
}

bool is_veiled(const Handoff& handoff, const DestinationId& destination, const Teams& teams) {
  const auto topics = sensitive_topics(handoff, teams);
  if (topics.empty()) return false;
  bool somebody = false;
  for (const auto& [key, team] : teams) {
    for (const auto& member : team.members) {
      if (!member.accounts.contains(destination.text)) continue;
      if (!may_see(member, topics)) return true;
      somebody = true;
    }
  }
  return !somebody;
}

bool may_read(const Handoff& handoff, std::string_view who, const Teams& teams) {
  const auto topics = sensitive_topics(handoff, teams);
  if (topics.empty()) return true;
  if (!handoff.owner.empty() && handoff.owner == who) return true;
  return std::ranges::any_of(teams, [&](const auto& team) {
    return std::ranges::any_of(team.second.members, [&](const Member& member) {
      return is_member(member, {}, who) && may_see(member, topics);
    });
  });
}

std::string veil(const Handoff& handoff) {
  return "A confidential conversation" + (handoff.route.team.empty() ? "" : " for " + handoff.route.team);
}

}  // namespace baton::handoff
