#include "gateway/app/blocking_client.h"

#include "gateway/app/run_alone.h"
#include "gateway/http/curl/curl_client.h"

namespace baton::app {
namespace {

CurlOptions to_anywhere(Duration longest) {
  const std::vector<std::string> all = {"0.0.0.0/0", "::/0"};
  CurlOptions options;
  if (auto policy = AddressPolicy::parse(all, true)) options.addresses = std::move(*policy);
  options.total = longest;
  options.stall = longest;
  options.bounds.max_body_bytes = 64 * 1024 * 1024;
  return options;
}

}  // namespace

struct BlockingClient::Parts {
  explicit Parts(Duration longest) : client(loop, clock, to_anywhere(longest)) {}

  Loop loop;
  RealClock clock{loop};
  CurlClient client;
};

BlockingClient::BlockingClient(Duration longest) : parts_(std::make_unique<Parts>(longest)) {}
BlockingClient::~BlockingClient() = default;

Result<Reply> BlockingClient::exchange(Request request, Duration patience) {
  Outgoing outgoing("command", std::move(request), parts_->clock.now() + patience);
  return run_alone(parts_->loop, parts_->clock, parts_->client.exchange(std::move(outgoing)));
}

}  // namespace baton::app
