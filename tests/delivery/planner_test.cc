// Purpose: the planner's loop: timers, news that come while it works, a journal that is unwell or refuses.
#include "gateway/planner/planner.h"
#include "gateway/base/json_view.h"
#include "tests/delivery/bench.h"
#include "tests/tell/shipped.h"

namespace baton::delivery_testing {
namespace {

class Desk {
 public:
  Desk()
      : clock(loop_, kStart), memory_(store, clock), journal(memory_, clock),
        planner_(journal, clock, random_, rules_, abilities_, patience_, tell_testing::shipped()), scope_(loop_, clock) {
    scope_.spawn(planner_.run(scope_.stop_token()));
  }

  void request(const std::string& id, std::vector<DestinationId> context = {}) {
    Route route;
    route.tickets = kDesk;
    route.context = std::move(context);
    Batch batch;
    batch.opens.emplace(HandoffId("hof_" + id), WorkspaceId("main"), ConversationId("chat", id),
                        Priority::normal, route, clock.now());
    batch.jobs.emplace_back(JobKey(HandoffId("hof_" + id), planner_lane(), Upkeep::plan), TimePoint::max());
    commit(std::move(batch));
    tell(id, "handoff.requested", id + "-requested");
  }
  void tell(const std::string& id, const std::string& type, const std::string& key) {
    Batch batch;
    Event event(EventKey(WorkspaceId("main"), "chat", key), type, ConversationId("chat", id),
                Priority::normal, {{"transcript", {{{"id", key}, {"role", "customer"}, {"text", key}}}}});
    batch.facts.emplace_back(HandoffId("hof_" + id), "main/chat/" + key, Fact(clock.now(), std::move(event)));
    commit(std::move(batch));
  }
  void commit(Batch batch) {
    bool done = false;
    scope_.spawn(memory_.commit(std::move(batch)),
                 [&](Result<Committed> result) { done = result && result->done(); });
    clock.run(clock.now(), [&] { return done; });
    BATON_CHECK(done);
  }
  void run(Duration time) {
    bool over = false;
    scope_.spawn(clock.until(clock.now() + time), [&](Result<Done>) { over = true; });
    clock.run(TimePoint::max(), [&] { return over; });
  }
  const Handoff& handoff(const std::string& id) { return *store.handoffs.at(HandoffId("hof_" + id)).handoff; }
  std::size_t jobs(Operation operation) {
    std::size_t found = 0;
    for (const auto& [position, row] : store.jobs) found += row.job.key.work == Work(operation);
    return found;
  }

  MemoryStore store;

 private:
  Loop loop_;

 public:
  VirtualClock clock;

 private:
  MemoryJournal memory_;

 public:
  SlowJournal journal;

 private:
  Random random_{7};
  handoff::Rules rules_;
  handoff::Patience patience_;
  Abilities abilities_;
  Planner planner_;
  Scope scope_;
};

TEST(Planner, opens_a_handoff_and_wakes_for_its_timer) {
  Desk desk;
  desk.request("1", {DestinationId("crm")});
  desk.run(1s);
  EXPECT_EQ(name(desk.handoff("1").state), "waiting");
  EXPECT_EQ(desk.jobs(Operation::read_context), 1u);
  EXPECT_EQ(desk.jobs(Operation::open_ticket), 0u);
  desk.run(1s);
  EXPECT_EQ(desk.jobs(Operation::open_ticket), 1u);
  desk.run(24h);
  EXPECT_LT(desk.journal.claims, 20) << "it sleeps while nothing is due";
}

TEST(Planner, consumes_each_fact_once_and_in_order) {
  for (const auto answers_after : {Duration{0}, Duration{7}}) {
    Desk desk;
    desk.journal.answers_after = answers_after;
    desk.request("1");
    for (int i = 0; i < 50; ++i) {
      desk.tell("1", "handoff.updated", "m" + std::to_string(i));
      desk.run(Duration{i % 5});
    }
    desk.run(1min);
    const auto& transcript = desk.handoff("1").data["transcript"];
    ASSERT_EQ(transcript.size(), 51u);
    for (int i = 0; i < 50; ++i)
      EXPECT_EQ(transcript[static_cast<std::size_t>(i) + 1]["id"], "m" + std::to_string(i));
    EXPECT_EQ(desk.handoff("1").blocked_notes.size(), 50u);
  }
}

TEST(Planner, a_commit_that_fails_or_is_stale_is_planned_again) {
  Desk desk;
  int refused = 0;
  desk.journal.fails = [&](const Batch& batch) { return batch.moves && refused++ < 3; };
  desk.request("1");
  desk.run(5min);
  EXPECT_GE(refused, 4);
  EXPECT_EQ(name(desk.handoff("1").state), "waiting");
  EXPECT_EQ(desk.jobs(Operation::open_ticket), 1u);
}

TEST(Planner, plans_hundreds_side_by_side) {
  Desk desk;
  for (int i = 0; i < 300; ++i) desk.request(std::to_string(i));
  desk.run(1s);
  EXPECT_EQ(desk.jobs(Operation::open_ticket), 300u);
}

}  // namespace
}  // namespace baton::delivery_testing
