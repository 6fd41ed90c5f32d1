// What happens to a claim as time goes by, when it is passed on, and what people say of the handoff itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/model/codec.h"
#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using testing::HasSubstr;

Handoff waiting() {
  auto handoff = new_handoff();
  handoff.state = State::waiting;
  handoff.data = requested_data();
  handoff.ticket = Receipt("T-1", "https://desk.example/T-1");
  handoff.cards[kCards] = Receipt("C-1", "");
  handoff.announced = handoff.linked = true;
  return handoff;
}

std::vector<std::string> words(const std::vector<Job>& jobs) {
  std::vector<std::string> all;
  for (const auto& job : jobs) {
    if (job.key.work == Work(Operation::reply_in_thread)) all.push_back(job.subject.value("text", ""));
  }
  return all;
}

TEST(ClaimClock, gives_a_silent_claim_back_after_two_minutes) {
  Tale tale(waiting());
  tale(signal(SignalKind::claimed, "U1"));
  EXPECT_EQ(handoff::wake_at(tale.handoff), tale.now + 2min);
  tale(Due{}, 2min);
  EXPECT_EQ(name(tale.handoff.state), "waiting");
  EXPECT_EQ(handoff::wake_at(tale.handoff), TimePoint::max());
}

// Nobody can answer in a ticket that is not there: while the helpdesk is down a claim is not taken away again
// and again, and the customer does not read of it each time.
TEST(ClaimClock, waits_for_the_ticket_but_not_for_ever) {
  auto without = waiting();
  without.ticket.reset();
  Tale tale(without);
  tale(signal(SignalKind::claimed, "U1"));
  EXPECT_EQ(handoff::wake_at(tale.handoff), tale.now + 30min);
  Tale opened(tale);
  opened(job_of(Operation::open_ticket, JobState::done), 10min);
  EXPECT_EQ(handoff::wake_at(opened.handoff), opened.now + 2min);
  tale(Due{}, 30min);
  EXPECT_EQ(name(tale.handoff.state), "waiting");
}

TEST(ClaimClock, reminds_three_times_who_does_not_write_and_then_is_quiet) {
  Tale tale(waiting());
  tale(signal(SignalKind::replied, "U1", "Let me look."));
  int reminders = 0;
  for (int minute = 0; minute < 120; ++minute) {
    for (const auto& text : words(tale(Due{}, 1min))) {
      if (text.find("has not heard from Anna") == std::string::npos) continue;
      ++reminders;
      EXPECT_EQ(minute + 1, reminders * 5);
      EXPECT_THAT(text, HasSubstr("for " + std::to_string(reminders * 5) + " minutes"));
    }
  }
  EXPECT_EQ(reminders, 3);
  EXPECT_EQ(tale.handoff.owner_name, "Anna");
}

TEST(ClaimClock, starts_anew_with_every_word_to_the_customer) {
  Tale tale(waiting());
  for (int minute = 0; minute < 28; minute += 4) {
    EXPECT_TRUE(words(tale(signal(SignalKind::replied, "U1", "Still looking."), 4min)).empty());
  }
}

TEST(ClaimClock, asks_once_for_a_way_on_after_half_an_hour) {
  Tale tale(waiting());
  tale(signal(SignalKind::replied, "U1", "Let me look."));
  int asked = 0;
  for (int minute = 0; minute < 120; ++minute) {
    for (const auto& text : words(tale(Due{}, 1min))) {
      if (text.find("solve it, pass it on") == std::string::npos) continue;
      EXPECT_EQ(minute, 29);
      ++asked;
    }
  }
  EXPECT_EQ(asked, 1);
}

TEST(ClaimClock, is_stopped_by_every_end_and_survives_the_store) {
  for (const auto kind : {SignalKind::released, SignalKind::solved, SignalKind::passed_on}) {
    Tale tale(waiting());
    tale(signal(SignalKind::replied, "U1", "Let me look."));
    const auto again = decode_handoff(encode(tale.handoff));
    ASSERT_TRUE(again);
    EXPECT_EQ(handoff::wake_at(*again), handoff::wake_at(tale.handoff));
    tale(signal(kind, "U1"));
    EXPECT_FALSE(tale.handoff.update_due || tale.handoff.path_due || tale.handoff.claim_due);
    EXPECT_EQ(tale.handoff.reminders, 0);
  }
}

// --- given from one person to another, by the vendor's own books

Signal assigned(const std::string& who, DestinationId at = kDesk) {
  auto made = signal(SignalKind::claimed, who);
  made.from = std::move(at);
  made.about = kAssigned;
  return made;
}

TEST(GivenOver, the_handoff_goes_with_the_work_and_everybody_hears_who_has_it) {
  Tale tale(waiting());
  tale(assigned("U1"), 1min);
  const auto jobs = tale(assigned("U2"), 1min);
  EXPECT_EQ(name(tale.handoff.state), "claimed");
  EXPECT_EQ(tale.handoff.owner, "U2");
  EXPECT_EQ(tale.handoff.owner_name, "Ben");
  EXPECT_TRUE(tale.handoff.refused.empty());
  EXPECT_FALSE(tale.of(Operation::update_alert).empty());
  const auto claims = tale.emitted("handoff.claimed");
  ASSERT_EQ(claims.size(), 2u);
  EXPECT_EQ(claims.back().subject["data"]["by"]["name"], "Ben");
  const auto again = decode_handoff(encode(tale.handoff));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->owner_at, kDesk);
  tale(signal(SignalKind::released, "U1"));
  EXPECT_EQ(name(tale.handoff.state), "claimed") << "it is not Anna's any more";
  tale(signal(SignalKind::released, "U2"));
  EXPECT_EQ(name(tale.handoff.state), "waiting");
  EXPECT_TRUE(tale.handoff.owner_at.empty());
}

TEST(GivenOver, in_the_middle_of_a_conversation_the_next_word_is_owed_and_no_first_one) {
  Tale tale(waiting());
  tale(assigned("U1"));
  tale(signal(SignalKind::replied, "U1", "Let me look."));
  tale(assigned("U2"), 4min);
  EXPECT_EQ(name(tale.handoff.state), "active");
  EXPECT_EQ(tale.handoff.owner_name, "Ben");
  EXPECT_FALSE(tale.handoff.claim_due);
  EXPECT_EQ(tale.handoff.update_due, tale.now + 5min);
}

TEST(GivenOver, who_claimed_it_elsewhere_or_won_a_race_keeps_it) {
  Tale elsewhere(waiting());
  elsewhere(signal(SignalKind::claimed, "U1"));  // by a card
  elsewhere(assigned("U2"));
  EXPECT_EQ(elsewhere.handoff.owner, "U1");
  EXPECT_FALSE(elsewhere.handoff.refused.empty());
  Tale race(waiting());
  race(signal(SignalKind::claimed, "U1"));
  race(signal(SignalKind::claimed, "U2"));
  EXPECT_EQ(race.handoff.owner, "U1") << "a click is a wish";
  Tale by_api(waiting());
  auto here = assigned("U1", DestinationId());
  by_api(here);
  here.who = "U2";
  by_api(here);
  EXPECT_EQ(by_api.handoff.owner, "U1");
}

TEST(PassOn, goes_to_the_other_teams_queue_and_says_why_on_card_and_ticket) {
  Tale tale(waiting());
  tale(signal(SignalKind::claimed, "U1"));
  auto passed = signal(SignalKind::passed_on, "U1", "It is about an invoice.");
  passed.about = "billing";
  const auto jobs = tale(passed);
  EXPECT_EQ(name(tale.handoff.state), "waiting");
  EXPECT_EQ(tale.handoff.owner, "");
  EXPECT_EQ(tale.handoff.route.team, "billing");
  EXPECT_THAT(words(jobs), testing::ElementsAre("Passed on to billing by Anna: It is about an invoice."));
  const auto notes = tale.of(Operation::add_note);
  ASSERT_FALSE(notes.empty());
  EXPECT_EQ(notes.back().subject["text"], "Passed on to billing by Anna: It is about an invoice.");
  tale(signal(SignalKind::claimed, "U2"));
  EXPECT_EQ(tale.handoff.owner_name, "Ben");
}

TEST(Feedback, is_kept_with_who_said_it_and_never_grows_without_end) {
  Tale tale(waiting());
  for (int i = 0; i < 50; ++i) {
    auto said = signal(SignalKind::judged, "U" + std::to_string(i), "the order number");
    said.about = "missing_context";
    tale(said);
  }
  ASSERT_EQ(tale.handoff.feedback.size(), 20u);
  EXPECT_EQ(tale.handoff.feedback.back().who, "U49");
  EXPECT_EQ(tale.handoff.feedback.back().fault, "missing_context");
  EXPECT_EQ(tale.handoff.feedback.back().text, "the order number");
  EXPECT_EQ(name(tale.handoff.state), "waiting");
}

}  // namespace
}  // namespace baton::handoff_testing
