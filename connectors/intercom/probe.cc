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

Task<Done> probe_right(const char* what, sdk::Read read, const char* permission, sdk::ReadSession& session,
                       sdk::Findings& findings) {
  const auto reply = co_await session.read(std::move(read));
  findings.emplace_back(what, reply.has_value(),
                        reply ? ""
                              : "Tick `" + std::string(permission) +
                                    "` for the app in the Developer Hub (Configure > "
                                    "Authentication) and reinstall it: " +
                                    what_went_wrong(reply.error()));
  co_return Done();
}

bool lists(const Result<Reply>& reply, const char* list_name, std::string_view id) {
  if (!reply) return false;
  const auto body = parse_json(reply->body, FailureKind::retryable, "");
  if (!body) return false;
  const auto list = items(JsonView(*body)[list_name]);
  return std::ranges::any_of(list, [&](JsonView one) { return one["id"].id() == id; });
}

Task<Done> probe_listed(const char* what, const char* target, const char* list_name, std::string id,
                        const char* remedy, const Api& api, sdk::ReadSession& session,
                        sdk::Findings& findings) {
  if (id.empty()) co_return Done();
  const auto reply = co_await session.read(api.get(target));
  const bool fine = lists(reply, list_name, id);
  findings.emplace_back(what, fine, fine ? "" : remedy);
  co_return Done();
}

Api::Query one_of_any() { return {"created_at", ">", 0, 1}; }

}  // namespace

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
  for (const auto* field : {"team_id", "handoff_team_id", "human_team_id"}) {
    (void)co_await probe_listed(
        field, "/teams", "teams", std::string(settings[field]),
        "No team has this id: see Settings > Workspace > Teammates and teams, or GET /teams", api, session,
        findings);
  }
  if (settings["opens"] == "ticket") {
    (void)co_await probe_listed(
        "ticket_type_id", "/ticket_types", "data",
        settings["ticket_type_id"].empty() ? "(none)" : std::string(settings["ticket_type_id"]),
        "Set ticket_type_id to a ticket type of the workspace: see Settings > Helpdesk > Tickets, "
        "or GET /ticket_types; the app needs the permission to read tickets",
        api, session, findings);
  }
  co_return findings;
}

}  // namespace baton::intercom
