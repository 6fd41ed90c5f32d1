// Purpose: the HttpServer of the management API: cpprestsdk's http_listener on Baton's transport, so
// the limits, timers and strictness of every other listener hold here too. No type of cpprestsdk
// leaves the one .cc file that includes it.
// Owner: app/; one at a time in a process, as cpprestsdk has one place for a transport.
// Threads: the I/O thread of the transport; two threads of cpprestsdk's pool; handlers run on
// `station_loop`, whose thread must run until this object has drained. Methods as in server.h.
// Units: see options.h. Errors: start() fails as `misconfigured`.
//
// The way of a request: transport (complete, bounded) -> http_request -> http_listener, on the pool
// -> the route's handler on station_loop -> http_response -> transport.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/http/server.h"
#include "gateway/http/transport/counters.h"
#include "gateway/http/transport/options.h"

namespace baton {

class ManagementServer final : public HttpServer {
 public:
  // Called with the name of every stage that a request passes; a test throws from it.
  using Probe = std::function<void(std::string_view stage)>;

  // `clock` is the one of `station_loop`; both outlive this object.
  ManagementServer(ServerOptions options, Loop& station_loop, Clock& clock, Probe probe = {});
  ~ManagementServer() override;
  ManagementServer(const ManagementServer&) = delete;
  ManagementServer& operator=(const ManagementServer&) = delete;

  void route(std::string method, std::string pattern, Handler handler, RouteLimits limits = {}) override;
  Result<Done> start() override;
  std::uint16_t port() const override;
  void drain(Duration patience) override;

  Result<Done> reload_tls(const TlsIdentity& identity);
  ServerCounters counters() const;

 private:
  class Core;

  std::shared_ptr<Core> core_;  // shared: by every request that is still under way
};

}  // namespace baton
