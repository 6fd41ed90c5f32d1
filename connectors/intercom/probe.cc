#include "connectors/intercom/probe.h"

#include <algorithm>

#include "connectors/intercom/wire.h"

namespace baton::intercom {
namespace {

using nlohmann::json;

// Its own words are not repeated: a part of them may be a secret that nobody recognises any more.
std::string what_went_wrong(const Failure& failure) { return std::string(name(failure.kind)); }

// Who the token is, and where: a token of another region's workspace is refused with 401 (section 10).
Task<bool> probe_identity(const Api& api, const sdk::Settings& settings, sdk::ReadSession& session,
                          sdk::Findings& findings) {
  const auto reply = co_await session.read(api.get("/me"));
  if (!reply) {
    findings.emplace_back(
        "the token", false,
        "Intercom refused it: " + what_went_wrong(reply.error()) +
            ". Copy the access token of the app from the Developer Hub (Configure > Authentication), "
            "and look that base_url is the host of the workspace's region: api.intercom.io, "
            "api.eu.intercom.io or api.au.intercom.io");
    co_return false;
  }
  const auto body = parsed(*reply, FailureKind::retryable, "Intercom's /me");
  if (!body) co_return body.error();
  const JsonView me(*body);
  findings.emplace_back("the token", true);
  const auto id = me["id"].id().value_or("");
  const bool same = id == std::string(settings["admin_id"]);
  findings.emplace_back(
      "the acting admin", same,
      same ? ""
           : "admin_id is not the seat that the token belongs to: that is " + id +
                 ". Another seat works too, but then Baton may take its own work for a person's");
  if (me["has_inbox_seat"].boolean() == false)
    findings.emplace_back("the inbox seat", false, "Give that teammate a seat with access to the inbox");
  const auto app = me.at_path("app.id_code").text();
  const bool fits = settings["app_id"].empty() || app == settings["app_id"];
  // Not required: without it there are no links, and webhooks of other workspaces are not told apart.
  findings.emplace_back("the workspace " + app, fits, fits ? "" : "Set app_id to " + app);
  co_return true;
}

// The answer, where there is one.
Task<Reply> probe_right(const char* what, sdk::Read read, const char* permission, sdk::ReadSession& session,
                        sdk::Findings& findings) {
  auto reply = co_await session.read(std::move(read));
  findings.emplace_back(what, reply.has_value(),
                        reply ? ""
                              : "Tick `" + std::string(permission) +
                                    "` for the app in the Developer Hub (Configure > "
                                    "Authentication) and reinstall it: " +
                                    what_went_wrong(reply.error()));
  co_return reply;
}

json list_in(const Result<Reply>& reply, const char* list_name) {
  if (!reply) return json::array();
  const auto body = parse_json(reply->body, FailureKind::retryable, "");
  if (!body) return json::array();
  const auto* list = JsonView(*body)[list_name].raw();
  return list && list->is_array() ? *list : json::array();
}

bool has_entry(const json& list, const char* member, std::string_view value) {
  return std::any_of(list.begin(), list.end(),
                     [&](const json& one) { return JsonView(one)[member].id() == value; });
}

void find_teams(const Result<Reply>& reply, const sdk::Settings& settings, sdk::Findings& findings) {
  const auto teams = list_in(reply, "teams");
  for (const auto* field : {"team_id", "handoff_team_id", "human_team_id"}) {
    if (settings[field].empty()) continue;
    const bool fine = has_entry(teams, "id", settings[field]);
    findings.emplace_back(field, fine,
                          fine ? ""
                               : "No team has this id: see Settings > Workspace > Teammates and teams, or "
                                 "GET /teams");
  }
}

void find_ticket_type(const Result<Reply>& reply, const sdk::Settings& settings, sdk::Findings& findings) {
  const auto types = list_in(reply, "data");
  const auto wanted = settings["ticket_type_id"];
  const auto type = std::find_if(types.begin(), types.end(), [&](const json& one) {
    return !wanted.empty() && JsonView(one)["id"].id() == wanted;
  });
  const bool there = type != types.end();
  findings.emplace_back(
      "ticket_type_id", there,
      there ? ""
            : "Set ticket_type_id to a ticket type of the workspace: see Settings > Helpdesk > Tickets, "
              "or GET /ticket_types; the app needs the permission to read tickets");
  const auto attribute = settings["handoff_attribute"];
  if (!there || attribute.empty()) return;
  const auto* known = JsonView(*type).at_path("ticket_type_attributes.data").raw();
  const bool fine = known && known->is_array() && has_entry(*known, "name", attribute);
  findings.emplace_back("handoff_attribute", fine,
                        fine ? ""
                             : "The ticket type has no attribute " + std::string(attribute) +
                                   ": add it as text, or leave handoff_attribute out; until then tickets are "
                                   "opened without team and attributes");
}

Api::Query one_of_any() { return {"created_at", ">", 0, 1}; }

}  // namespace

// What an app may write is not asked: only a write would tell.
Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) {
  const Api api(settings);
  sdk::Findings findings;
  const auto known = co_await probe_identity(api, settings, session, findings);
  if (!known) co_return known.error();
  if (!*known) co_return findings;
  (void)co_await probe_right("reading contacts", api.search("/contacts/search", one_of_any()),
                             "Read and list users and companies", session, findings);
  (void)co_await probe_right("reading conversations", api.search("/conversations/search", one_of_any()),
                             "Read conversations", session, findings);
  (void)co_await probe_right("reading tickets", api.search("/tickets/search", one_of_any()), "Read tickets",
                             session, findings);
  const auto teams =
      co_await probe_right("reading teams", api.get("/teams"), "Read admins", session, findings);
  find_teams(teams, settings, findings);
  if (settings["opens"] == "ticket")
    find_ticket_type(co_await session.read(api.get("/ticket_types")), settings, findings);
  co_return findings;
}

}  // namespace baton::intercom
