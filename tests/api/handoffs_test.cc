// The routes below /v1/handoffs, and how wrong requests are answered.
#include <regex>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/api/patience.h"
#include "tests/api/bench.h"
#include "tests/support/random_handoffs.h"

namespace baton::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string path(const HandoffId& id, const char* what = "") { return "/v1/handoffs/" + id.text + what; }

TEST(Claims, have_one_winner_and_the_other_hears_who_it_is) {
  Bench bench;
  const auto id = bench.waiting("c1");
  const auto anna = bench.post(path(id, "/claim"), {{"by", "anna"}, {"name", "Anna"}});
  EXPECT_EQ(anna.status, 200) << anna.body;
  EXPECT_EQ(body_of(anna)["owner"], json({{"id", "anna"}, {"name", "Anna"}}));
  EXPECT_EQ(body_of(anna)["state"], "claimed");
  const auto ben = bench.post(path(id, "/claim"), {{"by", "ben"}, {"name", "Ben"}});
  EXPECT_EQ(ben.status, 409) << ben.body;
  EXPECT_THAT(body_of(ben)["detail"], HasSubstr("Anna has it"));
  EXPECT_EQ(bench.record(id).handoff.owner, "anna");
}

TEST(Claims, at_the_same_instant_have_one_winner_who_is_told_so) {
  Bench bench;
  const auto id = bench.waiting("c1");
  std::map<std::string, Reply> answers;
  for (const auto* who : {"anna", "ben"}) {  // and both are called Sam
    bench.scope.spawn(
        bench.start("POST", path(id, "/claim"), bench.operate, json{{"by", who}, {"name", "Sam"}}.dump()),
        [&answers, who](Result<Reply> got) { answers[who] = std::move(*got); });
  }
  bench.clock.run(bench.clock.now() + 5s);
  ASSERT_EQ(answers.size(), 2u);
  const auto owner = bench.record(id).handoff.owner;
  const auto loser = owner == "anna" ? "ben" : "anna";
  EXPECT_EQ(answers.at(owner).status, 200) << answers.at(owner).body;
  EXPECT_EQ(answers.at(loser).status, 409) << answers.at(loser).body;
}

TEST(Claims, made_twice_by_one_person_are_well_and_soon_answered) {
  Bench bench;
  const auto id = bench.waiting("c1");
  ASSERT_EQ(bench.post(path(id, "/claim"), {{"by", "anna"}}).status, 200);
  const auto begun = bench.clock.now();
  const auto again = bench.post(path(id, "/claim"), {{"by", "anna"}});
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(body_of(again)["owner"]["id"], "anna");
  EXPECT_LT(bench.clock.now() - begun, 1s);
}

TEST(Claims, without_a_name_are_the_tokens_own) {
  Bench bench;
  const auto id = bench.waiting("c1");
  const auto answer = bench.call("POST", path(id, "/claim"), bench.agent);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(body_of(answer)["owner"]["name"], "Anna's tool");
  EXPECT_THAT(body_of(answer)["owner"]["id"].get<std::string>(), testing::StartsWith("tok_"));
}

TEST(Claims, that_nobody_decides_in_time_are_accepted) {
  Bench bench;
  const auto id = bench.waiting("c1");
  bench.scope.cancel();  // the planner stands still
  bench.clock.run(bench.clock.now() + 1s);
  const auto answer = bench.post(path(id, "/claim"), {{"by", "anna"}});
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(body_of(answer)["accepted"], id.text);
}

TEST(Releases, are_for_the_owner) {
  Bench bench;
  const auto id = bench.waiting("c1");
  EXPECT_EQ(bench.post(path(id, "/release"), {{"by", "anna"}}).status, 409);  // nobody has it
  ASSERT_EQ(bench.post(path(id, "/claim"), {{"by", "anna"}}).status, 200);
  const auto ben = bench.post(path(id, "/release"), {{"by", "ben"}});
  EXPECT_EQ(ben.status, 409);
  EXPECT_THAT(body_of(ben)["detail"], HasSubstr("anna has it"));
  const auto anna = bench.post(path(id, "/release"), {{"by", "anna"}});
  EXPECT_EQ(anna.status, 200);
  EXPECT_EQ(body_of(anna)["state"], "waiting");
  EXPECT_FALSE(body_of(anna).contains("owner"));
}

TEST(Resolutions, return_the_conversation) {
  Bench bench;
  const auto id = bench.waiting("c1");
  const auto answer = bench.post(path(id, "/resolve"), {{"by", "anna"}, {"text", "Paid back."}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(body_of(answer)["state"], "returned");
  EXPECT_EQ(bench.record(id).handoff.resolution, "Paid back.");
  EXPECT_EQ(bench.post(path(id, "/resolve"), {{"by", "anna"}}).status, 409);
  EXPECT_EQ(bench.post(path(id, "/claim"), {{"by", "anna"}}).status, 409);
}

TEST(Returns, tell_the_ai_how_it_ended_what_was_done_and_what_is_left) {
  Bench bench;
  const auto id = bench.waiting("c1");
  ASSERT_EQ(bench.post(path(id, "/claim"), {{"by", "anna"}}).status, 200);
  EXPECT_EQ(code_of(bench.post(path(id, "/return"), {{"by", "anna"}, {"text", " "}})), "text_is_required");
  const json said = {{"by", "anna"},
                     {"text", "Paid back."},
                     {"did", {"Found the second charge", "Paid it\nback"}},
                     {"follow_ups", {"Ask on Monday whether it arrived"}}};
  const auto answer = bench.post(path(id, "/return"), said);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(body_of(answer)["state"], "returned");
  const auto handoff = bench.record(id).handoff;
  EXPECT_EQ(handoff.resolution, "Paid back.");
  EXPECT_EQ(handoff.did, (std::vector<std::string>{"Found the second charge", "Paid it back"}));
  EXPECT_EQ(handoff.follow_ups, std::vector<std::string>{"Ask on Monday whether it arrived"});
}

TEST(Returns, are_refused_while_another_has_it_and_the_second_time_and_that_is_shown) {
  Bench bench;
  const auto id = bench.waiting("c1");
  ASSERT_EQ(bench.post(path(id, "/claim"), {{"by", "anna"}}).status, 200);
  const auto ben = bench.post(path(id, "/return"), {{"by", "ben"}, {"text", "I think it is over."}});
  EXPECT_EQ(ben.status, 409);
  EXPECT_THAT(body_of(ben)["detail"], HasSubstr("anna has it"));
  EXPECT_EQ(bench.record(id).handoff.resolution, "");
  ASSERT_EQ(bench.post(path(id, "/return"), {{"by", "anna"}, {"text", "Paid back."}}).status, 200);
  const auto again = bench.post(path(id, "/return"), {{"by", "anna"}, {"text", "Not paid back."}});
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(body_of(again)["detail"], HasSubstr("the handoff is returned, anna had it"));
  EXPECT_EQ(bench.record(id).handoff.resolution, "Paid back.") << "the first word stands";
  int shown = 0;
  const auto timeline = body_of(bench.get(path(id, "/timeline")));
  for (const auto& moment : timeline["timeline"]) shown += moment["kind"] == "refused";
  EXPECT_EQ(shown, 2);
}

TEST(Declining, is_for_members_while_nobody_has_it) {
  Bench bench;
  auto& team = bench.teams["billing"];
  team.name = "billing";
  team.members.resize(1);
  team.members[0].id = "ana";
  const auto id = bench.waiting("c1");
  const auto stranger = bench.post(path(id, "/decline"), {{"by", "zoe"}});
  EXPECT_EQ(stranger.status, 409);
  EXPECT_THAT(body_of(stranger)["detail"], HasSubstr("you are none"));
  const auto ana = bench.post(path(id, "/decline"), {{"by", "ana"}, {"why", "at lunch"}});
  EXPECT_EQ(ana.status, 200) << ana.body;
  EXPECT_TRUE(bench.record(id).handoff.declined.contains("ana"));
  EXPECT_EQ(bench.store.audit.back().what, "handoff.decline");
  ASSERT_EQ(bench.post(path(id, "/claim"), {{"by", "ana"}}).status, 200);
  EXPECT_EQ(bench.post(path(id, "/decline"), {{"by", "ana"}}).status, 409)
      << "now it is released or passed on";
}

TEST(Acts, by_a_token_that_bears_a_members_name_are_theirs) {
  Bench bench;
  const auto id = bench.waiting("c1");
  const auto ana = bench.make_token("ana", {secrets::Permission::agent});
  ASSERT_EQ(bench.call("POST", path(id, "/claim"), ana, "{}").status, 200);
  EXPECT_EQ(bench.record(id).handoff.owner, "ana");
}

TEST(Handoffs, are_shown_whole) {
  Bench bench;
  const auto id = bench.waiting("c1");
  const auto shown = body_of(bench.get(path(id)));
  EXPECT_EQ(shown["id"], id.text);
  EXPECT_EQ(shown["state"], "waiting");
  EXPECT_EQ(shown["conversation"], "c1");
  EXPECT_EQ(shown["source"], "chat");
  EXPECT_EQ(shown["rule"], "all");
  EXPECT_EQ(shown["sequence"], 1);
  EXPECT_EQ(shown["data"]["intent"]["summary"], "Wants money back.");
}

TEST(Timelines, tell_everything_in_order_with_its_distance) {
  Bench bench;
  const auto id = bench.waiting("c1");
  bench.dead_letter(id);
  ASSERT_EQ(bench.post(path(id, "/claim"), {{"by", "anna"}}).status, 200);
  const auto body = body_of(bench.get(path(id, "/timeline")));
  EXPECT_EQ(body["handoff"]["id"], id.text);
  std::vector<std::string> kinds;
  std::int64_t last = 0;
  for (const auto& moment : body["timeline"]) {
    kinds.push_back(moment["kind"]);
    EXPECT_GE(moment["after_ms"].get<std::int64_t>(), last);
    last = moment["after_ms"];
    EXPECT_TRUE(moment.contains("at") && moment.contains("text") && moment.contains("detail"));
  }
  EXPECT_THAT(kinds, testing::IsSupersetOf({"event", "state", "delivery", "signal"}));
  EXPECT_THAT(body.dump(), testing::AllOf(HasSubstr("the desk said no"), HasSubstr("DEAD LETTER")));
}

TEST(Briefs, have_their_five_parts) {
  Bench bench;
  const auto brief = body_of(bench.get(path(bench.waiting("c1"), "/brief")));
  for (const auto* part :
       {"headline", "who", "wanted", "went_wrong", "tried", "next", "completeness", "missing"}) {
    EXPECT_TRUE(brief.contains(part)) << part;
  }
  EXPECT_TRUE(brief["text"].get<std::string>().starts_with("Who: ")) << brief;
  EXPECT_EQ(bench.get("/v1/handoffs/hof_c1/brief?surface=cli").status, 200);
  EXPECT_EQ(code_of(bench.get("/v1/handoffs/hof_c1/brief?surface=fax")), "invalid_query");
}

TEST(Lists, are_paged_filtered_and_newest_first) {
  Bench bench;
  for (const auto* conversation : {"c1", "c2", "c3", "c4", "c5"}) bench.waiting(conversation);
  ASSERT_EQ(bench.post("/v1/handoffs/hof_c2/resolve", {{"by", "anna"}}).status, 200);
  const auto ids = [&](const std::string& query) {
    std::vector<std::string> found;
    const auto body = body_of(bench.get("/v1/handoffs" + query));
    for (const auto& one : body["handoffs"]) found.push_back(one["id"]);
    return found;
  };
  using testing::ElementsAre;
  EXPECT_THAT(ids("?limit=2"), ElementsAre("hof_c5", "hof_c4"));
  EXPECT_THAT(ids("?limit=2&before=hof_c4"), ElementsAre("hof_c3", "hof_c2"));
  EXPECT_THAT(ids("?limit=2&before=hof_c1"), ElementsAre());
  EXPECT_THAT(ids("?state=returned"), ElementsAre("hof_c2"));
  EXPECT_EQ(ids("?open=true").size(), 4u);
  EXPECT_EQ(ids("?open=false").size(), 5u);
  EXPECT_THAT(ids("?source=chat&conversation=c3"), ElementsAre("hof_c3"));
}

TEST(Lists, refuse_questions_that_they_cannot_read) {
  Bench bench;
  for (const auto* query : {"?state=open", "?limit=0", "?limit=many", "?limit=501", "?limit=-1",
                            "?open=maybe", "?conversation=c1"}) {
    const auto answer = bench.get(std::string("/v1/handoffs") + query);
    EXPECT_EQ(answer.status, 422) << query;
    EXPECT_EQ(code_of(answer), "invalid_query") << query;
  }
  for (const auto* query : {"?state=x", "?limit=0", "?limit=1001", "?operation=x", "?failure=x", "?from=x",
                            "?to=x", "?after=x", "?after=-1"}) {
    EXPECT_EQ(bench.get(std::string("/v1/deliveries") + query).status, 422) << query;
    EXPECT_EQ(bench.get(std::string("/v1/dead-letters") + query).status, 422) << query;
  }
}

TEST(Wrong, ids_are_not_there) {
  Bench bench;
  for (const auto* target :
       {"/v1/handoffs/hof_none", "/v1/handoffs/hof_none/brief", "/v1/handoffs/hof_none/timeline",
        "/v1/handoffs?before=hof_none", "/schemas/none.json", "/schemas/..%2fx"}) {
    EXPECT_EQ(bench.get(target).status, 404) << target;
    EXPECT_EQ(code_of(bench.get(target)), "not_found") << target;
  }
  for (const auto* target :
       {"/v1/handoffs/hof_none/claim", "/v1/handoffs/hof_none/release", "/v1/handoffs/hof_none/resolve",
        "/v1/destinations/none/pause", "/v1/destinations/none/resume"}) {
    EXPECT_EQ(bench.post(target, {{"why", "x"}}).status, 404) << target;
  }
  EXPECT_TRUE(bench.store.audit.empty());
}

TEST(Wrong, bodies_are_refused_before_anything_happens) {
  Bench bench;
  const auto id = bench.waiting("c1");
  const auto rows = bench.store.last_number;
  for (const auto& route : bench.api.routes()) {
    if (route.method == "GET") continue;
    auto target = route.pattern;
    if (const auto at = target.find("{id}"); at != std::string::npos) target.replace(at, 4, id.text);
    if (const auto at = target.find("{name}"); at != std::string::npos) target.replace(at, 6, "desk");
    for (const auto* body : {"{", "[]", "null", "\"x\"", "1", "{\"why\": \"\xff\"}", "nonsense"}) {
      const auto answer = bench.call(route.method, target, bench.operate, body);
      EXPECT_EQ(answer.status, 400) << route.pattern << " " << body;
      EXPECT_EQ(code_of(answer), "malformed");
      EXPECT_TRUE(json::accept(answer.body));
    }
  }
  EXPECT_EQ(bench.store.last_number, rows);
}

TEST(Wrong, journals_are_not_the_callers_fault) {
  Bench bench;
  const auto id = bench.waiting("c1");
  bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
  for (const auto* target :
       {"/v1/handoffs", "/v1/handoffs/hof_c1", "/v1/handoffs/hof_c1/brief", "/v1/handoffs/hof_c1/timeline",
        "/v1/deliveries", "/v1/dead-letters", "/v1/audit"}) {
    const auto answer = bench.get(target);
    EXPECT_EQ(answer.status, 503) << target;
    EXPECT_TRUE(answer.retry_after) << target;
  }
  // What needs no journal is shown all the same, for that is when people look.
  for (const auto* target : {"/metrics", "/v1/destinations", "/v1/routes", "/openapi.json"}) {
    EXPECT_EQ(bench.get(target).status, 200) << target;
  }
}

TEST(PassingOn, goes_to_a_team_that_exists_with_a_reason_and_only_by_who_has_it) {
  Bench bench;
  const auto id = bench.waiting("c1");
  const json to_billing = {{"by", "anna"}, {"to", "billing"}, {"why", "an invoice"}};
  EXPECT_EQ(bench.post(path(id, "/pass-on"), to_billing).status, 409);
  ASSERT_EQ(bench.post(path(id, "/claim"), {{"by", "anna"}}).status, 200);
  const auto silent = bench.post(path(id, "/pass-on"), {{"by", "anna"}, {"to", "billing"}});
  EXPECT_EQ(silent.status, 422);
  EXPECT_EQ(code_of(silent), "why_is_required");
  const auto astray = bench.post(path(id, "/pass-on"), {{"by", "anna"}, {"to", "biling"}, {"why", "x"}});
  EXPECT_EQ(astray.status, 422);
  EXPECT_THAT(body_of(astray)["detail"], HasSubstr("did you mean `billing`"));
  const auto passed = bench.post(path(id, "/pass-on"), to_billing);
  EXPECT_EQ(passed.status, 200) << passed.body;
  EXPECT_EQ(body_of(passed)["team"], "billing");
  EXPECT_EQ(body_of(passed)["state"], "waiting");
}

TEST(Feedback, is_taken_with_one_of_five_faults_and_shown_with_the_handoff) {
  Bench bench;
  const auto id = bench.waiting("c1");
  const auto unknown = bench.post(path(id, "/feedback"), {{"fault", "too_latte"}});
  EXPECT_EQ(unknown.status, 422);
  EXPECT_THAT(body_of(unknown)["detail"], HasSubstr("did you mean `too_late`"));
  EXPECT_EQ(bench.post(path(id, "/feedback"), json::object()).status, 422);
  const auto said =
      bench.post(path(id, "/feedback"), {{"by", "anna"}, {"fault", "missing_context"}, {"text", "plan"}});
  ASSERT_EQ(said.status, 200) << said.body;
  EXPECT_EQ(body_of(said)["feedback"][0]["fault"], "missing_context");
  EXPECT_EQ(body_of(said)["feedback"][0]["who"], "anna");
}

TEST(Measures, are_of_all_pages_in_the_range_and_by_what_was_asked) {
  Bench bench;
  for (int i = 0; i < 3; ++i) (void)bench.waiting("c" + std::to_string(i));
  ASSERT_EQ(bench.post("/v1/handoffs/hof_c1/claim", {{"by", "anna"}}).status, 200);
  const auto figures = body_of(bench.get("/v1/metrics/handoff?by=rule"));
  EXPECT_EQ(figures["all"]["handoffs"], 3);
  EXPECT_EQ(figures["all"]["claimed"], 1);
  EXPECT_EQ(figures["groups"][0]["name"], "all");
  const auto empty = body_of(bench.get("/v1/metrics/handoff?from=2001-01-01&to=2001-02-01"));
  EXPECT_EQ(empty["all"]["handoffs"], 0);
}

// More than two pages, compared with the same handoffs counted one after the other.
TEST(Measures, are_the_same_whatever_the_pages) {
  Bench bench;
  RandomHandoffs random(3);
  std::vector<HandoffId> opened;
  for (int i = 0; i < 1203; ++i) {
    Batch batch;
    batch.opens = random.handoff("hof_" + std::to_string(i));
    opened.push_back(batch.opens->id);
    ASSERT_TRUE(bench.await(bench.memory.commit(std::move(batch)))->done());
  }
  handoff::Periods periods;
  periods.begin = TimePoint{};
  periods.end = TimePoint{} + std::chrono::days(40'000);  // 2079-07-08
  periods.middle = periods.begin + (periods.end - periods.begin) / 2;
  for (const auto by : {handoff::By::team, handoff::By::segment}) {
    handoff::Measure measure(by, periods);
    for (auto id = opened.rbegin(); id != opened.rend(); ++id) {
      const auto one = bench.record(*id).handoff;
      if (one.requested_at < periods.end) measure.add(one);
    }
    auto wanted = measure.figures();
    wanted["from"] = "1970-01-01T00:00:00.000Z";
    wanted["to"] = "2079-07-08T00:00:00.000Z";
    wanted["earlier"] = handoff::Measure(handoff::By::nothing).whole();  // nothing is older
    wanted["earlier"]["from"] = to_rfc3339(periods.begin - (periods.end - periods.begin));
    wanted["compared"] = handoff::compared(measure.whole(), wanted["earlier"]);
    const std::string asked(handoff::kByNames[static_cast<std::size_t>(by)]);
    const auto figures = bench.get("/v1/metrics/handoff?from=1970-01-01&to=2079-07-08&by=" + asked);
    ASSERT_EQ(figures.status, 200) << figures.body;
    EXPECT_EQ(body_of(figures), wanted);
    EXPECT_GT(wanted["all"]["handoffs"], 1000);
  }
}

TEST(Measures, that_take_too_long_say_what_can_be_done) {
  Bench bench;
  RandomHandoffs random(4);
  for (int i = 0; i < 501; ++i) {
    Batch batch;
    batch.opens = random.handoff("hof_" + std::to_string(i));
    ASSERT_TRUE(bench.await(bench.memory.commit(std::move(batch)))->done());
    if (i < 499) continue;
    bench.journal.latency = kLongQuestion + 1min;
    const auto figures = bench.get("/v1/metrics/handoff");
    bench.journal.latency = {};
    EXPECT_EQ(figures.status, i == 499 ? 200 : 503);  // one page is counted, however long it took
    if (i == 499) continue;
    EXPECT_EQ(code_of(figures), "too_many_handoffs");
    EXPECT_THAT(body_of(figures)["detail"], HasSubstr("--from, --to"));
  }
}

TEST(Measures, may_take_longer_than_other_answers) {
  Bench bench;
  for (const auto& route : bench.api.routes()) {
    const bool looks_at_all = route.pattern == "/v1/metrics/handoff" || route.pattern == "/v1/gaps";
    EXPECT_EQ(route.answer, looks_at_all ? kLongAnswer : Duration{0}) << route.pattern;
  }
}

TEST(Measures, asked_for_in_words_that_nobody_knows_say_what_is_allowed) {
  Bench bench;
  const auto by = bench.get("/v1/metrics/handoff?by=tem");
  EXPECT_EQ(by.status, 422);
  EXPECT_THAT(body_of(by)["detail"], HasSubstr("did you mean `team`"));
  EXPECT_EQ(bench.get("/v1/metrics/handoff?from=yesterday").status, 422);
  EXPECT_EQ(bench.get("/v1/metrics/handoff?from=2026-02-01&to=2026-01-01").status, 422);
}

TEST(Health, names_what_is_not_well_first_and_is_asked_of_one_alone) {
  Bench bench;
  const auto all = body_of(bench.get("/v1/health"));
  EXPECT_EQ(all["state"], "down");
  EXPECT_EQ(all["summary"], "1 needs attention: desk is down");
  const auto one = body_of(bench.get("/v1/health/desk"));
  EXPECT_EQ(one["fault"], "vendor");
  EXPECT_EQ(one["oldest_pending_ms"], 180'000);
  EXPECT_EQ(bench.get("/v1/health/chat").status, 200);
  EXPECT_EQ(bench.get("/v1/health/dsk").status, 404);
}

TEST(Metrics, are_prometheus_text) {
  Bench bench;
  const auto answer = bench.get("/metrics");
  EXPECT_EQ(header(answer.headers, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
  static const std::regex kSample(
      R"(^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*")*\})? [-+0-9.eE]+$)");
  static const std::regex kComment(R"(^# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .*$)");
  std::istringstream lines(answer.body);
  int samples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) EXPECT_TRUE(std::regex_match(line, kComment)) << line;
    else EXPECT_TRUE(std::regex_match(line, kSample)) << line;
    samples += !line.starts_with('#');
  }
  EXPECT_EQ(samples, 3);
  EXPECT_THAT(answer.body, HasSubstr("# HELP baton_requests_total Requests sent to the destination."));
  EXPECT_EQ(answer.body.find("# TYPE baton_requests_total counter"),
            answer.body.rfind("# TYPE baton_requests_total counter"));
}

TEST(Metrics, are_openmetrics_for_whoever_asks_for_it) {
  Bench bench;
  auto asked = bench.request("GET", "/metrics", bench.operate);
  asked.headers["accept"] =  // as Prometheus 2.42 asks
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
  const auto answer = *bench.await(bench.server.handle(std::move(asked)));
  EXPECT_EQ(header(answer.headers, "content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(answer.body.ends_with("# EOF\n"));
}

}  // namespace
}  // namespace baton::api
