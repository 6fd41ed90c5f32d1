// Each timer of transport rule 3, with values short enough to wait for.
#include <gtest/gtest.h>

#include "tests/http_server/bench.h"

namespace baton {
namespace {

constexpr Duration kShort{100};

class Timers : public testing::TestWithParam<Scheme> {
 protected:
  template <class Change>
  static Server server_with(Change change) {
    return Server(GetParam(), [&](ServerOptions& options) { change(options.timers); });
  }

  // `act` includes what starts the timer: a test that is interrupted in between must not see it short.
  template <class Act>
  static Duration time_of(Act act) {
    const auto begin = std::chrono::steady_clock::now();
    act();
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
  }
};

constexpr Duration kLate{4'000};  // a busy machine

TEST_P(Timers, a_peer_that_says_nothing_is_closed) {
  auto server = server_with([](ServerTimers& timers) { timers.first_byte = kShort; });
  const auto took = time_of([&] { EXPECT_TRUE(server.connect().at_end()); });
  EXPECT_GE(took, kShort - 20ms);
  EXPECT_LE(took, kLate);
  EXPECT_EQ(server.counters().timed_out, 1u);
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Timers, a_head_that_never_ends_is_408) {
  auto server = server_with([](ServerTimers& timers) { timers.headers = kShort; });
  auto peer = server.connect();
  const auto took = time_of([&] {
    EXPECT_TRUE(peer.send("GET /health HTTP/1.1\r\nHo"));
    EXPECT_EQ(peer.read_answer().status, 408);
  });
  EXPECT_GE(took, kShort - 20ms);
  EXPECT_LE(took, kLate);
  EXPECT_TRUE(peer.at_end());
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Timers, a_head_that_drips_is_408_all_the_same) {
  auto server = server_with([](ServerTimers& timers) { timers.headers = kShort; });
  auto peer = server.connect(Peer::Wish{.patience = 10ms});
  const std::string bytes = get("/health");
  Answer answer;
  for (std::size_t i = 0; i < bytes.size() && answer.status == 0; ++i) {
    if (!peer.send(bytes.substr(i, 1))) break;
    answer = peer.read_answer();  // waits 10 ms
  }
  EXPECT_EQ(answer.status, 408);
}

TEST_P(Timers, a_body_that_stops_is_408) {
  auto server = server_with([](ServerTimers& timers) { timers.body = kShort; });
  auto peer = server.connect();
  const auto took = time_of([&] {
    EXPECT_TRUE(peer.send("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nhel"));
    EXPECT_EQ(peer.read_answer().status, 408);
  });
  EXPECT_GE(took, kShort - 20ms);
  EXPECT_LE(took, kLate);
  EXPECT_TRUE(peer.at_end());
}

TEST_P(Timers, a_slow_body_above_the_floor_may_take_longer) {
  auto server = server_with([](ServerTimers& timers) {
    timers.body = kShort;
    timers.floor_bytes_per_second = 10'000;
  });
  auto peer = server.connect(Peer::Wish{.patience = 30ms});
  ASSERT_TRUE(peer.send("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 20000\r\n\r\n"));
  Answer answer;
  for (int i = 0; i < 10; ++i) {  // some 300 ms, 2,000 bytes each: 200 ms at the floor
    ASSERT_EQ(answer.status, 0);
    ASSERT_TRUE(peer.send(std::string(2'000, 'x')));
    answer = peer.read_answer();
  }
  for (int i = 0; i < 50 && answer.status == 0; ++i) answer = peer.read_answer();
  EXPECT_EQ(answer.status, 200);
}

TEST_P(Timers, an_idle_connection_is_closed_without_a_word) {
  auto server = server_with([](ServerTimers& timers) { timers.idle = kShort; });
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/health")));
  EXPECT_EQ(peer.read_answer().status, 200);
  EXPECT_LE(time_of([&] { EXPECT_TRUE(peer.at_end()); }), kLate);
}

TEST_P(Timers, a_peer_that_does_not_read_is_cut) {
  auto server = server_with([](ServerTimers& timers) {
    timers.write = kShort;
    timers.floor_bytes_per_second = 1'000'000'000;
  });
  auto peer = server.connect(Peer::Wish{.receive_buffer = 4'096});
  const std::string body(12'000'000, 'x');
  ASSERT_TRUE(peer.send(post("/large", body)));
  EXPECT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 0; }));
  EXPECT_EQ(peer.read_answer().status, 0);
}

TEST_P(Timers, a_handler_that_never_answers_is_answered_for) {
  auto server = server_with([](ServerTimers& timers) { timers.watchdog = kShort; });
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/never")));
  const auto answer = peer.read_answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("handler_timeout"), std::string::npos);
  EXPECT_TRUE(peer.at_end());
  EXPECT_TRUE(server.is_healthy());
  EXPECT_EQ(server.counters().requests_in_flight, 1u);  // it still counts against the limit
}

TEST_P(Timers, what_a_late_handler_says_is_dropped) {
  auto server = server_with([](ServerTimers& timers) {
    timers.watchdog = kShort;
    timers.linger = kShort;
  });
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/wait")));
  EXPECT_EQ(peer.read_answer().status, 503);
  EXPECT_TRUE(peer.at_end());
  EXPECT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 0; }));
  server.release();
  EXPECT_TRUE(server.eventually([](const auto& now) { return now.requests_in_flight == 0; }));
  EXPECT_TRUE(server.is_healthy());
  EXPECT_EQ(server.counters().answers[2], 1u);  // the healthy one
}

INSTANTIATE_TEST_SUITE_P(, Timers, testing::Values(Scheme::plain, Scheme::tls),
                         [](const auto& scheme) { return scheme.param == Scheme::tls ? "tls" : "plain"; });

TEST(TlsTimers, half_a_handshake_is_closed) {
  Server server(Scheme::tls, [](ServerOptions& options) { options.timers.handshake = kShort; });
  Peer silent(server.port(), Scheme::plain);
  EXPECT_TRUE(silent.at_end());
  Peer half(server.port(), Scheme::plain);
  ASSERT_TRUE(half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)));
  EXPECT_TRUE(half.at_end());
  EXPECT_EQ(server.counters().handshakes_failed, 2u);
  EXPECT_TRUE(server.is_healthy());
}

}  // namespace
}  // namespace baton
