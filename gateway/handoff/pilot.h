// Purpose: a trial beside what was there before: which conversations are in it, and by which rule the others
// go. Sticky: one conversation is always on the same side. Pure.
// Owner: the installation reads it, ingress asks it. Threads: immutable.
// Units: share in percent. Errors: read_pilot reports Problems.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/handoff/decide.h"
#include "gateway/handoff/route.h"
#include "gateway/model/event.h"
#include "gateway/model/node.h"

namespace baton::handoff {

struct Pilot {
  std::string name;
  double share = 100;                 // of the conversations that the lists below leave
  std::vector<std::string> channels;  // conversation.channel; empty: every one
  std::vector<std::string> segments;  // customer.tier
  std::string baseline;               // the rule for the others; empty: the same rules
};

inline constexpr std::string_view kBaseline = "baseline";

// The pilot's name, or kBaseline.
std::string arm(const Pilot& pilot, const ConversationId& conversation, const nlohmann::json& data);

// Marks the route, and outside the pilot gives it to the baseline's rule, if there is one.
void apply(const Pilot& pilot, const Event& event, const Rules& rules, Decision& decision);

// Outside the pilot the AI goes on as it did before; but who asks for a person gets one, wherever they are.
void apply(const Pilot& pilot, std::string_view arm, HandoverDecision& decision);

// The section `pilot`; nothing if it is missing.
std::optional<Pilot> read_pilot(const Node& section, const Rules& rules, Problems& problems);

}  // namespace baton::handoff
