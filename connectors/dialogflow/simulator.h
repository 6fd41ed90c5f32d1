// Purpose: the simulated Dialogflow CX agent of fact sheet ingress, section 4.6: it calls Baton's webhook
// (fulfilment) and waits for the answer, and it answers detectIntent and the conversation history. Private to
// simulator*.cc; everybody else calls dialogflow::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Errors: Google's {"error": {"code", "message", "status"}}.
//
// Setup (all optional):
//   agent "projects/acme/locations/europe-west1/agents/7c9e6679-7425-40de-944b-e07fc1f90ae7"
//   webhook_header "authorization", webhook_value "Bearer dialogflow-webhook-token"   static header of the
//                               Webhook resource; "Basic ..." where Basic is set up
//   access_token ""             a token that is taken beside those which POST /token gives
//   client_email "baton@acme.iam.gserviceaccount.com"   the service account: iss of assertions
//   token_seconds 3600          life of an access token
//   tag "handoff_to_human"      fulfillmentInfo.tag of hand_off
//   timeout_seconds 5           of the webhook (30 at most): an answer that came later counts as none
//   requests_per_minute 600     of the API; "limits": "off" lifts it (number unconfirmed)
//
// Deeds ("session" is the last part of the session's name, default "conv-8841"):
//   say       {"session", "text"}        the customer; the bot answers itself, no webhook (none while a
//   person
//                                        has it: then the webhook with the tag "message_to_human")
//   hand_off  {"session", "text", "tag", "metadata": of liveAgentHandoff, "parameters": of the session,
//             "intent", "confidence", "score"}    the webhook; the session waits
//   answered  {"session", "status": 200, "body": text or object, "after_ms": 0}   what Baton answered:
//   harness
//             or test hands it in, because a deed only sends. It is checked as Dialogflow would and shown
//             to the customer; a failure takes the bot's error path. The ledger tells both.
// One webhook has one attempt: Dialogflow does not repeat.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::dialogflow::simulated {

using nlohmann::json;
using simulation::Call;

struct Session {
  json turns = json::array();        // {"at", "role": "customer"|"bot", "text", "response_id"}
  json parameters = json::object();  // of the session
  bool waits = false;                // for the webhook's answer
  TimePoint waits_until;             // then the webhook failed
  bool with_person = false;          // after a handoff that was answered
};

class Agent final : public simulation::Vendor {
 public:
  explicit Agent(const simulation::Setup& setup);

  std::string_view name() const override { return "dialogflow"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  json ledger() const override;

 private:
  Reply api(const RawRequest& raw);
  Reply refuse(int status, std::string_view code, std::string_view message);
  Reply create_token(const RawRequest& raw);
  bool may_enter(const RawRequest& raw) const;
  Reply show_agent() const;
  Reply detect_intent(std::string_view session, const RawRequest& raw);
  Reply history(std::string_view session) const;

  // simulator_webhook.cc
  simulation::Outbound webhook(std::string_view session, const json& with, std::string_view tag,
                               TimePoint now);
  Result<Done> take_answer(Session& session, const json& with, TimePoint now);
  void turn(Session& session, std::string_view role, std::string_view text, TimePoint now);

  const simulation::Setup setup_;
  const std::string agent_;
  Random random_{0x646663};
  simulation::Tally tally_;
  simulation::Window all_;
  std::map<std::string, TimePoint, std::less<>> tokens_;
  std::map<std::string, Session, std::less<>> sessions_;
};

// Why a WebhookResponse is none; empty if it is one.
std::string fault_of_response(const json& response);

}  // namespace baton::dialogflow::simulated
