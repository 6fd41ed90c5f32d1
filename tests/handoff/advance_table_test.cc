// Purpose: every state against every fact: the state after it, the jobs made, and what was refused.
#include <gtest/gtest.h>

#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

constexpr auto kStates = {State::received, State::planned,  State::waiting,   State::claimed, State::active,
                          State::resolved, State::returned, State::cancelled, State::expired, State::failed};

std::map<std::string, Happened> facts() {
  const nlohmann::json more = {{"transcript", {{{"id", "m9"}, {"role", "customer"}, {"text", "hurry"}}}}};
  std::map<std::string, Happened> all = {
      {"requested", event("handoff.requested", requested_data())},
      {"updated", event("handoff.updated", more)},
      {"cancelled", event("handoff.cancelled", {{"reason", "found it"}})},
      {"conversation.resolved", event("conversation.resolved", {{"by", "ai"}})},
      {"rated", event("conversation.rated", {{"score", 5}, {"scale", "stars"}})},
      {"offered", signal(SignalKind::offered, "ben")},
      {"due", Due{}}};
  for (const auto kind :
       {SignalKind::claimed, SignalKind::released, SignalKind::replied, SignalKind::solved,
        SignalKind::reopened, SignalKind::passed_on, SignalKind::judged, SignalKind::declined}) {
    all.emplace(std::string(name(kind)) + " by owner",
                signal(kind, "U1", kind == SignalKind::replied ? "Hi" : ""));
    all.emplace(std::string(name(kind)) + " by another",
                signal(kind, "U2", kind == SignalKind::replied ? "Hi" : ""));
  }
  auto fixed = signal(SignalKind::defect, "baton");
  fixed.detail = {{"key", "k1"}, {"generation", 1}, {"notes", {"It is done."}}, {"fixed", true}};
  all.emplace("defect is fixed", std::move(fixed));
  return all;
}

// "claimed: update_alert emit" and " refused" if it was.
std::string outcome(const Handoff& before, const Happened& happened) {
  Tale tale(before);
  const auto jobs = tale(happened);
  std::string text(name(tale.handoff.state));
  text += ":";
  for (const auto& job : jobs) {
    text += " " + name(job.key.work);
    if (job.subject.contains("type")) text += "(" + job.subject["type"].get<std::string>() + ")";
  }
  if (tale.handoff.refused.size() > before.refused.size()) text += " refused";
  return text;
}

using Row = std::map<std::string, std::string>;

const std::map<State, Row>& expected() {
  const std::string solved = "resolved: add_note update_alert emit(handoff.returned)";
  const std::string claimed = "claimed: update_alert emit(handoff.claimed)";
  const std::string told = " reply_in_thread";
  const std::string released = "waiting: update_alert emit(handoff.escalated) reply_in_thread";
  const auto closed = [&](const std::string& state) {
    Row row;
    for (const auto& [fact, happened] : facts()) row[fact] = state + ": refused";
    row["due"] = row["rated"] = row["offered"] = row["conversation.resolved"] = state + ":";
    for (const auto* fact :
         {"claimed by owner", "claimed by another", "released by owner", "released by another",
          "passed_on by owner", "passed_on by another", "declined by owner", "declined by another"})
      row[fact] = state + ":" + told + " refused";
    row["judged by owner"] = row["judged by another"] = state + ":" + told;
    row["defect is fixed"] = state + ": add_note";  // agents read the ticket still
    return row;
  };
  // Before the planner has opened it nobody can have seen it.
  const auto unopened = [&](const std::string& state) {
    auto row = closed(state);
    row["requested"] = row["updated"] = state + ":";
    row["cancelled"] = "cancelled:";
    row["conversation.resolved"] = state + ": refused";
    row["defect is fixed"] = state + ":";
    row["replied by owner"] = row["replied by another"] = state + ": emit(handoff.message)";
    return row;
  };
  static const auto& kTable = *new std::map<State, Row>{
      {State::received,
       [&] {
         auto row = unopened("received");
         row["requested"] = "waiting: read_context";
         return row;
       }()},
      {State::planned, unopened("planned")},
      {State::waiting,
       {{"requested", "waiting:"},
        {"updated", "waiting: add_note"},
        {"cancelled", "cancelled: add_note update_alert emit(handoff.message)"},
        {"conversation.resolved", solved},
        {"claimed by owner", claimed},
        {"claimed by another", claimed},
        {"released by owner", "waiting:" + told + " refused"},
        {"released by another", "waiting:" + told + " refused"},
        {"replied by owner", "active: update_alert emit(handoff.claimed) emit(handoff.message)"},
        {"replied by another", "active: update_alert emit(handoff.claimed) emit(handoff.message)"},
        {"solved by owner", solved},
        {"solved by another", solved},
        {"reopened by owner", "waiting: refused"},
        {"reopened by another", "waiting: refused"},
        {"passed_on by owner", "waiting:" + told + " refused"},
        {"passed_on by another", "waiting:" + told + " refused"},
        {"declined by owner", "waiting:" + told + " refused"},
        {"declined by another", "waiting:" + told + " refused"},
        {"judged by owner", "waiting:" + told},
        {"judged by another", "waiting:" + told},
        {"rated", "waiting:"},
        {"defect is fixed", "waiting: add_note emit(handoff.message)"},
        {"offered", "waiting: reply_in_thread"},
        {"due", "waiting:"}}},
      {State::claimed,
       {{"requested", "claimed:"},
        {"updated", "claimed: add_note"},
        {"cancelled", "cancelled: add_note update_alert"},
        {"conversation.resolved", "claimed: refused"},
        {"claimed by owner", "claimed:" + told},
        {"claimed by another", "claimed:" + told + " refused"},
        {"released by owner", released},
        {"released by another", "claimed:" + told + " refused"},
        {"replied by owner", "active: emit(handoff.message)"},
        {"replied by another", "active: emit(handoff.message)"},
        {"solved by owner", solved},
        {"solved by another", "claimed:" + told + " refused"},
        {"reopened by owner", "claimed: refused"},
        {"reopened by another", "claimed: refused"},
        {"passed_on by owner", "waiting: update_alert emit(handoff.escalated) add_note reply_in_thread"},
        {"passed_on by another", "claimed:" + told + " refused"},
        {"declined by owner", "claimed:" + told + " refused"},
        {"declined by another", "claimed:" + told + " refused"},
        {"judged by owner", "claimed:" + told},
        {"judged by another", "claimed:" + told},
        {"rated", "claimed:"},
        {"defect is fixed", "claimed: add_note emit(handoff.message)"},
        {"offered", "claimed:"},
        {"due", "claimed:"}}},
      {State::active,
       {{"requested", "active:"},
        {"updated", "active: add_note"},
        {"cancelled", "cancelled: add_note update_alert"},
        {"conversation.resolved", "active: refused"},
        {"claimed by owner", "active:" + told},
        {"claimed by another", "active:" + told + " refused"},
        {"released by owner", released},
        {"released by another", "active:" + told + " refused"},
        {"replied by owner", "active: emit(handoff.message)"},
        {"replied by another", "active: emit(handoff.message)"},
        {"solved by owner", solved},
        {"solved by another", "active:" + told + " refused"},
        {"reopened by owner", "active: refused"},
        {"reopened by another", "active: refused"},
        {"passed_on by owner", "waiting: update_alert emit(handoff.escalated) add_note reply_in_thread"},
        {"passed_on by another", "active:" + told + " refused"},
        {"declined by owner", "active:" + told + " refused"},
        {"declined by another", "active:" + told + " refused"},
        {"judged by owner", "active:" + told},
        {"judged by another", "active:" + told},
        {"rated", "active:"},
        {"defect is fixed", "active: add_note emit(handoff.message)"},
        {"offered", "active:"},
        {"due", "active:"}}},
      {State::resolved,
       {{"requested", "active: update_alert emit(handoff.accepted)"},
        {"updated", "resolved: add_note"},
        {"cancelled", "cancelled: add_note update_alert"},
        {"conversation.resolved", "resolved: refused"},
        {"claimed by owner", "resolved:" + told + " refused"},
        {"claimed by another", "resolved:" + told + " refused"},
        {"released by owner", "resolved:" + told + " refused"},
        {"released by another", "resolved:" + told + " refused"},
        {"replied by owner", "resolved: emit(handoff.message)"},
        {"replied by another", "resolved: emit(handoff.message)"},
        {"solved by owner", "resolved: refused"},
        {"solved by another", "resolved: refused"},
        {"reopened by owner", "active: update_alert"},
        {"reopened by another", "active: update_alert"},
        {"passed_on by owner", "resolved:" + told + " refused"},
        {"passed_on by another", "resolved:" + told + " refused"},
        {"declined by owner", "resolved:" + told + " refused"},
        {"declined by another", "resolved:" + told + " refused"},
        {"judged by owner", "resolved:" + told},
        {"judged by another", "resolved:" + told},
        {"rated", "resolved:"},
        {"defect is fixed", "resolved: add_note"},
        {"offered", "resolved:"},
        {"due", "resolved:"}}},
      {State::returned, closed("returned")},
      {State::cancelled, closed("cancelled")},
      {State::expired, closed("expired")},
      {State::failed, closed("failed")}};
  return kTable;
}

TEST(Advance, answers_every_fact_in_every_state) {
  int cells = 0;
  for (const auto state : kStates) {
    const auto before = handoff_in(state);
    ASSERT_EQ(name(before.state), name(state));
    for (const auto& [fact, happened] : facts()) {
      ++cells;
      EXPECT_EQ(outcome(before, happened), expected().at(state).at(fact)) << name(state) << " + " << fact;
    }
  }
  EXPECT_EQ(cells, 240);
}

// How a job ended, by what it changes: receipts and context are kept in every state, as they happened.
TEST(Advance, keeps_how_each_job_ended_in_every_state) {
  int cells = 0;
  for (const auto state : kStates) {
    const auto before = handoff_in(state);
    for (std::size_t index = 0; index < kOperationNames.size(); ++index) {
      for (const auto ended : {JobState::done, JobState::failed, JobState::dead}) {
        ++cells;
        const auto operation = static_cast<Operation>(index);
        SCOPED_TRACE(std::string(name(state)) + " + " + std::string(name(operation)) + " " +
                     std::string(name(ended)));
        Tale tale(before);
        const auto jobs =
            tale(job_of(operation, ended, operation == Operation::post_alert ? kCards : kDesk, 9));
        const bool given_back = operation == Operation::give_back && ended == JobState::done;
        EXPECT_EQ(name(tale.handoff.state),
                  given_back && state == State::resolved ? "returned" : name(state));
        EXPECT_EQ(tale.handoff.refused.size(), before.refused.size());
        EXPECT_EQ(tale.handoff.context.size(), before.context.size() +
                                                   (operation == Operation::read_context) +
                                                   (operation == Operation::fetch_transcript));
        if (ended == JobState::done && operation == Operation::open_ticket) {
          EXPECT_EQ(tale.handoff.ticket->object_id, "T-1");
        }
        if (ended == JobState::done && operation == Operation::file_bug) {
          EXPECT_EQ(tale.handoff.bug->object_id, "T-1");
        }
        const bool may_act = operation == Operation::open_ticket || operation == Operation::post_alert ||
                             operation == Operation::file_bug;
        EXPECT_TRUE(tale.said.empty());
        if (!may_act) EXPECT_TRUE(jobs.empty());
        for (const auto& job : jobs) EXPECT_NE(name(job.key.work), "open_ticket");
      }
    }
  }
  EXPECT_EQ(cells, 540);
}

TEST(Advance, only_a_return_that_was_delivered_ends_a_resolved_handoff) {
  for (const auto state : kStates) {
    for (const auto* type : {"handoff.returned", "handoff.accepted", "handoff.message"}) {
      for (const auto ended : {JobState::done, JobState::dead}) {
        Tale tale(handoff_in(state));
        auto emitted = job_of(Operation::emit, ended, kBot);
        emitted.subject = {{"type", type}};
        tale(emitted);
        const bool returns =
            state == State::resolved && ended == JobState::done && type == std::string("handoff.returned");
        EXPECT_EQ(name(tale.handoff.state), returns ? "returned" : name(state));
      }
    }
  }
}

TEST(Advance, each_timer_does_its_one_thing_and_is_gone) {
  for (const auto state : kStates) {
    for (const auto timer :
         {&Handoff::context_due, &Handoff::late_due, &Handoff::announce_due, &Handoff::claim_due}) {
      auto before = handoff_in(state);
      if (!is_open(state) || state == State::received || state == State::planned) continue;
      if (timer == &Handoff::claim_due && state != State::claimed) continue;
      if (timer == &Handoff::context_due && before.ticket) continue;  // the brief was cut already
      before.*timer = kStart + 1s;
      Tale early(before);
      EXPECT_TRUE(early(Due{}, 1s - 1ms).empty());
      EXPECT_EQ(early.handoff.*timer, kStart + 1s);
      Tale tale(before);
      tale(Due{}, 1s);
      EXPECT_FALSE((tale.handoff.*timer).has_value());
      EXPECT_GT(handoff::wake_at(tale.handoff), tale.now);
    }
  }
}

// --- stories that a table cannot tell

TEST(Advance, asks_for_context_and_opens_the_ticket_when_all_of_it_is_there) {
  auto route = whole_route();
  route.context = {kCrm, kDesk};
  Tale tale(new_handoff(route));
  const auto reads = tale(event("handoff.requested", requested_data()));
  ASSERT_EQ(reads.size(), 2u);
  EXPECT_EQ(reads[0].deadline, kStart + 30s);
  EXPECT_EQ(reads[0].subject["customer"]["email"], "ada@example.com");
  EXPECT_EQ(reads[0].conversation, ConversationId("chat", "c1"));
  EXPECT_EQ(handoff::wake_at(tale.handoff), kStart + 2s);

  auto found = job_of(Operation::read_context, JobState::done, kCrm);
  found.found = {{"tier", "gold"}};
  EXPECT_TRUE(tale(found, 100ms).empty());
  const auto opened = tale(job_of(Operation::read_context, JobState::failed, kDesk, 2), 100ms);
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(name(opened[0].key.work), "open_ticket");
  EXPECT_EQ(name(tale.handoff.context.at(kCrm).part), "present");
  EXPECT_EQ(tale.handoff.context.at(kCrm).found["tier"], "gold");
  EXPECT_EQ(name(tale.handoff.context.at(kDesk).part), "failed");
  EXPECT_EQ(tale.handoff.context.at(kDesk).reason, "it said no");
}

TEST(Advance, cuts_the_brief_after_two_seconds_and_adds_what_comes_late_as_one_note) {
  Tale tale(new_handoff());
  tale(event("handoff.requested", requested_data()));
  const auto cut = tale(Due{}, 2s);
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_EQ(name(tale.handoff.context.at(kCrm).part), "late");
  EXPECT_EQ(tale.handoff.context.at(kCrm).reason, "no answer within 2000 ms");
  tale(job_of(Operation::open_ticket, JobState::done), 1s);
  auto late = job_of(Operation::read_context, JobState::done, kCrm);
  late.found = {{"account", {{"tier", "gold\xff"}}}};  // a vendor's bytes are not ours to trust
  const auto notes = tale(late, 1s);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(name(notes[0].key.work), "add_note");
  EXPECT_EQ(name(tale.handoff.context.at(kCrm).part), "late");
  EXPECT_FALSE(tale.handoff.context.at(kCrm).reason.empty());

  Tale too_late(new_handoff());
  too_late(event("handoff.requested", requested_data()));
  too_late(Due{}, 2s);
  too_late(job_of(Operation::open_ticket, JobState::done));
  too_late(Due{}, 28s);
  EXPECT_TRUE(too_late(late, 1s).empty()) << "after half a minute it is of no use";
}

// A handoff whose context came in time, with its ticket; its customer's tier is gold.
Tale with_context() {
  Tale tale(new_handoff());
  tale(event("handoff.requested", requested_data()));
  auto known = job_of(Operation::read_context, JobState::done, kCrm);
  known.found = {{"account", {{"id", "A-1"}, {"tier", "gold"}}}};
  tale(known, 100ms);
  tale(job_of(Operation::open_ticket, JobState::done), 100ms);
  return tale;
}
Signal hint(const char* id) {
  auto made = signal(SignalKind::changed, id, "invoice.payment_failed");
  made.from = kCrm;
  return made;
}
Job read_again(const char* tier) {
  auto again = job_of(Operation::read_context, JobState::done, kCrm, 2);
  again.found = {{"account", {{"id", "A-1"}, {"tier", tier}}}};
  return again;
}

TEST(Changed, context_is_read_again_once_for_all_notices_of_one_cause_and_becomes_one_note) {
  auto tale = with_context();
  const auto reads = tale(hint("e1"), 60s);
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_EQ(name(reads[0].key.work), "read_context");
  EXPECT_EQ(reads[0].key.lane, kCrm);
  EXPECT_EQ(reads[0].key.sequence, 2);
  EXPECT_EQ(reads[0].due, tale.now + 30s) << "what else comes of the same cause is let come in";
  EXPECT_EQ(reads[0].subject["customer"]["email"], "ada@example.com");
  EXPECT_TRUE(tale(hint("e2"), 10s).empty());
  EXPECT_TRUE(tale(hint("e3"), 19s).empty());
  const auto notes = tale(read_again("silver"), 2s);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(name(notes[0].key.work), "add_note");
  EXPECT_NE(notes[0].subject["text"].get<std::string>().find("silver"), std::string::npos)
      << notes[0].subject;
  EXPECT_EQ(tale.handoff.context.at(kCrm).found["account"]["tier"], "silver");
  EXPECT_EQ(tale(hint("e4"), 1s).size(), 1u) << "a later change is another one";
}

TEST(Changed, what_reads_as_before_or_cannot_be_read_makes_no_note_and_loses_nothing) {
  auto tale = with_context();
  tale(hint("e1"));
  EXPECT_TRUE(tale(read_again("gold"), 31s).empty());
  tale(hint("e2"), 1s);
  EXPECT_TRUE(tale(job_of(Operation::read_context, JobState::failed, kCrm, 3), 31s).empty());
  EXPECT_EQ(tale.handoff.context.at(kCrm).found["account"]["tier"], "gold");
  EXPECT_EQ(name(tale.handoff.context.at(kCrm).part), "present");
}

TEST(Changed, nothing_is_asked_before_the_first_answer_nor_of_others_nor_after_the_end) {
  Tale early(new_handoff());
  early(event("handoff.requested", requested_data()));
  EXPECT_TRUE(early(hint("e1"), 100ms).empty()) << "the answer that is under way tells it";
  auto tale = with_context();
  auto other = hint("e1");
  other.from = kDesk;
  EXPECT_TRUE(tale(other).empty());
  auto solved = signal(SignalKind::solved, "U1");
  tale(solved);
  EXPECT_TRUE(tale(hint("e2")).empty());
  auto late = with_context();
  late(hint("e3"));
  late(solved);
  EXPECT_TRUE(late(read_again("silver"), 31s).empty());
}

TEST(Advance, announces_with_the_ticket_or_after_five_seconds_and_urgent_ones_at_once) {
  auto route = whole_route();
  route.context.clear();
  Tale with(new_handoff(route));
  with(event("handoff.requested", requested_data()));
  EXPECT_TRUE(with.of(Operation::post_alert).empty());
  with(job_of(Operation::open_ticket, JobState::done), 1s);
  EXPECT_EQ(with.of(Operation::post_alert).size(), 1u);
  EXPECT_EQ(with.emitted("handoff.accepted").at(0).subject["data"]["ticket"]["id"], "T-1");
  EXPECT_EQ(with.of(Operation::write_back).size(), 1u);

  Tale slow(new_handoff(route));
  slow(event("handoff.requested", requested_data()));
  slow(Due{}, 5s);
  EXPECT_EQ(slow.of(Operation::post_alert).size(), 1u);
  EXPECT_FALSE(slow.emitted("handoff.accepted").at(0).subject["data"].contains("ticket"))
      << "only what is true";
  slow(job_of(Operation::post_alert, JobState::done, kCards));
  const auto follow = slow(job_of(Operation::open_ticket, JobState::done), 1min);
  ASSERT_EQ(follow.size(), 1u);
  EXPECT_EQ(name(follow[0].key.work), "update_alert");
  EXPECT_EQ(follow[0].subject["link"], "https://desk.example/T-1");
  EXPECT_EQ(slow.emitted("handoff.accepted").size(), 1u);

  Tale urgent(new_handoff(route, Priority::urgent));
  EXPECT_EQ(urgent(event("handoff.requested", requested_data())).size(), 4u);

  Tale dead(new_handoff(route));
  dead(event("handoff.requested", requested_data()));
  dead(job_of(Operation::open_ticket, JobState::dead));
  EXPECT_EQ(dead.of(Operation::post_alert).size(), 1u) << "people hear of it all the same";
}

TEST(Advance, a_defect_hears_of_a_conversation_that_carries_errors) {
  auto route = whole_route();
  route.context.clear();
  auto data = requested_data();
  data["errors"] = {{{"code", "E42"}}};
  for (const auto& [given, bugs] :
       std::vector<std::pair<nlohmann::json, std::size_t>>{{requested_data(), 0}, {data, 1}}) {
    Tale tale(new_handoff(route));
    tale(event("handoff.requested", given));
    tale(job_of(Operation::open_ticket, JobState::done));
    EXPECT_EQ(tale.said.size(), bugs);
    EXPECT_TRUE(tale.of(Operation::file_bug).empty()) << "the defect decides";
  }
}

TEST(Advance, every_card_gets_the_link_of_a_ticket_that_came_after_the_announcement) {
  auto route = whole_route();
  route.context.clear();
  route.alerts = {kCards, DestinationId("phones")};
  Tale tale(new_handoff(route));
  tale(event("handoff.requested", requested_data()));
  tale(Due{}, 5s);
  tale(job_of(Operation::post_alert, JobState::done, kCards));
  tale(job_of(Operation::open_ticket, JobState::done));
  tale(job_of(Operation::post_alert, JobState::done, DestinationId("phones")));
  std::map<std::string, std::string> links;
  for (const auto& job : tale.of(Operation::update_alert)) links[job.key.lane.text] = job.subject["link"];
  EXPECT_EQ(links, (std::map<std::string, std::string>{{"cards", "https://desk.example/T-1"},
                                                       {"phones", "https://desk.example/T-1"}}));
}

TEST(Advance, a_card_that_was_posted_while_things_changed_is_updated) {
  auto route = whole_route();
  route.context.clear();
  for (const auto kind : {SignalKind::claimed, SignalKind::solved}) {
    Tale tale(new_handoff(route));
    tale(event("handoff.requested", requested_data()));
    tale(job_of(Operation::open_ticket, JobState::done));
    tale(signal(kind, "U1"));
    const auto jobs = tale(job_of(Operation::post_alert, JobState::done, kCards));
    ASSERT_EQ(jobs.size(), 1u) << name(kind);
    EXPECT_EQ(jobs[0].subject["state"], name(tale.handoff.state));
  }
}

TEST(Advance, nobody_is_sought_after_the_customer_was_helped) {
  auto route = whole_route();
  route.context.clear();
  Tale tale(new_handoff(route));
  tale(event("handoff.requested", requested_data()));
  tale(event("conversation.resolved"), 1s);
  tale(job_of(Operation::open_ticket, JobState::done), 1s);
  EXPECT_TRUE(tale.of(Operation::post_alert).empty());
  EXPECT_TRUE(tale.emitted("handoff.accepted").empty());
  EXPECT_EQ(tale.emitted("handoff.returned").size(), 1u);
  tale(signal(SignalKind::reopened, "U1"), 1s);
  EXPECT_EQ(tale.of(Operation::post_alert).size(), 1u) << "now somebody is";
}

TEST(Advance, a_claim_without_a_reply_stands_two_minutes) {
  Tale tale(handoff_in(State::waiting));
  tale(signal(SignalKind::claimed, "U1"));
  EXPECT_EQ(handoff::wake_at(tale.handoff), kStart + 2min);
  tale(Due{}, 2min);
  EXPECT_EQ(name(tale.handoff.state), "waiting");
  EXPECT_TRUE(tale.handoff.owner.empty());
  EXPECT_TRUE(tale.handoff.owner_name.empty());
  EXPECT_EQ(tale.handoff.passages.back().through, "no first reply by Anna in time");
  tale(signal(SignalKind::claimed, "U2"));
  EXPECT_EQ(tale.handoff.owner, "U2");
  tale(signal(SignalKind::replied, "U2", "Hi"));
  tale(Due{}, 1h);
  EXPECT_EQ(name(tale.handoff.state), "active");
}

TEST(Advance, the_loser_of_a_claim_is_told_who_has_it_and_that_alone) {
  Tale tale(handoff_in(State::claimed));
  const auto jobs = tale(signal(SignalKind::claimed, "U2"));
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].key.lane, kCards);
  EXPECT_EQ(jobs[0].subject, (nlohmann::json{{"text", "Anna already has this one."},
                                             {"reply_address", "https://answers.example/U2"},
                                             {"to", "U2"}}));
  EXPECT_EQ(tale.handoff.refused.back().what, "claimed by Ben");
  EXPECT_EQ(tale.handoff.refused.back().why, "the handoff is claimed, Anna has it");
  auto silent = signal(SignalKind::claimed, "U2");
  silent.reply_address.clear();
  EXPECT_TRUE(tale(silent).empty());
  Tale over(handoff_in(State::returned));
  EXPECT_EQ(over(signal(SignalKind::claimed, "U1")).at(0).subject["text"], "This one is returned.");
}

TEST(Advance, the_return_carries_the_last_public_words) {
  Tale tale(handoff_in(State::claimed));
  tale(signal(SignalKind::replied, "U1", "It is fixed."));
  tale(signal(SignalKind::replied, "U1", ""));  // a note that the customer does not read
  tale(signal(SignalKind::solved, "U1"));
  const auto returned = tale.emitted("handoff.returned").at(0);
  EXPECT_EQ(returned.key.lane, kBot);
  const auto& data = returned.subject["data"];
  EXPECT_EQ(data["resolution"], "It is fixed.");
  EXPECT_EQ(data["human_turn"], "ended");
  EXPECT_EQ(data["by"]["name"], "Anna");
  EXPECT_EQ(data["handoff_id"], "hof_1");
  EXPECT_EQ(data["conversation_id"], "c1");  // S58: the same thread goes on
}

// Helpdesks tell of an assignment and of a solved ticket by the agent's number alone, of an answer by name.
TEST(Advance, who_solved_it_has_the_name_that_their_answer_told) {
  const auto by = [](SignalKind kind, const char* called, std::string text = {}) {
    auto made = signal(kind, "77", std::move(text));
    made.from = kDesk;  // where whoever may close a ticket does
    made.who_name = called;
    return made;
  };
  Tale tale(handoff_in(State::waiting));
  tale(by(SignalKind::claimed, ""));
  EXPECT_EQ(tale.handoff.owner_name, "77");
  tale(by(SignalKind::replied, "Dana Agent", "It is fixed."));
  EXPECT_EQ(tale.handoff.owner_name, "Dana Agent");
  tale(by(SignalKind::solved, ""));
  EXPECT_EQ(tale.emitted("handoff.returned").at(0).subject["data"]["by"]["name"], "Dana Agent");
  Tale other(handoff_in(State::claimed));  // Anna's
  other(by(SignalKind::solved, ""));
  EXPECT_EQ(other.emitted("handoff.returned").at(0).subject["data"]["by"]["name"], "77") << "it is not Anna";
}

TEST(Advance, without_a_platform_a_solved_handoff_is_over) {
  auto route = whole_route();
  route.platform.reset();
  route.context.clear();
  Tale tale(new_handoff(route));
  tale(event("handoff.requested", requested_data()));
  tale(signal(SignalKind::solved, "U1"));
  EXPECT_EQ(name(tale.handoff.state), "returned");
  EXPECT_TRUE(tale.of(Operation::emit).empty());
}

TEST(Advance, refusals_are_kept_to_the_last_hundred) {
  Tale tale(handoff_in(State::claimed));
  for (int i = 0; i < 250; ++i) tale(signal(SignalKind::claimed, "click" + std::to_string(i)));
  EXPECT_EQ(tale.handoff.refused.size(), 100u);
  EXPECT_EQ(tale.handoff.refused.back().what, "claimed by click249");
}

TEST(Advance, a_deadline_in_the_customers_words_raises_what_nobody_stated) {
  const auto says = [](const char* text) {
    auto data = requested_data();
    data["transcript"] = {{{"role", "customer"}, {"text", text}}};
    return data;
  };
  Tale pressing(new_handoff());
  pressing(event("handoff.requested", says("At 11:00 the wages must be out, otherwise nobody is paid.")));
  EXPECT_EQ(name(pressing.handoff.priority), "high");
  Tale calm(new_handoff());
  calm(event("handoff.requested", says("The wages were out at 11:00 yesterday.")));
  EXPECT_EQ(name(calm.handoff.priority), "normal");
  Tale stated(new_handoff());
  auto data = says("At 11:00 the wages must be out, otherwise nobody is paid.");
  data["priority"] = "normal";
  stated(event("handoff.requested", data));
  EXPECT_EQ(name(stated.handoff.priority), "normal");
}

TEST(Advance, a_later_event_may_raise_the_priority) {
  Tale tale(handoff_in(State::waiting));
  tale(event("handoff.updated", {{"priority", "urgent"}}));
  EXPECT_EQ(name(tale.handoff.priority), "urgent");
  tale(event("handoff.updated", {{"priority", 7}}));
  EXPECT_EQ(name(tale.handoff.priority), "urgent");
}

}  // namespace
}  // namespace baton::handoff_testing
