#include <gtest/gtest.h>

#include "gateway/base/scope.h"
#include "gateway/base/turns.h"

namespace baton {
namespace {

const TimePoint kDawn{Duration{1'800'000'000'000}};

struct Stage {
  Task<Done> work(std::string line) {
    (void)co_await turns.take(line);
    done += line;
    co_return Done{};
  }
  // What else the loop has to do: it looks how far the work is each time that
  // it has its turn.
  Task<Done> look(int times) {
    for (int i = 0; i < times; ++i) {
      seen.push_back(done.size());
      (void)co_await clock.until(clock.now() + Duration{0});
      co_await net::post(co_await net::this_coro::executor, net::use_awaitable);
    }
    co_return Done{};
  }

  Loop loop;
  VirtualClock clock{loop, kDawn};
  Scope scope{loop, clock};
  Turns turns;
  std::string done;
  std::vector<std::size_t> seen;
};

TEST(Turns, lines_take_turns_and_each_keeps_its_order) {
  Stage stage;
  for (const auto* line : {"a", "a", "a", "a", "b", "b", "c"}) stage.scope.spawn(stage.work(line));
  stage.clock.run(kDawn + 1s);
  EXPECT_EQ(stage.done, "abcabaa");
}

TEST(Turns, whatever_else_is_ready_comes_between_two_pieces) {
  Stage stage;
  stage.scope.spawn(stage.look(20));
  for (int i = 0; i < 50; ++i) stage.scope.spawn(stage.work("a"));
  stage.clock.run(kDawn + 1s);
  ASSERT_EQ(stage.seen.size(), 20u);
  for (std::size_t i = 1; i < stage.seen.size(); ++i) EXPECT_LE(stage.seen[i] - stage.seen[i - 1], 2u) << i;
  EXPECT_EQ(stage.done.size(), 50u);
}

TEST(Turns, a_lone_one_goes_at_once) {
  Stage stage;
  bool went = false;
  stage.scope.spawn(stage.work("a"), [&](Result<Done>) { went = true; });
  stage.clock.run(kDawn);
  EXPECT_TRUE(went);
  stage.scope.spawn(stage.work("b"));
  stage.clock.run(kDawn);
  EXPECT_EQ(stage.done, "ab");
}

TEST(Turns, dropped_with_waiters_they_end_without_a_turn) {
  Loop loop;
  VirtualClock clock(loop, kDawn);
  std::string done;
  {
    Turns turns;
    Scope scope(loop, clock);
    const auto work = [&](std::string line) -> Task<Done> {
      (void)co_await turns.take(std::move(line));
      done += 'x';
      co_return Done{};
    };
    for (int i = 0; i < 3; ++i) scope.spawn(work("a"));
    for (int i = 0; i < 3; ++i) loop.poll_one();
  }
  loop.poll();
  EXPECT_LT(done.size(), 3u);
}

}  // namespace
}  // namespace baton
