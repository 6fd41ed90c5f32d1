// Shutdown (transport rule 9): what was started is answered, the rest is not kept waiting.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/http_server/bench.h"

namespace baton {
namespace {

class Drain : public testing::TestWithParam<Scheme> {};

TEST_P(Drain, fifty_of_fifty_running_requests_are_answered) {
  Server server(GetParam());
  std::vector<Peer> peers;
  for (int i = 0; i < 50; ++i) {
    peers.push_back(server.connect());
    ASSERT_TRUE(peers.back().send(get("/wait")));
  }
  auto idle = server.connect();
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.requests_in_flight == 50; }));
  std::jthread draining([&] { server.transport().drain(10s); });
  EXPECT_TRUE(idle.at_end());  // nothing was begun there
  server.release();
  for (auto& peer : peers) {
    const auto answer = peer.read_answer();
    EXPECT_EQ(answer.body, "waited");
    EXPECT_EQ(answer.field("connection"), "close");
  }
  peers.clear();
  draining.join();
  EXPECT_FALSE(server.connect().connected());
  EXPECT_EQ(server.counters().connections_open, 0u);
}

TEST_P(Drain, a_request_half_sent_may_be_finished) {
  Server server(GetParam());
  auto peer = server.connect();
  const auto bytes = post("/echo", "hello");
  ASSERT_TRUE(peer.send(bytes.substr(0, 30)));
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.bytes_received == 30; }));
  std::jthread draining([&] { server.transport().drain(10s); });
  while (Peer(server.port(), Scheme::plain).connected()) std::this_thread::yield();
  ASSERT_TRUE(peer.send(bytes.substr(30)));
  const auto answer = peer.read_answer();
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.field("connection"), "close");
}

TEST_P(Drain, what_does_not_end_is_cut_when_patience_does) {
  Server server(GetParam());
  auto stuck = server.connect();
  auto half = server.connect();
  ASSERT_TRUE(stuck.send(get("/never")));
  ASSERT_TRUE(half.send("GET /hea"));
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.requests_in_flight == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  server.transport().drain(100ms);
  EXPECT_LE(std::chrono::steady_clock::now() - begin, 2s);
  EXPECT_TRUE(stuck.at_end());
  server.stop();
}

TEST_P(Drain, one_that_never_started_or_serves_nobody_ends_at_once) {
  ServerOptions options;
  TransportServer never_started(std::move(options));
  never_started.drain(10s);
  Server server(GetParam());
  const auto begin = std::chrono::steady_clock::now();
  server.transport().drain(10s);
  EXPECT_LE(std::chrono::steady_clock::now() - begin, 2s);
}

// The prototype aborted in one shutdown of ten; under load, again and again.
TEST_P(Drain, ending_under_load_answers_all_that_it_accepts) {
  for (int round = 0; round < 10; ++round) {
    Server server(GetParam());
    std::atomic<int> half_answers = 0;
    {
      std::vector<std::jthread> clients;
      for (int i = 0; i < 3; ++i) {
        clients.emplace_back([&] {
          for (;;) {
            auto peer = server.connect();
            if (!peer.connected()) return;
            for (Answer answer; answer.field("connection") != "close";) {
              if (!peer.send(post("/echo", "x"))) break;
              answer = peer.read_answer();
              if (answer.status == 0) break;
              if (answer.body != "x") ++half_answers;
            }
          }
        });
      }
      ASSERT_TRUE(server.eventually([](const auto& now) { return now.answers[2] > 20; }));
      server.transport().drain(10s);
    }
    EXPECT_EQ(half_answers, 0);
    EXPECT_EQ(server.counters().requests_in_flight, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(, Drain, testing::Values(Scheme::plain, Scheme::tls),
                         [](const auto& scheme) { return scheme.param == Scheme::tls ? "tls" : "plain"; });

}  // namespace
}  // namespace baton
