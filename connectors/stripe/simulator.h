// Purpose: the simulated Stripe account: API v1 as its fact sheet describes it (sections in brackets below),
// read by a restricted key. Private to simulator*.cc; everybody else calls stripe::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: times are Unix seconds, amounts the currency's
// smallest unit. Errors: answered in Stripe's own bodies (section 6).
//
// Setup (all optional):
//   key "rk_test_baton_read"            Bearer, or Basic with the key as the user [2]
//   old_key, expired_key                an overlapping older key; one that answers 401 api_key_expired
//   permissions                         the key's, with commas; default: the eight of the set-up link [2]
//   default_version "2024-09-30.acacia" the shape of answers to requests without Stripe-Version [1]
//   endpoint_version "2024-09-30.acacia" the shape of the objects in webhooks [7]
//   webhook_secret "whsec_baton_test_secret_0001", webhook_secret_old (while a secret is rolled: two v1)
//   v0 on                               events bear a signature of a scheme that proves nothing too [7]
//   rate_per_second 25, endpoint_per_second 25, search_per_second 20; "limits": "off" lifts all [5]
//   search_lag 60                       seconds until search knows of a change [3.1]
//   search on                           off: not offered, as in India [3.1]
//   seed                                JSON: {"customers": [...], "charges": [...], ...}, by list; times may
//   be
//                                       "-3d", "+21d" or "-2h" from the first request on
//
// Deeds (what happens at Stripe; each sends its events):
//   add_customer     {"email", ...fields}
//   change_customer  {"customer", ...fields}
//   delete_customer  {"customer"}
//   fail_payment     {"customer", "code": "card_declined", "decline_code": "insufficient_funds"}   of the
//   newest
//                    open invoice, or of a new one
//   leave_payment    {"customer", "amount": 4900, "invoice": none, "failed": false}   3-D Secure is asked
//   for:
//                    left open, or failed; no charge comes of it
//   pay_invoice      {"invoice"}
//   dispute          {"charge", "reason": "product_not_received"}
//   close_dispute    {"dispute", "status": "won"}
//   change_subscription {"subscription", ...fields}
//   resend           {"event"}          the same event once more
//   thin             {}                 an event of the other product, v2.core.event
//   take_key         {}                 the key is removed: 401 from now on
// "customer" is an id or an address.
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

namespace baton::stripe::simulated {

using nlohmann::json;
using simulation::Call;

// A type of object: how it is called in ids, paths and permissions [2].
struct Kind {
  std::string_view object;
  std::string_view plural;  // in paths and in the seed
  std::string_view prefix;
  std::string_view permission;
};
const Kind* find_kind(std::string_view object);
const Kind* find_plural(std::string_view plural);
std::span<const Kind> kinds();

struct Object {
  json doc;
  bool deleted = false;
  std::vector<std::pair<TimePoint, json>> history;  // what search may still see
};

// A query's parameters in their order: `expand[]` may come several times.
using Params = std::vector<std::pair<std::string, std::string>>;

class Account final : public simulation::Vendor {
 public:
  explicit Account(const simulation::Setup& setup);

  std::string_view name() const override { return "stripe"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  json ledger() const override;

 private:
  // simulator.cc: authorisation, limits, routing, single objects
  Reply answer(const RawRequest& raw);
  Reply route(const Call& call, const Params& params);
  Reply show(const Kind& kind, std::string_view id, const Params& params);
  Reply balance(const Params& params);
  std::optional<Reply> authorise(const RawRequest& raw);
  std::optional<Reply> over_limit(const RawRequest& raw);
  std::optional<Reply> forbidden(std::string_view permission) const;
  bool may(std::string_view permission) const;
  Reply sent(json body, const Params& params, bool is_list);  // expanded, in the version asked for
  const Object* find(std::string_view id) const;

  // simulator_lists.cc
  Reply list(const Kind& kind, const Params& params, std::string_view url, const std::string& customer);
  Reply search(const Kind& kind, const Params& params, TimePoint now);
  std::vector<const Object*> newest_first(const Kind& kind) const;
  std::optional<Reply> check_params(const Kind& kind, const Params& params) const;
  bool chosen(const Kind& kind, const json& doc, const Params& params) const;

  // simulator_shapes.cc
  std::optional<Reply> expand(json& body, std::string_view path, bool is_list);
  std::optional<Reply> expand_at(json& node, std::span<const std::string_view> rest, std::string_view path);
  json payments_of(std::string_view invoice) const;

  // simulator_events.cc
  simulation::Outbound event(std::string_view type, const json& doc, json previous, TimePoint now);
  simulation::Outbound deliver(const json& envelope, TimePoint now);
  void fail_payment(Object& customer, JsonView with, TimePoint now, std::vector<simulation::Outbound>& out);
  void leave_payment(const Object& customer, JsonView with, TimePoint now,
                     std::vector<simulation::Outbound>& out);
  void pay_invoice(Object& invoice, TimePoint now, std::vector<simulation::Outbound>& out);
  void open_dispute(Object& charge, JsonView with, TimePoint now, std::vector<simulation::Outbound>& out);
  Object* find_customer(std::string_view who);
  Object* get(std::string_view id);
  Object& add(const Kind& kind, json fields, TimePoint now);
  void change(Object& object, const json& fields, TimePoint now);
  std::string make_id(std::string_view prefix);

  // simulator_seed.cc
  void seed(TimePoint now);

  const simulation::Setup setup_;
  Random random_{0x737472};
  simulation::Tally tally_;
  std::map<std::string, Object, std::less<>> objects_;  // by id
  std::vector<std::string> order_;                      // ids, oldest first
  std::map<std::string, json, std::less<>> events_;
  std::string version_;  // of the request under way
  bool seeded_ = false;
  bool key_taken_ = false;
  simulation::Window all_, searches_;
  std::map<std::string, simulation::Window, std::less<>> endpoints_;
};

// --- small things that several files need

Reply refuse(int status, std::string_view message, std::string_view code = {}, std::string_view param = {},
             std::string_view type = "invalid_request_error");
std::optional<std::string> param(const Params& params, std::string_view name);
inline constexpr std::string_view kPinned = "2026-10-28.endive";
bool known_version(std::string_view version);
// The object as an older version shows it: before basil the period stood on the subscription and the
// payment on the invoice [1].
json in_version(json doc, std::string_view version);
// Seconds for "-3d", "+21d", "-2h"; nullopt for every other text.
std::optional<long long> relative_time(std::string_view text, TimePoint now);
json blank(std::string_view object);  // the fields that are always there
// "t=...,v1=...": v1 is the hex of HMAC-SHA256(secret as text, t + "." + body) [7]
std::string signature_header(std::string_view secret, std::string_view old_secret, TimePoint at,
                             std::string_view body);

}  // namespace baton::stripe::simulated
