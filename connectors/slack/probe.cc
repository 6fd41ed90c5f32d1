#include "connectors/slack/probe.h"

#include <algorithm>
#include <array>

#include "connectors/slack/errors.h"
#include "connectors/slack/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using nlohmann::json;

constexpr std::string_view kApps = "At api.slack.com/apps, Baton's app, ";

struct Scope {
  std::string_view name;
  std::string_view purpose;
};
// What posting and looking need; channels:join only helps prepare().
constexpr auto kScopes = std::to_array<Scope>({
    {"chat:write", "cards cannot be posted without it"},
    {"channels:read", "Baton cannot see whether it is in the channel"},
});

// What the AI's conversations need besides; groups:history and channels:history are those of the places.
constexpr auto kTalkScopes = std::to_array<Scope>({
    {"app_mentions:read", "nobody could ask for a person by mentioning the app"},
    {"im:history", "direct messages could not be read"},
    {"im:write", "customers could not be written to directly"},
    {"users:read", "a customer would have no name"},
    {"users:read.email", "a customer would have no address by which other systems know them"},
});

sdk::Read ask_who_we_are() { return sdk::Read::search("/auth.test", "{}", json_headers()); }
sdk::Read ask_channel(std::string_view channel) {
  return sdk::Read::get("/conversations.info?channel=" + percent_encode(channel));
}

bool lists(std::string_view scopes, std::string_view wanted) {
  const auto all = split(scopes, ',');
  return std::ranges::any_of(all, [&](auto one) { return trim(one) == wanted; });
}

sdk::Finding lacking(std::string_view scope, std::string_view purpose) {
  return sdk::Finding("the scope " + std::string(scope), false,
                      std::string(kApps) + "OAuth & Permissions: add " + std::string(scope) +
                          " to the bot token scopes and install the app again (" + std::string(purpose) +
                          ").");
}

sdk::Finding check_scope(std::string_view granted, const Scope& scope) {
  if (lists(granted, scope.name)) return sdk::Finding("the scope " + std::string(scope.name), true);
  return lacking(scope.name, scope.purpose);
}

// Whether Slack is where the AI talks is not said by a destination; an app that was given a part of what that
// needs, or is set up for it, needs all of it.
bool is_chat_platform(std::string_view granted, const sdk::Settings& settings) {
  const bool given =
      lists(granted, "app_mentions:read") || lists(granted, "im:history") || lists(granted, "im:write");
  return given || !trim(settings["control_reaction"]).empty() || !trim(settings["ask_words"]).empty();
}

// The header says what was granted (section 9); without it nothing is known, which is no finding.
void check_scopes(std::string_view granted, const sdk::Settings& settings, sdk::Findings& findings) {
  if (granted.empty()) return;
  for (const auto& scope : kScopes) findings.push_back(check_scope(granted, scope));
  // The mark is left out without a word where it is not granted.
  constexpr Scope kMark{"reactions:write", "threads do not bear the mark of `control_reaction`"};
  if (!trim(settings["control_reaction"]).empty()) findings.push_back(check_scope(granted, kMark));
  if (!is_chat_platform(granted, settings)) return;
  for (const auto& scope : kTalkScopes) findings.push_back(check_scope(granted, scope));
}

// Each kind of channel has its own; of a channel that cannot be seen any of them may be the right one.
sdk::Finding check_history(std::string_view granted, JsonView channel) {
  constexpr std::string_view kPurpose = "a lost answer could not be looked up, so cards would wait";
  if (channel["is_im"].boolean() == true) return check_scope(granted, {"im:history", kPurpose});
  if (channel["is_private"].boolean() == true) return check_scope(granted, {"groups:history", kPurpose});
  if (channel.object() || !lists(granted, "groups:history"))
    return check_scope(granted, {"channels:history", kPurpose});
  return sdk::Finding("the scope groups:history", true);
}

sdk::Finding check_setting(const sdk::Settings& settings) {
  const std::string channel(settings["channel"]);
  const bool is_id = channel.size() > 1 && std::string_view("CGD").find(channel[0]) != std::string_view::npos;
  if (is_id) return sdk::Finding("the setting channel", true);
  return sdk::Finding(
      "the setting channel", false,
      "Set `channel` to the channel's id (C...), at the end of its details in Slack, and not to its name.");
}

sdk::Finding check_channel(const std::string& channel, const Reply& reply) {
  const auto what = "the channel " + channel;
  const auto body = parse_json(reply.body, FailureKind::retryable, "Slack's answer");
  if (!body) return sdk::Finding(what, false, body.error().detail);
  const auto seen = JsonView(*body)["channel"];
  if (seen["is_archived"].boolean() == true)
    return sdk::Finding(what, false,
                        "The channel is archived: unarchive it, or set `channel` to another one.");
  if (seen["is_member"].boolean() == true || seen["is_im"].boolean() == true) return sdk::Finding(what, true);
  const bool is_private = seen["is_private"].boolean() == true;
  return sdk::Finding(what, false, "In the channel, type /invite @Baton: the app is not a member of it.",
                      !is_private);
}

}  // namespace

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) {
  sdk::Findings findings;
  const auto self = co_await session.read(ask_who_we_are());
  if (!self) {
    findings.emplace_back(
        "the token", false,
        self.error().detail + ". " + std::string(kApps) +
            "OAuth & Permissions: copy the bot token (xoxb-...) and give it to Baton as `token`.");
    co_return findings;
  }
  findings.emplace_back("the token", true);
  const std::string granted(header(self->headers, "x-oauth-scopes"));
  check_scopes(granted, settings, findings);
  findings.push_back(check_setting(settings));
  if (!findings.back().fine) co_return findings;
  const std::string channel(settings["channel"]);
  const auto seen = co_await session.read(ask_channel(channel));
  const auto facts = parse_json(seen ? seen->body : std::string(), FailureKind::retryable, "");
  if (!granted.empty())
    findings.push_back(check_history(granted, facts ? JsonView(*facts)["channel"] : JsonView()));
  if (seen) {
    findings.push_back(check_channel(channel, *seen));
  } else {
    findings.emplace_back("the channel " + channel, false,
                          seen.error().detail + ". A private channel is seen only after /invite @Baton.");
  }
  co_return findings;
}

Task<std::string> find_person(std::string email, sdk::ReadSession& session) {
  const auto reply =
      co_await session.read(sdk::Read::get("/users.lookupByEmail?email=" + percent_encode(email)));
  if (!reply && knows_nobody(reply.error())) co_return std::string();
  if (!reply) co_return reply.error();
  const auto body = parse_json(reply->body, FailureKind::retryable, "Slack's answer about a person");
  if (!body) co_return body.error();
  const auto user = JsonView(*body)["user"];
  const auto id = user["id"].text();
  if (!is_user_id(id))
    co_return Failure(FailureKind::retryable, "Slack's answer about a person names nobody");
  const bool acts = user["deleted"].boolean() != true && user["is_bot"].boolean() != true;
  co_return acts ? id : std::string();
}

Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) {
  const json body = {{"channel", std::string(settings["channel"])}};
  const auto joined =
      co_await session.send(sdk::Write::post("/conversations.join", body.dump(), json_headers()));
  auto findings = co_await probe(settings, session);
  if (!joined && findings && !findings->empty() && !findings->back().fine)
    findings->back().remedy += " Joining it failed: " + joined.error().detail;
  co_return findings;
}

}  // namespace baton::slack
