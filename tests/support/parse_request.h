// Purpose: reads a request from bytes that come a few at a time, as a connection does: head, then body, each
// from what is unread. Owner: none. Threads: any. Units: bytes. Errors: the parser's refusal.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "gateway/base/check.h"
#include "gateway/http/transport/request_parser.h"

namespace baton {

struct ParsedRequest {
  bool operator==(const ParsedRequest&) const = default;
  std::optional<Refusal> refusal;
  bool complete = false;
  RawRequest request;
};

inline ParsedRequest parse_in_steps(std::string_view bytes, std::size_t step, std::size_t max_body) {
  const ServerLimits limits;
  RequestParser parser(limits);
  ParsedRequest result;
  std::size_t begin = 0;
  bool head = true;
  for (auto end = std::min(step, bytes.size());; end = std::min(end + step, bytes.size())) {
    const auto unread = bytes.substr(begin, end - begin);
    auto progress = head ? parser.feed_head(unread) : parser.feed_body(unread);
    begin += progress.consumed;
    if (head && progress.ready && !progress.refusal) {
      head = false;
      progress.refusal = parser.limit_body(max_body);
      progress.ready = !parser.has_body();
      if (!progress.refusal && !progress.ready) {
        progress = parser.feed_body(bytes.substr(begin, end - begin));
        begin += progress.consumed;
      }
    }
    result.refusal = progress.refusal;
    result.complete = progress.ready;
    if (result.refusal || result.complete || end == bytes.size()) break;
  }
  BATON_CHECK(begin <= bytes.size());
  if (result.complete) result.request = parser.take();
  return result;
}

}  // namespace baton
