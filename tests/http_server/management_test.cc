// The management API's server: http_listener on the transport, handlers on another loop.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "gateway/base/handback.h"
#include "gateway/http/cpprest/management_server.h"
#include "tests/http_server/bench.h"
#include "tests/http_server/corpus.h"

namespace baton {
namespace {

// A station's loop with its thread.
class Station {
 public:
  Station() : work_(loop.get_executor()), clock(loop), thread_([this] { loop.run(); }) {}
  ~Station() {
    loop.stop();
    thread_.join();
  }

  Loop loop{1};

 private:
  net::executor_work_guard<Loop::executor_type> work_;

 public:
  RealClock clock;
  std::thread::id thread() const { return thread_.get_id(); }

 private:
  std::jthread thread_;
};

Task<Reply> tell_all(RawRequest request) {
  Reply reply(201, request.method + " " + request.target + " " + request.params["id"] + " " + request.peer +
                       " " + std::string(header(request.headers, "x-name")) + " " + request.body);
  reply.headers.emplace("content-type", "text/plain");
  reply.headers.emplace("x-answer", "gr\xc3\xbc\xc3\x9f");
  co_return reply;
}

class Management : public testing::Test {
 protected:
  void start(ManagementServer::Probe probe = {}, Duration watchdog = 5s) {
    ServerOptions options;
    options.limits.connections_per_peer = 0;
    options.timers.watchdog = watchdog;
    server =
        std::make_unique<ManagementServer>(std::move(options), station.loop, station.clock, std::move(probe));
    server->route("POST", "/items/{id}", tell_all);
    server->route("POST", "/small", tell_all, RouteLimits{kSmallRouteBytes});
    server->route("GET", "/health", [](RawRequest) -> Task<Reply> { co_return Reply(200, "ok"); });
    server->route("GET", "/throw", [](RawRequest) -> Task<Reply> { throw std::runtime_error("first"); });
    server->route("GET", "/throw-later", [this](RawRequest) { return throw_later(); });
    server->route("GET", "/fail",
                  [](RawRequest) -> Task<Reply> { co_return Failure(FailureKind::retryable, "hidden"); });
    server->route("GET", "/wait", [this](RawRequest) { return wait(); });
    server->route("GET", "/wait-longer", [this](RawRequest) { return wait(); }, RouteLimits{.answer = 1h});
    server->route("GET", "/thread", [this](RawRequest) { return on_station(); });
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error().detail;
  }

  Task<Reply> throw_later() {
    (void)co_await station.clock.until(station.clock.now() + 2ms);
    throw std::runtime_error("later");
  }
  Task<Reply> on_station() { co_return Reply(std::this_thread::get_id() == station.thread() ? 200 : 500); }
  Task<Reply> wait() {
    ++waiting;
    while (!released) (void)co_await station.clock.until(station.clock.now() + 1ms);
    co_return Reply(200, "waited");
  }

  Peer connect() const { return Peer(server->port(), Scheme::plain); }
  Answer ask(const std::string& bytes) const {
    auto peer = connect();
    EXPECT_TRUE(peer.send(bytes));
    return peer.read_answer();
  }

  std::atomic<bool> released = false;  // outlive the station, whose handlers look at them
  std::atomic<int> waiting = 0;
  Station station;
  std::unique_ptr<ManagementServer> server;
};

TEST_F(Management, a_request_passes_whole_in_both_directions) {
  start();
  const std::string body("\0\r\n\xff {}", 7);
  const auto answer = ask(post("/items/a%20b?x=%2F1", body, "X-Name: gr\xc3\xbc\xc3\x9f\x65\tan\r\n"));
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "POST /items/a%20b?x=%2F1 a b 127.0.0.1 gr\xc3\xbc\xc3\x9f\x65\tan " + body);
  EXPECT_EQ(answer.field("content-type"), "text/plain");
  EXPECT_EQ(answer.field("x-answer"), "gr\xc3\xbc\xc3\x9f");
}

TEST_F(Management, handlers_run_on_the_loop_that_was_given) {
  start();
  EXPECT_EQ(ask(get("/thread")).status, 200);
}

TEST_F(Management, the_transports_limits_hold) {
  start({}, 200ms);
  EXPECT_EQ(ask(post("/small", std::string(kSmallRouteBytes, 'x'))).status, 201);
  EXPECT_EQ(ask(post("/small", std::string(kSmallRouteBytes + 1, 'x'))).status, 413);
  EXPECT_EQ(ask(get("/nowhere")).status, 404);
  EXPECT_EQ(ask(get("/small")).status, 405);
  EXPECT_EQ(ask("TRACE /health HTTP/1.1\r\nHost: here\r\n\r\n").status, 405);
  EXPECT_EQ(ask(get("/wait")).status, 503);  // the watchdog
  released = true;
}

TEST_F(Management, a_route_that_may_take_longer_is_waited_for) {
  start({}, 200ms);
  auto usual = connect(), longer = connect();
  ASSERT_TRUE(longer.send(get("/wait-longer")));
  ASSERT_TRUE(usual.send(get("/wait")));
  EXPECT_EQ(usual.read_answer().status, 503);  // the watchdog passed
  released = true;
  EXPECT_EQ(longer.read_answer().body, "waited");
}

// Whatever a row holds: an answer, no crash, and the next request works.
TEST_F(Management, the_corpus_does_not_disturb_it) {
  start();
  for (const auto& row : corpus()) {
    const auto status = ask(row.bytes).status;
    if (row.status >= 400) {
      EXPECT_GE(status, 400) << row.name;
    }
  }
  EXPECT_EQ(ask(get("/health")).body, "ok");
}

TEST_F(Management, misbehaving_handlers_are_a_500_that_says_nothing) {
  start();
  for (const std::string target : {"/throw", "/throw-later", "/fail"}) {
    const auto answer = ask(get(target));
    EXPECT_EQ(answer.status, 500) << target;
    EXPECT_EQ(answer.body.find("hidden"), std::string::npos);
  }
}

// Throws at the stage that it is told, and remembers those that it saw.
class Saboteur {
 public:
  void pass(std::string_view stage) {
    const std::lock_guard lock(mu_);
    stages_.emplace_back(stage);
    if (stage == victim_) throw std::runtime_error(victim_);
  }
  // The end of one request may still be under way when the next begins.
  void choose(std::string stage) {
    const std::lock_guard lock(mu_);
    victim_ = std::move(stage);
  }
  std::vector<std::string> stages() {
    const std::lock_guard lock(mu_);
    return stages_;
  }

 private:
  std::mutex mu_;
  std::string victim_;               // guarded by mu_
  std::vector<std::string> stages_;  // guarded by mu_
};

TEST_F(Management, a_throw_from_any_stage_is_a_500) {
  Saboteur saboteur;
  start([&](std::string_view stage) { saboteur.pass(stage); });
  EXPECT_EQ(ask(get("/health")).status, 200);
  const auto stages = saboteur.stages();
  EXPECT_EQ(stages,
            (std::vector<std::string>{"request", "listener", "handler", "body", "reply", "response"}));
  for (const auto& stage : stages) {
    saboteur.choose(stage);
    EXPECT_EQ(ask(get("/health")).status, 500) << stage;
    saboteur.choose("");
    EXPECT_EQ(ask(get("/health")).status, 200) << stage;
  }
  server.reset();  // it looks at the saboteur
}

TEST_F(Management, fifty_of_fifty_running_requests_are_answered_at_the_end) {
  start();
  std::vector<Peer> peers;
  for (int i = 0; i < 50; ++i) {
    peers.push_back(connect());
    ASSERT_TRUE(peers.back().send(get("/wait")));
  }
  while (waiting < 50) std::this_thread::yield();
  std::jthread draining([&] { server->drain(10s); });
  released = true;
  for (auto& peer : peers) EXPECT_EQ(peer.read_answer().body, "waited");
  peers.clear();
}

TEST_F(Management, it_can_be_closed_and_opened_again_under_load) {
  for (int round = 0; round < 10; ++round) {
    start();
    std::vector<std::jthread> clients;
    for (int i = 0; i < 2; ++i) {
      clients.emplace_back([this] {
        for (auto peer = connect(); peer.send(get("/health")) && peer.read_answer().status == 200;) {
        }
      });
    }
    while (server->counters().answers[2] < 20) std::this_thread::yield();
    server->drain(10s);
    clients.clear();
    server.reset();
  }
}

TEST_F(Management, a_second_one_in_the_process_is_refused) {
  start();
  ManagementServer second(ServerOptions{}, station.loop, station.clock);
  EXPECT_FALSE(second.start());
  EXPECT_EQ(ask(get("/health")).status, 200);
}

TEST_F(Management, what_never_ends_is_cut_and_leaves_nothing_behind) {
  start();
  auto peer = connect();
  ASSERT_TRUE(peer.send(get("/wait")));
  while (waiting < 1) std::this_thread::yield();
  server->drain(20ms);
  server.reset();
  EXPECT_TRUE(peer.at_end());
  released = true;
}

}  // namespace
}  // namespace baton
