// Purpose: the transport alone, to measure what it costs, and what storing adds to it.
// Use: http_floor [tls|verify]; prints its port, and its counters when standard input ends.
//   (none), tls   the handler does nothing
//   verify        it checks the request's signature (http_load --webhook-secret with kKey) and parses
//                 the body, as every ingest must, and stores nothing
#include <cstdio>
#include <memory>
#include <span>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/http/transport/transport.h"
#include "secrets/webhook_signature.h"
#include "tests/http_server/certificate.h"

namespace {

using namespace baton;

constexpr auto kKey = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";

Task<Reply> verdict(bool genuine) { co_return Reply(genuine ? 202 : 401, R"({"accepted":true})"); }

Task<Reply> take(RawRequest) { co_return Reply(202, R"({"accepted":true})"); }

Handler verifying() {
  auto made = secrets::SigningKey::make(Secret(kKey));
  BATON_CHECK(made);
  const auto key = std::make_shared<secrets::SigningKey>(std::move(*made));  // handlers are copied
  return [key](RawRequest request) -> Task<Reply> {
    const std::span<const secrets::SigningKey> keys(key.get(), 1);
    const bool genuine =
        secrets::verify(request.headers, request.body, keys, request.received_at).has_value();
    const auto event = nlohmann::json::parse(request.body, nullptr, false);
    return verdict(genuine && event.is_object());
  };
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  baton::ServerOptions options;
  options.limits.connections = 100'000;
  options.limits.connections_per_peer = 0;
  options.limits.requests_per_connection = 1'000'000'000;
  options.timers.first_byte = std::chrono::minutes(10);
  options.timers.idle = std::chrono::minutes(10);
  if (mode == "tls") options.tls.emplace(baton::make_identity("bench"));
  baton::TransportServer server(std::move(options));
  server.route("POST", "/v1/events", mode == "verify" ? verifying() : Handler(take));
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
