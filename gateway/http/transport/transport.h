// Purpose: the HTTP server behind every listener of Baton: Beast's parser and OpenSSL on one I/O
// thread of its own, within limits that hold for every route.
// Owner: app/. Threads: one named thread runs the loop and every handler; route() before start();
// port(), counters() and reload_tls() on any thread; drain() and the destructor on any but the loop's.
// Units: see options.h. Errors: start() and reload_tls() fail as `misconfigured`.
//
// A station that is called from handlers lives on this loop: give it loop() and clock(). The clock
// may be used on the loop's thread only. What a handler awaits on another thread must have been
// answered, or its thread joined, before this object is destroyed.
#pragma once

#include <memory>

#include "gateway/base/clock.h"
#include "gateway/http/server.h"
#include "gateway/http/transport/counters.h"
#include "gateway/http/transport/options.h"

namespace baton {

class TransportServer final : public HttpServer {
 public:
  explicit TransportServer(ServerOptions options);
  ~TransportServer() override;  // drains with no patience, unless that was done
  TransportServer(const TransportServer&) = delete;
  TransportServer& operator=(const TransportServer&) = delete;

  void route(std::string method, std::string pattern, Handler handler, RouteLimits limits = {}) override;
  Result<Done> start() override;
  std::uint16_t port() const override;
  void drain(Duration patience) override;

  // Handshakes that begin after this use the new set; running connections keep theirs. A set that
  // is not usable changes nothing. Precondition: the server was made with TLS.
  Result<Done> reload_tls(const TlsIdentity& identity);

  ServerCounters counters() const;
  Loop& loop();
  Clock& clock();

 private:
  class Core;

  std::unique_ptr<Core> core_;
};

}  // namespace baton
