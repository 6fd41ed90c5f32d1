#include "connectors/zendesk/simulator.h"

#include <algorithm>
#include <array>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::zendesk {
namespace simulated {
namespace {

constexpr std::string_view kSeed = R"({
  "groups": [{"id": 8447320466430, "name": "Support", "default": true},
             {"id": 8447320466431, "name": "Billing"}, {"id": 8447320466432, "name": "Engineering"}],
  "users": [{"id": 8447388090001, "name": "Dana Agent", "email": "dana@acme.example", "role": "agent"},
            {"id": 8447388090002, "name": "Lee Agent", "email": "lee@acme.example", "role": "agent"}],
  "tickets": []})";

// The client's error name for the ledger: "error" is a string or, in older endpoints, an object [6].
std::string error_name(const Reply& reply) {
  const auto body = json::parse(reply.body, nullptr, false);
  if (body.is_object() && body.contains("error")) {
    const JsonView error(body["error"]);
    return error.object() ? error["title"].text() : error.text();
  }
  return std::to_string(reply.status);
}

}  // namespace

Account::Account(const simulation::Setup& setup)
    : setup_(setup), self_url_(simulation::text_of(setup, "self_url", "https://acme.zendesk.com")),
      all_(simulation::limit_of(setup, "rate_per_minute", 700), 1min),
      updates_(simulation::limit_of(setup, "update_per_minute", 100), 1min),
      index_(simulation::limit_of(setup, "tickets_index_per_minute", 100), 1min) {
  const auto seed = simulation::seed_of(setup, kSeed);
  json owner = {{"name", simulation::text_of(setup, "baton_user", "Baton")},
                {"email", "baton@acme.example"},
                {"role", "admin"}};
  baton_user_ = add_user(std::move(owner), TimePoint{})["id"].get<Id>();
  for (const auto& user : seed.value("users", json::array())) add_user(user, TimePoint{});
  for (const auto& group : seed.value("groups", json::array())) groups_.push_back(group);
  for (const auto& fields : seed.value("tickets", json::array())) {
    (void)make_ticket(fields, simulation::read_iso(fields.value("created_at", "")).value_or(TimePoint{}));
  }
  if (auto token = simulation::text_of(setup, "refresh_token", ""); !token.empty()) {
    consents_.emplace(std::move(token), Consent{simulation::text_of(setup, "consent_scope", "read write"), "",
                                                TimePoint::max()});
  }
  tally_ = {};  // what was there before is nobody's effect
}

Reply Account::handle(const RawRequest& raw) {
  tally_.request();
  std::string path(path_of(raw.target));
  if (path.ends_with(".json")) path.resize(path.size() - 5);  // the same resource [1]
  auto reply = path == "/oauth/tokens" ? create_token(raw) : api(raw, std::move(path));
  if (reply.status >= 400) tally_.refuse(error_name(reply));
  const auto second = std::chrono::floor<std::chrono::seconds>(raw.received_at);
  reply.headers["date"] = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(second));
  return reply;
}

// --- answers

Reply Account::refuse(int status, std::string_view error, std::string_view description, json details) {
  json body = {{"error", error}, {"description", description}};
  if (!details.is_null()) body["details"] = std::move(details);
  return simulation::json_reply(status, body);
}

// Validation that knows the field [6].
Reply Account::invalid_record(std::string_view field, std::string_view error, std::string_view description) {
  json details = json::object();
  details[std::string(field)].push_back({{"error", error}, {"description", description}});
  return refuse(422, "RecordInvalid", "Record validation errors", std::move(details));
}

Reply Account::invalid_attribute(std::string_view attribute, std::string_view should_be) {
  const auto message =
      fmt::format("You passed an invalid value for the {0} attribute. Invalid parameter: {0} must be {1}",
                  attribute, should_be);
  return simulation::json_reply(400, {{"error", {{"title", "Invalid attribute"}, {"message", message}}}});
}

Reply Account::not_found() { return refuse(404, "RecordNotFound", "Not found"); }

// --- authorisation [2]

Reply Account::create_token(const RawRequest& raw) {
  const auto refused = [](int status, std::string_view error, std::string_view why) {
    return simulation::json_reply(status, {{"error", error}, {"error_description", why}});
  };
  if (raw.method != "POST") return refused(405, "invalid_request", "POST only");
  if (!simulation::is_json(raw.headers)) return refused(415, "invalid_request", "the body must be JSON");
  const auto body = json::parse(raw.body, nullptr, false);
  const JsonView view(body);
  const auto grant = view["grant_type"].text();
  if (grant != "client_credentials" && grant != "refresh_token") {
    return refused(400, "unsupported_grant_type", "The authorization grant type is not supported.");
  }
  if (view["client_id"].text() != simulation::text_of(setup_, "client_id", "baton") ||
      view["client_secret"].text() != simulation::text_of(setup_, "client_secret", "zendesk-client-secret")) {
    return refused(401, "invalid_client", "Client authentication failed due to unknown client.");
  }
  auto life = simulation::number_of(setup_, "token_seconds", 1800);
  if (!view["expires_in"].missing() && !view["expires_in"].null()) {
    const auto asked = view["expires_in"].integer().value_or(0);
    if (asked <= 300 || asked >= 172800) return refused(400, "invalid_request", "expires_in is out of range");
    life = static_cast<int>(asked);
  }
  if (grant == "client_credentials")
    return simulation::json_reply(201, issue(view["scope"].text("read write"), life, raw.received_at));
  const auto consent = consents_.find(view["refresh_token"].text());
  if (consent == consents_.end() || consent->second.ends <= raw.received_at)
    return refused(400, "invalid_grant", "The provided access grant is invalid, expired, or revoked");
  return simulation::json_reply(201, renew(consent, life, raw.received_at));
}

json Account::issue(const std::string& scope, int life, TimePoint now) {
  const auto token = fmt::format("zd{:016x}{:016x}", random_.bits(), random_.bits());
  tokens_.insert_or_assign(token, Token{scope, now + std::chrono::seconds(life)});
  tally_.effect("tokens_issued");
  return {{"access_token", token}, {"token_type", "bearer"}, {"scope", scope}, {"expires_in", life}};
}

// A new pair, and both old ones are none any more [2.3].
json Account::renew(Consents::iterator of, int life, TimePoint now) {
  const auto days = simulation::seconds_of(setup_, "refresh_seconds", 2592000);
  tokens_.erase(of->second.access_token);
  auto answer = issue(of->second.scope, life, now);
  Consent next{of->second.scope, answer["access_token"].get<std::string>(), now + days};
  consents_.erase(of);
  const auto token = fmt::format("zdr{:016x}{:016x}", random_.bits(), random_.bits());
  consents_.emplace(token, std::move(next));
  tally_.effect("tokens_renewed");
  answer["refresh_token"] = token;
  answer["refresh_token_expires_in"] = std::chrono::duration_cast<std::chrono::seconds>(days).count();
  return answer;
}

// A scope is "read", "write" or "tickets:write". Search, uploads and groups ask for the whole: whether
// a resource scope opens them is unconfirmed [2.3].
bool Account::may(std::string_view scope, std::string_view method, std::string_view path) const {
  const std::string right = method == "GET" ? "read" : "write";
  const auto resource = path.starts_with("/api/v2/tickets") ? "tickets"
                        : path.starts_with("/api/v2/users") ? "users"
                                                            : "";
  for (const auto granted : split(scope, ' ')) {
    if (granted == right || (*resource != '\0' && granted == resource + (":" + right))) return true;
  }
  return false;
}

std::optional<Reply> Account::authorise(const RawRequest& raw, std::string_view path) {
  const auto given = header(raw.headers, "authorization");
  anonymous_ = given.empty();
  if (anonymous_ && path == "/api/v2/users/me") return std::nullopt;  // the trap of section 9
  if (given.starts_with("Bearer ")) {
    const auto token = tokens_.find(given.substr(7));
    if (token == tokens_.end() || token->second.ends <= raw.received_at) {
      return simulation::json_reply(401, {{"error", "invalid_token"},
                                          {"error_description",
                                           "The access token provided is expired, revoked, "
                                           "malformed or invalid for other reasons."}});
    }
    if (may(token->second.scope, raw.method, path)) return std::nullopt;
    return refuse(403, "Forbidden",
                  "You do not have access to this page: the token's scope does not allow it");
  }
  const auto email = simulation::text_of(setup_, "api_email", ""),
             token = simulation::text_of(setup_, "api_token", "");
  if (!token.empty() && given == "Basic " + to_base64(email + "/token:" + token)) return std::nullopt;
  return simulation::json_reply(401, {{"error", "Couldn't authenticate you"}});
}

// --- limits [5]

std::optional<Reply> Account::over_limit(std::string_view bucket, simulation::Window& window, TimePoint now) {
  const auto wait = window.take(now);
  if (!wait) return std::nullopt;
  auto reply = refuse(429, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded");
  reply.headers["retry-after"] = std::to_string(simulation::whole_seconds(*wait));
  if (!bucket.empty()) {
    reply.headers["zendesk-ratelimit-" + std::string(bucket)] =
        fmt::format("total={}; remaining=0; resets={}", window.limit(), simulation::whole_seconds(*wait));
  }
  return reply;
}

void Account::add_rate_headers(Reply& reply, TimePoint now) {
  if (all_.limit() <= 0) return;
  const auto limit = std::to_string(all_.limit()), left = std::to_string(all_.remaining(now));
  reply.headers["x-rate-limit"] = reply.headers["ratelimit-limit"] = limit;
  reply.headers["x-rate-limit-remaining"] = reply.headers["ratelimit-remaining"] = left;
  reply.headers["ratelimit-reset"] = std::to_string(simulation::whole_seconds(all_.resets_in(now)));
}

// --- one request

Reply Account::api(const RawRequest& raw, std::string path) {
  const auto now = raw.received_at;
  if (auto refused = authorise(raw, path)) return *std::move(refused);
  auto reply = [&]() -> Reply {
    if (auto refused = over_limit("", all_, now)) return *std::move(refused);
    if (simulation::flag_of(setup_, "strict_accept", true) && header(raw.headers, "accept").empty()) {
      return Reply(415, "Unsupported media type: send Accept: application/json",
                   {{"content-type", "text/plain"}});
    }
    Call call(raw, std::move(path));
    return route(call);
  }();
  add_rate_headers(reply, now);
  return reply;
}

Reply Account::route(Call& call) {
  static constexpr auto kRoutes = std::to_array<simulation::Route<Account>>({
      {"POST", "/api/v2/tickets", &Account::create_ticket},
      {"GET", "/api/v2/tickets", &Account::list_tickets},
      {"GET", "/api/v2/tickets/{}", &Account::show_ticket},
      {"PUT", "/api/v2/tickets/{}", &Account::update_ticket},
      {"GET", "/api/v2/tickets/{}/audits", &Account::list_audits},
      {"GET", "/api/v2/tickets/{}/comments", &Account::list_comments},
      {"GET", "/api/v2/tickets/{}/tags", &Account::show_tags},
      {"PUT", "/api/v2/tickets/{}/tags", &Account::change_tags},
      {"POST", "/api/v2/tickets/{}/tags", &Account::change_tags},
      {"DELETE", "/api/v2/tickets/{}/tags", &Account::change_tags},
      {"POST", "/api/v2/users/create_or_update", &Account::create_or_update_user},
      {"GET", "/api/v2/users/search", &Account::search_users},
      {"GET", "/api/v2/users/me", &Account::me},
      {"GET", "/api/v2/users/{}", &Account::show_user},
      {"GET", "/api/v2/users/{}/tickets/requested", &Account::requested_tickets},
      {"GET", "/api/v2/groups", &Account::list_groups},
      {"GET", "/api/v2/groups/assignable", &Account::list_groups},
      {"GET", "/api/v2/ticket_fields", &Account::empty_list},
      {"GET", "/api/v2/custom_statuses", &Account::empty_list},
      {"GET", "/api/v2/search", &Account::search},
      {"POST", "/api/v2/uploads", &Account::upload},
      {"GET", "/api/v2/webhooks/{}/signing_secret", &Account::signing_secret},
  });
  for (const auto& candidate : kRoutes) {
    if (candidate.method != call.raw.method) continue;
    auto args = simulation::match(candidate.pattern, call.path);
    if (!args) continue;
    call.args = *std::move(args);
    if (call.raw.method != "GET" && call.path != "/api/v2/uploads") {
      if (!simulation::is_json(call.raw.headers))
        return refuse(415, "UnsupportedMediaType", "Send application/json");
      call.body = json::parse(call.raw.body, nullptr, false);
      if (!call.body.is_object()) return refuse(400, "InvalidJson", "The request body is not a JSON object");
    }
    return (this->*candidate.handler)(call);
  }
  return refuse(404, "InvalidEndpoint", "Not found");
}

// --- what it holds

json Account::ledger() const {
  json tickets = json::array();
  std::vector<std::string> external_ids, operations;
  for (const auto& [id, ticket] : tickets_) {
    auto entry = ticket.doc;
    entry["comments"] = ticket.comments;
    entry["deleted"] = ticket.deleted;
    tickets.push_back(std::move(entry));
    if (ticket.doc["external_id"].is_string()) external_ids.push_back(ticket.doc["external_id"]);
    // The first audit is the creation itself, told apart by its external id.
    for (std::size_t i = 1; i < ticket.audits.size(); ++i) {
      const auto& audit = ticket.audits[i];
      const auto key = JsonView(audit).at_path("metadata.custom.baton_op_id").text();
      // A status that is set twice is the same status; a comment that is added twice is two.
      const auto is_comment = [](const json& event) { return event["type"] == "Comment"; };
      if (!key.empty() && std::any_of(audit["events"].begin(), audit["events"].end(), is_comment)) {
        operations.push_back(key);
      }
    }
  }
  auto all =
      tally_.json(simulation::count_duplicates(external_ids) + simulation::count_duplicates(operations));
  all["tickets"] = std::move(tickets);
  all["users"] = users_;
  all["uploads"] = json::array();
  for (const auto& [token, upload] : uploads_) {
    all["uploads"].push_back({{"token", token},
                              {"attachments", upload.attachments},
                              {"texts", upload.texts},
                              {"used", upload.used}});
  }
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Account>(setup);
}

}  // namespace baton::zendesk
