// Readiness tells the truth within two seconds; counting what waits costs the journal little.
#include <gtest/gtest.h>

#include "gateway/health/health_backlog.h"
#include "gateway/health/health_ready.h"
#include "gateway/journal/memory/memory.h"
#include "tests/ingress/unwell_journal.h"
#include "tests/support/await.h"

namespace baton::health {
namespace {

struct Bench {
  template <class T>
  Result<T> await(Task<T> task) {
    return await_on(scope, clock, std::move(task));
  }
  void pass(Duration time) { (void)await(clock.until(clock.now() + time)); }

  // A delivery of a conversation of its own.
  void give(const std::string& name, JobState state) {
    const HandoffId id("hof_" + name);
    Batch batch;
    batch.opens.emplace(id, WorkspaceId("main"), ConversationId("chat", name), Priority::normal, Route(),
                        clock.now());
    Job job(JobKey(id, Lane("desk"), Operation::open_ticket), clock.now());
    job.state = state;
    batch.jobs.push_back(std::move(job));
    BATON_CHECK(await(memory.commit(std::move(batch)))->done());
  }

  Loop loop;
  VirtualClock clock{loop, TimePoint{} + std::chrono::years(56)};
  MemoryStore store;
  MemoryJournal memory{store, clock};
  UnwellJournal journal{memory, clock};
  Scope scope{loop.get_executor(), clock};
  Readiness readiness{loop.get_executor(), clock, journal};
  Backlogs backlogs{journal, clock};
};

TEST(Readiness, of_a_store_that_hangs_is_denied_within_two_seconds_and_asked_once) {
  Bench bench;
  EXPECT_TRUE(bench.await(bench.readiness.ready()));
  bench.journal.latency = 30s;
  bench.pass(1s);
  const auto commits = bench.journal.commits;
  for (int i = 0; i < 5; ++i) {
    const auto asked = bench.clock.now();
    EXPECT_FALSE(bench.await(bench.readiness.ready()));
    EXPECT_LE(bench.clock.now() - asked, 2s);
  }
  EXPECT_EQ(bench.journal.commits, commits + 1);
}

TEST(Readiness, follows_the_store_within_two_seconds_and_spares_it_between) {
  Bench bench;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(bench.await(bench.readiness.ready()));
  EXPECT_EQ(bench.journal.commits, 1);
  bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
  bench.pass(1s);
  const auto full = bench.await(bench.readiness.ready());
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().detail, "the disk is full");
  bench.journal.fails.reset();
  bench.pass(1s);
  EXPECT_TRUE(bench.await(bench.readiness.ready()));
}

TEST(Backlogs, are_counted_and_then_remembered_the_longer_the_slower_the_store) {
  Bench bench;
  const std::vector<DestinationId> desk = {DestinationId("desk")};
  const auto planned = bench.clock.now();
  bench.give("1", JobState::pending);
  bench.give("2", JobState::dead);
  bench.pass(1min);
  bench.give("3", JobState::pending);
  auto found = bench.await(bench.backlogs.of(desk))->at(desk[0]);
  EXPECT_EQ(found.pending, 2u);
  EXPECT_EQ(found.dead, 1u);
  EXPECT_EQ(found.oldest, planned);
  bench.give("4", JobState::pending);
  bench.journal.latency = 1s;
  EXPECT_EQ(bench.await(bench.backlogs.of(desk))->at(desk[0]).pending, 2u);
  bench.pass(5s);
  EXPECT_EQ(bench.await(bench.backlogs.of(desk))->at(desk[0]).pending, 3u);
  bench.give("5", JobState::pending);
  bench.pass(50s);  // it took three seconds
  EXPECT_EQ(bench.await(bench.backlogs.of(desk))->at(desk[0]).pending, 3u);
  bench.pass(10s);
  EXPECT_EQ(bench.await(bench.backlogs.of(desk))->at(desk[0]).pending, 4u);
}

}  // namespace
}  // namespace baton::health
