// Purpose: a Step, one external write as a value: what to send, how to read the answer, and how
// to find out whether it happened. Owner: the connector's operation. Threads: plain values.
//
// Read and Write are different types on purpose: Session::read() takes no Write, and a Write
// leaves only inside Session::once(). That makes "every write is journalled" a type error to break.
//
// Targets are paths below the destination's base_url. A whole URL ("https://...") is sent without
// the destination's credentials: it is an address that carries its own (a click's reply address),
// and the connector checks where it points before it uses it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gateway/base/result.h"
#include "gateway/model/http.h"
#include "gateway/model/receipt.h"

namespace baton::sdk {

// A request without effect: sent at will, repeated at will.
class Read {
 public:
  static Read get(std::string target, Headers headers = {}) {
    return Read(Request("GET", std::move(target), {}, std::move(headers)));
  }
  // For vendors whose searches are POSTs.
  static Read search(std::string target, std::string body, Headers headers = {}) {
    return Read(Request("POST", std::move(target), std::move(body), std::move(headers)));
  }
  // Counted against this budget of the manifest, and not against the limits of the rest.
  Read within(std::string budget) && {
    budget_ = std::move(budget);
    return std::move(*this);
  }
  const Request& request() const { return request_; }
  const std::string& budget() const { return budget_; }  // empty: the limits of the rest

 private:
  explicit Read(Request request) : request_(std::move(request)) {}
  Request request_;
  std::string budget_;
};

// A request with an effect.
class Write {
 public:
  static Write post(std::string target, std::string body, Headers headers = {}) {
    return Write(Request("POST", std::move(target), std::move(body), std::move(headers)));
  }
  static Write put(std::string target, std::string body, Headers headers = {}) {
    return Write(Request("PUT", std::move(target), std::move(body), std::move(headers)));
  }
  static Write patch(std::string target, std::string body, Headers headers = {}) {
    return Write(Request("PATCH", std::move(target), std::move(body), std::move(headers)));
  }
  const Request& request() const& { return request_; }
  Request request() && { return std::move(request_); }

 private:
  explicit Write(Request request) : request_(std::move(request)) {}
  Request request_;
};

using Found = std::optional<Receipt>;

// Asked before a write whose outcome is unknown is sent again. `match` must prove absence: an
// answer that it cannot read is a Failure, never "not there". Of a search that answers in pages `next`
// gives the read of the following one; only after the last is absence proven.
struct Lookup {
  using Match = std::function<Result<Found>(const Reply&)>;
  using Next = std::function<Result<std::optional<Read>>(const Reply&)>;
  Lookup(Read find_in, Match match_in, Duration settle_in = Duration{0}, Next next_in = {})
      : find(std::move(find_in)), match(std::move(match_in)), next(std::move(next_in)), settle(settle_in) {}
  Read find;
  Match match;
  Next next;        // none: the first answer is the whole
  Duration settle;  // how long after a write the vendor's search may not know it yet
};

struct NoLookup {};    // an unknown outcome waits for a person
struct Repeatable {};  // the vendor makes a repetition harmless: a native key, or a plain overwrite
inline constexpr NoLookup no_lookup;
inline constexpr Repeatable repeatable;

// A native key that the vendor forgets: within `valid` of the first sending a repetition of the
// same bytes is harmless, later the look-up decides. When one repetition did not help, the look-up is asked
// before the next ones too.
struct RepeatableFor {
  RepeatableFor(Duration valid_in, Lookup after_in) : valid(valid_in), after(std::move(after_in)) {}
  Duration valid;
  Lookup after;
};

// An unknown outcome stays unknown: `after` its sending the step ends with an empty receipt, and the
// operation decides what follows. For vendors without any look-up, where a repeat is the lesser evil.
struct LeftOpen {
  explicit LeftOpen(Duration after_in) : after(after_in) {}
  Duration after;
};

using Again = std::variant<Lookup, NoLookup, Repeatable, RepeatableFor, LeftOpen>;

struct Step {
  using ReadReply = std::function<Result<Receipt>(const Reply&)>;
  Step(std::string name_in, Write write_in, ReadReply read_in, Again again_in)
      : name(std::move(name_in)), write(std::move(write_in)), read(std::move(read_in)),
        again(std::move(again_in)) {}

  std::string name;  // unique within its operation
  Write write;
  ReadReply read;
  Again again;
};

}  // namespace baton::sdk
