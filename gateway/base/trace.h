// Purpose: W3C Trace Context: whose trace a request belongs to, as the header `traceparent` says it.
// Owner: the caller. Threads: any; pure. Errors: what is not exactly well-formed is no trace (section 2.2 of
// the recommendation: it is ignored, and a new trace begins).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton {

struct Trace {
  Trace(std::string trace_id_in, std::string span_id_in, bool sampled_in)
      : trace_id(std::move(trace_id_in)), span_id(std::move(span_id_in)), sampled(sampled_in) {}
  bool operator==(const Trace&) const = default;

  std::string header() const;  // as `traceparent`

  std::string trace_id;  // 32 hex digits, not all zero
  std::string span_id;   // 16 of them, not all zero: who asks
  bool sampled;
};

// Version 00, or what version 00 can read of a later one.
std::optional<Trace> parse_traceparent(std::string_view header);

// The span of what has this name: the same name has the same span for ever, so that nothing need be stored to
// show later what was sent.
std::string span_id_of(std::string_view name);

}  // namespace baton
