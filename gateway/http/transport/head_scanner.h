// Purpose: looks at the raw bytes of a request's head before the parser does, and refuses what a
// parser may forgive: bare CR or LF, NUL and other control bytes, folded lines, other versions,
// heads that are too large. What two parsers can read in two ways must not get past the first.
// Owner: one request. Threads: one. Units: bytes. Errors: a Refusal, at the first byte that earns it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "gateway/http/transport/options.h"
#include "gateway/http/transport/refusal.h"

namespace baton {

class HeadScanner {
 public:
  explicit HeadScanner(const ServerLimits& limits) : limits_(limits) {}

  // `seen` starts at the request's first byte and grows between calls; what was seen before is not
  // looked at again. Returns a refusal, or nothing; then complete() says whether the head is.
  std::optional<Refusal> scan(std::string_view seen);

  bool complete() const { return complete_; }
  std::size_t size() const { return position_; }  // of the head, once it is complete

 private:
  std::optional<Refusal> on_byte(char byte);
  std::optional<Refusal> on_line_end(std::string_view seen);
  static std::optional<Refusal> check_request_line(std::string_view line);

  const ServerLimits& limits_;
  std::size_t position_ = 0;
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;         // complete ones
  std::size_t target_start_ = 0;  // 0: not reached
  bool target_ended_ = false;
  bool after_cr_ = false;
  bool complete_ = false;
};

}  // namespace baton
