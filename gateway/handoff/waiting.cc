#include "gateway/handoff/waiting.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/permission.h"
#include "gateway/handoff/tell.h"

namespace baton::handoff {
namespace {

// An account that may be lost weighs as much as the largest.
double account_value(JsonView data) {
  const auto customer = data["customer"];
  if (customer["at_risk"].boolean().value_or(false) || data.at_path("reason.trigger").text() == "vip")
    return 1;
  const auto tier = customer["tier"].text();
  if (is_any_of(tier, {"enterprise", "vip", "platinum"})) return 1;
  return is_any_of(tier, {"gold", "premium", "business", "pro"}) ? 0.5 : 0;
}

double frustration_of(JsonView data) {
  const auto score = data.at_path("sentiment.score").number().value_or(0);
  const double said = tell::mood_of(data) == tell::Mood::frustrated ? 0.75 : 0;
  return std::clamp(std::max(said, -score), 0.0, 1.0);
}

std::string skill_of(JsonView data, const Teams& teams, std::string_view name) {
  const auto team = teams.find(name);
  const auto wanted = data["requested_skill"].text();
  if (team == teams.end()) return wanted;
  // What nobody has would only keep those away who could help.
  const bool somebody = std::ranges::any_of(team->second.members,
                                            [&](const Member& member) { return has(member.skills, wanted); });
  if (!wanted.empty() && somebody) return wanted;
  return std::string(team->second.skill_for(data.at_path("intent.category").text()));
}

}  // namespace

Waiting waiting_of(const Handoff& handoff, const Teams& teams) {
  const JsonView data(handoff.data);
  Waiting one;
  one.id = handoff.id.text;
  one.team = handoff.route.team;
  one.skill = skill_of(data, teams, handoff.route.team);
  one.language = data.at_path("conversation.language").text();
  one.sensitive = sensitive_topics(handoff, teams);
  one.priority = handoff.priority;
  one.value = account_value(data);
  one.frustration = frustration_of(data);
  one.wants_senior = one.value >= 1;
  one.since = handoff.requested_at;
  one.passed = handoff.passed;
  for (const auto& [member, at] : handoff.declined) one.declined.insert(member);
  return one;
}

std::vector<ChoiceKind> alternatives(const Handoff& handoff, const Team& team, bool open) {
  std::vector<ChoiceKind> found;
  if (!handoff.route.tickets) return found;
  if (open || team.off_hours == OffHours::callback) found.push_back(ChoiceKind::callback);
  if (!JsonView(handoff.data).at_path("customer.email").text().empty()) found.push_back(ChoiceKind::email);
  found.push_back(ChoiceKind::priority_ticket);
  return found;
}

}  // namespace baton::handoff
