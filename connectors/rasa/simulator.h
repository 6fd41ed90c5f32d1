// Purpose: the simulated Rasa server of fact sheet ingress, section 4.5, and Rasa's OpenAPI: trackers, events
// that are appended to them, and calls of the action server that wait for their answer. Private to
// simulator.cc and tests; everybody else calls rasa::make_vendor(). Owner: make_vendor's caller. Threads: one
// loop. Errors: {"version", "status": "failure", "reason", "code"}.
//
// Setup (all optional):
//   jwt "rasa-jwt"              the bearer token that is taken; its signature is not looked at
//   url_token "rasa-url-token"  sent as ?token=... with each call of an action
//   action "action_handoff_to_human"
//   timeout_seconds 10          of a call (unconfirmed): an answer that came later counts as none
//   requests_per_minute 600     "limits": "off" lifts it (number unconfirmed)
//
// Deeds ("conversation" defaults to "user-4471"):
//   say       {"conversation", "text", "intent", "confidence"}   the customer; the bot answers unless it is
//   paused hand_off  {"conversation", "text", "slots": {...}, "action"}   the call of the action; the
//   conversation waits answered  {"conversation", "status": 200, "body": text or object, "after_ms": 0} what
//   Baton answered, handed
//             in by harness or test because a deed only sends: its events are applied, its responses uttered
// A call has one attempt.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::rasa::simulated {

using nlohmann::json;
using simulation::Call;

struct Tracker {
  json events = json::array();
  json slots = json::object();
  json latest_message = json::object();
  bool paused = false;
  bool waits = false;  // for the answer of a call
};

class Server final : public simulation::Vendor {
 public:
  explicit Server(const simulation::Setup& setup);

  std::string_view name() const override { return "rasa"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  json ledger() const override;

 private:
  Reply api(const RawRequest& raw);
  Reply refuse(int status, std::string_view reason, std::string_view message);
  Reply show_status(const Call& call);
  Reply show_tracker(const Call& call);
  Reply append_events(const Call& call);
  Reply described(const Call& call, const std::string& id, const Tracker& tracker);
  void apply(Tracker& tracker, json event, TimePoint now);
  simulation::Outbound call_action(const std::string& id, const Tracker& tracker, std::string_view action);
  Result<Done> take_answer(Tracker& tracker, JsonView with, TimePoint now);

  const simulation::Setup setup_;
  simulation::Tally tally_;
  simulation::Window all_;
  std::map<std::string, Tracker, std::less<>> trackers_;
  int next_message_ = 1;
};

}  // namespace baton::rasa::simulated
