// Purpose: what a failure means for its job, for every kind, read or write; and the shape of chance.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "gateway/delivery/policy.h"

namespace baton::delivery {
namespace {

using enum FailureKind;

constexpr TimePoint kMoment{Duration{1'800'000'000'000}};

Job a_job(Operation operation, int attempts = 1, Duration since_first = Duration{0}) {
  Job job(JobKey(HandoffId("hof_1"), Lane("desk"), operation), kMoment - since_first);
  job.attempts = attempts;
  job.first_attempt = kMoment - since_first;
  return job;
}

Job after_failure(Job job, FailureKind kind, std::optional<TimePoint> not_before = {}) {
  Random random(1);
  return after(std::move(job), Failure(kind, "why", not_before), kMoment, random);
}

TEST(Policy, a_write_ends_waits_or_is_tried_again_as_its_failure_says) {
  const std::vector<std::tuple<FailureKind, std::string, int>> expected = {
      {retryable, "pending", 3},    {rate_limited, "pending", 2}, {auth_expired, "dead", 3},
      {ambiguous, "pending", 3},    {rejected, "dead", 3},        {target_gone, "dead", 3},
      {misconfigured, "pending", 2}};
  for (const auto& [kind, state, attempts] : expected) {
    const auto job = after_failure(a_job(Operation::open_ticket, 3, 1h), kind);
    EXPECT_EQ(name(job.state), state) << name(kind);
    EXPECT_EQ(job.attempts, attempts) << name(kind);
    EXPECT_EQ(job.failure->kind, kind);
    EXPECT_EQ(job.ended_at.has_value(), state == "dead");
    EXPECT_GE(job.due, state == "dead" ? kMoment - 1h : kMoment);
  }
}

TEST(Policy, a_read_ends_at_its_failure_unless_there_is_time_for_one_retry) {
  for (const auto kind :
       {retryable, rate_limited, auth_expired, ambiguous, rejected, target_gone, misconfigured}) {
    auto read = a_job(Operation::read_context);
    read.deadline = kMoment + 10s;
    EXPECT_EQ(name(after_failure(read, kind).state), kind == retryable ? "pending" : "failed") << name(kind);
    read.attempts = 2;
    EXPECT_EQ(name(after_failure(read, kind).state), "failed");
    read.attempts = 1;
    read.deadline = kMoment + 200ms;
    EXPECT_EQ(name(after_failure(read, kind).state), "failed");
    read.deadline.reset();
    EXPECT_EQ(name(after_failure(read, kind).state), "failed");
  }
}

TEST(Policy, a_read_waits_for_a_budget_of_its_own_while_somebody_waits_for_the_read) {
  Failure failure(rate_limited, "why", kMoment + 1s);
  failure.budget = "searches";
  Random random(1);
  auto read = a_job(Operation::read_context, 5);
  read.deadline = kMoment + 10s;
  const auto later = after(read, failure, kMoment, random);
  EXPECT_EQ(name(later.state), "pending");
  EXPECT_EQ(later.due, kMoment + 1s);
  EXPECT_EQ(later.attempts, 4);
  failure.not_before = kMoment + 10s;
  EXPECT_EQ(name(after(read, failure, kMoment, random).state), "failed");
  failure.not_before.reset();
  EXPECT_EQ(name(after(read, failure, kMoment, random).state), "failed");
}

TEST(Policy, what_costs_no_attempt_does_not_start_the_span) {
  for (const auto kind : {rate_limited, misconfigured}) {
    const auto job = after_failure(a_job(Operation::open_ticket), kind);
    EXPECT_EQ(job.attempts, 0);
    EXPECT_FALSE(job.first_attempt);
    const auto old = after_failure(a_job(Operation::open_ticket, 9, 1000h), kind);
    EXPECT_EQ(name(old.state), "pending");
  }
}

TEST(Policy, a_delivery_is_given_up_only_76_hours_after_its_first_attempt) {
  for (const auto kind : {retryable, ambiguous}) {
    EXPECT_EQ(name(after_failure(a_job(Operation::open_ticket, 500, 76h - 1ms), kind).state), "pending");
    EXPECT_EQ(name(after_failure(a_job(Operation::open_ticket, 500, 76h), kind).state), "dead");
  }
}

TEST(Policy, what_a_vendor_asks_for_is_honoured_up_to_26_hours) {
  for (const auto kind : {retryable, rate_limited, ambiguous}) {
    EXPECT_EQ(after_failure(a_job(Operation::open_ticket), kind, kMoment + 25h).due, kMoment + 25h);
    EXPECT_EQ(after_failure(a_job(Operation::open_ticket), kind, kMoment + 48h).due, kMoment + 26h);
    EXPECT_GE(after_failure(a_job(Operation::open_ticket), kind, kMoment - 1h).due,
              kind == rate_limited ? kMoment - 1h : kMoment);
  }
  EXPECT_EQ(after_failure(a_job(Operation::open_ticket), rate_limited).due, kMoment + kFirstBackoff);
}

TEST(Policy, a_parked_delivery_is_dead_whatever_the_failure) {
  auto job = a_job(Operation::open_ticket);
  job.parked = true;
  EXPECT_EQ(name(after_failure(job, ambiguous).state), "dead");
}

// The largest distance between what was seen and uniform over 0..1; critical at p = 0.01.
double distance_from_uniform(std::vector<double> seen) {
  std::ranges::sort(seen);
  const auto n = static_cast<double>(seen.size());
  double largest = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto at = static_cast<double>(i);
    largest = std::max({largest, (at + 1) / n - seen[i], seen[i] - at / n});
  }
  return largest;
}

// promises.md, D11.
TEST(Policy, backoff_has_full_jitter_over_100000_schedules) {
  Random random(20);
  constexpr std::size_t kSchedules = 100'000;
  for (const int attempts : {1, 5, 30}) {
    const auto ceiling =
        std::min<Duration>(kFirstBackoff * (1 << std::min(attempts - 1, 20)), kLongestBackoff);
    std::vector<double> seen;
    std::vector<int> buckets(static_cast<std::size_t>(ceiling / 1s) + 1);
    for (std::size_t i = 0; i < kSchedules; ++i) {
      const auto job =
          after(a_job(Operation::open_ticket, attempts), Failure(retryable, ""), kMoment, random);
      const auto wait = job.due - kMoment;
      ASSERT_GE(wait, 0s);
      ASSERT_LE(wait, ceiling);
      // Whole milliseconds are spread over their width, as the test is made for what is continuous.
      const double within = static_cast<double>(random.bits() >> 11) * 0x1p-53;
      seen.push_back((static_cast<double>(wait.count()) + within) / static_cast<double>(ceiling.count() + 1));
      ++buckets[static_cast<std::size_t>(wait / 1s)];
    }
    EXPECT_LT(distance_from_uniform(std::move(seen)), 1.63 / std::sqrt(static_cast<double>(kSchedules)));
    const auto mean = static_cast<double>(kSchedules) / (static_cast<double>(ceiling.count()) / 1000);
    for (const auto count : buckets) EXPECT_LE(count, 2 * mean);  // no second of a mass failure is crowded
  }
}

TEST(Policy, the_ceiling_doubles_to_an_hour_and_never_overflows) {
  Random random(3);
  for (const int attempts : {1, 2, 11, 12, 13, 1000, 2'000'000'000}) {
    Duration longest{0};
    for (int i = 0; i < 3000; ++i) {
      const auto job =
          after(a_job(Operation::open_ticket, attempts), Failure(retryable, ""), kMoment, random);
      longest = std::max(longest, job.due - kMoment);
    }
    const Duration ceiling = attempts > 11 ? kLongestBackoff : kFirstBackoff * (1 << (attempts - 1));
    EXPECT_LE(longest, ceiling) << attempts;
    EXPECT_GE(longest, ceiling * 9 / 10) << attempts;
  }
}

}  // namespace
}  // namespace baton::delivery
