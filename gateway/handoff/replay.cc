#include "gateway/handoff/replay.h"

#include <algorithm>
#include <utility>

#include "gateway/base/mutant.h"

namespace baton::handoff {

Job replayed(Job job, TimePoint now) {
  const auto is = [](StepState state) {
    return [state](const StepRecord& step) { return step.state == state; };
  };
  if (BATON_MUTANT(replay_changes_key)) job.steps.clear();
  const bool unknown = std::ranges::any_of(job.steps, is(StepState::unknown));
  if (!unknown && job.failure && job.failure->kind == FailureKind::rejected) {
    if (!BATON_MUTANT(generation_not_bumped)) ++job.generation;
    std::erase_if(job.steps, is(StepState::undone));
  }
  if (std::exchange(job.parked, false)) {
    for (auto& step : job.steps) {
      if (step.state == StepState::unknown) step.state = StepState::undone;
    }
  }
  job.state = JobState::pending;
  job.due = now;
  job.attempts = 0;
  ++job.replays;
  job.first_attempt.reset();
  job.ended_at.reset();
  job.failure.reset();
  job.consumed = false;
  return job;
}

}  // namespace baton::handoff
