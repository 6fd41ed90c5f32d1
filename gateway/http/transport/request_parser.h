// Purpose: turns a connection's bytes into one RawRequest. Beast parses the head; before it the raw
// bytes are checked (head_scanner.h), after it their meaning. Chunks are ours (chunk_decoder.h).
// Owner: one connection, for one request at a time. Threads: one. Units: bytes.
// Errors: a Refusal; after one the connection's bytes have no meaning any more and it must close.
//
// Order of use: feed_head() until it is ready, look at the head, set the body's limit, then
// feed_body() until it is ready, take(). What was not consumed belongs to the next request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "gateway/http/transport/chunk_decoder.h"
#include "gateway/http/transport/head_scanner.h"
#include "gateway/http/transport/options.h"
#include "gateway/http/transport/refusal.h"
#include "gateway/model/http.h"

namespace baton {

class RequestParser {
 public:
  explicit RequestParser(const ServerLimits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  struct Progress {
    std::size_t consumed = 0;
    bool ready = false;
    std::optional<Refusal> refusal;
  };

  // `seen` starts at the request's first byte and grows between calls; it is consumed at once when
  // the head is complete.
  Progress feed_head(std::string_view seen);

  // `unread` starts at the first byte not consumed so far.
  Progress feed_body(std::string_view unread);

  // Valid once the head is ready.
  const Request& request() const;
  bool has_body() const;  // some of it is still to come
  bool expects_continue() const;
  bool keep_alive() const;
  bool is_http_1_0() const;
  // Refuses a body whose stated length is above it; a chunked one when it grows above it.
  std::optional<Refusal> limit_body(std::size_t max_body_bytes);
  std::size_t body_bytes() const;  // so far

  RawRequest take();

 private:
  class Beast;

  const ServerLimits& limits_;
  HeadScanner scanner_;
  std::unique_ptr<Beast> beast_;
  std::uint64_t length_ = 0;            // as stated
  std::optional<ChunkDecoder> chunks_;  // instead of a length
};

// True for the fields that must not be repeated, as joining them would let a second value stand in
// for the first: framing, credentials, and whatever a signature check reads. `name` in lower case.
bool must_be_single(std::string_view name);

}  // namespace baton
