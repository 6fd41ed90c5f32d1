#include "gateway/http/curl/address_policy.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace baton {
namespace {

using Texts = std::vector<std::string>;

// Both ends of every special range, and their neighbours outside.
const Texts kInternalV4 = {
    "0.0.0.0",         "0.0.0.1",         "0.255.255.255",   "10.0.0.0",        "10.0.0.1",
    "10.1.2.3",        "10.255.255.255",  "100.64.0.0",      "100.64.0.1",      "100.100.100.200",
    "100.127.255.255", "127.0.0.0",       "127.0.0.1",       "127.0.0.53",      "127.1.2.3",
    "127.255.255.255", "169.254.0.0",     "169.254.169.254", "169.254.170.2",   "169.254.255.255",
    "172.16.0.0",      "172.16.0.1",      "172.17.0.1",      "172.24.1.1",      "172.31.255.255",
    "192.0.0.0",       "192.0.0.8",       "192.0.0.170",     "192.0.0.192",     "192.0.0.255",
    "192.0.2.0",       "192.0.2.1",       "192.0.2.255",     "192.88.99.0",     "192.88.99.1",
    "192.88.99.255",   "192.168.0.0",     "192.168.1.1",     "192.168.255.255", "198.18.0.0",
    "198.18.0.1",      "198.19.255.255",  "198.51.100.0",    "198.51.100.7",    "198.51.100.255",
    "203.0.113.0",     "203.0.113.9",     "203.0.113.255",   "224.0.0.0",       "224.0.0.1",
    "232.1.1.1",       "239.255.255.250", "239.255.255.255", "240.0.0.0",       "240.0.0.1",
    "250.1.2.3",       "255.255.255.254", "255.255.255.255",
};
const Texts kPublicV4 = {
    "1.0.0.0",      "1.1.1.1",         "8.8.8.8",     "9.255.255.255",   "11.0.0.0",    "100.63.255.255",
    "100.128.0.0",  "126.255.255.255", "128.0.0.0",   "169.253.255.255", "169.255.0.0", "172.15.255.255",
    "172.32.0.0",   "191.255.255.255", "192.0.1.0",   "192.0.1.255",     "192.0.3.0",   "192.88.98.255",
    "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",  "198.20.0.0",  "198.51.99.255",
    "198.51.101.0", "203.0.112.255",   "203.0.114.0", "223.255.255.255",
};
const Texts kInternalV6 = {
    "::",
    "::1",
    "::2",
    "::7f00:1",
    "::8.8.8.8",
    "::a00:1",
    "::ffff:ffff",
    "::1:0:0",
    "::fffe:7f00:1",
    "::ffff:0:7f00:1",
    "1::",
    "64:ff9a::1",
    "64:ff9b:0:1::1",
    "64:ff9b:1::",
    "64:ff9b:1::808:808",
    "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    "64:ff9b:2::808:808",
    "100::",
    "100::1",
    "100::ffff:ffff:ffff:ffff",
    "100:0:0:1::1",
    "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001::",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:1::1",
    "2001:1::2",
    "2001:2::",
    "2001:2:0:ffff:ffff:ffff:ffff:ffff",
    "2001:3::1",
    "2001:4:112::1",
    "2001:10::",
    "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:20::1",
    "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:30::1",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::",
    "2001:db8::1",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    "4000::",
    "5f00::1",
    "5fff::1",
    "8000::1",
    "fb00::1",
    "fc00::",
    "fc00::1",
    "fd00::1",
    "fd12:3456:789a:1::1",
    "fd00:ec2::254",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe00::1",
    "fe7f:ffff::1",
    "fe80::",
    "fe80::1",
    "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fec0::",
    "fec0::1",
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "ff00::",
    "ff02::1",
    "ff05::2",
    "ff0e::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
};
const Texts kPublicV6 = {
    "2000::",
    "2000::1",
    "2001:200::",
    "2001:470::1",
    "2001:4860:4860::8888",
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db9::",
    "2003::1",
    "2400:cb00::1",
    "2600:1f00::1",
    "2606:4700:4700::1111",
    "2620:fe::fe",
    "2a00:1450:4001::1",
    "2c0f:fb50::1",
    "3ffe:ffff::1",
    "3fff:1000::",
};

std::string hex_pair(const IpAddress& v4, std::size_t at) {
  char text[8];
  std::snprintf(text, sizeof text, "%02x%02x", v4.bytes[at], v4.bytes[at + 1]);
  return text;
}

// The forms in which IPv6 carries an IPv4 address to its end.
Texts carriers(const std::string& v4) {
  const auto address = parse_address(v4).value();
  return {"::ffff:" + v4, "64:ff9b::" + v4,
          "2002:" + hex_pair(address, 0) + ":" + hex_pair(address, 2) + "::1"};
}

bool permitted(const AddressPolicy& policy, const std::string& text, std::uint16_t port = 443,
               bool https = true) {
  const auto address = parse_address(text);
  EXPECT_TRUE(address) << text;
  return address && policy.judge({*address, port}, https).has_value();
}

AddressPolicy policy(const Texts& allow, bool allow_http = false) {
  const auto parsed = AddressPolicy::parse(allow, allow_http);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().detail);
  return *parsed;
}

TEST(AddressPolicyTable, every_internal_address_is_refused_and_every_public_one_is_called) {
  std::size_t entries = 0;
  const auto expect = [&](const std::string& text, bool expected) {
    ++entries;
    EXPECT_EQ(permitted(AddressPolicy(), text), expected) << text;
    EXPECT_FALSE(permitted(AddressPolicy(), text, 80, false)) << "plain http to " << text;
  };
  for (const auto& [texts, expected] : {std::pair(kInternalV4, false), std::pair(kPublicV4, true)}) {
    for (const auto& text : texts) {
      expect(text, expected);
      for (const auto& carrier : carriers(text)) expect(carrier, expected);
    }
  }
  for (const auto& text : kInternalV6) expect(text, false);
  for (const auto& text : kPublicV6) expect(text, true);
  EXPECT_GE(entries, 300u);
}

TEST(AddressPolicy, a_listed_range_is_called_and_its_neighbours_are_not) {
  const auto listed = policy({"10.0.0.0/8", "127.0.0.1", "fd00:1::/32", "192.168.4.0/22"});
  for (const auto& yes : {"10.0.0.0", "10.255.255.255", "127.0.0.1", "fd00:1::9", "192.168.7.255"}) {
    EXPECT_TRUE(permitted(listed, yes)) << yes;
  }
  for (const auto& no : {"127.0.0.2", "fd00:2::9", "192.168.8.0", "192.168.3.255", "172.16.0.1", "::1"}) {
    EXPECT_FALSE(permitted(listed, no)) << no;
  }
  EXPECT_TRUE(permitted(listed, "8.8.8.8"));
}

TEST(AddressPolicy, a_listed_ipv4_address_is_also_meant_in_its_ipv6_forms) {
  const auto listed = policy({"10.0.0.0/8"});
  for (const auto& form : carriers("10.1.2.3")) EXPECT_TRUE(permitted(listed, form)) << form;
  for (const auto& form : carriers("127.0.0.1")) EXPECT_FALSE(permitted(listed, form)) << form;
}

TEST(AddressPolicy, a_listed_port_is_the_only_one) {
  const auto listed = policy({"127.0.0.1:8080", "[::1]:8443", "10.0.0.0/8:443", "[fd00::/8]:443"});
  EXPECT_TRUE(permitted(listed, "127.0.0.1", 8080));
  EXPECT_FALSE(permitted(listed, "127.0.0.1", 8081));
  EXPECT_TRUE(permitted(listed, "::1", 8443));
  EXPECT_FALSE(permitted(listed, "::1", 443));
  EXPECT_TRUE(permitted(listed, "10.9.9.9", 443));
  EXPECT_FALSE(permitted(listed, "10.9.9.9", 444));
  EXPECT_TRUE(permitted(listed, "fd01::1", 443));
}

TEST(AddressPolicy, plain_http_needs_both_the_list_and_the_switch) {
  EXPECT_FALSE(permitted(policy({"10.0.0.0/8"}), "10.0.0.1", 80, false));
  const auto both = policy({"10.0.0.0/8"}, true);
  EXPECT_TRUE(permitted(both, "10.0.0.1", 80, false));
  EXPECT_FALSE(permitted(both, "8.8.8.8", 80, false));
  EXPECT_FALSE(permitted(both, "10.0.0.1", 80, false) && permitted(both, "11.0.0.1", 80, false));
}

TEST(AddressPolicy, a_range_of_everything_is_what_it_says) {
  const auto all = policy({"0.0.0.0/0", "::/0"});
  EXPECT_TRUE(permitted(all, "127.0.0.1"));
  EXPECT_TRUE(permitted(all, "fe80::1"));
}

TEST(AddressPolicy, a_refusal_says_which_address_which_rule_and_what_to_add) {
  const auto refused = AddressPolicy().judge({*parse_address("10.1.2.3"), 443}, true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::misconfigured);
  for (const auto* part : {"10.1.2.3", "private address (10.0.0.0/8)", "\"10.1.2.3/32\"", "`allow`"}) {
    EXPECT_NE(refused.error().detail.find(part), std::string::npos) << part;
  }
  const auto inner = AddressPolicy().judge({*parse_address("64:ff9b::a9fe:a9fe"), 443}, true);
  EXPECT_NE(inner.error().detail.find("a form of 169.254.169.254, a link-local"), std::string::npos);
  const auto plain = AddressPolicy().judge({*parse_address("8.8.8.8"), 80}, false);
  EXPECT_NE(plain.error().detail.find("allow_http: true"), std::string::npos);
}

TEST(AddressPolicy, wrong_entries_are_all_reported_at_once) {
  const Texts wrong = {
      "localhost",   "10.0.0.0/33", "10.0.0/8",   "127.1",   "0x7f.0.0.1",  "2130706433",  "10.1.2.3/8",
      "[::1",        "[::1]x",      "[::1]:",     "::1/129", "127.0.0.1:0", "127.0.0.1:",  "127.0.0.1:65536",
      "10.0.0.0/-1", "10.0.0.0/+8", "",           "/",       "10.0.0.0/",   " 10.0.0.0/8", "fe80::1%lo",
      "010.0.0.1",   "*",           "10.0.0.0/8 "};
  for (const auto& text : wrong) EXPECT_FALSE(AddressPolicy::parse(Texts{text})) << text;
  auto all = wrong;
  all.push_back("10.0.0.0/8");
  const auto failed = AddressPolicy::parse(all);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, FailureKind::misconfigured);
  for (const auto& text : wrong) EXPECT_NE(failed.error().detail.find("\"" + text + "\""), std::string::npos);
  EXPECT_EQ(failed.error().detail.find("\"10.0.0.0/8\""), std::string::npos);
}

TEST(AddressPolicy, an_endpoint_is_read_from_a_socket_address) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(8080);
  v4.sin_addr.s_addr = htonl(0x0a010203);
  const auto endpoint = endpoint_of(reinterpret_cast<const sockaddr&>(v4));
  EXPECT_EQ(to_text(endpoint->address), "10.1.2.3");
  EXPECT_EQ(endpoint->port, 8080);
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_FALSE(endpoint_of(other));
}

}  // namespace
}  // namespace baton
