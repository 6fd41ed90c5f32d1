// Purpose: both ends of Standard Webhooks 1.0.0 as its fact sheet describes it (sections in brackets):
// a receiver of Baton's callbacks, and a chat platform that sends signed events to Baton. Private to
// simulator*.cc; everybody else calls standard_webhooks::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Errors: 400, 401, 405, 413 as in section 3.4.
//
// Setup (all optional):
//   receive_secret "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI="   space separated while rotating;
//                               whpk_... takes ed25519 signatures
//   send_secret                 as above by default; whsk_... signs with ed25519; several sign side by side
//   answer 202                  the status for what is in order, and "answer_retry_after" seconds
//   header_family "webhook"     or "svix", for what is sent [1]
//
// Deeds: send {the event}, or {"event": {...}, "id": "msg_..."} to choose the webhook-id; a CloudEvent
// travels as application/cloudevents+json under its own id. The same deed again is the same event again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/simulation/wire.h"

namespace baton::standard_webhooks::simulated {

using nlohmann::json;

// "v1,<base64>" or "v1a,<base64>" over {id}.{timestamp}.{body}; empty if the secret is no key [2, 3.1].
std::string signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                      std::string_view body);

struct Checked {
  int status;  // 200 or what to answer
  std::string why;
};
// Sections 3.2 and 3.3; `secrets` are space separated.
Checked check(const Headers& headers, std::string_view body, std::string_view secrets, TimePoint now);

class Endpoint final : public simulation::Vendor {
 public:
  explicit Endpoint(const simulation::Setup& setup) : setup_(setup) {}

  std::string_view name() const override { return "standard_webhooks"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  json ledger() const override;

 private:
  Reply take(const RawRequest& raw);

  struct Event {
    std::string id;
    std::string target;
    std::string body;
    int arrivals = 1;
    bool changed = false;  // came again under the same id with another body [4]
  };

  const simulation::Setup setup_;
  Random random_{0x737764};
  simulation::Tally tally_;
  std::vector<Event> events_;  // in the order of their first arrival
  json sent_ = json::array();
};

}  // namespace baton::standard_webhooks::simulated
