// Purpose: the doors and stations of a gateway with its vendors simulated, a journal in memory and virtual
// time: what arrives goes in as it would over the wire, what is sent reaches the simulated vendors.
// Owner: a test, which adds its vendors and outlives none of them: it calls stop() before they go.
// Threads: one loop. Errors: a step that has no end within its second ends the run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "connectors/simulation/registry.h"
#include "gateway/ingress/ingress.h"
#include "gateway/planner/planner.h"
#include "tests/contract/accounts.h"
#include "tests/contract/bench.h"
#include "tests/tell/shipped.h"

namespace baton::contract {

class SmallGateway {
 public:
  SmallGateway()
      : clock(loop, TimePoint{} + std::chrono::years(56)), memory(store, clock), journal(memory),
        network(clock, {.latency = Duration{40}}), scope(loop, clock) {}

  // A destination of this name; the vendor outlives stop().
  void add(const Place& place, const std::string& as, simulation::FaultyVendor& vendor) {
    network.add(place.base_url, vendor);
    for (const auto& url : place.also) network.add(url, vendor);
    auto account = make_account(place, as);
    const auto id = account->id;
    accounts.emplace(id, std::move(account));
  }
  // A chat platform at this destination, whose events come in by the source of this name.
  void add_source(const std::string& source_name, const std::string& platform) {
    ingress::Source source;
    source.name = source.event_source = source_name;
    source.platform = DestinationId(platform);
    sources.emplace(source_name, std::move(source));
  }
  void send_tickets_to(const std::string& destination) {
    handoff::Rule everything;
    everything.name = "everything";
    everything.to.tickets = DestinationId(destination);
    rules.push_back(std::move(everything));
  }
  // After everything is added; `change` gives the doors what they have beside the usual.
  void start(const std::function<void(ingress::Ingress::Parts&)>& change = {}) {
    abilities = sdk::abilities(accounts);
    ingress::Ingress::Parts parts(journal, clock, random, sources, rules, accounts);
    if (change) change(parts);
    ingress.emplace(std::move(parts));
    planner.emplace(journal, clock, random, rules, abilities, patience, tell_testing::shipped());
    station.emplace(accounts, journal, network, clock, random);
    scope.spawn(planner->run(scope.stop_token()));
    scope.spawn(station->run(scope.stop_token()));
  }
  void stop() {
    scope.cancel();
    run(1min);
  }

  // What happened after this deed at a vendor: the webhooks that it sends.
  std::vector<simulation::Outbound> act(simulation::FaultyVendor& vendor, const std::string& deed,
                                        const nlohmann::json& with = nlohmann::json::object()) {
    auto sent = vendor.vendor().act(simulation::Deed(deed, with), clock.now());
    EXPECT_TRUE(sent) << (sent ? "" : sent.error().detail);
    return sent ? std::move(*sent) : std::vector<simulation::Outbound>();
  }
  // The answer to a vendor's webhook, and to a chat platform's.
  Reply hook(const std::string& destination, const Request& request) {
    auto raw = received(request, "/v1/hooks/", destination);
    raw.params["destination"] = destination;
    return *await(ingress->hook(std::move(raw)));
  }
  Reply event(const std::string& source, const Request& request) {
    auto raw = received(request, "/v1/in/", source);
    raw.params["source"] = source;
    return *await(ingress->platform(std::move(raw)));
  }

  template <class T>
  Result<T> await(Task<T> task) {
    std::optional<Result<T>> result;
    scope.spawn(std::move(task), [&result](Result<T> r) { result.emplace(std::move(r)); });
    clock.run(clock.now() + 1s, [&] { return result.has_value(); });
    BATON_CHECK(result);
    return std::move(*result);
  }
  void run(Duration time = 30s) { clock.run(clock.now() + time); }

  const Handoff& handoff(const HandoffId& id) const { return *store.handoffs.at(id).handoff; }

  Loop loop;
  VirtualClock clock;
  MemoryStore store;
  MemoryJournal memory;
  UnwellJournal journal;
  simulation::VendorClient network;
  Random random{7};
  sdk::Accounts accounts;
  Abilities abilities;
  ingress::Sources sources;
  handoff::Rules rules;
  handoff::Patience patience;
  std::optional<ingress::Ingress> ingress;
  std::optional<Planner> planner;
  std::optional<delivery::Station> station;
  Scope scope;

 private:
  RawRequest received(const Request& request, const std::string& door, const std::string& whose) {
    RawRequest raw(request.method, door + whose + request.target, request.body, request.headers);
    raw.received_at = clock.now();
    return raw;
  }
};

}  // namespace baton::contract
