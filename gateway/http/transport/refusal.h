// Purpose: the answers that the transport gives by itself: which status, which stable `code`, and
// what a person can do. They are problem details (RFC 9457).
// Owner: none; plain values. Threads: any. Errors: none.
#pragma once

#include <cstddef>
#include <string_view>

#include "gateway/model/http.h"

namespace baton {

// Closed: each is a `code` in an answer and a label of a counter.
enum class Refusal {
  malformed_request,
  missing_host,
  duplicate_header,
  conflicting_length,
  malformed_body,
  unsupported_coding,
  unsupported_version,
  expectation_failed,
  header_too_large,
  too_many_headers,
  target_too_long,
  body_too_large,
  not_found,
  method_not_allowed,
  request_timeout,
  internal_error,
  overloaded,
  buffers_full,
  handler_timeout,
};
inline constexpr std::size_t kRefusals = static_cast<std::size_t>(Refusal::handler_timeout) + 1;

int status(Refusal refusal);
std::string_view name(Refusal refusal);
Reply problem(Refusal refusal);

// "Not Found" for 404; "Unknown" for a status without a name.
std::string_view reason_phrase(int status);

}  // namespace baton
