// Webhooks that never come: what nobody told us is found by asking (promise D13).
#include <algorithm>

#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "tests/walk/life.h"

namespace baton::walk {
namespace {

using nlohmann::json;

Event request(int i) {
  const auto n = std::to_string(i);
  json data = {{"conversation", {{"id", "d" + n}}},
               {"customer", {{"name", "Ada"}, {"email", "ada" + n + "@example.com"}}},
               {"intent", {{"summary", "Was charged twice."}}}};
  return Event(EventKey(WorkspaceId("main"), "chat", "d" + n), "handoff.requested",
               ConversationId("chat", "d" + n), Priority::normal, std::move(data));
}

std::vector<Handoff> all_of(Life& life) {
  HandoffQuery query;
  query.limit = 1000;
  return *life.await(life.journal().query(std::move(query)));
}

TEST(LostSignals, one_in_twenty_solved_tickets_unheard_of_are_all_returned_within_the_hour) {
  constexpr int kHandoffs = 200;
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Outside outside;
  outside.people = false;
  outside.asks = true;
  Life life(outside);
  for (int i = 0; i < kHandoffs; ++i) (void)life.await(life.platform_sends(request(i)));
  life.run(5min);

  const auto tickets = outside.ledger(kDesk).at("tickets");
  ASSERT_GE(tickets.size(), static_cast<std::size_t>(kHandoffs));
  Random random(kSeed);
  int lost = 0;
  const auto solved_at = life.clock().now();
  for (const auto& ticket : tickets) {
    const json solve = {{"ticket", ticket.at("id")}, {"by", "dana@acme.example"}};
    auto webhooks = outside.vendor(kDesk).vendor().act(simulation::Deed("solve", solve), solved_at);
    ASSERT_TRUE(webhooks);
    if (random.bits() % 20 == 0) {
      ++lost;
      continue;
    }
    for (const auto& webhook : *webhooks) (void)life.await(life.hook(kDesk, webhook, solved_at));
  }
  ASSERT_GT(lost, 3);
  life.run(1min);
  const auto open = [&] {
    return std::ranges::count_if(all_of(life), [](const Handoff& one) { return is_open(one.state); });
  };
  EXPECT_EQ(open(), lost);
  life.run(1h);
  EXPECT_EQ(open(), 0);
  Duration slowest{0};
  for (const auto& handoff : all_of(life)) {
    EXPECT_EQ(name(handoff.state), "returned") << handoff.id.text;
    for (const auto& passage : handoff.passages) {
      if (passage.state == State::resolved) slowest = std::max(slowest, passage.at - solved_at);
    }
  }
  EXPECT_LE(slowest, 15min);
  std::cout << lost << " of " << tickets.size() << " webhooks lost; the last was found after "
            << std::chrono::floor<std::chrono::seconds>(slowest).count() << " s\n";
}

}  // namespace
}  // namespace baton::walk
