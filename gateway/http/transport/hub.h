// Purpose: what all connections of one server share: options, routes, counters, buffers, and who
// is connected from where.
// Owner: the server; outlives its connections. Threads: the server's loop; the counters are written
// there and read on any. Units: bytes. Errors: none.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/http/transport/counters.h"
#include "gateway/http/transport/options.h"
#include "gateway/http/transport/router.h"

namespace baton {

using SteadyTime = std::chrono::steady_clock::time_point;

// A number with one writing thread and readers anywhere.
class Count {
 public:
  void add(std::uint64_t more = 1) { value_.store(value() + more, std::memory_order_relaxed); }
  void subtract(std::uint64_t less = 1) { value_.store(value() - less, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Hub {
 public:
  Hub(const ServerOptions& options_in, Clock& clock_in) : options(options_in), clock(clock_in) {}

  const ServerOptions& options;
  Clock& clock;
  Router router;
  bool draining = false;
  std::size_t buffered_bytes = 0;    // bodies under way and in handlers
  std::array<char, 65'536> scratch;  // what one read yields; used up before the next

  struct {
    Count open, accepted, over_limit, over_peer_limit, shed, exhausted, handshakes_failed, timed_out,
        in_flight, bytes_received;
    std::array<Count, 6> answers;
    std::array<Count, kRefusals> refusals;
  } counts;

  // Reserves a place for a peer; false when it has all that it may have.
  bool enter(const std::string& peer_key);
  void leave(const std::string& peer_key);
  std::function<void()> on_empty;  // called when the last connection leaves

  std::string_view date();  // for the Date field; valid until the next call

  // An idle connection owns no buffer.
  std::string take_buffer();
  void give_buffer(std::string buffer);

  ServerCounters snapshot() const;

 private:
  std::unordered_map<std::string, std::size_t> by_peer_;
  std::vector<std::string> buffers_;
  std::time_t date_second_ = 0;
  std::string date_;
};

}  // namespace baton
