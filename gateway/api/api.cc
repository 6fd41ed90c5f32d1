#include "gateway/api/api.h"
#include "gateway/api/patience.h"

#include "gateway/api/answers.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::api {
namespace {

using secrets::Permission;

Result<nlohmann::json> body_of(const RawRequest& request) {
  if (request.body.empty()) return nlohmann::json::object();
  auto body = parse_json(request.body, FailureKind::rejected, "the body");
  if (body && !body->is_object()) return Failure(FailureKind::rejected, "the body must be a JSON object");
  return body;
}

Reply unauthorized(std::string_view detail) {
  auto reply = problem(401, "unauthorized", "A token is needed", detail);
  reply.headers["www-authenticate"] = "Bearer realm=\"baton\"";
  return reply;
}

}  // namespace

Api::Api(Journal& journal, Clock& clock, Random& random, const secrets::Tokens& tokens, Views views)
    : journal_(journal), clock_(clock), random_(random), tokens_(tokens), views_(std::move(views)) {}

const std::vector<Api::Entry>& Api::table() {
  constexpr auto read = Permission::read, agent = Permission::agent, operate = Permission::operate;
  static const auto& kTable = *new std::vector<Entry>{
      {{"GET", "/v1/handoffs", read, "", "Handoffs, newest first.", "Handoffs"}, &Api::list_handoffs},
      {{"GET", "/v1/handoffs/{id}", read, "", "One handoff.", "HandoffWithData"}, &Api::show_handoff},
      {{"GET", "/v1/handoffs/{id}/brief", read, "", "What an agent reads in ten seconds.", "Brief"},
       &Api::show_brief},
      {{"GET", "/v1/handoffs/{id}/timeline", read, "", "Every step with times, attempts and receipts.",
        "Timeline"},
       &Api::show_timeline},
      {{"POST", "/v1/handoffs/{id}/claim", agent, "handoff.claim", "Takes it; exactly one wins.", "Handoff",
        "Act"},
       &Api::claim},
      {{"POST", "/v1/handoffs/{id}/release", agent, "handoff.release", "Gives it back to the queue.",
        "Handoff", "Act"},
       &Api::release},
      {{"POST", "/v1/handoffs/{id}/resolve", agent, "handoff.resolve", "Solved: back to the AI.", "Handoff",
        "Act"},
       &Api::resolve},
      {{"POST", "/v1/handoffs/{id}/return", agent, "handoff.return",
        "Back to the AI, with what was said, what was done and what is still to do.", "Handoff", "Return"},
       &Api::hand_back},
      {{"POST", "/v1/handoffs/{id}/decline", agent, "handoff.decline",
        "A member who cannot take it: the next is asked, and they are not asked for it again.", "Handoff",
        "Act"},
       &Api::decline},
      {{"POST", "/v1/handoffs/{id}/pass-on", agent, "handoff.pass_on", "To another team, with a reason.",
        "Handoff", "PassOn"},
       &Api::pass_on},
      {{"POST", "/v1/handoffs/{id}/feedback", agent, "handoff.feedback",
        "What was wrong with the handoff itself: its rule and brief can be mended.", "Handoff", "Feedback"},
       &Api::judge},
      {{"GET",
        "/v1/metrics/handoff",
        read,
        "",
        "How many, how long people waited, how it ended.",
        "Measures",
        {},
        kLongAnswer},
       &Api::measure},
      {{"GET", "/v1/resolutions", read, "",
        "What people answered where the AI had no answer, as JSON lines without personal data; the header "
        "`link` names the next page.",
        "Resolution"},
       &Api::list_resolutions},
      {{"GET",
        "/v1/gaps",
        read,
        "",
        "Questions that the AI could not answer, the most frequent first.",
        "Gaps",
        {},
        kLongAnswer},
       &Api::list_gaps},
      {{"GET", "/v1/bugs", read, "", "Bugs that customers met, and where they are filed.", "Bugs"},
       &Api::list_bugs},
      {{"GET", "/v1/bugs/{key}", read, "", "One bug with its handoffs.", "Bug"}, &Api::show_bug},
      {{"GET", "/v1/queue", read, "", "Who waits, at which place, who is asked, and why nobody is.", "Queue"},
       &Api::show_queue},
      {{"GET", "/v1/teams", read, "", "Who works, who is there, who has room, when it opens.", "Teams"},
       &Api::list_teams},
      {{"PUT", "/v1/presence/{member}", agent, "presence.set",
        "Whether a member is there: available, busy (only what is urgent) or away.", "Presence",
        "SetPresence"},
       &Api::set_presence},
      {{"GET", "/v1/deliveries", read, "", "Deliveries and reads, oldest first.", "Deliveries"},
       &Api::list_deliveries},
      {{"GET", "/v1/dead-letters", read, "", "Deliveries that need a person.", "Deliveries"},
       &Api::list_dead_letters},
      {{"POST", "/v1/dead-letters/count", read, "", "How many a replay with this filter would send.", "Count",
        "CountRequest"},
       &Api::count_dead_letters},
      {{"POST", "/v1/dead-letters/replay", operate, "dead_letters.replay",
        "Sends one, or all of a filter, again.", "Replayed", "ReplayRequest"},
       &Api::replay_dead_letters},
      {{"GET", "/v1/destinations", read, "", "Health, breaker, budget and pause of each.", "Destinations"},
       &Api::list_destinations},
      {{"POST", "/v1/destinations/{name}/pause", operate, "destination.pause",
        "Holds its deliveries, visibly.", "Paused", "Why"},
       &Api::pause},
      {{"POST", "/v1/destinations/{name}/resume", operate, "destination.resume", "Sends what was held.",
        "Paused", "Why"},
       &Api::resume},
      {{"POST", "/v1/destinations/{name}/test", operate, "destination.test",
        "Asks the vendor whether it will work; with `apply` makes what is lacking there.", "Findings",
        "Test"},
       &Api::test},
      {{"POST", "/v1/destinations/{name}/revoke", operate, "destination.revoke",
        "Pauses it, gives its token back to the vendor, and says what is left to do by hand.", "Revoked",
        "Why"},
       &Api::revoke},
      {{"GET", "/v1/routes", read, "", "Routing rules with their hits since the start.", "Routes"},
       &Api::list_rules},
      {{"POST", "/v1/configuration/reload", operate, "configuration.reload",
        "Reads the configuration again; with any problem it changes nothing.", "Reloaded", "Why"},
       &Api::reload},
      {{"GET", "/v1/alerts", read, "", "What is wrong, and the silences that are in force.", "Alerts"},
       &Api::list_alerts},
      {{"POST", "/v1/silences", operate, "silence.add", "Tells nobody of some alerts, until a time.",
        "Silence", "SilenceRequest"},
       &Api::add_silence},
      {{"DELETE", "/v1/silences/{id}", operate, "silence.end", "Ends a silence.", "Ended", "Why"},
       &Api::end_silence},
      {{"GET", "/v1/store", operate, "", "What is done to the store, or was last.", "StoreTask"},
       &Api::show_store},
      {{"POST", "/v1/store/backup", operate, "store.backup", "Copies the store while it is used.",
        "StoreTask", "Backup"},
       &Api::back_up},
      {{"POST", "/v1/store/check", operate, "store.check",
        "Reads every row; with `repair` sets aside what is damaged, after a backup.", "StoreTask", "Check"},
       &Api::check_store},
      {{"POST", "/v1/store/erase", operate, "store.erase", "Forgets a person, for good.", "StoreTask",
        "Erase"},
       &Api::erase},
      {{"GET", "/v1/audit", operate, "", "Who did what, and why.", "Audit"}, &Api::list_audit},
      {{"GET", "/v1/health", read, "", "How well each destination and source is, and whose fault it is.",
        "Health"},
       &Api::show_health},
      {{"GET", "/v1/health/{name}", read, "", "One destination or source of it.", "HealthOfOne"},
       &Api::show_health_of},
      {{"GET", "/metrics", read, "", "Figures in Prometheus text, or OpenMetrics.", "Text"},
       &Api::show_metrics},
      {{"GET", "/openapi.json", read, "", "This API, described.", "Anything"}, &Api::show_description},
      {{"GET", "/schemas/{file}", read, "", "A published event schema.", "Anything"}, &Api::show_schema},
  };
  return kTable;
}

std::vector<ApiRoute> Api::routes() const {
  std::vector<ApiRoute> routes;
  for (const auto& [route, handle] : table()) routes.push_back(route);
  return routes;
}

void Api::serve_on(HttpServer& server) {
  for (const auto& entry : table()) {
    server.route(
        entry.route.method, entry.route.pattern,
        [this, &entry](RawRequest request) { return guarded(&entry, std::move(request)); },
        RouteLimits{.answer = entry.route.answer});
  }
}

// The one way to every handler.
Task<Reply> Api::guarded(const Entry* entry, RawRequest request) {
  constexpr std::string_view kScheme = "bearer ";
  const auto given = header(request.headers, "authorization");
  if (given.size() <= kScheme.size() || !equals_ignoring_case(given.substr(0, kScheme.size()), kScheme)) {
    co_return unauthorized("send `Authorization: Bearer bat_...`; make one with `baton token create`");
  }
  const auto who = tokens_.authenticate(trim(given.substr(kScheme.size())), clock_.now());
  if (!who) co_return unauthorized("this token is not known, or it has expired or been revoked");
  if (!entry->route.permission || !who->may(*entry->route.permission)) {
    co_return problem(403, "forbidden", "This token may not do that",
                      "it lacks the permission `" +
                          std::string(name(entry->route.permission.value_or(Permission::operate))) + "`");
  }
  auto body = body_of(request);
  if (!body) co_return problem(400, "malformed", "The body cannot be read", body.error().detail);
  Call call;
  call.request = std::move(request);
  call.who = *who;
  call.body = std::move(*body);
  co_return co_await (this->*entry->handle)(std::move(call));
}

AuditEntry Api::entry(const Call& call, std::string what, std::string subject, std::string why) const {
  return AuditEntry(clock_.now(), call.who.name + " (" + call.who.id + ")", std::move(what),
                    std::move(subject), std::move(why));
}

Task<Reply> Api::list_rules(Call) { co_return ok(views_.rules()); }

// The entry comes first: whoever cannot be recorded changes nothing.
Task<Reply> Api::reload(Call call) {
  auto why = std::string(trim(JsonView(call.body)["why"].text()));
  if (why.empty()) {
    co_return problem(422, "why_is_required", "Say why",
                      "`why` goes into the audit log and must not be empty");
  }
  Batch batch;
  batch.audit.push_back(entry(call, "configuration.reload", "configuration", std::move(why)));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return problem_of(committed.error());
  const auto problems = co_await views_.reload();
  if (!problems) co_return problem_of(problems.error());
  if (problems->empty()) co_return ok({{"reloaded", true}});
  co_return Reply(
      422,
      problem_json(422, "invalid_configuration", "The new configuration has problems",
                   std::to_string(problems->size()) + " of them; nothing was changed", *problems, {}),
      Headers{{"content-type", "application/problem+json"}});
}

// OpenMetrics for whoever asks for it, as Prometheus does: it has a place for traces.
Task<Reply> Api::show_metrics(Call call) {
  const auto accepted = to_lower(header(call.request.headers, "accept"));
  const bool openmetrics = accepted.find("application/openmetrics-text") != std::string::npos;
  auto text = co_await views_.metrics(openmetrics);
  if (!text) co_return problem_of(text.error());
  Headers headers{{"vary", "Accept"}};
  headers["content-type"] = openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                        : "text/plain; version=0.0.4; charset=utf-8";
  co_return Reply(200, std::move(*text), std::move(headers));
}

Task<Reply> Api::show_schema(Call call) {
  auto schema = views_.schema(call.request.params["file"]);
  if (schema.is_null()) co_return problem(404, "not_found", "No such schema", call.request.params["file"]);
  co_return ok(schema);
}

Task<Reply> Api::list_audit(Call call) {
  const auto limit = read_limit(call.request.target, 100, 1000);
  if (!limit)
    co_return problem(422, "invalid_query", "The limit cannot be read", "it is a number from 1 to 1000");
  const auto entries = co_await journal_.audit(*limit);
  if (!entries) co_return problem_of(entries.error());
  auto list = nlohmann::json::array();
  for (const auto& one : *entries) {
    list.push_back({{"at", to_rfc3339(one.at)},
                    {"who", one.who},
                    {"what", one.what},
                    {"subject", one.subject},
                    {"why", one.why}});
  }
  co_return ok({{"entries", std::move(list)}});
}

}  // namespace baton::api
