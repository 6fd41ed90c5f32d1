// Purpose: the port through which requests reach us. One transport stands behind every listener
// (gateway/http/transport/, Beast; the management API through cpprestsdk on the same transport,
// gateway/http/cpprest/), so the limits hold everywhere.
// Owner: app/. Threads: handlers run on the server's own loop; routes are added before start().
// Units: bytes. Errors: start() says which address could not be bound and why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "gateway/base/task.h"
#include "gateway/model/http.h"

namespace baton {

// A handler gets a complete, bounded request with its raw bytes, and always answers: a Failure
// becomes a 500 without its detail, an exception too.
using Handler = std::function<Task<Reply>(RawRequest)>;

struct RouteLimits {
  std::size_t max_body_bytes = 1024 * 1024;  // up to 25 MiB
  Duration answer{0};                        // how long its handler may take, if that is more than usual
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;

  // `pattern` is a path whose {name} parts match one segment: "/v1/hooks/{destination}".
  // A path that no pattern matches is 404, a method that its pattern lacks is 405 with Allow.
  virtual void route(std::string method, std::string pattern, Handler handler, RouteLimits limits = {}) = 0;

  virtual Result<Done> start() = 0;
  virtual std::uint16_t port() const = 0;  // the one bound, when 0 was asked for

  // Stops accepting, answers what was started with `Connection: close`, cuts the rest after
  // `patience`. Blocks; called once, from outside of the server's loop.
  virtual void drain(Duration patience) = 0;
};

}  // namespace baton
