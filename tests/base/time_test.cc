#include <thread>

#include <gtest/gtest.h>

#include "gateway/base/handback.h"
#include "gateway/base/scope.h"
#include "gateway/base/uuid.h"

namespace baton {
namespace {

const TimePoint kStart{std::chrono::years(56)};

TEST(VirtualClock, three_days_pass_at_once) {
  Loop loop;
  VirtualClock clock(loop, kStart);
  Scope scope(loop, clock);
  bool woke = false;
  const auto sleep = [&]() -> Task<Done> {
    (void)co_await clock.until(clock.now() + 72h);
    woke = true;
    co_return Done{};
  };
  scope.spawn(sleep());
  clock.run(kStart + 100h);
  EXPECT_TRUE(woke);
  EXPECT_EQ(clock.now(), kStart + 72h);
}

TEST(VirtualClock, time_stands_still_while_another_thread_works) {
  Loop loop;
  VirtualClock clock(loop, kStart);
  Scope scope(loop, clock);
  std::jthread worker;
  TimePoint answered;
  const auto ask = [&]() -> Task<Done> {
    const auto answer = co_await from_thread<int>(clock, [&](Handback<int> handback) {
      worker = std::jthread([handback = std::move(handback)]() mutable { handback.complete(7); });
    });
    EXPECT_EQ(*answer, 7);
    answered = clock.now();
    co_return Done{};
  };
  const auto wait = [&]() -> Task<Done> { co_return co_await clock.until(clock.now() + 1h); };
  scope.spawn(ask());
  scope.spawn(wait());
  clock.run(kStart + 2h);
  EXPECT_EQ(answered, kStart);
}

TEST(Handback, one_that_is_dropped_answers_all_the_same) {
  Loop loop;
  VirtualClock clock(loop, kStart);
  Scope scope(loop, clock);
  bool failed = false;
  const auto ask = [&]() -> Task<Done> {
    const auto answer = co_await from_thread<int>(clock, [](Handback<int>) {});
    failed = !answer;
    co_return Done{};
  };
  scope.spawn(ask());
  clock.run(kStart + 1h);
  EXPECT_TRUE(failed);
}

TEST(Ids, sort_by_time_and_never_repeat) {
  Random random(1);
  const auto earlier = make_id("hof", kStart, random), again = make_id("hof", kStart, random);
  const auto later = make_id("hof", kStart + 1ms, random);
  EXPECT_NE(earlier, again);
  EXPECT_LT(earlier, later);
  EXPECT_LT(again, later);
  EXPECT_EQ(earlier.size(), 4u + 32u);
  EXPECT_EQ(earlier[4 + 12], '7');  // the version
}

TEST(RealClock, all_within_cancel_and_join_end_in_order) {
  Loop loop;
  RealClock clock(loop);
  Scope scope(loop, clock);
  int ended = 0;
  const auto wait = [&](Duration how_long) -> Task<Done> {
    const auto waited = co_await clock.until(clock.now() + how_long, scope.stop_token());
    ++ended;
    co_return waited;
  };
  bool in_order = false, late = false, joined = false;
  const auto body = [&]() -> Task<Done> {
    Scope side(co_await net::this_coro::executor, clock);
    const auto both = co_await all(clock, wait(2ms), wait(1ms));
    in_order = both && std::get<0>(*both) && std::get<1>(*both);
    const auto slow = co_await within(side, clock, clock.now() + 1ms, FailureKind::ambiguous, wait(1h));
    late = !slow && slow.error().kind == FailureKind::ambiguous;
    scope.cancel();
    joined = (co_await side.join()).has_value();
    co_return Done{};
  };
  scope.spawn(body(), [&](Result<Done>) { loop.stop(); });
  loop.run();
  EXPECT_TRUE(in_order && late && joined);
  EXPECT_EQ(ended, 3);
  EXPECT_EQ(scope.running(), 0);
}

}  // namespace
}  // namespace baton
