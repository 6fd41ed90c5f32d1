#include "gateway/app/views.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "gateway/app/health_view.h"
#include "gateway/base/date.h"
#include "gateway/delivery/probe.h"
#include "gateway/handoff/context.h"
#include "gateway/handoff/permission.h"
#include "gateway/handoff/queue_json.h"
#include "gateway/ingress/schemas/event_schemas.h"

namespace baton::app {
namespace {

using nlohmann::json;

json destination_view(const Shown& shown, const DestinationId& id) {
  const auto account = shown.accounts->find(id);
  auto* lane = shown.delivery->control(id);
  if (account == shown.accounts->end() || !lane) return nullptr;
  const auto now = shown.clock->now();
  const auto& figures = lane->figures();
  json view = {{"connector", account->second->connector->manifest().name},
               {"base_url", account->second->base_url},
               {"breaker", delivery::name(lane->breaker().state())},
               {"paused", lane->paused(now)},
               {"tokens", lane->tokens(now)},
               {"requests", figures.requests},
               {"attempts", figures.attempts},
               {"succeeded", figures.succeeded}};
  const auto& unknown = shown.ingress->figures().signals_unknown;
  if (const auto count = unknown.find(id.text); count != unknown.end())
    view["signals_unknown"] = count->second.load();
  const auto& withheld = shown.ingress->figures().withheld;
  if (const auto told = withheld.find(id.text); told != withheld.end() && told->second.times > 0)
    view["withheld"] = {{"times", told->second.times.load()}, {"last", to_rfc3339(told->second.last.load())}};
  if (lane->paused(now)) {
    view["pause"] = {{"by", lane->asked()->by},
                     {"reason", lane->asked()->reason},
                     {"since", to_rfc3339(lane->asked()->since)}};
    if (lane->asked()->until) view["pause"]["until"] = to_rfc3339(*lane->asked()->until);
  }
  if (figures.last_success) view["last_success"] = to_rfc3339(*figures.last_success);
  if (figures.last_failure) {
    view["last_failure"] = {{"at", to_rfc3339(*figures.last_failure)},
                            {"detail", figures.last_failure_detail}};
  }
  return view;
}

json rules_view(const Shown& shown) {
  auto list = json::array();
  for (const auto& rule : *shown.rules) {
    auto when = json::array();
    for (const auto& condition : rule.when) when.push_back(condition.text());
    auto to = json::array();
    for (const auto& destination : handoff::destinations(rule.to)) to.push_back(destination.text);
    list.push_back({{"name", rule.name},
                    {"when", std::move(when)},
                    {"to", std::move(to)},
                    {"hits", shown.ingress->figures().hits.at(rule.name).load()}});
  }
  return {{"routes", std::move(list)}};
}

Task<json> health_view(const Shown& shown) {
  const auto picture = co_await take_picture(shown);
  if (!picture) co_return picture.error();
  co_return health::to_json(*picture);
}

json teams_view(const Shown& shown) {
  const auto now = shown.clock->now();
  const auto desks = shown.board->desks(now);
  auto list = json::array();
  for (const auto& [name, team] : *shown.teams) list.push_back(handoff::to_json(team, desks, now));
  return {{"teams", std::move(list)}};
}

bool is_member(const handoff::Teams& teams, std::string_view id) {
  return std::ranges::any_of(teams, [&](const auto& team) { return team.second.member(id) != nullptr; });
}

Task<json> test_destination(const Shown& shown, DestinationId id, bool apply) {
  const auto account = shown.accounts->find(id);
  if (account == shown.accounts->end()) co_return Failure(FailureKind::rejected, "no such destination");
  const auto found = co_await delivery::probe(*account->second, *shown.client, *shown.clock,
                                              apply ? delivery::Apply::yes : delivery::Apply::no);
  if (!found) co_return found.error();
  co_return to_json(*found);
}

// The vendor knows Baton by what a person made there; as long as that is good there may be another token.
json left_to_do(const sdk::Account& account) {
  const auto& manifest = account.connector->manifest();
  auto list = json::array();
  list.push_back(
      fmt::format("At {}, revoke what Baton was given there: the place is in connectors/{}/README.md, "
                  "Set-up at the vendor",
                  manifest.title, manifest.name));
  std::set<std::string> stored;
  for (const auto& [field, kept_as] : account.stored_as) stored.insert(kept_as);
  for (const auto& kept_as : stored) list.push_back("If nothing else uses it: baton secret rm " + kept_as);
  list.push_back("Take " + account.id.text + " out of the configuration, and out of its routes");
  return list;
}

Task<json> revoke_access(const Shown& shown, DestinationId id) {
  const auto account = shown.accounts->find(id);
  if (account == shown.accounts->end()) co_return Failure(FailureKind::rejected, "no such destination");
  auto to_do = left_to_do(*account->second);
  const auto what = co_await shown.delivery->withdraw(id);
  if (!what) co_return what.error();
  json answer;
  answer["access"] = delivery::name(*what);
  answer["to_do"] = std::move(to_do);
  co_return answer;
}

}  // namespace

json to_json(const sdk::Findings& findings) {
  auto list = json::array();
  for (const auto& [what, remedy, fine, can_make] : findings) {
    json one = {{"what", what}, {"fine", fine}};
    if (!remedy.empty()) one["remedy"] = remedy;
    if (can_make && !fine) one["can_make"] = true;
    list.push_back(std::move(one));
  }
  return list;
}

api::Views make_views(const Shown& shown, std::function<Task<std::vector<FieldError>>()> reload) {
  api::Views views;
  views.destination = [&shown](const DestinationId& id) { return destination_view(shown, id); };
  views.destinations = [&shown] {
    std::vector<DestinationId> ids;
    for (const auto& [id, account] : *shown.accounts) ids.push_back(id);
    return ids;
  };
  views.teams = [&shown] {
    std::vector<std::string> names;
    for (const auto& [name, team] : *shown.teams) names.push_back(name);
    return names;
  };
  views.queue = [&shown](std::size_t limit) { return shown.board->to_json(shown.clock->now(), limit); };
  views.team_list = [&shown] { return teams_view(shown); };
  views.is_member = [&shown](std::string_view id) { return is_member(*shown.teams, id); };
  views.may_read = [&shown](const Handoff& handoff, std::string_view who) {
    return handoff::may_read(handoff, who, *shown.teams);
  };
  views.test = [&shown](const DestinationId& id, bool apply) { return test_destination(shown, id, apply); };
  views.revoke = [&shown](const DestinationId& id) { return revoke_access(shown, id); };
  views.rules = [&shown] { return rules_view(shown); };
  views.metrics = [&shown](bool openmetrics) { return collect_metrics(shown, openmetrics); };
  views.health = [&shown] { return health_view(shown); };
  views.reload = std::move(reload);
  views.schema = [](const std::string& file) -> json {
    if (file == "context.schema.json") return json::parse(handoff::context_schema());
    if (file == "context.answer.schema.json") return json::parse(handoff::context_answer_schema());
    for (const auto& schema : event_schemas()) {
      if (schema.name == file) return json::parse(schema.text);
    }
    return nullptr;
  };
  return views;
}

}  // namespace baton::app
