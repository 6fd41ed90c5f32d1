#include "gateway/http/curl/address_policy.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"

namespace baton {
namespace {

struct Range {
  std::string_view cidr;
  std::string_view what;
};

constexpr Range kSpecialV4[] = {
    {"0.0.0.0/8", "an address of \"this network\""},
    {"10.0.0.0/8", "a private address"},
    {"100.64.0.0/10", "a carrier-grade NAT address"},
    {"127.0.0.0/8", "a loopback address"},
    {"169.254.0.0/16", "a link-local address"},  // cloud metadata services live here
    {"172.16.0.0/12", "a private address"},
    {"192.0.0.0/24", "an IETF protocol address"},
    {"192.0.2.0/24", "a documentation address"},
    {"192.88.99.0/24", "a 6to4 relay address"},
    {"192.168.0.0/16", "a private address"},
    {"198.18.0.0/15", "a benchmarking address"},
    {"198.51.100.0/24", "a documentation address"},
    {"203.0.113.0/24", "a documentation address"},
    {"224.0.0.0/4", "a multicast address"},
    {"255.255.255.255/32", "the broadcast address"},
    {"240.0.0.0/4", "a reserved address"},
};

// The more special comes first.
constexpr Range kSpecialV6[] = {
    {"::/128", "the unspecified address"},        {"::1/128", "the loopback address"},
    {"::/96", "an IPv4-compatible address"},      {"64:ff9b:1::/48", "a local translation address"},
    {"100::/64", "a discard-only address"},       {"2001::/32", "a Teredo address"},
    {"2001:2::/48", "a benchmarking address"},    {"2001:10::/28", "an ORCHID address"},
    {"2001:20::/28", "an ORCHID address"},        {"2001::/23", "an IETF protocol address"},
    {"2001:db8::/32", "a documentation address"}, {"3fff::/20", "a documentation address"},
    {"5f00::/16", "a segment routing address"},   {"fc00::/7", "a unique local address"},
    {"fe80::/10", "a link-local address"},        {"fec0::/10", "a site-local address"},
    {"ff00::/8", "a multicast address"},
};

bool within(const IpAddress& address, const IpAddress& network, unsigned bits) {
  if (address.v6 != network.v6) return false;
  const auto whole = bits / 8;
  if (!std::equal(network.bytes.begin(), network.bytes.begin() + whole, address.bytes.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return (address.bytes[whole] & mask) == (network.bytes[whole] & mask);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number most) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty() || number > most) {
    return std::nullopt;
  }
  return number;
}

struct Network {
  IpAddress address;
  unsigned bits;
};

std::optional<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = address->v6 ? 128 : 32;
  if (slash == std::string_view::npos) return Network{*address, most};
  const auto bits = parse_number<unsigned>(text.substr(slash + 1), most);
  if (!bits) return std::nullopt;
  return Network{*address, *bits};
}

// "10.1.2.3/8" is a slip of a person who meant one of two things.
bool bits_behind(const Network& network) {
  for (unsigned bit = network.bits; bit < (network.address.v6 ? 128u : 32u); ++bit) {
    if (network.address.bytes[bit / 8] & (0x80 >> bit % 8)) return true;
  }
  return false;
}

bool within(const IpAddress& address, std::string_view cidr) {
  const auto network = parse_network(cidr);
  BATON_CHECK(network);
  return within(address, network->address, network->bits);
}

// The IPv4 address that a packet to this IPv6 address finally reaches: mapped (the kernel itself
// speaks IPv4), NAT64 (RFC 6052) and 6to4 (RFC 3056). Judging only the outer form would let an
// internal address travel inside a global one.
std::optional<IpAddress> inner_v4(const IpAddress& address) {
  if (!address.v6) return std::nullopt;
  std::size_t at = 12;
  if (BATON_MUTANT(inner_address_forgotten)) return std::nullopt;
  if (within(address, "2002::/16")) {
    at = 2;
  } else if (!within(address, "::ffff:0:0/96") && !within(address, "64:ff9b::/96")) {
    return std::nullopt;
  }
  IpAddress inner;
  std::copy_n(address.bytes.begin() + static_cast<std::ptrdiff_t>(at), 4, inner.bytes.begin());
  return inner;
}

template <std::size_t N>
std::optional<std::string> find_in(const Range (&ranges)[N], const IpAddress& address) {
  for (const auto& [cidr, what] : ranges) {
    if (within(address, cidr)) return std::string(what) + " (" + std::string(cidr) + ")";
  }
  return std::nullopt;
}

}  // namespace

std::optional<IpAddress> parse_address(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt;
  IpAddress address;
  address.v6 = text.find(':') != std::string_view::npos;
  const auto family = address.v6 ? AF_INET6 : AF_INET;
  if (::inet_pton(family, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::string to_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  return text;
}

std::optional<Endpoint> endpoint_of(const sockaddr& address) {
  Endpoint endpoint;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::memcpy(endpoint.address.bytes.data(), &v4.sin_addr, 4);
    endpoint.port = ntohs(v4.sin_port);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    endpoint.address.v6 = true;
    std::memcpy(endpoint.address.bytes.data(), &v6.sin6_addr, 16);
    endpoint.port = ntohs(v6.sin6_port);
  } else {
    return std::nullopt;
  }
  return endpoint;
}

std::optional<std::string> special_purpose(const IpAddress& address) {
  if (!address.v6) return find_in(kSpecialV4, address);
  if (const auto inner = inner_v4(address)) {
    const auto found = special_purpose(*inner);
    if (!found) return std::nullopt;
    return "a form of " + to_text(*inner) + ", " + *found;
  }
  if (auto found = find_in(kSpecialV6, address)) return found;
  if (!within(address, "2000::/3")) return "outside global unicast (2000::/3)";
  return std::nullopt;
}

std::optional<AddressPolicy::Entry> AddressPolicy::parse_entry(std::string_view text) {
  // A colon is a port's only outside brackets and in a text without a second colon.
  std::string_view network = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    network = text.substr(1, close - 1);
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && (!rest.starts_with(':') || rest.size() == 1)) return std::nullopt;
    port = rest.empty() ? rest : rest.substr(1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const auto colon = text.find(':');
    network = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.empty()) return std::nullopt;
  }
  const auto parsed = parse_network(network);
  if (!parsed || bits_behind(*parsed)) return std::nullopt;
  Entry entry{parsed->address, parsed->bits, std::nullopt};
  if (!port.empty()) {
    entry.port = parse_number<std::uint16_t>(port, 65535);
    if (!entry.port || *entry.port == 0) return std::nullopt;
  }
  return entry;
}

Result<AddressPolicy> AddressPolicy::parse(std::span<const std::string> allow, bool allow_http) {
  AddressPolicy policy;
  policy.allow_http_ = allow_http;
  std::string wrong;
  for (const auto& text : allow) {
    const auto entry = parse_entry(text);
    if (entry) policy.allow_.push_back(*entry);
    if (!entry) wrong += (wrong.empty() ? "\"" : ", \"") + to_valid_utf8(text) + "\"";
  }
  if (wrong.empty()) return policy;
  return Failure(
      FailureKind::misconfigured,
      "`allow` takes addresses and CIDR ranges, with a port if wanted (10.0.0.0/8, 127.0.0.1:8080, "
      "[::1]:8080), no bit set behind the prefix, and no names, because a name's answer can change: " +
          wrong);
}

bool AddressPolicy::listed(const IpAddress& address, std::uint16_t port) const {
  return std::any_of(allow_.begin(), allow_.end(), [&](const Entry& entry) {
    return within(address, entry.network, entry.prefix_bits) && (!entry.port || *entry.port == port);
  });
}

Result<Done> AddressPolicy::judge(const Endpoint& to, bool https) const {
  const auto inner = inner_v4(to.address);
  if (listed(to.address, to.port) || (inner && listed(*inner, to.port))) {
    if (https || allow_http_) return Done{};
    return Failure(
        FailureKind::misconfigured,
        to_text(to.address) + " is listed in `allow`, but plain http also needs `allow_http: true`");
  }
  const auto meant = inner.value_or(to.address);
  const auto add = "add \"" + to_text(meant) + (meant.v6 ? "/128" : "/32") + "\" to `allow`";
  if (const auto special = special_purpose(to.address)) {
    return Failure(FailureKind::misconfigured,
                   to_text(to.address) + " is " + *special +
                       "; requests leave to public addresses only. If it is meant, " + add +
                       (https ? "" : " and set `allow_http: true`"));
  }
  if (https) return Done{};
  return Failure(FailureKind::misconfigured,
                 "plain http to " + to_text(to.address) +
                     ": only listed addresses may be called without TLS. Use https, or " + add +
                     " and set `allow_http: true`");
}

}  // namespace baton
