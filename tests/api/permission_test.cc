// Who may do what, and that it is written down: both generated from the routes that are served, so a
// route that somebody adds is tested by itself.
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;
using secrets::Permission;

// A request that would do something: parameters name what exists, the body gives a reason.
struct Trial {
  std::string target;
  std::string body;
};

std::string filled(std::string pattern, const std::string& name, const std::string& value) {
  const auto at = pattern.find("{" + name + "}");
  return at == std::string::npos ? pattern : pattern.replace(at, name.size() + 2, value);
}

Trial trial_of(Bench& bench, const ApiRoute& route) {
  const auto id = bench.waiting("c1");
  const bool ends_silence = route.pattern == "/v1/silences/{id}";
  if (ends_silence)
    bench.store.documents[{"silence", "sil_1"}] = Document("silence", "sil_1", {{"by", "x"}}, 1);
  auto target = filled(route.pattern, "id", ends_silence ? "sil_1" : id.text);
  target = filled(target, "name", "desk");
  target = filled(target, "member", "ana");
  target = filled(target, "file", "envelope.schema.json");
  if (route.pattern.ends_with("{key}")) {
    bench.met_bug("k1");
    target = filled(target, "key", "k1");
  }
  if (route.method == "GET") return {target, ""};
  json body = {{"why", "because of the audit"}};
  if (route.pattern == "/v1/dead-letters/count") body["filter"] = {{"destination", "desk"}};
  if (route.pattern == "/v1/dead-letters/replay") body["delivery"] = bench.dead_letter(id).text();
  if (route.pattern == "/v1/silences") {
    body["alert"] = "destination/desk/*";
    body["until"] = to_rfc3339(bench.clock.now() + 1h);
  }
  if (route.pattern.starts_with("/v1/presence/")) body["presence"] = "busy";
  if (route.pattern.ends_with("/erase")) body["email"] = "ada@example.com";
  if (route.pattern.ends_with("/feedback")) body["fault"] = "too_late";
  if (route.pattern.ends_with("/return")) body["text"] = "Paid back.";
  if (route.pattern.ends_with("/decline")) {
    bench.teams["billing"].name = "billing";
    bench.teams["billing"].members.resize(1);
    bench.teams["billing"].members[0].id = "ana";
    body["by"] = "ana";
  }
  if (route.pattern.ends_with("/release") || route.pattern.ends_with("/pass-on")) {
    (void)bench.post("/v1/handoffs/" + id.text + "/claim", {{"by", "somebody"}});
    body["by"] = "somebody";
  }
  return {target, body.dump()};
}

std::vector<ApiRoute> routes() {
  Bench bench;
  return bench.api.routes();
}

struct Visitor {
  std::string what;
  std::string token;
  std::optional<Permission> has;  // nothing: not known at all
  bool operates = false;          // has all three
};

std::vector<Visitor> visitors(const Bench& bench) {
  return {{"nobody", "", {}},
          {"garbage", "bat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", {}},
          {"no token at all", "x", {}},
          {"a revoked token", bench.revoked, {}},
          {"a token cut short", bench.operate.substr(0, bench.operate.size() - 1), {}},
          {"read", bench.read, Permission::read},
          {"agent", bench.agent, Permission::agent}};
}

TEST(Permissions, every_route_declares_one) {
  for (const auto& route : routes()) {
    EXPECT_TRUE(route.permission) << route.method << " " << route.pattern << " would be open to all";
    EXPECT_FALSE(route.summary.empty()) << route.pattern;
  }
}

TEST(Permissions, what_changes_something_is_no_get_and_wants_more_than_reading) {
  for (const auto& route : routes()) {
    if (route.audit.empty()) continue;
    EXPECT_NE(route.method, "GET") << route.pattern;
    EXPECT_NE(route.permission, Permission::read) << route.pattern;
  }
}

// The matrix below holds the routes against themselves; this holds them against what was meant.
TEST(Permissions, what_people_did_is_shown_to_operators_only) {
  for (const auto& route : routes()) {
    const bool operators_only =
        route.pattern == "/v1/audit" || route.pattern == "/v1/dead-letters/replay" ||
        route.pattern == "/v1/configuration/reload" || route.pattern.starts_with("/v1/silences") ||
        route.pattern.starts_with("/v1/store") || route.pattern.starts_with("/v1/destinations/");
    EXPECT_EQ(route.permission == Permission::operate, operators_only)
        << route.method << " " << route.pattern;
  }
}

TEST(Permissions, each_route_lets_in_exactly_whom_it_declares) {
  int combinations = 0;
  for (const auto& route : routes()) {
    Bench bench;
    const auto trial = trial_of(bench, route);
    for (const auto& visitor : visitors(bench)) {
      SCOPED_TRACE(route.method + " " + route.pattern + " for " + visitor.what);
      const auto rows = bench.store.last_number;
      const bool allowed = visitor.has && visitor.has == route.permission;
      const auto status = bench.call(route.method, trial.target, visitor.token, trial.body).status;
      if (allowed) {
        EXPECT_EQ(status, 200);
      } else {
        EXPECT_EQ(status, visitor.has ? 403 : 401);
        EXPECT_EQ(bench.store.last_number, rows);
        EXPECT_TRUE(bench.store.lanes.empty());
      }
      ++combinations;
    }
    Bench fresh;  // what was allowed above may have used up what the trial was about
    const auto again = trial_of(fresh, route);
    EXPECT_EQ(fresh.call(route.method, again.target, fresh.operate, again.body).status, 200) << route.pattern;
  }
  EXPECT_GE(combinations, 20 * 7);
}

TEST(Permissions, the_scheme_is_bearer_in_any_case_and_no_other) {
  Bench bench;
  auto with = [&](const std::string& authorization) {
    auto request = bench.request("GET", "/v1/handoffs", "");
    request.headers["authorization"] = authorization;
    return bench.await(bench.server.handlers.at({"GET", "/v1/handoffs"})(request))->status;
  };
  EXPECT_EQ(with("Bearer " + bench.read), 200);
  EXPECT_EQ(with("bearer  " + bench.read + " "), 200);
  EXPECT_EQ(with(bench.read), 401);
  EXPECT_EQ(with("Basic " + bench.read), 401);
  EXPECT_EQ(with("Bearer"), 401);
  EXPECT_EQ(with("Bearer "), 401);
  EXPECT_EQ(with("Bearer " + bench.read + "," + bench.read), 401);
  const auto told = bench.call("GET", "/v1/handoffs", "");
  EXPECT_EQ(header(told.headers, "www-authenticate"), "Bearer realm=\"baton\"");
}

TEST(Permissions, a_token_that_is_revoked_stops_at_once) {
  Bench bench;
  EXPECT_EQ(bench.call("GET", "/v1/handoffs", bench.read).status, 200);
  const auto known = bench.tokens.list();
  for (const auto& token : *known) {
    if (token.name == "reader") ASSERT_TRUE(bench.tokens.revoke(token.id));
  }
  EXPECT_EQ(bench.call("GET", "/v1/handoffs", bench.read).status, 401);
}

TEST(Audit, every_changing_route_says_who_what_and_why) {
  int changing = 0;
  for (const auto& route : routes()) {
    Bench bench;
    const auto trial = trial_of(bench, route);
    const auto before = bench.store.audit.size();
    ASSERT_EQ(bench.call(route.method, trial.target, bench.operate, trial.body).status, 200) << route.pattern;
    if (route.audit.empty()) {
      EXPECT_EQ(bench.store.audit.size(), before) << route.pattern << " changes something without saying so";
      continue;
    }
    ++changing;
    ASSERT_EQ(bench.store.audit.size(), before + 1) << route.pattern;
    const auto& entry = bench.store.audit.back();
    EXPECT_THAT(entry.who, testing::AllOf(testing::StartsWith("operator (tok_"), testing::EndsWith(")")));
    EXPECT_EQ(entry.what, route.audit);
    EXPECT_EQ(entry.why, "because of the audit");
    EXPECT_FALSE(entry.subject.empty());
    EXPECT_EQ(entry.at, bench.clock.now() > entry.at ? entry.at : bench.clock.now());
  }
  EXPECT_GE(changing, 6);
}

TEST(Audit, is_written_with_the_change_or_not_at_all) {
  for (const auto& route : routes()) {
    if (route.audit.empty()) continue;
    Bench bench;
    const auto trial = trial_of(bench, route);
    const auto audit = bench.store.audit.size();
    const auto rows = bench.store.last_number;
    bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
    const auto answer = bench.call(route.method, trial.target, bench.operate, trial.body);
    EXPECT_EQ(answer.status, 503) << route.pattern;
    EXPECT_TRUE(answer.retry_after) << route.pattern;
    EXPECT_EQ(bench.store.audit.size(), audit);
    EXPECT_EQ(bench.store.last_number, rows);
    EXPECT_TRUE(bench.store.lanes.empty());
  }
}

TEST(Audit, is_listed_newest_first_to_operators) {
  Bench bench;
  (void)bench.post("/v1/destinations/desk/pause", {{"why", "maintenance"}});
  (void)bench.post("/v1/destinations/desk/resume", {{"why", "done"}});
  const auto entries = body_of(bench.get("/v1/audit"))["entries"];
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0]["what"], "destination.resume");
  EXPECT_EQ(entries[1]["why"], "maintenance");
  EXPECT_EQ(body_of(bench.get("/v1/audit?limit=1"))["entries"].size(), 1u);
}

TEST(Description, lists_every_route_and_nothing_else) {
  Bench bench;
  const auto described = body_of(bench.get("/openapi.json"));
  EXPECT_EQ(described["openapi"], "3.1.0");
  std::size_t operations = 0;
  for (const auto& [path, methods] : described["paths"].items()) operations += methods.size();
  EXPECT_EQ(operations, bench.api.routes().size());
  EXPECT_EQ(operations, bench.server.handlers.size());
  for (const auto& route : bench.api.routes()) {
    std::string method = route.method;
    for (auto& c : method) c = static_cast<char>(std::tolower(c));
    ASSERT_TRUE(described["paths"].contains(route.pattern)) << route.pattern;
    ASSERT_TRUE(described["paths"][route.pattern].contains(method)) << route.pattern;
    const auto& operation = described["paths"][route.pattern][method];
    EXPECT_EQ(operation["x-permission"], secrets::name(*route.permission));
    EXPECT_EQ(operation.value("x-audit", ""), route.audit);
    const auto in_path = [](const json& parameter) { return parameter["in"] == "path"; };
    EXPECT_EQ(std::ranges::count(route.pattern, '{'),
              std::ranges::count_if(operation["parameters"], in_path));
    for (const auto& shape : {route.answers, route.takes}) {
      EXPECT_TRUE(shape.empty() || described["components"]["schemas"].contains(shape)) << shape;
    }
    EXPECT_FALSE(route.answers.empty()) << route.pattern;
    EXPECT_TRUE(bench.server.handlers.contains({route.method, route.pattern}));
  }
}

// Nothing that a caller may read or provoke shows a token.
TEST(Canary, no_token_appears_in_any_answer_or_row) {
  for (const auto& route : routes()) {
    Bench bench;
    const auto trial = trial_of(bench, route);
    std::string said;
    for (const auto* body : {trial.body.c_str(), "{", "[]", "{\"why\": 1}"}) {
      for (const auto& token : {bench.operate, bench.agent, bench.revoked}) {
        const auto answer = bench.call(route.method, trial.target, token, body);
        said += answer.body;
        for (const auto& [name, value] : answer.headers) said += value;
      }
    }
    for (const auto& entry : bench.store.audit) said += entry.who + entry.subject + entry.why;
    for (const auto& file : std::filesystem::directory_iterator(bench.folder.path())) {
      std::ifstream in(file.path(), std::ios::binary);
      said.append(std::istreambuf_iterator<char>(in), {});
    }
    for (const auto& token : {bench.operate, bench.agent, bench.revoked, bench.read}) {
      EXPECT_EQ(said.find(token), std::string::npos) << route.pattern;
      EXPECT_EQ(said.find(token.substr(4)), std::string::npos) << route.pattern;
    }
  }
}

}  // namespace
}  // namespace baton::api
