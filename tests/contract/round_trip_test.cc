// Every chat platform that speaks in its own words, with the real doors and stations between it and a
// helpdesk: the bot hands over, the customer is told, a person solves, the bot has the conversation back; and
// once more.
#include <gtest/gtest.h>

#include "connectors/simulation/registry.h"
#include "gateway/ingress/ingress.h"
#include "gateway/planner/planner.h"
#include "tests/tell/shipped.h"
#include "tests/contract/accounts.h"
#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

using nlohmann::json;

constexpr auto kPlatform = "chat";

std::vector<Place> platforms() {
  auto all = places();
  std::erase_if(all, [](const Place& place) { return !place.webhook.value("events", false); });
  return all;
}

Place desk() {
  for (auto& place : places()) {
    if (place.connector == "zendesk") return place;
  }
  std::abort();
}

class RoundTrip : public ::testing::TestWithParam<Place> {
 protected:
  RoundTrip()
      : chat(simulation::make_vendor(GetParam().connector, GetParam().setup)),
        helpdesk(simulation::make_vendor("zendesk", desk().setup)),
        clock(loop, TimePoint{} + std::chrono::years(56)), journal(store, clock),
        network(clock, {.latency = Duration{40}}), scope(loop, clock) {
    add(GetParam(), kPlatform, chat);
    for (const auto& one : GetParam().deeds)
      EXPECT_TRUE(chat.vendor().act(simulation::Deed(one.at("deed"), one.at("with")), clock.now()));
    add(desk(), "zendesk", helpdesk);
    handoff::Rule everything;
    everything.name = "everything";
    everything.to.tickets = DestinationId("zendesk");
    rules.push_back(everything);
    ingress::Source source;
    source.name = source.event_source = "widget";
    source.platform = DestinationId(kPlatform);
    sources.emplace("widget", std::move(source));
    abilities = sdk::abilities(accounts);
    ingress.emplace(ingress::Ingress::Parts(journal, clock, random, sources, rules, accounts));
    planner.emplace(journal, clock, random, rules, abilities, patience, tell_testing::shipped());
    station.emplace(accounts, journal, network, clock, random);
    scope.spawn(planner->run(scope.stop_token()));
    scope.spawn(station->run(scope.stop_token()));
  }
  ~RoundTrip() override {
    scope.cancel();
    clock.run(clock.now() + 1min);
  }

  void add(const Place& place, const std::string& name, simulation::FaultyVendor& vendor) {
    auto account = make_account(place, name);
    network.add(place.base_url, vendor);
    for (const auto& url : place.also) network.add(url, vendor);
    const auto id = account->id;
    accounts.emplace(id, std::move(account));
  }

  // What the platform sends when `deed` is done there; `n` makes the n-th time another one.
  void happens(const json& deed) {
    const auto sent = chat.vendor().act(simulation::Deed(deed.at("deed"), deed.at("with")), clock.now());
    ASSERT_TRUE(sent) << sent.error().detail;
    for (const auto& one : *sent) {
      RawRequest raw(one.request.method, "/v1/in/widget" + one.request.target, one.request.body,
                     one.request.headers);
      raw.params["source"] = "widget";
      raw.received_at = clock.now();
      std::optional<Result<Reply>> reply;
      scope.spawn(ingress->platform(std::move(raw)),
                  [&](Result<Reply> got) { reply.emplace(std::move(got)); });
      clock.run(clock.now() + 1s, [&] { return reply.has_value(); });
      ASSERT_TRUE(reply && *reply);
      EXPECT_LT((*reply)->status, 300) << (*reply)->body;
      // One that waits for the answer is told it by a deed of its own.
      const auto answered = deed.value("answered", std::string());
      if (answered.empty()) continue;
      auto with = deed.at("with");
      with.update(json{{"status", (*reply)->status}, {"body", (*reply)->body}});
      EXPECT_TRUE(chat.vendor().act(simulation::Deed(answered, with), clock.now()));
    }
  }
  void run(Duration time = 2min) { clock.run(clock.now() + time); }
  int effect(const std::string& name) const {
    return chat.vendor().ledger().value("effects", json::object()).value(name, 0);
  }
  std::string effect_of(Operation operation) const {
    return GetParam().operations.value(std::string(name(operation)), json::object()).value("effect", "");
  }
  bool can(Operation operation) const { return !effect_of(operation).empty(); }
  const Handoff& latest() const {
    const Handoff* found = nullptr;
    for (const auto& [id, row] : store.handoffs) {
      if (!found || row.handoff->sequence > found->sequence) found = row.handoff.get();
    }
    return *found;
  }
  void solve() {
    Batch batch;
    Signal solved(SignalKind::solved, "s" + latest().id.text, latest().ticket->object_id, "U1");
    solved.from = DestinationId("zendesk");
    solved.who_name = "Dana";
    solved.text = "Refunded.";
    const auto key = solved.id;
    batch.facts.emplace_back(latest().id, key, Fact(clock.now(), std::move(solved)));
    std::optional<Result<Committed>> done;
    scope.spawn(journal.commit(std::move(batch)),
                [&](Result<Committed> got) { done.emplace(std::move(got)); });
    run();
    ASSERT_TRUE(done && *done && (*done)->done());
  }

  simulation::FaultyVendor chat, helpdesk;
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
};

TEST_P(RoundTrip, goes_there_and_back_several_times_in_one_conversation) {
  for (int round = 1; round <= 3; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const auto told = effect(effect_of(Operation::tell_customer));
    const auto back = effect(effect_of(Operation::give_back));
    for (const auto& before : GetParam().webhook.value("before", json::array())) happens(before);
    happens(GetParam().webhook);
    run();
    ASSERT_EQ(store.handoffs.size(), static_cast<std::size_t>(round));
    EXPECT_EQ(latest().sequence, round);
    EXPECT_EQ(name(latest().state), "waiting");
    ASSERT_TRUE(latest().ticket);
    if (can(Operation::tell_customer)) EXPECT_GE(effect(effect_of(Operation::tell_customer)), told + 1);
    solve();
    EXPECT_EQ(name(latest().state), "returned");
    if (can(Operation::give_back)) EXPECT_GE(effect(effect_of(Operation::give_back)), back + 1);
    EXPECT_EQ(chat.vendor().ledger().value("duplicates", 0), 0);
    run(1h);
  }
  EXPECT_EQ(helpdesk.vendor().ledger().at("tickets").size(), 3u);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RoundTrip);
INSTANTIATE_TEST_SUITE_P(Every, RoundTrip, ::testing::ValuesIn(platforms()),
                         [](const auto& info) { return info.param.connector; });

}  // namespace
}  // namespace baton::contract
