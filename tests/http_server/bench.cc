#include "tests/http_server/bench.h"

#include <stdexcept>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "gateway/base/bell.h"
#include "tests/http_server/certificate.h"

namespace baton {
namespace {

Task<Reply> echo(RawRequest request) { co_return Reply(200, std::move(request.body)); }

Task<Reply> fields(RawRequest request) {
  std::string text;
  for (const auto& [name, value] : request.headers) text.append(name).append("=").append(value).append("\n");
  co_return Reply(200, std::move(text));
}

Task<Reply> health(RawRequest) { co_return Reply(200, "ok"); }
Task<Reply> item(RawRequest request) { co_return Reply(200, request.params["id"] + " " + request.peer); }
Task<Reply> fail(RawRequest) {
  co_return Failure(FailureKind::rejected, "a detail that nobody outside may see");
}

Task<Reply> split(RawRequest) {
  Reply reply(200);
  reply.headers.emplace("x-name", "a\r\nset-cookie: evil");
  co_return reply;
}

Task<Reply> busy(RawRequest) {
  Reply reply(429, "");
  reply.retry_after = Duration{1'200};
  co_return reply;
}

}  // namespace

Server::Server(Scheme scheme, const Change& change)
    : scheme_(scheme), client_context_(make_client_context()) {
  ServerOptions options;
  options.name = "under-test";
  options.limits.connections_per_peer = 0;
  if (scheme == Scheme::tls) options.tls.emplace(make_identity("first"));
  if (change) change(options);
  transport_ = std::make_unique<TransportServer>(std::move(options));
  add_routes();
  const auto started = transport_->start();
  EXPECT_TRUE(started) << (started ? "" : started.error().detail);
}

void Server::add_routes() {
  auto& server = *transport_;
  server.route("POST", "/echo", echo);
  server.route("POST", "/small", echo, RouteLimits{kSmallRouteBytes});
  server.route("POST", "/large", echo, RouteLimits{kMaxRouteBodyBytes});
  server.route("POST", "/fields", fields);
  server.route("GET", "/health", health);
  server.route("GET", "/items/{id}", item);
  server.route("GET", "/busy", busy);
  server.route("GET", "/fail", fail);
  server.route("GET", "/split", split);
  server.route("GET", "/throw", [](RawRequest) -> Task<Reply> { throw std::runtime_error("before"); });
  server.route("GET", "/throw-later", [this](RawRequest) { return throw_later(); });
  server.route("GET", "/wait", [this](RawRequest) { return wait(); });
  server.route("GET", "/never", [this](RawRequest) { return never(); });
}

Task<Reply> Server::throw_later() {
  (void)co_await transport_->clock().until(transport_->clock().now() + 5ms);
  throw std::runtime_error("from inside");
}

Task<Reply> Server::never() {
  (void)co_await transport_->clock().until(transport_->clock().now() + 1h);
  co_return Reply(200);
}

Task<Reply> Server::wait() {
  auto& clock = transport_->clock();
  while (!released_) (void)co_await bell_.wait(bell_.count(), clock, clock.now() + 1h);
  co_return Reply(200, "waited");
}

void Server::release() {
  net::post(transport_->loop(), [this] {
    released_ = true;
    bell_.ring();
  });
}

Peer Server::connect(Peer::Wish wish) const {
  wish.scheme = scheme_;
  if (!wish.context) wish.context = client_context_.get();
  return Peer(port(), wish);
}

bool Server::is_healthy() {
  auto peer = connect();
  return peer.send(get("/health")) && peer.read_answer().status == 200;
}

bool Server::eventually(const std::function<bool(const ServerCounters&)>& holds) const {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < end) {
    if (holds(counters())) return true;
    std::this_thread::sleep_for(1ms);  // the other thread's progress has no other sign
  }
  return false;
}

std::string get(std::string_view target, std::string_view more_fields) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: here\r\n" + std::string(more_fields) + "\r\n";
}

std::string post(std::string_view target, std::string_view body, std::string_view more_fields) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: here\r\n" + std::string(more_fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chunked(std::string_view target, std::string_view chunks) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n" +
         std::string(chunks);
}

}  // namespace baton
