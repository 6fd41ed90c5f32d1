#include "connectors/slack/probe.h"

#include <algorithm>
#include <array>

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
// What posting, looking and clicking need; channels:join only helps prepare().
constexpr auto kScopes = std::to_array<Scope>({
    {"chat:write", "cards cannot be posted without it"},
    {"channels:read", "Baton cannot see whether it is in the channel"},
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

// The header says what was granted (section 9); without it nothing is known, which is no finding.
void check_scopes(const Reply& reply, const sdk::Settings& settings, sdk::Findings& findings) {
  const auto granted = header(reply.headers, "x-oauth-scopes");
  if (granted.empty()) return;
  for (const auto& [name, purpose] : kScopes) {
    if (lists(granted, name)) findings.emplace_back("the scope " + std::string(name), true);
    else findings.push_back(lacking(name, purpose));
  }
  // The mark is left out without a word where it is not granted.
  if (!trim(settings["control_reaction"]).empty()) {
    constexpr std::string_view kMark = "reactions:write";
    if (lists(granted, kMark)) findings.emplace_back("the scope " + std::string(kMark), true);
    else findings.push_back(lacking(kMark, "threads do not bear the mark of `control_reaction`"));
  }
  const bool reads = lists(granted, "channels:history") || lists(granted, "groups:history");
  if (reads) findings.emplace_back("the scope channels:history or groups:history", true);
  else
    findings.push_back(
        lacking("channels:history", "a lost answer could not be looked up, so cards would wait"));
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
  check_scopes(*self, settings, findings);
  findings.push_back(check_setting(settings));
  if (!findings.back().fine) co_return findings;
  const std::string channel(settings["channel"]);
  const auto seen = co_await session.read(ask_channel(channel));
  if (seen) {
    findings.push_back(check_channel(channel, *seen));
  } else {
    findings.emplace_back("the channel " + channel, false,
                          seen.error().detail + ". A private channel is seen only after /invite @Baton.");
  }
  co_return findings;
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
