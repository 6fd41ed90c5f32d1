// Purpose: the simulated HubSpot account as its fact sheet describes it (sections in brackets below).
// Private to simulator*.cc; everybody else calls hubspot::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: property values are text or null, ids text.
// Errors: answered in HubSpot's own bodies (section 6).
//
// Setup (all optional):
//   token "pat-eu1-baton"       static token; scopes: all, or those named in "scopes" (space separated) [2]
//   client_id, client_secret "hubspot-client-secret", refresh_token    OAuth refresh; the client secret
//                               also signs webhooks [2, 7]
//   hook_url "https://baton.example.com/hooks/hubspot"    the target URL as configured: it is signed [7]
//   version "2026-09"           the date version in paths; another one is 404 [1]
//   portal_id 62515, app_id 1160452, self_url "https://api.hubapi.com"
//   burst 190 (in 10 s), daily 1000000, search_per_second 5; "limits": "off" lifts all    [5]
//   retry_after off             whether 429 carries Retry-After, which is not promised
//   search_lag 10               seconds until search knows of a change [3.1]
//   required_ticket_properties  comma separated: an admin's rule, enforced since 2026-09 [1]
//   echo off                    Baton's own writes come back as webhooks
//   seed                        JSON as in simulator_seed.cc; "+21d" stands for a day from the first request
//
// Deeds: move_stage {"ticket", "stage"}, assign {"ticket", "owner"}, delete {"ticket"}, change_contact and
// change_company {"id", "property", "value"}, merge {"ticket", "into", "new": false} (a new ticket stands for
// both), delete_for_privacy {"contact"}. "by" is the id of the user who does it, by default 882761034.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::hubspot::simulated {

using nlohmann::json;
using simulation::Call;

struct Type {
  std::string_view plural, singular, id;  // "tickets", "ticket", "0-5"
};

// By any of the three; null if there is no such type.
const Type* find_type(std::string_view name);

struct Object {
  std::string id;
  json properties = json::object();
  TimePoint created, updated;
  bool archived = false;
  std::vector<std::pair<TimePoint, json>> history;  // what search may still see
  json changes = json::object();  // of the watched properties, newest first, see propertiesWithHistory
};

struct Link {
  const Type *from, *to;
  std::string from_id, to_id;
  int type_id;
};

// One kind of association in one direction, and the kind that is its way back [3.5].
struct LinkKind {
  std::string_view from, to;
  int id, inverse;
  std::string_view label;  // "Primary" or empty
};
std::span<const LinkKind> link_kinds();

// What is wrong with a property [6].
struct Fault {
  std::string message, code, property;
};

std::string_view seed_text();
// The properties that every account has: {"tickets": [{"name", "type", "options", "readOnly"...}]}.
std::string_view property_text();
// "+21d", "-400d" and "+21d@09:30" relative to that day become ISO 8601.
void resolve_dates(json& value, TimePoint now);
// base64(HMAC-SHA256(client secret, method + url with 12 escapes decoded + body + milliseconds)) [7]
std::string webhook_signature(std::string_view secret, std::string_view method, std::string_view url,
                              std::string_view body, std::string_view timestamp);

class Account final : public simulation::Vendor {
 public:
  explicit Account(const simulation::Setup& setup);

  std::string_view name() const override { return "hubspot"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override { return std::exchange(outbox_, {}); }
  json ledger() const override;

 private:
  using Faults = std::vector<Fault>;
  using Objects = std::map<long, Object>;

  // simulator.cc: authorisation, limits, routes, the account
  Reply api(const RawRequest& raw);
  Reply route(Call& call);
  Reply token(const Call& call);
  Reply details(const Call& call);
  Reply show_owner(const Call& call);
  Reply list_owners(const Call& call);
  Reply list_pipelines(const Call& call);
  Reply list_properties(const Call& call);
  Reply show_property(const Call& call);
  Reply create_property(const Call& call);
  std::optional<Reply> authorise(const RawRequest& raw, std::string_view path);
  std::optional<Reply> over_limit(bool is_search, TimePoint now);
  Reply limited(std::string_view policy, std::string_view what, Duration wait);
  Reply refuse(int status, std::string_view category, std::string_view message, json errors = nullptr);
  Reply no_such_object();

  // simulator_objects.cc
  Reply list_objects(const Call& call);
  Reply show_object(const Call& call);
  Reply create_object(const Call& call);
  Reply update_object(const Call& call);
  Reply archive_object(const Call& call);
  Reply read_batch(const Call& call);
  Reply upsert_batch(const Call& call);
  json upsert_one(const Type& type, const json& input, bool& is_error, TimePoint now);
  Object* find_object(const Type& type, std::string_view id);
  Object* find_by(const Type& type, std::string_view property, std::string_view value);
  // The object that {objectId} and ?idProperty= name; `refused` says why there is none.
  Object* named(const Type& type, const Call& call, std::optional<Reply>& refused);
  bool is_unique(const Type& type, std::string_view property) const;
  Object& write(const Type& type, Object* existing, const json& properties, TimePoint now);
  void close_or_open(Object& ticket, TimePoint now);
  json render(const Type& type, const Object& object, const std::vector<std::string>& wanted) const;
  json standard_error(std::string_view category, std::string_view message, json context) const;

  // simulator_checks.cc
  Faults check(const Type& type, const json& properties, const Object* existing) const;
  std::optional<Fault> check_value(const Type& type, const json& definition, std::string_view text) const;
  std::optional<Fault> check_stage(const json& properties, const Object* existing) const;
  // 400 if a property is wrong, 409 if a unique value is taken.
  std::optional<Reply> check_write(const Type& type, const json& properties, const Object* existing);
  std::optional<std::string> conflict(const Type& type, const json& properties, const Object* existing);
  const json* definition(const Type& type, std::string_view name) const;

  // simulator_search.cc
  Reply search(const Call& call);
  std::optional<Reply> check_search(const json& body);
  bool passes(const Type& type, const std::string& id, const json& properties, const json& filter) const;

  // simulator_associations.cc
  Reply list_links(const Call& call);
  Reply link_default(const Call& call);
  Reply link_typed(const Call& call);
  Reply read_links(const Call& call);
  void add_link(const Type& from, const std::string& from_id, const Type& to, const std::string& to_id,
                int type_id);
  json links_of(const Type& from, const std::string& from_id, const Type& to) const;
  std::optional<Reply> check_links(const Type& type, const json& associations);

  // simulator_events.cc
  simulation::Outbound announce(json events, TimePoint now);
  Result<std::vector<simulation::Outbound>> change_customer(std::string_view kind, JsonView with,
                                                            TimePoint now);
  Result<std::vector<simulation::Outbound>> merge(Object& ticket, JsonView with, TimePoint now);
  Result<std::vector<simulation::Outbound>> delete_for_privacy(JsonView with, TimePoint now);
  void archive(Object& object, TimePoint now);
  json event(std::string_view kind, const Object& ticket, std::string_view property, std::string_view source,
             TimePoint now);
  void keep_changes(const json& before, Object& ticket, TimePoint now);
  void echo(const Type& type, const json& before, const Object& after, TimePoint now);

  void seed(TimePoint now);  // at the first request, because its dates are relative
  std::string next_correlation() { return simulation::make_uuid(random_); }

  const simulation::Setup setup_;
  Random random_{0x687562};
  simulation::Tally tally_;
  bool seeded_ = false;
  std::map<std::string, Objects, std::less<>> objects_;  // by plural
  std::map<std::string, std::map<std::string, json, std::less<>>, std::less<>> definitions_;
  std::vector<Link> links_;
  json owners_ = json::array();
  json pipelines_ = json::array();
  std::map<std::string, TimePoint, std::less<>> tokens_;  // of OAuth, until when
  std::vector<simulation::Outbound> outbox_;
  simulation::Window burst_, search_;
  std::map<long long, int> by_day_;
  long next_id_ = 40001;
  std::string user_;        // who does the deed under way
  bool by_person_ = false;  // the write under way is a person's, and no app's
  std::string refresh_token_;
  long long next_event_ = 3816279340;
};

}  // namespace baton::hubspot::simulated
