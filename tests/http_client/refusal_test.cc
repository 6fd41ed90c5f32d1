// Requests that must not leave (promises.md H5): nothing connects, not even once.
#include <gtest/gtest.h>

#include <cstdlib>

#include "gateway/base/text.h"
#include "scripted_server.h"

namespace baton {
namespace {

// The same internal place in every spelling that a URL, a resolver or an inet_aton understands.
std::vector<std::string> spellings(const std::string& port) {
  std::vector<std::string> urls;
  for (const auto* host : {"127.0.0.1",
                           "127.1",
                           "127.0.1",
                           "2130706433",
                           "0x7f000001",
                           "0x7f.0.0.1",
                           "0x7f.1",
                           "0177.0.0.1",
                           "017700000001",
                           "0177.1",
                           "0",
                           "0.0.0.0",
                           "0x0",
                           "localhost",
                           "LOCALHOST",
                           "localhost.",
                           "[::1]",
                           "[::]",
                           "[0:0:0:0:0:0:0:1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]",
                           "[::127.0.0.1]",
                           "[64:ff9b::127.0.0.1]",
                           "[64:ff9b::7f00:1]",
                           "[2002:7f00:1::]",
                           "[fe80::1%25lo]",
                           "[fe80::1]",
                           "[fc00::1]",
                           "[fec0::1]",
                           "[2001:0:7f00:1::]",
                           "127.0.0.1.",
                           "%31%32%37.0.0.1",
                           "127%2e0.0.1",
                           "169.254.169.254",
                           "0xa9fea9fe",
                           "2852039166",
                           "[::ffff:169.254.169.254]",
                           "10.0.0.1",
                           "012.0.0.1",
                           "192.168.1.1",
                           "100.64.0.1",
                           "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1",  // circled digits
                           "127\xe3\x80\x82"
                           "0\xe3\x80\x82"
                           "0\xe3\x80\x82"
                           "1"}) {  // ideographic full stops
    urls.push_back("https://" + std::string(host) + ":" + port + "/");
  }
  return urls;
}

TEST(Refusal, no_spelling_of_an_internal_address_is_called) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlClient client(bench.loop, bench.clock, CurlOptions());
  for (const auto& url : spellings(std::to_string(server.port()))) {
    const auto reply = bench.exchange(client, bench.outgoing(Request("POST", url, "x"), "a", 10s));
    ASSERT_FALSE(reply) << url;
    // A spelling that this resolver does not know is a name without an address.
    const bool unknown = reply.error().detail.find("resolve") != std::string::npos;
    EXPECT_TRUE(kind_of(reply) == FailureKind::misconfigured || unknown) << url << ": " << why(reply);
  }
  EXPECT_EQ(client.stats().opened, 0u);
  EXPECT_EQ(server.seen().connections, 0);
  EXPECT_GE(client.stats().refused, 30u);
}

TEST(Refusal, it_says_which_address_which_rule_and_what_to_add) {
  Bench bench;
  CurlClient client(bench.loop, bench.clock, CurlOptions());
  const auto reply = bench.exchange(client, Request("POST", "https://127.1:9/secret-path?token=canary", "x"));
  const auto& detail = reply.error().detail;
  for (const auto* part :
       {"POST to https://127.0.0.1:9", "loopback address (127.0.0.0/8)", "\"127.0.0.1/32\""}) {
    EXPECT_NE(detail.find(part), std::string::npos) << detail;
  }
  EXPECT_EQ(detail.find("canary"), std::string::npos);
  EXPECT_EQ(detail.find("secret-path"), std::string::npos);
}

TEST(Refusal, a_name_that_leads_inside_is_refused_at_its_address) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlOptions options;
  const auto port = std::to_string(server.port());
  options.pins = {"rebound.example:" + port + ":127.0.0.1", "two.example:" + port + ":127.0.0.1,[::1]"};
  CurlClient client(bench.loop, bench.clock, options);
  for (const std::string name : {"rebound.example", "two.example"}) {
    const auto reply = bench.exchange(client, Request("GET", "https://" + name + ":" + port + "/"));
    EXPECT_EQ(kind_of(reply), FailureKind::misconfigured) << why(reply);
  }
  EXPECT_EQ(server.seen().connections, 0);
}

TEST(Refusal, a_refused_address_beside_a_permitted_one_is_skipped) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  auto options = Bench::options();
  const auto port = std::to_string(server.port());
  options.pins = {"mixed.example:" + port + ":127.0.0.2,127.0.0.1"};
  CurlClient client(bench.loop, bench.clock, options);
  const auto reply = bench.exchange(client, Request("GET", "http://mixed.example:" + port + "/"));
  ASSERT_TRUE(reply) << why(reply);
  EXPECT_EQ(client.stats().opened, 1u);
  EXPECT_EQ(client.stats().refused, 1u);
}

TEST(Refusal, plain_http_goes_to_listed_addresses_only) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlOptions closed;
  closed.addresses = *AddressPolicy::parse(std::vector<std::string>{"127.0.0.1"}, false);
  CurlClient without(bench.loop, bench.clock, closed);
  EXPECT_EQ(kind_of(bench.exchange(without, Request("GET", server.url()))), FailureKind::misconfigured);
  auto open = Bench::options();
  open.addresses = *AddressPolicy::parse(std::vector<std::string>{"127.0.0.2"}, true);
  CurlClient with(bench.loop, bench.clock, open);
  EXPECT_EQ(kind_of(bench.exchange(with, Request("GET", server.url()))), FailureKind::misconfigured);
  EXPECT_EQ(kind_of(bench.exchange(with, Request("GET", "http://8.8.8.8/"))), FailureKind::misconfigured);
  EXPECT_EQ(server.seen().connections, 0);
  EXPECT_EQ(with.stats().opened, 0u);
}

TEST(Refusal, only_whole_http_urls_without_a_user_are_called) {
  Bench bench;
  CurlClient client(bench.loop, bench.clock, Bench::options());
  for (const std::string url :
       {"", "/", "x", "127.0.0.1/x", "//127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
        "dict://127.0.0.1/", "ftp://127.0.0.1/", "ws://127.0.0.1/", "https://", "https://a b/",
        "https://127.0.0.1:99999/", "https://user:pw@127.0.0.1/", "https://user@127.0.0.1/",
        "https://a/\r\nX: 1", "javascript:alert(1)"}) {
    const auto reply = bench.exchange(client, Request("GET", url));
    ASSERT_FALSE(reply) << url;
    EXPECT_EQ(kind_of(reply), FailureKind::misconfigured) << url << ": " << why(reply);
    EXPECT_EQ(reply.error().detail.find("pw"), std::string::npos);
  }
  EXPECT_EQ(kind_of(bench.exchange(client, Request("GET", std::string("https://a/\0b", 12)))),
            FailureKind::misconfigured);
  EXPECT_EQ(client.stats().opened, 0u);
}

TEST(Refusal, proxies_of_the_environment_are_ignored) {
  Bench bench;
  ScriptedServer proxy(bench, always(ok("from the proxy")));
  ScriptedServer server(bench, always(ok("from the server")));
  const auto* const names = "http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY";
  for (const auto name : split(names, ' ')) ::setenv(std::string(name).c_str(), proxy.url().c_str(), 1);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto reply = bench.exchange(client, Request("GET", server.url()));
  for (const auto name : split(names, ' ')) ::unsetenv(std::string(name).c_str());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "from the server");
  EXPECT_EQ(proxy.seen().connections, 0);
}

TEST(Refusal, a_closed_port_is_retryable) {
  Bench bench;
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto reply = bench.exchange(client, Request("POST", "http://127.0.0.1:1/", "x"));
  EXPECT_EQ(kind_of(reply), FailureKind::retryable) << why(reply);
  EXPECT_EQ(client.stats().open_sockets, 0u);
}

}  // namespace
}  // namespace baton
