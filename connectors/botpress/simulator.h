// Purpose: a Botpress bot whose `hitl` interface is the thin integration of fact sheet ingress, section 4.4:
// it posts Baton's published events, signed after Standard Webhooks, and takes Baton's callbacks, signed too.
// Botpress itself signs nothing and has no address to call: all that travels is this integration's.
// Private to simulator*.cc; everybody else calls botpress::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Errors: 400, 401, 404, 405 with {"error"}.
//
// What it posts (envelope {"type", "timestamp", "data"} of Standard Webhooks; data in the published shape):
//   startHitl      handoff.requested    conversation, customer, reason, transcript = messageHistory, and
//                                       metadata {"botpress": {"title", "description", "userId"}}
//                                       webhook-id "hitl_<conversation>_<last user message>": the operation
//                                       key
//   a message      handoff.updated      conversation, transcript with that one message; id "msg_<message>"
//   stopHitl       handoff.cancelled    conversation, "by": "customer"; id "stop_<conversation>_<count>"
// What it takes, at any path, POST, the envelope again; data.conversation.id names the conversation:
//   handoff.accepted  {"text"}          a message of the bot, if there is text
//   handoff.claimed   {"by"}            the event hitlAssigned
//   handoff.message   {"text", "by"}    a message in the channel hitl
//   handoff.returned, handoff.expired   the event hitlStopped, after a message if there is "text"
//   handoff.escalated, bug.resolved, decision.made   202, without effect
//   others are refused with 400. The same webhook-id again is taken and has no effect.
// A GET with a signature over an empty body answers {"bot", "integration", "version"}: a probe.
//
// Setup (all optional):
//   send_secret, receive_secret "whsec_Ym90cHJlc3Mtd2ViaG9va3Mtc2VjcmV0LTAwMDAwMDE="
//   history 20                  messages of messageHistory: Botpress gives only the first page, oldest first
//
// Deeds ("conversation" defaults to "conv_1"):
//   say      {"conversation", "text", "user": {"name", "email"}}   the customer; a webhook only while hitl
//   runs answer   {"conversation", "text"}                              the bot hand_off {"conversation",
//   "title", "description"}   startHitl; a second time while it runs it is the
//            same message once more, as the studio does
//   stop     {"conversation"}                           the customer leaves: stopHitl
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "connectors/simulation/wire.h"

namespace baton::botpress::simulated {

using nlohmann::json;

struct Conversation {
  json messages = json::array();  // {"id", "at", "role", "text"}
  json events = json::array();    // hitlAssigned, hitlStopped
  json user = json::object();
  std::string last_user_message;
  bool in_hitl = false;
  int stops = 0;
};

class Bot final : public simulation::Vendor {
 public:
  explicit Bot(const simulation::Setup& setup) : setup_(setup) {}

  std::string_view name() const override { return "botpress"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  json ledger() const override;

 private:
  Reply take(const RawRequest& raw);
  Reply callback(JsonView envelope, TimePoint now);
  Reply refuse(int status, std::string_view why);
  bool is_signed(const RawRequest& raw) const;
  void write(Conversation& conversation, std::string_view role, std::string_view text, TimePoint now);
  simulation::Outbound post(std::string id, std::string_view type, const json& data, TimePoint now);
  json started(const std::string& id, const Conversation& conversation, JsonView with) const;

  const simulation::Setup setup_;
  Random random_{0x627074};
  simulation::Tally tally_;
  std::map<std::string, Conversation, std::less<>> conversations_;
  std::set<std::string, std::less<>> taken_;  // webhook-ids
  int next_message_ = 1;
};

// "v1,<base64>" over {id}.{timestamp}.{body}; empty if the secret is none.
std::string signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                      std::string_view body);

}  // namespace baton::botpress::simulated
