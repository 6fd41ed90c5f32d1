// Purpose: what comes in and opens no ordinary handoff: ratings, what the AI solved alone, questions as
// events.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/handoff/satisfaction.h"
#include "tests/ingress/bench.h"

namespace baton::ingress {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json rating(const std::string& id, const std::string& conversation, double score = 5) {
  return event(id, conversation, "conversation.rated", {{"score", score}, {"scale", "stars"}});
}
json solved_by_ai(const std::string& id, const std::string& conversation) {
  return event(id, conversation, "conversation.resolved", {{"by", "ai"}});
}

struct Asides : testing::Test {
  Reply send(const json& event) { return bench.send(bench.from_shop(event)); }
  HandoffId open(const std::string& id, const std::string& conversation) {
    return HandoffId(body_of(send(event(id, conversation)))["handoff"]);
  }
  // An ordinary end: the AI has it back.
  void end(const HandoffId& id) {
    bench.plan();
    auto moved = bench.record(id).handoff;
    moved.state = State::returned;
    moved.passages.emplace_back(bench.clock.now(), State::returned, "returned");
    Batch batch;
    batch.moves = moved;
    ASSERT_TRUE(bench.await(bench.memory.commit(std::move(batch)))->done());
  }
  void wait(Duration time) {
    bool over = false;
    bench.scope.spawn(bench.clock.until(bench.clock.now() + time), [&](Result<Done>) { over = true; });
    bench.clock.run(TimePoint::max(), [&] { return over; });
  }
  handoff::AiAlone counted() {
    handoff::AiAlone all;
    for (const auto& [key, document] : store.documents) {
      if (key.first == handoff::kAiConversations) all.add(handoff::ai_alone_from(JsonView(document.body)));
    }
    return all;
  }
  std::size_t remembered() {
    return static_cast<std::size_t>(std::ranges::count_if(
        store.documents, [](const auto& one) { return one.first.first == "ai_event"; }));
  }

  MemoryStore store;
  Bench bench{store};
};

TEST_F(Asides, a_rating_after_the_end_is_kept_with_the_handoff_that_it_is_about) {
  const auto id = open("e1", "c1");
  end(id);
  wait(std::chrono::days(2));
  const auto answer = send(rating("r1", "c1", 2));
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(body_of(answer)["handoff"], id.text);
  bench.plan();
  const auto handoff = bench.record(id).handoff;
  ASSERT_EQ(handoff.ratings.size(), 1u);
  EXPECT_EQ(handoff.ratings[0].score, 2);
  EXPECT_EQ(name(handoff.state), "returned");
  EXPECT_TRUE(handoff.refused.empty());
  EXPECT_EQ(counted().satisfaction.count, 0u);
}

TEST_F(Asides, a_rating_that_comes_while_its_handoff_ends_stays_with_it) {
  const auto id = open("e1", "c1");
  bench.plan();
  ASSERT_EQ(send(event("e2", "c1", "handoff.cancelled")).status, 202);
  ASSERT_EQ(send(rating("r1", "c1", 4)).status, 202);
  bench.plan();
  EXPECT_EQ(bench.record(id).handoff.ratings.size(), 1u);
}

TEST_F(Asides, without_any_handoff_they_are_counted_once_however_often_they_come) {
  for (int time = 0; time < 3; ++time) {
    for (const auto& one :
         {solved_by_ai("s1", "c1"), rating("r1", "c1", 5), solved_by_ai("s2", "c2"), rating("r2", "c2", 1)}) {
      const auto answer = send(one);
      ASSERT_EQ(answer.status, 202) << answer.body;
      EXPECT_EQ(body_of(answer), json({{"counted", true}}));
    }
  }
  EXPECT_EQ(counted().resolved, 2u);
  EXPECT_EQ(counted().satisfaction.count, 2u);
  EXPECT_EQ(counted().satisfaction.satisfied, 1u);
  EXPECT_TRUE(store.handoffs.empty());
  EXPECT_TRUE(store.facts.empty());
  const auto clash = send(rating("r1", "c1", 3));
  EXPECT_EQ(clash.status, 422);
  EXPECT_THAT(clash.body, HasSubstr("was used before"));
}

TEST_F(Asides, what_was_counted_stays_counted_though_a_handoff_comes_later) {
  ASSERT_EQ(send(rating("r1", "c1")).status, 202);
  const auto id = open("e1", "c1");
  ASSERT_EQ(send(rating("r1", "c1")).status, 202);
  bench.plan();
  EXPECT_TRUE(bench.record(id).handoff.ratings.empty());
  EXPECT_EQ(counted().satisfaction.count, 1u);
}

TEST_F(Asides, that_the_ai_solved_it_belongs_to_a_handoff_for_a_day_and_is_a_new_matter_after_it) {
  const auto id = open("e1", "c1");
  end(id);
  EXPECT_EQ(body_of(send(solved_by_ai("s1", "c1")))["handoff"], id.text);
  bench.plan();
  EXPECT_TRUE(bench.record(id).handoff.refused.empty());
  EXPECT_EQ(counted().resolved, 0u);
  wait(25h);
  EXPECT_EQ(body_of(send(solved_by_ai("s2", "c1"))), json({{"counted", true}}));
  EXPECT_EQ(counted().resolved, 1u);
}

TEST_F(Asides, a_second_return_is_recorded_with_the_handoff_that_it_comes_too_late_for) {
  const auto id = open("e1", "c1");
  end(id);
  ASSERT_EQ(send(event("s1", "c1", "conversation.resolved", {{"by", "human"}})).status, 202);
  bench.plan();
  ASSERT_EQ(bench.record(id).handoff.refused.size(), 1u);
  EXPECT_EQ(bench.record(id).handoff.refused[0].what, "conversation.resolved");
}

TEST_F(Asides, ids_are_forgotten_after_days_so_that_they_never_fill_the_store) {
  for (int day = 0; day < 60; ++day) {
    for (int i = 0; i < 3; ++i) {
      const auto id = "s" + std::to_string(day) + "-" + std::to_string(i);
      ASSERT_EQ(send(solved_by_ai(id, "c" + id)).status, 202);
    }
    wait(24h);
  }
  EXPECT_EQ(counted().resolved, 180u);
  EXPECT_LT(remembered(), 90u) << "nine days are 27";
}

TEST_F(Asides, a_question_is_answered_by_an_event_and_opens_no_handoff) {
  handoff::Need need;
  need.sign = handoff::Sign::attempts;
  need.at_least = 1;
  handoff::Row row;
  row.name = "tried";
  row.when = {need};
  bench.decisions.rows.push_back(row);
  const json data = {{"intent", {{"category", "billing"}}},
                     {"attempts", {{{"action", "look"}, {"outcome", "failed"}}}}};
  const auto question = event("q1", "c1", "decision.requested", data);
  const auto answer = send(question);
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(body_of(answer)["destinations"], json::array({"platform"}));
  EXPECT_EQ(send(question).body, answer.body);
  bench.plan();
  const auto record = bench.record(HandoffId(body_of(answer)["handoff"]));
  ASSERT_EQ(record.jobs.size(), 2u);  // the plan and the answer
  const auto& told = record.jobs[1].subject;
  EXPECT_EQ(told["type"], "decision.made");
  EXPECT_EQ(told["data"]["decision"], "hand_over");
  EXPECT_EQ(told["data"]["id"], "q1");
  EXPECT_EQ(told["data"]["conversation_id"], "c1");
  EXPECT_EQ(name(record.handoff.state), "returned");
  EXPECT_TRUE(bench.await(bench.memory.query(HandoffQuery()))->empty());
  EXPECT_EQ(bench.ingress.figures().decisions, 1u);
}

TEST_F(Asides, a_pilot_marks_its_conversations_and_counts_them_apart) {
  handoff::Pilot pilot;
  pilot.name = "spring";
  pilot.share = 50;
  auto parts = bench.parts();
  parts.pilot = &pilot;
  Ingress with_pilot(parts);
  int inside = 0;
  for (int i = 0; i < 40; ++i) {
    const auto number = std::to_string(i);
    const auto opened = bench.await(with_pilot.events(bench.from_shop(event("e" + number, "c" + number))));
    ASSERT_EQ(opened->status, 202);
    const auto solved =
        bench.await(with_pilot.events(bench.from_shop(solved_by_ai("s" + number, "d" + number))));
    ASSERT_EQ(solved->status, 202);
    inside += bench.record(HandoffId(body_of(*opened)["handoff"])).handoff.route.pilot == "spring";
  }
  EXPECT_GT(inside, 8);
  EXPECT_LT(inside, 32);
  std::set<std::string> arms;
  for (const auto& [key, document] : store.documents) {
    if (key.first == handoff::kAiConversations) arms.emplace(handoff::pilot_of_ai_document(key.second));
  }
  EXPECT_EQ(arms, (std::set<std::string>{"baseline", "spring"}));
}

}  // namespace
}  // namespace baton::ingress
