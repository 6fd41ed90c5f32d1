// Tokens (fact sheet, section 2): no expires_in is told, so a client learns of the end by INVALID_SESSION_ID.
#include <fmt/format.h>

#include "connectors/salesforce/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::salesforce::simulated {
namespace {

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr long long kLongestAssertion = 180;  // seconds ahead

Reply refuse_grant(std::string_view error, std::string_view why, int status = 400) {
  return simulation::json_reply(status, {{"error", error}, {"error_description", why}});
}

// One part of a JWT; null unless it is base64url of a JSON object.
json part_of(std::string_view encoded) {
  std::string standard(encoded);
  for (auto& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (standard.size() % 4 != 0) standard += '=';
  const auto decoded = from_base64(standard);
  auto value = decoded ? json::parse(*decoded, nullptr, false) : json();
  return value.is_object() ? value : json();
}

}  // namespace

Reply Org::create_token(const RawRequest& raw) {
  if (raw.method != "POST") return refuse_grant("invalid_request", "must use HTTP POST");
  const auto host = header(raw.headers, "host");
  const auto form = simulation::form_fields(raw.body);
  const auto field = [&](std::string_view name) {
    const auto found = form.find(std::string(name));
    return found == form.end() ? std::string() : found->second;
  };
  const auto type = field("grant_type");
  if (type == kJwtBearer) {
    if (auto refused = check_assertion(field("assertion"), raw.received_at)) return *std::move(refused);
    return grant(raw.received_at, json::object());
  }
  if (type == "client_credentials") {
    if (host.starts_with("login.") || host.starts_with("test.")) {
      return refuse_grant("invalid_grant", "request not supported on this domain");
    }
    if (auto refused = check_client(raw, form)) return *std::move(refused);
    if (!simulation::flag_of(setup_, "run_as", true)) {
      return refuse_grant("invalid_grant", "no client credentials user enabled");
    }
    return grant(raw.received_at, json::object());
  }
  if (type == "refresh_token") {
    if (auto refused = check_client(raw, form)) return *std::move(refused);
    if (refresh_token_.empty() || field("refresh_token") != refresh_token_)
      return refuse_grant("invalid_grant", "expired access/refresh token");
    refresh_token_ = fmt::format("5Aep{:016x}", random_.bits());
    return grant(raw.received_at, {{"refresh_token", refresh_token_}});
  }
  return refuse_grant("unsupported_grant_type", "grant type not supported");
}

// A session alone, or the consent with all that was made of it [2.3].
Reply Org::revoke(const RawRequest& raw) {
  if (raw.method != "POST") return refuse_grant("invalid_request", "must use HTTP POST");
  const auto token = simulation::form_fields(raw.body)["token"];
  if (!token.empty() && token == refresh_token_) {
    refresh_token_.clear();
    sessions_.clear();
    return Reply(200);
  }
  if (sessions_.erase(token) > 0) return Reply(200);
  return refuse_grant("invalid_token", "Invalid token: " + std::string(token.substr(0, 6)));
}

// In the form, or as HTTP Basic.
std::optional<Reply> Org::check_client(const RawRequest& raw,
                                       const std::map<std::string, std::string>& form) {
  const auto id = simulation::text_of(setup_, "client_id", "3MVG9Baton");
  const auto secret = simulation::text_of(setup_, "client_secret", "salesforce-client-secret");
  const auto basic = header(raw.headers, "authorization");
  if (basic.starts_with("Basic ")) {
    if (basic == "Basic " + to_base64(id + ":" + secret)) return std::nullopt;
    return refuse_grant("invalid_client", "invalid client credentials");
  }
  const auto given = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  if (given("client_id") != id) return refuse_grant("invalid_client_id", "client identifier invalid");
  if (given("client_secret") != secret) return refuse_grant("invalid_client", "invalid client credentials");
  return std::nullopt;
}

std::optional<Reply> Org::check_assertion(const std::string& assertion, TimePoint now) {
  const auto parts = split(assertion, '.');
  if (parts.size() != 3 || parts[2].empty()) return refuse_grant("invalid_grant", "invalid assertion");
  const auto head = part_of(parts[0]), claims = part_of(parts[1]);
  const JsonView view(claims);
  if (JsonView(head)["alg"].text() != "RS256") return refuse_grant("invalid_grant", "invalid assertion");
  if (view["iss"].text() != simulation::text_of(setup_, "jwt_issuer", "3MVG9Baton")) {
    return refuse_grant("invalid_client_id", "client identifier invalid");
  }
  // A list of one is not taken either [2.2].
  if (view["aud"].text() != simulation::text_of(setup_, "jwt_audience", self_url_)) {
    return refuse_grant("invalid_grant", "audience is invalid");
  }
  if (view["sub"].text() != simulation::text_of(setup_, "jwt_subject", "baton.integration@example.com")) {
    return refuse_grant("invalid_grant", "user hasn't approved this consumer");
  }
  const auto ends = view["exp"].integer().value_or(0),
             second = static_cast<std::int64_t>(simulation::epoch_seconds(now));
  if (ends <= second || ends > second + kLongestAssertion)
    return refuse_grant("invalid_grant", "expired authorization code");
  return std::nullopt;
}

Reply Org::grant(TimePoint now, json more) {
  const auto organization = simulation::text_of(setup_, "organization_id", "00D000000000001EAA");
  const auto token =
      fmt::format("{}!AQ{:016x}{:016x}", organization.substr(0, 15), random_.bits(), random_.bits());
  sessions_.insert_or_assign(token, now + simulation::seconds_of(setup_, "session_seconds", 7200));
  tally_.effect("tokens_issued");
  more["access_token"] = token;
  more["signature"] = to_base64(token.substr(0, 16));
  more["token_format"] = "opaque";
  more["instance_url"] = self_url_;
  more["id"] = "https://login.salesforce.com/id/" + organization + "/005000000000009AAA";
  more["token_type"] = "Bearer";
  more["issued_at"] = std::to_string(now.time_since_epoch().count());
  return simulation::json_reply(200, more);
}

std::optional<Reply> Org::authorise(const RawRequest& raw) {
  const auto given = header(raw.headers, "authorization");
  if (!given.starts_with("Bearer ")) return refuse(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE");
  const auto session = sessions_.find(given.substr(7));
  if (session != sessions_.end() && session->second > raw.received_at) return std::nullopt;
  return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid");
}

// Not below /services/data: its refusal is a word, not JSON [9].
Reply Org::user_info(const RawRequest& raw) {
  if (authorise(raw)) return Reply(403, "Bad_OAuth_Token", {{"content-type", "text/html;charset=UTF-8"}});
  const auto organization = simulation::text_of(setup_, "organization_id", "00D000000000001EAA");
  return simulation::json_reply(200,
                                {{"user_id", "005000000000009AAA"},
                                 {"organization_id", organization},
                                 {"preferred_username", "baton.integration@example.com"},
                                 {"name", simulation::text_of(setup_, "baton_user", "Baton Integration")},
                                 {"active", true}});
}

}  // namespace baton::salesforce::simulated
