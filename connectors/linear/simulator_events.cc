// What people do in Linear, and the webhooks that it causes (fact sheet, section 7).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/linear/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::linear::simulated {
namespace {

Failure cannot(std::string why) { return Failure{FailureKind::rejected, std::move(why)}; }

}  // namespace

json Workspace::person(std::string_view name) const {
  auto mail = to_lower(name.substr(0, name.find(' '))) + "@example.com";
  return {
      {"id", "b5ea5f1f-8adc-4f52-b4bd-" + to_hex(simulation::hmac_sha256("person", {name})).substr(0, 12)},
      {"type", "user"},
      {"name", name},
      {"email", std::move(mail)}};
}

json Workspace::comment_data(const json& comment, const json& issue) const {
  auto data = comment;
  data["userId"] = comment["user"]["id"];
  data["issue"] = {{"id", issue["id"]},
                   {"identifier", issue["identifier"]},
                   {"title", issue["title"]},
                   {"teamId", issue["teamId"]},
                   {"url", issue["url"]}};
  data["botActor"] = nullptr;
  return data;
}

// The later attempts, after 1 min, 1 h and 6 h, are the same bytes: whether they are signed anew is
// unconfirmed, and the old time is what is harder for whoever has a replay window.
simulation::Outbound Workspace::event(std::string_view type, std::string_view action, json data,
                                      json updated_from, const json& actor) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count();
  json body = {{"action", action},
               {"type", type},
               {"actor", actor},
               {"createdAt", simulation::iso_millis(now_)},
               {"organizationId", text("organization_id", "dc844923-f9a4-40a3-825c-dea7747e57d6")},
               {"webhookTimestamp", millis},
               {"webhookId", text("webhook_id", "000042e3-d123-4980-b49f-8e140eef9329")}};
  if (data.contains("url")) body["url"] = data["url"];
  body["data"] = std::move(data);
  if (!updated_from.is_null()) body["updatedFrom"] = std::move(updated_from);
  auto text_of_body = simulation::dump(body);
  const auto secret = text("webhook_secret", "linear-webhook-secret");
  Headers headers{{"content-type", "application/json; charset=utf-8"},
                  {"user-agent", "Linear-Webhook"},
                  {"linear-delivery", simulation::make_uuid(random_)},
                  {"linear-event", std::string(type)},
                  {"linear-timestamp", std::to_string(millis)},
                  {"linear-signature", to_hex(simulation::hmac_sha256(secret, {text_of_body}))}};
  tally_.effect("webhooks_sent");
  return simulation::Outbound(Request("POST", "", std::move(text_of_body), std::move(headers)));
}

void Workspace::echo(std::string_view type, std::string_view action, const json& data, json updated_from) {
  if (!simulation::flag_of(setup_, "echo", false)) return;
  auto actor = viewer({});
  actor["type"] = caller_.app ? "oauthClient" : "user";
  outbox_.push_back(event(type, action, data, std::move(updated_from), actor));
}

Result<std::vector<simulation::Outbound>> Workspace::act(const simulation::Deed& deed, TimePoint now) {
  now_ = now;
  const JsonView with(deed.with);
  const auto who = person(with["by"].text("Dana Fixer"));
  std::vector<simulation::Outbound> events;
  if (deed.what == "revoke") {
    grants_.clear();
    events.push_back(
        event("OAuthApp", "revoked", {{"oauthClientId", text("client_id", "baton")}}, nullptr, who));
    return events;
  }
  auto* issue = find_issue(with["issue"].text());
  if (!issue) return cannot("no such issue");
  const auto before = *issue;
  const auto move_to = [&](std::string_view wanted) {
    for (const auto& state : states_) {
      if (state["team"]["id"] != (*issue)["teamId"] || (state["type"] != wanted && state["name"] != wanted))
        continue;
      change(*issue, {{"stateId", state["id"]}});
      return true;
    }
    return false;
  };
  if (deed.what == "comment") {
    if (with["text"].text().empty()) return cannot("a comment needs text");
    const auto at = simulation::iso_millis(now);
    const auto id = simulation::make_uuid(random_);
    comments_.push_back({{"id", id},
                         {"body", with["text"].text()},
                         {"issueId", (*issue)["id"]},
                         {"issue", {{"id", (*issue)["id"]}, {"identifier", (*issue)["identifier"]}}},
                         {"user", who},
                         {"parentId", nullptr},
                         {"createdAt", at},
                         {"updatedAt", at},
                         {"url", (*issue)["url"].get<std::string>() + "#comment-" + id.substr(0, 8)}});
    events.push_back(event("Comment", "create", comment_data(comments_.back(), *issue), nullptr, who));
    return events;
  }
  if (deed.what == "trash" || deed.what == "remove") {
    (*issue)["trashed"] = true;
    (*issue)["archivedAt"] = (*issue)["updatedAt"] = simulation::iso_millis(now);
    events.push_back(event("Issue", "remove", *issue, nullptr, who));
    return events;
  }
  bool done = true;
  if (deed.what == "state") {
    done = move_to(with["to"].text());
  } else if (deed.what == "solve") {
    done = move_to("completed");
  } else if (deed.what == "cancel") {
    done = move_to("canceled");
  } else if (deed.what == "reopen") {
    done = move_to("unstarted");
  } else if (deed.what == "assign") {
    const auto to = person(with["to"].text("Dana Fixer"));
    (*issue)["assignee"] = to;
    (*issue)["assigneeId"] = to["id"];
    change(*issue, json::object());
  } else if (deed.what == "edit") {
    change(*issue, deed.with);
  } else if (deed.what == "team") {
    const auto team = std::find_if(teams_.begin(), teams_.end(),
                                   [&](const json& one) { return one["key"] == with["to"].text(); });
    if (team == teams_.end()) return cannot("no such team");
    (*issue)["previousIdentifiers"].push_back((*issue)["identifier"]);
    (*issue)["identifier"] = fmt::format("{}-{}", with["to"].text(), next_number_++);
    (*issue)["teamId"] = (*team)["id"];
    (*issue)["team"] = {{"id", (*team)["id"]}, {"key", (*team)["key"]}, {"name", (*team)["name"]}};
    done = move_to((*issue)["state"]["type"].get<std::string>());
  } else {
    return cannot("no such deed: " + deed.what);
  }
  if (!done) return cannot("no such state");
  json from = json::object();
  for (const auto& [key, value] : issue->items())
    if (!before.contains(key) || before[key] != value)
      from[key] = before.contains(key) ? before[key] : json();
  events.push_back(event("Issue", "update", shown(*issue), std::move(from), who));
  return events;
}

}  // namespace baton::linear::simulated
