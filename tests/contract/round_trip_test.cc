// Every chat platform that speaks in its own words, with the real doors and stations between it and a
// helpdesk: the bot hands over, the customer is told, a person solves, the bot has the conversation back; and
// once more.
#include <gtest/gtest.h>

#include "tests/contract/small_gateway.h"

namespace baton::contract {
namespace {

using nlohmann::json;

constexpr auto kPlatform = "chat";

std::vector<Place> platforms() {
  auto all = places();
  std::erase_if(all, [](const Place& place) { return !place.webhook.value("events", false); });
  return all;
}

class RoundTrip : public ::testing::TestWithParam<Place>, protected SmallGateway {
 protected:
  RoundTrip() : chat(simulation::make_vendor(GetParam().connector, GetParam().setup)) {}
  void SetUp() override {
    const auto desk = place_of("zendesk");
    if (!desk) GTEST_SKIP() << "no Zendesk in this registry";
    add(GetParam(), kPlatform, chat);
    for (const auto& one : GetParam().deeds) (void)act(chat, one.at("deed"), one.at("with"));
    helpdesk.emplace(simulation::make_vendor("zendesk", desk->setup));
    add(*desk, "zendesk", *helpdesk);
    send_tickets_to("zendesk");
    add_source("widget", kPlatform);
    start();
  }
  ~RoundTrip() override { stop(); }

  // What the platform sends when `deed` is done there; `n` makes the n-th time another one.
  void happens(const json& deed) {
    for (const auto& one : act(chat, deed.at("deed"), deed.at("with"))) {
      const auto reply = event("widget", one.request);
      EXPECT_LT(reply.status, 300) << reply.body;
      // One that waits for the answer is told it by a deed of its own.
      const auto answered = deed.value("answered", std::string());
      if (answered.empty()) continue;
      auto with = deed.at("with");
      with.update(json{{"status", reply.status}, {"body", reply.body}});
      (void)act(chat, answered, with);
    }
  }
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
  // Dana does it at the helpdesk.
  void does(SignalKind kind, const std::string& text = {}) {
    Batch batch;
    Signal signal(kind, std::string(name(kind)) + latest().id.text, latest().ticket->object_id, "U1");
    signal.from = DestinationId("zendesk");
    signal.who_name = "Dana";
    signal.text = text;
    const auto key = signal.id;
    batch.facts.emplace_back(latest().id, key, Fact(clock.now(), std::move(signal)));
    ASSERT_TRUE(await(journal.commit(std::move(batch)))->done());
    run(1min);
  }

  simulation::FaultyVendor chat;
  std::optional<simulation::FaultyVendor> helpdesk;
};

TEST_P(RoundTrip, goes_there_and_back_several_times_in_one_conversation) {
  for (int round = 1; round <= 3; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const auto told = effect(effect_of(Operation::tell_customer));
    const auto back = effect(effect_of(Operation::give_back));
    for (const auto& before : GetParam().webhook.value("before", json::array())) happens(before);
    happens(GetParam().webhook);
    run(2min);
    ASSERT_EQ(store.handoffs.size(), static_cast<std::size_t>(round));
    EXPECT_EQ(latest().sequence, round);
    EXPECT_EQ(name(latest().state), "waiting");
    ASSERT_TRUE(latest().ticket);
    if (can(Operation::tell_customer)) EXPECT_GE(effect(effect_of(Operation::tell_customer)), told + 1);
    const auto claims = effect(GetParam().claimed);
    does(SignalKind::claimed);
    EXPECT_EQ(name(latest().state), "claimed");
    if (!GetParam().claimed.empty()) EXPECT_EQ(effect(GetParam().claimed), claims + 1);
    does(SignalKind::solved, "Refunded.");
    EXPECT_EQ(name(latest().state), "returned");
    if (can(Operation::give_back)) EXPECT_GE(effect(effect_of(Operation::give_back)), back + 1);
    EXPECT_EQ(chat.vendor().ledger().value("duplicates", 0), 0);
    run(1h);
  }
  EXPECT_EQ(helpdesk->vendor().ledger().at("tickets").size(), 3u);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RoundTrip);
INSTANTIATE_TEST_SUITE_P(Every, RoundTrip, ::testing::ValuesIn(platforms()),
                         [](const auto& info) { return info.param.connector; });

}  // namespace
}  // namespace baton::contract
