// Purpose: working hours against the wall clock: days off, nights, and the two days a year on which a
// day is not 24 hours long, in both hemispheres.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/base/random.h"
#include "gateway/config/parse.h"
#include "gateway/handoff/calendar.h"
#include "tests/queue/instant.h"

namespace baton::handoff {
namespace {

std::string times_shown(std::optional<TimePoint> instant) { return instant ? to_rfc3339(*instant) : "never"; }

struct Read {
  Calendar calendar;
  std::vector<std::string> messages;
};

Read read(const std::string& text) {
  auto parsed = config::parse(text, "f.yaml");
  Read found;
  found.calendar = read_calendar(parsed.root, "calendars.c", parsed.problems);
  for (const auto& problem : parsed.problems.list()) found.messages.push_back(problem.text());
  return found;
}

Calendar hours(const std::string& text) {
  auto found = read(text);
  EXPECT_THAT(found.messages, testing::IsEmpty()) << text;
  return found.calendar;
}

struct Row {
  const char* what;
  const char* hours;
  const char* now;
  bool open;
  const char* next_open;
  const char* next_close;
};

const auto kOffice =
    "{zone: Europe/Berlin, weekdays: {mon: '09:00-17:00', fri: ['09:00-12:00', '13:00-17:00']}, "
    "holidays: [2026-11-23]}";
const auto kNight = "{zone: Europe/Berlin, weekdays: {fri: '20:00-24:00', sat: '00:00-06:00'}}";
const auto kSunday = "{zone: Europe/Berlin, weekdays: {sun: '02:30-06:00'}}";
const auto kGap = "{zone: Europe/Berlin, weekdays: {sun: '02:10-02:50', mon: '09:00-10:00'}}";
const auto kTwice = "{zone: Europe/Berlin, weekdays: {sun: '00:00-02:30'}}";
const auto kSydney = "{zone: Australia/Sydney, weekdays: {sun: '02:30-06:00'}}";
const auto kSantiago = "{zone: America/Santiago, weekdays: {sat: '22:00-24:00', sun: '00:00-08:00'}}";
const auto kLordHowe = "{zone: Australia/Lord_Howe, weekdays: {sun: '02:15-06:00'}}";
const auto kNewYork = "{zone: America/New_York, weekdays: {sun: '00:00-24:00'}}";

const Row kRows[] = {
    {"before hours", kOffice, "2026-11-20T07:59:59.999Z", false, "2026-11-20T08:00:00.000Z",
     "2026-11-20T07:59:59.999Z"},
    {"as they begin", kOffice, "2026-11-20T08:00:00Z", true, "2026-11-20T08:00:00.000Z",
     "2026-11-20T11:00:00.000Z"},
    {"at lunch", kOffice, "2026-11-20T11:00:00Z", false, "2026-11-20T12:00:00.000Z",
     "2026-11-20T11:00:00.000Z"},
    {"as they end, before a holiday", kOffice, "2026-11-20T16:00:00Z", false, "2026-11-27T08:00:00.000Z",
     "2026-11-20T16:00:00.000Z"},
    {"on the holiday", kOffice, "2026-11-23T10:00:00Z", false, "2026-11-27T08:00:00.000Z",
     "2026-11-23T10:00:00.000Z"},
    {"a night is one piece", kNight, "2026-11-20T21:00:00Z", true, "2026-11-20T21:00:00.000Z",
     "2026-11-21T05:00:00.000Z"},
    {"summer time, the same wall", kOffice, "2026-07-10T06:59:00Z", false, "2026-07-10T07:00:00.000Z",
     "2026-07-10T06:59:00.000Z"},
    // North, forward: 29 March 2026, 02:00 becomes 03:00 at 01:00Z.
    {"begins in the gap", kSunday, "2026-03-29T00:00:00Z", false, "2026-03-29T01:00:00.000Z",
     "2026-03-29T00:00:00.000Z"},
    {"the gap swallows it", kGap, "2026-03-29T00:30:00Z", false, "2026-03-30T07:00:00.000Z",
     "2026-03-29T00:30:00.000Z"},
    {"a day of 23 hours", kNewYork, "2026-03-08T05:00:00Z", true, "2026-03-08T05:00:00.000Z",
     "2026-03-09T04:00:00.000Z"},
    // North, back: 25 October 2026, 03:00 becomes 02:00 at 01:00Z; 02:30 comes at 00:30Z and at 01:30Z.
    {"begins at the first coming", kSunday, "2026-10-25T00:00:00Z", false, "2026-10-25T00:30:00.000Z",
     "2026-10-25T00:00:00.000Z"},
    {"goes on at the second coming", kSunday, "2026-10-25T01:10:00Z", true, "2026-10-25T01:10:00.000Z",
     "2026-10-25T05:00:00.000Z"},
    {"ends at the first coming", kTwice, "2026-10-25T00:29:59Z", true, "2026-10-25T00:29:59.000Z",
     "2026-10-25T00:30:00.000Z"},
    {"and does not come again", kTwice, "2026-10-25T01:10:00Z", false, "2026-10-31T23:00:00.000Z",
     "2026-10-25T01:10:00.000Z"},
    {"a day of 25 hours", kNewYork, "2026-11-01T04:00:00Z", true, "2026-11-01T04:00:00.000Z",
     "2026-11-02T05:00:00.000Z"},
    // South, forward: 4 October 2026, 02:00 becomes 03:00 at 16:00Z of the day before.
    {"south, in the gap", kSydney, "2026-10-03T15:00:00Z", false, "2026-10-03T16:00:00.000Z",
     "2026-10-03T15:00:00.000Z"},
    // South, back: 5 April 2026, 03:00 becomes 02:00 at 16:00Z of the day before.
    {"south, first coming", kSydney, "2026-04-04T15:00:00Z", false, "2026-04-04T15:30:00.000Z",
     "2026-04-04T15:00:00.000Z"},
    {"south, second coming", kSydney, "2026-04-04T16:10:00Z", true, "2026-04-04T16:10:00.000Z",
     "2026-04-04T20:00:00.000Z"},
    // Clocks that change at midnight: 6 September 2026 begins at 01:00; 4 April 2026 has 23:00 twice.
    {"no midnight", kSantiago, "2026-09-06T02:30:00Z", true, "2026-09-06T02:30:00.000Z",
     "2026-09-06T11:00:00.000Z"},
    {"an hour twice before midnight", kSantiago, "2026-04-05T02:30:00Z", true, "2026-04-05T02:30:00.000Z",
     "2026-04-05T12:00:00.000Z"},
    // Lord Howe moves by half an hour: 4 October 2026, 02:00 becomes 02:30 at 15:30Z of the day before.
    {"half an hour", kLordHowe, "2026-10-03T15:00:00Z", false, "2026-10-03T15:30:00.000Z",
     "2026-10-03T15:00:00.000Z"},
};

TEST(Calendar, opens_and_closes_as_the_wall_clock_says) {
  for (const auto& row : kRows) {
    const auto calendar = hours(row.hours);
    EXPECT_EQ(calendar.is_open(at(row.now)), row.open) << row.what;
    EXPECT_EQ(times_shown(calendar.next_open(at(row.now))), row.next_open) << row.what;
    EXPECT_EQ(times_shown(calendar.next_close(at(row.now))), row.next_close) << row.what;
  }
}

TEST(Calendar, without_hours_is_always_open) {
  const Calendar calendar;
  EXPECT_TRUE(calendar.is_open(at("2026-12-25T03:00:00Z")));
  EXPECT_EQ(calendar.next_close(at("2026-12-25T03:00:00Z")), std::nullopt);
  EXPECT_EQ(calendar.next_change(at("2026-12-25T03:00:00Z")), std::nullopt);
}

TEST(Calendar, round_the_clock_never_closes_but_for_a_holiday) {
  const std::string week =
      "weekdays: {mon: '00:00-24:00', tue: '00:00-24:00', wed: '00:00-24:00', "
      "thu: '00:00-24:00', fri: '00:00-24:00', sat: '00:00-24:00', sun: '00:00-24:00'}";
  EXPECT_EQ(times_shown(hours("{zone: Etc/UTC, " + week + "}").next_close(at("2026-11-20T12:00:00Z"))),
            "never");
  const auto holiday = hours("{zone: Etc/UTC, " + week + ", holidays: [2026-12-25]}");
  EXPECT_EQ(times_shown(holiday.next_close(at("2026-11-20T12:00:00Z"))), "2026-12-25T00:00:00.000Z");
  EXPECT_EQ(times_shown(holiday.next_open(at("2026-12-25T12:00:00Z"))), "2026-12-26T00:00:00.000Z");
}

TEST(Calendar, counts_what_is_open_between_two_instants) {
  const auto office = hours(kOffice);
  EXPECT_EQ(office.open_between(at("2026-11-20T07:00:00Z"), at("2026-11-21T07:00:00Z")), 7h);
  EXPECT_EQ(office.open_between(at("2026-11-20T10:30:00Z"), at("2026-11-20T12:15:00Z")), 45min);
  EXPECT_EQ(office.open_between(at("2026-11-20T12:00:00Z"), at("2026-11-20T12:00:00Z")), 0h);
  EXPECT_EQ(hours(kNewYork).open_between(at("2026-11-01T00:00:00Z"), at("2026-11-03T00:00:00Z")), 25h);
}

TEST(Calendar, the_hour_of_the_week_is_local) {
  EXPECT_EQ(hours(kOffice).hour_of_week(at("2026-11-22T23:00:00Z")), 0);
  EXPECT_EQ(hours(kOffice).hour_of_week(at("2026-11-22T22:59:59Z")), 167);
  EXPECT_EQ(hours(kOffice).hour_of_week(at("2026-07-10T07:00:00Z")), 4 * 24 + 9);
  EXPECT_EQ(Calendar().hour_of_week(at("2026-11-23T05:00:00Z")), 5);
}

// Each answer against the others, minute by minute around the changes of the clock.
TEST(Calendar, answers_agree_with_one_another) {
  Random random(20261121);
  for (const auto* text : {kOffice, kNight, kSunday, kGap, kTwice, kSydney, kSantiago, kLordHowe, kNewYork}) {
    const auto calendar = hours(text);
    for (int i = 0; i < 300; ++i) {
      const auto now = at("2026-01-01T00:00:00Z") + random.up_to(365 * 24h);
      const bool open = calendar.is_open(now);
      EXPECT_EQ(calendar.next_open(now) == now, open);
      EXPECT_EQ(calendar.next_close(now) == now, !open);
      const auto change = calendar.next_change(now).value();
      EXPECT_GT(change, now);
      EXPECT_NE(calendar.is_open(change), open) << text << " " << to_rfc3339(now);
      EXPECT_EQ(calendar.is_open(change - 1ms), open) << text << " " << to_rfc3339(now);
      EXPECT_EQ(calendar.open_between(now, change), open ? change - now : Duration{0});
    }
  }
}

TEST(Calendar, hours_that_never_open_are_a_problem) {
  EXPECT_THAT(
      read("{zone: Etc/UTC, weekdays: {}}").messages,
      testing::ElementsAre("f.yaml:1:27: calendars.c.weekdays: never open: give at least one day hours "
                           "such as mon: 09:00-17:00"));
  EXPECT_THAT(read("{zone: Etc/UTC, weekdays: {mon: []}}").messages, testing::SizeIs(1));
}

TEST(Calendar, every_mistake_is_named_once) {
  EXPECT_THAT(
      read("{zone: Berlin, weekdays: {mon: 9-17, tue: '17:00-09:00', wed: ['09:00-12:00', "
           "'11:00-13:00'], thr: '09:00-10:00'}, holidays: [2026-02-30], x: 1}")
          .messages,
      testing::ElementsAre(
          testing::HasSubstr("did you mean `Europe/Berlin`?"),
          testing::HasSubstr("`9-17` must be hours such as"), testing::HasSubstr("ends before it begins"),
          testing::HasSubstr("these hours overlap"), testing::HasSubstr("unknown key, did you mean `thu`?"),
          testing::HasSubstr("must be a date such as"), testing::HasSubstr("unknown key")));
}

TEST(Calendar, midnight_and_nonsense) {
  const auto problems = [](const std::string& span) {
    return read("{zone: Etc/UTC, weekdays: {mon: '09:00-17:00', sun: '" + span + "'}}").messages.size();
  };
  for (const auto* good : {"00:00-24:00", "00:00-00:01", "23:59-24:00", " 09:00 - 10:00 "})
    EXPECT_EQ(problems(good), 0u) << good;
  for (const auto* bad : {"", "9:00-10:00", "09:00", "09:00-09:00", "09:60-10:00", "09:00-24:01",
                          "09:00-10:00-11:00", "09.00-10.00", "0900-1000", "25:00-26:00", "-1:00-10:00"})
    EXPECT_EQ(problems(bad), 1u) << bad;
}

TEST(Calendar, dates_exist_or_are_refused) {
  for (const auto* bad : {"2027-02-29", "2026-13-01", "2026-1-1", "2026-12-25T00:00", "tomorrow", ""}) {
    const auto text =
        "{zone: Etc/UTC, weekdays: {mon: '09:00-17:00'}, holidays: ['" + std::string(bad) + "']}";
    EXPECT_EQ(read(text).messages.size(), 1u) << bad;
  }
}

}  // namespace
}  // namespace baton::handoff
