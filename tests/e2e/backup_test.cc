// A backup taken under load, restored as if the machine had been lost: no acknowledged event up to it is
// missing, and what was sent after it is not sent a second time (promise D15).
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "tests/e2e/senders.h"

namespace baton::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

// Waits until nothing has been pending for a moment.
bool settled(Site& site) {
  int calm = 0;
  for (int turn = 0; turn < 1200 && calm < 5; ++turn) {
    const auto body = site.admin("/v1/deliveries?state=pending&limit=1");
    const auto list = body ? JsonView(*body)["deliveries"].list() : std::nullopt;
    calm = list && list->empty() ? calm + 1 : 0;
    std::this_thread::sleep_for(100ms);
  }
  return calm == 5;
}

TEST(EndToEnd, a_backup_under_load_is_restored_without_a_loss_and_without_a_second_ticket) {
  Site site;
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  Senders senders(site, 2, Duration{15ms});
  std::this_thread::sleep_for(500ms);
  const auto before = senders.taken();
  const auto answer =
      site.post("/v1/store/backup", {{"why", "every night"}, {"to", site.folder() + "/kept"}});
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->status, 200) << answer->body;
  ASSERT_THAT(answer->body, HasSubstr(R"("state":"done")"));
  std::this_thread::sleep_for(400ms);
  senders.finish();
  ASSERT_TRUE(settled(site));
  const auto sent = site.ledger("zendesk");
  ASSERT_TRUE(sent);
  EXPECT_GE(before.size(), 5u);

  site.end_gateway(SIGKILL);
  fs::rename(site.folder() + "/data", site.folder() + "/lost");
  const auto restored = run_baton({"restore", "--from", "kept", "--to", "data"}, site.folder());
  ASSERT_EQ(restored.exit, 0) << restored.err;
  EXPECT_THAT(restored.err, HasSubstr("root key"));
  fs::copy_file(site.folder() + "/lost/root.key", site.folder() + "/data/root.key");
  ASSERT_TRUE(site.start_gateway());
  ASSERT_TRUE(settled(site));

  for (const auto& [event, handoff] : before) {
    EXPECT_TRUE(site.admin("/v1/handoffs/" + handoff)) << event << " was acknowledged before the backup";
  }
  const auto ledger = site.ledger("zendesk");
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->value("duplicates", -1), 0);
  EXPECT_EQ(ledger->at("tickets").size(), sent->at("tickets").size()) << "all of them were there before";
  std::map<std::string, int> tickets;
  for (const auto& ticket : ledger->at("tickets")) ++tickets[JsonView(ticket)["external_id"].text()];
  for (const auto& [id, count] : tickets) EXPECT_EQ(count, 1) << id;
  app::BlockingClient client;
  const auto again = site.send(client, before.begin()->first, 5s);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->body, HasSubstr(before.begin()->second)) << "the same event gets the same handoff";

  // As an operator sees it, while it runs and after.
  const auto checked = site.post("/v1/store/check", {{"why", "after the restore"}});
  ASSERT_TRUE(checked);
  EXPECT_THAT(checked->body, HasSubstr(R"("damaged":[])"));
  const auto doctor = run_baton({"doctor", "--offline"}, site.folder());
  EXPECT_THAT(doctor.out, HasSubstr(", all sound")) << doctor.err;
  EXPECT_THAT(doctor.out, HasSubstr("a gateway runs on this store"));
  const auto email = before.begin()->first + "@example.com";
  const auto erased = site.post("/v1/store/erase", {{"why", "asked by mail"}, {"email", email}});
  ASSERT_TRUE(erased);
  EXPECT_THAT(erased->body, HasSubstr(R"("handoffs":1)"));
  EXPECT_EQ(site.end_gateway(SIGTERM), 0);
  const auto fsck = run_baton({"fsck"}, site.folder());
  EXPECT_EQ(fsck.exit, 0) << fsck.out << fsck.err;
  EXPECT_THAT(fsck.out, HasSubstr(" 0 damaged"));
  const auto alone = run_baton({"backup", "--to", "kept-too"}, site.folder());
  EXPECT_EQ(alone.exit, 0) << alone.err;
}

// As the command does: on a busy machine the answer comes before the end of it.
void take_copy(Site& site, const std::string& copy) {
  const auto to = site.folder() + "/" + copy;
  const auto answer = site.post("/v1/store/backup", {{"why", "every night"}, {"to", to}});
  ASSERT_TRUE(answer) << answer.error().detail;
  ASSERT_TRUE(answer->status == 200 || answer->body.find("handler_timeout") != std::string::npos)
      << answer->body;
  std::string state;
  for (int turn = 0; turn < 2400; ++turn) {
    const auto store = site.admin("/v1/store");
    state = store ? store->value("state", "") : "";
    ASSERT_NE(state, "failed") << store->dump();
    if (state == "done" && fs::exists(to + "/manifest.json")) return;
    std::this_thread::sleep_for(50ms);
  }
  FAIL() << "the copy is not there after two minutes, but " << state;
}

// What an operator does when a machine is lost: the copy takes the store's place.
void restore_copy(Site& site, const std::string& copy) {
  const fs::path folder(site.folder());
  fs::rename(folder / "data", folder / "lost");
  const auto restored = run_baton({"restore", "--from", copy, "--to", "data"}, site.folder());
  ASSERT_EQ(restored.exit, 0) << restored.err;
  fs::copy_file(folder / "lost/root.key", folder / "data/root.key");
  fs::remove_all(folder / "lost");
}

TEST(EndToEnd, every_backup_that_was_taken_under_load_restores_to_what_was_acknowledged) {
  const char* wanted = std::getenv("BATON_RESTORES");
  const int rounds = wanted ? std::atoi(wanted) : 3;
  Site site;
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  std::map<std::string, std::string> acknowledged;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    const auto copy = "kept-" + std::to_string(round);
    Senders senders(site, 2, Duration{5ms}, "round-" + std::to_string(round) + "-");
    const auto enough = static_cast<std::size_t>(5 + round * 7 % 23);
    for (int turn = 0; turn < 6000 && senders.taken().size() < enough; ++turn)
      std::this_thread::sleep_for(10ms);
    const auto before = senders.taken();
    ASSERT_GE(before.size(), enough);
    ASSERT_NO_FATAL_FAILURE(take_copy(site, copy));
    // What is sent meanwhile the copy does not know: it finds it at the vendor.
    std::this_thread::sleep_for(Duration{round * 37 % 300});
    site.end_gateway(SIGKILL);
    senders.finish();
    ASSERT_NO_FATAL_FAILURE(restore_copy(site, copy));
    const auto started = site.start_gateway();
    ASSERT_TRUE(started) << started.error().detail;
    for (const auto& [event, handoff] : before)
      ASSERT_TRUE(site.admin("/v1/handoffs/" + handoff)) << event << " was acknowledged before the backup";
    acknowledged.insert(before.begin(), before.end());
    fs::remove_all(fs::path(site.folder()) / copy);
  }
  ASSERT_TRUE(settled(site));
  for (const auto& [event, handoff] : acknowledged)
    EXPECT_TRUE(site.admin("/v1/handoffs/" + handoff)) << event;
  const auto dead = site.admin("/v1/deliveries?state=dead&limit=1");
  ASSERT_TRUE(dead);
  EXPECT_TRUE(dead->at("deliveries").empty()) << dead->dump();
  const auto ledger = site.ledger("zendesk");
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->value("duplicates", -1), 0);
  std::map<std::string, int> tickets;
  for (const auto& ticket : ledger->at("tickets")) ++tickets[JsonView(ticket)["external_id"].text()];
  for (const auto& [id, count] : tickets) EXPECT_EQ(count, 1) << id;
  EXPECT_GE(tickets.size(), acknowledged.size());
  EXPECT_EQ(site.end_gateway(SIGTERM), 0);
  const auto fsck = run_baton({"fsck"}, site.folder());
  EXPECT_EQ(fsck.exit, 0) << fsck.out << fsck.err;
}

}  // namespace
}  // namespace baton::e2e
