// Purpose: the port through which requests leave.
// Owner: app/ (libcurl, gateway/http/curl/), a test (a script). Threads: the loop of the caller.
// Errors: `retryable` when the request certainly did not reach the peer, `ambiguous` when it may
// have, `misconfigured` when the address is one that we refuse to call. A reply with any status is
// a value; connectors classify it.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "gateway/base/task.h"
#include "gateway/model/http.h"

namespace baton {

// A request with everything on it, credentials included: it lives no longer than the exchange, is
// never journalled and never logged.
struct Outgoing {
  Outgoing(std::string pool_in, Request request_in, TimePoint deadline_in)
      : pool(std::move(pool_in)), request(std::move(request_in)), deadline(deadline_in) {}

  std::string pool;  // connections are shared only within one pool: one destination and credential
  Request request;   // `target` is the whole URL
  TimePoint deadline;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Gives up at the deadline. Never follows a redirect; the answer's body, headers and trailers are
  // bounded (promises.md H4), a breach of the bound is `ambiguous`.
  virtual Task<Reply> exchange(Outgoing outgoing) = 0;
};

}  // namespace baton
