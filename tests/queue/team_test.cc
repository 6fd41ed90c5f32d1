// Purpose: the section `teams`: what it accepts, and each mistake that would leave a customer waiting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/config/parse.h"
#include "gateway/handoff/team.h"

namespace baton::handoff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct ReadTeams {
  Teams teams;
  std::vector<std::string> messages;
};

ReadTeams read_all(const std::string& text) {
  auto parsed = config::parse(text, "f.yaml");
  const auto calendars = read_calendars(parsed.root["calendars"], parsed.problems);
  ReadTeams found;
  found.teams = read_teams(parsed.root["teams"], calendars, parsed.problems);
  for (const auto& problem : parsed.problems.list()) found.messages.push_back(problem.text());
  return found;
}

TEST(Team, the_short_form_gives_everyone_what_the_team_has) {
  const auto found = read_all(R"(
calendars:
  office: {zone: America/New_York, weekdays: {mon: "09:00-17:00"}}
teams:
  billing: {members: [ana@example.com, ben], skills: refunds, capacity: 4, hours: office, overflow: support}
  support: {members: cleo}
)");
  EXPECT_THAT(found.messages, IsEmpty());
  const auto& ana = found.teams.at("billing").members.at(0);
  EXPECT_EQ(ana.id, "ana@example.com");
  EXPECT_EQ(ana.email, "ana@example.com");
  EXPECT_THAT(ana.skills, ElementsAre("refunds"));
  EXPECT_EQ(ana.capacity, 4);
  EXPECT_EQ(ana.calendar.hours()->zone, "America/New_York");
  EXPECT_EQ(found.teams.at("billing").overflow_after, 5min);
  EXPECT_EQ(found.teams.at("support").members.at(0).capacity, std::nullopt);
  EXPECT_TRUE(found.teams.at("support").members.at(0).calendar.always_open());
}

TEST(Team, the_long_form_says_it_of_each_member) {
  const auto found = read_all(R"(
teams:
  billing:
    members:
      - ana
      - {id: ben, name: Ben Ito, skills: [disputes], languages: [de], sensitive: [fraud], senior: true,
         capacity: 2, email: ben@example.com, accounts: {slack: U02BEN, teams: ben@corp.example},
         hours: {zone: Asia/Tokyo, weekdays: {sat: "10:00-18:00"}}}
    skills: [refunds, disputes]
    categories: {refund: refunds, chargeback: disputes}
    off_hours: callback
)");
  EXPECT_THAT(found.messages, IsEmpty());
  const auto& team = found.teams.at("billing");
  const auto* ben = team.member("ben");
  ASSERT_TRUE(ben);
  EXPECT_EQ(ben->name, "Ben Ito");
  EXPECT_THAT(ben->skills, ElementsAre("disputes"));
  EXPECT_TRUE(ben->senior);
  EXPECT_EQ(ben->capacity, 2);
  EXPECT_EQ(ben->accounts.at("slack"), "U02BEN");
  EXPECT_EQ(ben->calendar.hours()->zone, "Asia/Tokyo");
  EXPECT_EQ(team.skill_for("chargeback"), "disputes");
  EXPECT_EQ(team.skill_for("weather"), "");
  EXPECT_EQ(team.off_hours, OffHours::callback);
  EXPECT_EQ(team.member("nobody"), nullptr);
}

struct Mistake {
  const char* what;
  const char* text;
  const char* message;
};

const Mistake kMistakes[] = {
    {"no members", "teams: {a: {}}",
     "f.yaml:1:12: teams.a.members: has nobody, so no handoff would ever be claimed: name at least one "
     "member, or "
     "take the team away"},
    {"an empty list of members", "teams: {a: {members: []}}", "teams.a.members: has nobody"},
    {"a skill that nobody has", "teams: {a: {skills: [refunds], members: [{id: x, skills: [refund]}]}}",
     "f.yaml:1:21: teams.a.skills: the skill `refunds` nobody of the team has, did you mean `refund`?; they "
     "have: "
     "refund"},
    {"a category that needs one", "teams: {a: {skills: [refunds], members: x, categories: {bug: tier2}}}",
     "teams.a.categories.bug: the skill `tier2` nobody of the team has; they have: refunds"},
    {"twice the same member", "teams: {a: {members: [x, {id: x}]}}",
     "teams.a.members: `x` stands here twice"},
    {"a member without id", "teams: {a: {members: [{name: X}]}}", "teams.a.members[0].id: is required"},
    {"a misspelt key", "teams: {a: {members: [{id: x, skils: [y]}]}}", "did you mean `skills`?"},
    {"hours that never open", "teams: {a: {members: x, hours: {zone: Etc/UTC, weekdays: {}}}}",
     "teams.a.hours.weekdays: never open"},
    {"an unknown calendar", "teams: {a: {members: x, hours: ofice}}", "unknown calendar `ofice`"},
    {"an unknown overflow", "teams: {abc: {members: x}, b: {members: x, overflow: abd}}",
     "teams.b.overflow: unknown team `abd`, did you mean `abc`?"},
    {"a circle", "teams: {a: {members: x, overflow: b}, b: {members: x, overflow: a}}",
     "teams.a.overflow: these teams overflow in a circle: a -> b -> a"},
    {"overflow to nowhere", "teams: {a: {members: x, off_hours: overflow}}", "needs a team to overflow into"},
    {"an unknown behaviour", "teams: {a: {members: x, off_hours: que}}",
     "`que` must be one of queue, overflow, callback"},
    {"a wait for nothing", "teams: {a: {members: x, overflow_after: 5m}}", "has no effect without the key"},
    {"an overflow into itself", "teams: {a: {members: x, overflow: a}, b: {members: x, overflow: a}}",
     "f.yaml:1:35: teams.a.overflow: these teams overflow in a circle: a -> a"},
    {"hours that are neither a name nor a map", "teams: {a: {members: x, hours: [y]}}",
     "must be the name of a calendar, or a map"},
    {"no capacity", "teams: {a: {members: [{id: x, capacity: 0}]}}", "must be a whole number from 1 to 1000"},
};

TEST(Team, every_mistake_is_one_problem_with_place_and_remedy) {
  for (const auto& mistake : kMistakes) {
    EXPECT_THAT(read_all(mistake.text).messages, ElementsAre(HasSubstr(mistake.message))) << mistake.what;
  }
}

TEST(Team, two_circles_are_two_problems_and_their_entrances_none) {
  EXPECT_EQ(
      read_all(
          "teams: {a: {members: x, overflow: b}, b: {members: x, overflow: a}, c: {members: x, overflow: d}, "
          "d: {members: x, overflow: c}, e: {members: x, overflow: a}}")
          .messages.size(),
      2u);
}

TEST(Team, the_overflow_chain_ends_even_in_a_circle) {
  const auto found = read_all("teams: {a: {members: x, overflow: b}, b: {members: x, overflow: a}}");
  EXPECT_EQ(overflow_chain(found.teams, "a").size(), 2u);
  EXPECT_TRUE(overflow_chain(found.teams, "zzz").empty());
}

TEST(Team, a_language_answers_its_dialects) {
  Member member;
  EXPECT_TRUE(speaks(member, "fr")) << "not known: any will do";
  member.languages = {"de", "en-GB"};
  for (const auto* yes : {"", "de", "DE", "de-AT", "en", "en-gb"}) EXPECT_TRUE(speaks(member, yes)) << yes;
  for (const auto* no : {"fr", "en-US", "d", "den"}) EXPECT_FALSE(speaks(member, no)) << no;
}

TEST(Team, is_open_while_one_of_them_works) {
  const auto found = read_all(R"(
teams:
  night:
    members:
      - {id: tokyo, hours: {zone: Asia/Tokyo, weekdays: {mon: "09:00-17:00"}}}
      - {id: berlin, hours: {zone: Europe/Berlin, weekdays: {mon: "09:00-17:00"}}}
)");
  const auto& team = found.teams.at("night");
  const auto at = [](std::string_view text) { return parse_rfc3339(text).value(); };
  EXPECT_TRUE(team.is_open(at("2026-11-23T00:30:00Z")));
  EXPECT_TRUE(team.is_open(at("2026-11-23T15:30:00Z")));
  EXPECT_FALSE(team.is_open(at("2026-11-23T16:30:00Z")));
  EXPECT_EQ(team.next_open(at("2026-11-23T16:30:00Z")), at("2026-11-30T00:00:00Z"));
}

}  // namespace
}  // namespace baton::handoff
