// Purpose: the simulated Zendesk account: Support API v2 as its fact sheet describes it (sections in
// brackets below). Private to simulator*.cc; everybody else calls zendesk::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: ids are 64-bit integers, times the vendor's.
// Errors: answered in Zendesk's own bodies (section 6).
//
// Setup (all optional):
//   client_id "baton", client_secret "zendesk-client-secret"   OAuth client credentials [2.3]
//   token_seconds 1800          life of a token for which no expires_in was asked
//   refresh_token               what a person's consent gave; it is good until it is used, each later one for
//   refresh_seconds 2592000; consent_scope "read write" is what it allows   [2.3]
//   api_email, api_token        legacy basic authorisation; off unless both are given [2.2]
//   webhook_secret "zendesk-webhook-secret", webhook_id, account_id 22129848    [7.1]
//   self_url "https://acme.zendesk.com"     for links in answers
//   baton_user "Baton"          the agent who owns the OAuth client
//   rate_per_minute 700, update_per_minute 100, update_per_ticket 30 (in 10 min),
//   user_updates_per_minute 5, tickets_index_per_minute 100; "limits": "off" lifts all   [5]
//   search_lag 120              seconds until search knows of a change [3.4]
//   list_lag 0                  seconds until the list by external_id knows of a ticket: unconfirmed [3.4]
//   strict_accept on            a request without Accept is refused [1]
//   echo off                    Baton's own writes come back as webhooks
//   merges_tell "event"         what names the ticket that remains, with commas: event (ticket.merged),
//   bare_event (the
//                               same without its target), comment (the via of the merge's comment), "":
//                               nothing; which of them the vendor really sends is unconfirmed [7.1]
//   seed                        JSON: {"users": [...], "groups": [...], "tickets": [...]}
//
// Deeds: expire_tokens: no access token is good any more. solve, comment, assign, reopen, close, delete:
// {"ticket": id, "by": name or e-mail of an agent, or the requester's, "text": optional, "public": true,
// "to": assignee, default `by`}; merge {"ticket", "into", "by"}: the ticket is closed, and what it was about
// goes on in the other one [3.8].
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::zendesk::simulated {

using nlohmann::json;
using simulation::Call;
using Id = std::int64_t;

struct Ticket {
  json doc;
  json comments = json::array();
  json audits = json::array();
  bool private_by_default = false;  // as the first comment was [3.2]
  bool deleted = false;
  std::vector<std::pair<TimePoint, json>> history;  // what search may still see
};

struct Token {
  std::string scope;
  TimePoint ends;
};

// What a refresh token stands for.
struct Consent {
  std::string scope;
  std::string access_token;  // that came with it
  TimePoint ends;
};
using Consents = std::map<std::string, Consent, std::less<>>;

struct Upload {
  json attachments = json::array();
  std::vector<std::string> texts;  // of the same, for whoever reads the ledger
  TimePoint ends;
  bool used = false;
};

struct StoredAnswer {
  json parameters;
  Reply reply;
  TimePoint ends;
};

// Who did something, for audits and events.
struct Actor {
  Id id;
  std::string name;
  bool is_staff;
};

class Account final : public simulation::Vendor {
 public:
  explicit Account(const simulation::Setup& setup);

  std::string_view name() const override { return "zendesk"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override { return std::exchange(outbox_, {}); }
  json ledger() const override;

 private:
  // simulator.cc: authorisation, limits, routing
  Reply api(const RawRequest& raw, std::string path);
  Reply route(Call& call);
  Reply create_token(const RawRequest& raw);
  json issue(const std::string& scope, int life, TimePoint now);
  json renew(Consents::iterator of, int life, TimePoint now);
  std::optional<Reply> authorise(const RawRequest& raw, std::string_view path);
  bool may(std::string_view scope, std::string_view method, std::string_view path) const;
  std::optional<Reply> over_limit(std::string_view bucket, simulation::Window& window, TimePoint now);
  void add_rate_headers(Reply& reply, TimePoint now);
  Reply refuse(int status, std::string_view error, std::string_view description, json details = nullptr);
  Reply invalid_record(std::string_view field, std::string_view error, std::string_view description);
  Reply invalid_attribute(std::string_view name, std::string_view should_be);
  Reply not_found();

  // simulator_people.cc: users, groups, uploads
  Reply create_or_update_user(const Call& call);
  Reply search_users(const Call& call);
  Reply me(const Call& call);
  Reply show_user(const Call& call);
  Reply requested_tickets(const Call& call);
  Reply list_groups(const Call& call);
  Reply upload(const Call& call);
  Reply empty_list(const Call& call);
  Reply signing_secret(const Call& call);
  json* find_user(Id id);
  json* find_user_by(std::string_view key, std::string_view value);  // ignoring case
  json& add_user(json user, TimePoint now);
  json& agent(std::string_view who, TimePoint now);

  // simulator_tickets.cc, simulator_checks.cc
  Reply create_ticket(const Call& call);
  Reply update_ticket(const Call& call);
  Reply show_ticket(const Call& call);
  Reply list_tickets(const Call& call);
  Reply list_audits(const Call& call);
  Reply list_comments(const Call& call);
  Reply show_tags(const Call& call);
  Reply change_tags(const Call& call);
  std::optional<Reply> check_ticket(const json& fields, bool creating, TimePoint now);
  std::optional<Reply> check_requester(const json& fields);
  std::optional<Reply> check_comment(const json& comment, TimePoint now);
  std::optional<Reply> check_stamp(const Ticket& ticket, const json& fields);
  Reply make_ticket(const json& fields, TimePoint now);
  Id requester_of(const json& fields, TimePoint now);
  json change(Ticket& ticket, const json& fields, const Actor& actor, TimePoint now);  // the audit
  json add_comment(Ticket& ticket, const json& comment, const Actor& actor, TimePoint now);
  Ticket* find_ticket(std::string_view id);
  void remember(Ticket& ticket, TimePoint now);

  // simulator_search.cc
  Reply search(const Call& call);
  Reply page(const Call& call, std::string_view key, json items);

  // simulator_events.cc
  Result<std::vector<simulation::Outbound>> merge(Ticket& ticket, JsonView with, const Actor& actor,
                                                  TimePoint now);
  std::vector<simulation::Outbound> announce(const Ticket& before, const Ticket& after, const Actor& actor,
                                             TimePoint now);
  simulation::Outbound event(const Ticket& ticket, std::string_view type, json what, const Actor& actor,
                             int position, TimePoint now);

  const simulation::Setup setup_;
  const std::string self_url_;
  Random random_{0x7a656e};
  simulation::Tally tally_;
  std::map<std::string, Token, std::less<>> tokens_;
  Consents consents_;                                         // by refresh token
  std::map<std::string, StoredAnswer, std::less<>> answers_;  // by Idempotency-Key
  std::map<std::string, Upload, std::less<>> uploads_;
  std::vector<json> users_;
  std::vector<json> groups_;
  std::map<Id, Ticket> tickets_;
  std::vector<simulation::Outbound> outbox_;
  std::string sequence_;  // of the events of one action
  Id next_id_ = 8447388090494;
  Id next_ticket_ = 5158;
  Id baton_user_ = 0;
  bool anonymous_ = false;  // the request under way has no credentials
  simulation::Window all_, updates_, index_;
  std::map<Id, simulation::Window> ticket_updates_, user_updates_;
};

// --- small things that several files need

int status_rank(std::string_view status);  // new < open < pending < hold < solved < closed; -1 unknown
bool is_list_of_texts(const json& value);
std::string upper(std::string_view text);
json text_or_null(const json& id);  // ids are strings in events
// base64(HMAC-SHA256(secret as text, timestamp + raw body)) [7.1]
std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body);

}  // namespace baton::zendesk::simulated
