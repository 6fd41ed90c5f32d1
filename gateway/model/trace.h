// Purpose: the trace that a handoff belongs to, and the span of each attempt at one of its jobs. Pure.
// Owner: delivery, the log, the timeline. Threads: any. Errors: none.
//
// A platform that sent no trace gets one all the same: a handoff's id is a UUID, and as long as a trace id.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/text.h"
#include "gateway/base/trace.h"
#include "gateway/model/handoff.h"
#include "gateway/model/job.h"

namespace baton {

inline std::optional<Trace> trace_of(const Handoff& handoff) {
  if (auto given = parse_traceparent(handoff.traceparent)) return given;
  constexpr std::string_view kPrefix = "hof_";
  const std::string_view id = handoff.id.text;
  if (!id.starts_with(kPrefix)) return std::nullopt;
  const auto span = span_id_of(id);
  return parse_traceparent("00-" + std::string(id.substr(kPrefix.size())) + "-" + span + "-01");
}

// Of the attempt under way, or the latest one: a child of whoever asked for the handoff.
inline std::optional<Trace> trace_of(const Handoff& handoff, const Job& job) {
  auto trace = trace_of(handoff);
  if (!trace) return trace;
  trace->span_id =
      span_id_of(job.key.text() + "#" + std::to_string(job.replays) + "." + std::to_string(job.attempts));
  return trace;
}

}  // namespace baton
