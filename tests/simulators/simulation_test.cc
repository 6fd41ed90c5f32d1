// The framework around the vendors: limits, faults, the client in memory.
#include "connectors/simulation/simulation.h"

#include "connectors/simulation/client.h"
#include "connectors/simulation/pace.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/scope.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

// Counts what reaches it.
class Counter final : public Vendor {
 public:
  std::string_view name() const override { return "counter"; }
  Reply handle(const RawRequest& raw) override {
    ++count_;
    last_target_ = raw.target;
    last_at_ = raw.received_at;
    auto reply = json_reply(200, {{"count", count_}});
    if (raw.target == "/wait") reply.headers["retry-after"] = "7";
    return reply;
  }
  Result<std::vector<Outbound>> act(const Deed&, TimePoint) override { return std::vector<Outbound>(); }
  json ledger() const override { return {{"count", count_}, {"target", last_target_}}; }
  TimePoint last_at() const { return last_at_; }

 private:
  int count_ = 0;
  std::string last_target_;
  TimePoint last_at_;
};

int count_of(const FaultyVendor& vendor) { return vendor.vendor().ledger()["count"]; }

// --- limits

TEST(Window, lets_so_many_through_in_any_span) {
  Window window(2, 10s);
  EXPECT_FALSE(window.take(kNoon));
  EXPECT_FALSE(window.take(kNoon + 4s));
  EXPECT_EQ(window.take(kNoon + 5s), Duration(5s));
  EXPECT_EQ(window.remaining(kNoon + 5s), 0);
  EXPECT_FALSE(window.take(kNoon + 10s));
  EXPECT_EQ(window.take(kNoon + 10s), Duration(4s));
  Window none(0, 10s);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(none.take(kNoon));
}

TEST(Bucket, allows_a_burst_and_then_a_rate) {
  Bucket bucket(1, 3);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(bucket.take(kNoon));
  EXPECT_EQ(bucket.take(kNoon), Duration(1s));
  EXPECT_EQ(bucket.take(kNoon + 400ms), Duration(600ms));
  EXPECT_FALSE(bucket.take(kNoon + 1s));
  EXPECT_TRUE(bucket.take(kNoon + 1s));
  EXPECT_EQ(whole_seconds(1ms), 1);
  EXPECT_EQ(whole_seconds(2000ms), 2);
}

// --- reading and writing

TEST(Setup, falls_back_where_a_value_cannot_be_read) {
  const simulation::Setup setup = {{"a", "7"}, {"b", "x"}, {"on", "yes"}, {"seed", "{bad"}};
  EXPECT_EQ(number_of(setup, "a", 1), 7);
  EXPECT_EQ(number_of(setup, "b", 1), 1);
  EXPECT_TRUE(flag_of(setup, "on", false));
  EXPECT_TRUE(flag_of(setup, "b", true));
  EXPECT_EQ(seed_of(setup, R"({"x": 1})")["x"], 1);
  EXPECT_EQ(limit_of({{"limits", "off"}, {"a", "7"}}, "a", 1), 0);
}

TEST(Wire, matches_paths_by_whole_segments) {
  EXPECT_EQ(match("/a/{}/c", "/a/x%40y/c")->at(0), "x@y");
  EXPECT_EQ(match("/a/{}/c", "/a/x%2540y/c")->at(0), "x%40y");  // once only
  for (const auto* path : {"/a/x", "/a/x/c/d", "/a//c", "/b/x/c", "/a/%zz/c"})
    EXPECT_FALSE(match("/a/{}/c", path)) << path;
}

TEST(Wire, reads_and_writes_times) {
  const auto at = kNoon + 123ms;
  EXPECT_EQ(iso_seconds(at), "2026-11-20T12:00:00Z");
  EXPECT_EQ(iso_millis(at), "2026-11-20T12:00:00.123Z");
  EXPECT_EQ(read_iso(iso_millis(at)), at);
  EXPECT_EQ(read_iso("2026-11-20"), kNoon - 12h);
  for (const auto* text : {"", "2026", "2026-13-01", "20.11.2026", "2026-11-20T12:00:00"})
    EXPECT_FALSE(read_iso(text)) << text;
}

// --- faults

TEST(Faults, are_read_from_json_and_refuse_what_they_do_not_know) {
  const auto fault = read_fault({{"kind", "status"},
                                 {"method", "POST"},
                                 {"prefix", "/a"},
                                 {"times", -1},
                                 {"skip", 2},
                                 {"status", 429},
                                 {"retry_after", 5}});
  ASSERT_TRUE(fault);
  EXPECT_EQ(name(fault->kind), "status");
  EXPECT_EQ(fault->retry_after, Duration(5s));
  for (const json& wrong : {json{{"kind", "explode"}}, json::object(), json("x"),
                            json{{"kind", "slow"}, {"tims", 1}}, json{{"kind", "slow"}, {"times", "1"}}}) {
    EXPECT_FALSE(read_fault(wrong)) << wrong;
  }
}

TEST(Faults, do_what_their_names_say) {
  struct Case {
    Fault::Kind kind;
    int effects;
    bool cut, drip, reached;
    int status;
  };
  using Kind = Fault::Kind;
  const Case cases[] = {
      {Kind::lose_reply, 1, true, false, true, 200}, {Kind::refuse, 0, true, false, false, 502},
      {Kind::status, 0, false, false, true, 502},    {Kind::after_status, 1, false, false, true, 502},
      {Kind::garble, 1, false, false, true, 200},    {Kind::slow, 1, false, true, true, 200}};
  for (const auto& wanted : cases) {
    FaultyVendor vendor(std::make_unique<Counter>());
    Fault fault;
    fault.kind = wanted.kind;
    fault.status = 502;
    vendor.inject(fault);
    const auto answer = vendor.handle(RawRequest("GET", "/x"));
    EXPECT_EQ(count_of(vendor), wanted.effects) << name(wanted.kind);
    EXPECT_EQ(answer.cut, wanted.cut) << name(wanted.kind);
    EXPECT_EQ(answer.drip, wanted.drip) << name(wanted.kind);
    EXPECT_EQ(answer.reached, wanted.reached) << name(wanted.kind);
    EXPECT_EQ(answer.reply.status, wanted.status) << name(wanted.kind);
    EXPECT_EQ(json::parse(answer.reply.body, nullptr, false).is_discarded(),
              wanted.kind != Kind::lose_reply && wanted.kind != Kind::slow);
    EXPECT_EQ(vendor.handle(RawRequest("GET", "/x")).reply.status, 200);  // once
    EXPECT_EQ(vendor.requests().at("GET /x"), 2);
  }
}

TEST(Faults, hit_only_what_they_are_meant_for) {
  FaultyVendor vendor(std::make_unique<Counter>());
  Fault fault;
  fault.method = "POST";
  fault.prefix = "/tickets";
  fault.skip = 1;
  fault.times = 2;
  vendor.inject(fault);
  const auto status = [&](const char* method, const char* target) {
    return vendor.handle(RawRequest(method, target)).reply.status;
  };
  EXPECT_EQ(status("GET", "/tickets"), 200);
  EXPECT_EQ(status("POST", "/users"), 200);
  EXPECT_EQ(status("POST", "/tickets?a=1"), 200);  // passed over
  EXPECT_EQ(status("POST", "/tickets"), 503);
  EXPECT_EQ(status("POST", "/tickets/7"), 503);
  EXPECT_EQ(status("POST", "/tickets"), 200);
  fault.skip = 0;
  fault.times = -1;
  vendor.inject(fault);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status("POST", "/tickets"), 503);
  vendor.clear();
  EXPECT_EQ(status("POST", "/tickets"), 200);
}

// --- the client in memory

class Client : public testing::Test {
 public:
  Result<Reply> send(std::string url, Duration patience = 10s) {
    Scope scope(loop_, clock);
    std::optional<Result<Reply>> outcome;
    scope.spawn(client.exchange(Outgoing("pool", Request("POST", std::move(url)), clock.now() + patience)),
                [&](Result<Reply> reply) { outcome.emplace(std::move(reply)); });
    clock.run(clock.now() + 1h);
    return std::move(*outcome);
  }
  void inject(Fault::Kind kind) {
    Fault fault;
    fault.kind = kind;
    vendor.inject(fault);
  }

  Loop loop_;
  VirtualClock clock{loop_, kNoon};
  FaultyVendor vendor{std::make_unique<Counter>()};
  VendorClient client{clock, Network{.latency = 100ms, .drip = 5s}};

  void SetUp() override { client.add("https://acme.example/", vendor); }
};

TEST_F(Client, carries_a_request_to_the_vendor_and_back) {
  const auto reply = send("https://acme.example/wait");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->retry_after, Duration(7s));
  EXPECT_EQ(clock.now(), kNoon + 100ms);
  EXPECT_EQ(static_cast<const Counter&>(vendor.vendor()).last_at(), kNoon + 50ms);
  EXPECT_EQ(vendor.vendor().ledger()["target"], "/wait");
  ASSERT_EQ(client.exchanges().size(), 1u);
  EXPECT_EQ(client.exchanges()[0].status, 200);
  EXPECT_TRUE(send("https://acme.example?x=1"));
  EXPECT_EQ(vendor.vendor().ledger()["target"], "/?x=1");
}

TEST_F(Client, knows_that_a_lost_reply_is_ambiguous_and_a_refused_connection_is_not) {
  inject(Fault::Kind::lose_reply);
  const auto lost = send("https://acme.example/x");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, FailureKind::ambiguous);
  EXPECT_EQ(count_of(vendor), 1);
  inject(Fault::Kind::refuse);
  const auto refused = send("https://acme.example/x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::retryable);
  EXPECT_EQ(count_of(vendor), 1);
  EXPECT_EQ(client.exchanges()[1].status, 0);
}

TEST_F(Client, waits_for_a_slow_answer_but_not_beyond_the_deadline) {
  inject(Fault::Kind::slow);
  EXPECT_TRUE(send("https://acme.example/x", 5100ms));
  EXPECT_EQ(clock.now(), kNoon + 5100ms);
  inject(Fault::Kind::slow);
  const auto late = send("https://acme.example/x", 5099ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, FailureKind::ambiguous);
  EXPECT_EQ(clock.now(), kNoon + 5100ms + 5099ms);
  EXPECT_EQ(count_of(vendor), 2);
}

TEST_F(Client, sends_nothing_that_could_not_arrive_in_time) {
  const auto late = send("https://acme.example/x", 50ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, FailureKind::retryable);
  EXPECT_EQ(count_of(vendor), 0);
  EXPECT_EQ(clock.now(), kNoon + 50ms);
}

TEST_F(Client, finds_the_vendor_by_the_longest_prefix_of_whole_names) {
  FaultyVendor inner(std::make_unique<Counter>());
  client.add("https://acme.example/inner", inner);
  EXPECT_TRUE(send("https://acme.example/inner/x"));
  EXPECT_EQ(count_of(inner), 1);
  EXPECT_EQ(count_of(vendor), 0);
  const auto nobody = send("https://acme.example.evil/x");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, FailureKind::retryable);
}

TEST(RetryAfter, is_read_as_seconds_or_as_a_date) {
  const auto now = kNoon;
  EXPECT_EQ(read_retry_after("120", now), Duration(120s));
  EXPECT_EQ(read_retry_after("Fri, 20 Nov 2026 12:01:30 GMT", now), Duration(90s));
  EXPECT_EQ(read_retry_after("Fri, 20 Nov 2026 11:00:00 GMT", now), Duration(0s));
  for (const auto* text : {"", "soon", "-1", "1.5", "Fri, 20 Foo 2026 12:01:30 GMT"})
    EXPECT_FALSE(read_retry_after(text, now)) << text;
}

}  // namespace
}  // namespace baton::simulation
