// One connection's life: order, keep-alive, HEAD, expectations, misbehaving handlers, and the end.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "tests/http_server/bench.h"

namespace baton {
namespace {

class Connections : public testing::TestWithParam<Scheme> {};

TEST_P(Connections, pipelined_requests_are_answered_in_order) {
  Server server(GetParam());
  auto peer = server.connect();
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += i % 3 == 0 ? get("/items/" + std::to_string(i)) : post("/echo", std::to_string(i));
  ASSERT_TRUE(peer.send(all));
  for (int i = 0; i < 100; ++i) {
    const auto answer = peer.read_answer();
    EXPECT_EQ(answer.body, std::to_string(i) + (i % 3 == 0 ? " 127.0.0.1" : ""));
  }
}

TEST_P(Connections, a_request_behind_a_waiting_one_is_not_lost) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/wait") + post("/echo", "after")));
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.requests_in_flight == 1; }));
  server.release();
  EXPECT_EQ(peer.read_answer().body, "waited");
  EXPECT_EQ(peer.read_answer().body, "after");
}

TEST_P(Connections, what_follows_a_refused_request_is_never_read_as_one) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(post("/small", std::string(kSmallRouteBytes + 1, 'x')) + get("/health")));
  EXPECT_EQ(peer.read_answer().status, 413);
  EXPECT_TRUE(peer.at_end());
}

TEST_P(Connections, head_is_answered_without_a_body) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("HEAD /health HTTP/1.1\r\nHost: here\r\n\r\n" + get("/health")));
  const auto head = peer.read_answer(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("content-length"), "2");
  EXPECT_EQ(peer.read_answer().body, "ok");
}

TEST_P(Connections, unknown_paths_and_methods_leave_it_open) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/nowhere") + get("/echo") + "DELETE /health HTTP/1.1\r\nHost: here\r\n\r\n" +
                        get("/health")));
  const auto missing = peer.read_answer();
  EXPECT_EQ(missing.status, 404);
  EXPECT_NE(missing.body.find(R"("code":"not_found")"), std::string::npos);
  const auto wrong = peer.read_answer();
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.field("allow"), "post");
  EXPECT_EQ(peer.read_answer().field("allow"), "get, head");
  EXPECT_EQ(peer.read_answer().status, 200);
}

TEST_P(Connections, close_is_honoured_in_both_versions) {
  Server server(GetParam());
  auto closing = server.connect();
  ASSERT_TRUE(closing.send(get("/health", "Connection: close\r\n")));
  EXPECT_EQ(closing.read_answer().field("connection"), "close");
  EXPECT_TRUE(closing.at_end());
  auto old = server.connect();
  ASSERT_TRUE(old.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /health HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(old.read_answer().field("connection"), "keep-alive");
  EXPECT_EQ(old.read_answer().field("connection"), "close");
  EXPECT_TRUE(old.at_end());
}

TEST_P(Connections, an_expectation_is_met_before_the_body) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(
      peer.send("POST /echo HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(peer.read_some(), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(peer.send("hi"));
  EXPECT_EQ(peer.read_answer().body, "hi");
}

TEST_P(Connections, an_expectation_of_too_much_is_refused_instead) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(
      "POST /small HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n"));
  EXPECT_EQ(peer.read_answer().status, 413);
}

TEST_P(Connections, a_misbehaving_handler_is_a_500_that_says_nothing) {
  Server server(GetParam());
  auto peer = server.connect();
  for (const std::string target : {"/throw", "/throw-later", "/fail", "/split"}) {
    ASSERT_TRUE(peer.send(get(target)));
    const auto answer = peer.read_answer();
    EXPECT_EQ(answer.status, 500) << target;
    EXPECT_NE(answer.body.find(R"("code":"internal_error")"), std::string::npos) << answer.body;
    EXPECT_EQ((answer.head + answer.body).find("evil"), std::string::npos);
    EXPECT_EQ((answer.head + answer.body).find("detail that"), std::string::npos);
  }
  ASSERT_TRUE(peer.send(get("/health")));
  EXPECT_EQ(peer.read_answer().status, 200);
}

TEST_P(Connections, retry_after_is_rounded_up_to_seconds) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/busy")));
  const auto answer = peer.read_answer();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.field("retry-after"), "2");
  EXPECT_EQ(answer.field("content-length"), "0");
  EXPECT_FALSE(answer.field("date").empty());
}

TEST_P(Connections, a_peer_that_has_said_all_still_gets_its_answer) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/health")));
  peer.end_sending();
  if (GetParam() == Scheme::plain) EXPECT_EQ(peer.read_answer().status, 200);  // OpenSSL reads no more itself
  EXPECT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 0; }));
}

TEST_P(Connections, a_peer_that_leaves_in_the_middle_leaves_nothing_behind) {
  Server server(GetParam());
  for (const auto& part :
       {std::string(), std::string("GET /hea"), post("/echo", "x").substr(0, 60), get("/wait")}) {
    auto peer = server.connect();
    ASSERT_TRUE(part.empty() || peer.send(part));
  }
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.requests_in_flight == 1; }));
  server.release();
  EXPECT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 0; }));
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Connections, counters_tell_what_happened) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/health") + get("/nowhere") + get("/fail")));
  for (int i = 0; i < 3; ++i) (void)peer.read_answer();
  const auto seen = server.counters();
  EXPECT_EQ(seen.connections_open, 1u);
  EXPECT_EQ(seen.connections_accepted, 1u);
  EXPECT_EQ(seen.answers[2], 1u);
  EXPECT_EQ(seen.answers[4], 1u);
  EXPECT_EQ(seen.answers[5], 1u);
  EXPECT_EQ(server.refused(Refusal::not_found), 1u);
}

INSTANTIATE_TEST_SUITE_P(, Connections, testing::Values(Scheme::plain, Scheme::tls),
                         [](const auto& scheme) { return scheme.param == Scheme::tls ? "tls" : "plain"; });

// Takes every descriptor that this process may have, but so many.
class FewDescriptors {
 public:
  explicit FewDescriptors(int left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    low.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 512);
    ::setrlimit(RLIMIT_NOFILE, &low);
    for (int taken = ::open("/dev/null", O_RDONLY); taken >= 0; taken = ::open("/dev/null", O_RDONLY)) {
      taken_.push_back(taken);
    }
    for (int i = 0; i < left; ++i) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }
  ~FewDescriptors() {
    for (const int taken : taken_) ::close(taken);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

void connect_to(int descriptor, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{5, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

TEST(Descriptors, their_end_is_survived_and_counted) {
  Server server;
  EXPECT_TRUE(server.is_healthy());
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 0; }));
  {
    const FewDescriptors few(4);
    std::vector<int> peers;
    for (int i = 0; i < 4; ++i) peers.push_back(::socket(AF_INET, SOCK_STREAM, 0));  // takes them all
    const auto begin = std::chrono::steady_clock::now();
    for (const int peer : peers) connect_to(peer, server.port());
    char byte = 0;
    for (const int peer : peers)
      EXPECT_LE(::recv(peer, &byte, 1, 0), 0);  // told at once, by means of the reserve
    // It pauses 50 ms after each; it does not spin.
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
    EXPECT_TRUE(server.eventually([](const auto& now) { return now.refused_by_descriptors == 4; }));
    EXPECT_LE(server.counters().descriptors_exhausted, 40u);
    for (const int peer : peers) ::close(peer);
  }
  EXPECT_TRUE(server.is_healthy());
}

TEST(Start, an_address_that_is_taken_is_named) {
  Server server;
  ServerOptions options;
  options.port = server.port();
  TransportServer second(std::move(options));
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, FailureKind::misconfigured);
  EXPECT_NE(started.error().detail.find(std::to_string(server.port())), std::string::npos)
      << started.error().detail;
}

}  // namespace
}  // namespace baton
