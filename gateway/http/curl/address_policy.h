// Purpose: decides whether a request may leave to an address (promises.md H5). Pure: it sees binary
// addresses, after every spelling, name and DNS answer has been resolved, so that no text form can
// slip past it.
// Owner: the client that asks it. Threads: any; a plain value.
// Errors: `misconfigured`, in a sentence that names the address, the rule and what to add to `allow`.
//
// The default is "public unicast, https". Ranges are those of the IANA special-purpose address
// registries for IPv4 and IPv6 (RFC 6890 and its updates), read in 2025; whatever lies outside
// 2000::/3 is refused without being named there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"

struct sockaddr;

namespace baton {

// An IPv4 address stands in the first four bytes.
struct IpAddress {
  bool operator==(const IpAddress&) const = default;

  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};
};

std::optional<IpAddress> parse_address(std::string_view text);  // strict: no short, octal or hex forms
std::string to_text(const IpAddress& address);

// Where a socket is about to be connected to.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
};
std::optional<Endpoint> endpoint_of(const sockaddr& address);  // nullopt: neither IPv4 nor IPv6

// What kind of special address this is, or nothing if it is public: "a loopback address (127.0.0.0/8)".
std::optional<std::string> special_purpose(const IpAddress& address);

class AddressPolicy {
 public:
  AddressPolicy() = default;  // public addresses over https only

  // Entries: "10.0.0.0/8", "127.0.0.1", "127.0.0.1:8080", "10.0.0.0/8:443", "::1", "fd00::/8",
  // "[::1]:8080", "[fd00::/8]:443"; no bit may be set behind the prefix. Every wrong entry is reported at
  // once. `allow_http` permits plain http to the listed addresses, and to no other.
  static Result<AddressPolicy> parse(std::span<const std::string> allow, bool allow_http = false);

  Result<Done> judge(const Endpoint& to, bool https) const;
  bool allows_http() const { return allow_http_; }

 private:
  struct Entry {
    IpAddress network;
    unsigned prefix_bits;
    std::optional<std::uint16_t> port;
  };

  static std::optional<Entry> parse_entry(std::string_view text);
  bool listed(const IpAddress& address, std::uint16_t port) const;

  std::vector<Entry> allow_;
  bool allow_http_ = false;
};

}  // namespace baton
