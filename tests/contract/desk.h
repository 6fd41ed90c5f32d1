// Purpose: one destination that is helpdesk or CRM, at its simulated vendor, with the real doors and stations
// between it and a chat platform; a journal in memory and virtual time. Owner: a test. Threads: one loop.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/simulation/registry.h"
#include "gateway/handoff/route.h"
#include "gateway/ingress/ingress.h"
#include "gateway/journal/opening.h"
#include "gateway/planner/planner.h"
#include "tests/contract/accounts.h"
#include "tests/contract/bench.h"
#include "tests/tell/shipped.h"

namespace baton::contract {

inline std::optional<Place> place_of(const char* connector) {
  const auto all = places();
  const auto found = std::ranges::find(all, connector, &Place::connector);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

// One destination that is helpdesk and CRM, and a chat platform that takes events.
class Desk {
 public:
  Desk(const Place& place, const Place& platform)
      : name(place.connector), desk(simulation::make_vendor(place.connector, place.setup)),
        bot(simulation::make_vendor(platform.connector, platform.setup)),
        clock(loop, TimePoint{} + std::chrono::years(56)), journal(store, clock),
        network(clock, {.latency = Duration{40}}), scope(loop, clock) {
    add(place, name, desk);
    add(platform, "bot", bot);
    for (const auto& wanted : place.prepare) {
      RawRequest request(wanted.at("method"), wanted.at("target"), wanted.at("body").dump(),
                         wanted.at("headers").get<Headers>());
      request.received_at = clock.now();
      EXPECT_LT(desk.handle(request).reply.status, 300);
    }
    ingress::Source source;
    source.name = source.event_source = "chat";
    source.platform = DestinationId("bot");
    sources.emplace("chat", std::move(source));
    handoff::Rule everything;
    everything.name = "everything";
    everything.to.tickets = DestinationId(name);
    rules.push_back(std::move(everything));
    abilities = sdk::abilities(accounts);
    ingress::Ingress::Parts parts(journal, clock, random, sources, rules, accounts);
    parts.erase = [this](Person person) { return erase(std::move(person)); };
    parts.withheld = [this](const sdk::Account& account, const sdk::Withholding& withheld) {
      warned.push_back(account.id.text + ": " + withheld.why);
    };
    ingress.emplace(std::move(parts));
    planner.emplace(journal, clock, random, rules, abilities, patience, tell_testing::shipped());
    station.emplace(accounts, journal, network, clock, random);
    scope.spawn(planner->run(scope.stop_token()));
    scope.spawn(station->run(scope.stop_token()));
  }
  ~Desk() {
    scope.cancel();
    clock.run(clock.now() + 1min);
  }

  // A handoff of this conversation, with its ticket.
  HandoffId open(const std::string& conversation, const std::string& email) {
    const nlohmann::json data = {{"conversation", {{"id", conversation}}},
                                 {"customer", {{"email", email}, {"name", "Somebody"}}},
                                 {"intent", {{"name", "refund"}, {"summary", "Was charged twice."}}},
                                 {"reason", {{"trigger", "explicit_request"}}}};
    Event event(EventKey(WorkspaceId("main"), "chat", "e-" + conversation), "handoff.requested",
                ConversationId("chat", conversation), Priority::high, data);
    Route route;
    route.context = {DestinationId(name)};
    route.tickets = DestinationId(name);
    handoff::equip(route, abilities, DestinationId("bot"));
    const HandoffId id("hof_" + conversation);
    auto key = event.key.text();
    const auto done =
        await(journal.commit(opening(id, std::move(route), std::move(event), key, "", clock.now())));
    EXPECT_TRUE(done && done->done());
    run();
    EXPECT_TRUE(handoff(id).ticket);
    return id;
  }

  // What the vendor sends when this is done there; the last answer of ours.
  int happens(const char* deed, const nlohmann::json& with) {
    const auto sent = desk.vendor().act(simulation::Deed(deed, with), clock.now());
    EXPECT_TRUE(sent) << (sent ? "" : sent.error().detail);
    int status = 0;
    for (const auto& one : sent ? *sent : std::vector<simulation::Outbound>()) status = hears(one.request);
    return status;
  }
  // The same of the chat platform.
  int platform_tells(const char* deed, const nlohmann::json& with) {
    const auto sent = bot.vendor().act(simulation::Deed(deed, with), clock.now());
    EXPECT_TRUE(sent) << (sent ? "" : sent.error().detail);
    int status = 0;
    for (const auto& one : sent ? *sent : std::vector<simulation::Outbound>()) {
      last = one.request;
      RawRequest raw(last.method, "/v1/in/chat" + last.target, last.body, last.headers);
      raw.params["source"] = "chat";
      raw.received_at = clock.now();
      const auto reply = await(ingress->platform(std::move(raw)));
      status = reply ? reply->status : 0;
    }
    return status;
  }
  int hears(const Request& request) {
    last = request;
    RawRequest raw(request.method, "/v1/hooks/" + name + request.target, request.body, request.headers);
    raw.params["destination"] = name;
    raw.received_at = clock.now();
    const auto reply = await(ingress->hook(std::move(raw)));
    return reply ? reply->status : 0;
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
  std::vector<Job> jobs(const HandoffId& id, Operation operation) {
    auto all = await(journal.load(id))->jobs;
    std::erase_if(all, [&](const Job& job) { return job.key.work != Work(operation); });
    return all;
  }
  // Who gave it back, as the chat platform reads it; nothing while nobody did.
  std::optional<std::string> gave_back(const HandoffId& id) {
    for (const auto& job : jobs(id, Operation::emit)) {
      const JsonView subject(job.subject);
      if (subject["type"].text() == "handoff.returned") return subject.at_path("data.by.name").text();
    }
    return std::nullopt;
  }
  // Says something to the conversation, which becomes a note.
  void says(const HandoffId& id, const std::string& text) {
    Event event(EventKey(WorkspaceId("main"), "chat", "u-" + text), "handoff.updated",
                handoff(id).conversation, Priority::high,
                {{"transcript", {{{"id", text}, {"role", "customer"}, {"text", text}}}}});
    Batch batch;
    auto key = event.key.text();
    batch.facts.emplace_back(id, std::move(key), Fact(clock.now(), std::move(event)));
    EXPECT_TRUE(await(journal.commit(std::move(batch)))->done());
    run();
  }

  const std::string name;
  simulation::FaultyVendor desk, bot;
  Loop loop;
  VirtualClock clock;
  MemoryStore store;
  MemoryJournal journal;
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
  Request last{"POST", ""};
  bool cannot_erase = false;
  std::vector<std::string> warned;  // what the operator reads in the log

 private:
  void add(const Place& place, const std::string& as, simulation::FaultyVendor& vendor) {
    auto account = make_account(place, as);
    network.add(place.base_url, vendor);
    const auto id = account->id;
    accounts.emplace(id, std::move(account));
  }
  Task<Done> erase(Person person) {
    if (cannot_erase) co_return Failure(FailureKind::retryable, "another task is under way");
    const auto erased = co_await journal.erase(std::move(person));
    if (!erased) co_return erased.error();
    co_return Done{};
  }
};

}  // namespace baton::contract
