#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "scripted_server.h"

namespace baton {
namespace {

net::awaitable<void> close_after_reading_the_second(Peer& peer) {
  (void)co_await peer.read();
  co_await peer.write(ok());
  (void)co_await peer.read();
}

net::awaitable<void> close_after_the_first(Peer& peer) {
  (void)co_await peer.read();
  co_await peer.write(ok());
}

net::awaitable<void> never_answer(Peer& peer) {
  (void)co_await peer.read();
  co_await peer.hold();
}

net::awaitable<void> answer_slowly(Peer& peer) {
  while (!(co_await peer.read()).empty()) {
    co_await peer.pause(30ms);
    if (!co_await peer.write(ok())) break;
  }
}

TEST(Exchange, the_request_arrives_as_it_was_given) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const Headers headers = {
      {"authorization", "Bearer x"}, {"content-type", "application/json"}, {"x-empty", ""}};
  const std::string body("{\"a\":\"\0\"}", 9);
  const auto reply = bench.exchange(client, Request("POST", server.url("/a/../b?c=%20d"), body, headers));
  ASSERT_TRUE(reply) << why(reply);
  EXPECT_EQ(server.seen().requests.at(0),
            "POST /a/../b?c=%20d HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: Baton\r\nAccept: */*\r\nauthorization: Bearer x\r\ncontent-type: "
                "application/json\r\nx-empty:\r\nContent-Length: 9\r\n\r\n" +
                body);
}

TEST(Exchange, every_method_goes_out_with_the_right_framing) {
  Bench bench;
  ScriptedServer server(bench, always(ok("")));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto sent = [&](const std::string& method, const std::string& body) {
    const auto reply = bench.exchange(client, Request(method, server.url("/x"), body));
    EXPECT_TRUE(reply) << method << ": " << (reply ? "" : reply.error().detail);
    return server.seen().requests.back();
  };
  for (const auto* method : {"GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH"}) {
    const auto request = sent(method, "");
    EXPECT_TRUE(request.starts_with(std::string(method) + " /x HTTP/1.1\r\n")) << request;
    EXPECT_EQ(request.find("Content-Length: 0\r\n") != std::string::npos, method[0] == 'P') << request;
    EXPECT_EQ(request.find("Content-Type"), std::string::npos) << request;
  }
  for (const auto* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    EXPECT_TRUE(sent(method, "body").ends_with("Content-Length: 4\r\n\r\nbody")) << method;
  }
}

TEST(Exchange, a_large_body_arrives_whole_and_without_expect) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const std::string body(3 * 1024 * 1024, 'b');
  ASSERT_TRUE(bench.exchange(client, Request("POST", server.url(), body)));
  EXPECT_TRUE(server.seen().requests.at(0).ends_with(body));
  EXPECT_EQ(server.seen().requests.at(0).find("Expect"), std::string::npos);
}

TEST(Exchange, the_reply_is_read_with_its_headers_body_and_wait) {
  Bench bench;
  ScriptedServer server(bench,
                        always("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: "
                               "4\r\n\r\nslow"));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto reply = bench.exchange(client, Request("GET", server.url()));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 429);
  EXPECT_EQ(reply->body, "slow");
  EXPECT_EQ(header(reply->headers, "x-a"), "1, 2");
  EXPECT_EQ(reply->retry_after, Duration(7s));
}

TEST(Exchange, framing_headers_of_the_caller_are_not_sent) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const Headers headers = {
      {"content-length", "99"}, {"host", "evil.example"}, {"transfer-encoding", "chunked"}};
  ASSERT_TRUE(bench.exchange(client, Request("POST", server.url(), "abc", headers)));
  const auto& request = server.seen().requests.at(0);
  EXPECT_NE(request.find("Content-Length: 3\r\n"), std::string::npos);
  EXPECT_EQ(request.find("evil"), std::string::npos);
  EXPECT_EQ(request.find("chunked"), std::string::npos);
}

TEST(Exchange, a_header_with_a_line_break_is_never_sent) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  for (const auto& headers : {Headers{{"x", "a\r\nEvil: 1"}}, Headers{{"x", "a\n"}}, Headers{{"x: y", "a"}},
                              Headers{{"x", std::string("a\0b", 3)}}, Headers{{"", "a"}}}) {
    const auto reply = bench.exchange(client, Request("POST", server.url(), "", headers));
    ASSERT_FALSE(reply);
    EXPECT_EQ(kind_of(reply), FailureKind::misconfigured);
    EXPECT_EQ(reply.error().detail.find("Evil"), std::string::npos);
  }
  EXPECT_EQ(kind_of(bench.exchange(client, Request("GET / HTTP/1.1\r\nX:", server.url()))),
            FailureKind::misconfigured);
  EXPECT_EQ(server.seen().connections, 0);
}

TEST(Reuse, requests_of_one_pool_share_a_connection_and_two_pools_never_do) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  for (const auto* pool : {"a", "a", "b", "a", "b"}) {
    ASSERT_TRUE(bench.exchange(client, bench.outgoing(Request("POST", server.url(), "x"), pool)));
  }
  EXPECT_EQ(server.seen().connections, 2);
  const auto stats = client.stats();
  EXPECT_EQ(stats.opened, 2u);
  EXPECT_EQ(stats.reused, 3u);
  EXPECT_EQ(stats.in_flight, 0u);
  EXPECT_EQ(stats.open_sockets, 2u);
  EXPECT_EQ(stats.pools, 2u);
}

TEST(Reuse, connections_of_one_pool_are_bounded_and_the_rest_queue) {
  Bench bench;
  ScriptedServer server(bench, answer_slowly);
  auto options = Bench::options();
  options.connections_per_pool = 2;
  CurlClient client(bench.loop, bench.clock, options);
  std::vector<Outgoing> all;
  for (int i = 0; i < 8; ++i) all.push_back(bench.outgoing(Request("POST", server.url(), "x")));
  for (const auto& reply : bench.exchange_all(client, std::move(all))) EXPECT_TRUE(reply) << why(reply);
  EXPECT_EQ(server.seen().connections, 2);
}

TEST(Reuse, exchanges_in_total_are_bounded_and_the_rest_wait_for_a_place) {
  Bench bench;
  ScriptedServer server(bench, answer_slowly);
  auto options = Bench::options();
  options.max_in_flight = 3;
  CurlClient client(bench.loop, bench.clock, options);
  std::vector<Outgoing> all;
  for (int i = 0; i < 10; ++i) {
    all.push_back(bench.outgoing(Request("POST", server.url(), "x"), "pool" + std::to_string(i)));
  }
  std::size_t most = 0;
  net::steady_timer look(bench.loop);
  std::function<void()> watch = [&] {
    most = std::max(most, client.stats().in_flight);
    look.expires_after(5ms);
    look.async_wait([&](auto error) {
      if (!error) watch();
    });
  };
  watch();
  for (const auto& reply : bench.exchange_all(client, std::move(all))) EXPECT_TRUE(reply) << why(reply);
  EXPECT_EQ(server.seen().requests.size(), 10u);
  EXPECT_EQ(client.stats().in_flight, 0u);
  EXPECT_EQ(most, 3u);
}

TEST(Reuse, without_a_place_by_the_deadline_nothing_was_sent) {
  Bench bench;
  ScriptedServer server(bench, never_answer);
  auto options = Bench::options();
  options.max_in_flight = 1;
  CurlClient client(bench.loop, bench.clock, options);
  std::vector<Outgoing> all;
  for (const auto wait : {400ms, 100ms})
    all.push_back(bench.outgoing(Request("POST", server.url()), "a", wait));
  const auto replies = bench.exchange_all(client, std::move(all));
  EXPECT_EQ(kind_of(replies[0]), FailureKind::ambiguous);
  EXPECT_EQ(kind_of(replies[1]), FailureKind::retryable);
  EXPECT_EQ(server.seen().requests.size(), 1u);
}

TEST(Reuse, whoever_waits_at_a_vendor_that_does_not_answer_leaves_places_for_others) {
  Bench bench;
  ScriptedServer stuck(bench, never_answer);
  ScriptedServer well(bench, always(ok()));
  auto options = Bench::options();
  options.max_in_flight = 8;
  CurlClient client(bench.loop, bench.clock, options);
  std::vector<Outgoing> all;
  for (int i = 0; i < 30; ++i) {
    all.push_back(bench.outgoing(Request("POST", stuck.url()), i % 2 == 0 ? "slow" : "slower", 600ms));
  }
  for (int i = 0; i < 20; ++i) all.push_back(bench.outgoing(Request("POST", well.url()), "quick", 500ms));
  const auto replies = bench.exchange_all(client, std::move(all));
  for (int i = 30; i < 50; ++i) EXPECT_TRUE(replies[static_cast<std::size_t>(i)]) << why(replies[i]);
  EXPECT_GE(stuck.seen().requests.size(), 4u);
  EXPECT_LT(stuck.seen().requests.size(), 8u);
}

TEST(Reuse, the_longest_idle_pool_makes_room_for_a_new_one) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  auto options = Bench::options();
  options.max_pools = 3;
  CurlClient client(bench.loop, bench.clock, options);
  for (int i = 0; i < 20; ++i) {
    const auto pool = "pool" + std::to_string(i);
    ASSERT_TRUE(bench.exchange(client, bench.outgoing(Request("GET", server.url()), pool)));
    EXPECT_LE(client.stats().pools, 3u);
    EXPECT_LE(client.stats().open_sockets, 3u);
  }
  client.close_idle();
  EXPECT_EQ(client.stats().open_sockets, 0u);
}

TEST(Reuse, a_changed_policy_holds_for_kept_connections_too) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  ASSERT_TRUE(bench.exchange(client, Request("GET", server.url())));
  client.use(*AddressPolicy::parse(std::vector<std::string>{"10.0.0.0/8"}, true));
  EXPECT_EQ(client.stats().open_sockets, 0u);
  EXPECT_EQ(kind_of(bench.exchange(client, Request("GET", server.url()))), FailureKind::misconfigured);
  EXPECT_EQ(server.seen().requests.size(), 1u);
}

TEST(Doubling, a_write_on_a_kept_connection_that_closes_unanswered_is_sent_once) {
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    for (const std::string body : {"", "body"}) {
      Bench bench;
      ScriptedServer server(bench, close_after_reading_the_second);
      CurlClient client(bench.loop, bench.clock, Bench::options());
      ASSERT_TRUE(bench.exchange(client, Request(method, server.url("/1"), body)));
      const auto second = bench.exchange(client, Request(method, server.url("/2"), body));
      ASSERT_FALSE(second) << method;
      EXPECT_EQ(kind_of(second), FailureKind::ambiguous) << why(second);
      EXPECT_NE(second.error().detail.find("kept connection"), std::string::npos) << why(second);
      bench.run_for(20ms);
      EXPECT_EQ(server.seen().requests.size(), 2u) << method << " was sent twice";
    }
  }
}

TEST(Doubling, a_large_write_that_a_kept_connection_resets_is_sent_once) {
  Bench bench;
  const Script script = [](Peer& peer) -> net::awaitable<void> {
    (void)co_await peer.read();
    co_await peer.write(ok());
    if (peer.number() > 1) co_return;
    (void)co_await peer.read();
    peer.reset();
  };
  ScriptedServer server(bench, script);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  ASSERT_TRUE(bench.exchange(client, Request("POST", server.url("/1"), "x")));
  const auto second = bench.exchange(client, Request("POST", server.url("/2"), std::string(900'000, 'x')));
  ASSERT_FALSE(second);
  EXPECT_EQ(kind_of(second), FailureKind::ambiguous);
  bench.run_for(20ms);
  EXPECT_EQ(server.seen().requests.size(), 2u);
}

TEST(Doubling, a_read_is_repeated_on_a_fresh_connection) {
  Bench bench;
  ScriptedServer server(bench, close_after_reading_the_second);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  ASSERT_TRUE(bench.exchange(client, Request("GET", server.url("/1"))));
  const auto second = bench.exchange(client, Request("GET", server.url("/2")));
  ASSERT_TRUE(second) << why(second);
  EXPECT_EQ(second->body, "ok");
  EXPECT_EQ(server.seen().requests.size(), 3u);
}

TEST(Doubling, a_write_finds_a_connection_that_was_closed_while_idle_and_takes_a_fresh_one) {
  Bench bench;
  ScriptedServer server(bench, close_after_the_first);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  for (int i = 0; i < 3; ++i) {
    const auto reply = bench.exchange(client, Request("POST", server.url(), "x"));
    ASSERT_TRUE(reply) << why(reply);
    bench.run_for(10ms);
  }
  EXPECT_EQ(server.seen().requests.size(), 3u);
}

TEST(Deadline, a_silent_peer_is_given_up_in_time) {
  Bench bench;
  ScriptedServer server(bench, never_answer);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto begun = bench.clock.now();
  const auto reply = bench.exchange(client, bench.outgoing(Request("POST", server.url(), "x"), "a", 150ms));
  EXPECT_EQ(kind_of(reply), FailureKind::ambiguous);
  EXPECT_GE(bench.clock.now() - begun, 145ms);
  EXPECT_LE(bench.clock.now() - begun, 600ms);
  EXPECT_EQ(client.stats().open_sockets, 0u);
}

TEST(Deadline, the_clients_own_limit_is_the_longest_wait) {
  Bench bench;
  ScriptedServer server(bench, never_answer);
  auto options = Bench::options();
  options.total = 100ms;
  CurlClient client(bench.loop, bench.clock, options);
  const auto begun = bench.clock.now();
  EXPECT_EQ(kind_of(bench.exchange(client, bench.outgoing(Request("GET", server.url()), "a", 1h))),
            FailureKind::ambiguous);
  EXPECT_LE(bench.clock.now() - begun, 600ms);
}

TEST(Deadline, one_that_has_passed_sends_nothing) {
  Bench bench;
  ScriptedServer server(bench, always(ok()));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  EXPECT_EQ(kind_of(bench.exchange(client, bench.outgoing(Request("POST", server.url()), "a", -1ms))),
            FailureKind::retryable);
  EXPECT_EQ(server.seen().connections, 0);
}

TEST(Deadline, an_unfinished_connection_is_retryable) {
  Bench bench;
  // A full backlog: the kernel drops further SYNs, so the connection never completes.
  net::ip::tcp::acceptor full(bench.loop);
  full.open(net::ip::tcp::v4());
  full.bind({net::ip::make_address("127.0.0.1"), 0});
  full.listen(0);
  std::vector<std::unique_ptr<net::ip::tcp::socket>> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(std::make_unique<net::ip::tcp::socket>(bench.loop));
    waiting.back()->async_connect(full.local_endpoint(), [](auto) {});
  }
  bench.run_for(20ms);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto url = "http://127.0.0.1:" + std::to_string(full.local_endpoint().port());
  const auto reply = bench.exchange(client, bench.outgoing(Request("POST", url, "x"), "a", 200ms));
  EXPECT_EQ(kind_of(reply), FailureKind::retryable) << why(reply);
}

TEST(Dropping, a_client_that_is_dropped_ends_its_exchanges) {
  Bench bench;
  ScriptedServer server(bench, never_answer);
  auto client = std::make_unique<CurlClient>(bench.loop, bench.clock, Bench::options());
  std::vector<Result<Reply>> replies;
  for (int i = 0; i < 3; ++i) {
    bench.scope.spawn(client->exchange(bench.outgoing(Request("POST", server.url(), "x"))),
                      [&](Result<Reply> reply) { replies.push_back(std::move(reply)); });
  }
  bench.run_for(50ms);
  EXPECT_EQ(server.seen().requests.size(), 3u);
  client.reset();
  bench.run_for(20ms);
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(kind_of(replies[0]), FailureKind::ambiguous);
  EXPECT_NE(replies[0].error().detail.find("stopping"), std::string::npos);
}

TEST(Dropping, exchanges_that_wait_for_a_place_end_with_the_client) {
  Bench bench;
  ScriptedServer server(bench, never_answer);
  auto options = Bench::options();
  options.max_in_flight = 1;
  auto client = std::make_unique<CurlClient>(bench.loop, bench.clock, options);
  std::vector<std::optional<FailureKind>> kinds;
  for (int i = 0; i < 3; ++i) {
    bench.scope.spawn(client->exchange(bench.outgoing(Request("POST", server.url(), "x"))),
                      [&](Result<Reply> reply) { kinds.push_back(kind_of(reply)); });
  }
  bench.run_for(50ms);
  client.reset();
  bench.run_for(20ms);
  std::sort(kinds.begin(), kinds.end());
  const std::vector<std::optional<FailureKind>> expected = {FailureKind::retryable, FailureKind::retryable,
                                                            FailureKind::ambiguous};
  EXPECT_EQ(kinds, expected);
}

enum class First { client, clock, clock_then_a_turn };

// A loop that stops in the middle of exchanges that are unanswered or, unless a turn follows in which
// they could end without a clock, still connecting.
void drop_in_the_middle(Duration ran, First first) {
  auto loop = std::make_unique<Loop>();
  auto clock = std::make_unique<RealClock>(*loop);
  Bench bench;  // serves on a loop of its own, which never runs: the kernel alone accepts
  ScriptedServer server(bench, never_answer);
  auto client = std::make_unique<CurlClient>(*loop, *clock, Bench::options());
  Scope scope(*loop, *clock);
  std::vector<std::string> urls = {server.url(), server.url("/other")};
  if (first != First::clock_then_a_turn) urls.push_back("http://localhost:1");
  for (const auto& url : urls) scope.spawn(client->exchange(bench.outgoing(Request("POST", url, "x"))));
  loop->run_for(ran);
  // A coroutine that has not begun would begin in the turn, without a clock.
  while (first == First::clock_then_a_turn && client->stats().in_flight < urls.size()) loop->run_one();
  if (first == First::client) client.reset();
  clock.reset();  // holds the coroutines; Asio unwinds them in a turn of the loop, or with it
  if (first == First::clock_then_a_turn) {
    loop->restart();
    loop->run_for(5ms);
    EXPECT_EQ(client->stats().in_flight, 0u);
  }
  client.reset();
  loop.reset();
}

// Under the address sanitizer: whatever goes first, nothing is leaked or touched afterwards.
TEST(Dropping, a_loop_that_stops_in_the_middle_leaves_nothing_behind) {
  for (const auto ran : {0ms, 1ms, 5ms, 30ms}) {
    for (const auto first : {First::client, First::clock, First::clock_then_a_turn})
      drop_in_the_middle(ran, first);
  }
}

TEST(Dropping, the_loop_runs_out_of_work_while_connections_are_kept) {
  Bench bench;
  CurlClient client(bench.loop, bench.clock, Bench::options());
  Loop other;  // the server's, so that ours holds nothing but the client
  net::ip::tcp::acceptor acceptor(other, {net::ip::make_address("127.0.0.1"), 0});
  const auto port = acceptor.local_endpoint().port();
  std::thread serving([&] {
    auto socket = acceptor.accept();
    char bytes[4096];
    (void)socket.read_some(net::buffer(bytes));
    const auto answer = ok();
    (void)socket.write_some(net::buffer(answer));
    boost::system::error_code ended;
    (void)socket.read_some(net::buffer(bytes), ended);
  });
  const auto url = "http://127.0.0.1:" + std::to_string(port);
  ASSERT_TRUE(bench.exchange(client, bench.outgoing(Request("GET", url), "a", 300ms)));
  EXPECT_EQ(client.stats().open_sockets, 1u);
  bench.loop.restart();
  bench.loop.run();  // returns: only the clock's waiter of the 300 ms is left
  EXPECT_EQ(client.stats().open_sockets, 1u);
  client.close_idle();
  serving.join();
}

}  // namespace
}  // namespace baton
