#include "gateway/delivery/lane_control.h"

#include <algorithm>

#include "gateway/base/mutant.h"
#include "gateway/delivery/policy.h"

namespace baton::delivery {
namespace {

constexpr auto kProbeEvery = Duration{1h};   // of a vendor that asked us to wait longer
constexpr auto kSlowLookUps = Duration{5s};  // from one to the next, where they are slowed down
constexpr auto kAskAnew = Duration{15min};   // how long a vendor's word about its limit is good

}  // namespace

bool counts_against(FailureKind kind) {
  if (BATON_MUTANT(refusals_count_as_down) && kind == FailureKind::rejected) return true;
  return kind == FailureKind::retryable || kind == FailureKind::ambiguous;
}

LaneControl::LaneControl(const sdk::Limits& limits, Random& random, TimePoint now,
                         std::span<const sdk::Budget> budgets)
    : limits_(limits), random_(random), budget_(limits.per_second, limits.burst, now), breaker_(random) {
  for (const auto& one : budgets) {
    const RateBudget budget(std::min(one.per_second, limits.per_second), std::min(one.burst, limits.burst),
                            now);
    apart_.push_back({one.name, budget, TimePoint()});
  }
}

LaneControl::Apart* LaneControl::find_apart(std::string_view budget) {
  const auto found = std::ranges::find(apart_, budget, &Apart::name);
  return found == apart_.end() ? nullptr : &*found;
}

TimePoint LaneControl::free_at(TimePoint now, std::string_view budget) {
  auto* const apart = find_apart(budget);
  return apart ? std::max(apart->budget.next_free(now), apart->held_until) : budget_.next_free(now);
}

void LaneControl::hold(std::string_view budget, TimePoint until, TimePoint now) {
  if (auto* const apart = find_apart(budget))
    apart->held_until = std::max(apart->held_until, std::min(until, now + kLongestVendorWait));
}

bool LaneControl::paused(TimePoint now) const {
  if (!asked_ || !asked_->paused) return false;
  if (!asked_->until) return true;
  // Farther ahead than a vendor may ask is a clock that was set back.
  return now < *asked_->until && *asked_->until <= now + kLongestVendorWait;
}

LaneControl::Gate LaneControl::gate(int under_way, TimePoint now) {
  Gate gate;
  breaker_.heed(now);
  if (paused(now)) {
    if (!asked_->until) return gate;  // until a person resumes it
    const auto probe_at = std::max(asked_->since, last_probe_) + kProbeEvery;
    if (now >= probe_at && under_way == 0) gate.room = 1;
    // Always ahead of now: whoever sleeps until an instant that has passed does not sleep.
    gate.look_again = std::min(*asked_->until, now < probe_at ? probe_at : now + kProbeEvery);
    return gate;
  }
  if (breaker_.state() == Breaker::State::open && now < breaker_.probe_at()) {
    gate.only_reads = true;
    gate.room = std::max(0, limits_.at_once - under_way);
    gate.look_again = breaker_.probe_at();
    return gate;
  }
  gate.probes = breaker_.state() == Breaker::State::open;
  const int tokens = budget_.available(now) - unsent_;
  if (tokens <= 0) {
    gate.look_again = std::max(budget_.next_free(now), now + Duration{1000 / limits_.per_second + 1});
  }
  gate.room = std::max(0, std::min(breaker_.allowed(limits_.at_once, now) - under_way, tokens));
  return gate;
}

Duration LaneControl::guess_wait(TimePoint began, TimePoint now) {
  if (guesses_ > 0 && began <= guessed_at_) return guess_;
  const auto doublings = std::min(guesses_, 20);
  ++guesses_;
  guessed_at_ = now;
  const auto least = std::min(limits_.first_wait * (1 << doublings), limits_.longest_wait);
  guess_ = std::min(least + random_.up_to(least / 2), limits_.longest_wait);
  return guess_;
}

bool LaneControl::start(bool retry, TimePoint now) {
  if (retry && !retries_.start(now) && !BATON_MUTANT(retry_budget_ignored)) return false;
  if (!retry) retries_.first_attempt(now);
  if (paused(now)) last_probe_ = now;
  breaker_.started(now);
  ++figures_.attempts;
  return true;
}

void LaneControl::succeeded(bool retry, bool asked, TimePoint now) {
  if (retry) retries_.ended();
  if (asked) guesses_ = 0;
  if (asked) breaker_.succeeded(now);
  else breaker_.ended();
  figures_.served += asked ? 1 : 0;
  ++figures_.succeeded;
  figures_.last_success = now;
}

void LaneControl::failed(bool retry, bool asked, const Failure& failure, TimePoint now) {
  if (retry) retries_.ended();
  if (asked && counts_against(failure.kind)) {
    breaker_.failed(now);
    retries_.failed(now);
    ++figures_.unserved;
  } else if (asked) {
    if (failure.kind != FailureKind::rate_limited) guesses_ = 0;
    breaker_.succeeded(now);
    ++figures_.served;
  } else {
    breaker_.ended();
  }
  ++figures_.failed[static_cast<std::size_t>(failure.kind)];
  figures_.last_failure = now;
  figures_.last_failure_detail = failure.detail;
}

void LaneControl::dropped(bool retry) {
  breaker_.ended();
  if (retry) retries_.ended();
}

void LaneControl::ended(Stage stage, const std::optional<Failure>& failure, Duration took, TimePoint now,
                        std::string trace_id) {
  auto& tally = figures_.recent.at(now);
  if (failure) ++tally.failed_at(stage, failure->kind);
  else ++tally.succeeded;
  tally.took.add(took);
  figures_.took.add(took);
  figures_.traces.add(figures_.took, took, std::move(trace_id), now);
}

void LaneControl::returned(const nlohmann::json& found, TimePoint now) {
  completeness_.count(found, figures_.recent.at(now));
}

void LaneControl::sending(TimePoint now, std::string_view budget) {
  auto* const apart = find_apart(budget);
  if (!BATON_MUTANT(rate_limit_uncounted)) (apart ? apart->budget : budget_).take(now);
  ++figures_.requests;
}

std::optional<LaneControl::Rest> LaneControl::look_up(TimePoint now) {
  const auto& quota = figures_.quota;
  const auto told_at = figures_.quota_at.value_or(TimePoint{});
  const bool told = limits_.stop_lookups_above > 0 && quota.remaining && quota.limit && *quota.limit > 0;
  const bool past = now < told_at || (quota.resets_at && now >= *quota.resets_at);
  if (!told || past || BATON_MUTANT(lookups_never_rest)) return std::nullopt;
  const auto limit = std::int64_t{*quota.limit}, used = limit - std::max(0, *quota.remaining);
  const auto above = [&](int percent) { return used * 100 > limit * percent; };
  if (!above(limits_.slow_lookups_above)) return std::nullopt;
  const bool stopped = above(limits_.stop_lookups_above);
  const auto last = last_look_up_ > now ? TimePoint{} : last_look_up_;  // the clock was set back
  const auto next = stopped ? std::max(told_at, last) + kAskAnew : last + kSlowLookUps;
  if (now >= next) {
    last_look_up_ = now;
    return std::nullopt;
  }
  const auto share = std::to_string(used * 100 / limit) + " %";
  const std::string what(quota.what.empty() ? "what the vendor allows" : quota.what);
  return Rest{next, stopped ? what + " is nearly used up: " + share
                            : what + " is used up to " + share + ": look-ups go one by one"};
}

void LaneControl::answered(Duration took, const sdk::Quota& quota, TimePoint now) {
  if (quota.remaining) {
    budget_.vendor_says(*quota.remaining, now);
    figures_.quota = quota;
    figures_.quota_at = now;
  }
  figures_.total_request_time += took;
  figures_.slowest_request = std::max(figures_.slowest_request, took);
}

}  // namespace baton::delivery
