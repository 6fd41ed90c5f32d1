// Purpose: chat platforms that take no events but have calls of their own, conversations that have to be
// fetched, tickets whose webhook was lost, and bug reports.
#include <gtest/gtest.h>

#include "gateway/handoff/brief.h"
#include "gateway/model/codec.h"
#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using enum Operation;
using nlohmann::json;

Route with_platform(std::map<DestinationId, std::set<Operation>> can) {
  auto route = whole_route();
  route.context.clear();
  route.can = std::move(can);
  return route;
}

Job done(Job job, json found = {}) {
  job.state = JobState::done;
  job.found = std::move(found);
  job.ended_at = kStart;
  return job;
}

std::vector<std::string> texts(const std::vector<Job>& jobs) {
  std::vector<std::string> all;
  for (const auto& job : jobs) all.push_back(job.subject.value("text", ""));
  return all;
}

// A platform with calls of its own, where a human has to take the conversation.
class OwnCalls : public testing::Test {
 protected:
  OwnCalls() : tale(new_handoff(with_platform({{kBot, {tell_customer, take_control, give_back}}}))) {
    auto data = requested_data();
    data["conversation"]["id"] = "8841";
    tale(event("handoff.requested", data));
    tale(job_of(open_ticket, JobState::done));
  }
  Tale tale;
};

TEST_F(OwnCalls, the_conversation_is_taken_and_the_customer_told_once_there_is_a_ticket) {
  ASSERT_EQ(tale.of(take_control).size(), 1u);
  EXPECT_EQ(tale.of(take_control)[0].subject.at("conversation").at("id"), "8841");
  EXPECT_EQ(texts(tale.of(tell_customer)).size(), 1u);
  EXPECT_TRUE(tale.of(emit).empty());
}

TEST_F(OwnCalls, claim_and_reply_reach_the_customer_in_order) {
  tale(signal(SignalKind::claimed, "U1"));
  tale(signal(SignalKind::replied, "U1", "I refund it."));
  const auto told = tale.of(tell_customer);
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[1].subject.at("text"), "Anna has your conversation now. It is about: a refund.");
  EXPECT_EQ(told[2].subject.at("text"), "I refund it.");
  EXPECT_EQ(told[2].subject.at("by"), "Anna");
}

TEST_F(OwnCalls, a_reply_that_was_written_on_the_platform_itself_is_not_sent_there_again) {
  tale(signal(SignalKind::claimed, "U1"));
  auto reply = signal(SignalKind::replied, "U1", "I refund it.");
  reply.from = kBot;
  const auto before = tale.of(tell_customer).size();
  tale(reply);
  EXPECT_EQ(tale.of(tell_customer).size(), before);
  EXPECT_EQ(name(tale.handoff.state), "active");
}

TEST_F(OwnCalls, it_is_returned_when_the_platform_has_it_back) {
  tale(signal(SignalKind::claimed, "U1"));
  tale(signal(SignalKind::solved, "U1", "Refunded."));
  const auto back = tale.of(give_back);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].subject.at("text"), "Refunded.");
  EXPECT_EQ(name(tale.handoff.state), "resolved");
  auto dead = back[0];
  dead.state = JobState::dead;
  tale(dead);
  EXPECT_EQ(name(tale.handoff.state), "resolved") << "the platform does not know";
  tale(done(back[0]));
  EXPECT_EQ(name(tale.handoff.state), "returned");
}

TEST_F(OwnCalls, a_cancelled_one_is_given_back_too) {
  tale(event("handoff.cancelled"));
  EXPECT_EQ(tale.of(give_back).size(), 1u);
  tale(done(tale.of(give_back)[0]));
  EXPECT_EQ(name(tale.handoff.state), "cancelled");
}

TEST(Platform, one_that_can_only_be_told_is_not_waited_for_at_the_end) {
  Tale tale(new_handoff(with_platform({{kBot, {tell_customer}}})));
  tale(event("handoff.requested", requested_data()));
  tale(job_of(open_ticket, JobState::done));
  tale(signal(SignalKind::solved, "U1"));
  EXPECT_EQ(name(tale.handoff.state), "returned");
}

// A platform that keeps the conversation and sends only that there is one.
class Fetched : public testing::Test {
 protected:
  Fetched() : tale(new_handoff(with_platform({{kBot, {emit, fetch_transcript}}}))) {}
  static json messages(std::initializer_list<const char*> ids) {
    json list = json::array();
    for (const auto* id : ids)
      list.push_back({{"id", id}, {"role", "customer"}, {"text", std::string("text ") + id}});
    return {{"transcript", list}};
  }
  static std::vector<std::string> ids(const Handoff& handoff) {
    std::vector<std::string> all;
    for (const auto& message : handoff.data.at("transcript")) all.push_back(message.at("id"));
    return all;
  }
  Tale tale;
};

TEST_F(Fetched, the_ticket_waits_for_the_conversation) {
  EXPECT_TRUE(tale.of(open_ticket).empty());
  tale(event("handoff.requested", requested_data()));
  ASSERT_EQ(tale.of(fetch_transcript).size(), 1u);
  EXPECT_TRUE(tale.of(open_ticket).empty());
  tale(event("handoff.updated", messages({"m2", "m3"})));
  tale(done(tale.of(fetch_transcript)[0], messages({"m1", "m2"})));
  EXPECT_EQ(ids(tale.handoff), (std::vector<std::string>{"m1", "m2", "m3"}));
  EXPECT_EQ(tale.of(open_ticket).size(), 1u);
}

TEST_F(Fetched, what_comes_late_becomes_a_note) {
  tale(event("handoff.requested", requested_data()));
  tale(Due{}, 2s);
  EXPECT_EQ(tale.of(open_ticket).size(), 1u);
  tale(job_of(open_ticket, JobState::done));
  tale(done(tale.of(fetch_transcript)[0], messages({"m1"})));
  EXPECT_EQ(texts(tale.of(add_note)), std::vector<std::string>{"What was said before:\ncustomer: text m1"});
}

TEST_F(Fetched, what_cannot_be_fetched_is_a_gap_and_not_an_end) {
  tale(event("handoff.requested", requested_data()));
  auto failed = tale.of(fetch_transcript)[0];
  failed.state = JobState::failed;
  failed.failure = Failure(FailureKind::retryable, "it is down");
  tale(failed);
  EXPECT_EQ(tale.of(open_ticket).size(), 1u);
  EXPECT_EQ(tale.handoff.context.at(DestinationId("bot/transcript")).reason, "it is down");
}

TEST_F(Fetched, a_conversation_that_was_sent_is_not_fetched) {
  auto data = requested_data();
  data["transcript"] = messages({"m1"}).at("transcript");
  tale(event("handoff.requested", data));
  EXPECT_TRUE(tale.of(fetch_transcript).empty());
}

// A ticket system that can be asked, and whose webhook never comes.
class Asked : public testing::Test {
 protected:
  Asked() : tale(new_handoff(with_platform({{kDesk, {read_status}}}))) {
    tale(event("handoff.requested", requested_data()));
    tale(job_of(open_ticket, JobState::done));
  }
  void until_due() { tale(Due{}, handoff::wake_at(tale.handoff) - tale.now); }
  Tale tale;
};

TEST_F(Asked, how_it_stands_is_asked_often_at_first_and_hourly_later) {
  std::vector<Duration> waits;
  tale.patience.update = tale.patience.path = 1000h;  // what whoever has it is reminded of is told elsewhere
  tale(signal(SignalKind::claimed, "U1"));
  tale(signal(SignalKind::replied, "U1", "One moment."));
  until_due();  // once at the claim, which was made elsewhere
  for (int i = 0; i < 60; ++i) {
    const auto before = tale.now;
    until_due();
    waits.push_back(tale.now - before);
  }
  EXPECT_EQ(waits.front(), Duration{10min});
  EXPECT_EQ(waits.back(), Duration{60min});
  EXPECT_TRUE(std::ranges::is_sorted(waits));
  EXPECT_EQ(tale.of(read_status).size(), 61u);
}

TEST_F(Asked, a_ticket_that_was_solved_unheard_is_returned) {
  until_due();
  tale(done(tale.of(read_status).back(), {{"state", "open"}}));
  EXPECT_EQ(name(tale.handoff.state), "waiting");
  until_due();
  tale(done(tale.of(read_status).back(), {{"state", "solved"}, {"by", "Dana"}, {"text", "Refunded."}}));
  EXPECT_EQ(name(tale.handoff.state), "resolved");
  const auto returned = tale.emitted("handoff.returned");
  ASSERT_EQ(returned.size(), 1u);
  EXPECT_EQ(returned[0].subject.at("data").at("by").at("name"), "Dana");
  EXPECT_EQ(returned[0].subject.at("data").at("resolution"), "Refunded.");
}

TEST_F(Asked, a_hint_has_it_asked_at_once_and_many_hints_once) {
  for (int i = 0; i < 5; ++i) {
    auto hint = signal(SignalKind::touched, "");
    hint.from = kDesk;
    hint.id = std::to_string(i);
    tale(hint, Duration{100});
  }
  EXPECT_EQ(name(tale.handoff.state), "waiting") << "a hint proves nothing";
  EXPECT_TRUE(tale.of(read_status).empty());
  const auto before = tale.now;
  until_due();
  EXPECT_LE(tale.now - before, Duration{1s});
  ASSERT_EQ(tale.of(read_status).size(), 1u);
  tale(done(tale.of(read_status).back(), {{"state", "solved"}, {"by", "Dana"}, {"text", "Refunded."}}));
  EXPECT_EQ(name(tale.handoff.state), "resolved");
}

TEST_F(Asked, a_hint_of_another_place_or_after_the_end_asks_nothing) {
  const auto due = tale.handoff.status_due;
  ASSERT_TRUE(due);
  auto hint = signal(SignalKind::touched, "");
  hint.from = kCrm;
  tale(hint);
  EXPECT_EQ(tale.handoff.status_due, due);
  auto over = signal(SignalKind::solved, "U1");
  over.from = kDesk;
  tale(over);
  hint.from = kDesk;
  tale(hint);
  EXPECT_FALSE(tale.handoff.status_due);
}

TEST_F(Asked, one_that_is_gone_is_recorded_and_asked_no_more) {
  until_due();
  tale(done(tale.of(read_status).back(), {{"state", "gone"}}));
  EXPECT_FALSE(tale.handoff.status_due);
  ASSERT_EQ(tale.handoff.refused.size(), 1u);
  EXPECT_EQ(tale.handoff.refused[0].what, "the ticket no longer exists");
}

TEST_F(Asked, an_answer_that_makes_no_sense_changes_nothing) {
  for (const json& answer : {json(), json::array(), json("solved"), json{{"state", 7}}}) {
    Tale again(tale);
    until_due();
    tale(done(tale.of(read_status).back(), answer));
    EXPECT_EQ(name(tale.handoff.state), "waiting");
  }
}

// A helpdesk whose notices tell an id, and which can be asked what the person is called.
class Nameless : public testing::Test {
 protected:
  Nameless() : tale(new_handoff(with_platform({{kDesk, {read_person}}}))) {
    tale(event("handoff.requested", requested_data()));
    tale(job_of(open_ticket, JobState::done));
    tale(job_of(post_alert, JobState::done, kCards));
  }
  Signal notice(SignalKind kind, const std::string& who = "882761034") {
    Signal made(kind, "n-" + std::string(name(kind)), "T-1", who);
    made.from = kDesk;
    return made;
  }
  std::string gave_back() {
    const auto returned = tale.emitted("handoff.returned");
    return returned.size() == 1 ? returned[0].subject.at("data").at("by").at("name") : json("nobody yet");
  }
  Tale tale;
};

TEST_F(Nameless, who_solved_it_is_asked_before_the_ai_hears_of_it) {
  tale(notice(SignalKind::solved));
  ASSERT_EQ(tale.of(read_person).size(), 1u);
  const auto asked = tale.of(read_person)[0];
  EXPECT_EQ(asked.subject.at("who"), "882761034");
  EXPECT_EQ(asked.deadline, tale.now + 5s);
  EXPECT_EQ(gave_back(), "nobody yet");
  EXPECT_EQ(handoff::wake_at(tale.handoff), tale.now + 5s);
  tale(done(asked, {{"id", "7001"}, {"name", "Nora Lind"}}));
  EXPECT_EQ(gave_back(), "Nora Lind");
  tale(Due{}, 10s);
  EXPECT_EQ(tale.emitted("handoff.returned").size(), 1u);
}

TEST_F(Nameless, without_an_answer_it_is_returned_all_the_same) {
  tale(notice(SignalKind::solved));
  tale(Due{}, 5s);
  EXPECT_EQ(gave_back(), "882761034");
  tale(done(tale.of(read_person)[0], {{"name", "Nora Lind"}}));  // too late
  EXPECT_EQ(tale.emitted("handoff.returned").size(), 1u);
}

TEST_F(Nameless, of_a_question_that_failed_or_knows_nobody_the_return_does_not_wait) {
  for (const bool failed : {true, false}) {
    Tale before(tale);
    tale(notice(SignalKind::solved, ""));
    auto asked = done(tale.of(read_person).at(0), json::object());
    if (failed) asked.state = JobState::failed;
    tale(asked);
    EXPECT_EQ(name(tale.handoff.state), "resolved");
    tale = before;
  }
}

TEST_F(Nameless, one_that_is_opened_again_meanwhile_was_never_solved) {
  tale(notice(SignalKind::claimed));
  tale(notice(SignalKind::solved));
  tale(notice(SignalKind::reopened));
  tale(done(tale.of(read_person)[0], {{"name", "Nora Lind"}}));
  EXPECT_EQ(gave_back(), "nobody yet");
  EXPECT_EQ(name(tale.handoff.state), "claimed");
}

TEST_F(Nameless, whoever_bears_a_name_and_whoever_speaks_through_baton_is_not_asked_for) {
  auto named = notice(SignalKind::solved);
  named.who_name = "Dana";
  tale(named);
  EXPECT_TRUE(tale.of(read_person).empty());
  EXPECT_EQ(gave_back(), "Dana");
}

TEST_F(Nameless, a_handoff_that_ends_otherwise_asks_no_more) {
  tale(notice(SignalKind::solved));
  tale(event("handoff.cancelled"));
  tale(done(tale.of(read_person)[0], {{"name", "Nora Lind"}}));
  EXPECT_EQ(name(tale.handoff.state), "cancelled");
  EXPECT_EQ(gave_back(), "nobody yet");
}

TEST_F(Nameless, a_ticket_that_was_merged_is_the_other_one_from_now_on) {
  auto merged = notice(SignalKind::merged);
  merged.about = "T-9";
  merged.detail = {{"url", "https://desk.example/T-9"}};
  const auto cards = tale.of(update_alert).size();
  tale(merged);
  EXPECT_EQ(*tale.handoff.ticket, Receipt("T-9", "https://desk.example/T-9"));
  ASSERT_EQ(tale.of(update_alert).size(), cards + 1);
  EXPECT_EQ(tale.of(update_alert).back().subject.at("link"), "https://desk.example/T-9");
  tale(merged);
  EXPECT_EQ(tale.handoff.refused.size(), 1u) << "it is not that one any more";
}

// Errors, and what the defect behind them asks for.
class Bug : public testing::Test {
 protected:
  Bug() : tale(new_handoff(with_platform({{kBugs, {link_bug}}}))) {
    auto data = requested_data();
    data["errors"] = {{{"code", "PSP-502"}, {"message", "bad gateway"}}};
    tale(event("handoff.requested", data));
  }
  std::vector<Job> answered(json detail) {
    detail["key"] = "k1";
    detail["generation"] = 1;
    auto made = signal(SignalKind::defect, "baton");
    made.detail = std::move(detail);
    return tale(made);
  }
  Job filed() {
    auto job = done(tale.of(file_bug).at(0));
    job.receipt = Receipt("BUG-1", "https://bugs.example/BUG-1");
    return job;
  }
  Signal about_it(SignalKind kind) {
    auto made = signal(kind, "U9");
    made.from = kBugs;
    made.object_id = "BUG-1";
    return made;
  }
  template <class Happening>
  const Happening& last() {
    return std::get<Happening>(tale.said.back().what);
  }
  const json kIssue = {{"id", "BUG-1"}, {"url", "https://bugs.example/BUG-1"}};
  Tale tale;
};

TEST_F(Bug, a_defect_hears_of_it_with_the_brief_and_then_of_the_ticket) {
  ASSERT_EQ(tale.said.size(), 1u);
  EXPECT_EQ(last<handoff::Sighting>().parts.code, "psp-502");
  EXPECT_TRUE(last<handoff::Sighting>().awaits_ticket);
  answered({{"report", {{"priority", "high"}}}});
  ASSERT_EQ(tale.of(file_bug).size(), 1u);
  EXPECT_EQ(tale.of(file_bug)[0].subject.at("priority"), "high");
  tale(filed());
  EXPECT_EQ(last<handoff::ReportFiled>().issue.object_id, "BUG-1");
  tale(job_of(open_ticket, JobState::done));
  EXPECT_EQ(last<handoff::TicketOpened>().handoff.text, "hof_1");
  EXPECT_EQ(tale.said.back().key, "k1");
}

TEST_F(Bug, an_update_with_another_error_is_another_sighting) {
  tale(event("handoff.updated", {{"errors", {{{"code", "APP-7"}, {"component", "cart"}}}}}));
  ASSERT_EQ(tale.said.size(), 2u);
  EXPECT_EQ(last<handoff::Sighting>().parts.code, "app-7");
  tale(event("handoff.updated", {{"transcript", {{{"id", "m2"}, {"text", "hurry"}}}}}));
  EXPECT_EQ(tale.said.size(), 2u);
}

TEST_F(Bug, the_issue_hears_of_the_customer_with_ticket_and_counter) {
  tale(job_of(open_ticket, JobState::done));
  answered({{"issue", kIssue}, {"attach", {{"customers", 4}, {"value", 400}}}});
  ASSERT_EQ(tale.of(link_bug).size(), 1u);
  const auto subject = tale.of(link_bug)[0].subject;
  EXPECT_EQ(subject.at("ticket").at("id"), "T-1");
  EXPECT_EQ(subject.at("issue").at("id"), "BUG-1");
  EXPECT_EQ(subject.at("defect").at("customers"), 4);
  EXPECT_EQ(subject.at("customer").at("name"), "Ada Byron");
  EXPECT_FALSE(subject.contains("raise"));
  answered({{"issue", kIssue}, {"raise", {{"priority", "urgent"}, {"why", "20 customers have met it"}}}});
  EXPECT_EQ(tale.of(link_bug).back().subject.at("text"), "Raised to urgent: 20 customers have met it.");
}

TEST_F(Bug, what_people_do_with_the_report_is_said_to_the_defect_and_no_end_of_the_handoff) {
  using To = handoff::IssueChanged::To;
  tale(job_of(open_ticket, JobState::done));
  answered({{"issue", kIssue}});
  for (const auto& [kind, to] : {std::pair(SignalKind::claimed, To::planned),
                                 {SignalKind::solved, To::fixed},
                                 {SignalKind::reopened, To::reopened},
                                 {SignalKind::released, To::unplanned}}) {
    tale(about_it(kind));
    EXPECT_EQ(last<handoff::IssueChanged>().to, to) << name(kind);
    EXPECT_EQ(name(tale.handoff.state), "waiting");
  }
  auto declined = about_it(SignalKind::solved);
  declined.about = kUnfixed;
  tale(declined);
  EXPECT_EQ(last<handoff::IssueChanged>().to, To::declined);
}

TEST_F(Bug, what_is_known_of_it_stands_in_the_brief) {
  answered(
      {{"issue", kIssue},
       {"known", {{"id", "BUG-1"}, {"status", "fix planned"}, {"customers", 4}, {"url", "https://b/1"}}}});
  EXPECT_EQ(handoff::brief(tale.handoff, tale.now).known_bug, "BUG-1, fix planned, 4 customers");
  const auto again = decode_handoff(encode(tale.handoff));
  ASSERT_TRUE(again);
  EXPECT_EQ(handoff::brief(*again, tale.now).known_bug, "BUG-1, fix planned, 4 customers");
}

TEST_F(Bug, that_it_is_fixed_is_told_where_the_conversation_still_waits) {
  tale(job_of(open_ticket, JobState::done));
  answered({{"issue", kIssue}, {"notes", {"The bug report BUG-1 is done."}}, {"fixed", true}});
  EXPECT_EQ(texts(tale.of(add_note)).back(), "The bug report BUG-1 is done.");
  ASSERT_EQ(tale.emitted("handoff.message").size(), 1u);
  tale(signal(SignalKind::solved, "U1"));
  answered({{"issue", kIssue}, {"notes", {"again"}}, {"fixed", true}});
  EXPECT_EQ(tale.emitted("handoff.message").size(), 1u);
  EXPECT_EQ(texts(tale.of(add_note)).back(), "again");
}

TEST(BugCase, an_error_without_a_handoff_asks_for_nobody_and_ends_by_itself) {
  Route route;
  route.bugs = kBugs;
  Tale tale(Handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("baton:bugs", "main/app/e1"),
                    Priority::normal, route, kStart));
  EXPECT_TRUE(tale(event("error.reported", {{"errors", {{{"code", "E1"}, {"message", "boom"}}}}})).empty());
  ASSERT_EQ(tale.said.size(), 1u);
  EXPECT_EQ(std::get<handoff::Sighting>(tale.said[0].what).customer, "source app");
  EXPECT_EQ(tale.handoff.data["intent"]["summary"], "E1: boom");
  auto answer = signal(SignalKind::defect, "baton");
  answer.detail = {{"key", "k1"}, {"report", {{"priority", "low"}}}};
  tale(answer);
  EXPECT_EQ(name(tale.handoff.state), "waiting");
  ASSERT_EQ(tale.of(file_bug).size(), 1u);
  tale(done(tale.of(file_bug)[0]));
  EXPECT_EQ(name(tale.handoff.state), "returned");
  EXPECT_EQ(tale.all.size(), 1u);
}

TEST(BugCase, one_that_says_nothing_ends_at_once) {
  Route route;
  route.bugs = kBugs;
  Tale tale(Handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("baton:bugs", "main/app/e1"),
                    Priority::normal, route, kStart));
  tale(event("error.reported", {{"errors", {{{"at", "2026-11-20T10:00:00Z"}}}}}));
  EXPECT_TRUE(tale.said.empty());
  EXPECT_EQ(name(tale.handoff.state), "returned");
}

}  // namespace
}  // namespace baton::handoff_testing
