#include "gateway/delivery/policy.h"

#include <algorithm>

#include "gateway/base/mutant.h"

namespace baton::delivery {
namespace {

Job ended(Job job, JobState state, TimePoint now) {
  job.state = state;
  job.ended_at = now;
  return job;
}

Job later(Job job, TimePoint now, Random& random) {
  const auto doublings = std::clamp(job.attempts - 1, 0, 20);
  const auto ceiling = std::min(kFirstBackoff * (1 << doublings), kLongestBackoff);
  job.due = now + (BATON_MUTANT(no_jitter) ? ceiling : random.up_to(ceiling));
  if (job.failure->not_before) {
    job.due = std::max(job.due, std::min(*job.failure->not_before, now + kLongestVendorWait));
  }
  return job;
}

// An attempt that told us nothing about this delivery is not counted against it.
Job uncounted(Job job, TimePoint due) {
  if (!BATON_MUTANT(wait_costs_an_attempt)) job.attempts = std::max(0, job.attempts - 1);
  if (job.attempts == 0) job.first_attempt.reset();
  job.due = due;
  return job;
}

// One retry if time allows, then the result is lost. What waits for a budget of its own waits as long as
// somebody waits for it.
Job read_after(Job job, TimePoint now) {
  constexpr auto kPause = Duration{200};
  const auto& failure = *job.failure;
  const bool rests = failure.kind == FailureKind::rate_limited && !failure.budget.empty();
  if (rests && failure.not_before && job.deadline && *failure.not_before < *job.deadline)
    return uncounted(std::move(job), std::max(*failure.not_before, now + kPause));
  const bool again = job.failure->kind == FailureKind::retryable && job.attempts < 2;
  if (!again || !job.deadline || now + kPause >= *job.deadline) {
    return ended(std::move(job), JobState::failed, now);
  }
  job.due = now + kPause;
  return job;
}

}  // namespace

Job after(Job job, const Failure& failure, TimePoint now, Random& random) {
  job.failure = failure;
  if (is_read(job.key.work)) return read_after(std::move(job), now);
  if (job.parked) return ended(std::move(job), JobState::dead, now);

  switch (failure.kind) {
    case FailureKind::rate_limited: {
      if (BATON_MUTANT(wait_header_ignored)) return uncounted(std::move(job), now + kFirstBackoff);
      const auto wait = std::min(failure.not_before.value_or(now + kFirstBackoff), now + kLongestVendorWait);
      return uncounted(std::move(job), wait);
    }
    case FailureKind::misconfigured: return uncounted(std::move(job), now);
    case FailureKind::retryable:
    case FailureKind::ambiguous:
      if (job.first_attempt &&
          now >= *job.first_attempt + (BATON_MUTANT(given_up_early) ? kSpan / 2 : kSpan)) {
        return ended(std::move(job), JobState::dead, now);
      }
      return later(std::move(job), now, random);
    case FailureKind::auth_expired:  // the session turns it into misconfigured; here it is a plain no
    case FailureKind::rejected:
    case FailureKind::target_gone: return ended(std::move(job), JobState::dead, now);
  }
  return job;
}

}  // namespace baton::delivery
