// Purpose: what a request that we refuse is answered with: RFC 9457 application/problem+json with a
// stable `code` for programs, a sentence for people, and every single error with its JSON pointer.
// Owner: the caller. Threads: any. Errors: none; text that is not UTF-8 is repaired.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace baton {

// One thing that is wrong in a document somebody sent.
struct FieldError {
  std::string pointer;  // RFC 6901; "" is the whole document
  std::string code;     // stable, snake_case
  std::string detail;   // what is wrong and what is allowed

  bool operator==(const FieldError&) const = default;
};

// `code` also names the problem's type, urn:baton:problem:<code>. `trace_id` may be empty.
std::string problem_json(int status, std::string_view code, std::string_view title, std::string_view detail,
                         std::span<const FieldError> errors, std::string_view trace_id);

// The pointer of a member or item below `pointer`, escaped.
std::string pointer_to(std::string_view pointer, std::string_view key);

}  // namespace baton
