// Purpose: vendors with canned replies in one fast process, so that a bench
// measures the gateway. Use: sink REPLIES.json; prints its port and ends with
// its standard input. REPLIES is a list of
//   {method, path, status, body, write, wait_ms}; `write` marks the deliveries,
//   `wait_ms` a slow vendor. GET /seen    {"requests": {"POST /path": n, ...},
//   "writes": n, "first_write_ms": wall clock, "waiting": n} POST /wait_ms  a
//   number: from now on those that have `wait_ms` wait so long GET /record  the
//   first 64 requests as lines "METHOD TARGET BODY-BYTES", for relay_floor
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/http/transport/transport.h"

namespace {

using namespace baton;
using nlohmann::json;

struct Canned {
  std::string name;
  int status = 200;
  std::string body;
  bool write = false;
  Duration wait{0};
  bool slow = false;
  std::uint64_t seen = 0;
};

// Touched on the server's one thread only.
struct Sink {
  std::deque<Canned> canned;
  std::string record;
  int recorded = 0;
  std::uint64_t writes = 0;
  int waiting = 0;
  long long first_write = 0;
};

long long wall_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Task<Reply> answer(Sink& sink, Canned& canned, Clock& clock, RawRequest request) {
  ++canned.seen;
  if (canned.write && sink.writes++ == 0) sink.first_write = wall_ms();
  if (sink.recorded++ < 64) {
    sink.record += request.method + " " + request.target + " " + std::to_string(request.body.size()) + "\n";
  }
  if (canned.wait > Duration{0}) {
    ++sink.waiting;
    (void)co_await clock.until(clock.now() + canned.wait);
    --sink.waiting;
  }
  co_return Reply(canned.status, canned.body, Headers{{"content-type", "application/json"}});
}

Task<Reply> seen(Sink& sink, RawRequest) {
  json requests = json::object();
  for (const auto& canned : sink.canned) {
    if (canned.seen > 0) requests[canned.name] = canned.seen;
  }
  const json all = {{"requests", requests}, {"writes", sink.writes}, {"first_write_ms", sink.first_write},
                    {"waiting", sink.waiting}};
  co_return Reply(200, all.dump());
}

Task<Reply> set_wait(Sink& sink, RawRequest request) {
  const Duration wait{std::strtol(request.body.c_str(), nullptr, 10)};
  for (auto& canned : sink.canned) {
    if (canned.slow) canned.wait = wait;
  }
  co_return Reply(204);
}

Task<Reply> record(Sink& sink, RawRequest) { co_return Reply(200, sink.record); }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: sink REPLIES.json\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  const auto replies = json::parse(file, nullptr, false);
  if (!replies.is_array()) {
    std::fprintf(stderr, "sink: %s holds no list of replies\n", argv[1]);
    return 2;
  }
  ServerOptions options;
  options.limits.connections_per_peer = 0;
  options.limits.requests_per_connection = 1'000'000'000;
  options.timers.idle = std::chrono::minutes(10);
  TransportServer server(std::move(options));
  Sink sink;
  for (const auto& reply : replies) {
    auto& canned = sink.canned.emplace_back();
    canned.name = reply.at("method").get<std::string>() + " " + reply.at("path").get<std::string>();
    canned.status = reply.value("status", 200);
    canned.body = reply.at("body").dump();
    canned.write = reply.value("write", false);
    canned.wait = Duration{reply.value("wait_ms", 0)};
    canned.slow = reply.contains("wait_ms");
    server.route(reply.at("method"), reply.at("path"), [&sink, &canned, &server](RawRequest request) {
      return answer(sink, canned, server.clock(), std::move(request));
    });
  }
  server.route("GET", "/seen", [&sink](RawRequest request) { return seen(sink, std::move(request)); });
  server.route("POST", "/wait_ms",
               [&sink](RawRequest request) { return set_wait(sink, std::move(request)); });
  server.route("GET", "/record", [&sink](RawRequest request) { return record(sink, std::move(request)); });
  if (const auto started = server.start(); !started) {
    std::fprintf(stderr, "sink: %s\n", started.error().detail.c_str());
    return 1;
  }
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server.drain(std::chrono::seconds(1));
  return 0;
}
