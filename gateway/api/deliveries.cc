// The routes for deliveries, dead letters and destinations.
#include <algorithm>

#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/replay.h"
#include "gateway/model/node.h"

namespace baton::api {
namespace {

using nlohmann::json;

Given from_query(const std::string& target) {
  return [&target](std::string_view name) { return query_value(target, name); };
}

Given from_filter(JsonView filter) {
  return [filter](std::string_view name) -> std::optional<std::string> {
    const auto value = filter[name];
    if (value.missing() || value.null()) return std::nullopt;
    return value.string() ? value.text() : value.id().value_or("");
  };
}

// A word that nobody knows is refused: ignored, a misspelt one would widen the filter to more than was
// meant. `state` says nothing where all are dead, so it does not make a filter either.
Result<JobQuery> read_filter(JsonView filter) {
  const std::vector<std::string> known = {"state", "destination", "operation", "handoff", "failure",
                                          "from",  "to",          "limit",     "after"};
  if (filter.object()) {
    for (const auto& [word, value] : filter.raw()->items()) {
      if (std::ranges::find(known, word) == known.end()) {
        return Failure(FailureKind::rejected, "`" + word + "` is unknown" + did_you_mean(word, known));
      }
      if (!value.is_null() && !value.is_string() && !value.is_number_integer()) {
        return Failure(FailureKind::rejected, word + " must be a text or a number");
      }
    }
  }
  auto query = read_job_query(from_filter(filter));
  if (query) query->state.reset();
  return query;
}

json page_json(const JobPage& page) {
  auto list = json::array();
  for (const auto& job : page.jobs) {
    const bool upkeep = std::holds_alternative<Upkeep>(job.key.work);
    if (!upkeep) list.push_back(summary_of(job));
  }
  json body = {{"deliveries", std::move(list)}};
  if (page.next != 0) body["next"] = page.next;
  return body;
}

Reply invalid_filter(const Failure& failure) {
  return problem(422, "invalid_query", "The filter cannot be read", failure.detail);
}

// What a person gave as the reason; "" if it says nothing.
std::string why_of(JsonView body) { return std::string(trim(body["why"].text())); }

Reply no_why() {
  return problem(422, "why_is_required", "Say why", "`why` goes into the audit log and must not be empty");
}

}  // namespace

Task<Reply> Api::list_deliveries(Call call) {
  const auto query = read_job_query(from_query(call.request.target));
  if (!query) co_return invalid_filter(query.error());
  const auto page = co_await deliveries(*query);
  if (!page) co_return problem_of(page.error());
  co_return ok(page_json(*page));
}

// The first page that has something to show: plan jobs are rows too, and nobody asked for them.
Task<JobPage> Api::deliveries(JobQuery query) {
  for (;;) {
    auto page = co_await journal_.query(query);
    if (!page || page->next == 0) co_return page;
    const auto is_upkeep = [](const Job& job) { return std::holds_alternative<Upkeep>(job.key.work); };
    if (!std::ranges::all_of(page->jobs, is_upkeep)) co_return page;
    query.after = page->next;
  }
}

Task<Reply> Api::list_dead_letters(Call call) {
  auto query = read_job_query(from_query(call.request.target));
  if (!query) co_return invalid_filter(query.error());
  query->state = JobState::dead;
  const auto page = co_await journal_.query(*query);
  if (!page) co_return problem_of(page.error());
  co_return ok(page_json(*page));
}

Task<Reply> Api::count_dead_letters(Call call) {
  auto query = read_filter(JsonView(call.body)["filter"]);
  if (!query) co_return invalid_filter(query.error());
  query->state = JobState::dead;
  const auto count = co_await journal_.count(*query);
  if (!count) co_return problem_of(count.error());
  co_return ok({{"count", *count}});
}

// {"delivery": KEY, "why": ...}, or {"filter": {...}, "count": N, "why": ...} where N is what
// /v1/dead-letters/count said: nobody sends a thousand by mistake.
Task<Reply> Api::replay_dead_letters(Call call) {
  const JsonView body(call.body);
  auto why = why_of(body);
  if (why.empty()) co_return no_why();
  if (const auto delivery = body["delivery"].string()) {
    const auto key = job_key_from(*delivery);
    if (!key) {
      co_return problem(422, "invalid_query", "Not a delivery's key", "`" + std::string(*delivery) + "`");
    }
    co_return co_await replay_one(std::move(call), *key, std::move(why));
  }
  auto query = read_filter(body["filter"]);
  if (!query) co_return invalid_filter(query.error());
  if (query->empty()) {
    co_return problem(422, "empty_filter", "An empty filter would replay everything",
                      "name a destination, an operation, a failure or a time range");
  }
  query->state = JobState::dead;
  co_return co_await replay_many(std::move(call), std::move(*query), std::move(why));
}

Task<Reply> Api::replay_one(Call call, JobKey key, std::string why) {
  const auto record = co_await journal_.load(key.handoff);
  if (!record) co_return problem_of(record.error());
  for (const auto& job : record->jobs) {
    if (job.key != key) continue;
    const auto sent = co_await replay_job(call, job, std::move(why));
    if (!sent) co_return problem_of(sent.error());
    if (*sent) co_return ok({{"replayed", 1}, {"skipped", 0}});
    co_return problem(409, "not_dead", "This delivery is no dead letter",
                      "it is " + std::string(name(job.state)));
  }
  co_return problem(404, "not_found", "No such delivery", key.text());
}

// Whether it was a dead letter still.
Task<bool> Api::replay_job(const Call& call, const Job& job, std::string why) {
  Batch batch;
  batch.replays.push_back(handoff::replayed(job, clock_.now()));
  batch.audit.push_back(entry(call, "dead_letters.replay", job.key.text(), std::move(why)));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return committed->done();
}

Task<Reply> Api::replay_many(Call call, JobQuery query, std::string why) {
  const auto count = co_await journal_.count(query);
  if (!count) co_return problem_of(count.error());
  const auto expected = JsonView(call.body)["count"].integer();
  if (!expected || *expected != static_cast<std::int64_t>(*count)) {
    co_return problem(
        409, "count_first", "Say how many you expect",
        "this filter matches " + std::to_string(*count) + " now: send `count` with that number");
  }
  Replayed all;
  query.limit = 200;
  do {
    const auto some = co_await replay_page(call, query, why);
    if (!some) co_return problem_of(some.error());
    all.sent += some->sent;
    all.skipped += some->skipped;
  } while (query.after != 0);
  co_return ok({{"replayed", all.sent}, {"skipped", all.skipped}});
}

// One page in one batch, with its entry in the audit log. Sets query.after to where to go on; 0: done.
Task<Api::Replayed> Api::replay_page(const Call& call, JobQuery& query, const std::string& why) {
  const auto page = co_await journal_.query(query);
  if (!page) co_return page.error();
  query.after = page->next;
  Replayed done;
  if (page->jobs.empty()) co_return done;
  Batch batch;
  for (const auto& job : page->jobs) batch.replays.push_back(handoff::replayed(job, clock_.now()));
  const auto filter = JsonView(call.body)["filter"];
  batch.audit.push_back(
      entry(call, "dead_letters.replay",
            std::to_string(page->jobs.size()) + " of " + (filter.raw() ? filter.raw()->dump() : ""), why));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return committed.error();
  if (!committed->done()) co_return co_await replay_each(call, page->jobs, why);
  done.sent = page->jobs.size();
  co_return done;
}

// Somebody else sent one of them again meanwhile: the others must not suffer for it.
Task<Api::Replayed> Api::replay_each(const Call& call, const std::vector<Job>& jobs, const std::string& why) {
  Replayed done;
  for (const auto& job : jobs) {
    const auto sent = co_await replay_job(call, job, why);
    if (!sent) co_return sent.error();
    ++(*sent ? done.sent : done.skipped);
  }
  co_return done;
}

Task<Reply> Api::list_destinations(Call) {
  auto list = json::array();
  for (const auto& id : views_.destinations()) {
    auto view = views_.destination(id);
    view["name"] = id.text;
    JobQuery held;
    held.lane = id;
    held.state = JobState::pending;
    const auto pending = co_await journal_.count(held);
    if (pending) view["pending"] = *pending;
    held.state = JobState::dead;
    const auto dead = co_await journal_.count(held);
    if (dead) view["dead_letters"] = *dead;
    list.push_back(std::move(view));
  }
  co_return ok({{"destinations", std::move(list)}});
}

Task<Reply> Api::pause(Call call) { return set_paused(std::move(call), true); }
Task<Reply> Api::resume(Call call) { return set_paused(std::move(call), false); }

// The entry comes first: whoever cannot be recorded asks nobody.
Task<Reply> Api::test(Call call) {
  const DestinationId id(call.request.params["name"]);
  if (views_.destination(id).is_null()) {
    co_return problem(404, "not_found", "No such destination", "`" + id.text + "`");
  }
  auto why = why_of(JsonView(call.body));
  if (why.empty()) co_return no_why();
  const bool apply = JsonView(call.body)["apply"].boolean().value_or(false);
  Batch batch;
  batch.audit.push_back(
      entry(call, apply ? "destination.prepare" : "destination.test", id.text, std::move(why)));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return problem_of(committed.error());
  const auto findings = co_await views_.test(id, apply);
  if (!findings) co_return problem_of(findings.error());
  const bool fine =
      std::ranges::all_of(*findings, [](const json& one) { return one.at("fine").get<bool>(); });
  json answer = {{"name", id.text}, {"fine", fine}, {"findings", *findings}};
  if (fine) {
    const auto resumed = co_await resume_if_parked(call, id);
    if (!resumed) co_return problem_of(resumed.error());
    if (*resumed) answer["resumed"] = true;
  }
  co_return ok(std::move(answer));
}

// Baton parked it because the vendor took nothing; now it has answered well, so that what waits may go.
Task<bool> Api::resume_if_parked(const Call& call, const DestinationId& id) {
  const auto lanes = co_await journal_.lanes();
  if (!lanes) co_return lanes.error();
  const auto state = std::ranges::find(*lanes, id, &LaneState::lane);
  if (state == lanes->end() || !is_parked(*state)) co_return false;
  const auto committed = co_await journal_pause(call, id, false, "its test found nothing lacking");
  if (!committed) co_return committed.error();
  co_return true;
}

// Paused first, so that nobody asks for another token; a vendor that does not answer is asked again, later.
Task<Reply> Api::revoke(Call call) {
  const DestinationId id(call.request.params["name"]);
  if (views_.destination(id).is_null())
    co_return problem(404, "not_found", "No such destination", "`" + id.text + "`");
  const auto why = why_of(JsonView(call.body));
  if (why.empty()) co_return no_why();
  Batch batch;
  batch.lanes.emplace_back(id, true, call.who.name, "its access was revoked: " + why, clock_.now());
  batch.audit.push_back(entry(call, "destination.revoke", id.text, why));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return problem_of(committed.error());
  auto revoked = co_await views_.revoke(id);
  if (!revoked)
    co_return problem(503, "not_revoked", "It is paused, and its token lives on",
                      revoked.error().detail + "; ask again, or revoke it at the vendor");
  (*revoked)["name"] = id.text;
  (*revoked)["paused"] = true;
  co_return ok(std::move(*revoked));
}

Task<Done> Api::journal_pause(const Call& call, const DestinationId& id, bool paused, std::string why) {
  Batch batch;
  batch.lanes.emplace_back(id, paused, call.who.name, why, clock_.now());
  batch.audit.push_back(
      entry(call, paused ? "destination.pause" : "destination.resume", id.text, std::move(why)));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return Done{};
}

Task<Reply> Api::set_paused(Call call, bool paused) {
  const DestinationId id(call.request.params["name"]);
  if (views_.destination(id).is_null()) {
    co_return problem(404, "not_found", "No such destination", "`" + id.text + "`");
  }
  auto why = why_of(JsonView(call.body));
  if (why.empty()) co_return no_why();
  const auto committed = co_await journal_pause(call, id, paused, std::move(why));
  if (!committed) co_return problem_of(committed.error());
  co_return ok({{"name", id.text}, {"paused", paused}});
}

}  // namespace baton::api
