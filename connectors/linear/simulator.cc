#include "connectors/linear/simulator.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::linear {
namespace simulated {
namespace {

constexpr std::string_view kSeed = R"({
  "teams": [{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "key": "ENG", "name": "Engineering", "triageEnabled": true},
            {"id": "5d1c7b0e-3f2a-4c68-9b1d-7e6f5a4b3c2d", "key": "WEB", "name": "Web", "triageEnabled": false}],
  "labels": [{"id": "4f0c1b2a-6d5e-4f70-8a9b-0c1d2e3f4a5b", "name": "Bug"},
             {"id": "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d", "name": "from-support"}],
  "projects": [{"id": "7b6a5c4d-3e2f-4a1b-9c8d-7e6f5a4b3c2d", "name": "Checkout", "url": "https://linear.app/acme/project/checkout"}],
  "issues": []})";

constexpr auto kTypes =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"Triage", "triage"},
                                                                  {"Backlog", "backlog"},
                                                                  {"Todo", "unstarted"},
                                                                  {"In Progress", "started"},
                                                                  {"Done", "completed"},
                                                                  {"Canceled", "canceled"},
                                                                  {"Duplicate", "duplicate"}});

constexpr std::string_view kScopes = "read,write,issues:create,comments:create,admin";
constexpr double kMostPoints = 10'000;  // of one query [5]

std::string millis(TimePoint at) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count());
}

// A scope string is separated by commas or blanks, and always holds "read" [2].
std::string sorted_scopes(std::string scopes) {
  std::replace(scopes.begin(), scopes.end(), ' ', ',');
  std::vector<std::string> all{"read"};
  for (const auto part : split(scopes, ','))
    if (!part.empty() && part != "read") all.emplace_back(part);
  std::sort(all.begin() + 1, all.end());
  return join(all, ",");
}

Reply oauth_error(int status, std::string_view error, std::string_view why) {
  return simulation::json_reply(status, {{"error", error}, {"error_description", why}});
}

}  // namespace

bool Leak::take(double points, TimePoint now) {
  if (size_ <= 0) return true;
  const auto since = std::chrono::duration<double>(now - filled_) / std::chrono::duration<double>(span_);
  left_ = std::min(size_, left_ + size_ * std::max(0.0, since));
  filled_ = now;
  if (left_ < points) return false;
  left_ -= points;
  return true;
}

TimePoint Leak::full_at(TimePoint now) const {
  if (size_ <= 0) return now;
  return now + std::chrono::duration_cast<Duration>(span_ * ((size_ - left_) / size_));
}

Workspace::Workspace(const simulation::Setup& setup)
    : setup_(setup), requests_(simulation::limit_of(setup, "requests_per_hour", 2500), 1h),
      points_(simulation::limit_of(setup, "complexity_per_hour", 3'000'000), 1h),
      searches_(simulation::limit_of(setup, "search_per_minute", 30), 1min),
      refresh_token_(simulation::text_of(setup, "refresh_token", "lin_refresh_1")) {
  grants_[text("api_key", "lin_api_baton")].scopes = text("scopes", kScopes);
  const auto seed = simulation::seed_of(setup, kSeed);
  for (auto team : seed.value("teams", json::array())) {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
      states_.push_back({{"id", simulation::make_uuid(random_)},
                         {"name", kTypes[i].first},
                         {"type", kTypes[i].second},
                         {"position", i},
                         {"team", {{"id", team["id"]}, {"key", team["key"]}}}});
    }
    const bool triage = team.value("triageEnabled", false);
    const auto& own = states_[states_.size() - kTypes.size()];
    team["triageIssueState"] = triage ? own : json();
    team["defaultIssueState"] = states_[states_.size() - kTypes.size() + 1];
    teams_.push_back(std::move(team));
  }
  for (auto label : seed.value("labels", json::array())) {
    label.emplace("isGroup", false);
    label.emplace("team", nullptr);
    labels_.push_back(std::move(label));
  }
  for (const auto& project : seed.value("projects", json::array())) projects_.push_back(project);
  caller_.scopes = text("scopes", kScopes);
  for (const auto& input : seed.value("issues", json::array())) (void)issue_create({{"input", input}});
  tally_ = {};  // what was there before is nobody's effect
  outbox_.clear();
}

std::string Workspace::text(std::string_view key, std::string_view fallback) const {
  return simulation::text_of(setup_, key, fallback);
}

Reply Workspace::handle(const RawRequest& raw) {
  tally_.request();
  now_ = raw.received_at;
  const auto path = path_of(raw.target);
  if (path == "/oauth/token") return give_token(raw);
  if (path == "/oauth/revoke") return revoke(raw);
  if (path == "/graphql") return graphql(raw);
  tally_.refuse("not_found");
  return Reply(404, "Not Found", {{"content-type", "text/plain"}});
}

// --- answers

Reply Workspace::answer(int status, const json& body) {
  auto reply = simulation::json_reply(status, body);
  const auto reset = millis(requests_.full_at(now_));
  reply.headers["x-complexity"] = fmt::format("{:.0f}", cost_);
  if (requests_.size() > 0) {
    reply.headers["x-ratelimit-requests-limit"] = fmt::format("{:.0f}", requests_.size());
    reply.headers["x-ratelimit-requests-remaining"] = fmt::format("{:.0f}", std::floor(requests_.left()));
    reply.headers["x-ratelimit-requests-reset"] = reset;
  }
  if (points_.size() > 0) {
    reply.headers["x-ratelimit-complexity-limit"] = fmt::format("{:.0f}", points_.size());
    reply.headers["x-ratelimit-complexity-remaining"] = fmt::format("{:.0f}", std::floor(points_.left()));
    reply.headers["x-ratelimit-complexity-reset"] = millis(points_.full_at(now_));
  }
  return reply;
}

Reply Workspace::refuse(const Error& error) {
  tally_.refuse(error.code);
  json extensions = {{"code", error.code},
                     {"type", error.type},
                     {"statusCode", error.code == "RATELIMITED" ? 429
                                    : error.status == 200       ? 400
                                                                : error.status},
                     {"userError", true}};
  if (!error.presentable.empty()) extensions["userPresentableMessage"] = error.presentable;
  json body = {{"errors", {{{"message", error.message}, {"extensions", std::move(extensions)}}}},
               {"data", nullptr}};
  return answer(error.status, body);
}

json Workspace::fail(std::string message, std::string code, std::string type, std::string presentable,
                     int status) {
  if (!refused_) {
    refused_.emplace();
    refused_->message = std::move(message);
    refused_->code = std::move(code);
    refused_->type = std::move(type);
    refused_->presentable = std::move(presentable);
    refused_->status = status;
  }
  return nullptr;
}

json Workspace::not_found(std::string_view what) {
  return fail(fmt::format("Entity not found: {}", what), "INPUT_ERROR", "invalid input",
              fmt::format("Could not find referenced {}.", what));
}

// The same id again: not the old entity, but a refusal, with either status [4].
json Workspace::conflict(std::string_view what, std::string_view id) {
  return fail(fmt::format("conflict on insert of {}", what), "INPUT_ERROR", "invalid input",
              fmt::format("Entity {} with id {} already exists.", what, id),
              simulation::number_of(setup_, "conflict_status", 400));
}

json Workspace::unknown_member(std::string_view input, std::string_view member) {
  return fail(
      fmt::format("Variable \"$input\" got invalid value; Field \"{}\" is not defined by type \"{}\".",
                  member, input),
      "GRAPHQL_VALIDATION_FAILED", "graphql error", {}, 400);
}

// --- authorisation [2]

Reply Workspace::token_reply(std::string token, const Grant& grant, std::string_view refresh_token,
                             TimePoint now) {
  auto scopes = grant.scopes;
  std::replace(scopes.begin(), scopes.end(), ',', ' ');
  json body = {{"access_token", token},
               {"token_type", "Bearer"},
               {"expires_in", std::chrono::duration_cast<std::chrono::seconds>(grant.ends - now).count()},
               {"scope", scopes}};
  if (!refresh_token.empty()) body["refresh_token"] = refresh_token;
  grants_[std::move(token)] = grant;
  tally_.effect("tokens_issued");
  return simulation::json_reply(200, body);
}

Reply Workspace::give_token(const RawRequest& raw) {
  if (!header(raw.headers, "content-type").starts_with("application/x-www-form-urlencoded"))
    return oauth_error(400, "invalid_request", "the body must be a form");
  const auto form = simulation::form_fields(raw.body);
  const auto field = [&](const std::string& name) {
    return form.contains(name) ? form.at(name) : std::string();
  };
  const auto id = text("client_id", "baton"), secret = text("client_secret", "linear-client-secret");
  const bool by_header = header(raw.headers, "authorization") == "Basic " + to_base64(id + ":" + secret);
  const bool by_fields = field("client_id") == id && field("client_secret") == secret;
  if (!by_header && !by_fields) return oauth_error(401, "invalid_client", "Invalid client credentials");
  if (field("grant_type") == "refresh_token") return refresh(form, raw.received_at);
  if (field("grant_type") != "client_credentials" || !simulation::flag_of(setup_, "client_credentials", true))
    return oauth_error(400, "Error",
                       fmt::format("Client does not support the {} grant type", field("grant_type")));
  const auto scopes = sorted_scopes(field("scope"));
  const auto known = text("scopes", kScopes);
  for (const auto scope : split(scopes, ',')) {
    const auto all = split(known, ',');
    if (std::find(all.begin(), all.end(), scope) == all.end())
      return oauth_error(400, "invalid_scope", fmt::format("Invalid scope: {}", scope));
  }
  // Other scopes than the last time: every token of the app is dead.
  if (scopes != client_scopes_) std::erase_if(grants_, [](const auto& one) { return one.second.app; });
  client_scopes_ = scopes;
  Grant grant;
  grant.scopes = scopes;
  grant.app = true;
  grant.ends = raw.received_at + simulation::seconds_of(setup_, "token_seconds", 2591999);
  return token_reply(fmt::format("lin_oauth_{:016x}", random_.bits()), grant, "", raw.received_at);
}

// The token before may be shown again for half an hour, and gets the same pair.
Reply Workspace::refresh(const std::map<std::string, std::string>& form, TimePoint now) {
  const auto shown = form.contains("refresh_token") ? form.at("refresh_token") : std::string();
  if (!shown.empty() && shown == previous_refresh_token_ && now <= refreshed_at_ + 30min)
    return simulation::json_reply(200, last_refresh_);
  if (shown.empty() || shown != refresh_token_)
    return oauth_error(400, "invalid_grant", "The refresh token is invalid");
  previous_refresh_token_ = std::exchange(refresh_token_, fmt::format("lin_refresh_{:016x}", random_.bits()));
  refreshed_at_ = now;
  Grant grant;
  grant.scopes = "read,write";
  grant.ends = now + 86399s;
  auto reply = token_reply(fmt::format("lin_oauth_{:016x}", random_.bits()), grant, refresh_token_, now);
  last_refresh_ = json::parse(reply.body);
  return reply;
}

Reply Workspace::revoke(const RawRequest& raw) {
  auto form = simulation::form_fields(raw.body);
  return simulation::json_reply(grants_.erase(form["token"]) > 0 ? 200 : 400, json::object());
}

bool Workspace::granted(std::string_view scope) const {
  const auto all = split(caller_.scopes, ',');
  const auto has = [&](std::string_view one) { return std::find(all.begin(), all.end(), one) != all.end(); };
  return has(scope) || (scope != "admin" && has("write")) || (scope != "admin" && has("admin"));
}

std::optional<Reply> Workspace::authorise(const RawRequest& raw) {
  auto given = header(raw.headers, "authorization");
  const bool bearer = given.starts_with("Bearer ");
  if (bearer) given.remove_prefix(7);
  const auto grant = grants_.find(given);
  // A personal key with "Bearer" in front of it fails, and so does a token without [10].
  const bool is_key = given == text("api_key", "lin_api_baton");
  if (grant == grants_.end() || bearer == is_key || grant->second.ends <= now_) {
    Error error;
    error.message = "Authentication required, not authenticated";
    error.code = "AUTHENTICATION_ERROR";
    error.type = "authentication error";
    error.status = 401;
    return refuse(error);
  }
  caller_ = grant->second;
  return std::nullopt;
}

// --- limits [5]

std::optional<Reply> Workspace::over_limit(const Query& query) {
  cost_ = 0;
  bool search = false;
  for (const auto& root : query.roots) {
    cost_ += cost_of(root);
    search |= root.name == "searchIssues";
  }
  cost_ = std::ceil(cost_);
  Error error;
  error.status = 400;
  if (cost_ > kMostPoints) {
    error.message = "Query too complex";
    error.code = "INPUT_ERROR";
    error.type = "invalid input";
    return refuse(error);
  }
  const auto waits = search ? searches_.take(now_) : std::nullopt;
  if (!waits && requests_.take(1, now_) && points_.take(cost_, now_)) return std::nullopt;
  error.message = "Rate limit exceeded";
  error.code = "RATELIMITED";
  error.type = "ratelimited";
  auto reply = refuse(error);
  if (waits) {
    reply.headers["x-ratelimit-endpoint-name"] = "searchIssues";
    reply.headers["x-ratelimit-endpoint-requests-limit"] = std::to_string(searches_.limit());
    reply.headers["x-ratelimit-endpoint-requests-remaining"] = "0";
    reply.headers["x-ratelimit-endpoint-requests-reset"] = millis(now_ + *waits);
  }
  return reply;
}

// --- one request

Reply Workspace::graphql(const RawRequest& raw) {
  cost_ = 0;
  refused_.reset();
  if (auto refused = authorise(raw)) return *std::move(refused);
  const auto invalid = [&](std::string message, std::string code) {
    Error error;
    error.message = std::move(message);
    error.code = std::move(code);
    error.type = "graphql error";
    error.status = 400;
    return refuse(error);
  };
  if (raw.method != "POST" || !simulation::is_json(raw.headers))
    return invalid("This operation has been blocked: POST application/json", "BAD_REQUEST");
  const auto body = json::parse(raw.body, nullptr, false);
  const JsonView view(body);
  if (!view["query"].string()) return invalid("POST body missing a query", "BAD_REQUEST");
  const json variables = view["variables"].object() ? *view["variables"].raw() : json::object();
  std::string why;
  const auto query = read_query(view["query"].text(), variables, why);
  if (!query) return invalid(why, why.starts_with("Syntax") ? "GRAPHQL_PARSE_FAILED" : "BAD_USER_INPUT");
  if (auto refused = over_limit(*query)) return *std::move(refused);
  return run(*query);
}

Reply Workspace::run(const Query& query) {
  static constexpr auto kRoots = std::to_array<Root>({
      {"viewer", false, "read", &Workspace::viewer},
      {"organization", false, "read", &Workspace::organization},
      {"rateLimitStatus", false, "read", &Workspace::rate_limit_status},
      {"teams", false, "read", &Workspace::teams},
      {"workflowStates", false, "read", &Workspace::workflow_states},
      {"issueLabels", false, "read", &Workspace::issue_labels},
      {"projects", false, "read", &Workspace::projects},
      {"issue", false, "read", &Workspace::issue},
      {"issues", false, "read", &Workspace::issues},
      {"searchIssues", false, "read", &Workspace::search_issues},
      {"attachmentsForURL", false, "read", &Workspace::attachments_for_url},
      {"comment", false, "read", &Workspace::comment},
      {"issueCreate", true, "issues:create", &Workspace::issue_create},
      {"issueUpdate", true, "write", &Workspace::issue_update},
      {"commentCreate", true, "comments:create", &Workspace::comment_create},
      {"attachmentCreate", true, "issues:create", &Workspace::attachment_create},
      {"attachmentLinkURL", true, "issues:create", &Workspace::attachment_link_url},
      {"issueRelationCreate", true, "write", &Workspace::issue_relation_create},
      {"customerUpsert", true, "write", &Workspace::customer_upsert},
      {"customerNeedCreate", true, "write", &Workspace::customer_need_create},
      {"webhookCreate", true, "admin", &Workspace::webhook_create},
  });
  json data = json::object();
  for (const auto& root : query.roots) {
    const auto* const found = std::find_if(kRoots.begin(), kRoots.end(), [&](const Root& one) {
      return one.name == root.name && one.mutation == query.mutation;
    });
    if (found == kRoots.end()) {
      (void)fail(fmt::format("Cannot query field \"{}\" on type \"{}\".", root.name,
                             query.mutation ? "Mutation" : "Query"),
                 "GRAPHQL_VALIDATION_FAILED", "graphql error", {}, 400);
    } else if (!granted(found->scope)) {
      (void)fail(fmt::format("Invalid scope: `{}` required", found->scope), "FORBIDDEN", "forbidden", {},
                 403);
    } else {
      data[root.alias] = project((this->*found->handler)(root.args), root.fields);
    }
    if (refused_) return refuse(*refused_);
  }
  return answer(200, {{"data", std::move(data)}});
}

// --- what it holds

json Workspace::ledger() const {
  std::vector<std::string> keys;
  for (const auto& issue : issues_) {
    // Two open issues of one team for one defect: the fingerprint stands in the description [4].
    const auto description = JsonView(issue)["description"].text();
    const auto at = description.find("baton-fp:");
    const auto type = JsonView(issue).at_path("state.type").text();
    if (at == std::string::npos || issue["trashed"] == true || type == "completed" || type == "canceled")
      continue;
    const auto end = description.find_first_not_of("0123456789abcdef", at + 9);
    keys.push_back("issue" + JsonView(issue).at_path("team.id").text() + description.substr(at, end - at));
  }
  for (const auto& comment : comments_)
    keys.push_back("comment" + JsonView(comment)["issueId"].text() + JsonView(comment)["body"].text());
  for (const auto& need : needs_)
    keys.push_back("need" + JsonView(need).at_path("issue.id").text() +
                   JsonView(need).at_path("customer.id").text());
  auto all = tally_.json(simulation::count_duplicates(keys));
  all["issues"] = json::array();
  for (const auto& issue : issues_) all["issues"].push_back(shown(issue));
  all["comments"] = comments_;
  all["attachments"] = attachments_;
  all["customers"] = customers_;
  all["needs"] = needs_;
  all["relations"] = relations_;
  all["webhooks"] = webhooks_;
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Workspace>(setup);
}

}  // namespace baton::linear
