// Purpose: a handoff as the queue sees it: what it needs, how much it weighs, and what its customer could do
// instead of waiting. Pure.
// Owner: the planner's board. Threads: any. Units: shares 0..1. Errors: none; data of any type is a default.
#pragma once

#include <vector>

#include "gateway/handoff/choice.h"
#include "gateway/handoff/queue.h"
#include "gateway/handoff/team.h"
#include "gateway/model/handoff.h"

namespace baton::handoff {

Waiting waiting_of(const Handoff& handoff, const Teams& teams);

// Only what somebody will act on: each choice becomes a note on the ticket, so without a helpdesk there is
// none. `open`: whether the team works now.
std::vector<ChoiceKind> alternatives(const Handoff& handoff, const Team& team, bool open);

}  // namespace baton::handoff
