// Purpose: collects one answer as its pieces arrive, and holds the bounds of promises.md H4: what is
// counted here never grows beyond them, whatever the peer sends.
// Owner: the transfer it belongs to. Threads: the loop of that transfer.
// Units: bytes; header bytes are those of all 1xx answers, the head and the trailers together.
// Errors: take_*() return false once a bound is broken; breach() says which.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/model/http.h"

namespace baton {

struct AnswerBounds {
  std::size_t max_header_bytes = 64 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
};

class Answer {
 public:
  explicit Answer(AnswerBounds bounds) : bounds_(bounds) {}

  // One line with its end, as it came: a status line, a field, the empty line, a trailer.
  bool take_header(std::string_view line);
  bool take_body(std::string_view piece);
  // A read that libcurl repeats on another connection begins anew; the bytes stay counted.
  void restart();

  const std::string& breach() const { return breach_; }
  // False when the connection ended inside the head, which libcurl calls a success.
  bool head_complete() const { return head_complete_; }
  std::size_t counted_bytes() const { return header_bytes_ + reply_.body.size(); }

  // The reply so far; the answer is spent. `now` turns a date in Retry-After into a distance.
  Reply release(int status, TimePoint now);

 private:
  void take_field(std::string_view line);

  AnswerBounds bounds_;
  Reply reply_;
  std::string last_name_;  // for continuation lines
  std::string breach_;
  std::size_t header_bytes_ = 0;
  bool head_complete_ = false;  // of the final answer: what follows are trailers
  bool interim_ = false;
};

// Seconds or an HTTP date (RFC 9110, section 10.2.3); nothing if it is neither. Never negative, and
// at most a year, so that a sum with it cannot overflow.
std::optional<Duration> parse_retry_after(std::string_view value, TimePoint now);

}  // namespace baton
