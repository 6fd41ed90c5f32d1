// Purpose: what stands around a handoff while it is advanced: who works in which team, and how the queue
// looks at that instant. Both are answers to questions, fixed for as long as one advance takes, so that
// advance() stays pure.
// Owner: the planner fills it; without one there are no teams and nothing is known. Threads: any.
// Errors: none.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/handoff/team.h"
#include "gateway/handoff/tell.h"

namespace baton::handoff {

struct House {
  const Teams* teams = nullptr;  // none: whoever comes may take it
  // Its ticket is late because the helpdesk fails, as the journal has it.
  bool helpdesk_down = false;
  // Of the handoff as it stands then; asked only when somebody is to be told. May be empty.
  std::function<tell::Outlook(const Handoff&)> outlook;
  // The sensitive topics, as the teams name them, that are found in an event's data. May be empty.
  std::function<std::vector<std::string>(const nlohmann::json& data)> topics;
};

}  // namespace baton::handoff
