#include "connectors/linear/probe.h"

#include <algorithm>

#include "connectors/linear/wire.h"
#include "gateway/base/text.h"

namespace baton::linear {
namespace {

constexpr auto kCredentialRemedy =
    "In Linear, Settings > API: make a new key (api_key), or give client_id and client_secret of an OAuth "
    "application in which client credentials are switched on.";

// What a workspace that was asked tells of itself: its url key, and as whom we act.
struct Self {
  std::string actor;  // "Baton (1b2c...)": what belongs into baton_user_id is read off here
  std::string workspace;
};

Result<Self> read_self(const Reply& reply) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Linear's answer");
  if (!body) return body.error();
  const auto data = JsonView(*body)["data"];
  Self self;
  self.actor = data["viewer"]["name"].text() + " (" + data["viewer"]["id"].text() + ")";
  self.workspace = data["organization"]["urlKey"].text();
  if (data["viewer"]["id"].text().empty())
    return Failure(FailureKind::retryable, "Linear does not say as whom we act");
  return self;
}

bool lists(std::string_view scopes, std::string_view scope) {
  const auto all = split(scopes, ',');
  return std::ranges::any_of(all, [&](auto one) { return trim(one) == scope; });
}

// Linear shows a token's scopes to nobody, so what will be asked for is looked at.
sdk::Finding check_scopes(const sdk::Settings& settings) {
  const auto scopes = settings["scope"];
  const bool all = lists(scopes, "write") || lists(scopes, "admin");
  const bool enough = all || (lists(scopes, "issues:create") && lists(scopes, "comments:create"));
  if (enough) return sdk::Finding("the scopes " + std::string(scopes), true);
  return sdk::Finding("the scopes " + std::string(scopes), false,
                      "Set `scope` to read,write for this destination.");
}

sdk::Finding check_workspace(const sdk::Settings& settings, const Self& self) {
  const auto wanted = settings["workspace"];
  const auto what = "the workspace " + self.workspace;
  if (wanted.empty() || equals_ignoring_case(wanted, self.workspace)) return sdk::Finding(what, true);
  return sdk::Finding(what, false,
                      "The credential belongs to the workspace " + self.workspace + ", not to " +
                          std::string(wanted) +
                          ": use a credential of the right one, or change `workspace`.");
}

struct Team {
  explicit Team(sdk::Finding finding_in, std::string id_in = {})
      : finding(std::move(finding_in)), id(std::move(id_in)) {}

  sdk::Finding finding;
  std::string id;  // empty: there is none to be seen
};

Task<Team> check_team(const sdk::Settings& settings, sdk::ReadSession& session) {
  const std::string key(settings["team"]);
  const auto what = "the team " + key;
  const auto reply = co_await session.read(ask_team(key));
  if (!reply) co_return Team(sdk::Finding(what, false, reply.error().detail));
  const auto ids = read_nodes(*reply, "teams", "id");
  if (!ids) co_return Team(sdk::Finding(what, false, ids.error().detail));
  if (!ids->empty()) co_return Team(sdk::Finding(what, true), ids->front());
  co_return Team(
      sdk::Finding(what, false,
                   "Set `team` to the letters before an issue's number (ENG of ENG-12). A private team must "
                   "be granted to Baton's app on the app's details page."));
}

// Which labels fit is known of a team only.
Task<sdk::Findings> check_labels(const sdk::Settings& settings, std::string team, sdk::ReadSession& session) {
  sdk::Findings findings;
  const auto wanted = label_names(settings);
  if (wanted.empty() || team.empty()) co_return findings;
  const auto reply = co_await session.read(ask_labels(wanted, team));
  const auto known = reply ? read_labels(*reply, wanted, team) : Result<std::vector<Label>>(reply.error());
  for (const auto& name : wanted) {
    const auto what = "the label " + name;
    if (!known) findings.emplace_back(what, false, known.error().detail);
    else if (std::ranges::find(*known, name, &Label::name) != known->end()) findings.emplace_back(what, true);
    else
      findings.emplace_back(what, false,
                            "Make the label in Linear, for this team or the whole workspace, or take it out "
                            "of `labels`. A group of labels is none, and of one group one label fits.");
  }
  co_return findings;
}

}  // namespace

std::vector<std::string> label_names(const sdk::Settings& settings) {
  std::vector<std::string> names;
  for (const auto part : split(settings["labels"], ',')) {
    if (const auto name = trim(part); !name.empty()) names.emplace_back(name);
  }
  return names;
}

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) {
  sdk::Findings findings;
  const auto reply = co_await session.read(ask_who_we_are());
  if (!reply && reply.error().kind != FailureKind::auth_expired &&
      reply.error().kind != FailureKind::misconfigured)
    co_return reply.error();
  const auto self = reply ? read_self(*reply) : Result<Self>(reply.error());
  if (!self) {
    findings.emplace_back("the credential", false,
                          kCredentialRemedy + (" Linear said: " + self.error().detail));
    co_return findings;
  }
  findings.emplace_back("the credential, acting as " + self->actor, true);
  findings.push_back(check_workspace(settings, *self));
  if (!settings["client_id"].empty()) findings.push_back(check_scopes(settings));
  auto team = co_await check_team(settings, session);
  if (!team) co_return team.error();
  findings.push_back(team->finding);
  auto labels = co_await check_labels(settings, team->id, session);
  if (!labels) co_return labels.error();
  findings.insert(findings.end(), labels->begin(), labels->end());
  co_return findings;
}

}  // namespace baton::linear
