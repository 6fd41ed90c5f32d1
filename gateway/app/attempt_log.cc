#include "gateway/app/attempt_log.h"

#include "gateway/app/log.h"
#include "gateway/model/trace.h"

namespace baton::app {

void log_attempt(const delivery::Outcome& outcome) {
  const auto level = outcome.failure ? LogLevel::info : LogLevel::debug;
  if (!logs(level)) return;
  const auto& job = outcome.job;
  LogFields fields = {{"handoff", job.key.handoff.text}, {"delivery", job.key.text()},
                      {"attempt", job.attempts},         {"destination", job.key.lane.text},
                      {"operation", name(job.key.work)}, {"state", name(job.state)},
                      {"took_ms", outcome.took.count()}};
  if (const auto trace = trace_of(outcome.handoff, job)) {
    fields.emplace_back("trace_id", trace->trace_id);
    fields.emplace_back("span_id", trace->span_id);
  }
  if (!outcome.failure) return log_fields(level, "attempt succeeded", fields);
  fields.emplace_back("failure", name(outcome.failure->kind));
  fields.emplace_back("stage", name(outcome.stage));
  fields.emplace_back("detail", outcome.failure->detail);
  log_fields(level, "attempt failed", fields);
}

}  // namespace baton::app
