// What TLS must refuse, and the one thing that it must accept (promises.md H7).
#include <gtest/gtest.h>

#include <cstdio>

#include <openssl/ssl.h>

#include "certificates.h"
#include "scripted_server.h"

namespace baton {
namespace {

class Tls : public testing::Test {
 protected:
  ~Tls() override { std::remove(ca_file_.c_str()); }

  // One POST to api.example, which is pinned to a server with that identity.
  Result<Reply> post_to(const Identity& identity, std::string ca_file, int max_version = 0) {
    const auto context = tls_server(identity, max_version);
    Bench bench;
    ScriptedServer server(bench, always(ok("sealed")), context.get());
    auto options = Bench::options();
    const auto port = std::to_string(server.port());
    options.pins = {"api.example:" + port + ":127.0.0.1"};
    options.ca_file = std::move(ca_file);
    CurlClient client(bench.loop, bench.clock, options);
    const auto reply = bench.exchange(client, Request("POST", "https://api.example:" + port + "/", "x"));
    requests_ = server.seen().requests.size();
    if (reply) {
      EXPECT_TRUE(bench.exchange(client, Request("POST", "https://api.example:" + port + "/", "x")));
      EXPECT_EQ(client.stats().opened, 1u);
    }
    return reply;
  }

  void expect_refused(const Result<Reply>& reply, FailureKind kind, std::string_view word) {
    ASSERT_FALSE(reply);
    EXPECT_EQ(kind_of(reply), kind) << why(reply);
    EXPECT_NE(reply.error().detail.find(word), std::string::npos) << why(reply);
    EXPECT_EQ(requests_, 0u);
  }

  const Identity authority_ = make_authority("Private Root");
  const std::string ca_file_ = to_file(authority_, "ca");
  std::size_t requests_ = 0;
};

TEST_F(Tls, a_certificate_of_the_private_authority_is_accepted_and_its_connection_kept) {
  const auto reply = post_to(make_server("DNS:api.example", &authority_), ca_file_);
  ASSERT_TRUE(reply) << why(reply);
  EXPECT_EQ(reply->body, "sealed");
}

TEST_F(Tls, without_that_authority_it_is_refused) {
  expect_refused(post_to(make_server("DNS:api.example", &authority_), ""), FailureKind::misconfigured,
                 "certificate");
}

TEST_F(Tls, a_self_signed_certificate_is_refused) {
  expect_refused(post_to(make_server("DNS:api.example", nullptr), ca_file_), FailureKind::misconfigured,
                 "self");
}

TEST_F(Tls, a_certificate_for_another_host_is_refused) {
  expect_refused(post_to(make_server("DNS:other.example,IP:127.0.0.1", &authority_), ca_file_),
                 FailureKind::misconfigured, "api.example");
}

TEST_F(Tls, an_expired_certificate_is_refused) {
  expect_refused(post_to(make_server("DNS:api.example", &authority_, -1), ca_file_),
                 FailureKind::misconfigured, "expired");
}

TEST_F(Tls, versions_before_1_2_are_refused) {
  const auto identity = make_server("DNS:api.example", &authority_);
  for (const auto version : {TLS1_VERSION, TLS1_1_VERSION}) {
    expect_refused(post_to(identity, ca_file_, version), FailureKind::retryable, "not sent");
  }
  EXPECT_TRUE(post_to(identity, ca_file_, TLS1_2_VERSION));
}

TEST_F(Tls, a_missing_authority_file_is_a_mistake_of_configuration) {
  expect_refused(post_to(make_server("DNS:api.example", &authority_), "/nonexistent.pem"),
                 FailureKind::misconfigured, "ca_file");
}

TEST_F(Tls, garbage_instead_of_a_handshake_is_retryable) {
  Bench bench;
  const Script script = [](Peer& peer) -> net::awaitable<void> { co_await peer.write("220 mail ready\r\n"); };
  ScriptedServer server(bench, script);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto reply =
      bench.exchange(client, Request("POST", "https://127.0.0.1:" + std::to_string(server.port()), "x"));
  EXPECT_EQ(kind_of(reply), FailureKind::retryable) << why(reply);
}

TEST_F(Tls, a_write_on_a_kept_tls_connection_that_closes_unanswered_is_sent_once) {
  const auto context = tls_server(make_server("IP:127.0.0.1", &authority_));
  Bench bench;
  const Script script = [](Peer& peer) -> net::awaitable<void> {
    (void)co_await peer.read();
    co_await peer.write(ok());
    (void)co_await peer.read();
  };
  ScriptedServer server(bench, script, context.get());
  auto options = Bench::options();
  options.ca_file = ca_file_;
  CurlClient client(bench.loop, bench.clock, options);
  const auto url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  ASSERT_TRUE(bench.exchange(client, Request("POST", url, "x")));
  EXPECT_EQ(kind_of(bench.exchange(client, Request("POST", url, "x"))), FailureKind::ambiguous);
  bench.run_for(20ms);
  EXPECT_EQ(server.seen().requests.size(), 2u);
}

}  // namespace
}  // namespace baton
