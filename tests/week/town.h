// Purpose: the whole core on virtual time as app/ wires it - ingress, planner, board, dispatcher, delivery,
// API, with the mappings and messages that ship - beside simulated vendors that survive everything, and what
// people and chat platforms do there.
// Owner: a test. Threads: one loop. Units: instants of the virtual clock, UTC.
// Errors: a set-up that does not read, and an answer that does not come, end the test.
//
// What truly happened is told by watchers who stand outside of Baton: of the vendors each request that was
// answered and when, of the journal each fact that was committed and when.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/simulation/client.h"
#include "gateway/api/api.h"
#include "gateway/app/mappings.h"
#include "gateway/delivery/station.h"
#include "gateway/ingress/ingress.h"
#include "gateway/journal/memory/memory.h"
#include "gateway/planner/dispatcher.h"
#include "gateway/planner/planner.h"
#include "tests/api/paper_server.h"
#include "tests/secrets/folder.h"
#include "tests/support/await.h"
#include "tests/support/passing_journal.h"

namespace baton::town {

inline const DestinationId kDesk("zendesk"), kSlack("slack"), kTeams("teams"), kCrm("crm"), kPlatform("chat");

struct Plan {
  TimePoint starts;
  std::string configuration;                        // YAML: calendars, teams, routes
  nlohmann::json known = nlohmann::json::object();  // what the CRM says of a customer, by their address
  std::uint64_t seed = 7;
};

// Every fact that was committed, in order.
class WatchedJournal final : public PassingJournal {
 public:
  using Watcher = std::function<void(const HandoffId&, const Happened&, TimePoint)>;
  explicit WatchedJournal(Journal& inner) : PassingJournal(inner) {}

  Task<Committed> commit(Batch batch) override {
    const auto facts = batch.facts;
    auto committed = co_await inner_.commit(std::move(batch));
    if (watcher && committed && committed->done()) {
      for (const auto& one : facts) watcher(one.handoff, one.fact.happened, one.fact.at);
    }
    co_return committed;
  }
  Watcher watcher;
};

class Town {
 public:
  explicit Town(const Plan& plan);
  ~Town();
  Town(const Town&) = delete;
  Town& operator=(const Town&) = delete;

  // Also where nothing waits: the hours pass all the same.
  void run_until(TimePoint at) {
    scope.spawn(clock.until(at));
    clock.run(at);
  }
  void run_for(Duration time) { run_until(clock.now() + time); }
  template <class T>
  Result<T> await(Task<T> task) {
    return await_on(scope, clock, std::move(task), clock.now() + 1h);
  }

  // The chat platform sends an event until it is taken; the handoff that the answer names, if any.
  Task<HandoffId> says(std::string id, std::string type, std::string conversation, nlohmann::json data);
  // Somebody does something at a vendor, and its webhooks come in by the front door, again and again until
  // they are taken. Whether the vendor let them.
  Task<bool> does(DestinationId where, std::string what, nlohmann::json with);
  // Through the management API, with a token that may do everything.
  Task<Reply> calls(std::string method, std::string target, nlohmann::json body = nullptr);

  simulation::FaultyVendor& vendor(const DestinationId& id) { return *vendors_.at(id); }
  nlohmann::json ledger(const DestinationId& id) { return vendor(id).vendor().ledger(); }
  Record record(const HandoffId& id) { return *await(memory.load(id)); }

  Loop loop;  // before all that waits on it
  VirtualClock clock;
  MemoryStore store;
  MemoryJournal memory;
  WatchedJournal journal;
  Random random;
  handoff::Teams teams;
  handoff::Rules rules;
  // Each request that a vendor answered.
  std::function<void(const DestinationId&, const RawRequest&, const Reply&)> watcher;

 private:
  void add_vendors();
  void add_account(const DestinationId& id, const std::string& connector, const std::string& base_url,
                   sdk::Settings::Values settings, std::map<std::string, std::string> secrets);
  api::Views views();

  const Plan plan_;
  std::vector<sdk::ConnectorPtr> connectors_;
  std::unique_ptr<app::Mappings> mappings_;
  std::map<DestinationId, std::unique_ptr<simulation::FaultyVendor>> vendors_;
  sdk::Accounts accounts_;
  Abilities abilities_;
  handoff::tell::Messages messages_;
  handoff::Patience patience_;
  ingress::Sources sources_;
  simulation::VendorClient network_;

 public:
  Board board;

 private:
  Planner planner_;
  Dispatcher dispatcher_;
  delivery::Station delivery_;
  ingress::Ingress ingress_;
  secrets::Folder folder_;
  secrets::Tokens tokens_;
  std::string token_;
  api::Api api_;
  PaperServer server_;

 public:
  Scope scope;
};

}  // namespace baton::town
