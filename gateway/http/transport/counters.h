// Purpose: what a server has done so far, as plain numbers for metrics and health.
// Owner: the caller; a copy. Threads: any. Units: counts since the start, except the gauges.
// Errors: none. The fields are read one by one: they need not agree to the last request.
#pragma once

#include <array>
#include <cstdint>

#include "gateway/http/transport/refusal.h"

namespace baton {

struct ServerCounters {
  std::uint64_t connections_open = 0;  // gauge
  std::uint64_t connections_accepted = 0;
  std::uint64_t refused_by_limit = 0;        // connections
  std::uint64_t refused_by_peer_limit = 0;   // connections
  std::uint64_t refused_by_descriptors = 0;  // connections shed with the reserve descriptor
  std::uint64_t descriptors_exhausted = 0;   // times; alert on any
  std::uint64_t handshakes_failed = 0;
  std::uint64_t timed_out = 0;                         // connections closed by a timer
  std::uint64_t requests_in_flight = 0;                // gauge: in handlers
  std::uint64_t bytes_received = 0;                    // decrypted
  std::array<std::uint64_t, 6> answers = {};           // by status class: answers[2] counts 2xx
  std::array<std::uint64_t, kRefusals> refusals = {};  // the transport's own answers, by Refusal
};

}  // namespace baton
