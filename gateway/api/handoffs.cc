// The routes below /v1/handoffs.
#include <algorithm>

#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/uuid.h"
#include "gateway/handoff/brief.h"
#include "gateway/handoff/timeline.h"

namespace baton::api {
namespace {

using nlohmann::json;

// Whether what happened at `at` has been decided; the handoff says so as a passage or a refusal.
bool decided(const Handoff& handoff, TimePoint at) {
  return std::ranges::any_of(handoff.passages, [&](const auto& passage) { return passage.at == at; }) ||
         std::ranges::any_of(handoff.refused, [&](const auto& refusal) { return refusal.at == at; });
}

const RefusedMove* refusal_at(const Handoff& handoff, TimePoint at) {
  const auto found = std::ranges::find(handoff.refused, at, &RefusedMove::at);
  return found == handoff.refused.end() ? nullptr : &*found;
}

}  // namespace

Task<Reply> Api::list_handoffs(Call call) {
  const auto& target = call.request.target;
  HandoffQuery query;
  if (const auto state = query_value(target, "state")) {
    query.state = state_from(*state);
    if (!query.state) co_return problem(422, "invalid_query", "Unknown state", "`" + *state + "`");
  }
  if (const auto conversation = query_value(target, "conversation")) {
    query.conversation = ConversationId(query_value(target, "source").value_or(""), *conversation);
  }
  query.open_only = query_value(target, "open").has_value();
  query.before = HandoffId(query_value(target, "before").value_or(""));
  query.limit = std::clamp(std::atoi(query_value(target, "limit").value_or("50").c_str()), 1, 500);
  const auto found = co_await journal_.query(std::move(query));
  if (!found) co_return problem_of(found.error());
  auto list = json::array();
  for (const auto& handoff : *found) list.push_back(summary_of(handoff));
  co_return ok({{"handoffs", std::move(list)}});
}

Task<Reply> Api::show_handoff(Call call) {
  const auto record = co_await journal_.load(HandoffId(call.request.params["id"]));
  if (!record) co_return problem_of(record.error());
  auto body = summary_of(record->handoff);
  body["data"] = record->handoff.data;
  for (const auto& [destination, part] : record->handoff.context) {
    body["context"][destination.text] = {
        {"state", name(part.part)}, {"found", part.found}, {"reason", part.reason}, {"at", to_rfc3339(part.at)}};
  }
  co_return ok(body);
}

Task<Reply> Api::show_brief(Call call) {
  const auto record = co_await journal_.load(HandoffId(call.request.params["id"]));
  if (!record) co_return problem_of(record.error());
  co_return ok(handoff::to_json(handoff::brief(record->handoff)));
}

Task<Reply> Api::show_timeline(Call call) {
  const auto record = co_await journal_.load(HandoffId(call.request.params["id"]));
  if (!record) co_return problem_of(record.error());
  auto list = json::array();
  for (const auto& moment : handoff::timeline(record->handoff, record->facts, record->jobs)) {
    list.push_back({{"at", to_rfc3339(moment.at)},
                    {"after_ms", (moment.at - record->handoff.requested_at).count()},
                    {"kind", moment.kind},
                    {"text", moment.text},
                    {"detail", moment.detail}});
  }
  json body = {{"handoff", summary_of(record->handoff)}, {"timeline", std::move(list)}};
  co_return ok(body);
}

Task<Reply> Api::claim(Call call) { return act(std::move(call), SignalKind::claimed, "handoff.claim"); }
Task<Reply> Api::release(Call call) { return act(std::move(call), SignalKind::released, "handoff.release"); }
Task<Reply> Api::resolve(Call call) { return act(std::move(call), SignalKind::solved, "handoff.resolve"); }

// The act becomes a fact like any vendor's signal; the planner decides, and we say what it decided.
Task<Reply> Api::act(Call call, SignalKind kind, std::string audit) {
  const HandoffId id(call.request.params["id"]);
  const auto known = co_await journal_.load(id);
  if (!known) co_return problem_of(known.error());
  const JsonView body(call.body);
  const auto now = clock_.now();
  Signal signal(kind, make_id("act", now, random_), {}, body["by"].text(call.who.id));
  signal.who_name = body["name"].text(call.who.name);
  signal.text = body["text"].text();
  Batch batch;
  batch.facts.emplace_back(id, "api/" + signal.id, Fact(now, signal));
  batch.audit.push_back(entry(call, audit, id.text, body["why"].text()));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return problem_of(committed.error());

  constexpr auto kPatience = Duration{2s}, kLookEvery = Duration{10ms};
  for (const auto until = now + kPatience; clock_.now() < until;) {
    (void)co_await clock_.until(clock_.now() + kLookEvery);
    const auto record = co_await journal_.load(id);
    if (!record) co_return problem_of(record.error());
    if (!decided(record->handoff, now)) continue;
    if (const auto* refusal = refusal_at(record->handoff, now)) {
      co_return problem(409, "refused", "The handoff's state does not allow that", refusal->why);
    }
    co_return ok(summary_of(record->handoff));
  }
  co_return Reply(202, json{{"accepted", id.text}}.dump(), Headers{{"content-type", "application/json"}});
}

}  // namespace baton::api
