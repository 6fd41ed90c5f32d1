// Purpose: what the customer hears in the course of a handoff: each message once, and true when it is sent.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using nlohmann::json;

Route direct() {
  auto route = whole_route();
  route.context.clear();
  return route;
}

class Heard : public testing::Test {
 protected:
  Heard() : tale(new_handoff(direct())) {
    auto data = requested_data();
    data["customer"]["attributes"] = {{"phone", "+49 30 1234"}};
    data["transcript"] = {{{"id", "m1"}, {"role", "customer"}, {"text", "I was charged twice"}}};
    tale(event("handoff.requested", data));
  }
  // The text of the latest event of a type; "" if none was sent.
  std::string text(const std::string& type) const {
    const auto sent = tale.emitted(type);
    return sent.empty() ? "" : sent.back().subject.at("data").value("text", "");
  }
  void with_ticket() { tale(job_of(Operation::open_ticket, JobState::done), 1s); }
  Tale tale;
};

TEST_F(Heard, a_ticket_is_named_once_it_is_there) {
  with_ticket();
  EXPECT_EQ(text("handoff.accepted"),
            "This needs a person, so your request is now ticket T-1. It is about: a refund. Everything you "
            "wrote goes "
            "along, so you need not repeat it. How long it takes until someone answers I cannot say yet.");
}

TEST_F(Heard, without_a_ticket_nothing_is_promised) {
  tale(Due{}, 5s);
  EXPECT_EQ(text("handoff.accepted"),
            "This needs a person. Your request has been received. It is about: a refund. Everything you "
            "wrote so far "
            "is kept with it. How long it takes until someone answers I cannot say yet.");
}

TEST_F(Heard, a_helpdesk_that_refuses_is_not_hidden) {
  tale(job_of(Operation::open_ticket, JobState::dead), 1s);
  EXPECT_TRUE(text("handoff.accepted").starts_with("One of our systems does not answer at the moment,"));
}

TEST_F(Heard, who_claims_is_named_and_is_taken_back_when_nobody_has_it) {
  with_ticket();
  tale(signal(SignalKind::claimed, "U1"), 1min);
  EXPECT_EQ(text("handoff.claimed"),
            "Anna has your conversation now. It is about: a refund. Everything you wrote is in ticket T-1, "
            "so you need "
            "not repeat it.");
  Tale released(tale);
  tale(Due{}, 15min);
  EXPECT_TRUE(
      text("handoff.escalated")
          .starts_with(
              "The colleague who had your conversation is not on it any more. We have asked someone else."));
  EXPECT_EQ(tale.emitted("handoff.escalated").size(), 1u);
  released(signal(SignalKind::released, "U1"));
  EXPECT_EQ(released.emitted("handoff.escalated").size(), 1u);
}

// A vendor knows people by a name for signing in, or by a number.
TEST_F(Heard, who_claims_is_called_as_their_team_calls_them) {
  with_ticket();
  handoff::Teams teams;
  auto& team = teams["support"];
  team.name = "support";
  auto& anna = team.members.emplace_back();
  anna.id = "anna";
  anna.name = "Anna Berg";
  anna.accounts[kCards.text] = "U0ANNA";
  handoff::House house;
  house.teams = &teams;
  auto claim = signal(SignalKind::claimed, "U0ANNA");
  claim.who_name = "aberg2";
  const auto next =
      handoff::advance(tale.handoff, Fact(tale.now, claim), tale.patience, tell_testing::shipped(), house);
  EXPECT_EQ(next.handoff.owner_name, "Anna Berg");
  bool heard = false;
  for (const auto& job : next.jobs) {
    if (job.subject.value("type", "") != "handoff.claimed") continue;
    heard = true;
    EXPECT_TRUE(job.subject.at("data").at("text").get<std::string>().starts_with("Anna Berg has your"));
  }
  EXPECT_TRUE(heard);
}

TEST_F(Heard, the_way_back_says_who_did_what) {
  with_ticket();
  tale(signal(SignalKind::claimed, "U1"));
  tale(signal(SignalKind::solved, "U1", "Refunded"));
  EXPECT_EQ(text("handoff.returned"),
            "Anna has dealt with your request. What was said about it: “Refunded”. I take it from here, so "
            "just write "
            "to me about anything that is still open.");
}

TEST_F(Heard, what_the_ai_solved_itself_it_says_itself) {
  with_ticket();
  tale(event("conversation.resolved", {{"by", "ai"}}));
  ASSERT_EQ(tale.emitted("handoff.returned").size(), 1u);
  EXPECT_EQ(text("handoff.returned"), "");
}

TEST_F(Heard, a_choice_becomes_a_note_and_is_confirmed) {
  with_ticket();
  tale(event("customer.chose", {{"choice", "callback"}}));
  EXPECT_EQ(text("handoff.message"),
            "I have noted that you want to be called at +49 30 1234. I note it in ticket T-1.");
  ASSERT_EQ(tale.of(Operation::add_note).size(), 1u);
  EXPECT_EQ(tale.of(Operation::add_note)[0].subject.at("text"),
            "The customer chose a callback, at +49 30 1234");
  tale(event("customer.chose", {{"choice", "priority_ticket"}}));
  EXPECT_EQ(name(tale.handoff.priority), "high");
}

TEST_F(Heard, a_number_that_could_not_be_given_is_given_when_there_is_one) {
  handoff::House down;
  down.helpdesk_down = true;
  auto next = handoff::advance(tale.handoff, Fact(tale.now + 5s, Due{}), tale.patience,
                               tell_testing::shipped(), down);
  tale.handoff = next.handoff;
  ASSERT_FALSE(next.jobs.empty());
  const auto accepted = std::ranges::find_if(
      next.jobs, [](const Job& job) { return job.subject.value("type", "") == "handoff.accepted"; });
  ASSERT_NE(accepted, next.jobs.end());
  const auto said = accepted->subject.at("data").at("text").get<std::string>();
  EXPECT_TRUE(said.starts_with("One of our systems does not answer at the moment,")) << said;
  tale(job_of(Operation::open_ticket, JobState::done), 3h);
  ASSERT_EQ(tale.emitted("handoff.message").size(), 1u);
  EXPECT_NE(text("handoff.message").find("your request is now ticket T-1"), std::string::npos);
}

TEST_F(Heard, a_ticket_that_is_a_little_late_is_no_second_message) {
  tale(Due{}, 5s);
  tale(job_of(Operation::open_ticket, JobState::done), 10s);
  EXPECT_TRUE(tale.emitted("handoff.message").empty());
}

TEST_F(Heard, a_priority_that_no_ticket_can_have_yet_is_answered_by_how_it_stands) {
  tale(Due{}, 5s);
  tale(event("customer.chose", {{"choice", "priority_ticket"}}));
  EXPECT_TRUE(text("handoff.message").starts_with("Your request is waiting for a person."));
  EXPECT_EQ(name(tale.handoff.priority), "high");
}

TEST_F(Heard, to_go_on_with_the_ai_is_carried_out) {
  with_ticket();
  tale(event("customer.chose", {{"choice", "continue_with_ai"}}));
  EXPECT_EQ(text("handoff.message"), "Good, we go on together. I note that in ticket T-1.");
  EXPECT_EQ(tale.emitted("handoff.message").size(), 1u);
  EXPECT_EQ(name(tale.handoff.state), "cancelled");
  tale(signal(SignalKind::claimed, "U1"));
  EXPECT_EQ(tale.handoff.refused.size(), 1u);
}

TEST_F(Heard, a_choice_that_comes_too_late_or_makes_no_sense_is_refused_and_recorded) {
  with_ticket();
  tale(event("customer.chose", {{"choice", "pony"}}));
  ASSERT_EQ(tale.handoff.refused.size(), 1u);
  EXPECT_TRUE(tale.handoff.refused[0].what.starts_with("customer.chose: `pony` is no choice"));
  tale(signal(SignalKind::claimed, "U1"));
  tale(event("customer.chose", {{"choice", "callback"}}));
  EXPECT_EQ(tale.handoff.refused.size(), 2u);
  EXPECT_TRUE(tale.emitted("handoff.message").empty());
  EXPECT_TRUE(tale.of(Operation::add_note).empty());
}

}  // namespace
}  // namespace baton::handoff_testing
