#include <thread>

#include <gtest/gtest.h>

#include "gateway/base/handback.h"
#include "gateway/base/own_time.h"
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

// --- a wall clock that is set while we run

TEST(OwnTime, follows_no_jump_of_the_wall_clock_in_either_direction) {
  for (const auto jump : {Duration{1h}, Duration{-1h}, Duration{24h}, Duration{-24h},
                          Duration{std::chrono::years(10)}, Duration{-std::chrono::years(10)}}) {
    OwnTime time(kStart, 1000h);
    EXPECT_EQ(time.now(kStart + 1s, 1000h + 1s), kStart + 1s);
    // A wait of an hour begins; the clock is set in the middle of it, and looked at every second.
    const auto due = kStart + 1h;
    auto uptime = Duration{1s};
    for (; uptime < 3h && time.now(kStart + uptime + (uptime > 10min ? jump : 0s), 1000h + uptime) < due;)
      uptime += 1s;
    EXPECT_GE(uptime, 1h - 1s) << jump.count();
    EXPECT_LE(uptime, 1h + 1s) << jump.count();
  }
}

TEST(OwnTime, never_goes_back) {
  OwnTime time(kStart, 5s);
  auto before = time.now(kStart, 5s);
  for (int i = 0; i < 100'000; ++i) {
    const auto now = time.now(kStart - 1h + i * 10ms, 5s + i * 10ms);
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(OwnTime, follows_a_clock_that_runs_a_little_too_fast_or_slow) {
  for (const int millionths : {-100, 100}) {
    OwnTime time(kStart, 0s);
    TimePoint wall, now;
    for (auto uptime = Duration{0}; uptime < 48h; uptime += 500ms) {
      wall = kStart + uptime + uptime * millionths / 1'000'000;
      now = time.now(wall, uptime);
    }
    EXPECT_LE(std::chrono::abs(wall - now), 10ms) << millionths;
  }
}

TEST(OwnTime, counts_the_machines_sleep_and_stands_while_the_process_does) {
  OwnTime time(kStart, 0s);
  EXPECT_EQ(time.now(kStart + 30s, 30s), kStart + 30s);
  EXPECT_LE(std::chrono::abs(time.now(kStart + 8h, 8h) - (kStart + 8h)), 1ms);
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
