#include "gateway/journal/opening.h"

namespace baton {

Batch opening(HandoffId id, Route route, Event event, std::string key, std::string digest, TimePoint now) {
  Batch batch;
  batch.opens.emplace(id, event.key.workspace, event.conversation, event.priority, std::move(route), now);
  batch.opens->traceparent = event.traceparent;
  Job plan(JobKey(id, planner_lane(), Upkeep::plan), TimePoint::max());
  plan.created_at = now;
  plan.conversation = event.conversation;
  batch.jobs.push_back(std::move(plan));
  batch.facts.emplace_back(std::move(id), std::move(key), Fact(now, std::move(event)), std::move(digest));
  return batch;
}

}  // namespace baton
