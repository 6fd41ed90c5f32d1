// Purpose: how long each class of what is stored is kept, and the walk that lets go of it: small steps
// with pauses, so that nobody who commits waits for it.
// Owner: app/. Threads: the journal's home loop. Units: durations; instants are wall time.
// Errors: read_retention() reports to Problems; the walk goes on after a failure, an hour later.
#pragma once

#include <functional>
#include <string>

#include "gateway/base/clock.h"
#include "gateway/journal/maintenance.h"
#include "gateway/model/node.h"

namespace baton {

// Counted from when a handoff was last touched; zero: for ever.
struct RetentionPolicy {
  Duration requests = std::chrono::days(7);
  Duration events = std::chrono::days(30);
  Duration handoffs = std::chrono::days(90);
  Duration audit = std::chrono::days(400);
  Duration documents = std::chrono::days(400);
};

// The section `retention`. A handoff is kept for at least as long as a sender may repeat its events.
RetentionPolicy read_retention(const Node& section, Problems& problems);

Cutoffs cutoffs(const RetentionPolicy& policy, TimePoint now);

class Retention {
 public:
  // `tell` hears what each whole walk took, if it took anything.
  Retention(Maintenance& journal, Clock& clock, RetentionPolicy policy,
            std::function<void(const Result<Swept>&)> tell = {})
      : journal_(journal), clock_(clock), policy_(policy), tell_(std::move(tell)) {}

  // Once an hour until stopped.
  Task<Done> run(std::stop_token stop);
  // One whole walk.
  Task<Swept> walk(std::stop_token stop);

 private:
  Maintenance& journal_;
  Clock& clock_;
  const RetentionPolicy policy_;
  const std::function<void(const Result<Swept>&)> tell_;
};

}  // namespace baton
