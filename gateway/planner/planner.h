// Purpose: the only station that advances a handoff. It claims plan jobs, feeds each handoff's
// unconsumed facts to advance(), and commits the new state, the consumed facts, the next jobs and
// the next timer together.
// Owner: app/. Threads: one loop; any number of planners on any number of nodes.
// Errors: a commit that conflicts is dropped; the facts are still there for the next claim.
#pragma once

#include "gateway/base/scope.h"
#include "gateway/handoff/advance.h"
#include "gateway/journal/journal.h"

namespace baton {

class Planner {
 public:
  Planner(Journal& journal, Clock& clock, const handoff::Patience& patience)
      : journal_(journal), clock_(clock), patience_(patience) {}

  // Works until stopped; goes on while the journal is unwell.
  Task<Done> run(std::stop_token stop);

 private:
  Task<Done> plan(Claimed claimed);

  Journal& journal_;
  Clock& clock_;
  const handoff::Patience& patience_;
};

}  // namespace baton
