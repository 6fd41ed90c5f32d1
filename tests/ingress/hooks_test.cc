// What POST /v1/hooks/{destination} promises to a vendor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingress/bench.h"

namespace baton::ingress {
namespace {

using nlohmann::json;

json signal(const char* id, const char* who, const std::string& handoff, const char* object = "") {
  return {{"kind", "claimed"}, {"id", id}, {"who", who}, {"handoff", handoff}, {"object", object}};
}

// A handoff that waits for a person, with the desk's ticket T-1.
HandoffId waiting_handoff(Bench& bench) {
  const HandoffId id(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.plan();
  const auto claim = bench.await(bench.memory.claim(DestinationId("desk"), 1, 10s));
  BATON_CHECK(claim && claim->jobs.size() == 1);
  auto done = claim->jobs[0].job;
  done.state = JobState::done;
  done.receipt = Receipt("T-1", "https://desk.example/T-1");
  done.ended_at = bench.clock.now();
  Batch batch;
  batch.updates.emplace_back(done, claim->jobs[0].lease.token, true);
  BATON_CHECK(bench.await(bench.memory.commit(std::move(batch)))->done());
  bench.plan();
  return id;
}

std::size_t signals_of(Bench& bench, const HandoffId& id) {
  const auto record = bench.record(id);
  return static_cast<std::size_t>(std::ranges::count_if(
      record.facts, [](const Fact& fact) { return std::holds_alternative<Signal>(fact.happened); }));
}

TEST(Hooks, of_unknown_destinations_are_not_there) {
  MemoryStore store;
  Bench bench(store);
  const auto answer = bench.hook(bench.from_desk(json::array(), "nowhere"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(code_of(answer), "unknown_destination");
  RawRequest without_params("POST", "/v1/hooks/", "{}");
  EXPECT_EQ(bench.hook(without_params).status, 404);
}

TEST(Hooks, that_are_forged_are_refused_before_anything_is_looked_up) {
  MemoryStore store;
  Bench bench(store);
  const auto id = waiting_handoff(bench);
  auto request = bench.from_desk(json::array({signal("n1", "U1", id.text)}));
  request.headers["x-secret"] = "guessed";
  const auto answer = bench.hook(request);
  EXPECT_EQ(answer.status, 403) << "as this vendor wants it";
  EXPECT_EQ(code_of(answer), "webhook_refused");
  EXPECT_EQ(signals_of(bench, id), 0u);
}

TEST(Hooks, bring_each_signal_once) {
  MemoryStore store;
  Bench bench(store);
  const auto id = waiting_handoff(bench);
  const auto request =
      bench.from_desk(json::array({signal("n1", "U1", "", "T-1"), signal("n2", "U2", "", "T-1")}));
  for (int copy = 0; copy < 3; ++copy) {
    const auto answer = bench.hook(request);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "thank you");
  }
  EXPECT_EQ(signals_of(bench, id), 2u);
  EXPECT_EQ(bench.ingress.figures().signals, 2u);
}

TEST(Hooks, about_what_is_not_ours_are_thanked_for_and_dropped) {
  MemoryStore store;
  Bench bench(store);
  const auto id = waiting_handoff(bench);
  const auto facts = store.facts.size();
  for (const auto& stray : {signal("n1", "U1", "", "T-999"), signal("n2", "U1", "", ""),
                            signal("n3", "U1", "hof_unknown", "T-999")}) {
    EXPECT_EQ(bench.hook(bench.from_desk(json::array({stray}))).status, 200);
  }
  EXPECT_EQ(store.facts.size(), facts);
  EXPECT_EQ(signals_of(bench, id), 0u);
  EXPECT_EQ(bench.ingress.figures().signals, 0u);
  EXPECT_EQ(bench.ingress.figures().signals_unknown.at("desk"), 3u);
  EXPECT_EQ(bench.ingress.figures().signals_unknown.at("bank-desk"), 0u);
}

TEST(Hooks, may_name_the_handoff_before_our_receipt_is_journalled) {
  MemoryStore store;
  Bench bench(store);
  const auto id = waiting_handoff(bench);
  EXPECT_EQ(bench.hook(bench.from_desk(json::array({signal("n1", "U1", id.text, "T-new")}))).status, 200);
  EXPECT_EQ(signals_of(bench, id), 1u);
}

TEST(Hooks, of_another_workspace_cannot_touch_a_handoff_that_they_name) {
  MemoryStore store;
  Bench bench(store);
  const auto id = waiting_handoff(bench);
  const auto stray = signal("n1", "U1", id.text, "T-1");
  EXPECT_EQ(bench.hook(bench.from_desk(json::array({stray}), "bank-desk")).status, 200);
  EXPECT_EQ(signals_of(bench, id), 0u);
}

TEST(Hooks, the_same_notice_id_of_two_destinations_is_two_notices) {
  MemoryStore store;
  Bench bench(store);
  auto second = std::make_unique<sdk::Account>();
  second->id = DestinationId("desk-2");
  second->connector = &bench.connector;
  second->secrets["hook"].emplace_back(std::string(kHookSecret));
  bench.accounts.emplace(DestinationId("desk-2"), std::move(second));
  const auto id = waiting_handoff(bench);
  (void)bench.hook(bench.from_desk(json::array({signal("n1", "U1", id.text)})));
  (void)bench.hook(bench.from_desk(json::array({signal("n1", "U1", id.text)}), "desk-2"));
  EXPECT_EQ(signals_of(bench, id), 2u);
}

TEST(Hooks, with_two_claims_at_once_have_one_winner) {
  MemoryStore store;
  Bench bench(store);
  bench.journal.latency = Duration{3};
  const auto id = waiting_handoff(bench);
  int answered = 0;
  for (const auto* who : {"anna", "ben"}) {
    bench.scope.spawn(bench.ingress.hook(bench.from_desk(json::array({signal(who, who, id.text)}))),
                      [&](Result<Reply> got) { answered += got->status == 200; });
  }
  bench.clock.run(bench.clock.now() + Duration{100});
  EXPECT_EQ(answered, 2);
  bench.plan();
  const auto handoff = bench.record(id).handoff;
  EXPECT_EQ(name(handoff.state), "claimed");
  EXPECT_EQ(handoff.owner, "anna");
  ASSERT_EQ(handoff.refused.size(), 1u);
  EXPECT_EQ(handoff.refused[0].what, "claimed by ben");
}

TEST(Hooks, that_the_journal_cannot_take_are_asked_for_again_and_not_lost) {
  MemoryStore store;
  Bench bench(store);
  const auto id = waiting_handoff(bench);
  const auto request =
      bench.from_desk(json::array({signal("n1", "U1", id.text), signal("n2", "U2", id.text)}));
  bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
  EXPECT_EQ(bench.hook(request).status, 503);
  bench.journal.works_first = 1;
  EXPECT_EQ(bench.hook(request).status, 503);
  EXPECT_TRUE(bench.hook(request).retry_after);
  bench.journal.fails.reset();
  EXPECT_EQ(bench.hook(request).status, 200);
  EXPECT_EQ(signals_of(bench, id), 2u);
}

// An event's id is the sender's choice; it must not stand in for a vendor's notice.
TEST(Hooks, an_event_cannot_take_the_place_of_a_signal) {
  MemoryStore store;
  Bench bench(store);
  bench.sources.at("shop").name = "desk";  // a chat platform that is a destination too bears one name
  auto named_like_a_signal = event("signal/n1", "c7");
  ASSERT_EQ(bench.send(bench.signed_with(kShopKey, named_like_a_signal.dump(), "signal/n1")).status, 202);
  const HandoffId id(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.plan();
  EXPECT_EQ(bench.hook(bench.from_desk(json::array({signal("n1", "U1", id.text)}))).status, 200);
  EXPECT_EQ(signals_of(bench, id), 1u);
}

// What a vendor says of its own credential parks the lane like a refused one, before anything is refused.
class Revoked : public testing::Test {
 protected:
  Revoked() : bench(store) {}
  Reply says(TimePoint at) {
    auto request = bench.from_desk(json::array());
    request.body =
        json{{"revoked", {{"why", "the app was removed: install it"}, {"at", at.time_since_epoch() / 1s}}}}
            .dump();
    return bench.hook(request);
  }
  void say(LaneState state) {
    Batch batch;
    batch.lanes.push_back(std::move(state));
    BATON_CHECK(bench.await(bench.memory.commit(std::move(batch)))->done());
  }
  void wait(Duration length) { (void)bench.await(bench.clock.until(bench.clock.now() + length)); }
  const LaneState& lane() const { return store.lanes.at(DestinationId("desk")); }
  TimePoint now() const { return bench.clock.now(); }

  MemoryStore store;
  Bench bench;
};

TEST_F(Revoked, the_lane_is_parked_with_what_to_do) {
  EXPECT_EQ(says(now()).status, 200);
  EXPECT_TRUE(is_parked(lane()));
  EXPECT_EQ(lane().since, now());
  EXPECT_EQ(lane().reason, "parked: the app was removed: install it; then reload, or resume desk");
  EXPECT_EQ(store.lanes.size(), 1u) << "and no other";
}

TEST_F(Revoked, once) {
  const auto began = now();
  says(began);
  wait(10s);
  EXPECT_EQ(says(began).status, 200);
  EXPECT_EQ(lane().since, began);
}

TEST_F(Revoked, what_was_told_before_somebody_resumed_it_is_old_and_what_comes_after_counts) {
  const auto began = now();
  says(began);
  wait(10s);
  say(LaneState(DestinationId("desk"), false, "ada", "installed again", now()));
  wait(10s);
  says(began);
  EXPECT_FALSE(lane().paused);
  says(now());
  EXPECT_TRUE(is_parked(lane()));
}

TEST_F(Revoked, a_persons_pause_stands_and_a_vendors_wait_does_not) {
  say(LaneState(DestinationId("desk"), true, "ada", "maintenance", now()));
  says(now());
  EXPECT_EQ(lane().by, "ada");
  LaneState wait(DestinationId("desk"), true, "baton", "the vendor asked us to wait", now());
  wait.until = now() + 1h;
  say(wait);
  says(now());
  EXPECT_TRUE(is_parked(lane()));
}

TEST_F(Revoked, what_is_there_again_ends_what_it_was_parked_for_and_nothing_else) {
  const auto restored = [&](const char* of, TimePoint at) {
    auto request = bench.from_desk(json::array());
    request.body = json{{"restored", {{"of", of}, {"at", at.time_since_epoch() / 1s}}}}.dump();
    EXPECT_EQ(bench.hook(request).status, 200);
  };
  restored("the app was removed", now());
  EXPECT_TRUE(store.lanes.empty()) << "a lane that runs is left alone";
  says(now());
  const auto parked_at = now();
  wait(10s);
  restored("the channel was archived", now());
  restored("the app was removed", parked_at - 1s);
  EXPECT_TRUE(is_parked(lane())) << "another reason, and an earlier time";
  restored("the app was removed", parked_at);
  EXPECT_FALSE(lane().paused) << "the same second counts: vendors know no smaller one";
  EXPECT_EQ(lane().by, "baton");
  say(LaneState(DestinationId("desk"), true, "ada", "parked: the app was removed", now()));
  restored("the app was removed", now());
  EXPECT_TRUE(lane().paused) << "a person's pause stands";
}

TEST_F(Revoked, what_could_not_be_stored_is_asked_for_again) {
  bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
  EXPECT_EQ(says(now()).status, 503);
  EXPECT_TRUE(store.lanes.empty());
  bench.journal.fails.reset();
  EXPECT_EQ(says(now()).status, 200);
  EXPECT_TRUE(is_parked(lane()));
}

}  // namespace
}  // namespace baton::ingress
