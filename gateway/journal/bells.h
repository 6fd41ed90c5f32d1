// Purpose: which lanes a commit concerns, and their bells. Every adapter rings the same ones.
// Owner: a journal adapter. Threads: Bells: the journal's home loop; concerned_by: any, pure.
// Errors: none.
#pragma once

#include <map>
#include <set>

#include "gateway/journal/journal.h"

namespace baton {

// The lanes that may have something to do after `batch`, or something later than they thought.
inline std::set<Lane> concerned_by(const Batch& batch) {
  std::set<Lane> lanes;
  if (!batch.facts.empty()) lanes.insert(planner_lane());
  for (const auto& job : batch.jobs) lanes.insert(job.key.lane);
  for (const auto& job : batch.replays) lanes.insert(job.key.lane);
  if (!batch.lanes.empty()) lanes.insert(lanes_lane());
  for (const auto& document : batch.documents) lanes.insert(documents_lane(document.kind));
  for (const auto& update : batch.updates) {
    const bool ended = update.job.state != JobState::pending;
    if (ended) lanes.insert(planner_lane());  // how it ended is a fact
    if (ended || update.release) lanes.insert(update.job.key.lane);
  }
  return lanes;
}

class Bells {
 public:
  Bell& of(const Lane& lane) { return bells_[lane]; }
  void ring(const std::set<Lane>& lanes) {
    for (const auto& lane : lanes) bells_[lane].ring();
  }

 private:
  std::map<Lane, Bell> bells_;  // a bell stays where it is: stations keep references
};

}  // namespace baton
