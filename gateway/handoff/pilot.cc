#include "gateway/handoff/pilot.h"

#include <algorithm>
#include <cstdint>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

// FNV-1a: the same on every machine and in every release, or conversations would change sides.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 14695981039346656037ULL;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return value;
}

// Its low bits alone are too even for texts that differ in a digit.
double percent_of(std::string_view text) {
  constexpr std::uint64_t kSteps = 100'000;
  auto value = hash(text);
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  return 100.0 * static_cast<double>(value % kSteps) / static_cast<double>(kSteps);
}

bool names(const std::vector<std::string>& list, const std::string& text) {
  return list.empty() ||
         std::ranges::any_of(list, [&](const auto& one) { return equals_ignoring_case(one, text); });
}

}  // namespace

std::string arm(const Pilot& pilot, const ConversationId& conversation, const nlohmann::json& data) {
  const JsonView view(data);
  const bool inside =
      names(pilot.channels, view.at_path("conversation.channel").text()) &&
      names(pilot.segments, view.at_path("customer.tier").text()) &&
      percent_of(pilot.name + "\n" + conversation.source + "\n" + conversation.text) < pilot.share;
  return inside ? pilot.name : std::string(kBaseline);
}

void apply(const Pilot& pilot, const Event& event, const Rules& rules, Decision& decision) {
  auto side = arm(pilot, event.conversation, event.data);
  const auto rule = std::ranges::find(rules, pilot.baseline, &Rule::name);
  if (side == kBaseline && rule != rules.end()) {
    decision.route = rule->to;
    decision.route.rule = rule->name;
    decision.rules = {rule->name};
  }
  decision.route.pilot = std::move(side);
}

void apply(const Pilot& pilot, std::string_view arm, HandoverDecision& decision) {
  const auto asked = [](const Reason& reason) { return reason.row == "explicit_request"; };
  if (arm != kBaseline || std::ranges::any_of(decision.why, asked)) return;
  Reason outside;
  outside.row = std::string(kBaseline);
  outside.because = "outside the pilot `" + pilot.name + "`";
  decision.hand_over = decision.offer = false;
  decision.team.clear();
  decision.why = {std::move(outside)};
}

std::optional<Pilot> read_pilot(const Node& section, const Rules& rules, Problems& problems) {
  if (section.missing()) return std::nullopt;
  Pilot pilot;
  Fields in(section, "pilot", problems);
  pilot.name = in.required_text("name");
  const bool breaks_key = pilot.name.find('/') != std::string::npos || pilot.name.size() > 64;
  if (pilot.name == kBaseline || breaks_key)
    in.report("name", "must be another name than `baseline`, of at most 64 bytes and without a slash");
  pilot.share = in.number("share", pilot.share, 0, 100);
  pilot.channels = in.texts("channels");
  pilot.segments = in.texts("segments");
  pilot.baseline = in.text("baseline");
  std::vector<std::string> known;
  for (const auto& rule : rules) known.push_back(rule.name);
  if (!pilot.baseline.empty() && std::ranges::find(known, pilot.baseline) == known.end()) {
    in.report("baseline", "there is no route `" + pilot.baseline + "`" + did_you_mean(pilot.baseline, known) +
                              "; routes: " + join(known, ", "));
  }
  if (pilot.share == 0) in.report("share", "0 leaves nobody in the pilot: remove the section, or raise it");
  in.done();
  return pilot;
}

}  // namespace baton::handoff
