// Dead letters, replays, and destinations that people pause.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/handoff/replay.h"
#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

JobState state_of(Bench& bench, const JobKey& key) {
  return bench.store.jobs.at(bench.store.positions.at(key)).job.state;
}

struct Morgue : Bench {
  Morgue() {
    for (const auto* conversation : {"c1", "c2", "c3"}) {
      (void)await(clock.until(clock.now() + 1h));
      times.push_back(clock.now());
      const auto kind = keys.empty() ? FailureKind::rejected : FailureKind::retryable;
      keys.push_back(dead_letter(waiting(conversation), kind));
    }
    alive = waiting("c4");
  }
  json replay(json body) {
    body["why"] = "the desk is back";
    answer = post("/v1/dead-letters/replay", body);
    return body_of(answer);
  }
  int dead() {
    int n = 0;
    for (const auto& key : keys) n += state_of(*this, key) == JobState::dead;
    return n;
  }
  std::vector<JobKey> keys;
  std::vector<TimePoint> times;
  HandoffId alive;
  Reply answer;
};

TEST(DeadLetters, are_listed_with_what_went_wrong) {
  Morgue morgue;
  const auto list = body_of(morgue.get("/v1/dead-letters"))["deliveries"];
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]["delivery"], morgue.keys[0].text());
  EXPECT_EQ(list[0]["state"], "dead");
  EXPECT_EQ(list[0]["failure"], json({{"kind", "rejected"}, {"detail", "the desk said no"}}));
  EXPECT_EQ(body_of(morgue.get("/v1/dead-letters?failure=retryable"))["deliveries"].size(), 2u);
  // The state is what the list is about; another one in the question changes nothing.
  EXPECT_EQ(body_of(morgue.get("/v1/dead-letters?state=pending"))["deliveries"].size(), 3u);
}

TEST(DeadLetters, are_paged) {
  Morgue morgue;
  std::vector<std::string> seen;
  std::string after;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = body_of(morgue.get("/v1/dead-letters?limit=2" + after));
    for (const auto& one : page["deliveries"]) seen.push_back(one["delivery"]);
    if (!page.contains("next")) break;
    after = "&after=" + std::to_string(page["next"].get<std::uint64_t>());
  }
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[2], morgue.keys[2].text());
}

TEST(DeadLetters, are_counted_by_filter) {
  Morgue morgue;
  const auto count = [&](const json& filter) {
    return body_of(morgue.post("/v1/dead-letters/count", {{"filter", filter}}))["count"];
  };
  EXPECT_EQ(count({{"destination", "desk"}}), 3);
  EXPECT_EQ(count({{"destination", "crm"}}), 0);
  EXPECT_EQ(count({{"operation", "open_ticket"}, {"failure", "rejected"}}), 1);
  EXPECT_EQ(count({{"from", to_rfc3339(morgue.times[1])}}), 2);
  EXPECT_EQ(count({{"to", to_rfc3339(morgue.times[1])}}), 1);
  EXPECT_EQ(count({{"handoff", "hof_c2"}}), 1);
  EXPECT_EQ(count(json::object()), 3);  // looking at all of them is allowed
}

TEST(Replays, of_one_send_it_again_once) {
  Morgue morgue;
  const auto key = morgue.keys[1];
  EXPECT_EQ(morgue.replay({{"delivery", key.text()}}), json({{"replayed", 1}, {"skipped", 0}}));
  EXPECT_EQ(state_of(morgue, key), JobState::pending);
  EXPECT_EQ(morgue.dead(), 2);
  EXPECT_EQ(morgue.store.audit.back().subject, key.text());
  EXPECT_EQ(code_of((morgue.replay({{"delivery", key.text()}}), morgue.answer)), "not_dead");
  EXPECT_EQ(morgue.answer.status, 409);
  EXPECT_EQ(morgue.store.audit.size(), 1u);
}

TEST(Replays, of_what_is_no_dead_letter_are_refused) {
  Morgue morgue;
  const JobKey pending(morgue.alive, DestinationId("desk"), Operation::open_ticket);
  EXPECT_EQ(code_of((morgue.replay({{"delivery", pending.text()}}), morgue.answer)), "not_dead");
  EXPECT_EQ(code_of((morgue.replay({{"delivery", morgue.alive.text + "/desk/add_note/9"}}), morgue.answer)),
            "not_found");
  EXPECT_EQ(code_of((morgue.replay({{"delivery", "hof_none/desk/open_ticket/1"}}), morgue.answer)),
            "not_found");
  EXPECT_EQ(code_of((morgue.replay({{"delivery", "no key"}}), morgue.answer)), "invalid_query");
  EXPECT_EQ(morgue.dead(), 3);
  EXPECT_TRUE(morgue.store.audit.empty());
}

TEST(Replays, want_the_count_first) {
  Morgue morgue;
  const json filter = {{"destination", "desk"}};
  for (const auto& count : {json(2), json(4), json("3"), json(), json(3.0)}) {
    json body = {{"filter", filter}};
    if (!count.is_null()) body["count"] = count;
    EXPECT_EQ(code_of((morgue.replay(body), morgue.answer)), "count_first") << count;
    EXPECT_EQ(morgue.answer.status, 409);
    EXPECT_THAT(body_of(morgue.answer)["detail"], HasSubstr("matches 3 now"));
  }
  EXPECT_EQ(morgue.dead(), 3);
  EXPECT_EQ(morgue.replay({{"filter", filter}, {"count", 3}}), json({{"replayed", 3}, {"skipped", 0}}));
  EXPECT_EQ(morgue.dead(), 0);
  EXPECT_EQ(morgue.store.audit.size(), 1u);
  EXPECT_THAT(morgue.store.audit[0].subject, HasSubstr("3 of {\"destination\":\"desk\"}"));
  // Again: there is nothing left.
  EXPECT_EQ(code_of((morgue.replay({{"filter", filter}, {"count", 3}}), morgue.answer)), "count_first");
  EXPECT_EQ(morgue.replay({{"filter", filter}, {"count", 0}}), json({{"replayed", 0}, {"skipped", 0}}));
}

TEST(Replays, go_by_time) {
  Morgue morgue;
  const json filter = {{"from", to_rfc3339(morgue.times[1])}, {"to", to_rfc3339(morgue.times[2])}};
  EXPECT_EQ(morgue.replay({{"filter", filter}, {"count", 1}}), json({{"replayed", 1}, {"skipped", 0}}));
  EXPECT_EQ(state_of(morgue, morgue.keys[1]), JobState::pending);
  EXPECT_EQ(morgue.dead(), 2);
}

TEST(Replays, of_more_than_a_page_reach_all) {
  Bench bench;
  for (int i = 0; i < 205; ++i) bench.dead_letter(bench.waiting("n" + std::to_string(i)));
  const auto answer = bench.post("/v1/dead-letters/replay",
                                 {{"filter", {{"destination", "desk"}}}, {"count", 205}, {"why", "all"}});
  EXPECT_EQ(body_of(answer), json({{"replayed", 205}, {"skipped", 0}}));
  EXPECT_EQ(bench.store.audit.size(), 2u);
}

TEST(Replays, say_what_somebody_else_sent_again_meanwhile) {
  Morgue morgue;
  morgue.journal.latency = Duration{10};  // count, query, commit: the other one comes before the third
  std::optional<Reply> answer;
  const json body = {{"filter", {{"destination", "desk"}}}, {"count", 3}, {"why", "the desk is back"}};
  morgue.scope.spawn(morgue.start("POST", "/v1/dead-letters/replay", morgue.operate, body.dump()),
                     [&](Result<Reply> got) { answer = std::move(*got); });
  morgue.clock.run(morgue.clock.now() + Duration{25});
  Batch batch;
  batch.replays.push_back(handoff::replayed(
      morgue.store.jobs.at(morgue.store.positions.at(morgue.keys[1])).job, morgue.clock.now()));
  ASSERT_TRUE(morgue.await(morgue.memory.commit(std::move(batch)))->done());
  morgue.clock.run(morgue.clock.now() + 1s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(body_of(*answer), json({{"replayed", 2}, {"skipped", 1}}));
  EXPECT_EQ(morgue.dead(), 0);
  EXPECT_EQ(morgue.store.audit.size(), 2u);  // nothing is said to have been sent that was not
}

TEST(Replays, of_everything_are_refused) {
  Morgue morgue;
  // "dead" is what every one of them is: as a filter it says nothing.
  for (const auto& filter : {json::object(), json(), json("all"), json::array({"x"}), json{{"state", "dead"}},
                             json{{"limit", 3}}, json{{"after", 1}}, json{{"destination", nullptr}}}) {
    const auto body = morgue.replay({{"filter", filter}, {"count", 3}});
    EXPECT_EQ(morgue.answer.status, 422) << filter;
    EXPECT_EQ(body["code"], "empty_filter") << filter;
  }
  EXPECT_EQ(morgue.replay(json::object())["code"], "empty_filter");
  EXPECT_EQ(morgue.dead(), 3);
}

TEST(Replays, refuse_a_filter_with_a_word_that_they_do_not_know) {
  Morgue morgue;
  // Ignored, the misspelt word would widen the filter to more than was meant.
  for (const auto& filter :
       {json{{"destination", "desk"}, {"opration", "add_note"}},
        json{{"destination", "desk"}, {"failure", "x"}}, json{{"destination", 7}, {"from", "x"}},
        json{{"destination", json::array({"desk"})}}, json{{"destination", true}}}) {
    EXPECT_EQ(morgue.replay({{"filter", filter}, {"count", 3}})["code"], "invalid_query") << filter;
    EXPECT_EQ(morgue.post("/v1/dead-letters/count", {{"filter", filter}}).status, 422) << filter;
  }
  EXPECT_EQ(morgue.dead(), 3);
}

TEST(Replays, and_pauses_want_a_reason) {
  Morgue morgue;
  for (const auto& why : {json(), json(""), json(1), json("  ")}) {
    for (const auto* target :
         {"/v1/dead-letters/replay", "/v1/destinations/desk/pause", "/v1/destinations/desk/resume"}) {
      json body = {{"delivery", morgue.keys[0].text()}};
      if (!why.is_null()) body["why"] = why;
      const auto answer = morgue.post(target, body);
      EXPECT_EQ(answer.status, 422) << target << why;
      EXPECT_EQ(code_of(answer), "why_is_required") << target << why;
    }
  }
  EXPECT_EQ(morgue.dead(), 3);
  EXPECT_TRUE(morgue.store.audit.empty() && morgue.store.lanes.empty());
}

TEST(Pauses, are_journalled_with_who_and_why) {
  Bench bench;
  auto answer = bench.post("/v1/destinations/desk/pause", {{"why", "maintenance"}});
  EXPECT_EQ(body_of(answer), json({{"name", "desk"}, {"paused", true}}));
  const auto& lane = bench.store.lanes.at(DestinationId("desk"));
  EXPECT_TRUE(lane.paused);
  EXPECT_EQ(lane.by, "operator");
  EXPECT_EQ(lane.reason, "maintenance");
  EXPECT_FALSE(lane.until);
  answer = bench.post("/v1/destinations/desk/resume", {{"why", "done"}});
  EXPECT_EQ(body_of(answer), json({{"name", "desk"}, {"paused", false}}));
  EXPECT_FALSE(bench.store.lanes.at(DestinationId("desk")).paused);
}

TEST(Destinations, are_tried_on_request_and_it_is_recorded_who_asked) {
  Bench bench;
  auto answer = body_of(bench.post("/v1/destinations/desk/test", {{"why", "before the launch"}}));
  EXPECT_EQ(answer["fine"], false);
  EXPECT_EQ(answer["findings"].size(), 2u);
  answer = body_of(bench.post("/v1/destinations/desk/test", {{"why", "make it"}, {"apply", true}}));
  EXPECT_EQ(answer["fine"], true);
  ASSERT_EQ(bench.store.audit.size(), 2u);
  EXPECT_EQ(bench.store.audit[0].what, "destination.test");
  EXPECT_EQ(bench.store.audit[1].what, "destination.prepare");
  EXPECT_EQ(bench.post("/v1/destinations/desk/test", json::object()).status, 422);
  EXPECT_EQ(bench.post("/v1/destinations/nowhere/test", {{"why", "x"}}).status, 404);
}

TEST(Destinations, that_baton_parked_go_on_when_a_test_finds_nothing_lacking) {
  Bench bench;
  const DestinationId desk("desk");
  const auto say = [&](LaneState state) { bench.store.lanes.insert_or_assign(desk, std::move(state)); };
  const auto test = [&](bool apply) {
    return body_of(bench.post("/v1/destinations/desk/test", {{"why", "mended"}, {"apply", apply}}));
  };
  say(LaneState(desk, true, "baton", "parked: 401", bench.clock.now()));
  EXPECT_FALSE(test(false).contains("resumed")) << "it is not well yet";
  EXPECT_TRUE(bench.store.lanes.at(desk).paused);
  EXPECT_EQ(test(true)["resumed"], true);
  EXPECT_FALSE(bench.store.lanes.at(desk).paused);
  EXPECT_EQ(bench.store.lanes.at(desk).by, "operator");
  EXPECT_EQ(bench.store.audit.back().what, "destination.resume");
  EXPECT_FALSE(test(true).contains("resumed")) << "it runs already";
  say(LaneState(desk, true, "ada", "maintenance", bench.clock.now()));
  EXPECT_FALSE(test(true).contains("resumed"));
  EXPECT_TRUE(bench.store.lanes.at(desk).paused) << "a person's pause stands";
}

TEST(Destinations, whose_access_is_revoked_are_paused_by_that_person_before_and_stay_so) {
  Bench bench;
  EXPECT_EQ(bench.post("/v1/destinations/desk/revoke", json::object()).status, 422);
  EXPECT_EQ(bench.post("/v1/destinations/nowhere/revoke", {{"why", "x"}}).status, 404);
  EXPECT_TRUE(bench.store.lanes.empty());
  const auto answer = body_of(bench.post("/v1/destinations/desk/revoke", {{"why", "we leave them"}}));
  EXPECT_EQ(answer["access"], "revoked") << answer;
  EXPECT_EQ(answer["paused"], true);
  EXPECT_TRUE(bench.paused_when_revoked) << "or somebody might ask for another token";
  const auto& lane = bench.store.lanes.at(DestinationId("desk"));
  EXPECT_TRUE(lane.paused);
  EXPECT_FALSE(is_parked(lane)) << "no test resumes it";
  EXPECT_EQ(lane.by, "operator");
  EXPECT_EQ(lane.reason, "its access was revoked: we leave them");
  EXPECT_EQ(bench.store.audit.back().what, "destination.revoke");
  EXPECT_EQ(bench.store.audit.back().why, "we leave them");
  const auto refused = bench.post("/v1/destinations/crm/revoke", {{"why", "we leave them"}});
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("the vendor is not there"), std::string::npos);
  EXPECT_TRUE(bench.store.lanes.at(DestinationId("crm")).paused) << "and it is paused all the same";
}

TEST(Destinations, say_what_waits_and_what_is_dead) {
  Morgue morgue;
  const auto list = body_of(morgue.get("/v1/destinations"))["destinations"];
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0], json({{"name", "crm"}, {"connector", "fake"}, {"pending", 0}, {"dead_letters", 0}}));
  EXPECT_EQ(list[1], json({{"name", "desk"}, {"connector", "fake"}, {"pending", 1}, {"dead_letters", 3}}));
}

TEST(Deliveries, are_those_at_destinations_and_not_our_own_upkeep) {
  Morgue morgue;
  const auto list = body_of(morgue.get("/v1/deliveries"))["deliveries"];
  EXPECT_EQ(list.size(), 4u);
  for (const auto& one : list) EXPECT_EQ(one["destination"], "desk") << one;
}

}  // namespace
}  // namespace baton::api
