// Purpose: vendors with canned replies in one fast process, so that a bench measures the gateway.
// Use: sink REPLIES.json [RECORD]; prints its port. REPLIES is a list of {method, path, status, body}.
//   "first MS" is printed when the first write arrives (a POST to a path that is marked `counts`).
//   On the end of standard input: how many requests came, by path; the first 64 are written to RECORD
//   as "METHOD TARGET BODY-BYTES", for relay_floor.
#include <atomic>
#include <chrono>
#include <cstdio>
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
  bool counts = false;
  std::uint64_t seen = 0;
};

// Touched on the server's one thread only, until it has drained.
struct Sink {
  std::deque<Canned> canned;
  std::vector<std::string> record;
  bool told = false;
};

long long wall_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Task<Reply> answer(Sink& sink, Canned& canned, RawRequest request) {
  ++canned.seen;
  if (canned.counts && !std::exchange(sink.told, true)) {
    std::printf("first %lld\n", wall_ms());
    std::fflush(stdout);
  }
  if (sink.record.size() < 64) {
    sink.record.push_back(request.method + " " + request.target + " " + std::to_string(request.body.size()));
  }
  co_return Reply(canned.status, canned.body, Headers{{"content-type", "application/json"}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: sink REPLIES.json [RECORD]\n");
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
    canned.counts = reply.value("counts", false);
    server.route(reply.at("method"), reply.at("path"), [&sink, &canned](RawRequest request) {
      return answer(sink, canned, std::move(request));
    });
  }
  if (const auto started = server.start(); !started) {
    std::fprintf(stderr, "sink: %s\n", started.error().detail.c_str());
    return 1;
  }
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server.drain(std::chrono::seconds(1));
  std::uint64_t total = 0;
  for (const auto& canned : sink.canned) {
    total += canned.seen;
    if (canned.seen > 0) std::printf("%llu %s\n", static_cast<unsigned long long>(canned.seen), canned.name.c_str());
  }
  std::printf("total %llu; refused %llu\n", static_cast<unsigned long long>(total),
              static_cast<unsigned long long>(server.counters().answers[4]));
  if (argc > 2) {
    std::ofstream out(argv[2]);
    for (const auto& line : sink.record) out << line << "\n";
  }
  return 0;
}
