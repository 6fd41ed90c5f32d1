#include "gateway/app/blocking_client.h"

#include "gateway/base/scope.h"
#include "gateway/http/curl/curl_client.h"

namespace baton::app {
namespace {

CurlOptions to_anywhere() {
  const std::vector<std::string> all = {"0.0.0.0/0", "::/0"};
  CurlOptions options;
  if (auto policy = AddressPolicy::parse(all, true)) options.addresses = std::move(*policy);
  options.bounds.max_body_bytes = 64 * 1024 * 1024;
  return options;
}

}  // namespace

struct BlockingClient::Parts {
  Loop loop;
  RealClock clock{loop};
  CurlClient client{loop, clock, to_anywhere()};
};

BlockingClient::BlockingClient() : parts_(std::make_unique<Parts>()) {}
BlockingClient::~BlockingClient() = default;

Result<Reply> BlockingClient::exchange(Request request, Duration patience) {
  std::optional<Result<Reply>> reply;
  Scope scope(parts_->loop, parts_->clock);
  Outgoing outgoing("command", std::move(request), parts_->clock.now() + patience);
  scope.spawn(parts_->client.exchange(std::move(outgoing)), [&](Result<Reply> got) {
    reply.emplace(std::move(got));
    parts_->loop.stop();
  });
  parts_->loop.restart();
  parts_->loop.run();
  if (!reply) return Failure(FailureKind::retryable, "no answer");
  return std::move(*reply);
}

}  // namespace baton::app
