// Purpose: HTTP messages as plain values, in the words of the RFCs. Bodies are exact bytes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/base/time.h"

namespace baton {

using Headers = std::map<std::string, std::string, std::less<>>;  // names in lower case

// The header's value, or "" if there is none. `name` in lower case.
inline std::string_view header(const Headers& headers, std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

struct Request {
  Request() = default;
  Request(std::string method_in, std::string target_in, std::string body_in = {}, Headers headers_in = {})
      : method(std::move(method_in)), target(std::move(target_in)), body(std::move(body_in)),
        headers(std::move(headers_in)) {}
  bool operator==(const Request&) const = default;

  std::string method;
  std::string target;  // path and query; in Outgoing a whole URL
  std::string body;
  Headers headers;
};

struct Reply {
  explicit Reply(int status_in = 0, std::string body_in = {}, std::optional<Duration> retry_after_in = {})
      : status(status_in), body(std::move(body_in)), retry_after(retry_after_in) {}
  Reply(int status_in, std::string body_in, Headers headers_in)
      : status(status_in), body(std::move(body_in)), headers(std::move(headers_in)) {}

  int status;
  std::string body;
  Headers headers;
  std::optional<Duration> retry_after;  // from Retry-After, seconds or a date; set by whoever received it
};

// A request as it reached us: nothing about it has been verified.
struct RawRequest : Request {
  using Request::Request;

  std::map<std::string, std::string, std::less<>> params;  // of the route's pattern, percent-decoded
  std::string peer;                                        // the other side's address, without its port
  TimePoint received_at;
};

// The part of a target before '?', and the value of a query parameter (percent-decoded).
std::string_view path_of(std::string_view target);
std::optional<std::string> query_value(std::string_view target, std::string_view name);

}  // namespace baton
