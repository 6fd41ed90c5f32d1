// kill -9 at random moments of a busy gateway: what was answered with 202 takes effect once at each
// vendor, by the vendors' own ledgers. BATON_KILLS sets how often, BATON_SEED when.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "tests/e2e/senders.h"

namespace baton::e2e {
namespace {

using nlohmann::json;

int number_of(const char* variable, int fallback) {
  const char* text = std::getenv(variable);
  return text ? std::atoi(text) : fallback;
}

using Counts = std::map<std::string, int>;  // by handoff

Counts count(const json& list, const std::function<std::string(JsonView)>& handoff_of) {
  Counts counts;
  for (const auto& item : list) ++counts[handoff_of(JsonView(item))];
  return counts;
}

void expect_each_once(Site& site, const std::map<std::string, std::string>& taken) {
  const auto tickets = site.ledger("zendesk"), chat = site.ledger("slack"),
             platform = site.ledger("standard_webhooks");
  ASSERT_TRUE(tickets && chat && platform);
  for (const auto* ledger : {&*tickets, &*chat, &*platform}) EXPECT_EQ(ledger->value("duplicates", -1), 0);
  const auto by_ticket = count(tickets->at("tickets"), [](JsonView ticket) {
    const auto id = ticket["external_id"].text();
    return id.substr(0, id.find('/'));
  });
  const auto by_card = count(chat->at("messages"), [](JsonView card) {
    return card.at_path("metadata.event_payload.handoff_id").text();
  });
  auto accepted = json::array();
  for (const auto& event : platform->at("events")) {
    if (event.at("type") == "handoff.accepted") accepted.push_back(event);
  }
  const auto by_event =
      count(accepted, [](JsonView event) { return event.at_path("body.data.handoff_id").text(); });
  std::set<std::string> handoffs;
  for (const auto& [event, handoff] : taken) {
    EXPECT_FALSE(handoff.empty()) << event;
    EXPECT_TRUE(handoffs.insert(handoff).second) << handoff << " answers two events";
    for (const auto& [what, counts] :
         {std::pair{"ticket", &by_ticket}, {"card", &by_card}, {"accepted", &by_event}}) {
      const auto found = counts->find(handoff);
      EXPECT_EQ(found == counts->end() ? 0 : found->second, 1) << what << " of " << event << " " << handoff;
    }
  }
  // What was taken without our hearing of the 202 is there once as well.
  for (const auto* counts : {&by_ticket, &by_card, &by_event}) {
    for (const auto& [handoff, n] : *counts) EXPECT_EQ(n, 1) << handoff;
  }
}

TEST(EndToEnd, what_was_accepted_takes_effect_once_however_often_the_gateway_is_killed) {
  const int kills = number_of("BATON_KILLS", 8);
  std::mt19937 random(static_cast<unsigned>(number_of("BATON_SEED", 1)));
  Site site;
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  Senders senders(site, 3, Duration{60ms});
  for (int i = 0; i < kills; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(20, 900)(random)));
    site.end_gateway(SIGKILL);
    const auto again = site.start_gateway();
    ASSERT_TRUE(again) << again.error().detail;
  }
  senders.finish();
  // Slack takes fifty updates of cards a minute; each kill may leave some behind.
  const auto quiet = site.quiet(90s + kills * 4s);
  ASSERT_TRUE(quiet) << quiet.error().detail;
  const auto taken = senders.taken();
  EXPECT_GT(taken.size(), static_cast<std::size_t>(kills));
  std::printf("%d kills, %zu events accepted, %d requests cut\n", kills, taken.size(), senders.unanswered());
  expect_each_once(site, taken);
}

TEST(EndToEnd, a_polite_end_answers_every_request_that_was_started) {
  Site site;
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  Senders senders(site, 4, Duration{1ms});
  std::this_thread::sleep_for(700ms);
  EXPECT_EQ(site.end_gateway(SIGTERM), 0);
  senders.finish();
  EXPECT_EQ(senders.unanswered(), 0) << "a request was sent and got no answer";
  const auto taken = senders.taken();
  EXPECT_GT(taken.size(), 5u);
  ASSERT_TRUE(site.start_gateway());
  const auto quiet = site.quiet(Duration{90s});
  ASSERT_TRUE(quiet) << quiet.error().detail;
  expect_each_once(site, taken);
  EXPECT_EQ(site.end_gateway(SIGTERM), 0);
}

}  // namespace
}  // namespace baton::e2e
