// Purpose: the parts that decide whether a lane may work: breaker, retry budget, rate budget, gate.
#include <array>
#include <set>

#include <gtest/gtest.h>

#include "gateway/delivery/lane_control.h"
#include "gateway/delivery/policy.h"

namespace baton::delivery {
namespace {

constexpr TimePoint kNow{Duration{1'800'000'000'000}};

void fail(Breaker& breaker, TimePoint at, int times = 1) {
  for (int i = 0; i < times; ++i) {
    breaker.started(at);
    breaker.failed(at);
  }
}
void succeed(Breaker& breaker, TimePoint at, int times = 1) {
  for (int i = 0; i < times; ++i) {
    breaker.started(at);
    breaker.succeeded(at);
  }
}

TEST(Breaker, opens_after_five_failures_in_a_row) {
  Random random(1);
  Breaker breaker(random);
  fail(breaker, kNow, 4);
  succeed(breaker, kNow);
  fail(breaker, kNow, 4);
  EXPECT_EQ(name(breaker.state()), "closed");
  fail(breaker, kNow);
  EXPECT_EQ(name(breaker.state()), "open");
  EXPECT_EQ(breaker.allowed(8, kNow), 0);
}

TEST(Breaker, opens_when_half_of_twenty_within_thirty_seconds_failed) {
  Random random(1);
  for (const auto apart : {Duration{1s}, Duration{2s}}) {
    Breaker breaker(random);
    auto now = kNow;
    for (int pair = 0; pair < 10; ++pair) {
      succeed(breaker, now);
      now += apart;
      fail(breaker, now);
      now += apart;
    }
    // At 2 s apart only 15 or 16 of them lie within the window.
    EXPECT_EQ(name(breaker.state()), apart == 1s ? "open" : "closed");
  }
  Breaker healthier(random);
  for (int i = 0; i < 100; ++i) {
    succeed(healthier, kNow, 2);
    fail(healthier, kNow);
  }
  EXPECT_EQ(name(healthier.state()), "closed");
}

TEST(Breaker, probes_one_at_a_time_from_one_second_to_sixty_with_jitter) {
  Random random(1);
  Breaker breaker(random);
  auto now = kNow;
  fail(breaker, now, 5);
  std::set<Duration> last_waits;
  Duration ceiling = 1s;
  for (int probe = 0; probe < 40; ++probe) {
    const Duration wait = breaker.probe_at() - now;
    EXPECT_GE(wait, ceiling / 2);
    EXPECT_LE(wait, ceiling);
    if (ceiling == 60s) last_waits.insert(wait);
    EXPECT_EQ(breaker.allowed(8, breaker.probe_at() - 1ms), 0);
    now = breaker.probe_at();
    EXPECT_EQ(breaker.allowed(8, now), 1);
    fail(breaker, now);
    EXPECT_EQ(name(breaker.state()), "open");
    ceiling = std::min<Duration>(ceiling * 2, 60s);
  }
  EXPECT_GT(last_waits.size(), 20u) << "not all lanes in the same second";
}

TEST(Breaker, failures_of_attempts_that_were_under_way_when_it_opened_say_nothing_new) {
  Random random(1);
  Breaker breaker(random);
  fail(breaker, kNow, 5);
  const auto probe_at = breaker.probe_at();
  breaker.failed(kNow + 100ms);
  breaker.failed(kNow + 200ms);
  EXPECT_EQ(breaker.probe_at(), probe_at);
}

TEST(Breaker, ramps_up_by_doubling_after_a_good_probe) {
  Random random(1);
  Breaker breaker(random);
  fail(breaker, kNow, 5);
  const auto now = breaker.probe_at();
  succeed(breaker, now);
  EXPECT_EQ(name(breaker.state()), "closed");
  std::vector<int> allowed;
  for (int i = 0; i < 9; ++i, succeed(breaker, now)) allowed.push_back(breaker.allowed(100, now));
  EXPECT_EQ(allowed, (std::vector<int>{1, 2, 4, 8, 16, 32, 64, 100, 100}));
  EXPECT_EQ(breaker.allowed(4, now), 4);
}

TEST(Breaker, starts_again_at_one_second_after_a_recovery) {
  Random random(1);
  Breaker breaker(random);
  auto now = kNow;
  fail(breaker, now, 5);
  for (int i = 0; i < 8; ++i) fail(breaker, now = breaker.probe_at());
  succeed(breaker, now = breaker.probe_at());
  fail(breaker, now, 5);
  EXPECT_LE(breaker.probe_at() - now, 1s);
}

TEST(Breaker, a_vendor_that_has_only_failed_for_four_minutes_is_asked_twice_a_minute_however_few_ask) {
  Random random(1);
  // One failure, then nobody for a while: whoever comes next is a probe, and the only one.
  Breaker breaker(random);
  fail(breaker, kNow);
  EXPECT_EQ(breaker.allowed(8, kNow + 3min), 8);
  auto now = kNow + 10min;
  EXPECT_EQ(breaker.allowed(8, now), 1);
  ASSERT_TRUE(breaker.admits(now));
  breaker.started(now);
  EXPECT_FALSE(breaker.admits(now)) << "of those that were let through together one goes";
  for (int probe = 0; probe < 20; ++probe) {
    breaker.failed(now);
    EXPECT_EQ(name(breaker.state()), "open");
    EXPECT_GE(breaker.probe_at() - now, 30s);
    EXPECT_LE(breaker.probe_at() - now, 60s);
    now = breaker.probe_at() + random.up_to(1h);
    breaker.started(now);
  }
  breaker.succeeded(now);
  fail(breaker, now + 1s, 4);
  EXPECT_EQ(name(breaker.state()), "closed") << "what it said is forgotten when it is well";
}

TEST(Breaker, a_probe_that_asked_nothing_lets_the_next_one_try_soon) {
  Random random(1);
  Breaker breaker(random);
  fail(breaker, kNow, 5);
  const auto now = breaker.probe_at();
  breaker.started(now);
  breaker.untold(now);
  EXPECT_EQ(name(breaker.state()), "open");
  EXPECT_FALSE(breaker.admits(now));
  EXPECT_TRUE(breaker.admits(now + 5s));
}

TEST(RetryBudget, always_allows_three_and_otherwise_a_tenth) {
  RetryBudget budget;
  budget.failed(kNow);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.start(kNow));
  EXPECT_FALSE(budget.start(kNow));
  budget.ended();
  EXPECT_TRUE(budget.start(kNow));

  for (int i = 0; i < 50; ++i) budget.first_attempt(kNow);
  EXPECT_TRUE(budget.start(kNow));
  EXPECT_TRUE(budget.start(kNow));
  EXPECT_FALSE(budget.start(kNow)) << "a tenth of fifty are five";
  EXPECT_TRUE(budget.start(kNow + 61s)) << "a minute without a failure: the vendor is well";
}

TEST(RateBudget, refills_to_its_burst_and_rests_when_overdrawn) {
  RateBudget budget(2, 4, kNow);
  for (int i = 0; i < 4; ++i) budget.take(kNow);
  EXPECT_EQ(budget.available(kNow), 0);
  EXPECT_EQ(budget.available(kNow + 500ms), 1);
  EXPECT_EQ(budget.next_free(kNow + 500ms), kNow + 500ms);
  budget.take(kNow + 500ms);
  budget.take(kNow + 500ms);
  const auto free_at = budget.next_free(kNow + 500ms);
  EXPECT_GE(free_at, kNow + 1500ms);
  EXPECT_LE(free_at, kNow + 1502ms);
  EXPECT_EQ(budget.available(free_at), 1);
  EXPECT_EQ(budget.available(kNow + 1h), 4);
  EXPECT_EQ(budget.available(kNow), 4) << "a clock set back takes nothing and gives nothing";
  budget.vendor_says(1, kNow + 1h);
  EXPECT_EQ(budget.available(kNow + 1h), 1);
  budget.vendor_says(100, kNow + 1h);
  EXPECT_EQ(budget.available(kNow + 1h), 1);
}

// --- a clock that is set back

TEST(ClockSetBack, by_a_year_stops_no_budget) {
  constexpr auto kBefore = kNow - std::chrono::years(1);
  RateBudget budget(2, 4, kNow);
  for (int i = 0; i < 4; ++i) budget.take(kNow);
  EXPECT_EQ(budget.available(kBefore), 0);
  EXPECT_EQ(budget.available(kBefore + 1s), 2);

  RetryBudget retries;
  retries.first_attempt(kNow);
  retries.failed(kNow);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(retries.start(kBefore));
  EXPECT_FALSE(retries.start(kBefore));
  EXPECT_TRUE(retries.start(kBefore + 61s));
  EXPECT_EQ(retries.remembered(), 0u);
}

TEST(ClockSetBack, by_a_year_keeps_no_lane_shut) {
  constexpr auto kBefore = kNow - std::chrono::years(1);
  Random random(1);
  LaneControl lane({.per_second = 2, .burst = 6, .at_once = 4}, random, kNow);
  const Failure failure(FailureKind::retryable, "refused");
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(lane.start(false, kNow));
    lane.failed(false, true, failure, kNow);
  }
  EXPECT_LE(lane.gate(0, kBefore).look_again, kBefore + 1min);
  EXPECT_GT(lane.gate(0, kBefore + 1min).room, 0);
  EXPECT_FALSE(lane.gate(0, kBefore + 1min).only_reads);

  LaneState wait(DestinationId("desk"), true, "baton", "the vendor asked us to wait", kNow);
  wait.until = kNow + 1h;
  lane.set(wait);
  EXPECT_TRUE(lane.paused(kNow));
  EXPECT_FALSE(lane.paused(kBefore));
}

// --- waits of vendors that do not say how long

TEST(Guess, grows_from_the_vendors_first_wait_to_a_quarter_of_an_hour_with_jitter) {
  std::set<Duration> seconds;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    LaneControl lane({.first_wait = Duration{5s}}, random, kNow);
    auto now = kNow;
    auto least = Duration{5s};
    for (int i = 0; i < 40; ++i) {
      const auto wait = lane.guess_wait(now, now);
      EXPECT_GE(wait, std::min(least, Duration{15min}));
      EXPECT_LE(wait, std::min(least + least / 2, Duration{15min}));
      if (i == 1) seconds.insert(wait);
      least = std::min(least * 2, Duration{15min});
      now += wait + 1s;
    }
  }
  EXPECT_GT(seconds.size(), 20u) << "many that were put off together do not come back together";
}

TEST(Guess, grows_as_far_as_the_vendors_limits_let_it) {
  Random random(3);
  LaneControl lane({.first_wait = Duration{15min}, .longest_wait = Duration{1h}}, random, kNow);
  auto now = kNow;
  for (const auto least : {Duration{15min}, Duration{30min}, Duration{1h}, Duration{1h}}) {
    const auto wait = lane.guess_wait(now, now);
    EXPECT_GE(wait, least);
    EXPECT_LE(wait, std::min(least * 3 / 2, Duration{1h}));
    now += wait + 1s;
  }
}

TEST(Guess, is_one_for_what_was_under_way_together_and_begins_anew_when_something_was_taken) {
  Random random(3);
  LaneControl lane({.first_wait = Duration{5s}}, random, kNow);
  const auto first = lane.guess_wait(kNow, kNow + 1s);
  EXPECT_EQ(lane.guess_wait(kNow, kNow + 2s), first);
  EXPECT_GE(lane.guess_wait(kNow + 10s, kNow + 10s), 10s);
  const auto third = [&] { return lane.guess_wait(kNow + 1h, kNow + 1h); };
  lane.failed(false, true, Failure(FailureKind::rate_limited, "slow down"), kNow + 11s);
  lane.failed(false, true, Failure(FailureKind::ambiguous, "502"), kNow + 11s);
  lane.failed(false, false, Failure(FailureKind::rejected, "our mapping"), kNow + 11s);
  EXPECT_GE(third(), 20s) << "neither an outage nor what was not asked";
  lane.succeeded(false, true, kNow + 2h);
  EXPECT_LE(lane.guess_wait(kNow + 3h, kNow + 3h), Duration{7'500});
  lane.failed(false, true, Failure(FailureKind::rejected, "400"), kNow + 4h);
  EXPECT_LE(lane.guess_wait(kNow + 5h, kNow + 5h), Duration{7'500}) << "who refuses has listened";
}

// --- the gate

constexpr sdk::Limits kLimits{.per_second = 2, .burst = 6, .at_once = 4};
const Lane kLane("desk");

TEST(Gate, lets_through_what_concurrency_and_rate_allow) {
  Random random(1);
  LaneControl lane(kLimits, random, kNow);
  EXPECT_EQ(lane.gate(0, kNow).room, 4);
  EXPECT_EQ(lane.gate(3, kNow).room, 1);
  EXPECT_EQ(lane.gate(4, kNow).room, 0);
  EXPECT_EQ(lane.gate(9, kNow).room, 0);
  for (int i = 0; i < 5; ++i) lane.sending(kNow);
  EXPECT_EQ(lane.gate(0, kNow).room, 1);
  lane.sending(kNow);
  EXPECT_EQ(lane.gate(0, kNow).room, 0);
  EXPECT_EQ(lane.gate(0, kNow).look_again, kNow + 501ms);
}

TEST(Gate, counts_claimed_attempts_until_they_send) {
  Random random(1);
  LaneControl lane({.per_second = 2, .burst = 6, .at_once = 100}, random, kNow);
  lane.claimed(5);
  EXPECT_EQ(lane.gate(5, kNow).room, 1);
  lane.claimed(1);
  const auto full = lane.gate(6, kNow);
  EXPECT_EQ(full.room, 0);
  EXPECT_GT(full.look_again, kNow);
  lane.claim_used();
  EXPECT_EQ(lane.gate(5, kNow).room, 1);
}

constexpr auto kBudgets = std::to_array<sdk::Budget>({{"searches", 2, 2}});

TEST(Budget, of_its_own_is_counted_apart_from_the_rest) {
  Random random(1);
  LaneControl lane({.per_second = 8, .burst = 16, .at_once = 4}, random, kNow, kBudgets);
  lane.sending(kNow, "searches");
  EXPECT_EQ(lane.free_at(kNow, "searches"), kNow);
  lane.sending(kNow, "searches");
  EXPECT_EQ(lane.free_at(kNow, "searches"), kNow + 501ms);
  EXPECT_EQ(lane.tokens(kNow), 16) << "the rest has lost nothing";
  lane.sending(kNow);
  EXPECT_EQ(lane.tokens(kNow), 15);
  EXPECT_EQ(lane.figures().requests, 3u);
  EXPECT_EQ(lane.free_at(kNow, "nobody's"), kNow) << "a name that the manifest lacks counts with the rest";
}

TEST(Budget, that_the_vendor_holds_holds_nothing_else) {
  Random random(1);
  LaneControl lane({.per_second = 8, .burst = 16, .at_once = 4}, random, kNow, kBudgets);
  lane.hold("searches", kNow + 10s, kNow);
  lane.hold("searches", kNow + 1s, kNow);
  EXPECT_EQ(lane.free_at(kNow, "searches"), kNow + 10s) << "of two waits the longer";
  EXPECT_EQ(lane.free_at(kNow), kNow);
  EXPECT_EQ(lane.gate(0, kNow).room, 4);
  EXPECT_EQ(lane.free_at(kNow + 10s, "searches"), kNow + 10s);
  lane.hold("searches", kNow + 1000h, kNow);
  EXPECT_LE(lane.free_at(kNow, "searches"), kNow + 26h);
}

TEST(Budget, is_no_larger_than_what_the_operator_allows_the_account) {
  Random random(1);
  LaneControl lane({.per_second = 1, .burst = 1, .at_once = 4}, random, kNow, kBudgets);
  lane.sending(kNow, "searches");
  EXPECT_EQ(lane.free_at(kNow, "searches"), kNow + 1001ms);
}

TEST(Gate, a_persons_pause_has_no_end_and_a_vendors_has_probes) {
  Random random(1);
  LaneControl lane(kLimits, random, kNow);
  LaneState pause(kLane, true, "ada", "maintenance", kNow);
  lane.set(pause);
  EXPECT_TRUE(lane.paused(kNow + 1000h));
  EXPECT_EQ(lane.gate(0, kNow).room, 0);
  EXPECT_EQ(lane.gate(0, kNow).look_again, TimePoint::max());

  pause.until = kNow + 10h;
  lane.set(pause);
  EXPECT_EQ(lane.gate(0, kNow).room, 0);
  EXPECT_EQ(lane.gate(0, kNow).look_again, kNow + 1h);
  EXPECT_EQ(lane.gate(0, kNow + 1h).room, 1);
  EXPECT_EQ(lane.gate(1, kNow + 1h).room, 0);
  EXPECT_TRUE(lane.start(false, kNow + 1h));
  EXPECT_EQ(lane.gate(0, kNow + 1h + 1min).room, 0);
  EXPECT_EQ(lane.gate(0, kNow + 1h + 1min).look_again, kNow + 2h);
  EXPECT_EQ(lane.gate(0, kNow + 10h).room, 4);
  EXPECT_FALSE(lane.paused(kNow + 10h));
  lane.set(LaneState(kLane, false, "ada", "", kNow));
  EXPECT_EQ(lane.gate(0, kNow).room, 4);
}

// Whoever sleeps until an instant that has passed does not sleep: the loop would stand still.
TEST(Gate, never_asks_to_look_again_at_an_instant_that_has_passed) {
  Random random(9);
  for (int round = 0; round < 3000; ++round) {
    LaneControl lane(kLimits, random, kNow);
    auto now = kNow;
    for (int step = 0; step < 40; ++step) {
      now += random.up_to(2h);
      switch (random.bits() % 6) {
        case 0: {
          LaneState pause(kLane, random.bits() % 2 == 0, "baton", "", now);
          if (random.bits() % 2 == 0) pause.until = now + random.up_to(26h);
          lane.set(pause);
          break;
        }
        case 1: lane.sending(now); break;
        case 2: (void)lane.start(false, now); break;
        case 3: lane.failed(false, true, Failure(FailureKind::retryable, ""), now); break;
        case 4: lane.succeeded(false, true, now); break;
        default: lane.answered(1ms, sdk::Quota{0, {}}, now); break;
      }
      const auto gate = lane.gate(static_cast<int>(random.bits() % 5), now);
      ASSERT_TRUE(gate.look_again > now);
      ASSERT_GE(gate.room, 0);
      ASSERT_LE(gate.room, kLimits.at_once);
    }
  }
}

TEST(Gate, an_open_breaker_lets_only_reads_through) {
  Random random(1);
  LaneControl lane(kLimits, random, kNow);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(lane.start(false, kNow));
    lane.failed(false, true, Failure(FailureKind::ambiguous, "lost"), kNow);
  }
  const auto gate = lane.gate(0, kNow);
  EXPECT_TRUE(gate.only_reads);
  EXPECT_EQ(gate.room, 4);
  EXPECT_EQ(gate.look_again, lane.breaker().probe_at());
  const auto probing = lane.gate(0, lane.breaker().probe_at());
  EXPECT_FALSE(probing.only_reads);
  EXPECT_EQ(probing.room, 1);
}

TEST(Gate, a_vendor_that_says_no_is_healthy) {
  Random random(1);
  LaneControl lane(kLimits, random, kNow);
  using enum FailureKind;
  for (const auto kind : {rate_limited, auth_expired, rejected, target_gone, misconfigured}) {
    for (int i = 0; i < 30; ++i) {
      (void)lane.start(false, kNow);
      lane.failed(false, true, Failure(kind, "no"), kNow);
      // Each time: the next kind, if it does count as well, closes it again.
      ASSERT_EQ(name(lane.breaker().state()), "closed") << name(kind);
    }
  }
  EXPECT_EQ(name(lane.breaker().state()), "closed");
  EXPECT_EQ(lane.figures().attempts, 150u);
  EXPECT_EQ(lane.figures().failed[static_cast<std::size_t>(rejected)], 30u);
  EXPECT_EQ(lane.figures().last_failure_detail, "no");
}

TEST(Gate, starts_no_retry_that_the_retry_budget_refuses) {
  Random random(1);
  LaneControl lane({.per_second = 1000, .burst = 1000, .at_once = 64}, random, kNow);
  const Failure failure(FailureKind::retryable, "refused");
  ASSERT_TRUE(lane.start(false, kNow));
  lane.failed(false, true, failure, kNow);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(lane.start(true, kNow));
  EXPECT_FALSE(lane.start(true, kNow));
  EXPECT_EQ(lane.figures().attempts, 4u) << "and counts it nowhere";
  lane.failed(true, true, failure, kNow);
  EXPECT_TRUE(lane.start(true, kNow)) << "one has ended";
}

TEST(Gate, figures_count_requests_and_their_time) {
  Random random(1);
  LaneControl lane(kLimits, random, kNow);
  lane.sending(kNow);
  lane.answered(80ms, {}, kNow);
  lane.sending(kNow);
  lane.answered(20ms, {}, kNow);
  EXPECT_EQ(lane.figures().requests, 2u);
  EXPECT_EQ(lane.figures().slowest_request, 80ms);
  EXPECT_EQ(lane.figures().total_request_time, 100ms);
}

// What is left of a vendor's day is for writes.
class LookUps : public ::testing::Test {
 protected:
  LookUps() : lane(limits(), random, kNow) {}
  static sdk::Limits limits() {
    sdk::Limits limits;
    limits.slow_lookups_above = 80;
    limits.stop_lookups_above = 95;
    return limits;
  }
  void told(int used, TimePoint at, int limit = 1000) {
    sdk::Quota quota;
    quota.remaining = limit - used;
    quota.limit = limit;
    quota.what = "the org's daily API limit";
    lane.answered(1ms, quota, at);
  }
  std::string why(TimePoint at) {
    const auto rest = lane.look_up(at);
    return rest ? rest->why : "";
  }
  Random random{1};
  LaneControl lane;
};

TEST_F(LookUps, go_freely_up_to_the_first_share_and_while_nothing_is_known) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(why(kNow), "");
  told(800, kNow);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(why(kNow), "");
  lane.answered(1ms, sdk::Quota{0, {}}, kNow);  // what is left of an unknown whole says nothing
  for (int i = 0; i < 10; ++i) EXPECT_EQ(why(kNow), "");
}

TEST_F(LookUps, go_one_by_one_above_the_first_share) {
  told(801, kNow);
  EXPECT_EQ(why(kNow), "");
  const auto rest = lane.look_up(kNow + 1s);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->until, kNow + 5s);
  EXPECT_EQ(rest->why, "the org's daily API limit is used up to 80 %: look-ups go one by one");
  EXPECT_EQ(why(kNow + 5s), "");
  EXPECT_NE(why(kNow + 6s), "");
  told(950, kNow + 6s);
  EXPECT_EQ(why(kNow + 10s), "") << "95 % are not above 95 %";
  told(700, kNow + 10s);
  EXPECT_EQ(why(kNow + 10s), "") << "the window rolls";
}

TEST_F(LookUps, stop_above_the_second_share_and_ask_anew_when_the_vendors_word_is_old) {
  told(960, kNow);
  EXPECT_EQ(why(kNow), "the org's daily API limit is nearly used up: 96 %");
  told(967, kNow + 10min);  // a write's answer
  EXPECT_EQ(why(kNow + 24min), "the org's daily API limit is nearly used up: 96 %");
  EXPECT_EQ(why(kNow + 25min), "") << "nobody has heard anything for a quarter of an hour";
  EXPECT_NE(why(kNow + 25min), "") << "one, and not all";
  EXPECT_EQ(why(kNow + 40min), "");
}

TEST_F(LookUps, are_not_held_by_a_clock_that_was_set_back_or_by_an_end_that_was_told) {
  told(990, kNow);
  EXPECT_EQ(why(kNow - 1h), "");
  told(990, kNow);
  sdk::Quota quota;
  quota.remaining = 1;
  quota.limit = 1000;
  quota.resets_at = kNow + 1min;
  lane.answered(1ms, quota, kNow);
  EXPECT_EQ(why(kNow + 59s), "what the vendor allows is nearly used up: 99 %");
  EXPECT_EQ(why(kNow + 1min), "");
}

TEST_F(LookUps, of_vendors_without_such_a_limit_never_rest) {
  LaneControl other(sdk::Limits(), random, kNow);
  sdk::Quota quota;
  quota.remaining = 0;
  quota.limit = 100;
  other.answered(1ms, quota, kNow);
  EXPECT_FALSE(other.look_up(kNow));
}

}  // namespace
}  // namespace baton::delivery
