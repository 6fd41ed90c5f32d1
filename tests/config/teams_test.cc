#include "gateway/config/teams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/parse.h"

namespace baton::config {
namespace {

using namespace std::chrono_literals;

struct Read {
  Calendars calendars;
  Teams teams;
  std::vector<std::string> messages;
};

Read read(std::string_view text) {
  auto parsed = parse(text, "f.yaml");
  Read found;
  found.calendars = read_calendars(parsed.root["calendars"], parsed.problems);
  found.teams = read_teams(parsed.root["teams"], found.calendars, parsed.problems);
  for (const auto& problem : parsed.problems.list()) found.messages.push_back(problem.text());
  return found;
}

TEST(Teams, a_whole_team_is_read) {
  const auto found = read(R"(
calendars:
  office: {zone: America/New_York, weekdays: {mon: "09:00-17:00"}}
teams:
  billing:
    members: [ana, ben]
    skills: refunds
    capacity: 4
    hours:
      zone: Europe/Berlin
      weekdays: {tue: ["13:00-24:00", "08:30-12:00"]}
      holidays: [2028-02-29]
    overflow: support
  support: {hours: office}
  open: {}
)");
  EXPECT_THAT(found.messages, testing::IsEmpty());
  const auto& billing = found.teams.at("billing");
  EXPECT_THAT(billing.members, testing::ElementsAre("ana", "ben"));
  EXPECT_THAT(billing.skills, testing::ElementsAre("refunds"));
  EXPECT_EQ(billing.capacity, 4);
  EXPECT_EQ(billing.overflow, "support");
  EXPECT_EQ(billing.hours->zone, "Europe/Berlin");
  EXPECT_THAT(billing.hours->weekdays[1], testing::ElementsAre(Span{8h + 30min, 12h}, Span{13h, 24h}));
  EXPECT_TRUE(billing.hours->weekdays[0].empty());
  EXPECT_TRUE(billing.hours->holidays.contains(std::chrono::year{2028} / 2 / 29));
  EXPECT_EQ(found.teams.at("support").hours->zone, "America/New_York");
  EXPECT_FALSE(found.teams.at("open").hours);
  EXPECT_FALSE(found.teams.at("open").capacity);
}

TEST(Teams, hours_without_zone_or_weekdays_are_refused) {
  EXPECT_THAT(read("teams: {a: {hours: {}}}").messages,
              testing::ElementsAre(
                  "f.yaml:1:20: teams.a.hours.zone: is required",
                  "f.yaml:1:20: teams.a.hours.weekdays: is required; a day without hours is closed"));
  EXPECT_THAT(read("teams: {a: {hours: [x]}}").messages,
              testing::ElementsAre(testing::HasSubstr("must be the name of a calendar, or a map")));
}

TEST(Teams, a_team_that_overflows_into_itself_is_a_circle_reported_once) {
  EXPECT_THAT(
      read("teams: {a: {overflow: a}, b: {overflow: a}}").messages,
      testing::ElementsAre("f.yaml:1:23: teams.a.overflow: these teams overflow in a circle: a -> a"));
}

TEST(Teams, two_circles_are_two_problems_and_their_entrances_none) {
  EXPECT_EQ(read("teams: {a: {overflow: b}, b: {overflow: a}, c: {overflow: d}, d: {overflow: c}, "
                 "e: {overflow: a}}")
                .messages.size(),
            2u);
}

TEST(Hours, midnight_and_nonsense) {
  for (const auto* good : {"00:00-24:00", "00:00-00:01", "23:59-24:00", " 09:00 - 10:00 "}) {
    EXPECT_TRUE(read("calendars: {c: {zone: Etc/UTC, weekdays: {sun: '" + std::string(good) + "'}}}")
                    .messages.empty())
        << good;
  }
  for (const auto* bad : {"", "9:00-10:00", "09:00", "09:00-09:00", "09:60-10:00", "09:00-24:01",
                          "09:00-10:00-11:00", "09.00-10.00", "0900-1000", "25:00-26:00", "-1:00-10:00"}) {
    EXPECT_EQ(
        read("calendars: {c: {zone: Etc/UTC, weekdays: {sun: '" + std::string(bad) + "'}}}").messages.size(),
        1u)
        << bad;
  }
}

TEST(Hours, dates_exist_or_are_refused) {
  for (const auto* bad : {"2027-02-29", "2026-13-01", "2026-1-1", "2026-12-25T00:00", "tomorrow", ""}) {
    EXPECT_EQ(read("calendars: {c: {zone: Etc/UTC, weekdays: {}, holidays: ['" + std::string(bad) + "']}}")
                  .messages.size(),
              1u)
        << bad;
  }
}

}  // namespace
}  // namespace baton::config
