// Answers that are endless, cut or garbled (promises.md H4). Each must end soon, take in no more than
// its bound, and say honestly that the request may have taken effect.
#include <gtest/gtest.h>

#include "scripted_server.h"

namespace baton {
namespace {

constexpr std::size_t kHeaderBound = 64 * 1024;
constexpr std::size_t kBodyBound = 1024 * 1024;

struct Outcome {
  Result<Reply> reply;
  CurlStats stats;
  Duration took;
  int requests;
};

// One POST to a server that reads the request and then sends `head`, and `more` until it is stopped.
Outcome attack(std::string head, std::string more = "", Duration wait = 5s, Duration pace = 0ms) {
  Bench bench;
  ScriptedServer server(bench, [&](Peer& peer) {
    return [](Peer& to, std::string first, std::string then, Duration step) -> net::awaitable<void> {
      (void)co_await to.read();
      bool open = co_await to.write(first);
      while (open && !then.empty()) {
        open = co_await to.write(then);
        if (step > 0ms) co_await to.pause(step);
      }
    }(peer, head, more, pace);
  });
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto begun = bench.clock.now();
  auto reply = bench.exchange(client, bench.outgoing(Request("POST", server.url(), "x"), "a", wait));
  const auto took = bench.clock.now() - begun;
  EXPECT_EQ(client.stats().open_sockets, reply ? client.stats().open_sockets : 0u)
      << "a broken connection is kept";
  return {std::move(reply), client.stats(), took, static_cast<int>(server.seen().requests.size())};
}

void expect_stopped(const Outcome& outcome, std::size_t bound, std::string_view word = "") {
  ASSERT_FALSE(outcome.reply);
  EXPECT_EQ(kind_of(outcome.reply), FailureKind::ambiguous) << why(outcome.reply);
  EXPECT_NE(outcome.reply.error().detail.find(word), std::string::npos) << why(outcome.reply);
  EXPECT_LE(outcome.stats.received, bound);
  EXPECT_LT(outcome.took, 3s) << why(outcome.reply);
  EXPECT_EQ(outcome.requests, 1);
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

const std::string kOk = "HTTP/1.1 200 OK\r\n";

TEST(Hostile, an_endless_body_is_cut_at_its_bound) {
  const std::string piece(16384, 'b');
  expect_stopped(attack(kOk + "\r\n", piece), kBodyBound + 200, "body exceeds");
  expect_stopped(attack(kOk + "Transfer-Encoding: chunked\r\n\r\n", "4000\r\n" + piece + "\r\n"),
                 kBodyBound + 200, "body exceeds");
  expect_stopped(attack(kOk + "Content-Length: 10000000000\r\n\r\n", piece), kBodyBound + 200,
                 "body exceeds");
}

TEST(Hostile, a_body_of_exactly_the_bound_is_taken_and_one_byte_more_is_not) {
  EXPECT_EQ(attack(ok(std::string(kBodyBound, 'b'))).reply->body.size(), kBodyBound);
  expect_stopped(attack(ok(std::string(kBodyBound + 1, 'b'))), kBodyBound + 200, "body exceeds");
}

TEST(Hostile, endless_headers_are_cut) {
  expect_stopped(attack(kOk, repeated("X-More: and more\r\n", 1000)), 2 * kHeaderBound,
                 "headers and trailers exceed");
}

TEST(Hostile, an_endless_header_line_is_cut) {
  expect_stopped(attack(kOk + "X: ", std::string(16384, 'x')), 2 * kHeaderBound);
}

TEST(Hostile, a_header_line_of_64_kilobytes_is_too_much) {
  expect_stopped(attack(kOk + "X: " + std::string(kHeaderBound, 'x') + "\r\n\r\n"), 2 * kHeaderBound,
                 "exceed");
}

TEST(Hostile, endless_trailers_are_cut) {
  expect_stopped(attack(kOk + "Transfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n",
                        repeated("X-Trailer: more\r\n", 1000)),
                 2 * kHeaderBound, "headers and trailers exceed");
}

TEST(Hostile, endless_interim_answers_are_cut) {
  expect_stopped(attack("", repeated("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 500)), 2 * kHeaderBound,
                 "headers and trailers exceed");
  expect_stopped(attack("", repeated("HTTP/1.1 100 Continue\r\n\r\n", 500)), 2 * kHeaderBound, "exceed");
}

TEST(Hostile, a_dripping_answer_ends_at_the_deadline) {
  const auto outcome = attack(kOk + "Content-Length: 1000\r\n\r\n", "b", 250ms, 10ms);
  expect_stopped(outcome, 200);
  EXPECT_LT(outcome.took, 1s);
  expect_stopped(attack(kOk, "X", 250ms, 10ms), 200);
}

TEST(Hostile, a_compressed_bomb_is_not_inflated) {
  const std::string bomb("\x1f\x8b\x08\x00 not even gzip", 18);
  const auto outcome = attack(ok(bomb, "Content-Encoding: gzip\r\n"));
  ASSERT_TRUE(outcome.reply);
  EXPECT_EQ(outcome.reply->body, bomb);
  EXPECT_EQ(header(outcome.reply->headers, "content-encoding"), "gzip");
}

TEST(Hostile, an_answer_that_is_cut_is_ambiguous) {
  expect_stopped(attack(""), 200);
  expect_stopped(attack("HTT"), 200);
  expect_stopped(attack(kOk + "Content-Length: 10\r\n\r\n12345"), 200);
  expect_stopped(attack(kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\n123"), 200);
  expect_stopped(attack(kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"), 200);
  expect_stopped(attack("HTTP/1.1 100 Continue\r\n\r\n"), 200);
}

TEST(Hostile, an_answer_that_ends_inside_its_head_is_ambiguous_and_its_connection_not_used_again) {
  Bench bench;
  const Script script = [](Peer& peer) -> net::awaitable<void> {
    (void)co_await peer.read();
    co_await peer.write(peer.number() == 1 ? kOk + "Content-Le" : ok());
  };
  ScriptedServer server(bench, script);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto first = bench.exchange(client, Request("POST", server.url(), "x"));
  EXPECT_EQ(kind_of(first), FailureKind::ambiguous);
  EXPECT_TRUE(bench.exchange(client, Request("POST", server.url(), "x")));
  EXPECT_EQ(server.seen().connections, 2);
}

TEST(Hostile, an_answer_that_is_garbled_is_ambiguous) {
  expect_stopped(attack("SSH-2.0-OpenSSH_9.2\r\n"), 200);
  expect_stopped(attack("\r\n\r\n\r\n"), 200);
  expect_stopped(attack(std::string(2000, '\xff')), 2200);
  expect_stopped(attack(kOk + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), 200);
  expect_stopped(attack(kOk + "Content-Length: -5\r\n\r\n"), 200);
  expect_stopped(attack("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x01\x02"), 200);
}

TEST(Hostile, bytes_behind_an_answer_do_not_reach_the_next_one) {
  Bench bench;
  ScriptedServer server(bench, always(ok("first") + ok("smuggled")));
  CurlClient client(bench.loop, bench.clock, Bench::options());
  for (int i = 0; i < 3; ++i) {
    const auto reply = bench.exchange(client, Request("POST", server.url(), "x"));
    ASSERT_TRUE(reply) << why(reply);
    EXPECT_EQ(reply->body, "first");
  }
}

TEST(Hostile, a_redirect_is_an_answer_like_any_other) {
  for (const auto* status : {"301", "302", "303", "307", "308"}) {
    const auto outcome = attack("HTTP/1.1 " + std::string(status) +
                                " Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(outcome.reply);
    EXPECT_EQ(outcome.reply->status, std::stoi(status));
    EXPECT_EQ(outcome.requests, 1);
    EXPECT_EQ(outcome.stats.opened, 1u);
    EXPECT_EQ(outcome.stats.refused, 0u);
  }
}

TEST(Hostile, an_early_answer_before_the_whole_body_is_read_is_taken) {
  Bench bench;
  const Script script = [](Peer& peer) -> net::awaitable<void> {
    co_await peer.write("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    co_await peer.hold();
  };
  ScriptedServer server(bench, script);
  CurlClient client(bench.loop, bench.clock, Bench::options());
  const auto reply = bench.exchange(client, Request("POST", server.url(), std::string(2'000'000, 'x')));
  if (reply) EXPECT_EQ(reply->status, 413);
  if (!reply) EXPECT_EQ(kind_of(reply), FailureKind::ambiguous) << why(reply);
}

TEST(Hostile, a_stalled_answer_is_given_up_before_the_deadline) {
  Bench bench;
  const Script script = [](Peer& peer) -> net::awaitable<void> {
    (void)co_await peer.read();
    co_await peer.write(kOk);
    co_await peer.hold();
  };
  ScriptedServer server(bench, script);
  auto options = Bench::options();
  options.stall = 1s;
  CurlClient client(bench.loop, bench.clock, options);
  const auto begun = bench.clock.now();
  EXPECT_EQ(kind_of(bench.exchange(client, Request("POST", server.url(), "x"))), FailureKind::ambiguous);
  EXPECT_LT(bench.clock.now() - begun, 4s);
}

}  // namespace
}  // namespace baton
