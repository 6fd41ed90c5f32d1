// Purpose: the rows with which every handoff begins: itself, its plan job, and the event that asked
// for it as its first fact.
// Owner: ingress, and the planner when a request reaches a handoff that has ended. Threads: any.
// Errors: none; the commit says whether the conversation has an open handoff already.
#pragma once

#include <string>

#include "gateway/journal/journal.h"

namespace baton {

// `key` is the fact's, `digest` of the bytes received.
Batch opening(HandoffId id, Route route, Event event, std::string key, std::string digest, TimePoint now);

}  // namespace baton
