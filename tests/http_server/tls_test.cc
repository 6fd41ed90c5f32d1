// TLS (transport rule 8): versions, garbage, resumption, and a certificate swap under load.
#include <gtest/gtest.h>

#include <thread>

#include "tests/http_server/bench.h"
#include "tests/http_server/certificate.h"

namespace baton {
namespace {

TEST(Tls, versions_below_1_2_are_refused) {
  Server server(Scheme::tls);
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = make_client_context(version, version);
    const auto peer = server.connect(Peer::Wish{.context = context.get()});
    EXPECT_EQ(peer.connected(), version >= TLS1_2_VERSION) << version;
  }
  EXPECT_GE(server.counters().handshakes_failed, 2u);
}

TEST(Tls, only_forward_secret_ciphers_are_taken) {
  Server server(Scheme::tls);
  const auto context = make_client_context(0, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "AES128-SHA:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA@SECLEVEL=0");
  EXPECT_FALSE(server.connect(Peer::Wish{.context = context.get()}).connected());
  EXPECT_TRUE(server.is_healthy());
}

TEST(Tls, garbage_and_plain_http_end_the_connection) {
  Server server(Scheme::tls);
  for (const std::string& garbage : {get("/health"), std::string(20'000, '\0'), std::string(20'000, '\xff'),
                                     std::string("\x16\x03\x01\x40\x00", 5) + std::string(20'000, 'x')}) {
    Peer peer(server.port(), Scheme::plain);
    (void)peer.send(garbage);
    std::string last;
    while (!peer.at_end()) {
      if ((last = peer.read_some()).empty()) break;
    }
  }
  EXPECT_TRUE(server.eventually([](const auto& now) { return now.handshakes_failed == 4; }));
  EXPECT_TRUE(server.is_healthy());
}

TEST(Tls, a_session_can_be_resumed) {
  Server server(Scheme::tls);
  std::unique_ptr<SSL_SESSION, FreeTls> session;
  {
    auto peer = server.connect();
    ASSERT_TRUE(peer.send(get("/health")));
    ASSERT_EQ(peer.read_answer().status, 200);  // the ticket has come with it
    EXPECT_FALSE(SSL_session_reused(peer.session()));
    session.reset(SSL_get1_session(peer.session()));
    peer.end_sending();  // OpenSSL resumes only what was ended in order
  }
  auto peer = server.connect(Peer::Wish{.resume = session.get()});
  EXPECT_TRUE(SSL_session_reused(peer.session()));
  ASSERT_TRUE(peer.send(get("/health")));
  EXPECT_EQ(peer.read_answer().status, 200);
}

TEST(Tls, a_swap_shows_the_new_certificate_and_disturbs_nobody) {
  Server server(Scheme::tls);
  auto old = server.connect();
  EXPECT_EQ(old.certificate_name(), "first");
  ASSERT_TRUE(server.transport().reload_tls(make_identity("second")));
  EXPECT_EQ(server.connect().certificate_name(), "second");
  ASSERT_TRUE(old.send(get("/health")));
  EXPECT_EQ(old.read_answer().status, 200);
}

TEST(Tls, swaps_under_load_lose_no_request) {
  Server server(Scheme::tls);
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> lost = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      while (!stop) {
        auto peer = server.connect();
        for (int n = 0; n < 3; ++n)
          ++(peer.send(get("/health")) && peer.read_answer().status == 200 ? answered : lost);
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(server.transport().reload_tls(make_identity("swapped")));
    const auto until = answered + 10;
    ASSERT_TRUE(server.eventually([&](const auto&) { return answered > until; }));
  }
  stop = true;
  clients.clear();
  EXPECT_EQ(lost, 0);
}

TEST(Tls, an_unusable_identity_changes_nothing_and_is_named) {
  Server server(Scheme::tls);
  auto mixed = make_identity("mixed");
  mixed.key_pem = make_identity("other").key_pem.duplicate();
  const auto refused = server.transport().reload_tls(mixed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::misconfigured);
  EXPECT_NE(refused.error().detail.find("does not belong"), std::string::npos);
  EXPECT_FALSE(server.transport().reload_tls(TlsIdentity("no certificate", Secret("no key"))));
  EXPECT_EQ(server.connect().certificate_name(), "first");

  ServerOptions options;
  options.tls.emplace("nonsense", Secret("nonsense"));
  TransportServer second(std::move(options));
  EXPECT_FALSE(second.start());
}

}  // namespace
}  // namespace baton
