#include "gateway/handoff/advice.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

using enum Operation;

constexpr auto kAskedOfPlatforms = std::to_array<std::pair<Operation, std::string_view>>(
    {{tell_customer, "customers hear nothing from Baton of how things stand, nor what people answer"},
     {take_control, "the AI is not told to be silent while a person has the conversation"},
     {give_back, "the conversation is not given back to the AI when it is done"},
     {fetch_transcript, "people see only as much of the conversation as the event brings"}});

// Empty: nothing is amiss.
std::string shortcomings(const std::set<Operation>& can) {
  if (can.contains(emit)) return {};
  std::vector<std::string> lacks;
  for (const auto& [operation, meaning] : kAskedOfPlatforms) {
    if (can.contains(operation)) continue;
    lacks.push_back(std::string(name(operation)) + " (" + std::string(meaning) + ")");
  }
  if (lacks.empty()) return {};
  // To read a transcript is no way back.
  const bool silent = !can.contains(tell_customer) && !can.contains(take_control) && !can.contains(give_back);
  return (silent ? " is no way back: nothing that people say or do reaches the customer or the AI through "
                   "it. It cannot "
                 : " cannot ") +
         join(lacks, ", ") +
         (silent ? ". Name another `platform` in the routes, such as one that takes signed events" : "");
}

}  // namespace

std::vector<std::string> advise_platforms(const std::vector<PlatformInUse>& sources, const Rules& rules,
                                          const Abilities& can) {
  std::map<DestinationId, std::vector<std::string>> used;
  // With a platform in every route a source's own is never asked for anything.
  const bool left_open =
      rules.empty() || std::ranges::any_of(rules, [](const Rule& rule) { return !rule.to.platform; });
  for (const auto& source : sources) {
    if (left_open) used[source.platform].push_back(source.where);
  }
  for (const auto& rule : rules) {
    if (rule.to.platform)
      used[*rule.to.platform].push_back(rule.at.text() + ": routes." + rule.name + ".to.platform");
  }
  std::vector<std::string> advised;
  for (const auto& [id, places] : used) {
    const auto known = can.find(id);
    const auto wrong = known == can.end() ? std::string() : shortcomings(known->second);
    if (!wrong.empty()) advised.push_back(join(places, ", ") + ": `" + id.text + "`" + wrong);
  }
  return advised;
}

}  // namespace baton::handoff
