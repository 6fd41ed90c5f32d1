// Purpose: the delivery station: a worker for each destination, all on the delivery loop.
// Owner: app/. Threads: one loop, the journal's home. Errors: none leave it; see Worker.
#pragma once

#include <map>
#include <memory>

#include "gateway/delivery/worker.h"

namespace baton::delivery {

class Station {
 public:
  // Without `lookups` steps of unknown outcome are sent again: only to demonstrate what they are for.
  Station(const sdk::Accounts& accounts, Journal& journal, HttpClient& client, Clock& clock, Random& random,
          bool lookups = true);

  // Works until stopped. Reads what people asked for (pause, resume) first, and whenever it changes.
  Task<Done> run(std::stop_token stop);

  // Told of every attempt that ended. Before run().
  void watch(const Watch& watch);

  // For health and metrics; null for an unknown destination.
  LaneControl* control(const DestinationId& destination);
  const Credentials* credentials(const DestinationId& destination) const;

  // Gives the destination's token back to the vendor; whoever asks has paused it. `rejected`: there is none.
  Task<Withdrawn> withdraw(DestinationId destination);

 private:
  Task<Done> follow_lanes(std::stop_token stop);
  Task<Done> read_lanes();

  Journal& journal_;
  Clock& clock_;
  Turns turns_;
  std::map<DestinationId, std::unique_ptr<Worker>> workers_;
};

}  // namespace baton::delivery
