// Purpose: serves simulated vendors on a listener, each below its own path ("/zendesk/..."), with
// control routes for harnesses, and sends the vendors' webhooks to Baton:
//   GET    /_sim/ledger, /_sim/ledger/{vendor}  what the vendors hold
//   GET    /_sim/requests                       how often each request arrived
//   GET    /_sim/faults                         those that are injected
//   POST   /_sim/faults                         a Fault as JSON, with "vendor" for one of several
//   DELETE /_sim/faults                         ?vendor= for one
//   POST   /_sim/act/{vendor}                   a deed, {"solve": {"ticket": 1, "by": "Dana"}}
// Owner: `baton sim`, the demo, a process test. Threads: server, client and clock share one loop.
// Errors: 404 for an unknown vendor, 400 for a fault or deed that cannot be read, 422 for a deed that
// the vendor refuses.
//
// The server port cannot cut a connection, so a transport that is made with `misbehaves` agrees to two
// signs: a Reply with status 0 is closed without an answer, and the header "x-sim-drip: 1" (never sent
// on) asks for a byte at a time. A dripping answer is held back by `drip` before its first byte.
#pragma once

#include <map>
#include <string>

#include "connectors/simulation/simulation.h"
#include "gateway/base/scope.h"
#include "gateway/http/client.h"
#include "gateway/http/server.h"

namespace baton::simulation {

struct HostOptions {
  Duration drip{3000};
  Duration first_wait{1000};      // before a webhook's second attempt; doubled after each
  Duration longest_wait{60'000};  // a longer Retry-After ends the attempts, as at most vendors
  Duration hook_timeout{5000};    // how long a vendor waits for Baton's answer
};

class Host {
 public:
  Host(HttpServer& server, HttpClient& client, Clock& clock, Loop& loop, HostOptions options = {});
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Before server.start(). `prefix` is one path segment; `hook_url` is where Baton takes this vendor's
  // webhooks, empty if it takes none.
  void add(std::string prefix, VendorPtr vendor, std::string hook_url = {});

  // Precondition: it was added.
  FaultyVendor& vendor(std::string_view prefix);

  // Webhooks still under way: asks them to end, and returns when they have.
  Task<Done> stop(TimePoint deadline);

 private:
  struct Guest {
    Guest(VendorPtr vendor_in, std::string hook_url_in)
        : vendor(std::move(vendor_in)), hook_url(std::move(hook_url_in)) {}
    FaultyVendor vendor;
    std::string hook_url;
  };
  struct Sent {
    Sent() = default;
    int status = 0;  // of the last attempt; 0: no answer, or no hook address
    int attempts = 0;
  };

  void route_control();
  Task<Reply> pass_on(Guest* guest, std::size_t strip, RawRequest raw);
  Task<Reply> act(RawRequest raw);
  Task<Sent> deliver(std::string hook_url, Outbound outbound);
  Reply ledger(const RawRequest& raw) const;
  Reply requests() const;
  Reply list_faults() const;
  Reply inject(const RawRequest& raw);
  Reply clear(const RawRequest& raw);

  HttpServer& server_;
  HttpClient& client_;
  Clock& clock_;
  HostOptions options_;
  Scope scope_;  // webhooks that API requests caused
  std::map<std::string, Guest, std::less<>> guests_;
};

}  // namespace baton::simulation
