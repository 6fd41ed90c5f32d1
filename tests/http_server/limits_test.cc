// Each limit of transport rule 2 just below, at, and just above; endless input; early refusals.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "tests/http_server/bench.h"

namespace baton {
namespace {

class Limits : public testing::TestWithParam<Scheme> {
 protected:
  static int status_of(const Server& server, const std::string& bytes) {
    auto peer = server.connect();
    EXPECT_TRUE(peer.send(bytes));
    return peer.read_answer().status;
  }
};

// A request whose head is exactly so many bytes.
std::string head_of(std::size_t bytes) {
  const auto empty = get("/health", "X-Pad: \r\n");
  return get("/health", "X-Pad: " + std::string(bytes - empty.size(), 'a') + "\r\n");
}

std::string fields_of(std::size_t count) {  // Host is one of them
  std::string lines;
  for (std::size_t i = 1; i < count; ++i) lines += "X-" + std::to_string(i) + ": v\r\n";
  return get("/health", lines);
}

TEST_P(Limits, the_head_has_one) {
  Server server(GetParam());
  EXPECT_EQ(status_of(server, head_of(16 * 1024 - 1)), 200);
  EXPECT_EQ(status_of(server, head_of(16 * 1024)), 200);
  EXPECT_EQ(status_of(server, head_of(16 * 1024 + 1)), 431);
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Limits, the_fields_have_one) {
  Server server(GetParam());
  EXPECT_EQ(status_of(server, fields_of(99)), 200);
  EXPECT_EQ(status_of(server, fields_of(100)), 200);
  EXPECT_EQ(status_of(server, fields_of(101)), 431);
}

TEST_P(Limits, the_target_has_one) {
  Server server(GetParam());
  const auto target_of = [](std::size_t bytes) { return get("/health?" + std::string(bytes - 8, 'q')); };
  EXPECT_EQ(status_of(server, target_of(4 * 1024 - 1)), 200);
  EXPECT_EQ(status_of(server, target_of(4 * 1024)), 200);
  EXPECT_EQ(status_of(server, target_of(4 * 1024 + 1)), 414);
}

TEST_P(Limits, every_route_has_its_own_for_bodies) {
  Server server(GetParam());
  for (const auto& [target, most] : {std::pair<std::string, std::size_t>("/small", kSmallRouteBytes),
                                     std::pair<std::string, std::size_t>("/echo", 1024 * 1024)}) {
    for (const int more : {-1, 0, 1}) {
      const std::string body(most + static_cast<std::size_t>(more), 'b');
      char size[32];
      std::snprintf(size, sizeof size, "%zx\r\n", body.size());
      auto by_length = post(target, body);
      auto in_chunks = chunked(target, size + body + "\r\n0\r\n\r\n");
      if (more > 0) {  // refused by what it announces; what follows is not waited for
        by_length.resize(150);
        in_chunks.resize(150);
      }
      EXPECT_EQ(status_of(server, by_length), more > 0 ? 413 : 200) << target << more;
      EXPECT_EQ(status_of(server, in_chunks), more > 0 ? 413 : 200) << target << more;
    }
  }
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Limits, a_route_may_take_25_mib) {
  Server server(GetParam());
  const std::string body(kMaxRouteBodyBytes, 'x');
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(post("/large", body)));
  EXPECT_EQ(peer.read_answer().body, body);
  EXPECT_EQ(status_of(server, "POST /large HTTP/1.1\r\nHost: here\r\nContent-Length: 26214401\r\n\r\n"), 413);
}

TEST_P(Limits, many_small_chunks_count_together) {
  Server server(GetParam());
  std::string chunks;
  for (std::size_t i = 0; i < kSmallRouteBytes; ++i) chunks += "1\r\nx\r\n";
  EXPECT_EQ(status_of(server, chunked("/small", chunks + "0\r\n\r\n")), 200);
  EXPECT_EQ(status_of(server, chunked("/small", chunks + "1\r\nx\r\n")), 413);
}

TEST_P(Limits, endless_input_is_refused_soon) {
  Server server(GetParam());
  const auto flood = [&](const std::string& start, const std::string& unit) {
    auto peer = server.connect();
    (void)peer.send(start);
    for (int i = 0; i < 20 && peer.send(unit); ++i) {
    }
    return peer.read_answer().status;
  };
  const std::string start = "POST /echo HTTP/1.1\r\nHost: here\r\n";
  const std::string coded = start + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string much(4'096, 'a');
  EXPECT_EQ(flood(much, much), 431) << "method";
  EXPECT_EQ(flood("GET /", much), 414) << "target";
  EXPECT_EQ(flood(start + "X-Pad: ", much), 431) << "value";
  EXPECT_EQ(flood(start, "X-Many: 1\r\nX-Many: 2\r\nX-Many: 3\r\nX-Many: 4\r\nX-Many: 5\r\nX-Many: 6\r\n"),
            431)
      << "fields";
  EXPECT_EQ(flood(coded + "5;", much), 400) << "extension";
  EXPECT_EQ(flood(coded + "5;a=\"", much), 400) << "quoted extension";
  EXPECT_EQ(flood(coded + "0\r\nX-T: ", much), 400) << "trailer";
  EXPECT_EQ(flood(coded + "0\r\n", "X-T: " + much + "\r\n"), 400) << "trailers";
  EXPECT_EQ(flood(coded, std::string(4'096, '0')), 400) << "chunk size";
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Limits, an_early_413_can_be_read_while_the_body_is_still_sent) {
  Server server(GetParam());
  auto peer = server.connect();
  ASSERT_TRUE(peer.send("POST /small HTTP/1.1\r\nHost: here\r\nContent-Length: 200000\r\n\r\n"));
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.answers[4] == 1; }));
  EXPECT_TRUE(peer.send(std::string(200'000, 'x')));  // without the lingering close this would reset
  const auto answer = peer.read_answer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_NE(answer.body.find(R"("code":"body_too_large")"), std::string::npos) << answer.body;
  EXPECT_TRUE(peer.at_end());
}

TEST_P(Limits, connections_have_one) {
  Server server(GetParam(), [](ServerOptions& options) { options.limits.connections = 3; });
  std::vector<Peer> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(server.connect());
    ASSERT_TRUE(peers.back().send(get("/health")));
    EXPECT_EQ(peers.back().read_answer().status, 200);
  }
  auto refused = server.connect();
  EXPECT_TRUE(refused.at_end());
  EXPECT_EQ(server.counters().refused_by_limit, 1u);
  peers.pop_back();
  EXPECT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 2; }));
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Limits, connections_of_one_peer_have_one) {
  Server server(GetParam(), [](ServerOptions& options) { options.limits.connections_per_peer = 2; });
  std::optional<Peer> first(server.connect());
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 1; }));
  EXPECT_TRUE(server.is_healthy());  // the second
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 1; }));
  auto second = server.connect();
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 2; }));
  auto third = server.connect();
  EXPECT_TRUE(third.at_end());
  EXPECT_EQ(server.counters().refused_by_peer_limit, 1u);
  first.reset();
  EXPECT_TRUE(server.eventually([](const auto& now) { return now.connections_open == 1; }));
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Limits, requests_of_one_connection_have_one) {
  Server server(GetParam(), [](ServerOptions& options) { options.limits.requests_per_connection = 3; });
  auto peer = server.connect();
  for (const std::string connection : {"keep-alive", "keep-alive", "close"}) {
    ASSERT_TRUE(peer.send(get("/health")));
    EXPECT_EQ(peer.read_answer().field("connection"), connection);
  }
  EXPECT_TRUE(peer.at_end());
}

TEST_P(Limits, requests_in_handlers_have_one) {
  Server server(GetParam(), [](ServerOptions& options) { options.limits.in_flight = 2; });
  std::vector<Peer> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(server.connect());
    ASSERT_TRUE(waiting.back().send(get("/wait")));
  }
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.requests_in_flight == 2; }));
  auto peer = server.connect();
  ASSERT_TRUE(peer.send(get("/health")));
  const auto answer = peer.read_answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("retry-after"), "1");
  EXPECT_EQ(answer.field("connection"), "keep-alive");
  server.release();
  for (auto& other : waiting) EXPECT_EQ(other.read_answer().body, "waited");
  ASSERT_TRUE(peer.send(get("/health")));
  EXPECT_EQ(peer.read_answer().status, 200);
}

TEST_P(Limits, bodies_under_way_have_one_together) {
  Server server(GetParam(), [](ServerOptions& options) { options.limits.buffered_body_bytes = 10'000; });
  auto first = server.connect();
  ASSERT_TRUE(first.send("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 8001\r\n\r\n" +
                         std::string(8'000, 'a')));
  ASSERT_TRUE(server.eventually([](const auto& now) { return now.bytes_received > 8'000; }));
  EXPECT_EQ(status_of(server, post("/echo", std::string(3'000, 'b'))), 503);
  ASSERT_TRUE(first.send("a"));
  EXPECT_EQ(first.read_answer().status, 200);
  EXPECT_EQ(status_of(server, post("/echo", std::string(3'000, 'b'))), 200);
}

INSTANTIATE_TEST_SUITE_P(, Limits, testing::Values(Scheme::plain, Scheme::tls),
                         [](const auto& scheme) { return scheme.param == Scheme::tls ? "tls" : "plain"; });

}  // namespace
}  // namespace baton
