#include "tests/api/bench.h"

#include <gtest/gtest.h>

#include "gateway/handoff/defect.h"
#include "gateway/handoff/permission.h"
#include "gateway/health/health.h"
#include "gateway/health/metrics.h"
#include "tests/api/described.h"

namespace baton::api {
namespace {

using nlohmann::json;
using secrets::Permission;

Task<std::vector<FieldError>> given(const std::vector<FieldError>& problems) { co_return problems; }

// What a probe finds; what is lacking is made on request.
Task<json> found(bool applied) {
  co_return json::array(
      {{{"what", "the token"}, {"fine", true}},
       {{"what", "the field"}, {"fine", applied}, {"remedy", "make it"}, {"can_make", true}}});
}

Task<std::string> some_metrics(bool openmetrics) {
  using health::Sample;
  const std::vector<Sample> samples = {
      {"baton_requests_total", Sample::Kind::counter, 3, {{"destination", "a\"b\\c\nd"}}},
      {"baton_requests_total", Sample::Kind::counter, 4, {{"destination", "desk"}}},
      {"baton_lane_paused", Sample::Kind::gauge, 0.5}};
  co_return openmetrics ? health::to_openmetrics(samples) : health::to_prometheus(samples);
}

// A destination that works, one that does not, and a source.
Task<json> some_health() {
  health::Picture picture;
  picture.at = TimePoint{} + std::chrono::years(56);
  auto& well = picture.destinations.emplace_back();
  well.id = DestinationId("crm");
  well.breaker = "closed";
  well.minutes5.succeeded = well.hour.succeeded = 7;
  auto& down = picture.destinations.emplace_back();
  down.id = DestinationId("desk");
  down.breaker = "open";
  down.minutes5.failed_at(Stage::answer, FailureKind::retryable) = 9;
  down.last_failure = down.credential_since = down.quota_resets_at = picture.at - 1min;
  down.quota_remaining = 0;
  down.backlog = health::Backlog{4, 1, picture.at - 3min};
  picture.sources.emplace_back().name = "chat";
  co_return health::to_json(picture);
}

Task<json> began(Bench& bench, StoreTask task) {
  bench.asked_person = task.person;
  bench.store_state = {{"task", name(task.kind)}, {"state", "done"}, {"result", json::object()}};
  co_return bench.store_state;
}

Task<json> given_back(Bench& bench, DestinationId id) {
  if (id.text == "crm") co_return Failure(FailureKind::retryable, "the vendor is not there");
  bench.paused_when_revoked = bench.store.lanes.contains(id) && bench.store.lanes.at(id).paused;
  json answer;
  answer["access"] = "revoked";
  answer["to_do"] = json::array({"take it out of the files"});
  co_return answer;
}

Views make_views(Bench& bench) {
  const auto& problems = bench.problems;
  Views views;
  views.store = [&bench] { return bench.store_state; };
  views.store_task = [&bench](StoreTask task) { return began(bench, std::move(task)); };
  views.destination = [](const DestinationId& id) -> json {
    if (id.text != "desk" && id.text != "crm") return nullptr;
    return {{"connector", "fake"}};
  };
  views.destinations = [] { return std::vector<DestinationId>{DestinationId("crm"), DestinationId("desk")}; };
  views.teams = [] { return std::vector<std::string>{"billing", "support"}; };
  views.queue = [](std::size_t) { return json{{"known", true}, {"total", 0}, {"waiting", json::array()}}; };
  views.team_list = [] { return json{{"teams", json::array()}}; };
  views.is_member = [](std::string_view id) { return id == "ana"; };
  views.may_read = [&bench](const Handoff& handoff, std::string_view who) {
    return handoff::may_read(handoff, who, bench.teams);
  };
  views.test = [](const DestinationId&, bool apply) { return found(apply); };
  views.revoke = [&bench](const DestinationId& id) { return given_back(bench, id); };
  views.rules = [] { return json{{"routes", json::array()}}; };
  views.metrics = some_metrics;
  views.health = [] { return some_health(); };
  views.reload = [&problems]() -> Task<std::vector<FieldError>> { return given(problems); };
  views.schema = [](const std::string& file) -> json {
    if (file != "envelope.schema.json") return nullptr;
    return {{"$id", file}};
  };
  return views;
}

secrets::TokenOptions options_in(const std::string& folder) {
  secrets::TokenOptions options;
  options.directory = folder;
  return options;
}

}  // namespace

Bench::Bench()
    : clock(loop, TimePoint{} + std::chrono::years(56)), memory(store, clock), journal(memory, clock),
      tokens(options_in(folder.path())), read(make_token("reader", {Permission::read})),
      agent(make_token("Anna's tool", {Permission::agent})),
      operate(make_token("operator", {Permission::read, Permission::agent, Permission::operate})),
      api(journal, clock, random, tokens, make_views(*this)),
      planner(memory, clock, random, rules, abilities, patience, tell_testing::shipped(), {}, &board),
      scope(loop, clock) {
  revoked = make_token("gone", {Permission::read, Permission::agent, Permission::operate});
  const auto known = tokens.list();
  for (const auto& token : *known) {
    if (token.name == "gone") BATON_CHECK(tokens.revoke(token.id));
  }
  api.serve_on(server);
  scope.spawn(planner.run(scope.stop_token()));
}

std::string Bench::make_token(const std::string& name, std::vector<Permission> permissions) {
  auto made = tokens.create(name, std::move(permissions), clock.now());
  BATON_CHECK(made);
  return std::string(made->token.reveal());
}

RawRequest Bench::request(const std::string& method, const std::string& target, const std::string& token,
                          const std::string& body) {
  RawRequest request(method, target, body);
  if (!token.empty()) request.headers["authorization"] = "Bearer " + token;
  request.received_at = clock.now();
  return request;
}

Task<Reply> Bench::start(const std::string& method, const std::string& target, const std::string& token,
                         const std::string& body) {
  return server.handle(request(method, target, token, body));
}

Reply Bench::call(const std::string& method, const std::string& target, const std::string& token,
                  const std::string& body) {
  auto reply = *await(start(method, target, token, body));
  // Once for the whole run, as it never changes; lives as long as the process.
  static auto& described =
      *new Described(body_of(*await(server.handle(request("GET", "/openapi.json", read)))));
  const auto type = header(reply.headers, "content-type");
  EXPECT_EQ(described.difference(method, server.pattern_of(method, target), reply.status, std::string(type),
                                 reply.body),
            "")
      << method << " " << target << "\n"
      << reply.body;
  return reply;
}

HandoffId Bench::waiting(const std::string& conversation, json more) {
  const HandoffId id("hof_" + conversation);
  Route route;
  route.rule = "all";
  route.tickets = DestinationId("desk");
  const ConversationId about("chat", conversation);
  json data = {{"conversation", {{"id", conversation}}}, {"intent", {{"summary", "Wants money back."}}}};
  data.merge_patch(more);
  Event event(EventKey(WorkspaceId("main"), "chat", "e-" + conversation), "handoff.requested", about,
              Priority::normal, std::move(data));
  Batch batch;
  batch.opens.emplace(id, WorkspaceId("main"), about, Priority::normal, route, clock.now());
  Job plan(JobKey(id, planner_lane(), Upkeep::plan), TimePoint::max());
  plan.conversation = about;
  batch.jobs.push_back(std::move(plan));
  batch.facts.emplace_back(id, event.key.text(), Fact(clock.now(), event));
  BATON_CHECK(await(memory.commit(std::move(batch)))->done());
  let_the_planner_work();
  return id;
}

void Bench::met_bug(const std::string& key) {
  const json data = {{"errors", {{{"code", "PSP-502"}, {"component", "payments"}}}}};
  auto seen = handoff::fingerprint(data);
  seen->key = key;
  handoff::Sighting sighting;
  sighting.parts = seen->parts;
  sighting.customer = "company acme";
  sighting.value = 1200;
  sighting.handoff = HandoffId("hof_1");
  sighting.conversation = ConversationId("chat", "c1");
  handoff::BugPolicy policy;
  policy.first = true;
  auto bug = handoff::advance(handoff::new_bug(*seen), sighting, clock.now(), policy).bug;
  bug = handoff::advance(bug, handoff::ReportFiled{1, Receipt("ENG-12", "https://t.example/ENG-12")},
                         clock.now(), policy)
            .bug;
  Batch batch;
  batch.documents.emplace_back(std::string(handoff::kDefectKind), key, handoff::to_json(bug));
  BATON_CHECK(await(memory.commit(std::move(batch)))->done());
}

JobKey Bench::dead_letter(const HandoffId& handoff, FailureKind kind) {
  const auto claim = await(memory.claim(DestinationId("desk"), 100, 10s));
  Batch batch;
  std::optional<JobKey> key;
  for (const auto& claimed : claim->jobs) {
    auto job = claimed.job;
    if (job.key.handoff == handoff) {
      job.state = JobState::dead;
      job.failure = Failure(kind, "the desk said no");
      job.ended_at = clock.now();
      key = job.key;
    }
    batch.updates.emplace_back(std::move(job), claimed.lease.token, true);
  }
  BATON_CHECK(key && await(memory.commit(std::move(batch)))->done());
  let_the_planner_work();
  return *key;
}

json body_of(const Reply& reply) { return json::parse(reply.body); }
std::string code_of(const Reply& reply) {
  const auto body = json::parse(reply.body, nullptr, false);
  return body.is_object() ? body.value("code", "") : "";
}

}  // namespace baton::api
