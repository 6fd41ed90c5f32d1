// Months of faults in seconds. A seed that fails is one line to replay: tests/simulate.sh --seed N.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/deterministic/checker.h"

namespace baton::deterministic {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

struct Sum {
  int done = 0, dead = 0, requests = 0, retries = 0, deaths = 0;
};

Sum live(std::uint64_t from, std::uint64_t runs, int nodes) {
  Sum sum;
  for (auto seed = from; seed < from + runs; ++seed) {
    Plan plan;
    plan.seed = seed;
    plan.nodes = nodes;
    World world(plan);
    world.run();
    const auto report = check(world);
    for (const auto& what : report.broken)
      ADD_FAILURE() << "seed " << seed << ", " << nodes << " node(s): " << what;
    EXPECT_EQ(report.pending, 0);
    sum.done += report.done;
    sum.dead += report.dead;
    sum.requests += report.requests;
    sum.retries += report.retries;
    sum.deaths += world.deaths();
  }
  std::printf("           %d delivered, %d dead letters, %d requests, %d retries, %d deaths\n", sum.done,
              sum.dead, sum.requests, sum.retries, sum.deaths);
  return sum;
}

TEST(Months, of_one_node_that_dies_keep_every_promise) {
  const auto runs = number_from("BATON_RUNS", 5);
  const auto sum = live(number_from("BATON_SEED", 1), runs, 1);
  if (runs < 5) return;
  // The weather was bad enough to prove something.
  EXPECT_GT(sum.retries, 500);
  EXPECT_GT(sum.deaths, 100);
  EXPECT_GT(sum.dead, 10);
}

// A process dies with a write under way that nobody can look for; the next one gives it up, and must not send
// what follows before the vendor can be through with it.
TEST(Months, what_was_under_way_at_a_death_is_not_overtaken) { (void)live(20261248, 1, 1); }

TEST(Months, of_two_nodes_that_die_and_stand_still_keep_every_promise) {
  const auto runs = number_from("BATON_RUNS", 4);
  const auto sum = live(number_from("BATON_SEED", 1), runs, 2);
  if (runs < 4) return;
  EXPECT_GT(sum.retries, 300);
  EXPECT_GT(sum.deaths, 100);
}

}  // namespace
}  // namespace baton::deterministic
