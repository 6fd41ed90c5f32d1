// Purpose: teams and the queue as the management API and the command line show them. Pure.
// Owner: the caller. Threads: any. Units: instants in RFC 3339, durations in whole seconds.
// Errors: none; names that are not UTF-8 are repaired.
#pragma once

#include <nlohmann/json.hpp>

#include "gateway/handoff/queue.h"
#include "gateway/handoff/team.h"
#include "gateway/handoff/wait.h"

namespace baton::handoff {

// How a team stands now: who works and is there, who has room, when it opens or closes. Topics and addresses
// of members are left out: whoever may read the queue need not know them.
nlohmann::json to_json(const Team& team, const Desks& desks, TimePoint now);

nlohmann::json to_json(const Place& place);
nlohmann::json to_json(const Offer& offer);
nlohmann::json to_json(const Selection& choice);  // {waiting: [...], offers: [...]}

// {low_seconds, high_seconds, basis, samples}; "unknown" for nothing.
nlohmann::json to_json(const std::optional<WaitRange>& range);

}  // namespace baton::handoff
