// Purpose: a gateway and the simulated vendors as processes of their own on free ports, set up with the
// program's own commands; killed and started again as a test likes.
// Owner: the test. Threads: send() from several at once, with a client each; the rest from one.
// Errors: what does not start within its time is a Failure with the path of its log.
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "gateway/app/blocking_client.h"
#include "gateway/base/result.h"
#include "tests/e2e/program.h"

namespace baton::e2e {

// A port of the loopback that nobody listens on.
int free_port();

class Site {
 public:
  Site();

  Result<Done> start_vendors();
  Result<Done> start_gateway();
  int end_gateway(int signal) { return gateway_ ? std::exchange(gateway_, nullptr)->end(signal) : 0; }

  // An event with this id in a conversation of its own, signed; to /v1/events.
  Result<Reply> send(app::BlockingClient& client, const std::string& id, Duration patience) const;
  Result<nlohmann::json> admin(const std::string& target);
  Result<Reply> post(const std::string& target, const nlohmann::json& body);  // to the admin API
  Result<nlohmann::json> ledger(const std::string& vendor);
  Result<Done> act(const std::string& vendor, const std::string& deed, const nlohmann::json& with);
  // Waits until no delivery is pending.
  Result<Done> quiet(Duration patience);

  pid_t gateway_id() const { return gateway_ ? gateway_->id() : 0; }
  std::string public_address() const { return "127.0.0.1:" + std::to_string(public_port_); }
  std::string config() const { return folder_.path() + "/baton.yaml"; }
  std::string log() const { return folder_.path() + "/gateway.log"; }
  const std::string& folder() const { return folder_.path(); }

 private:
  Result<nlohmann::json> get(const std::string& url, Headers headers = {});
  Result<Done> wait_for(const std::string& url);

  TemporaryFolder folder_;
  int public_port_, admin_port_, sim_port_;
  std::string token_;
  app::BlockingClient client_;
  std::unique_ptr<Running> vendors_, gateway_;
};

}  // namespace baton::e2e
