// What POST /v1/in/{source} promises to a chat platform that speaks in its own words.
#include <gtest/gtest.h>

#include "tests/ingress/bench.h"

namespace baton::ingress {
namespace {

using nlohmann::json;

json said(const std::string& id, const std::string& type = "handoff.requested", json data = json::object(),
          const std::string& conversation = "8841") {
  data["conversation"] = {{"id", conversation}};
  return {{"id", id}, {"type", type}, {"data", std::move(data)}};
}

class Platforms : public testing::Test {
 protected:
  Platforms() : bench(store) {}
  RawRequest from_widget(const json& events, bool waits = false, const std::string& source = "widget") const {
    RawRequest request("POST", "/v1/in/" + source, json{{"events", events}, {"waits", waits}}.dump(),
                       {{"x-secret", kHookSecret}});
    request.params["source"] = source;
    request.received_at = bench.clock.now();
    return request;
  }
  // One after the other in one request.
  Reply send(std::vector<json> events, bool waits = false) {
    return bench.platform(from_widget(json(events), waits));
  }
  HandoffId only() const {
    EXPECT_EQ(store.handoffs.size(), 1u);
    return store.handoffs.begin()->first;
  }

  MemoryStore store;
  Bench bench;
};

TEST_F(Platforms, a_request_opens_a_handoff_whose_way_back_is_the_platform_it_came_from) {
  const auto answer = send({said("n1")});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "heard");
  const auto handoff = bench.record(only()).handoff;
  EXPECT_EQ(handoff.conversation, ConversationId("widget", "8841"));
  EXPECT_EQ(handoff.route.platform, DestinationId("desk"));
  EXPECT_TRUE(handoff.route.able(DestinationId("desk"), Operation::tell_customer));
  EXPECT_FALSE(handoff.route.able(DestinationId("desk"), Operation::emit));
}

TEST_F(Platforms, a_rule_may_name_another_way_back) {
  send({said("n1", "handoff.requested", {{"intent", {{"category", "billing"}}}})});
  EXPECT_EQ(bench.record(only()).handoff.route.platform, DestinationId("platform"));
}

TEST_F(Platforms, one_that_waits_for_it_gets_the_handoffs_id) {
  EXPECT_EQ(send({said("n1")}, true).body, only().text);
}

TEST_F(Platforms, what_it_repeats_has_no_second_effect_whatever_its_bytes) {
  send({said("n1")});
  EXPECT_EQ(send({said("n1", "handoff.requested", {{"metadata", {{"attempt", 2}}}})}).status, 200);
  EXPECT_EQ(bench.record(only()).facts.size(), 1u);
}

TEST_F(Platforms, of_several_events_each_counts) {
  const json message = {{"transcript", {{{"id", "m1"}, {"role", "customer"}, {"text", "hurry"}}}}};
  EXPECT_EQ(send({said("n1"), said("n2", "handoff.updated", message)}).status, 200);
  EXPECT_EQ(bench.record(only()).facts.size(), 2u);
}

TEST_F(Platforms, what_concerns_no_handoff_is_heard_and_forgotten) {
  EXPECT_EQ(send({said("n1", "handoff.updated")}).status, 200);
  EXPECT_EQ(send({said("n2", "conversation.resolved", {{"by", "human"}})}).status, 200);
  EXPECT_EQ(send({}).status, 200);
  EXPECT_TRUE(store.handoffs.empty());
}

TEST_F(Platforms, a_member_that_does_not_fit_is_left_out_and_the_rest_is_kept) {
  send({said("n1", "handoff.requested", {{"sentiment", "bad"}, {"customer", {{"name", "Ada"}}}})});
  bench.plan();
  const auto data = bench.record(only()).handoff.data;
  EXPECT_EQ(data.at("customer").at("name"), "Ada");
  EXPECT_FALSE(data.contains("sentiment"));
  EXPECT_EQ(bench.ingress.figures().sources.at("widget").left_out, 1u) << "and the operator can see it";
}

TEST_F(Platforms, an_event_without_a_conversation_is_refused) {
  auto event = said("n1");
  event["data"].erase("conversation");
  const auto answer = send({event});
  EXPECT_EQ(answer.status, 422);
  EXPECT_TRUE(store.handoffs.empty());
}

TEST_F(Platforms, forged_ones_are_refused_in_the_platforms_own_way) {
  auto request = from_widget(json::array({said("n1")}));
  request.headers["x-secret"] = "guessed";
  EXPECT_EQ(bench.platform(request).status, 403);
  EXPECT_TRUE(store.handoffs.empty());
}

TEST_F(Platforms, a_source_that_signs_events_is_no_platform) {
  for (const auto* source : {"shop", "nobody"}) {
    const auto answer = bench.platform(from_widget(json::array({said("n1")}), false, source));
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(code_of(answer), "unknown_source");
  }
}

TEST_F(Platforms, a_store_that_is_unwell_is_said_so_and_nothing_is_lost) {
  bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
  EXPECT_EQ(send({said("n1")}).status, 503);
  bench.journal.fails.reset();
  EXPECT_EQ(send({said("n1")}).status, 200);
  EXPECT_EQ(store.handoffs.size(), 1u);
}

// What people do where the platform itself lets them answer.
TEST_F(Platforms, what_a_person_does_there_is_a_signal_of_the_conversations_open_handoff) {
  const auto does = [&](const char* id, const char* conversation, json events = json::array()) {
    auto request = from_widget(std::move(events));
    auto body = json::parse(request.body);
    body["done"] = {{{"kind", "claimed"}, {"id", id}, {"object", conversation}, {"who", "W1"}}};
    request.body = body.dump();
    return bench.platform(request).status;
  };
  const auto signals = [&] {
    std::vector<Signal> found;
    for (const auto& fact : bench.record(only()).facts) {
      if (const auto* signal = std::get_if<Signal>(&fact.happened)) found.push_back(*signal);
    }
    return found;
  };
  EXPECT_EQ(does("s0", "8841"), 200) << "nobody handed it over";
  EXPECT_TRUE(store.handoffs.empty());
  EXPECT_EQ(bench.ingress.figures().signals_unknown.at("desk"), 1u);
  EXPECT_EQ(does("s1", "8841", json::array({said("n1")})), 200) << "the request that opens it may tell it";
  EXPECT_EQ(does("s1", "8841"), 200) << "told again";
  EXPECT_EQ(does("s2", "another"), 200);
  ASSERT_EQ(signals().size(), 1u);
  EXPECT_EQ(signals()[0].from, DestinationId("desk"));
  EXPECT_EQ(signals()[0].who, "W1");
  EXPECT_EQ(bench.ingress.figures().signals, 1u);
  bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
  EXPECT_EQ(does("s3", "8841"), 503);
  bench.journal.fails.reset();
  EXPECT_EQ(does("s3", "8841"), 200);
  EXPECT_EQ(signals().size(), 2u);
}

TEST_F(Platforms, beyond_their_limit_they_are_put_off_in_the_platforms_own_way) {
  bench.sources.at("widget").budget = std::make_unique<RateBudget>(1, 1, bench.clock.now());
  EXPECT_EQ(send({said("n1")}).status, 200);
  const auto answer = send({said("n2", "handoff.updated", {{"priority", "high"}})});
  EXPECT_EQ(answer.status, 503) << "as this vendor wants it";
  EXPECT_TRUE(answer.retry_after);
  EXPECT_EQ(code_of(answer), "too_many_requests");
  EXPECT_EQ(bench.ingress.figures().not_now, 0u) << "the store is well";
  EXPECT_EQ(bench.ingress.figures().refused, 1u);
  EXPECT_EQ(bench.ingress.figures().sources.at("widget").refused, 1u);
  (void)bench.await(bench.clock.until(bench.clock.now() + 1s));
  EXPECT_EQ(send({said("n2", "handoff.updated", {{"priority", "high"}})}).status, 200);
  EXPECT_EQ(bench.record(only()).facts.size(), 2u);
}

TEST_F(Platforms, whoever_is_not_the_source_uses_up_none_of_its_limit) {
  bench.sources.at("widget").budget = std::make_unique<RateBudget>(1, 1, bench.clock.now());
  auto forged = from_widget(json::array({said("n1")}));
  forged.headers = {{"x-secret", "guessed"}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.platform(forged).status, 403);
  EXPECT_EQ(send({said("n1")}).status, 200);
}

// A sender with JSON of its own, and a mapping that makes events of it.
class Mapped : public Platforms {
 protected:
  Mapped() {
    auto& source = bench.sources.at("ada");
    source.verification.header = "x-api-key";
    source.verification.keys.emplace_back(std::string("the key of ada"));
    source.render = [this](const json& scope) -> Result<json> {
      seen = scope;
      if (broken) return Failure(FailureKind::rejected, "event: line 3: no such filter");
      const auto& body = scope.at("body");
      if (body.value("kind", "") != "handoff") return json();
      return json{{"id", body.at("n")},
                  {"type", "handoff.requested"},
                  {"data", {{"conversation", {{"id", body.at("chat")}}}}}};
    };
  }
  Reply from_ada(const std::string& body, const std::string& key = "the key of ada") {
    RawRequest request("POST", "/v1/in/ada", body, {{"x-api-key", key}, {"x-request-id", "r1"}});
    request.params["source"] = "ada";
    request.received_at = bench.clock.now();
    return bench.platform(request);
  }
  json seen;
  bool broken = false;
};

TEST_F(Mapped, its_json_becomes_an_event) {
  EXPECT_EQ(from_ada(R"({"kind": "handoff", "n": 7, "chat": "c9"})").status, 200);
  EXPECT_EQ(bench.record(only()).handoff.conversation, ConversationId("ada", "c9"));
  EXPECT_EQ(from_ada(R"({"kind": "handoff", "n": 7, "chat": "c9"})").status, 200) << "a number is an id too";
  EXPECT_EQ(bench.record(only()).facts.size(), 1u);
  EXPECT_EQ(seen.at("headers"), (json{{"x-request-id", "r1"}})) << "the secret is nobody else's";
}

// Who signs names its request: a mapping need not look for an id in it.
TEST_F(Mapped, the_id_that_was_signed_is_the_events_where_the_mapping_makes_none) {
  auto& source = bench.sources.at("ada");
  source.verification = Verification();
  source.verification.by = Verification::By::standard_webhooks;
  source.verification.signing_keys.push_back(key_of(kShopKey));
  source.render = [](const json& scope) -> Result<json> {
    return json{{"type", "handoff.requested"},
                {"data", {{"conversation", {{"id", scope.at("body").at("chat")}}}}}};
  };
  const auto knock = [&](const std::string& id) {
    auto request = bench.signed_with(kShopKey, R"({"chat": "c9"})", id);
    request.target = "/v1/in/ada";
    request.params["source"] = "ada";
    return bench.platform(request).status;
  };
  EXPECT_EQ(knock("msg_1"), 200);
  EXPECT_EQ(knock("msg_1"), 200);
  EXPECT_EQ(bench.record(only()).facts.size(), 1u);
  EXPECT_EQ(std::get<Event>(bench.record(only()).facts.front().happened).key.id, "msg_1");
  EXPECT_EQ(knock("msg_2"), 200);
  EXPECT_EQ(bench.record(only()).facts.size(), 2u);
}

TEST_F(Mapped, what_the_mapping_makes_nothing_of_is_heard_and_forgotten) {
  EXPECT_EQ(from_ada(R"({"kind": "typing"})").status, 200);
  EXPECT_TRUE(store.handoffs.empty());
}

TEST_F(Mapped, who_does_not_prove_itself_is_refused) {
  EXPECT_EQ(from_ada(R"({"kind": "handoff", "n": 7, "chat": "c9"})", "guessed").status, 401);
  EXPECT_EQ(from_ada("not json").status, 401);
  EXPECT_TRUE(store.handoffs.empty());
}

TEST_F(Mapped, beyond_its_limit_it_is_told_so) {
  bench.sources.at("ada").budget = std::make_unique<RateBudget>(1, 1, bench.clock.now());
  EXPECT_EQ(from_ada(R"({"kind": "typing"})").status, 200);
  const auto answer = from_ada(R"({"kind": "typing"})");
  EXPECT_EQ(answer.status, 429);
  EXPECT_TRUE(answer.retry_after);
}

TEST_F(Mapped, whoever_is_not_the_source_uses_up_none_of_its_limit) {
  bench.sources.at("ada").budget = std::make_unique<RateBudget>(1, 1, bench.clock.now());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(from_ada(R"({"kind": "typing"})", "guessed").status, 401);
  EXPECT_EQ(from_ada(R"({"kind": "typing"})").status, 200);
}

TEST_F(Mapped, a_mapping_that_fails_is_ours_to_mend_and_the_sender_may_try_again) {
  broken = true;
  EXPECT_EQ(from_ada(R"({"kind": "handoff", "n": 7, "chat": "c9"})").status, 503);
  broken = false;
  EXPECT_EQ(from_ada(R"({"kind": "handoff", "n": 7, "chat": "c9"})").status, 200);
}

}  // namespace
}  // namespace baton::ingress
