// What POST /v1/events promises to a chat platform.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "tests/ingress/bench.h"

namespace baton::ingress {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::size_t facts_in(const MemoryStore& store) { return store.facts.size(); }

TEST(Events, are_answered_only_after_the_commit) {
  MemoryStore store;
  Bench bench(store);
  bench.journal.latency = Duration{50};
  std::optional<Reply> answer;
  bench.scope.spawn(bench.ingress.events(bench.from_shop(event("e1", "c1"))),
                    [&](Result<Reply> got) { answer = std::move(*got); });
  const auto begun = bench.clock.now();
  bench.clock.run(begun + Duration{49});
  EXPECT_FALSE(answer);
  EXPECT_TRUE(store.handoffs.empty());
  bench.clock.run(begun + Duration{51});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 202);
  ASSERT_EQ(store.handoffs.size(), 1u);
  const auto body = body_of(*answer);
  EXPECT_EQ(body["handoff"], store.handoffs.begin()->first.text);
  EXPECT_EQ(body["destinations"], json({"desk", "platform"}));
  EXPECT_FALSE(body.contains("merged"));
  EXPECT_EQ(store.jobs.size(), 1u);  // the plan job, in the same commit
}

TEST(Events, sent_again_have_the_same_answer_and_no_second_effect) {
  MemoryStore store;
  Bench bench(store);
  const auto request = bench.from_shop(event("e1", "c1"));
  const auto first = bench.send(request);
  const auto rows = store.rows(HandoffId(body_of(first)["handoff"]));
  const auto second = bench.send(request);
  EXPECT_EQ(second.status, first.status);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(store.handoffs.size(), 1u);
  EXPECT_EQ(store.rows(HandoffId(body_of(first)["handoff"])), rows);
  EXPECT_EQ(bench.ingress.figures().duplicates, 1u);
  EXPECT_EQ(bench.ingress.figures().hits.at("billing"), 1u);
}

TEST(Events, sent_again_long_after_the_handoff_ended_have_the_same_answer) {
  MemoryStore store;
  Bench bench(store);
  const auto request = bench.from_shop(event("e1", "c1"));
  const auto first = bench.send(request);
  bench.end(HandoffId(body_of(first)["handoff"]));
  EXPECT_EQ(bench.send(request).body, first.body);
  EXPECT_EQ(store.handoffs.size(), 1u);
}

TEST(Events, sent_twice_at_the_same_instant_have_one_effect_and_one_answer) {
  MemoryStore store;
  Bench bench(store);
  bench.journal.latency = Duration{5};  // both are under way before either is stored
  std::vector<Reply> answers;
  for (int copy = 0; copy < 2; ++copy) {
    bench.scope.spawn(bench.ingress.events(bench.from_shop(event("e1", "c1"))),
                      [&](Result<Reply> got) { answers.push_back(std::move(*got)); });
  }
  bench.clock.run(bench.clock.now() + 1s);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].status, 202);
  EXPECT_EQ(answers[0].body, answers[1].body);
  EXPECT_EQ(store.handoffs.size(), 1u);
  EXPECT_EQ(facts_in(store), 1u);
}

TEST(Events, of_one_conversation_at_the_same_instant_open_one_handoff) {
  MemoryStore store;
  Bench bench(store);
  bench.journal.latency = Duration{5};
  std::vector<json> answers;
  for (const auto* id : {"e1", "e2", "e3"}) {
    bench.scope.spawn(bench.ingress.events(bench.from_shop(event(id, "c1"))),
                      [&](Result<Reply> got) { answers.push_back(body_of(*got)); });
  }
  bench.clock.run(bench.clock.now() + 1s);
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(store.handoffs.size(), 1u);
  EXPECT_EQ(facts_in(store), 3u);
  int merged = 0;
  for (const auto& answer : answers) {
    EXPECT_EQ(answer["handoff"], answers[0]["handoff"]);
    merged += answer.value("merged", false);
  }
  EXPECT_EQ(merged, 2);
}

TEST(Events, sent_again_after_a_restart_have_the_same_answer) {
  MemoryStore store;
  std::string first, merged;
  {
    Bench before(store);
    first = before.send(before.from_shop(event("e1", "c1"))).body;
    merged = before.send(before.from_shop(event("e2", "c1"))).body;
  }
  Bench after(store);
  EXPECT_EQ(after.send(after.from_shop(event("e2", "c1"))).body, merged);
  EXPECT_EQ(after.send(after.from_shop(event("e1", "c1"))).body, first);
  EXPECT_EQ(facts_in(store), 2u);
}

TEST(Events, with_a_known_id_and_another_body_are_refused) {
  MemoryStore store;
  Bench bench(store);
  ASSERT_EQ(bench.send(bench.from_shop(event("e1", "c1"))).status, 202);
  for (const auto& other : {event("e1", "c1", "handoff.requested", {{"priority", "high"}}), event("e1", "c2"),
                            event("e1", "c1", "handoff.cancelled")}) {
    const auto answer = bench.send(bench.from_shop(other));
    EXPECT_EQ(answer.status, 422) << other;
    EXPECT_THAT(body_of(answer)["detail"], HasSubstr("a new event needs a new id"));
  }
  EXPECT_EQ(facts_in(store), 1u);
  EXPECT_EQ(store.handoffs.size(), 1u);
}

TEST(Events, while_a_handoff_is_open_become_its_updates) {
  MemoryStore store;
  Bench bench(store);
  const auto first = body_of(bench.send(bench.from_shop(event("e1", "c1"))));
  for (const auto* type :
       {"handoff.requested", "handoff.updated", "handoff.cancelled", "conversation.resolved"}) {
    const auto type_at = std::string_view(type).find('.') + 1;
    json data = json::object();
    if (std::string_view(type) == "handoff.cancelled") data = {{"by", "customer"}};
    if (std::string_view(type) == "conversation.resolved") data = {{"by", "ai"}};
    const auto again =
        bench.send(bench.from_shop(event("u-" + std::string(type).substr(type_at), "c1", type, data)));
    ASSERT_EQ(again.status, 202) << again.body;
    EXPECT_EQ(body_of(again)["handoff"], first["handoff"]);
    EXPECT_EQ(body_of(again)["destinations"], first["destinations"]);
    EXPECT_EQ(body_of(again)["merged"], true);
  }
  EXPECT_EQ(store.handoffs.size(), 1u);
  EXPECT_EQ(bench.ingress.figures().merged, 4u);
}

TEST(Events, after_the_end_of_a_handoff_open_the_next_one) {
  MemoryStore store;
  Bench bench(store);
  const HandoffId first(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.plan();
  ASSERT_EQ(bench.send(bench.from_shop(event("e2", "c1", "handoff.cancelled", {{"by", "customer"}}))).status,
            202);
  bench.plan();
  ASSERT_EQ(name(bench.record(first).handoff.state), "cancelled");
  const auto answer = body_of(bench.send(bench.from_shop(event("e3", "c1"))));
  EXPECT_FALSE(answer.contains("merged"));
  const auto second = bench.record(HandoffId(answer["handoff"])).handoff;
  EXPECT_NE(second.id, first);
  EXPECT_EQ(second.sequence, 2);
  EXPECT_EQ(second.previous, first);
}

TEST(Events, about_a_handoff_that_is_not_open_are_refused_and_leave_nothing) {
  MemoryStore store;
  Bench bench(store);
  const std::vector<std::pair<const char*, json>> late = {{"handoff.updated", json::object()},
                                                          {"handoff.cancelled", {{"by", "customer"}}},
                                                          {"conversation.resolved", {{"by", "human"}}}};
  for (const auto& [type, data] : late) {
    const auto type_at = std::string_view(type).find('.') + 1;
    const auto answer =
        bench.send(bench.from_shop(event("x-" + std::string(type).substr(type_at), "c9", type, data)));
    EXPECT_EQ(answer.status, 422) << answer.body;
    EXPECT_THAT(body_of(answer)["detail"], HasSubstr("`c9` has no open handoff"));
  }
  EXPECT_EQ(facts_in(store), 0u);
  // And what was refused may be sent once there is one: the id was not used up.
  ASSERT_EQ(bench.send(bench.from_shop(event("e1", "c9"))).status, 202);
  EXPECT_EQ(bench.send(bench.from_shop(event("x-updated", "c9", "handoff.updated"))).status, 202);
}

TEST(Events, about_a_handoff_that_has_ended_are_refused) {
  MemoryStore store;
  Bench bench(store);
  const HandoffId id(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.end(id);
  EXPECT_EQ(bench.send(bench.from_shop(event("e2", "c1", "handoff.updated"))).status, 422);
  EXPECT_EQ(facts_in(store), 1u);
}

TEST(Events, of_types_for_stations_to_come_are_refused_by_name) {
  MemoryStore store;
  Bench bench(store);
  const auto answer =
      bench.send(bench.from_shop(event("e1", "c1", "error.reported", {{"errors", {{{"code", "E1"}}}}})));
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(facts_in(store), 0u);
}

TEST(Events, that_match_no_rule_are_kept_and_the_answer_says_so) {
  MemoryStore store;
  Bench bench(store);
  const auto answer = body_of(bench.send(
      bench.from_shop(event("e1", "c1", "handoff.requested", {{"intent", {{"category", "other"}}}}))));
  EXPECT_EQ(answer["destinations"], json::array());
  EXPECT_THAT(answer["because"], HasSubstr("no routing rule matches"));
  EXPECT_EQ(store.handoffs.size(), 1u);
}

TEST(Events, count_every_rule_that_matched) {
  MemoryStore store;
  Bench bench(store);
  const auto urgent =
      event("e1", "c1", "handoff.requested", {{"priority", "urgent"}, {"intent", {{"category", "billing"}}}});
  EXPECT_EQ(body_of(bench.send(bench.from_shop(urgent)))["destinations"].size(), 3u);
  (void)bench.send(bench.from_shop(event("e2", "c2")));
  EXPECT_EQ(bench.ingress.figures().hits.at("urgent"), 1u);
  EXPECT_EQ(bench.ingress.figures().hits.at("billing"), 2u);
}

TEST(Events, beyond_the_sources_limit_wait_and_others_do_not) {
  MemoryStore store;
  Bench bench(store, 2);
  int refused = 0;
  for (int i = 0; i < 6; ++i) {
    const auto answer = bench.send(bench.from_shop(event("e" + std::to_string(i), "c" + std::to_string(i))));
    if (answer.status == 202) continue;
    ++refused;
    EXPECT_EQ(answer.status, 429);
    EXPECT_TRUE(answer.retry_after);
    EXPECT_THAT(body_of(answer)["detail"], HasSubstr("sources.shop.max_per_second"));
  }
  EXPECT_EQ(refused, 2);  // a burst of two seconds passes
  auto bank = event("b1", "c1");
  bank["source"] = "https://bank.example";
  EXPECT_EQ(bench.send(bench.signed_with(kBankKey, bank.dump(), "b1")).status, 202);
  (void)bench.await(bench.clock.until(bench.clock.now() + 1s));
  EXPECT_EQ(bench.send(bench.from_shop(event("e5", "c5"))).status, 202);
}

TEST(Events, that_the_journal_cannot_take_are_asked_for_again_and_not_lost) {
  MemoryStore store;
  Bench bench(store);
  const auto request = bench.from_shop(event("e1", "c1"));
  bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
  const auto answer = bench.send(request);
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.retry_after);
  EXPECT_EQ(code_of(answer), "not_now");
  EXPECT_TRUE(store.handoffs.empty());
  EXPECT_EQ(bench.ingress.figures().not_now, 1u);
  bench.journal.fails.reset();
  EXPECT_EQ(bench.send(request).status, 202);
  EXPECT_EQ(store.handoffs.size(), 1u);
}

TEST(Events, of_two_workspaces_keep_apart) {
  MemoryStore store;
  Bench bench(store);
  auto bank = event("e1", "c1");
  bank["source"] = "https://bank.example";
  const auto shops = body_of(bench.send(bench.from_shop(event("e1", "c1"))));
  const auto banks = body_of(bench.send(bench.signed_with(kBankKey, bank.dump(), "e1")));
  EXPECT_NE(shops["handoff"], banks["handoff"]);
  EXPECT_FALSE(banks.contains("merged"));
  EXPECT_EQ(bench.record(HandoffId(banks["handoff"])).handoff.workspace.text, "bank");
  EXPECT_EQ(bench.record(HandoffId(banks["handoff"])).handoff.sequence, 1);
  // A source that moved is another's: what it sent before is nobody's business here.
  bench.sources.at("shop").workspace = WorkspaceId("bank");
  const auto moved = body_of(bench.send(bench.from_shop(event("e1", "c1"))));
  EXPECT_NE(moved["handoff"], shops["handoff"]);
  EXPECT_EQ(bench.record(HandoffId(moved["handoff"])).handoff.workspace.text, "bank");
}

// --- batches

TEST(Batches, are_answered_event_by_event) {
  MemoryStore store;
  Bench bench(store);
  const json batch = {event("e1", "c1"), event("e2", "c2"), event("e3", "c1")};
  const auto request = bench.signed_with(kShopKey, batch.dump(), "batch-1");
  const auto answer = bench.send(request);
  ASSERT_EQ(answer.status, 202) << answer.body;
  const auto events = body_of(answer)["events"];
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2]["handoff"], events[0]["handoff"]);
  EXPECT_EQ(events[2]["merged"], true);
  EXPECT_NE(events[1]["handoff"], events[0]["handoff"]);
  EXPECT_EQ(store.handoffs.size(), 2u);
  EXPECT_EQ(bench.send(request).body, answer.body);
  EXPECT_EQ(facts_in(store), 3u);
}

TEST(Errors, without_a_handoff_are_cases_of_their_own_that_go_to_the_tracker_alone) {
  MemoryStore store;
  Bench bench(store);
  bench.rules[0].when.clear();
  bench.rules[0].to.bugs = DestinationId("tracker");
  const json data = {{"errors", {{{"code", "E1"}, {"message", "boom"}}}}};
  const auto request = bench.from_shop(event("e1", "c1", "error.reported", data));
  const auto answer = bench.send(request);
  ASSERT_EQ(answer.status, 202) << answer.body;
  const auto record = bench.record(HandoffId(body_of(answer)["handoff"]));
  EXPECT_TRUE(is_own(record.handoff.conversation));
  EXPECT_EQ(record.handoff.conversation.text, "main/shop/e1");
  EXPECT_EQ(handoff::destinations(record.handoff.route), std::vector{DestinationId("tracker")});
  EXPECT_EQ(bench.send(request).body, answer.body);
  EXPECT_EQ(store.handoffs.size(), 1u);
  // Another one, and the conversation's handoff, are theirs.
  EXPECT_EQ(bench.send(bench.from_shop(event("e2", "c1", "error.reported", data))).status, 202);
  EXPECT_EQ(bench.send(bench.from_shop(event("e3", "c1"))).status, 202);
  EXPECT_EQ(store.handoffs.size(), 3u);
  EXPECT_EQ(bench.await(bench.memory.query(HandoffQuery()))->size(), 1u);
}

TEST(Errors, that_no_route_sends_to_a_tracker_are_refused_with_what_to_do) {
  MemoryStore store;
  Bench bench(store);
  const auto answer =
      bench.send(bench.from_shop(event("e1", "c1", "error.reported", {{"errors", {{{"code", "E1"}}}}})));
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(body_of(answer)["detail"], testing::HasSubstr("no route names `bugs`"));
  EXPECT_EQ(store.handoffs.size(), 0u);
}

TEST(Batches, with_one_bad_event_store_nothing_and_name_it) {
  MemoryStore store;
  Bench bench(store);
  json batch = {event("e1", "c1"), event("e2", "c2"), event("e3", "c3"),
                event("e4", "c4", "handoff.dreamt_of")};
  batch[1]["data"].erase("conversation");
  batch[2]["source"] = "https://bank.example";
  const auto answer = bench.send(bench.signed_with(kShopKey, batch.dump(), "batch-1"));
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(errors_of(answer), testing::IsSupersetOf({"/1/data/conversation required",
                                                        "/2/source source_mismatch", "/3/type not_allowed"}));
  EXPECT_EQ(facts_in(store), 0u);
}

TEST(Batches, hold_one_to_a_hundred_events) {
  MemoryStore store;
  Bench bench(store);
  json batch = json::array();
  EXPECT_EQ(bench.send(bench.signed_with(kShopKey, batch.dump(), "b0")).status, 400);
  for (int i = 0; i < 100; ++i) batch.push_back(event("e" + std::to_string(i), "c" + std::to_string(i)));
  EXPECT_EQ(bench.send(bench.signed_with(kShopKey, batch.dump(), "b1")).status, 202);
  EXPECT_EQ(store.handoffs.size(), 100u);
  batch.push_back(event("e100", "c100"));
  EXPECT_EQ(bench.send(bench.signed_with(kShopKey, batch.dump(), "b2")).status, 400);
  EXPECT_EQ(store.handoffs.size(), 100u);
}

TEST(Batches, that_the_journal_takes_half_of_are_finished_by_sending_them_again) {
  MemoryStore store;
  Bench bench(store);
  const json batch = {event("e1", "c1"), event("e2", "c2"), event("e3", "c3")};
  const auto request = bench.signed_with(kShopKey, batch.dump(), "b1");
  bench.journal.works_first = 1;
  bench.journal.fails = Failure(FailureKind::retryable, "the disk is full");
  EXPECT_EQ(bench.send(request).status, 503);
  EXPECT_EQ(store.handoffs.size(), 1u);
  bench.journal.fails.reset();
  EXPECT_EQ(bench.send(request).status, 202);
  EXPECT_EQ(store.handoffs.size(), 3u);
  EXPECT_EQ(facts_in(store), 3u);
}

TEST(Batches, that_hold_the_same_event_twice_have_one_effect) {
  MemoryStore store;
  Bench bench(store);
  const json batch = {event("e1", "c1"), event("e1", "c1")};
  const auto answer = bench.send(bench.signed_with(kShopKey, batch.dump(), "b1"));
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(body_of(answer)["events"][0], body_of(answer)["events"][1]);
  EXPECT_EQ(facts_in(store), 1u);
}

TEST(Batches, weigh_as_many_events_as_they_hold) {
  MemoryStore store;
  Bench bench(store, 5);
  json batch = json::array();
  for (int i = 0; i < 30; ++i) batch.push_back(event("e" + std::to_string(i), "c" + std::to_string(i)));
  EXPECT_EQ(bench.send(bench.signed_with(kShopKey, batch.dump(), "b1")).status, 202);
  EXPECT_EQ(bench.send(bench.from_shop(event("x1", "x1"))).status, 429);
}

TEST(Batches, with_an_id_twice_are_refused_before_anything_is_stored) {
  MemoryStore store;
  Bench bench(store);
  const json batch = {event("e1", "c1"), event("e1", "c2")};
  const auto answer = bench.send(bench.signed_with(kShopKey, batch.dump(), "b1"));
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(errors_of(answer), ElementsAre("/1/id duplicate_id"));
  EXPECT_EQ(facts_in(store), 0u);
}

TEST(Batches, of_plain_envelopes_are_refused_for_they_share_one_id) {
  MemoryStore store;
  Bench bench(store);
  const json plain = {{"type", "handoff.requested"}, {"data", {{"conversation", {{"id", "c1"}}}}}};
  const auto answer = bench.send(bench.signed_with(kShopKey, json{plain, plain}.dump(), "b1"));
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(errors_of(answer), testing::IsSupersetOf({"/0/id required", "/1/id required"}));
  EXPECT_EQ(facts_in(store), 0u);
}

TEST(Batches, stopped_by_an_event_that_cannot_be_taken_name_it_and_say_what_is_stored) {
  MemoryStore store;
  Bench bench(store);
  const json batch = {event("e1", "c1"), event("e2", "c9", "handoff.updated"), event("e3", "c3")};
  const auto answer = bench.send(bench.signed_with(kShopKey, batch.dump(), "b1"));
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(errors_of(answer), ElementsAre("/1 refused"));
  EXPECT_THAT(body_of(answer)["detail"], HasSubstr("the events before it are stored"));
  EXPECT_EQ(store.handoffs.size(), 1u);
}

// --- a handoff that ends while its conversation goes on

TEST(Events, that_race_with_the_end_of_the_handoff_open_the_next_one) {
  MemoryStore store;
  Bench bench(store);
  const HandoffId first(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.plan();
  // Another commit ends the handoff before this event's first commit is judged.
  bench.journal.latency = Duration{5};
  std::optional<Reply> answer;
  bench.scope.spawn(bench.ingress.events(bench.from_shop(event("e2", "c1"))),
                    [&](Result<Reply> got) { answer = std::move(*got); });
  bench.end(first);
  bench.clock.run(bench.clock.now() + 1s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 202);
  EXPECT_NE(body_of(*answer)["handoff"], first.text);
  EXPECT_EQ(store.handoffs.size(), 2u);
}

// The second handoff of a conversation, with its event, or nothing.
std::optional<Handoff> second(Bench& bench) {
  HandoffQuery query;
  query.conversation = ConversationId("shop", "c1");
  const auto found = bench.await(bench.memory.query(query));
  if (!found || found->size() != 2) return std::nullopt;
  return found->front();
}

// Found open by the query, ended before the commit: the 202 names the one that ends, and the planner
// opens the next one, by the rules.
TEST(Events, that_find_a_handoff_open_which_ends_before_their_commit_open_the_next_one) {
  MemoryStore store;
  Bench bench(store);
  const HandoffId first(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.plan();
  bench.journal.between = [&] {
    auto& row = store.handoffs.at(first);
    auto ended = *row.handoff;
    ended.state = State::returned;
    ++ended.version;
    row.handoff = std::make_shared<const Handoff>(std::move(ended));
    store.conversations.at({ConversationId("shop", "c1"), WorkspaceId("main")}).open = {};
  };
  ASSERT_EQ(bench.send(bench.from_shop(event("e2", "c1"))).status, 202);
  bench.plan();
  const auto next = second(bench);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->previous, first);
  EXPECT_EQ(name(next->state), "waiting");
  EXPECT_EQ(next->route.rule, "billing");
}

// The same with the end still a fact that nobody has consumed, and with what follows the request.
TEST(Events, behind_an_end_that_nobody_has_planned_yet_open_the_next_one) {
  MemoryStore store;
  Bench bench(store);
  const HandoffId first(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.plan();
  bench.send(bench.from_shop(event("e2", "c1", "handoff.cancelled", {{"explanation", "found it"}})));
  const auto merged = body_of(bench.send(bench.from_shop(event("e3", "c1"))));
  EXPECT_EQ(merged["handoff"], first.text);
  bench.send(bench.from_shop(event("e4", "c1", "handoff.updated", {{"priority", "urgent"}})));
  bench.plan();
  EXPECT_EQ(name(bench.record(first).handoff.state), "cancelled");
  const auto next = second(bench);
  ASSERT_TRUE(next);
  EXPECT_EQ(name(next->state), "waiting");
  EXPECT_EQ(next->priority, Priority::urgent) << "what was said after the request follows it";
  EXPECT_EQ(body_of(bench.send(bench.from_shop(event("e3", "c1")))), merged) << "the same answer as before";
}

// An update alone opens nothing: the refusal is recorded where the 202 pointed.
TEST(Events, that_only_update_what_has_ended_are_recorded_as_refused) {
  MemoryStore store;
  Bench bench(store);
  const HandoffId first(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.plan();
  bench.send(bench.from_shop(event("e2", "c1", "handoff.cancelled")));
  bench.send(bench.from_shop(event("e3", "c1", "handoff.updated", {{"priority", "urgent"}})));
  bench.plan();
  EXPECT_EQ(store.handoffs.size(), 1u);
  EXPECT_EQ(bench.record(first).handoff.refused.size(), 1u);
}

// Solved, and the return to the chat platform is still under way: another request must bring a person
// back (resolved -> active), not become a note in a solved ticket.
TEST(Events, that_ask_for_a_person_again_before_the_return_reopen_the_handoff) {
  MemoryStore store;
  Bench bench(store);
  const HandoffId first(body_of(bench.send(bench.from_shop(event("e1", "c1"))))["handoff"]);
  bench.plan();
  ASSERT_EQ(bench.send(bench.from_shop(event("e2", "c1", "conversation.resolved", {{"by", "human"}}))).status,
            202);
  bench.plan();
  ASSERT_EQ(name(bench.record(first).handoff.state), "resolved");
  ASSERT_EQ(bench.send(bench.from_shop(event("e3", "c1"))).status, 202);
  bench.plan();
  EXPECT_NE(name(bench.record(first).handoff.state), "resolved");
}

}  // namespace
}  // namespace baton::ingress
