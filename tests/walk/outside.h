// Purpose: what survives a crash of the gateway: the disk, the vendors with what they hold, and the
// configuration. Vendors are the simulated ones, so their rules are those of the fact sheets.
// Owner: the test. Threads: one loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/sdk/account.h"
#include "connectors/simulation/simulation.h"
#include "gateway/handoff/route.h"
#include "gateway/journal/memory/memory.h"

namespace baton::walk {

inline const DestinationId kDesk("zendesk"), kChat("slack"), kCrm("hubspot"), kPlatform("chat"),
    kTracker("linear");

// How the helpdesk's ticket step is found again. Only `as_it_is` is right; the others are planted
// faults, to see the tests fail.
enum class DeskLookup { as_it_is, none, wrongly_repeatable };

struct Outside {
  explicit Outside(DeskLookup desk = DeskLookup::as_it_is);
  Outside(Outside&&) = default;

  simulation::FaultyVendor& vendor(const DestinationId& id) { return *vendors.at(id); }
  nlohmann::json ledger(const DestinationId& id) { return vendor(id).vendor().ledger(); }

  MemoryStore store;
  std::map<DestinationId, std::unique_ptr<simulation::FaultyVendor>> vendors;
  std::vector<sdk::ConnectorPtr> connectors;
  sdk::Accounts accounts;
  handoff::Rules rules;
  // Webhooks that a vendor has sent and nobody has answered: it will repeat them.
  struct Owed {
    DestinationId from;
    simulation::Outbound webhook;
    TimePoint at;
  };
  std::vector<Owed> owed;

  std::vector<Event> also;  // events that the platform sends beside the first one
  nlohmann::json errors;    // that the first one carries
  bool engineers = false;   // whether anybody solves the bug report, once everybody is on it
  bool people = true;  // whether anybody claims and solves
  bool asks = false;   // whether tickets are asked how they stand, in case a webhook is lost
  std::string priority = "normal";
  TimePoint now = TimePoint{} + std::chrono::years(56);
};

}  // namespace baton::walk
