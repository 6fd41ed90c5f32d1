// Purpose: what a person does to a handoff - claim, release, resolve - and what became of it. The act becomes
// a fact like any vendor's signal; the planner decides, and the caller hears what it decided.
// Owner: the API's handlers and the claim page. Threads: the journal's home loop.
// Errors: `rejected` if there is no such handoff; what the journal says otherwise.
#pragma once

#include <optional>
#include <string>

#include "gateway/base/clock.h"
#include "gateway/journal/journal.h"

namespace baton::api {

struct Ruling {
  bool decided = false;            // false: it is stored, and the planner is late
  std::string refused;             // why; empty: it took place
  std::optional<Handoff> handoff;  // as it is afterwards, if decided
};

// `signal.id` must be new: it is the fact's key.
Task<Ruling> act(Journal& journal, Clock& clock, HandoffId handoff, Signal signal, AuditEntry audit);

}  // namespace baton::api
