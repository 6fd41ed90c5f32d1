// Purpose: an HttpClient whose network is a set of simulated vendors in memory, on the caller's
// clock: what contract tests and crash walks send through. Exact about what a fault means: a lost
// reply is `ambiguous` and the vendor has the effect; a refused connection is `retryable` and has none.
// Owner: a test or the demo; vendors are owned by the caller and outlive it. Threads: one loop.
// Units: `latency` is the whole round trip; the vendor acts at half of it.
// Errors: as HttpClient says; an address that no vendor answers is `retryable`, like a name that
// cannot be resolved. An answer that would come after the deadline is `ambiguous`, at the deadline.
#pragma once

#include <string>
#include <vector>

#include "connectors/simulation/simulation.h"
#include "gateway/base/clock.h"
#include "gateway/http/client.h"

namespace baton::simulation {

struct Network {
  Duration latency{0};
  Duration drip{5000};  // how much longer a slow answer takes
  std::size_t max_body_bytes = 8 * 1024 * 1024;
};

// One exchange, in the order of sending. Without credentials: bodies and headers are not kept.
struct Exchanged {
  std::string pool;
  std::string method;
  std::string url;
  TimePoint at;
  int status = 0;  // 0: the caller got no answer
};

class VendorClient final : public HttpClient {
 public:
  explicit VendorClient(Clock& clock, Network network = {}) : clock_(clock), network_(network) {}

  // Answers every URL that begins with `url_prefix` ("https://acme.zendesk.com"); of several the
  // longest counts. The vendor sees the rest as its target.
  void add(std::string url_prefix, FaultyVendor& vendor);

  Task<Reply> exchange(Outgoing outgoing) override;

  const std::vector<Exchanged>& exchanges() const { return exchanges_; }

 private:
  struct Place {
    std::string prefix;
    FaultyVendor* vendor;
  };
  const Place* find(std::string_view url) const;

  Clock& clock_;
  Network network_;
  std::vector<Place> places_;
  std::vector<Exchanged> exchanges_;
};

// What a Retry-After header asks for: seconds or a date; nullopt if it is neither.
std::optional<Duration> read_retry_after(std::string_view value, TimePoint now);

}  // namespace baton::simulation
