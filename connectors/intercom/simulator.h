// Purpose: the simulated Intercom workspace: REST API 2.16 as its fact sheet describes it (sections in
// brackets below). Private to simulator*.cc; everybody else calls intercom::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: times are Unix seconds, ids text.
// Errors: answered in Intercom's own bodies (section 6).
//
// Setup (all optional):
//   token "intercom-token"      the private app's access token [2]
//   client_secret "intercom-client-secret"      signs webhooks [7]
//   version "2.16"              what Intercom-Version must say; a request without it is refused, because the
//                               version that it would get is whatever the app was set to [1]
//   region "US", app_id "abc123de", self_url "https://api.intercom.io"      [1, 9]
//   baton_admin "991267696", baton_name "Baton"     the seat that the token belongs to: /me [2]
//   inbox_seat on               whether that seat is an inbox seat
//   scopes                      space separated, of read_contacts write_contacts read_conversations
//                               write_conversations read_admins read_tickets write_tickets tags; all [2]
//   rate_per_10s 1666; "limits": "off" lifts it [5]
//   search_lag 60               seconds until a search knows of a change [4, 10.1]
//   contact_lag 5               seconds until a new contact can start a conversation [3.2]
//   echo off                    Baton's own writes come back as webhooks [7]
//   webhook_html off            bodies in webhooks as HTML, as apps older than 2.15 get them [1]
//   attributes                  comma separated names of conversation attributes that exist [3.5]
//   seed                        JSON: {"contacts", "admins", "teams", "conversations": [{"contact", "body",
//                               "ai": {...}, "parts": [{"by": "fin"|"user"|admin id, "body"}]}]}; a contact
//                               may be "archived", and then "restorable": false
//
// Deeds, each with "conversation": id, and "by": an admin's name or id (default Dana Agent):
//   reply {"text", "file": name}, note {"text"}, assign {"to": admin, or "team": id, "text"}: of a team
//   nobody has it, unassign, close {"text"}, reopen, snooze, say {"text"} (the customer), fin {"text"} (the
//   AI agent answers), escalate {"state": "escalated", "team": id} (Fin gives up), delete, ping (of the app,
//   without a conversation). of a ticket: {"ticket": id}: reply, note, assign {"to": admin}, close, state
//   {"category": "in_progress"|"resolved"|...}
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::intercom::simulated {

using nlohmann::json;
using simulation::Call;

// A document with what a search may still see of it.
struct Kept {
  json doc;
  std::vector<std::pair<TimePoint, json>> history;
  TimePoint created{};
  bool lost = false;  // a contact that was archived to be deleted: nobody brings it back [3.1]
};

struct Conversation : Kept {
  json parts = json::array();
  bool deleted = false;
};

struct Ticket : Kept {
  json parts = json::array();
};

class Workspace final : public simulation::Vendor {
 public:
  explicit Workspace(const simulation::Setup& setup);

  std::string_view name() const override { return "intercom"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override { return std::exchange(outbox_, {}); }
  json ledger() const override;

 private:
  // simulator.cc: authorisation, limits, routing
  Reply answer(const RawRequest& raw);
  Reply route(Call& call);
  std::optional<Reply> authorise(const RawRequest& raw);
  bool may(std::string_view method, std::string_view path) const;
  Reply refuse(int status, std::string_view code, std::string_view message, json field = nullptr);
  Reply not_found(std::string_view message = "Resource Not Found");
  Reply invalid(std::string_view message);

  // simulator_people.cc: contacts, admins, teams
  Reply me(const Call& call);
  Reply list_admins(const Call& call);
  Reply list_teams(const Call& call);
  Reply create_contact(const Call& call);
  Reply update_contact(const Call& call);
  Reply show_contact(const Call& call);
  Reply find_contact(const Call& call);
  Reply unarchive_contact(const Call& call);
  Kept* contact(std::string_view id);
  Kept* contact_by(std::string_view key, std::string_view value);
  Kept& add_contact(const json& fields, TimePoint now);
  const json* admin(std::string_view id) const;
  const json& person(std::string_view id_or_name);  // made if nobody has that name
  const json* team(std::string_view id) const;
  std::optional<Reply> check_admin(const json& body);

  // simulator_conversations.cc
  Reply create_conversation(const Call& call);
  Reply show_conversation(const Call& call);
  Reply update_conversation(const Call& call);
  Reply reply_to(const Call& call);
  Reply manage(const Call& call);
  Reply tag_conversation(const Call& call);
  Reply untag_conversation(const Call& call);
  Reply list_tags(const Call& call);
  Reply create_tag(const Call& call);
  Reply list_attributes(const Call& call);
  Reply create_attribute(const Call& call);
  Conversation* conversation(std::string_view id);
  Conversation& add_conversation(const Kept& from, std::string_view body, TimePoint now);
  json add_part(Conversation& to, std::string_view type, json body, json author, TimePoint now);
  json shown(const Conversation& conversation, bool plaintext = false) const;
  std::optional<Reply> check_files(const json& body, json& attachments);
  json author_of(const json& person, std::string_view type) const;
  json baton() const;

  // simulator_search.cc
  Reply search_contacts(const Call& call);
  Reply search_conversations(const Call& call);
  Reply search_tickets(const Call& call);
  Reply search(const Call& call, std::vector<json> seen, std::string_view list_type, std::string_view key,
               int fallback_size);
  json as_searched(const Kept& kept, TimePoint now) const;

  // simulator_tickets.cc
  Reply list_ticket_types(const Call& call);
  Reply list_ticket_states(const Call& call);
  Reply create_ticket(const Call& call);
  Reply show_ticket(const Call& call);
  Reply update_ticket(const Call& call);
  Reply reply_to_ticket(const Call& call);
  Reply convert(const Call& call);
  Ticket& add_ticket(const json& type, const Kept& from, json attributes, TimePoint now);
  json add_ticket_part(Ticket& to, std::string_view type, json body, json author, TimePoint now);
  void set_state(Ticket& ticket, const json& state, json author, TimePoint now);
  json shown(const Ticket& ticket) const;
  std::optional<Reply> check_attributes(const json& type, const json& attributes, bool creating);

  // simulator_events.cc
  simulation::Outbound event(std::string_view topic, json item, TimePoint now);
  void echo(std::string_view topic, const Conversation& conversation, const json& part, TimePoint now);
  json item_of(const Ticket& ticket, const json& part) const;
  json item_of(const Conversation& conversation, const json& part) const;
  Result<std::vector<simulation::Outbound>> act_on_ticket(const simulation::Deed& deed, TimePoint now);

  std::string new_id() { return std::to_string(next_id_++); }
  void remember(Kept& kept, TimePoint now);

  const simulation::Setup setup_;
  const std::string token_, baton_id_;
  const Duration search_lag_, contact_lag_;
  Random random_{0x696e74};
  simulation::Tally tally_;
  simulation::Window calls_;
  std::vector<json> admins_, teams_, tags_, attributes_;
  std::map<std::string, Kept, std::less<>> contacts_;
  std::map<std::string, Conversation, std::less<>> conversations_;
  std::map<std::string, Ticket, std::less<>> tickets_;
  std::vector<simulation::Outbound> outbox_;
  int requests_ = 0;
  long next_id_ = 499;
};

// --- small things that several files need

long number_of(std::string_view id);
// The text of HTML, well enough for display_as=plaintext and for webhooks.
std::string plain_of(std::string_view html);
// "sha1=" and 40 hex digits: HMAC-SHA1 of the raw body with the app's client secret [7].
std::string webhook_signature(std::string_view secret, std::string_view body);
// A JSON object of the request's member, or an empty one.
json member(const json& body, const char* name);

}  // namespace baton::intercom::simulated
