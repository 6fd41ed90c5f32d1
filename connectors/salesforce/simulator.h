// Purpose: the simulated Salesforce org: REST API v67.0 as its fact sheet describes it (sections in brackets
// below). Private to simulator*.cc; everybody else calls salesforce::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: times are the org's, ids have 18 characters.
// Errors: answered in Salesforce's own bodies, a list of {errorCode, message, fields} (section 6).
//
// Setup (all optional):
//   client_id "3MVG9Baton", client_secret "salesforce-client-secret"   client credentials, body or Basic
//   [2.1] run_as "on"                 off: the flow has no user jwt_issuer "3MVG9Baton", jwt_subject
//   "baton.integration@example.com", jwt_audience = self_url   JWT bearer:
//                               header and claims are checked, the signature must be there [2.2]
//   refresh_token "salesforce-refresh-1"    rotated with every use; the one before is refused [2.3]
//   session_seconds 7200        life of a session; a use does not prolong it (it may at the vendor: harder)
//   self_url "https://example.my.salesforce.com"      the instance_url
//   organization_id "00D000000000001EAA", baton_user "Baton Integration"
//   daily_limit 100000          requests in any 24 h; "limits": "off" lifts it [5]
//   external_id "unique"        the field Baton_Handoff_Id__c: unique, plain (external id, not unique), none
//   [4] upsert_status ""            "204": an update by upsert answers as old versions did [3.4]
//   restricted_picklists on     unknown values are refused; of Case.Origin "Chat" is one, until added [3.4]
//   origins ""                  more values of Case.Origin, with commas
//   hidden ""                   objects and fields the user may not see, "Contract,Account.Tier__c"
//   read_only ""                objects the user may not create or edit
//   required ""                 fields that the org made required, "Case.Reason"
//   may_view_setup on           GET limits needs a permission [5]
//   duplicate_rule off          on: one that warns, so cases are refused without allowSave=true [4]
//   assignment_rule on          moves the owner on every write without Sforce-Auto-Assign: FALSE [3.4]
//   webhook_token "baton-inbound-token-0001-of-the-flow"    of the flow's callout [7.1]
//   ways "flow"                 how the org tells of a case: flow, outbound (messages of a workflow), both
//   [7.2] url_token ""                what stands behind ?token= in the address of outbound messages echo off
//   Baton's own writes run the flow too seed                        JSON: {"Account": [{"Id"?, "Name", ...}],
//   "Contact": [...], "Case": [...],
//   ...}
//
// Deeds on a case, {"case": id, "by": name or e-mail of a user, "text", "public", "to"}:
//   close ("solve" is the same), reopen, comment, claim, queue, status {"status"}, rename {"subject"},
//   delete, merge {"into"} (it is in the bin, and names the case that remains)
// Deeds on who may see a case, {"case": id}:
//   hide, show                  out of the sight of Baton's user, as by private sharing; and back
//   protect, unprotect          read-only for Baton's user: by sharing, or locked by an approval
// Deeds on the org:
//   expire_sessions {}          every token is INVALID_SESSION_ID from now on
//   lock {"times": 1}           writes are UNABLE_TO_LOCK_ROW
//   race {}                     the next upsert that would create finds that another one was faster [4]
//   use_up {"share": 1.0}       so much of the day's requests is gone
//   hold {}                     outbound messages wait from now on [7.2]
//   send {}                     what waits leaves, latest first, up to 100 notifications in a message
//   repeat {}                   the message that was sent last once more: our answer to it was lost
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/salesforce/simulator_schema.h"
#include "connectors/salesforce/simulator_soql.h"
#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::salesforce::simulated {

using nlohmann::json;
using simulation::Call;

struct Row {
  json fields;
  bool deleted = false;
  bool out_of_sight = false;  // shared with others, not with Baton's user
  bool read_only = false;     // for Baton's user
};

// Everything that a composite with allOrNone takes back.
struct Data {
  std::map<std::string, std::vector<Row>, std::less<>> tables;
  std::map<std::string, int, std::less<>> last_id;  // by key prefix
  int last_case = 1025;
};

class Org final : public simulation::Vendor {
 public:
  explicit Org(const simulation::Setup& setup);

  std::string_view name() const override { return "salesforce"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override { return std::exchange(outbox_, {}); }
  json ledger() const override;

 private:
  // simulator.cc: routing, limits
  Reply answer(const RawRequest& raw);
  Reply route(const RawRequest& raw, std::string path);
  bool has_requests_left(TimePoint now);
  void add_limit_info(Reply& reply, TimePoint now);
  int requests_used(TimePoint now);
  Reply versions() const;
  Reply limits(const Call& call);

  // simulator_login.cc
  Reply create_token(const RawRequest& raw);
  Reply revoke(const RawRequest& raw);
  std::optional<Reply> check_client(const RawRequest& raw, const std::map<std::string, std::string>& form);
  std::optional<Reply> check_assertion(const std::string& assertion, TimePoint now);
  Reply grant(TimePoint now, json more);
  std::optional<Reply> authorise(const RawRequest& raw);
  Reply user_info(const RawRequest& raw);

  // simulator_schema.cc: what this user sees of the objects
  const Object* visible(std::string_view object) const;
  const FieldRule* field(const Object& object, std::string_view name) const;
  bool is_hidden(std::string_view what) const;
  bool is_external_id(const FieldRule& rule) const;
  bool is_unique(const FieldRule& rule) const;
  std::vector<std::string> values_of(const FieldRule& rule) const;
  Reply describe(const Call& call);
  json describe_field(const Object* object, const FieldRule& rule) const;

  // simulator_records.cc
  Reply create(const Call& call);
  Reply update(const Call& call);
  Reply show(const Call& call);
  Reply show_by_external_id(const Call& call);
  Reply upsert(const Call& call);
  Reply upsert_one(const Call& call, Row& row);
  Reply feed_element(const Call& call);
  bool is_required(const Object& object, const FieldRule& rule) const;
  bool is_protected(const Object& object, const json& body) const;
  std::optional<Reply> check_write(const Object& object, const json& body, bool creating);
  std::optional<Reply> check_value(const FieldRule& rule, const json& value);
  std::optional<Reply> check_unique(const Object& object, const json& body, const Row* self);
  std::optional<Reply> locked();
  Row& make(const Object& object, const json& body, TimePoint now);
  void change(const Object& object, Row& row, const json& body, TimePoint now);
  void assign(const Call& call, const Object& object, Row& row, bool creating);
  json shown(const Object& object, const Row& row, std::string_view fields, std::string& unknown) const;
  Row* find_row(std::string_view object, std::string_view id);
  const Row* find_row(std::string_view object, std::string_view id) const;
  const Row* find_anywhere(std::string_view id) const;
  std::string next_id(std::string_view prefix);

  // simulator_query.cc
  Reply query(const Call& call);
  Reply query_all(const Call& call);  // with what is in the bin
  Reply run_query(const Call& call, bool with_deleted);
  bool is_seen(const Object& object, const Row& row, bool with_deleted) const;
  std::vector<std::string> ids_of(const Query& query) const;
  Reply more(const Call& call);
  Reply page(std::size_t cursor, std::size_t start, std::size_t size);
  std::optional<Reply> check_query(const Query& query) const;
  std::optional<Reply> check_condition(const Object& object, const Condition& condition) const;
  const FieldRule* resolve(const Object& object, std::string_view path, std::string& why) const;
  json value_at(const Object& object, const Row& row, std::string_view path) const;
  bool holds(const Object& object, const Row& row, const Condition& condition) const;
  json projected(const Object& object, const Row& row, const Query& query) const;
  json attributes(const Object& object, const json& fields) const;

  // simulator_composite.cc
  Reply composite(const Call& call);
  json run_part(const json& part, const json& done, const Call& call);

  // simulator_events.cc
  Result<std::vector<simulation::Outbound>> act_on_case(const simulation::Deed& deed, Row& row,
                                                        TimePoint now);
  std::vector<simulation::Outbound> tell(const json& before, const json& after, TimePoint now);
  std::vector<simulation::Outbound> run_flow(const json& before, const json& after, TimePoint now);
  static bool act_on_sharing(const std::string& what, Row& row);
  std::optional<std::vector<simulation::Outbound>> act_on_org(const simulation::Deed& deed, TimePoint now);

  // simulator_outbound.cc
  void notify_of(const json& fields);
  std::vector<simulation::Outbound> send_messages();
  std::vector<simulation::Outbound> repeat_message();
  const json* find_user(std::string_view who) const;

  const simulation::Setup setup_;
  const std::string self_url_;
  Random random_{0x73666f};
  simulation::Tally tally_;
  std::map<std::string, TimePoint, std::less<>> sessions_;  // token, end
  std::string refresh_token_;
  simulation::Window day_;
  Data data_;
  std::vector<std::vector<json>> cursors_;
  std::vector<simulation::Outbound> outbox_;
  std::string version_;                     // of the request under way
  std::vector<std::string> notifications_;  // as XML, not sent yet
  std::string last_message_;
  bool holds_ = false;
  int locks_ = 0;
  bool race_ = false;
};

// --- small things that several files need

Reply refuse(int status, std::string_view code, std::string_view message,
             std::vector<std::string> fields = {});
Reply not_found();
std::string stamp(TimePoint at);                 // 2026-09-21T13:33:20.000+0000 [3.2]
std::string with_checksum(std::string_view id);  // 15 characters -> 18
bool looks_like_id(std::string_view id);
bool same_id(std::string_view a, std::string_view b);
bool is_closed(std::string_view status);
bool is_listed(std::string_view list, std::string_view name);  // in "a,b,c"
inline std::string text_at(const json& object, std::string_view key) { return JsonView(object)[key].text(); }

}  // namespace baton::salesforce::simulated
