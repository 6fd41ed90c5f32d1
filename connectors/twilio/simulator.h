// Purpose: the simulated Twilio account: Conversations, TaskRouter and Flex Interactions as fact sheet
// ingress, section 4.7, and Twilio's OpenAPI describe them. Twilio's three hosts are one here: their paths
// do not meet. Private to simulator*.cc; everybody else calls twilio::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Errors: Twilio's {"code", "message", "more_info",
// "status"}.
//
// Setup (all optional):
//   account_sid "ACaaaa...", auth_token "12345678901234567890123456789012"   Basic; the token signs webhooks
//   api_key, api_secret         a further pair for Basic; off unless both are given; it signs nothing
//   hook_url "https://baton.example.com/v1/in/twilio"   where webhooks go, as it is configured at Twilio: it
//                               is part of what is signed; must equal the address that the harness POSTs to
//   hook_query ""               "?tenant=acme": sent and signed with it
//   conversations_url, taskrouter_url, flex_url  for links in answers; "self_url" sets all three
//   workspace "WSffff...", workflow "WWabab...", workflow_name "AI handoff", service "ISbbbb..."
//   bot "ai-bot"                the author of the bot's messages
//   writes_per_second 30        messages, tasks and interactions; "limits": "off" lifts it (number
//   unconfirmed) echo off                    what Baton writes comes back as webhooks. The header
//                               X-Twilio-Webhook-Enabled has no say: that it holds back all is unconfirmed
//
// Deeds ("conversation" is a SID, or a unique name that is made with the first message):
//   say       {"conversation", "text", "author": "+15555550123", "source": "SMS"}     the customer
//   answer    {"conversation", "text", "by": the bot}                                 the bot, or an agent
//   hand_off  {"conversation", "reason", "intent", "confidence", "priority": 10, "customer": {"external_id",
//             "email"}, "from"}              a task in the workflow: task.created, task-queue.entered
//   accept    {"task": SID, default the last one, "by": "Dana Agent"}     reservation.created, .accepted
//   invite    {"task", "by": "Lee Agent", "accepted": true}   a second task of the conversation: task.created and,
//             if it is accepted, reservation.created and .accepted; the first one goes on until it is completed
//   transfer  {"task", "by": "Lee Agent", "worker": "WK89..."}   task.transfer-initiated, reservation.created
//             and .accepted of the other worker, .completed of the first, task.transfer-completed:
//             TaskRouter's own names, of which the sheet has reservation.accepted alone
//   complete  {"task", "by", "reason"}, cancel {"task", "reason"}         task.completed, task.canceled
//   close     {"conversation"}                                            onConversationStateUpdated
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::twilio::simulated {

using nlohmann::json;
using simulation::Call;
using Fields = std::map<std::string, std::string>;

struct Conversation {
  json doc;
  json messages = json::array();
  json participants = json::array();
  json webhooks = json::array();  // of this conversation alone, at most five
};

class Account final : public simulation::Vendor {
 public:
  explicit Account(const simulation::Setup& setup);

  std::string_view name() const override { return "twilio"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override { return std::exchange(outbox_, {}); }
  json ledger() const override;

 private:
  // simulator.cc: authorisation, routing, pages
  Reply api(const RawRequest& raw);
  bool may_enter(const RawRequest& raw) const;
  Reply refuse(int status, int code, std::string_view message);
  Reply not_found(const Call& call);
  Reply page(const Call& call, std::string_view host, std::string_view key, const json& items);
  std::optional<Reply> over_limit(TimePoint now);
  std::string sid(std::string_view prefix);
  Reply account(const Call& call);

  // simulator_conversations.cc
  Reply list_conversations(const Call& call);
  Reply create_conversation(const Call& call);
  Reply show_conversation(const Call& call);
  Reply update_conversation(const Call& call);
  Reply list_messages(const Call& call);
  Reply create_message(const Call& call);
  Reply show_message(const Call& call);
  Reply list_participants(const Call& call);
  Reply create_participant(const Call& call);
  Reply list_webhooks(const Call& call);
  Reply create_webhook(const Call& call);
  Reply show_configuration(const Call& call);
  Conversation* find(std::string_view sid_or_name);
  Conversation& make_conversation(const Fields& fields, TimePoint now);
  json add_message(Conversation& conversation, const Fields& fields, TimePoint now);
  std::string participant_of(const Conversation& conversation, std::string_view author) const;
  std::string set_state(Conversation& conversation, std::string_view state, TimePoint now);  // the former one

  // simulator_tasks.cc
  Reply show_workspace(const Call& call);
  Reply list_tasks(const Call& call);
  Reply create_task(const Call& call);
  Reply show_task(const Call& call);
  Reply update_task(const Call& call);
  Reply create_interaction(const Call& call);
  json& make_task(const Fields& fields, TimePoint now);
  json* find_task(std::string_view sid);

  // simulator_events.cc
  simulation::Outbound hook(Fields fields, int attempts);
  simulation::Outbound message_added(const Conversation& conversation, const json& message,
                                     std::string_view source);
  simulation::Outbound state_updated(const Conversation& conversation, std::string_view former);
  simulation::Outbound task_event(const json& task, std::string_view type, Fields more, TimePoint now);
  void echo(simulation::Outbound outbound);

  const simulation::Setup setup_;
  const std::string account_sid_, service_, workspace_, workflow_;
  const std::string conversations_url_, taskrouter_url_, flex_url_;
  Random random_{0x7477696c};
  simulation::Tally tally_;
  simulation::Bucket writes_;
  std::map<std::string, Conversation, std::less<>> conversations_;
  json tasks_ = json::array();
  json interactions_ = json::array();
  std::vector<simulation::Outbound> outbox_;
};

// base64(HMAC-SHA1(token, URL + sorted name and value of every field)).
std::string signature(std::string_view token, std::string_view url, const Fields& fields);
std::string form(const Fields& fields);

}  // namespace baton::twilio::simulated
