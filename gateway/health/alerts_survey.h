// Purpose: what the journal says about health: what waits, what is stuck, what sources bring and which
// context came. Owner: the alert station. Threads: the journal's home loop. Errors: the journal's; what was
// seen before stands.
//
// Sources and context are learnt from the handoffs themselves, a minute late, when all of the context is
// there or will not be of use any more.
#pragma once

#include "gateway/base/clock.h"
#include "gateway/health/alerts_expectation.h"
#include "gateway/health/alerts_history.h"
#include "gateway/health/alerts_options.h"
#include "gateway/health/health_backlog.h"
#include "gateway/journal/journal.h"

namespace baton::alerts {

struct Memory {
  std::map<DestinationId, History> histories;
  std::map<std::string, Expectation> sources;
  TimePoint read_until;  // of the handoffs
};

class Survey {
 public:
  Survey(Journal& journal, Clock& clock, const Options& options)
      : journal_(journal), clock_(clock), options_(options), backlogs_(journal, clock) {}

  // Looks at what is new and adds it to the memory, then says what is seen now.
  Task<Seen> look(Readings readings, Memory& memory);

 private:
  Task<Done> read_new(Memory& memory, TimePoint until);
  Task<Done> look_at_lanes(std::vector<DestinationSeen>& destinations);
  Task<Done> look_for_stuck();
  Task<Done> look_for_stuck(State state, Duration longest);

  Journal& journal_;
  Clock& clock_;
  const Options& options_;
  health::Backlogs backlogs_;
  std::vector<StuckSeen> stuck_;
  TimePoint stuck_at_;  // looked for
};

}  // namespace baton::alerts
