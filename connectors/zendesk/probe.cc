#include "connectors/zendesk/probe.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "connectors/zendesk/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::zendesk {
namespace {

constexpr auto kClient =
    "Admin Center, Apps and integrations, APIs, OAuth clients: a confidential client with the scope `read "
    "write`; "
    "its identifier is `client_id`, its secret goes into `client_secret` with `baton secret set`";

// What to do, and Zendesk's own words: they tell a wrong secret from a scope that is missing.
sdk::Finding refused(std::string what, const Failure& failure, std::string_view scope) {
  using enum FailureKind;
  const bool no_token = failure.detail.find("token endpoint") != std::string::npos ||
                        failure.detail.find("refresh token") != std::string::npos;
  std::string remedy;
  if (failure.kind == auth_expired || no_token) {
    remedy = std::string(kClient) + ". ";
  } else if (failure.kind == misconfigured) {
    remedy =
        "give the OAuth client the scope " + std::string(scope) + ", and its owner the role of an agent. ";
  }
  return sdk::Finding(std::move(what), false, remedy + "Zendesk answered: " + failure.detail);
}

// Nothing is written by a probe; but Zendesk says with a token what it allows, also where that is less than
// was asked for (section 2.3).
std::optional<sdk::Finding> scope_finding(const std::string& granted) {
  if (granted.empty()) return std::nullopt;
  const auto all = split(granted, ' ');
  const bool writes =
      std::ranges::any_of(all, [](std::string_view one) { return one == "write" || one == "tickets:write"; });
  if (writes) return sdk::Finding("the scope write", true);
  return sdk::Finding("the scope write", false,
                      "the token allows `" + granted +
                          "` only, and no ticket could be made: give the OAuth client the scope `read "
                          "write`, or authorise Baton again with it");
}

sdk::Finding api_token_finding() {
  return sdk::Finding("the API token", false,
                      "Zendesk ends all API tokens on 2027-04-30, and one that is unused for 30 days before: "
                      "make an OAuth client and set `client_id` and `client_secret` instead of `email`");
}

// It answers 200 to strangers too, with a user that has no id (section 9).
sdk::Finding role_finding(JsonView user) {
  const auto role = user["role"].text();
  if (!user["id"].id()) return sdk::Finding("the credential", false, kClient);
  if (role != "agent" && role != "admin") {
    return sdk::Finding("the role of " + user["name"].text("the user"), false,
                        "it is `" + role + "`: let an agent or an admin create the OAuth client");
  }
  return sdk::Finding("the credential, as " + user["name"].text("a user") + " (" + role + ")", true);
}

// Without it Baton takes its own replies for an agent's.
sdk::Finding own_id_finding(const std::string& id, std::string_view set) {
  if (set == id) return sdk::Finding("baton_user_id", true);
  return sdk::Finding(
      "baton_user_id", false,
      "set `baton_user_id: \"" + id + "\"`, so that Baton's own changes are told from an agent's");
}

struct Part {
  const char* what;
  const char* scope;
  sdk::Read read;
};

}  // namespace

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) {
  sdk::Findings findings;
  const auto me = co_await session.read(show_me());
  if (!me) {
    findings.push_back(refused("the credential", me.error(), "read write"));
    co_return findings;
  }
  const auto body = parse_json(me->body, FailureKind::retryable, "Zendesk's user");
  if (!body) co_return body.error();
  const auto user = JsonView(*body)["user"];
  findings.push_back(role_finding(user));
  const auto id = user["id"].id();
  if (!id) co_return findings;
  findings.push_back(own_id_finding(*id, settings["baton_user_id"]));
  if (uses_api_token(settings)) findings.push_back(api_token_finding());
  if (auto scope = scope_finding(session.scope())) findings.push_back(*std::move(scope));
  const std::array<Part, 2> parts = {
      Part{"reading tickets", "tickets:read or read", find_ticket("baton-probe")},
      Part{"reading users", "users:read or read", find_user("baton-probe@example.com")}};
  for (const auto& part : parts) {
    const auto reply = co_await session.read(part.read);
    if (reply) findings.emplace_back(part.what, true);
    if (!reply) findings.push_back(refused(part.what, reply.error(), part.scope));
  }
  co_return findings;
}

}  // namespace baton::zendesk
