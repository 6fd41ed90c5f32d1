// Purpose: a running server with the routes that the tests need, and the checks they share.
// Owner: the test. Threads: handlers run on the server's loop. Errors: test failures.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/base/bell.h"
#include "gateway/http/transport/transport.h"
#include "tests/http_server/peer.h"

namespace baton {

inline constexpr std::size_t kSmallRouteBytes = 64;

// POST /echo answers the body, POST /fields the header fields, POST /small takes kSmallRouteBytes,
// POST /large 25 MiB, GET /items/{id} the id; GET /health; GET /wait waits for release(), /never for
// nothing; /throw, /throw-later, /fail, /split misbehave.
class Server {
 public:
  using Change = std::function<void(ServerOptions&)>;
  explicit Server(Scheme scheme = Scheme::plain, const Change& change = {});

  Peer connect() const { return connect(Peer::Wish{}); }
  Peer connect(Peer::Wish wish) const;
  std::uint16_t port() const { return transport_->port(); }
  TransportServer& transport() { return *transport_; }
  ServerCounters counters() const { return transport_->counters(); }
  Scheme scheme() const { return scheme_; }

  void release();     // lets the handlers of /wait answer
  bool is_healthy();  // a request on a new connection is answered
  void stop() { transport_.reset(); }

  // Waits, at most ten seconds, until the counters say so.
  bool eventually(const std::function<bool(const ServerCounters&)>& holds) const;
  std::uint64_t refused(Refusal why) const { return counters().refusals[static_cast<std::size_t>(why)]; }

 private:
  void add_routes();
  Task<Reply> wait();
  Task<Reply> never();
  Task<Reply> throw_later();

  Scheme scheme_;
  ClientContext client_context_;
  bool released_ = false;  // on the server's loop
  Bell bell_;
  std::unique_ptr<TransportServer> transport_;
};

std::string get(std::string_view target, std::string_view more_fields = {});
std::string post(std::string_view target, std::string_view body, std::string_view more_fields = {});
std::string chunked(std::string_view target, std::string_view chunks);

}  // namespace baton
