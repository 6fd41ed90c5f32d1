// Purpose: the simulated Freshdesk account: REST API v2 as its fact sheet describes it (sections in
// brackets below). Private to simulator*.cc; everybody else calls freshdesk::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: ids are 64-bit integers, times the vendor's.
// Errors: answered in Freshdesk's own bodies (section 6).
//
// Setup (all optional):
//   api_key "fdApiKey123"       the key of the agent Baton; Basic, key as user, any text as password [2]
//   baton_email "baton@acme.example"        that agent's address
//   lock_after 10               wrong keys until the agent is locked; 0: never [2]
//   webhook_secret "freshdesk-webhook-secret"   value of the header X-Baton-Secret [7]
//   webhook_form "advanced"     or "simple": the ticked boxes instead of the template [7]
//   self_url "https://acme.freshdesk.com"   for links in answers
//   rate_per_minute 400, create_per_minute 160, update_per_minute 160, tickets_list_per_minute 100,
//   contacts_list_per_minute 100; "limits": "off" lifts all   [5]
//   search_lag 180              seconds until search knows of a change [3.5]
//   required_fields "subject,description"   what this account wants of every ticket [3.2]
//   required_on_close ""        what it wants before a ticket is resolved or closed [3.4]
//   conflict_tells_id off       whether 409 names the contact that is there already [3.1]
//   max_note_chars 60000        [8]
//   echo off                    Baton's own writes come back: a rule without "performed by" [7]
//   seed                        JSON: {"agents", "groups", "companies", "contacts", "ticket_fields",
//   "tickets"};
//                               a ticket with "web_chat": true wants structured_body [3.3]
//
// Deeds: solve, comment, assign, reopen, close, delete: {"ticket": id, "by": name or e-mail of an agent, or
// the requester's, "text": optional, "public": true, "to": assignee, default `by`}.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::freshdesk::simulated {

using nlohmann::json;
using simulation::Call;
using Id = std::int64_t;

struct Upload {
  std::string name;
  std::string type;
  std::size_t bytes = 0;
};

struct Ticket {
  json doc;
  json conversations = json::array();
  std::size_t attached_bytes = 0;  // over the ticket and all its conversations [3.6]
  bool web_chat = false;
  bool deleted = false;
  std::vector<std::pair<TimePoint, json>> history;  // what search may still see
};

struct Actor {
  Id id;
  std::string name;
  bool is_staff;
};

class Account final : public simulation::Vendor {
 public:
  explicit Account(const simulation::Setup& setup);

  std::string_view name() const override { return "freshdesk"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override { return std::exchange(outbox_, {}); }
  json ledger() const override;

 private:
  // simulator.cc: authorisation, limits, routing
  Reply route(Call& call);
  Reply answer(const RawRequest& raw);
  std::optional<Reply> authorise(const RawRequest& raw);
  std::optional<Reply> over_limit(simulation::Window& window, TimePoint now);
  void charge_includes(const Call& call);  // each costs two credits more [3.5]
  std::optional<Reply> read_body(Call& call);

  // simulator_people.cc: contacts, agents, groups, fields, companies
  Reply list_contacts(const Call& call);
  Reply show_contact(const Call& call);
  Reply create_contact(const Call& call);
  Reply update_contact(const Call& call);
  Reply search_contacts(const Call& call);
  Reply me(const Call& call);
  Reply list_agents(const Call& call);
  Reply show_agent(const Call& call);
  Reply list_groups(const Call& call);
  Reply list_ticket_fields(const Call& call);
  Reply show_company(const Call& call);
  std::optional<Reply> check_contact(const json& fields, const json* self);
  json* find_contact(Id id);
  json* find_contact_by(std::string_view key, std::string_view value);  // ignoring case
  json& add_contact(json contact, TimePoint now);
  json* find_agent(std::string_view who);  // by id, name or address
  json& agent(std::string_view who);

  // simulator_tickets.cc, simulator_checks.cc
  Reply create_ticket(const Call& call);
  Reply update_ticket(const Call& call);
  Reply show_ticket(const Call& call);
  Reply list_tickets(const Call& call);
  Reply list_conversations(const Call& call);
  Reply add_note(const Call& call);
  Reply add_reply(const Call& call);
  Reply converse(const Call& call, bool is_reply);
  std::optional<Reply> check_ticket(const json& fields, bool creating);
  std::optional<Reply> check_choices(const json& fields);
  std::optional<Reply> check_custom_fields(const json& given);
  std::optional<Reply> check_required(const json& fields, std::string_view setting);
  std::optional<Reply> check_conversation(const Ticket& ticket, const json& fields, bool is_reply);
  std::optional<Reply> check_size(std::size_t already) const;
  Ticket& make_ticket(const json& fields, TimePoint now);
  Id requester_of(const json& fields, TimePoint now);
  json say(Ticket& ticket, const json& fields, const Actor& actor, bool is_reply, TimePoint now);
  json keep_uploads(Ticket& ticket, TimePoint now);
  Ticket* find_ticket(std::string_view id);
  void touch(Ticket& ticket, TimePoint now);
  void announce_own(const Ticket& before, const Ticket& after, TimePoint now);

  // simulator_search.cc
  Reply search_tickets(const Call& call);
  Reply page(const Call& call, json items, int per_page_default);

  // simulator_events.cc
  std::vector<simulation::Outbound> announce(const Ticket& before, const Ticket& after, const Actor& actor,
                                             TimePoint now);
  simulation::Outbound event(const Ticket& ticket, std::string_view what, std::string_view change);

  const simulation::Setup setup_;
  const std::string self_url_;
  Random random_{0x667265};
  simulation::Tally tally_;
  std::vector<json> contacts_, agents_, groups_, companies_, ticket_fields_;
  std::map<Id, Ticket> tickets_;
  std::vector<simulation::Outbound> outbox_;
  std::vector<Upload> uploads_;  // of the request under way
  Id next_id_ = 1060000500001;
  Id next_ticket_ = 141;
  Id baton_agent_ = 0;
  int wrong_keys_ = 0;
  int credits_ = 1;  // of the request under way
  simulation::Window all_, creates_, updates_, ticket_lists_, contact_lists_;
};

// --- small things that several files need

std::string_view status_label(std::int64_t status);
std::string_view priority_label(std::int64_t priority);
std::string without_tags(std::string_view html);
std::string without_scripts(std::string_view html);  // what Freshdesk takes out of HTML [8]
Reply refuse(int status, std::string_view code, std::string_view message);
Reply invalid(int status, std::string_view field, std::string_view message, std::string_view code);
bool has_tag(const Ticket& ticket, std::string_view tag);

// A form's parts as the JSON that the same call would have sent; nullopt if it is no multipart body.
std::optional<json> read_multipart(const RawRequest& raw, std::vector<Upload>& uploads);
// "status:2 AND (tag:'a' OR priority:>3)" over a document; nullopt if it is no query [3.5].
std::optional<bool> query_matches(std::string_view query, const json& doc);

}  // namespace baton::freshdesk::simulated
