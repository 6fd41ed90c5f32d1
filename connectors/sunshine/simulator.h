// Purpose: the simulated Sunshine Conversations app: conversations with messages, a switchboard with two
// integrations, webhooks with a shared secret. Sections are those of the fact sheet zendesk (3.9) and ingress
// (4.3). Private to simulator.cc; everybody else calls sunshine::make_vendor(). Owner: make_vendor's caller.
// Threads: one loop. Errors: as the OpenAPI document shows them.
//
// Setup (all optional): app_id "app1", key_id "act_1", key_secret "sunshine-key", webhook_secret
// "sunshine-hook",
//   integration "baton" (ours), bot "the-bot", echo: what we do comes back as webhooks.
//
// Every message is user u1's (crm-8841, Ada Byron).
//
// Deeds: write {conversation, text} or {conversation, file: URL, name, media_type, image: true}: the
// customer;
//   hand_off {conversation, metadata}: the bot passes control to us;
//   pass {conversation, to: "zd-agentWorkspace"}: somebody passes control to another integration;
//   close {conversation}: the workspace releases control;
//   end {conversation}: the customer ends it; close_ticket {conversation}: its ticket is closed, both by an
//   activity message.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/simulation/wire.h"

namespace baton::sunshine::simulated {

using nlohmann::json;

class App final : public simulation::Vendor {
 public:
  explicit App(const simulation::Setup& setup);

  std::string_view name() const override { return "sunshine"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override;
  json ledger() const override;

 private:
  struct Conversation {
    std::vector<json> messages;  // oldest first
    std::string active;          // name of the integration in control
  };

  Reply answer(const RawRequest& raw);
  Reply list(const Conversation& from, const RawRequest& raw) const;
  Reply post(const std::string& id, Conversation& to, const RawRequest& raw);
  Reply pass(const std::string& id, Conversation& of, const RawRequest& raw);
  Reply release(const std::string& id, Conversation& of, const RawRequest& raw);
  Reply show_user(const std::string& id) const;
  json& add_message(Conversation& to, json author, json content, json metadata, TimePoint now);
  simulation::Outbound hook(const std::string& type, const std::string& conversation, json payload,
                            TimePoint now);
  std::string next_id();

  const simulation::Setup setup_;
  Random random_{0x73756e73};
  simulation::Tally tally_;
  std::map<std::string, Conversation> conversations_;
  std::vector<simulation::Outbound> outbox_;
};

}  // namespace baton::sunshine::simulated
