// Purpose: what only teams, routes, decision rules and texts show together: something is sent to people of
// whom none may see it, or for a skill that none of them has; somebody writes in a language without a text.
// Pure. Owner: the start-up path and `baton check`. Threads: any. Errors: Problems, each where it is written.
#pragma once

#include "gateway/handoff/decide.h"
#include "gateway/handoff/route.h"
#include "gateway/handoff/team.h"
#include "gateway/handoff/tell.h"

namespace baton::handoff {

void check_staffing(const Rules& rules, const DecisionRules& decisions, const Teams& teams,
                    Problems& problems);

// Of the languages that the section `teams` names: those that are none are problems, those that customers
// would hear another one in are only unwise.
void check_languages(const Node& teams, const tell::Messages& messages, Problems& problems, Problems& unwise);

}  // namespace baton::handoff
