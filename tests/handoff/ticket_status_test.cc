// Purpose: tickets and reports whose webhooks were lost and which are asked how they stand; and what is
// written where a handoff ended elsewhere.
#include <gtest/gtest.h>

#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using enum Operation;
using nlohmann::json;

Signal of_desk(SignalKind kind, const std::string& who, std::string text = {}) {
  auto made = signal(kind, who, std::move(text));
  made.from = kDesk;
  made.reply_address.clear();
  return made;
}

class Lost : public testing::Test {
 protected:
  Lost() : tale(handoff_in(State::waiting)) {
    tale.handoff.route.can = {{kDesk, {read_status, set_status}}, {kBot, {emit, fetch_transcript}}};
  }
  // As the desk answers when it is asked; `found` is laid over an open ticket.
  std::vector<Job> stands(const json& found = json::object()) {
    auto asked = job_of(read_status, JobState::done);
    asked.found = {{"state", "open"}, {"ticket", "T-1"}};
    asked.found.update(found);
    return tale(asked);
  }
  std::vector<std::string> heard() const {
    std::vector<std::string> all;
    for (const auto& job : tale.emitted("handoff.message")) all.push_back(job.subject["data"]["text"]);
    return all;
  }
  static json says(const char* id, const char* text) {
    return {{"id", id}, {"who", "77"}, {"who_name", "Dana"}, {"text", text}};
  }
  std::string state() const { return std::string(name(tale.handoff.state)); }
  Tale tale;
};

TEST_F(Lost, a_claim_is_found_and_so_is_its_end) {
  stands({{"by_id", ""}});
  EXPECT_EQ(state(), "waiting");
  stands({{"by_id", "77"}, {"by", "Dana"}, {"replies", json::array()}});
  EXPECT_EQ(state(), "claimed");
  EXPECT_EQ(tale.handoff.owner_name, "Dana");
  EXPECT_EQ(tale.emitted("handoff.claimed").size(), 1u);
  EXPECT_TRUE(tale.handoff.claim_due);
  stands({{"by_id", "77"}, {"by", "Dana"}, {"replies", json::array()}});
  EXPECT_EQ(tale.emitted("handoff.claimed").size(), 1u) << "it is no news";
  stands({{"by_id", "78"}, {"by", "Lee"}, {"replies", json::array()}});
  EXPECT_EQ(tale.handoff.owner_name, "Lee");
  stands({{"by_id", ""}, {"replies", json::array()}});
  EXPECT_EQ(state(), "waiting");
  EXPECT_EQ(tale.of(reply_in_thread).back().subject["text"],
            "Lee does not have this one any more: it waits for somebody again.");
}

TEST_F(Lost, who_let_it_run_out_is_not_given_it_again_by_the_same_name) {
  stands({{"by_id", "77"}, {"by", "Dana"}, {"replies", json::array()}});
  tale(Due{}, 3min);
  ASSERT_EQ(state(), "waiting");
  stands({{"by_id", "77"}, {"by", "Dana"}, {"replies", json::array()}});
  EXPECT_EQ(state(), "waiting");
}

TEST_F(Lost, who_claimed_it_elsewhere_keeps_it_whoever_the_ticket_names) {
  tale(signal(SignalKind::claimed, "U1"));
  stands({{"by_id", "77"}, {"by", "Dana"}});
  EXPECT_EQ(tale.handoff.owner, "U1");
  stands({{"by_id", ""}});
  EXPECT_EQ(tale.handoff.owner, "U1");
}

TEST_F(Lost, without_replies_that_are_told_their_lack_ends_no_claim) {
  tale(signal(SignalKind::claimed, "U1"));
  EXPECT_TRUE(tale.handoff.claim_due);
  EXPECT_LE(*tale.handoff.status_due - tale.now, Duration{1s}) << "the ticket is asked at once";
  stands();
  EXPECT_FALSE(tale.handoff.claim_due);
  Tale of_its_own(handoff_in(State::waiting));
  auto claimed = of_desk(SignalKind::claimed, "77");
  claimed.detail = {{"replies", false}};
  of_its_own(claimed);
  EXPECT_FALSE(of_its_own.handoff.claim_due);
  EXPECT_TRUE(of_its_own.handoff.path_due);
}

TEST_F(Lost, an_answer_reaches_the_customer_once_however_it_is_heard_of) {
  stands({{"replies", {says("r1", "Hello."), says("r2", "It is refunded.")}}});
  EXPECT_EQ(heard(), (std::vector<std::string>{"Hello.", "It is refunded."}));
  EXPECT_EQ(state(), "active");
  EXPECT_EQ(tale.handoff.owner_name, "Dana");
  auto late = of_desk(SignalKind::replied, "77", "Hello.");
  late.detail = {{"reply", "r1"}};
  tale(late);
  auto fresh = of_desk(SignalKind::replied, "77", "Anything else?");
  fresh.detail = {{"reply", "r3"}};
  tale(fresh);
  stands({{"replies", {says("r2", "It is refunded."), says("r3", "Anything else?")}}});
  EXPECT_EQ(heard().size(), 3u);
}

TEST_F(Lost, the_last_answer_is_heard_before_the_end) {
  stands({{"state", "solved"}, {"by", "Dana"}, {"replies", {says("r1", "It is refunded.")}}});
  EXPECT_EQ(state(), "resolved");
  EXPECT_EQ(heard(), std::vector<std::string>{"It is refunded."});
  EXPECT_EQ(tale.handoff.resolution, "It is refunded.");
}

TEST_F(Lost, answers_of_before_ids_were_kept_are_not_said_again) {
  tale(of_desk(SignalKind::replied, "77", "Hello."));
  stands({{"replies", {says("r1", "Hello.")}}});
  EXPECT_EQ(heard().size(), 1u);
  stands({{"replies", {says("r1", "Hello."), says("r2", "Still there?")}}});
  EXPECT_EQ(heard().size(), 2u);
}

TEST_F(Lost, an_answer_of_foreign_types_changes_nothing) {
  for (const json& found : {json{{"by_id", json::array()}}, json{{"replies", "none"}},
                            json{{"replies", {1, nullptr, {{"id", ""}}}}}}) {
    stands(found);
    EXPECT_EQ(state(), "waiting");
    EXPECT_TRUE(heard().empty());
  }
}

TEST_F(Lost, an_answer_after_the_return_is_told_to_whoever_wrote_it) {
  tale(of_desk(SignalKind::solved, "77", "Refunded."));
  tale.handoff.state = State::returned;
  tale(of_desk(SignalKind::replied, "77", "Refunded."));
  EXPECT_TRUE(tale.of(add_note).empty()) << "these words went with the return";
  tale(of_desk(SignalKind::replied, "77", "One more thing."));
  ASSERT_EQ(tale.of(add_note).size(), 1u);
  EXPECT_EQ(tale.of(add_note)[0].subject["text"],
            "The last answer did not reach the customer: the AI has the conversation again.");
}

// --- what ends elsewhere

TEST_F(Lost, a_ticket_of_a_handoff_that_ended_elsewhere_is_solved_unless_somebody_has_it) {
  const auto ends = [&](const Happened& how, bool held) {
    Tale one(tale);
    if (held) one(of_desk(SignalKind::claimed, "77"));
    const auto jobs = one(how);
    return std::ranges::count_if(jobs, [](const Job& job) {
      return job.key.work == Work(set_status) && job.subject.at("status") == "solved";
    });
  };
  EXPECT_EQ(ends(event("handoff.cancelled"), false), 1);
  EXPECT_EQ(ends(event("handoff.cancelled"), true), 0);
  EXPECT_EQ(ends(event("conversation.resolved", {{"by", "human"}}), false), 1);
  EXPECT_EQ(ends(signal(SignalKind::solved, "U1"), false), 1);
  EXPECT_EQ(ends(of_desk(SignalKind::solved, "77"), false), 0) << "it is solved there";
}

TEST_F(Lost, what_a_tracker_calls_unfixed_is_no_work_that_is_left) {
  auto closed = of_desk(SignalKind::solved, "77");
  closed.about = kUnfixed;
  tale(closed);
  EXPECT_TRUE(tale.handoff.follow_ups.empty());
}

TEST_F(Lost, only_whoever_has_it_ends_it_on_a_card) {
  tale(signal(SignalKind::claimed, "U1"));
  const auto jobs = tale(signal(SignalKind::solved, "U2"));
  EXPECT_EQ(state(), "claimed");
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].subject.at("text"), "Anna already has this one.");
  tale(signal(SignalKind::solved, "U1"));
  EXPECT_EQ(state(), "resolved");
}

// --- cards

TEST_F(Lost, a_card_says_what_is_new) {
  const auto news = [&] { return tale.of(update_alert).back().subject.value("news", ""); };
  tale(signal(SignalKind::claimed, "U1"));
  EXPECT_EQ(news(), "claimed");
  tale(signal(SignalKind::released, "U1"));
  EXPECT_EQ(news(), "released");
  tale(of_desk(SignalKind::solved, "77"));
  EXPECT_EQ(news(), "ended");
}

TEST_F(Lost, a_card_that_is_gone_is_put_up_once_more) {
  tale(signal(SignalKind::claimed, "U1"));
  auto failed = job_of(update_alert, JobState::dead, kCards);
  tale(failed);
  EXPECT_TRUE(tale.of(post_alert).empty()) << "a refusal of another kind is no deletion";
  failed.failure = Failure(FailureKind::target_gone, "message_not_found");
  tale(failed);
  EXPECT_EQ(tale.of(post_alert).size(), 1u);
  tale(failed);
  EXPECT_EQ(tale.of(post_alert).size(), 1u) << "it is on its way";
  for (int i = 0; i < 5; ++i) {
    tale(job_of(post_alert, JobState::done, kCards));
    tale(failed);
  }
  EXPECT_LE(tale.of(post_alert).size(), 2u) << "whoever deletes it each time does not want it";
}

// --- words that were not heard

TEST_F(Lost, who_claims_it_reads_what_the_customer_said_meanwhile) {
  tale(signal(SignalKind::claimed, "U1"));
  ASSERT_EQ(tale.of(fetch_transcript).size(), 1u);
  auto fetched = tale.of(fetch_transcript)[0];
  fetched.state = JobState::done;
  fetched.found = {{"transcript",
                    {{{"id", "m1"}, {"role", "customer"}, {"text", "Are you there?"}},
                     {{"id", "m2"}, {"role", "ai"}, {"text", "A colleague takes over."}},
                     {{"role", "customer"}, {"text", "without an id"}}}}};
  tale(fetched);
  ASSERT_EQ(tale.of(add_note).size(), 1u);
  EXPECT_EQ(tale.of(add_note)[0].subject, (json{{"text", "customer: Are you there?"}, {"from", "customer"}}));
  tale(fetched);
  EXPECT_EQ(tale.of(add_note).size(), 1u) << "known by its id";
}

TEST_F(Lost, a_note_says_that_the_customer_spoke) {
  const json said = {{"transcript", {{{"id", "m9"}, {"role", "customer"}, {"text", "Hurry"}}}}};
  tale(event("handoff.updated", said));
  EXPECT_EQ(tale.of(add_note).back().subject.value("from", ""), "customer");
  const json other = {{"transcript", {{{"id", "m10"}, {"role", "ai"}, {"text", "Hm"}}}}};
  tale(event("handoff.updated", other));
  EXPECT_EQ(tale.of(add_note).back().subject.value("from", ""), "ai");
}

// --- reports of bugs

class LostReport : public testing::Test {
 protected:
  LostReport() : tale(handoff_in(State::waiting)) {
    tale.handoff.route.can = {{kBugs, {read_status, link_bug}}};
    tale(met("reported"));
  }
  static Signal met(const char* status) {
    auto defect = signal(SignalKind::defect, "baton");
    defect.detail = {{"key", "k1"},
                     {"generation", 1},
                     {"issue", {{"id", "B-7"}, {"url", "https://bugs.example/B-7"}}},
                     {"attach", {{"customers", 2}, {"value", 0}}},
                     {"known", {{"status", status}}}};
    return defect;
  }
  std::vector<std::string> answers(const json& found) {
    auto asked = tale.of(read_status).back();
    asked.state = JobState::done;
    asked.found = found;
    tale.said.clear();
    tale(asked);
    std::vector<std::string> all;
    for (const auto& one : tale.said) {
      const auto* changed = std::get_if<handoff::IssueChanged>(&one.what);
      if (changed) all.push_back(std::to_string(static_cast<int>(changed->to)));
    }
    return all;
  }
  static std::string to(handoff::IssueChanged::To what) { return std::to_string(static_cast<int>(what)); }
  Tale tale;
};

TEST_F(LostReport, is_asked_for_when_it_is_met_and_again_later) {
  ASSERT_EQ(tale.of(read_status).size(), 1u);
  EXPECT_EQ(tale.of(read_status)[0].key.lane, kBugs);
  EXPECT_EQ(tale.of(read_status)[0].subject.at("issue").at("id"), "B-7");
  ASSERT_TRUE(tale.handoff.status_due);
  tale(Due{}, *tale.handoff.status_due - tale.now);
  EXPECT_EQ(tale.of(read_status).size(), 2u);
}

TEST_F(LostReport, that_is_done_or_declined_or_open_again_is_told_to_its_defect) {
  using To = handoff::IssueChanged::To;
  EXPECT_EQ(answers({{"state", "open"}}), std::vector<std::string>{});
  EXPECT_EQ(answers({{"state", "solved"}}), std::vector<std::string>{to(To::fixed)});
  EXPECT_EQ(answers({{"state", "solved"}, {"unfixed", true}}), std::vector<std::string>{to(To::declined)});
  EXPECT_EQ(tale.handoff.state, State::waiting) << "the report is not the ticket";
  tale(met("fixed"));
  EXPECT_EQ(answers({{"state", "open"}}), std::vector<std::string>{to(To::reopened)});
}

}  // namespace
}  // namespace baton::handoff_testing
