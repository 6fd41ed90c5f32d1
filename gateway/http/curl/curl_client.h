// Purpose: requests that leave Baton, through libcurl on the caller's loop (promises.md H4, H5, H7).
// Owner: app/ makes one for the delivery loop. Threads: that loop only. The loop and the clock
// outlive the client; dropping it ends all exchanges at once.
// Units: bytes and milliseconds.
// Errors: as the port says. `retryable`: no byte of the request left. `ambiguous`: some did and no
// whole reply came back, whatever the method; the caller knows whether it was a read.
// `misconfigured`: a URL, an address or a certificate that will be refused until a person acts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http/client.h"
#include "gateway/http/curl/address_policy.h"
#include "gateway/http/curl/answer.h"

namespace baton {

class Clock;

struct CurlOptions {
  AddressPolicy addresses;
  AnswerBounds bounds;
  std::string ca_file;               // trusted beside the system's authorities; PEM
  std::string user_agent = "Baton";  // unless the request brings its own
  std::vector<std::string> pins;     // "host:port:address", instead of a DNS answer
  Duration total = 30s;              // the longest exchange, whatever its deadline
  Duration connect = 10s;            // name, TCP and TLS together
  Duration stall = 20s;              // gives up after so long below min_bytes_per_second
  std::size_t min_bytes_per_second = 16;
  std::size_t connections_per_pool = 256;  // further requests of the pool queue inside libcurl
  // Further requests wait for a place; and one pool has as many at most as are
  // left free. So each of a lane's `at_once`, 256 at most, finds one, however
  // many are held by vendors that do not answer.
  std::size_t max_in_flight = 2048;
  std::size_t max_pools = 64;      // beyond it the longest idle one is closed
  Duration idle_connection = 30s;  // older ones are not used again: servers close them without a word
  Duration idle_pool = 120s;       // looked at when a further pool is made
};

struct CurlStats {
  std::uint64_t opened = 0;    // connections attempted
  std::uint64_t reused = 0;    // requests that went over a kept one
  std::uint64_t refused = 0;   // addresses that the policy refused
  std::uint64_t received = 0;  // bytes of answers taken in, headers and trailers included
  std::size_t in_flight = 0;
  std::size_t open_sockets = 0;
  std::size_t pools = 0;
};

class CurlClient final : public HttpClient {
 public:
  CurlClient(Loop& loop, Clock& clock, CurlOptions options);
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  Task<Reply> exchange(Outgoing outgoing) override;

  // Holds from now on, also for kept connections: none that was opened before is used again.
  void use(AddressPolicy addresses);
  // Closes the connections of pools in which nothing is under way.
  void close_idle();
  CurlStats stats() const;

 private:
  class Core;

  // Shared with the exchanges under way: a suspended coroutine may be destroyed after the client.
  std::shared_ptr<Core> core_;
};

}  // namespace baton
