#include "gateway/api/answers.h"

#include <charconv>

#include "gateway/base/date.h"
#include "gateway/model/problem.h"

namespace baton::api {
namespace {

using nlohmann::json;

Failure unreadable(std::string_view name, std::string_view text, std::string_view allowed) {
  return Failure(FailureKind::rejected,
                 std::string(name) + ": `" + std::string(text) + "` must be " + std::string(allowed));
}

template <class Number>
std::optional<Number> number_from(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Reads one part of a query if it is given; a Failure if it cannot be read.
template <class Read, class Put>
std::optional<Failure> part(const Given& given, std::string_view name, const Read& read,
                            std::string_view allowed, const Put& put) {
  const auto text = given(name);
  if (!text) return std::nullopt;
  auto value = read(*text);
  if (!value) return unreadable(name, *text, allowed);
  put(std::move(*value));
  return std::nullopt;
}

// RFC 3339, or a day, which begins at midnight UTC.
std::optional<TimePoint> read_time(const std::string& text) {
  constexpr std::size_t kDay = 10;
  return parse_rfc3339(text.size() == kDay ? text + "T00:00:00Z" : text);
}

}  // namespace

Reply ok(const json& body) {
  return Reply(200, body.dump(-1, ' ', false, json::error_handler_t::replace),
               Headers{{"content-type", "application/json"}});
}

Reply problem(int status, std::string_view code, std::string_view title, std::string_view detail) {
  return Reply(status, problem_json(status, code, title, detail, {}, {}),
               Headers{{"content-type", "application/problem+json"}});
}

Reply too_many_handoffs() {
  return problem(
      503, "too_many_handoffs", "Too many handoffs for one answer",
      "they were not all read within five minutes; ask for a part of the time with `from` and `to` "
      "(on the command line: --from, --to)");
}

Reply problem_of(const Failure& failure) {
  if (failure.kind == FailureKind::rejected) return problem(404, "not_found", "Not found", failure.detail);
  auto reply = problem(503, "not_now", "The journal cannot answer now", failure.detail);
  reply.retry_after = Duration{2s};
  return reply;
}

json summary_of(const Handoff& handoff) {
  json to = {{"id", handoff.id.text},
             {"workspace", handoff.workspace.text},
             {"source", handoff.conversation.source},
             {"conversation", handoff.conversation.text},
             {"state", name(handoff.state)},
             {"priority", name(handoff.priority)},
             {"requested_at", to_rfc3339(handoff.requested_at)},
             {"sequence", handoff.sequence},
             {"rule", handoff.route.rule},
             {"team", handoff.route.team}};
  if (!handoff.previous.empty()) to["previous"] = handoff.previous.text;
  if (!handoff.owner.empty()) to["owner"] = {{"id", handoff.owner}, {"name", handoff.owner_name}};
  if (handoff.ticket) {
    to["ticket"] = {{"id", handoff.ticket->object_id}, {"url", handoff.ticket->url}};
    if (!handoff.ticket->label.empty()) to["ticket"]["number"] = handoff.ticket->label;
  }
  for (const auto& [at, who, fault, text] : handoff.feedback)
    to["feedback"].push_back({{"at", to_rfc3339(at)}, {"who", who}, {"fault", fault}, {"text", text}});
  for (const auto& [at, score, scale, phase, text] : handoff.ratings) {
    to["ratings"].push_back({{"at", to_rfc3339(at)}, {"score", score}, {"scale", scale}, {"text", text}});
    if (!phase.empty()) to["ratings"].back()["phase"] = phase;
  }
  if (handoff.bounces > 0) to["bounces"] = handoff.bounces;
  return to;
}

json summary_of(const Job& job) {
  json to = {{"delivery", job.key.text()},
             {"handoff", job.key.handoff.text},
             {"destination", job.key.lane.text},
             {"operation", name(job.key.work)},
             {"state", name(job.state)},
             {"attempts", job.attempts},
             {"generation", job.generation},
             {"replays", job.replays},
             {"created_at", to_rfc3339(job.created_at)}};
  if (job.state == JobState::pending) to["due"] = to_rfc3339(job.due);
  if (job.ended_at) to["ended_at"] = to_rfc3339(*job.ended_at);
  if (job.parked) to["parked"] = true;
  if (!job.receipt.object_id.empty())
    to["receipt"] = {{"id", job.receipt.object_id}, {"url", job.receipt.url}};
  if (job.failure) to["failure"] = {{"kind", name(job.failure->kind)}, {"detail", job.failure->detail}};
  return to;
}

Result<JobQuery> read_job_query(const Given& given) {
  JobQuery query;
  const auto id = [](const std::string& text) { return std::optional(text); };
  std::optional<Failure> wrong;
  const auto keep = [&](std::optional<Failure> failure) {
    if (failure && !wrong) wrong = std::move(failure);
  };
  keep(part(given, "state", job_state_from, "pending, done, failed or dead",
            [&](auto v) { query.state = v; }));
  keep(part(given, "operation", operation_from, "an operation such as open_ticket",
            [&](auto v) { query.operation = v; }));
  keep(part(given, "failure", failure_kind_from, "a failure kind such as rejected",
            [&](auto v) { query.failure = v; }));
  keep(part(given, "destination", id, "", [&](auto v) { query.lane = Lane(v); }));
  keep(part(given, "handoff", id, "", [&](auto v) { query.handoff = HandoffId(v); }));
  const auto time = [](const std::string& text) { return parse_rfc3339(text); };
  keep(part(given, "from", time, "a time such as 2026-09-01T10:15:29Z", [&](auto v) { query.from = v; }));
  keep(part(given, "to", time, "a time such as 2026-09-01T10:15:29Z", [&](auto v) { query.to = v; }));
  const auto limit = [](const std::string& text) {
    const auto value = number_from<int>(text);
    return value && *value >= 1 && *value <= 1000 ? value : std::nullopt;
  };
  keep(part(given, "limit", limit, "a number from 1 to 1000", [&](auto v) { query.limit = v; }));
  keep(part(
      given, "after", [](const std::string& text) { return number_from<std::uint64_t>(text); },
      "the number that `next` gave", [&](auto v) { query.after = v; }));
  if (wrong) return *wrong;
  return query;
}

Result<HandoffQuery> read_range(const std::string& target, int page) {
  HandoffQuery query;
  query.limit = page;
  for (const auto& [word, place] : {std::pair{"from", &query.from}, {"to", &query.to}}) {
    const auto given = query_value(target, word);
    if (!given) continue;
    *place = read_time(*given);
    if (!*place)
      return Failure(FailureKind::rejected, "`" + std::string(word) + "` is `" + *given +
                                                "`; allowed: 2026-09-01 or 2026-09-01T00:00:00Z");
  }
  if (query.from && query.to && *query.from >= *query.to)
    return Failure(FailureKind::rejected, "`from` must be before `to`");
  return query;
}

std::optional<int> read_limit(const std::string& target, int otherwise, int most) {
  const auto given = query_value(target, "limit");
  if (!given) return otherwise;
  const auto value = number_from<int>(*given);
  return value && *value >= 1 && *value <= most ? value : std::nullopt;
}

}  // namespace baton::api
