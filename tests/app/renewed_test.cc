// What a reload changes for destinations that Baton had parked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/app/renewed.h"
#include "gateway/base/scope.h"
#include "gateway/journal/memory/memory.h"
#include "tests/support/await.h"

namespace baton::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::unique_ptr<sdk::Account> desk(const std::string& token, const std::string& channel = "C1") {
  auto account = std::make_unique<sdk::Account>();
  account->id = DestinationId("desk");
  account->base_url = "https://desk.example";
  account->settings = sdk::Settings({{"channel", channel}});
  account->secrets["token"].emplace_back(token);
  return account;
}
sdk::Accounts only(std::unique_ptr<sdk::Account> account) {
  sdk::Accounts accounts;
  const auto id = account->id;
  accounts.emplace(id, std::move(account));
  return accounts;
}

TEST(Renewed, is_who_has_another_secret_setting_or_address) {
  const auto before = only(desk("old"));
  EXPECT_THAT(renewed(before, only(desk("old"))), IsEmpty());
  EXPECT_THAT(renewed(before, only(desk("new"))), ElementsAre(DestinationId("desk")));
  EXPECT_THAT(renewed(before, only(desk("old", "C2"))), ElementsAre(DestinationId("desk")));
  auto moved = desk("old");
  moved->base_url = "https://elsewhere.example";
  EXPECT_THAT(renewed(before, only(std::move(moved))), ElementsAre(DestinationId("desk")));
  auto rotating = desk("new");
  rotating->secrets["token"].emplace_back(std::string("old"));
  EXPECT_THAT(renewed(before, only(std::move(rotating))), ElementsAre(DestinationId("desk")));
  EXPECT_THAT(renewed({}, before), IsEmpty()) << "a new one was never refused";
}

TEST(Renewed, only_those_go_on_that_baton_parked) {
  Loop loop;
  VirtualClock clock(loop, TimePoint{} + std::chrono::years(56));
  MemoryStore store;
  MemoryJournal journal(store, clock);
  Scope scope(loop, clock);
  const auto pause = [&](const char* lane, const char* by, std::optional<TimePoint> until = {}) {
    LaneState state(DestinationId(lane), true, by, "why", clock.now());
    state.until = until;
    store.lanes.insert_or_assign(DestinationId(lane), state);
  };
  pause("desk", "baton");
  pause("crm", "ada");
  pause("slack", "baton", clock.now() + 1h);
  pause("other", "baton");
  std::vector<DestinationId> changed;
  for (const auto* lane : {"desk", "crm", "slack"}) changed.emplace_back(lane);
  ASSERT_TRUE(await_on(scope, clock, resume_parked(journal, clock, changed), clock.now() + 1min));
  std::vector<std::string> held;
  for (const auto& [lane, state] : store.lanes) {
    if (state.paused) held.push_back(lane.text);
  }
  EXPECT_THAT(held, ElementsAre("crm", "other", "slack"));
}

}  // namespace
}  // namespace baton::app
