// Purpose: the transport with a handler that does nothing, to measure what the transport costs.
// Use: http_floor [tls]; prints its port, and its counters when standard input ends.
#include <cstdio>
#include <string_view>

#include "gateway/http/transport/transport.h"
#include "tests/http_server/certificate.h"

namespace {

baton::Task<baton::Reply> take(baton::RawRequest) { co_return baton::Reply(202, R"({"accepted":true})"); }

}  // namespace

int main(int argc, char** argv) {
  baton::ServerOptions options;
  options.limits.connections = 100'000;
  options.limits.connections_per_peer = 0;
  options.limits.requests_per_connection = 1'000'000'000;
  options.timers.first_byte = std::chrono::minutes(10);
  options.timers.idle = std::chrono::minutes(10);
  if (argc > 1 && std::string_view(argv[1]) == "tls") options.tls.emplace(baton::make_identity("bench"));
  baton::TransportServer server(std::move(options));
  server.route("POST", "/v1/events", take);
  if (const auto started = server.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().detail.c_str());
    return 1;
  }
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server.drain(std::chrono::seconds(1));
  const auto seen = server.counters();
  std::printf("accepted %llu, 2xx %llu, 4xx %llu, 5xx %llu\n",
              static_cast<unsigned long long>(seen.connections_accepted),
              static_cast<unsigned long long>(seen.answers[2]),
              static_cast<unsigned long long>(seen.answers[4]),
              static_cast<unsigned long long>(seen.answers[5]));
  return 0;
}
