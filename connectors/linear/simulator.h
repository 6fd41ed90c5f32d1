// Purpose: a simulated Linear workspace: its GraphQL endpoint, token endpoint and webhooks as its fact sheet
// describes them (sections in brackets below). Private to simulator*.cc; others call linear::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: priorities 0 to 4, complexity in points.
// Errors: {"errors": [{"message", "extensions"}], "data": null}, with HTTP 200 or 400 [6]; limits are 400
// [5].
//
// Setup (all optional):
//   api_key "lin_api_baton"     sent raw; "Bearer" in front of it is refused [2]
//   client_id "baton", client_secret "linear-client-secret", refresh_token "lin_refresh_1"
//   client_credentials on       or off: the grant is not switched on in the app's settings
//   token_seconds 2591999       life of a client credentials token; refreshed ones live 86399
//   scopes "read,write,issues:create,comments:create,admin"    what may be asked for
//   webhook_secret "linear-webhook-secret", webhook_id, organization_id, self_url "https://linear.app/acme"
//   requests_per_hour 2500 (5000 for OAuth), complexity_per_hour 3000000 (2000000), search_per_minute 30;
//   "limits": "off" lifts all   [5]
//   conflict_status 400         or 200: both are reported for an id that is taken [4]
//   needs on                    or off: customer requests are `feature not accessible` [3.7]
//   search_lag 60               seconds until searchIssues knows of an issue (unconfirmed, so it lags)
//   echo off                    Baton's own writes come back as webhooks
//   seed                        JSON: {"teams", "states", "labels", "projects", "issues": [...]}
//
// Deeds, {"issue": id or identifier, "by": "Dana Fixer"}: state {"to": name or type}, solve, cancel, reopen,
// comment {"text"}, assign {"to"}, edit {"title"?, "priority"?}, team {"to": key} (its identifier changes),
// trash, remove; and revoke {} (the grant: event OAuthApp, and no token is good any more).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::linear::simulated {

using nlohmann::json;

// --- GraphQL, as much of it as integrations write: simulator_query.cc

struct Field {
  std::string name;
  std::string alias;
  json args = json::object();  // variables are filled in
  std::vector<Field> fields;
};

struct Query {
  bool mutation = false;
  std::vector<Field> roots;
};

// Nothing if the document cannot be parsed or a variable that it demands is absent; `why` says it.
std::optional<Query> read_query(std::string_view document, const json& variables, std::string& why);
double cost_of(const Field& field);                                 // complexity points [5]
json project(const json& value, const std::vector<Field>& fields);  // what was asked for, in that order
bool matches(const json& entity, const json& filter, TimePoint now);

// --- the workspace

struct Grant {
  std::string scopes;  // comma separated
  bool app = false;    // client credentials: an app actor
  TimePoint ends = TimePoint::max();
};

// Refilled evenly over the hour [5].
class Leak {
 public:
  Leak(double size, Duration span) : size_(size), span_(span), left_(size) {}
  bool take(double points, TimePoint now);
  double size() const { return size_; }
  double left() const { return left_; }
  TimePoint full_at(TimePoint now) const;

 private:
  double size_;
  Duration span_;
  double left_;
  TimePoint filled_{};
};

// What stands in "errors".
struct Error {
  std::string message, code, type, presentable;
  int status = 200;
};

class Workspace final : public simulation::Vendor {
 public:
  explicit Workspace(const simulation::Setup& setup);

  std::string_view name() const override { return "linear"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override { return std::exchange(outbox_, {}); }
  json ledger() const override;

 private:
  struct Root {
    std::string_view name;
    bool mutation;
    std::string_view scope;
    json (Workspace::*handler)(const json& args);
  };

  // simulator.cc
  Reply answer(int status, const json& body);
  Reply refuse(const Error& error);
  Reply give_token(const RawRequest& raw);
  Reply refresh(const std::map<std::string, std::string>& form, TimePoint now);
  Reply token_reply(std::string token, const Grant& grant, std::string_view refresh_token, TimePoint now);
  Reply revoke(const RawRequest& raw);
  Reply graphql(const RawRequest& raw);
  std::optional<Reply> authorise(const RawRequest& raw);
  std::optional<Reply> over_limit(const Query& query);
  Reply run(const Query& query);
  bool granted(std::string_view scope) const;
  std::string text(std::string_view key, std::string_view fallback) const;

  // What a handler refuses: leaves the error behind and answers null.
  json fail(std::string message, std::string code = "INPUT_ERROR", std::string type = "invalid input",
            std::string presentable = {}, int status = 200);
  json not_found(std::string_view what);
  json conflict(std::string_view what, std::string_view id);
  json unknown_member(std::string_view input, std::string_view member);

  // simulator_issues.cc
  json viewer(const json& args);
  json organization(const json& args);
  json rate_limit_status(const json& args);
  json teams(const json& args);
  json workflow_states(const json& args);
  json issue_labels(const json& args);
  json projects(const json& args);
  json issue(const json& args);
  json issues(const json& args);
  json search_issues(const json& args);
  json attachments_for_url(const json& args);
  json comment(const json& args);
  json issue_create(const json& args);
  json issue_update(const json& args);
  json comment_create(const json& args);
  json attachment_create(const json& args);
  json attachment_link_url(const json& args);
  json issue_relation_create(const json& args);
  bool check_input(std::string_view type, const json& input, std::string_view members);
  bool check_issue_fields(const json& input, std::string_view team);
  std::optional<std::string> take_id(std::string_view what, const json& input,
                                     const std::vector<json>& taken);
  void change(json& issue, const json& input);
  json list(const std::vector<json>& all, const json& args);
  json shown(const json& issue) const;
  json* find_issue(std::string_view id, bool trashed_too = false);
  json put_attachment(json& issue, const json& input);

  // simulator_customers.cc
  json customer_upsert(const json& args);
  json customer_need_create(const json& args);
  json webhook_create(const json& args);

  // simulator_events.cc
  simulation::Outbound event(std::string_view type, std::string_view action, json data, json updated_from,
                             const json& actor);
  void echo(std::string_view type, std::string_view action, const json& data, json updated_from = nullptr);
  json person(std::string_view name) const;
  json comment_data(const json& comment, const json& issue) const;

  const simulation::Setup setup_;
  simulation::Tally tally_;
  Leak requests_, points_;
  simulation::Window searches_;
  std::map<std::string, Grant, std::less<>> grants_;
  std::string refresh_token_, previous_refresh_token_;
  json last_refresh_;
  TimePoint refreshed_at_{};
  std::string client_scopes_;
  Grant caller_;
  TimePoint now_{};  // of the request under way
  double cost_ = 0;
  std::optional<Error> refused_;

  std::vector<json> teams_, states_, labels_, projects_;
  std::vector<json> issues_, comments_, attachments_, customers_, needs_, relations_, webhooks_;
  std::vector<simulation::Outbound> outbox_;
  int next_number_ = 482;
  Random random_{0x6c696e};
};

}  // namespace baton::linear::simulated
