// Purpose: one life of the gateway's process, wired as app/ wires it, on virtual time; and the people
// and platforms outside, who repeat what they say until they are answered, as real ones do.
// Owner: the test. All of it but `Outside` dies with the process. Threads: one loop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connectors/simulation/client.h"
#include "gateway/base/scope.h"
#include "gateway/delivery/station.h"
#include "gateway/planner/planner.h"
#include "tests/walk/crash.h"
#include "tests/tell/shipped.h"
#include "tests/walk/outside.h"

namespace baton::walk {

class Life {
 public:
  explicit Life(Outside& outside, int crash_at = CrashPoints::kNever);
  ~Life();

  // Runs to quiet, or to the crash. Returns true if it ran to quiet.
  bool run(Duration at_most = 24h);

  // Awaits a task from outside of the loop.
  template <class T>
  Result<T> await(Task<T> task) {
    std::optional<Result<T>> result;
    scope_.spawn(std::move(task), [&result](Result<T> r) { result.emplace(std::move(r)); });
    clock_.run(clock_.now());
    BATON_CHECK(result);
    return std::move(*result);
  }

  // Repeats the event until it is taken.
  Task<Done> platform_sends(Event event);
  // A vendor's webhook, sent at that instant.
  Task<Done> hook(const DestinationId& from, const simulation::Outbound& webhook, TimePoint at);

  Journal& journal() { return journal_; }
  Clock& clock() { return clock_; }
  int points() const { return points_.passed(); }
  Record record();  // of the first handoff

 private:
  Task<Done> people_act();
  Task<Done> engineers_act();
  Task<Done> deliver_owed();
  Task<HandoffId> about(const DestinationId& from, const std::string& object, const HandoffId& named);

  Outside& outside_;
  Loop loop_;  // before all that waits on it
  VirtualClock clock_;
  CrashPoints points_;
  MemoryJournal memory_;
  CrashingJournal journal_;
  simulation::VendorClient network_;
  CrashingClient client_;
  Random random_{7};
  handoff::Rules rules_;  // of requests that come too late: here none do
  Abilities abilities_;
  handoff::Patience patience_{.first_reply = 15min};  // the story of outside.cc replies after some minutes
  Planner planner_;
  delivery::Station delivery_;
  Scope scope_;
};

Event requested(const Outside& outside);

}  // namespace baton::walk
