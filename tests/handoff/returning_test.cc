// Purpose: the way back: who may give a conversation back, what the AI is told with it, conversations that go
// to and fro, and what is said of a handoff after its end.
#include "gateway/handoff/returning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using nlohmann::json;
using testing::ElementsAre;

json returned_data(const Tale& tale) { return tale.emitted("handoff.returned").at(0).subject["data"]; }

Signal by_api(SignalKind kind, const std::string& who) {
  auto made = signal(kind, who);
  made.from = {};
  return made;
}

TEST(WayBack, tells_what_the_human_did_and_where_their_part_lies) {
  Tale tale(handoff_in(State::waiting));
  tale.handoff.data["transcript"] = {
      {{"id", "m1"}, {"role", "customer"}, {"at", "2027-01-15T07:59:00Z"}, {"text", "Help"}},
      {{"id", "m2"}, {"role", "ai"}, {"at", "2027-01-15T07:59:30Z"}, {"text", "A person takes over"}},
      {{"id", "m3"}, {"role", "customer"}, {"at", "2027-01-15T09:00:00Z"}, {"text", "Thanks"}}};
  tale(signal(SignalKind::claimed, "U1"), 60s);
  tale(signal(SignalKind::replied, "U1", "I look into it"), 30s);
  tale(signal(SignalKind::replied, "U1", "It is paid back"), 30s);
  auto solved = signal(SignalKind::solved, "U1", "Paid back");
  solved.detail = {{"did", {"Found the charge", 7, ""}}};
  solved.about = "Ask whether the money arrived\n\n Send the invoice ";
  tale(solved, 10min);
  const auto told = returned_data(tale);
  EXPECT_EQ(told["follow_ups"], json({"Ask whether the money arrived", "Send the invoice"}));
  EXPECT_THAT(told["text"].get<std::string>(),
              testing::HasSubstr("Still to be done: Ask whether the money arrived; Send the invoice."));
  EXPECT_EQ(told["did"], json({"Found the charge"}));
  EXPECT_EQ(told["human"]["name"], "Anna");
  EXPECT_EQ(told["human"]["replies"], 2);
  EXPECT_EQ(told["human"]["claims"], 1);
  EXPECT_EQ(told["human"]["first_reply_at"], "2027-01-15T08:01:30.000Z");
  EXPECT_EQ(told["boundary"], json({{"from", "2027-01-15T08:01:00.000Z"},
                                    {"to", "2027-01-15T08:12:00.000Z"},
                                    {"after_message", "m2"}}));
  EXPECT_FALSE(told.contains("loop"));
}

TEST(WayBack, without_a_human_has_no_boundary) {
  Tale tale(handoff_in(State::waiting));
  tale(event("conversation.resolved", {{"by", "ai"}}));
  EXPECT_FALSE(returned_data(tale).contains("boundary"));
  EXPECT_FALSE(returned_data(tale).contains("human"));
}

TEST(WayBack, is_refused_while_a_person_has_the_conversation) {
  for (const auto state : {State::claimed, State::active}) {
    Tale tale(handoff_in(state));
    tale(event("conversation.resolved", {{"by", "ai"}}));
    tale(by_api(SignalKind::solved, "U2"));
    EXPECT_EQ(name(tale.handoff.state), name(state));
    ASSERT_EQ(tale.handoff.refused.size(), 2u);
    EXPECT_THAT(tale.handoff.refused[1].why, testing::HasSubstr("Anna has it"));
    tale(by_api(SignalKind::solved, "U1"));
    EXPECT_EQ(name(tale.handoff.state), "resolved");
  }
}

TEST(WayBack, is_taken_once_and_the_second_is_kept_as_refused) {
  Tale tale(handoff_in(State::active));
  tale(signal(SignalKind::solved, "U1"));
  tale(signal(SignalKind::solved, "U1"));
  EXPECT_EQ(tale.emitted("handoff.returned").size(), 1u);
  ASSERT_EQ(tale.handoff.refused.size(), 1u);
  EXPECT_EQ(tale.handoff.refused[0].what, "solved by Anna");
}

TEST(Loops, are_told_with_acceptance_and_return) {
  Tale tale(new_handoff());
  tale.handoff.route.context.clear();
  tale.handoff.bounces = 4;
  tale(event("handoff.requested", requested_data()));
  tale(job_of(Operation::open_ticket, JobState::done));
  EXPECT_EQ(tale.emitted("handoff.accepted").at(0).subject["data"]["loop"], json({{"handoffs", 4}}));
  tale(signal(SignalKind::solved, "U1"));
  EXPECT_EQ(returned_data(tale)["loop"], json({{"handoffs", 4}}));
}

TEST(Loops, count_what_was_asked_for_within_the_window) {
  std::vector<Handoff> latest;
  for (const auto ago : {0min, 20min, 59min, 60min, 300min}) {
    latest.push_back(new_handoff());
    latest.back().requested_at = kStart - ago;
  }
  EXPECT_EQ(handoff::asked_within(latest, kStart, 1h), 3);
  EXPECT_EQ(handoff::asked_within({}, kStart, 1h), 0);
}

TEST(Ratings, are_kept_at_any_time_and_change_nothing_else) {
  for (const auto state : {State::waiting, State::active, State::returned, State::cancelled}) {
    Tale tale(handoff_in(state));
    const auto refused = tale.handoff.refused.size();
    const auto jobs =
        tale(event("conversation.rated", {{"score", 2}, {"scale", "stars"}, {"comment", "slow"}}));
    EXPECT_TRUE(jobs.empty());
    EXPECT_EQ(name(tale.handoff.state), name(state));
    EXPECT_EQ(tale.handoff.refused.size(), refused);
    ASSERT_EQ(tale.handoff.ratings.size(), 1u);
    EXPECT_EQ(tale.handoff.ratings[0].score, 2);
    EXPECT_EQ(tale.handoff.ratings[0].text, "slow");
  }
}

TEST(Ratings, of_a_customer_who_never_stops_are_the_last_five) {
  Tale tale(handoff_in(State::returned));
  for (int i = 0; i < 9; ++i) tale(event("conversation.rated", {{"score", i}, {"scale", "nps"}}));
  ASSERT_EQ(tale.handoff.ratings.size(), 5u);
  EXPECT_EQ(tale.handoff.ratings.front().score, 4);
  EXPECT_EQ(tale.handoff.ratings.back().score, 8);
}

TEST(Afterwords, belong_to_a_handoff_for_a_time) {
  auto over = handoff_in(State::returned);
  const auto rated = event("conversation.rated"), solved = event("conversation.resolved", {{"by", "ai"}});
  const auto days = [](int count) { return kStart + std::chrono::days(count); };
  EXPECT_TRUE(handoff::is_about(rated, over, days(6)));
  EXPECT_FALSE(handoff::is_about(rated, over, days(8)));
  EXPECT_FALSE(handoff::is_about(solved, over, days(2)));
  EXPECT_TRUE(handoff::is_about(event("conversation.rated", {{"handoff_id", "hof_1"}}), over, days(80)));
  EXPECT_FALSE(handoff::is_about(event("handoff.updated"), over, kStart));
  EXPECT_TRUE(handoff::is_about(event("handoff.updated"), handoff_in(State::active), days(80)));
}

TEST(Feelings, are_kept_first_and_last_however_many_come) {
  auto handoff = handoff_in(State::waiting);
  handoff.feelings.clear();
  for (int i = 0; i < 100; ++i) {
    const json data = {{"sentiment", {{"score", i / 100.0}}}};
    handoff::note_feeling(handoff, data, kStart + Duration(i));
  }
  const json odd = {{"sentiment", "bad"}};
  handoff::note_feeling(handoff, odd, kStart);
  ASSERT_EQ(handoff.feelings.size(), 20u);
  EXPECT_EQ(handoff.feelings.front().score, 0);
  EXPECT_EQ(handoff.feelings.back().score, 0.99);
}

TEST(Questions, are_answered_once_and_the_case_is_over) {
  Route route;
  route.platform = kBot;
  Tale tale(new_handoff(route));
  const auto jobs = tale(event("decision.requested", {{"decision", "hand_over"}, {"conversation_id", "c7"}}));
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].subject["type"], "decision.made");
  EXPECT_EQ(jobs[0].subject["data"]["conversation_id"], "c7");
  EXPECT_EQ(name(tale.handoff.state), "returned");
  auto done = jobs[0];
  done.state = JobState::done;
  EXPECT_TRUE(tale(done).empty());
  EXPECT_EQ(handoff::wake_at(tale.handoff), TimePoint::max());
}

}  // namespace
}  // namespace baton::handoff_testing
