// Simulated vendors behind a listener, with their control routes.
#include "connectors/simulation/host.h"

#include "connectors/simulation/client.h"
#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

// Routes as the port describes them, without a socket.
class MemoryServer final : public HttpServer {
 public:
  void route(std::string method, std::string pattern, Handler handler, RouteLimits) override {
    routes_.push_back({std::move(method), std::move(pattern), std::move(handler)});
  }
  Result<Done> start() override { return Done{}; }
  std::uint16_t port() const override { return 0; }
  void drain(Duration) override {}

  Task<Reply> serve(RawRequest raw) const {
    for (const auto& route : routes_) {
      if (route.method == raw.method && fits(route.pattern, raw)) return route.handler(std::move(raw));
    }
    return none();
  }

 private:
  struct Entry {
    std::string method, pattern;
    Handler handler;
  };
  static Task<Reply> none() { co_return Reply(404); }
  static bool fits(const std::string& pattern, RawRequest& raw) {
    const auto wanted = split(pattern, '/'), given = split(path_of(raw.target), '/');
    if (wanted.size() != given.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].starts_with('{')) {
        raw.params[std::string(wanted[i].substr(1, wanted[i].size() - 2))] = given[i];
      } else if (wanted[i] != given[i]) {
        return false;
      }
    }
    return true;
  }
  std::vector<Entry> routes_;
};

// Baton as its vendors see it: refuses some webhooks first.
class Hooks final : public HttpClient {
 public:
  Task<Reply> exchange(Outgoing outgoing) override {
    taken.push_back(outgoing.request);
    if (answers.empty()) co_return Reply(200);
    const auto status = answers.front();
    answers.erase(answers.begin());
    if (status == 0) co_return Failure(FailureKind::ambiguous, "no answer");
    co_return Reply(status, "", status == 503 ? std::optional<Duration>(30s) : std::nullopt);
  }
  std::vector<Request> taken;
  std::vector<int> answers;
};

class Hosting : public testing::Test {
 public:
  Reply send(std::string method, std::string target, std::string body = {}, Headers headers = {}) {
    RawRequest raw(std::move(method), std::move(target), std::move(body), std::move(headers));
    raw.received_at = clock.now();
    std::optional<Result<Reply>> outcome;
    Scope scope(loop, clock);
    scope.spawn(server.serve(std::move(raw)),
                [&](Result<Reply> reply) { outcome.emplace(std::move(reply)); });
    clock.run(clock.now() + 1h);
    return outcome && *outcome ? *std::move(*outcome) : Reply(599);
  }
  Reply slack(const std::string& method, const json& args) {
    return send(
        "POST", "/slack/api/" + method, dump(args),
        {{"authorization", "Bearer xoxb-baton"}, {"content-type", "application/json; charset=utf-8"}});
  }

  Loop loop;
  VirtualClock clock{loop, kNoon};
  MemoryServer server;
  Hooks hooks;
  Host host{server, hooks, clock, loop};

  void SetUp() override {
    host.add("slack", make_vendor("slack", {}), "https://baton.example/v1/hooks/slack");
    host.add("hubspot", make_vendor("hubspot", {{"echo", "on"}}), "https://baton.example/v1/hooks/hubspot");
    host.add("platform", make_vendor("standard_webhooks", {}));
  }
};

TEST_F(Hosting, strips_the_prefix_and_shows_the_ledgers) {
  EXPECT_EQ(body_of(slack("chat.postMessage", {{"channel", "C0HANDOFFS"}, {"text", "x"}}))["ok"], true);
  const auto all = body_of(send("GET", "/_sim/ledger"));
  EXPECT_EQ(all["slack"]["effects"]["messages_posted"], 1);
  EXPECT_EQ(all["hubspot"]["requests"], 0);
  EXPECT_EQ(body_of(send("GET", "/_sim/ledger/slack"))["messages"].size(), 1u);
  EXPECT_EQ(send("GET", "/_sim/ledger/nobody").status, 404);
  EXPECT_EQ(body_of(send("GET", "/_sim/requests"))["slack"]["POST /api/chat.postMessage"], 1);
  EXPECT_EQ(send("PUT", "/hubspot/crm/objects/2026-09/tickets/3002/associations/default/contacts/52", "",
                 {{"authorization", "Bearer pat-eu1-baton"}})
                .status,
            200);
  EXPECT_EQ(send("GET", "/slacker/api/auth.test").status, 404);
}

TEST_F(Hosting, injects_faults_on_request) {
  const auto test = [&] { return slack("auth.test", json::object()); };
  EXPECT_EQ(send("POST", "/_sim/faults",
                 R"({"vendor":"slack","kind":"status","status":503,"times":-1,"retry_after":9})")
                .status,
            204);
  EXPECT_EQ(body_of(send("GET", "/_sim/faults"))["slack"][0]["kind"], "status");
  EXPECT_TRUE(body_of(send("GET", "/_sim/faults"))["hubspot"].empty());
  EXPECT_EQ(test().status, 503);
  EXPECT_EQ(header(test().headers, "retry-after"), "9");
  EXPECT_EQ(send("DELETE", "/_sim/faults?vendor=slack").status, 204);
  EXPECT_EQ(test().status, 200);
  EXPECT_EQ(send("POST", "/_sim/faults", R"({"kind":"lose_reply"})").status, 204);
  EXPECT_EQ(test().status, 0);  // closed without an answer
  EXPECT_EQ(send("POST", "/_sim/faults", R"({"kind":"slow","vendor":"slack"})").status, 204);
  const auto before = clock.now();
  EXPECT_EQ(header(test().headers, "x-sim-drip"), "1");
  EXPECT_EQ(clock.now() - before, Duration(3s));
  EXPECT_EQ(send("POST", "/_sim/faults", R"({"kind":"explode"})").status, 400);
  EXPECT_EQ(send("POST", "/_sim/faults", "{").status, 400);
  EXPECT_EQ(send("POST", "/_sim/faults", R"({"kind":"slow","vendor":"nobody"})").status, 404);
  EXPECT_EQ(send("DELETE", "/_sim/faults?vendor=nobody").status, 404);
}

TEST_F(Hosting, carries_a_deed_out_and_repeats_its_webhook_until_baton_takes_it) {
  hooks.answers = {503, 0, 500, 202};
  const auto answer =
      body_of(send("POST", "/_sim/act/hubspot", R"({"move_stage":{"ticket":"3002","stage":"4"}})"));
  ASSERT_EQ(answer["sent"].size(), 1u) << answer;
  EXPECT_EQ(answer["sent"][0]["status"], 202);
  EXPECT_EQ(answer["sent"][0]["attempts"], 4);
  ASSERT_EQ(hooks.taken.size(), 4u);
  EXPECT_EQ(hooks.taken[0].target, "https://baton.example/v1/hooks/hubspot");
  EXPECT_EQ(json::parse(hooks.taken[3].body)[0]["attemptNumber"], 3);
  EXPECT_NE(hooks.taken[0].headers.at("x-hubspot-signature-v3"),
            hooks.taken[3].headers.at("x-hubspot-signature-v3"));
  EXPECT_EQ(clock.now(), kNoon + 30s + 2s + 4s);  // Retry-After, then doubled waits
}

TEST_F(Hosting, does_not_repeat_a_click_and_stops_at_a_refusal) {
  const json button = {{"type", "button"},
                       {"action_id", "baton_claim"},
                       {"value", "hof_1"},
                       {"text", {{"type", "plain_text"}, {"text", "Claim"}}}};
  const json blocks = json::array({{{"type", "actions"}, {"elements", json::array({button})}}});
  const auto ts = body_of(
      slack("chat.postMessage", {{"channel", "C0HANDOFFS"}, {"text", "x"}, {"blocks", blocks}}))["ts"];
  hooks.answers = {500};
  const json deed = {{"click", {{"channel", "C0HANDOFFS"}, {"ts", ts}, {"action_id", "baton_claim"}}}};
  EXPECT_EQ(body_of(send("POST", "/_sim/act/slack", dump(deed)))["sent"][0]["attempts"], 1);
  hooks.answers = {401};
  EXPECT_EQ(body_of(send("POST", "/_sim/act/hubspot",
                         R"({"move_stage":{"ticket":"3002","stage":"4"}})"))["sent"][0]["attempts"],
            1);
  EXPECT_EQ(send("POST", "/_sim/act/nobody", "{}").status, 404);
  EXPECT_EQ(send("POST", "/_sim/act/slack", "{").status, 400);
  EXPECT_EQ(send("POST", "/_sim/act/slack", "{}").status, 400);
  EXPECT_EQ(send("POST", "/_sim/act/slack", R"({"click":{"channel":"C0HANDOFFS","ts":"1"}})").status, 422);
}

TEST_F(Hosting, only_shows_a_webhook_where_no_address_is_known) {
  const auto answer =
      body_of(send("POST", "/_sim/act/platform", R"({"send":{"type":"handoff.requested","data":{}}})"));
  EXPECT_FALSE(answer["sent"][0].contains("status"));
  EXPECT_FALSE(answer["sent"][0]["headers"]["webhook-signature"].get<std::string>().empty());
  EXPECT_TRUE(hooks.taken.empty());
}

TEST_F(Hosting, sends_what_batons_own_writes_cause) {
  const auto reply = send("PATCH", "/hubspot/crm/objects/2026-09/tickets/3002",
                          R"({"properties":{"hs_pipeline_stage":"4"}})",
                          {{"authorization", "Bearer pat-eu1-baton"}, {"content-type", "application/json"}});
  EXPECT_EQ(reply.status, 200);
  ASSERT_EQ(hooks.taken.size(), 1u);
  EXPECT_EQ(json::parse(hooks.taken[0].body)[0]["changeSource"], "INTEGRATION");
}

}  // namespace
}  // namespace baton::simulation
