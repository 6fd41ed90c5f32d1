// Purpose: what waits in the journal for each destination, asked so seldom that asking costs next to nothing.
// Owner: app/, one for the API and the metrics. Threads: the journal's home loop.
// Units: an answer is at most five seconds old, or twenty times as old as it took to get.
// Errors: a destination that the journal could not count is left out.
#pragma once

#include <map>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/health/states.h"
#include "gateway/journal/journal.h"

namespace baton::health {

class Backlogs {
 public:
  Backlogs(Journal& journal, Clock& clock) : journal_(journal), clock_(clock) {}

  Task<std::map<DestinationId, Backlog>> of(std::vector<DestinationId> destinations);

 private:
  Task<Backlog> count(DestinationId destination);

  Journal& journal_;
  Clock& clock_;
  std::map<DestinationId, Backlog> latest_;
  std::vector<DestinationId> asked_;
  TimePoint good_until_;
};

}  // namespace baton::health
