// Purpose: everything about a listener that can be set: address, certificate, limits, timers.
// Owner: whoever makes the server; a plain value. Threads: any. Units: bytes; milliseconds.
// Errors: none here; the server checks them when it is made.
//
// The defaults are the transport's rules 2 and 3 and bound what a peer can cost us: memory by the
// limits, time by the timers. No timer may be absent, as the parser itself never gives up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "gateway/base/secret.h"
#include "gateway/base/time.h"

namespace baton {

// The longest body that a route may ask for.
inline constexpr std::size_t kMaxRouteBodyBytes = 25 * 1024 * 1024;

struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;  // request line, fields and the empty line
  std::size_t header_fields = 100;
  std::size_t target_bytes = 4 * 1024;
  std::size_t connections = 10'000;
  std::size_t connections_per_peer = 256;  // an IPv4 address or an IPv6 /64; 0: no limit
  std::size_t requests_per_connection = 1'000;
  std::size_t in_flight = 1'024;                        // requests in handlers; above it 503
  std::size_t buffered_body_bytes = 256 * 1024 * 1024;  // of all connections together; above it 503
  std::size_t linger_bytes = 256 * 1024;                // read and dropped, so that an early answer arrives
};

struct ServerTimers {
  Duration handshake{5'000};
  Duration first_byte{10'000};
  Duration headers{5'000};
  Duration body{10'000};  // plus the time that the bytes received take at the floor
  std::size_t floor_bytes_per_second = 1'024;
  Duration idle{30'000};      // keep-alive
  Duration write{10'000};     // plus the time that the answer takes at the floor
  Duration watchdog{15'000};  // a handler that takes longer is answered for with 503; see RouteLimits
  Duration linger{2'000};
  Duration accept_pause{50};  // after the descriptors ran out
};

// A certificate chain, leaf first, and its private key, both PEM.
struct TlsIdentity {
  TlsIdentity(std::string chain, Secret key) : chain_pem(std::move(chain)), key_pem(std::move(key)) {}

  std::string chain_pem;
  Secret key_pem;
};

struct ServerOptions {
  std::string name = "http";          // of the thread; at most 15 characters count
  std::string address = "127.0.0.1";  // an IP address; "::" takes IPv4 as well
  std::uint16_t port = 0;             // 0: any free one
  std::optional<TlsIdentity> tls;     // none: plain HTTP
  ServerLimits limits;
  ServerTimers timers;
  // For simulated vendors alone: a Reply of status 0 closes the connection without an answer, and the
  // header "x-sim-drip" (never sent on) has the answer sent a byte at a time.
  bool misbehaves = false;
};

}  // namespace baton
