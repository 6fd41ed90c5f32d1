// Purpose: who may take a handoff, and who may read what it is about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/parse.h"
#include "gateway/handoff/permission.h"
#include "gateway/handoff/veil.h"
#include "gateway/handoff/waiting.h"
#include "gateway/model/codec.h"

namespace baton::handoff {
namespace {

using testing::HasSubstr;

Teams both_teams(const std::string& text) {
  auto parsed = config::parse("teams:" + text, "f.yaml");
  auto found = read_teams(parsed.root["teams"], Calendars(), parsed.problems);
  for (const auto& problem : parsed.problems.list()) ADD_FAILURE() << problem.text();
  return found;
}

const Teams& house() {
  static const auto& kHouse = *new Teams(both_teams(R"(
  billing:
    members:
      - {id: ana, accounts: {slack: U1}, email: ana@example.com, sensitive: [fraud], senior: true}
      - {id: ben, accounts: {slack: U2}}
    overflow: support
  support:
    members: [{id: cleo, accounts: {slack: U3}, sensitive: [fraud]}]
  sales:
    members: [{id: dan, accounts: {slack: U4}, email: dan@example.com}]
  mail:
    members: [eve@example.com]
)"));
  return kHouse;
}

Handoff about(const std::string& team, const std::string& intent) {
  Route route;
  route.team = team;
  Handoff handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "c1"), Priority::normal,
                  route, TimePoint());
  handoff.data = {{"intent", {{"name", intent}, {"category", "billing"}}}};
  return handoff;
}

// "" where they may.
std::string refused(const Handoff& handoff, const std::string& from, const std::string& who) {
  Signal signal(SignalKind::claimed, "s", "", who);
  signal.from = DestinationId(from);
  return why_not_take(handoff, signal, house()).value_or("");
}

TEST(Permission, a_team_and_those_it_overflows_into_may_take_it) {
  const auto refund = about("billing", "refund");
  for (const auto* who : {"U1", "U2", "U3"}) EXPECT_EQ(refused(refund, "slack", who), "") << who;
  EXPECT_EQ(refused(refund, "slack", "U4"), "It is for billing or support, and you are not a member there.");
  EXPECT_THAT(refused(refund, "slack", "U9"), HasSubstr("not a member"))
      << "members have accounts there, and this is none of them";
}

TEST(Permission, is_known_by_address_and_through_the_api_by_id) {
  const auto refund = about("billing", "refund");
  EXPECT_EQ(refused(refund, "", "ANA@example.com"), "");
  EXPECT_EQ(refused(refund, "", "ben"), "");
  EXPECT_THAT(refused(refund, "", "dan"), HasSubstr("It is for billing or support"));
  EXPECT_EQ(refused(refund, "", "page:stranger"), "") << "nobody knows who that is: the door decides";
}

TEST(Permission, where_nobody_has_an_account_whoever_comes_may_take_it_but_nothing_confidential) {
  EXPECT_EQ(refused(about("billing", "refund"), "desk", "4711"), "");
  EXPECT_EQ(refused(about("mail", "refund"), "slack", "U9"), "");
  EXPECT_EQ(refused(about("", "refund"), "slack", "U9"), "") << "no team at all";
  EXPECT_THAT(refused(about("billing", "fraud"), "desk", "4711"), HasSubstr("confidential"));
  EXPECT_THAT(refused(about("", "fraud"), "desk", "4711"), HasSubstr("confidential"));
}

TEST(Permission, sensitive_topics_are_for_those_who_may_see_them) {
  const auto fraud = about("billing", "Fraud");
  EXPECT_THAT(sensitive_topics(fraud, house()), testing::ElementsAre("fraud"));
  EXPECT_EQ(refused(fraud, "slack", "U1"), "");
  EXPECT_EQ(refused(fraud, "slack", "U3"), "");
  EXPECT_EQ(refused(fraud, "slack", "U2"), "It is confidential, and you are not among those who may see it.");
  EXPECT_EQ(refused(fraud, "", "page:ana"),
            "It is confidential: only members of billing or support who may "
            "see it take it.")
      << "a typed name proves nothing";
}

TEST(Permission, a_card_is_veiled_unless_everybody_who_reads_there_may_see_it) {
  const DestinationId slack("slack"), safe("safe"), phones("phones");
  EXPECT_FALSE(is_veiled(about("billing", "refund"), slack, house()));
  EXPECT_TRUE(is_veiled(about("billing", "fraud"), slack, house()));
  EXPECT_TRUE(is_veiled(about("billing", "fraud"), phones, house())) << "nobody is known there";
  const auto all = both_teams("\n  t: {members: [{id: a, accounts: {safe: 1}, sensitive: [fraud]}]}\n");
  EXPECT_FALSE(is_veiled(about("t", "fraud"), safe, all));
  EXPECT_EQ(veil(about("billing", "fraud")), "A confidential conversation for billing");
}

TEST(Permission, what_was_found_in_what_was_said_is_as_confidential_as_what_the_platform_says) {
  auto found = about("billing", "refund");
  found.topics = {"fraud", "what nobody is kept from"};
  EXPECT_THAT(sensitive_topics(found, house()), testing::ElementsAre("fraud"));
  EXPECT_THAT(refused(found, "slack", "U2"), HasSubstr("confidential"));
}

TEST(Permission, is_read_by_members_of_any_team_who_may_see_it_and_by_whoever_has_it) {
  auto fraud = about("billing", "fraud");
  for (const auto* who : {"ana", "Ana@example.com", "cleo"})
    EXPECT_TRUE(may_read(fraud, who, house())) << who;
  for (const auto* who : {"ben", "dan", "tok_1", "U1", ""})
    EXPECT_FALSE(may_read(fraud, who, house())) << who;
  for (const auto* who : {"ben", "tok_1", ""})
    EXPECT_TRUE(may_read(about("billing", "refund"), who, house()));
  fraud.owner = "tok_1";
  EXPECT_TRUE(may_read(fraud, "tok_1", house()));
  EXPECT_TRUE(may_read(fraud, "tok_1", Teams()));
}

TEST(Permission, a_veiled_handoff_says_how_it_stands_and_no_word_of_its_content) {
  auto fraud = about("billing", "fraud");
  fraud.data["customer"]["name"] = "Ada";
  fraud.state = State::claimed;
  fraud.owner_name = "Ana";
  fraud.ticket = Receipt("T-1", "https://desk.example/T-1");
  fraud.route.rule = "fraud of Ada";
  fraud.resolution = fraud.data_text = "Ada";
  fraud.follow_ups = fraud.blocked_notes = {"Ada"};
  fraud.bug = Receipt("Ada", "");
  fraud.defects.emplace_back().key = "Ada";
  fraud.errors_met = "Ada";
  fraud.topics = {"Ada"};
  fraud.context[DestinationId("crm")].reason = "Ada";
  fraud.feedback.emplace_back(TimePoint(), "ben", "too_late", "Ada");
  fraud.ratings.emplace_back(TimePoint(), 1, "stars", "", "Ada");
  fraud.refused.emplace_back(TimePoint(), "customer.chose: Ada", "the handoff is claimed");
  const auto written = encode(veiled(fraud));
  EXPECT_THAT(written, testing::Not(HasSubstr("Ada")));
  EXPECT_THAT(written, testing::Not(HasSubstr("fraud")));
  for (const auto* known : {"claimed", "Ana", "T-1", "too_late", "stars", "customer.chose"})
    EXPECT_THAT(written, HasSubstr(known));
  EXPECT_EQ(veiled_brief(fraud).headline, "A confidential conversation for billing");
}

TEST(Waiting, is_read_from_data_of_any_type) {
  auto handoff = about("billing", "fraud");
  for (const auto& data :
       {nlohmann::json(), nlohmann::json(5), nlohmann::json::array({1}),
        nlohmann::json{{"customer", 1}, {"intent", {{"name", 3}}}, {"sentiment", "bad"}}}) {
    handoff.data = data;
    const auto one = waiting_of(handoff, house());
    EXPECT_EQ(one.team, "billing");
    EXPECT_TRUE(one.sensitive.empty());
    EXPECT_EQ(one.value, 0);
  }
  handoff.data = {{"customer", {{"tier", "Enterprise"}}},
                  {"sentiment", {{"score", -0.9}}},
                  {"conversation", {{"language", "de"}}},
                  {"requested_skill", "what nobody has"}};
  const auto one = waiting_of(handoff, house());
  EXPECT_EQ(one.value, 1);
  EXPECT_TRUE(one.wants_senior);
  EXPECT_DOUBLE_EQ(one.frustration, 0.9);
  EXPECT_EQ(one.language, "de");
  EXPECT_EQ(one.skill, "") << "a skill that nobody has would keep everybody away";
}

}  // namespace
}  // namespace baton::handoff
