// Purpose: the life of one known bug, a sentence at a time, and its record there and back.
#include <gtest/gtest.h>

#include "tests/bugs/bug_tale.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

TEST(KnownBug, three_customers_in_a_day_make_one_report) {
  Tale tale;
  tale.seen("e1", "ada");
  tale.seen("e2", "bob");
  EXPECT_TRUE(tale.take<FileReport>().empty());
  EXPECT_EQ(tale.bug.state, BugState::watching);
  tale.seen("e3", "cyd");
  tale.seen("e4", "dan");
  EXPECT_EQ(tale.take<FileReport>().size(), 1u);
  EXPECT_EQ(tale.bug.state, BugState::filed);
}

TEST(KnownBug, one_customer_who_tries_again_is_one_customer) {
  Tale tale;
  for (int i = 0; i < 10; ++i) tale.seen("e" + std::to_string(i), "ada");
  EXPECT_TRUE(tale.take<FileReport>().empty());
  EXPECT_EQ(tale.bug.occurrences, 10);
  EXPECT_EQ(tale.bug.customers.size(), 1u);
}

TEST(KnownBug, three_customers_in_three_days_are_no_spike) {
  Tale tale;
  for (const auto* who : {"ada", "bob", "cyd"}) {
    tale.seen(who, who);
    tale.now += 24h;
  }
  EXPECT_TRUE(tale.take<FileReport>().empty());
}

TEST(KnownBug, whom_nobody_knows_counts_by_the_conversation) {
  Tale tale;
  for (const auto* where : {"c1", "c2", "c2", "c3"}) {
    auto sighting = tale.sighting("", "");
    sighting.handoff = HandoffId();
    sighting.conversation.text = where;
    tale.does(sighting);
  }
  EXPECT_EQ(tale.bug.customers.size(), 3u);
  EXPECT_EQ(tale.take<FileReport>().size(), 1u);
}

TEST(KnownBug, certain_codes_and_tiers_are_filed_at_once) {
  for (const bool by_tier : {true, false}) {
    Tale tale;
    if (by_tier) tale.policy.tiers = {"Enterprise"};
    else tale.policy.codes = {"psp-502"};
    auto sighting = tale.sighting("e1", "ada");
    sighting.tier = "enterprise";
    sighting.priority = Priority::urgent;
    tale.does(sighting);
    const auto reports = tale.take<FileReport>();
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].priority, Priority::urgent);
    EXPECT_EQ(reports[0].from.text, "h-e1");
  }
}

TEST(KnownBug, the_first_is_filed_where_the_policy_says_so) {
  Tale tale;
  tale.policy.first = true;
  tale.seen("e1", "ada");
  EXPECT_EQ(tale.take<FileReport>().size(), 1u);
}

TEST(KnownBug, the_same_event_again_has_no_effect) {
  Tale tale;
  tale.policy.first = true;
  tale.seen("e1", "ada");
  const auto before = to_json(tale.bug);
  tale.tasks.clear();
  tale.seen("e1", "bob");
  EXPECT_EQ(to_json(tale.bug), before);
  EXPECT_TRUE(tale.tasks.empty());
}

TEST(KnownBug, those_who_came_before_the_report_are_attached_when_it_is_there) {
  Tale tale;
  for (const auto* who : {"ada", "bob", "cyd", "dan"}) tale.seen(who, who, 100);
  EXPECT_TRUE(tale.take<AttachTo>().empty());
  tale.does(ReportFiled{1, Receipt("ENG-12", "https://t.example/ENG-12")});
  const auto attached = tale.take<AttachTo>();
  ASSERT_EQ(attached.size(), 4u);
  EXPECT_EQ(attached[0].customers, 4);
  EXPECT_EQ(attached[0].value, 400);
  tale.tasks.clear();
  tale.seen("e5", "eve");
  ASSERT_EQ(tale.take<AttachTo>().size(), 1u);
  EXPECT_EQ(in_words(tale.bug), "Known bug ENG-12: 5 customers since 2026-11-20, reported");
}

TEST(KnownBug, a_handoff_is_attached_when_its_ticket_is_there_and_once) {
  Tale tale = filed_bug();
  auto sighting = tale.sighting("e9", "zoe");
  sighting.awaits_ticket = true;
  tale.does(sighting);
  EXPECT_TRUE(tale.take<AttachTo>().empty());
  tale.does(TicketOpened{HandoffId("h-e9")});
  tale.does(TicketOpened{HandoffId("h-e9")});
  const auto attached = tale.take<AttachTo>();
  ASSERT_EQ(attached.size(), 1u);
  EXPECT_EQ(attached[0].link.handoff.text, "h-e9");
}

TEST(KnownBug, an_error_without_a_handoff_is_attached_only_for_a_new_customer) {
  Tale tale = filed_bug();
  for (const auto* where : {"c7", "c8"}) {
    auto sighting = tale.sighting(where, "zoe");
    sighting.handoff = HandoffId();
    sighting.conversation.text = where;
    tale.does(sighting);
  }
  EXPECT_EQ(tale.take<AttachTo>().size(), 1u);
}

TEST(KnownBug, its_priority_is_raised_at_thresholds_and_never_lowered) {
  Tale tale = filed_bug();
  tale.policy.raise = {{5, 0, Priority::high}, {0, 1000, Priority::urgent}};
  tale.seen("e4", "dan");
  EXPECT_TRUE(tale.take<RaisePriority>().empty());
  tale.seen("e5", "eve");
  tale.seen("e6", "fay");
  auto raised = tale.take<RaisePriority>();
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].to, Priority::high);
  EXPECT_EQ(raised[0].why, "5 customers have met it");
  tale.tasks.clear();
  tale.seen("e7", "gus", 2000);
  raised = tale.take<RaisePriority>();
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].to, Priority::urgent);
}

TEST(KnownBug, a_second_receipt_or_one_of_another_generation_is_not_taken) {
  Tale tale = filed_bug();
  tale.does(ReportFiled{1, Receipt("ENG-99")});
  tale.does(ReportFiled{2, Receipt("ENG-98")});
  EXPECT_EQ(tale.bug.issue->object_id, "ENG-12");
}

TEST(KnownBug, when_it_is_done_every_ticket_gets_a_note_and_every_open_conversation_one_message) {
  Tale tale = filed_bug();
  for (const auto* one : {"h-e1", "h-e2", "h-e3"}) tale.does(TicketOpened{HandoffId(one)});
  tale.does(ConversationEnded{HandoffId("h-e2"), {}});
  auto again = tale.sighting("e4", "ada");
  again.conversation.text = "c-e1";  // a second handoff of one conversation
  tale.does(again);
  tale.tasks.clear();
  tale.does(IssueChanged{IssueChanged::To::fixed});
  EXPECT_EQ(tale.take<TellTicket>().size(), 3u);
  EXPECT_EQ(tale.take<TellTicket>()[0].text, "The bug report https://t.example/ENG-12 is done.");
  std::vector<std::string> told;
  for (const auto& one : tale.take<TellCustomer>()) told.push_back(one.conversation.text);
  EXPECT_EQ(told, (std::vector<std::string>{"c-e1", "c-e3"}));
  tale.tasks.clear();
  tale.does(IssueChanged{IssueChanged::To::fixed});
  EXPECT_TRUE(tale.tasks.empty());
  EXPECT_EQ(as_context(tale.bug)["status"], "fixed");
}

TEST(KnownBug, closed_without_a_fix_nobody_is_told_that_it_is_fixed) {
  Tale tale = filed_bug();
  tale.does(TicketOpened{HandoffId("h-e1")});
  tale.tasks.clear();
  tale.does(IssueChanged{IssueChanged::To::declined});
  EXPECT_EQ(tale.take<TellTicket>().size(), 1u);
  EXPECT_TRUE(tale.take<TellCustomer>().empty());
  EXPECT_EQ(tale.bug.state, BugState::filed);
  EXPECT_EQ(as_context(tale.bug)["status"], "closed without a fix");
}

TEST(KnownBug, a_planned_fix_stands_in_the_brief) {
  Tale tale = filed_bug();
  tale.seen("e4", "dan");
  tale.does(IssueChanged{IssueChanged::To::planned});
  EXPECT_EQ(in_words(tale.bug), "Known bug ENG-12: 4 customers since 2026-11-20, fix planned");
  const json expected = {
      {"id", "ENG-12"}, {"status", "fix planned"}, {"customers", 4}, {"url", "https://t.example/ENG-12"}};
  EXPECT_EQ(as_context(tale.bug), expected);
  EXPECT_EQ(in_words(Tale().bug), "");
  EXPECT_TRUE(as_context(Tale().bug).is_null());
}

TEST(KnownBug, met_again_after_the_fix_has_settled_it_is_filed_anew) {
  Tale tale = filed_bug();
  tale.does(TicketOpened{HandoffId("h-e1")});
  tale.does(IssueChanged{IssueChanged::To::fixed});
  tale.tasks.clear();
  tale.now += 30min;
  tale.seen("e4", "dan");
  EXPECT_EQ(tale.bug.state, BugState::fixed);
  EXPECT_TRUE(tale.tasks.empty());
  tale.now += 31min;
  tale.seen("e5", "eve");
  EXPECT_EQ(tale.bug.state, BugState::regressed);
  EXPECT_EQ(tale.bug.generation, 2);
  ASSERT_EQ(tale.take<FileReport>().size(), 1u);
  EXPECT_EQ(tale.take<FileReport>()[0].generation, 2);
  ASSERT_EQ(tale.take<TellTicket>().size(), 1u);
  tale.tasks.clear();
  tale.does(ReportFiled{2, Receipt("ENG-20")});
  EXPECT_EQ(tale.take<AttachTo>().size(), 2u);  // dan and eve; the others were told
  EXPECT_EQ(as_context(tale.bug)["status"], "came back after a fix");
}

TEST(KnownBug, reopened_by_its_engineers_it_keeps_its_generation_and_the_tickets_hear_of_it) {
  Tale tale = filed_bug();
  tale.does(TicketOpened{HandoffId("h-e1")});
  tale.does(IssueChanged{IssueChanged::To::fixed});
  tale.tasks.clear();
  tale.does(IssueChanged{IssueChanged::To::reopened});
  EXPECT_EQ(tale.bug.state, BugState::filed);
  EXPECT_EQ(tale.bug.generation, 1);
  ASSERT_EQ(tale.take<TellTicket>().size(), 1u);
  EXPECT_EQ(tale.take<TellTicket>()[0].text, "The bug report https://t.example/ENG-12 is open again.");
  tale.tasks.clear();
  tale.does(IssueChanged{IssueChanged::To::fixed});
  EXPECT_EQ(tale.take<TellCustomer>().size(), 3u);
}

TEST(KnownBug, a_change_of_an_issue_that_is_not_there_is_nothing) {
  Tale tale;
  tale.seen("e1", "ada");
  tale.tasks.clear();
  tale.does(IssueChanged{IssueChanged::To::fixed});
  tale.does(ReportFiled{1, Receipt("ENG-1")});
  EXPECT_EQ(tale.bug.state, BugState::watching);
  EXPECT_FALSE(tale.bug.issue);
  EXPECT_TRUE(tale.tasks.empty());
}

TEST(KnownBug, it_remembers_so_many_and_counts_the_rest) {
  Tale tale = filed_bug();
  for (std::size_t i = 0; i < 2 * kMaxBugLinks; ++i) {
    const auto id = "many" + std::to_string(i);
    auto sighting = tale.sighting(id, id);
    sighting.awaits_ticket = true;
    tale.does(sighting);
  }
  EXPECT_EQ(tale.bug.customers.size(), kMaxBugCustomers);
  EXPECT_EQ(tale.bug.customers_forgotten, 503);
  EXPECT_EQ(tale.bug.links.size(), kMaxBugLinks);
  EXPECT_EQ(tale.bug.links_forgotten, 503);
  EXPECT_EQ(tale.bug.events.size(), kMaxBugEvents);
  EXPECT_EQ(tale.bug.occurrences, 1003);
  EXPECT_TRUE(in_words(tale.bug).starts_with("Known bug ENG-12: more than 500 customers"));
  tale.tasks.clear();
  tale.does(TicketOpened{HandoffId("h-many999")});  // forgotten, but the issue hears of it
  EXPECT_EQ(tale.take<AttachTo>().size(), 1u);
  tale.does(IssueChanged{IssueChanged::To::fixed});
  ASSERT_EQ(tale.take<TellForgotten>().size(), 1u);
  EXPECT_EQ(tale.take<TellForgotten>()[0].links, 503);
  EXPECT_LT(to_json(tale.bug).dump().size(), 256u * 1024);
}

TEST(KnownBug, its_record_comes_back_as_it_was) {
  Tale tale = filed_bug();
  tale.seen("e4", "dan", 1500.5);
  tale.does(IssueChanged{IssueChanged::To::planned});
  const auto record = json::parse(to_json(tale.bug).dump());
  const auto back = read_known_bug(record);
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(tale.bug));
  EXPECT_EQ(back->parts, tale.bug.parts);
}

TEST(KnownBug, a_damaged_record_has_defaults_and_one_without_a_key_is_none) {
  const json good = to_json(filed_bug().bug);
  for (const json& wrong : std::vector<json>{json(), json(-7), json("x"), json::array({1, nullptr}),
                                             json::object(), json(1e300)}) {
    for (const auto& member : good.items()) {
      auto broken = good;
      broken[member.key()] = wrong;
      const auto back = read_known_bug(broken);
      EXPECT_EQ(back.has_value(), member.key() != "key" || wrong == "x") << member.key() << " " << wrong;
      if (back) EXPECT_EQ(to_json(*again(*back)), to_json(*back));
    }
  }
  const json newer = {{"key", "k"}, {"state", "vanished"}, {"colour", "blue"}};
  EXPECT_EQ(read_known_bug(newer)->state, BugState::watching);
}

}  // namespace
}  // namespace baton::handoff
