// Purpose: what a simulated vendor is. Each vendor's folder has one, written from its fact sheet: it
// enforces authorisation, required fields, limits, idempotency rules and error bodies, sends signed
// webhooks back, deduplicates only as the vendor does, and counts its effects in a ledger of its own.
// Owner: `baton sim`, the demo, a test. Threads: one loop. Errors: what the vendor would answer.
// A simulator is the vendor, not ours: it includes no file of its connector, nor the other way round.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"
#include "gateway/base/random.h"
#include "gateway/base/result.h"
#include "gateway/model/http.h"

namespace baton::simulation {

// How the simulated account is set up: tokens, client ids and secrets, webhook secrets, and where
// it is reached itself ("self_url", for links in its answers).
using Setup = std::map<std::string, std::string, std::less<>>;

// A webhook on its way to Baton, signed, to be POSTed to the destination's hook address.
struct Outbound {
  explicit Outbound(Request request_in) : request(std::move(request_in)) {}
  Request request;   // target is only the query, or empty: the harness knows Baton's address
  int attempts = 4;  // how often the vendor tries before it gives up; 1: it never repeats
  // What is sent at a later attempt (counted from 1, the first), for vendors that sign each anew.
  // Empty: the same bytes again.
  std::function<Request(int attempt, TimePoint now)> again;
  // Which answers end it, for vendors that want to hear more than a status. Empty: any but 409, 429 and 5xx.
  std::function<bool(const Reply&)> taken = {};
};

// What a person does at the vendor: claims in Slack, solves or comments in Zendesk.
struct Deed {
  Deed(std::string what_in, nlohmann::json with_in) : what(std::move(what_in)), with(std::move(with_in)) {}
  std::string what;     // named in the simulator's header or README: "solve", "click", ...
  nlohmann::json with;  // {"ticket": 1, "by": "..."}
};

class Vendor {
 public:
  virtual ~Vendor() = default;
  virtual std::string_view name() const = 0;

  // Answers one API request as the vendor would. `raw.received_at` is the vendor's time.
  virtual Reply handle(const RawRequest& raw) = 0;

  // Carries a deed out and returns the webhooks that it causes.
  virtual Result<std::vector<Outbound>> act(const Deed& deed, TimePoint now) = 0;

  // Webhooks caused by API requests since the last call: what Baton itself wrote comes back to it,
  // as it does at the real vendor. Empty unless Setup has "echo".
  virtual std::vector<Outbound> take_outbox() { return {}; }

  // Everything the vendor holds, and counts of effects: {"tickets": [...], "effects": {...}}.
  virtual nlohmann::json ledger() const = 0;
};

using VendorPtr = std::unique_ptr<Vendor>;

// --- faults, injected before or after the vendor did its work

struct Fault {
  enum class Kind {
    lose_reply,    // the effect happens, the connection closes without an answer
    refuse,        // the connection closes before anything happens
    status,        // answers `status` with `retry_after`, nothing happens
    after_status,  // the effect happens, then `status` is answered (a gateway's 502)
    garble,        // the effect happens, the answer is cut in the middle of its JSON
    slow,          // the effect happens, the answer drips
  };
  Kind kind = Kind::status;
  std::string method = {};  // empty: any
  std::string prefix = {};  // of the path; empty: any
  int times = 1;            // how many requests it hits; -1: all, until cleared
  int skip = 0;             // how many matching requests pass before
  int status = 503;
  std::optional<Duration> retry_after = {};
};

std::string_view name(Fault::Kind kind);
// {"kind": "lose_reply", "method", "prefix", "times", "skip", "status", "retry_after": seconds}; only
// `kind` is required, an unknown key is refused.
Result<Fault> read_fault(const nlohmann::json& fault);

// What the harness has to do with the connection, beside sending the reply.
struct Answer {
  explicit Answer(Reply reply_in) : reply(std::move(reply_in)) {}
  Reply reply;
  bool cut = false;     // close without sending
  bool drip = false;    // send a byte at a time
  bool reached = true;  // false: the connection failed before the request arrived
};

// A vendor with faults in front of it, counting every request that arrived.
class FaultyVendor {
 public:
  explicit FaultyVendor(VendorPtr vendor) : vendor_(std::move(vendor)) {}

  Answer handle(const RawRequest& raw);
  void inject(Fault fault) { faults_.push_back(std::move(fault)); }
  void clear() { faults_.clear(); }
  Vendor& vendor() { return *vendor_; }
  const Vendor& vendor() const { return *vendor_; }
  const std::vector<Fault>& faults() const { return faults_; }
  const std::map<std::string, int>& requests() const { return requests_; }  // "POST /api/v2/tickets" -> count

 private:
  VendorPtr vendor_;
  std::vector<Fault> faults_;
  std::map<std::string, int> requests_;
};

}  // namespace baton::simulation
