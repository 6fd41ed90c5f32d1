// Purpose: the simulated Chatwoot account of fact sheet ingress, section 4.1: conversations of a bot's inbox,
// their messages and states, account webhooks with a signature. Private to simulator.cc and tests; everybody
// else calls chatwoot::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Errors: {"error": "..."} with Chatwoot's status.
//
// Setup (all optional):
//   account_id "1", api_token "chatwoot-api-token", user_id 42 (whose token it is), user_name "Baton"
//   webhook_secret "chatwoot-webhook-secret"   empty: a server before 4.13, which does not sign
//   url_token ""                sent as ?token=... with every webhook, as the address was configured
//   page 20                     messages of a page (unconfirmed)
//   keeps_attributes on         off: an older server, which drops content_attributes that it does not know
//   requests_per_minute 300     "limits": "off" lifts it (number unconfirmed)
//   role "agent"                whose token it is: whoever opens a conversation as an agent has it from then
//   on echo off                    what Baton writes comes back as webhooks seed                        JSON:
//   {"conversations": [{"id", "status", "messages": [text, ...]}]}; by default
//                               conversation 8841, open, with one message of the customer
//
// Deeds ("conversation" is the display id, default 8841; a new one begins as pending):
//   say       {"conversation", "text", "contact": {"name", "email", "identifier"}, "file": URL}   the
//   customer answer    {"conversation", "text"}                                                the agent bot
//   reply     {"conversation", "text", "by": "Dana Agent", "private": false}          an agent
//   hand_off  {"conversation", "attributes": custom attributes, "priority"}    the bot: pending -> open
//   resolve   {"conversation", "by": "Dana Agent"}, return {"conversation"} to the bot by hand
//   assign    {"conversation", "by": "Dana Agent", "id": 7}: it is given to an agent; unassign
//   {"conversation"}
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::chatwoot::simulated {

using nlohmann::json;
using simulation::Call;

struct Conversation {
  json messages = json::array();  // as the API shows them, oldest first
  json contact = json::object();
  json custom_attributes = json::object();
  json assignee;
  json priority;
  std::string status = "pending";
  TimePoint created_at;
  TimePoint changed_at;
};

class Account final : public simulation::Vendor {
 public:
  explicit Account(const simulation::Setup& setup);

  std::string_view name() const override { return "chatwoot"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override { return std::exchange(outbox_, {}); }
  json ledger() const override;

 private:
  Reply api(const RawRequest& raw);
  Reply refuse(int status, std::string_view why);
  Reply profile(const Call& call);
  Reply list_messages(const Call& call);
  Reply create_message(const Call& call);
  Reply toggle_status(const Call& call);
  Reply show_conversation(const Call& call);
  Reply assign(const Call& call);
  Conversation* find(const Call& call);

  // What people and bots do.
  Conversation& conversation(JsonView with, TimePoint now);
  json add_message(Conversation& to, int type, std::string_view text, json sender, bool is_private,
                   json attributes, TimePoint now);
  simulation::Outbound message_event(long id, const Conversation& of, const json& message, TimePoint now);
  simulation::Outbound status_event(long id, const Conversation& of, std::string_view former, TimePoint now);
  simulation::Outbound assignee_event(long id, const Conversation& of, const json& former, TimePoint now);
  json ourselves() const;
  simulation::Outbound webhook(json body, TimePoint now);
  void echo(simulation::Outbound outbound);
  json described(long id, const Conversation& of) const;

  const simulation::Setup setup_;
  const std::string account_id_;
  Random random_{0x6377};
  simulation::Tally tally_;
  simulation::Window all_;
  std::map<long, Conversation> conversations_;
  std::vector<simulation::Outbound> outbox_;
  long next_message_ = 55120;
};

// "sha256=" + hex(HMAC-SHA256(secret, timestamp + "." + body)).
std::string signature(std::string_view secret, std::string_view timestamp, std::string_view body);

}  // namespace baton::chatwoot::simulated
