// Purpose: the demo's stage: the folder with configuration, secrets and tokens, the two child
// processes, and the questions that the play asks them.
// Owner: demo(). Threads: one. Errors: Failures with what did not start, and its log.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "gateway/app/blocking_client.h"
#include "gateway/app/demo.h"
#include "gateway/app/process.h"
#include "gateway/base/secret.h"

namespace baton::app {

class Stage {
 public:
  explicit Stage(const DemoOptions& options);

  Result<Done> set_up();  // folder, secrets, token, configuration
  Result<Done> start_vendors();
  Result<Done> start_gateway();  // returns when it is ready
  void kill_gateway() { gateway_->kill_hard(); }
  void leave_running();
  void clear_away();           // stops both, and removes the folder if it is a temporary one
  Result<Done> write_event();  // one more event, for people to send
  // Whether somebody pressed Ctrl-C: then the destructor ends the children.
  static bool asked_to_end();

  Result<Reply> send(const nlohmann::json& event);          // signed, to /v1/events
  Result<nlohmann::json> admin(const std::string& target);  // GET
  Result<nlohmann::json> ledger(const std::string& vendor);
  Result<Done> fault(const nlohmann::json& fault);
  Result<Done> act(const std::string& vendor, const nlohmann::json& deed);

  const std::string& directory() const { return directory_; }
  std::string events_url() const { return "http://127.0.0.1:" + std::to_string(public_port_); }
  std::string admin_url() const { return "http://127.0.0.1:" + std::to_string(admin_port_); }
  std::string vendors_url() const { return "http://127.0.0.1:" + std::to_string(sim_port_); }
  std::string gateway_log() const { return directory_ + "/gateway.log"; }
  std::string event_file() const { return directory_ + "/event.json"; }
  bool is_temporary() const { return options_.directory.empty(); }
  bool looks_up() const { return !options_.no_lookups; }
  pid_t gateway_id() const { return gateway_ ? gateway_->id() : 0; }
  pid_t vendors_id() const { return vendors_ ? vendors_->id() : 0; }
  std::string token_file() const { return directory_ + "/data/admin.token"; }

 private:
  Result<Done> make_secrets();
  Result<Done> write_configuration() const;
  Result<Done> wait_for(const std::string& url, ChildProcess& process, const std::string& log);
  Result<nlohmann::json> get(const std::string& url, Headers headers = {});

  const DemoOptions& options_;
  std::string directory_;
  std::uint16_t public_port_ = 0, admin_port_ = 0, sim_port_ = 0;
  Secret token_;
  BlockingClient client_;
  std::optional<ChildProcess> vendors_;
  std::optional<ChildProcess> gateway_;
};

}  // namespace baton::app
