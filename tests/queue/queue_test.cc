// Purpose: the queue's rules one by one, as tables a person can read.
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/handoff/queue.h"
#include "tests/queue/instant.h"

namespace baton::handoff {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const auto kFriday = at("2026-11-20T12:00:00Z");  // a Friday

Member member(std::string id, std::int64_t capacity = 2, std::vector<std::string> skills = {}) {
  Member made;
  made.id = made.name = std::move(id);
  made.capacity = capacity;
  made.skills = std::move(skills);
  return made;
}

Team team(std::string name, std::vector<Member> members, std::string overflow = "") {
  Team made;
  made.name = std::move(name);
  made.members = std::move(members);
  made.overflow = std::move(overflow);
  made.overflow_after = 5min;
  return made;
}

Teams teams(std::vector<Team> all) {
  Teams made;
  for (auto& one : all) made.emplace(one.name, one);
  return made;
}

Waiting waiting(std::string id, Duration waited = 0min, Priority priority = Priority::normal) {
  Waiting made;
  made.id = std::move(id);
  made.team = "a";
  made.priority = priority;
  made.since = kFriday - waited;
  return made;
}

// "h1 to ana"
std::vector<std::string> shown(const Selection& choice) {
  std::vector<std::string> lines;
  for (const auto& offer : choice.offers) {
    lines.push_back(offer.handoff + " to " + offer.member + (offer.above_capacity ? " above" : ""));
  }
  return lines;
}

std::optional<Held> held(const Selection& choice) { return choice.places.at(0).held; }

Calendar office() {
  Hours hours;
  hours.zone = "Europe/Berlin";
  for (int day = 0; day < 5; ++day) hours.weekdays[static_cast<std::size_t>(day)] = {{9h, 17h}};
  return Calendar(hours);
}

TEST(Queue, expertise_stands_before_rotation_and_load) {
  const auto all = teams({team("a", {member("ana"), member("ben", 2, {"refunds"})})});
  auto one = waiting("h1");
  one.skill = "refunds";
  const auto choice = choose(std::vector{one}, {{"ben", {Presence::available, 1, kFriday}}}, all, kFriday);
  EXPECT_THAT(shown(choice), ElementsAre("h1 to ben"));
  EXPECT_EQ(choice.offers.at(0).reason, "team a, has the skill refunds, holds 1 of 2");
}

TEST(Queue, waits_for_the_expert_and_then_takes_the_next_best) {
  const auto all = teams({team("a", {member("ana"), member("ben", 1, {"refunds"})})});
  auto one = waiting("h1", 4min);
  one.skill = "refunds";
  const Desks full{{"ben", {Presence::available, 1, {}}}};
  EXPECT_EQ(held(choose(std::vector{one}, full, all, kFriday)), Held::full);
  EXPECT_EQ(next_change(std::vector{one}, all, kFriday), kFriday + 1min);
  const auto later = choose(std::vector{one}, full, all, kFriday + 1min);
  EXPECT_THAT(shown(later), ElementsAre("h1 to ana"));
  EXPECT_THAT(later.offers.at(0).missing, ElementsAre("skill refunds"));
}

TEST(Queue, a_skill_that_nobody_has_is_waited_for_by_nobody) {
  auto one = waiting("h1");
  one.skill = "alchemy";
  EXPECT_THAT(shown(choose(std::vector{one}, {}, teams({team("a", {member("ana")})}), kFriday)),
              ElementsAre("h1 to ana"));
}

TEST(Queue, who_declined_is_never_asked_again_and_nobody_waits_for_their_skill) {
  const auto all = teams({team("a", {member("ana"), member("ben", 2, {"refunds"})})});
  auto one = waiting("h1", 4min);
  one.skill = "refunds";
  one.declined = {"ben"};
  EXPECT_THAT(shown(choose(std::vector{one}, {}, all, kFriday)), ElementsAre("h1 to ana"));
  one.passed = {"ana"};
  EXPECT_THAT(shown(choose(std::vector{one}, {}, all, kFriday)), ElementsAre("h1 to ana"))
      << "who only let it pass is asked again before who declined";
  one.declined = {"ana", "ben"};
  const auto nobody = choose(std::vector{one}, {}, all, kFriday);
  EXPECT_THAT(shown(nobody), IsEmpty());
  EXPECT_EQ(held(nobody), Held::declined);
  one.declined = {"ben"};
  EXPECT_EQ(held(choose(std::vector{one}, {{"ana", {Presence::away, 0, {}}}}, all, kFriday)), Held::away);
}

TEST(Queue, where_all_declined_the_next_team_is_asked_in_its_time) {
  const auto all = teams({team("a", {member("ana")}, "b"), team("b", {member("cleo")})});
  auto one = waiting("h1", 4min);
  one.declined = {"ana"};
  EXPECT_EQ(held(choose(std::vector{one}, {}, all, kFriday)), Held::declined);
  EXPECT_THAT(shown(choose(std::vector{one}, {}, all, kFriday + 1min)), ElementsAre("h1 to cleo"));
}

TEST(Queue, the_least_loaded_for_their_capacity_comes_first) {
  const auto all = teams({team("a", {member("ana", 2), member("ben", 6)})});
  const Desks desks{{"ana", {Presence::available, 1, {}}}, {"ben", {Presence::available, 2, {}}}};
  EXPECT_THAT(shown(choose(std::vector{waiting("h1")}, desks, all, kFriday)), ElementsAre("h1 to ben"));
}

TEST(Queue, among_equals_it_goes_round) {
  const auto all = teams({team("a", {member("ana"), member("ben"), member("cleo")})});
  const Desks desks{{"ana", {Presence::available, 0, kFriday - 1min}},
                    {"ben", {Presence::available, 0, kFriday - 3min}}};
  const std::vector three{waiting("h1", 3min), waiting("h2", 2min), waiting("h3", 1min), waiting("h4")};
  EXPECT_THAT(shown(choose(three, desks, all, kFriday)),
              ElementsAre("h1 to cleo", "h2 to ben", "h3 to ana", "h4 to ana"));
}

TEST(Queue, the_order_of_the_arguments_changes_nothing) {
  const auto all = teams({team("a", {member("ana", 1), member("ben", 1)})});
  const std::vector forth{waiting("h1"), waiting("h2"), waiting("h3")};
  const std::vector back{forth[2], forth[1], forth[0]};
  EXPECT_EQ(shown(choose(forth, {}, all, kFriday)), shown(choose(back, {}, all, kFriday)));
}

TEST(Queue, capacity_is_kept_and_only_urgent_exceeds_it_once) {
  const auto all = teams({team("a", {member("ana", 1)})});
  const Desks full{{"ana", {Presence::available, 1, {}}}};
  for (const auto priority : {Priority::low, Priority::normal, Priority::high}) {
    EXPECT_EQ(held(choose(std::vector{waiting("h1", 0min, priority)}, full, all, kFriday)), Held::full);
  }
  const std::vector urgent{waiting("h1", 1min, Priority::urgent), waiting("h2", 0min, Priority::urgent)};
  EXPECT_THAT(shown(choose(urgent, full, all, kFriday)), ElementsAre("h1 to ana above"));
  EXPECT_THAT(shown(choose(urgent, {{"ana", {Presence::available, 2, {}}}}, all, kFriday)), IsEmpty());
  EXPECT_THAT(shown(choose(urgent, {}, all, kFriday)), ElementsAre("h1 to ana", "h2 to ana above"));
}

TEST(Queue, urgent_goes_to_whoever_has_room_before_anybody_exceeds) {
  const auto all = teams({team("a", {member("ana", 1), member("ben", 5)})});
  const Desks desks{{"ana", {Presence::available, 1, {}}}, {"ben", {Presence::available, 4, {}}}};
  EXPECT_THAT(shown(choose(std::vector{waiting("h1", 0min, Priority::urgent)}, desks, all, kFriday)),
              ElementsAre("h1 to ben"));
}

TEST(Queue, busy_people_get_what_is_urgent_and_away_ones_nothing) {
  const auto all = teams({team("a", {member("ana")})});
  const std::vector normal{waiting("h1")}, urgent{waiting("h1", 0min, Priority::urgent)};
  const Desks busy{{"ana", {Presence::busy, 0, {}}}}, away{{"ana", {Presence::away, 0, {}}}};
  EXPECT_EQ(held(choose(normal, busy, all, kFriday)), Held::full);
  EXPECT_THAT(shown(choose(urgent, busy, all, kFriday)), ElementsAre("h1 to ana"));
  EXPECT_EQ(held(choose(urgent, away, all, kFriday)), Held::away);
}

TEST(Queue, sensitive_topics_go_only_to_those_who_may_see_them) {
  auto ana = member("ana"), ben = member("ben");
  ben.sensitive = {"fraud"};
  auto one = waiting("h1", 10h);
  one.sensitive = {"fraud"};
  EXPECT_THAT(shown(choose(std::vector{one}, {}, teams({team("a", {ana, ben})}), kFriday)),
              ElementsAre("h1 to ben"));
  EXPECT_EQ(held(choose(std::vector{one}, {}, teams({team("a", {ana})}), kFriday)), Held::not_permitted);
}

TEST(Queue, a_senior_is_preferred_but_never_waited_for) {
  auto ana = member("ana"), zoe = member("zoe", 1);
  zoe.senior = true;
  auto one = waiting("h1");
  one.wants_senior = true;
  const auto all = teams({team("a", {ana, zoe})});
  EXPECT_THAT(shown(choose(std::vector{one}, {}, all, kFriday)), ElementsAre("h1 to zoe"));
  const auto without = choose(std::vector{one}, {{"zoe", {Presence::available, 1, {}}}}, all, kFriday);
  EXPECT_THAT(shown(without), ElementsAre("h1 to ana"));
  EXPECT_THAT(without.offers.at(0).missing, ElementsAre("senior"));
}

TEST(Queue, who_has_passed_is_asked_again_only_when_nobody_else_is_here) {
  const auto all = teams({team("a", {member("ana"), member("ben", 1)})});
  auto one = waiting("h1");
  one.passed = {"ana"};
  EXPECT_THAT(shown(choose(std::vector{one}, {}, all, kFriday)), ElementsAre("h1 to ben"));
  EXPECT_EQ(held(choose(std::vector{one}, {{"ben", {Presence::available, 1, {}}}}, all, kFriday)),
            Held::full);
  EXPECT_THAT(shown(choose(std::vector{one}, {{"ben", {Presence::away, 0, {}}}}, all, kFriday)),
              ElementsAre("h1 to ana"));
}

TEST(Queue, priority_value_and_frustration_are_head_starts) {
  auto rich = waiting("rich"), angry = waiting("angry", 1min);
  rich.value = 1;
  angry.frustration = 0.5;
  const std::vector all{waiting("low", 0min, Priority::low),
                        waiting("normal"),
                        rich,
                        angry,
                        waiting("high", 0min, Priority::high),
                        waiting("urgent", 0min, Priority::urgent),
                        waiting("patient", 46min, Priority::low)};
  std::vector<std::string> order;
  for (const auto& place : choose(all, {}, teams({team("a", {member("ana", 1)})}), kFriday).places) {
    order.push_back(place.handoff);
  }
  EXPECT_THAT(order, ElementsAre("patient", "urgent", "high", "rich", "angry", "normal", "low"));
}

TEST(Queue, no_head_start_is_larger_than_the_bound_whatever_the_numbers_are) {
  for (const double odd : {-1.0, 0.0, 1.0, 7.0, 1e300, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity()}) {
    auto one = waiting("h", 0min, Priority::urgent);
    one.value = one.frustration = odd;
    EXPECT_GE(head_start(one), 0min);
    EXPECT_LE(head_start(one), kMaxHeadStart);
  }
}

TEST(Queue, everyone_has_a_position_in_their_team) {
  const auto all = teams({team("a", {member("ana", 1)}), team("b", {member("ben", 1)})});
  auto other = waiting("b1", 9min);
  other.team = "b";
  const auto choice = choose(std::vector{waiting("a1", 3min), waiting("a2", 1min), other}, {}, all, kFriday);
  std::vector<std::string> lines;
  for (const auto& place : choice.places) {
    lines.push_back(place.handoff + " " + std::to_string(place.position) + "/" + std::to_string(place.of) +
                    (place.held ? " " + std::string(name(*place.held)) : ""));
  }
  EXPECT_THAT(lines, ElementsAre("b1 1/1", "a1 1/2", "a2 2/2 full"));
}

TEST(Queue, overflow_is_reached_after_its_wait_and_further_down_after_more) {
  const auto all = teams({team("a", {member("ana", 1)}, "b"), team("b", {member("ben", 1)}, "c"),
                          team("c", {member("cleo", 1)})});
  const std::vector one{waiting("h1")};
  Desks desks{{"ana", {Presence::available, 1, {}}}};
  EXPECT_EQ(held(choose(one, desks, all, kFriday + 5min - 1ms)), Held::full);
  EXPECT_EQ(next_change(one, all, kFriday), kFriday + 5min);
  const auto overflow = choose(one, desks, all, kFriday + 5min);
  EXPECT_THAT(shown(overflow), ElementsAre("h1 to ben"));
  EXPECT_EQ(overflow.offers.at(0).reason, "overflow from a, holds 0 of 1");
  desks["ben"] = {Presence::available, 1, {}};
  EXPECT_EQ(held(choose(one, desks, all, kFriday + 9min)), Held::full);
  EXPECT_THAT(shown(choose(one, desks, all, kFriday + 10min)), ElementsAre("h1 to cleo"));
}

struct OffHoursRow {
  OffHours behaviour;
  std::vector<std::string> offers;
};

TEST(Queue, off_hours_do_what_the_team_says) {
  const auto night = at("2026-11-21T22:00:00Z");  // Saturday, 11 pm in Berlin
  for (const auto& row : {OffHoursRow{OffHours::queue, {}}, OffHoursRow{OffHours::callback, {}},
                          OffHoursRow{OffHours::overflow, {"h1 to ben"}}}) {
    auto ana = member("ana");
    ana.calendar = office();
    auto home = team("a", {ana}, "b");
    home.off_hours = row.behaviour;
    auto one = waiting("h1");
    one.since = night - 1min;
    const auto all = teams({home, team("b", {member("ben")})});
    const auto choice = choose(std::vector{one}, {}, all, night);
    EXPECT_EQ(shown(choice), row.offers) << name(row.behaviour);
    EXPECT_EQ(choice.places.at(0).off_hours, row.behaviour);
    EXPECT_EQ(choice.places.at(0).opens_at, at("2026-11-23T08:00:00Z"));
    if (row.offers.empty()) EXPECT_EQ(held(choice), Held::off_hours);
  }
}

TEST(Queue, wakes_when_hours_begin_and_at_the_change_of_shifts) {
  auto early = member("early"), late = member("late");
  Hours hours;
  hours.zone = "Etc/UTC";
  hours.weekdays[4] = {{6h, 14h}};
  early.calendar = Calendar(hours);
  hours.weekdays[4] = {{13h, 22h}};
  late.calendar = Calendar(hours);
  const auto all = teams({team("a", {early, late})});
  const std::vector one{waiting("h1", 1h)};
  EXPECT_EQ(next_change(one, all, kFriday), kFriday + 1h);
  EXPECT_EQ(next_change(one, all, kFriday + 1h), kFriday + 2h);
  EXPECT_EQ(next_change({}, all, kFriday), std::nullopt) << "nobody waits: nothing to look at";
}

TEST(Queue, an_unknown_team_is_said_to_be_unknown) {
  EXPECT_EQ(held(choose(std::vector{waiting("h1")}, {}, {}, kFriday)), Held::no_team);
  EXPECT_EQ(next_change(std::vector{waiting("h1")}, {}, kFriday), std::nullopt);
}

TEST(Queue, presence_has_three_names) {
  EXPECT_EQ(presence_from("busy"), Presence::busy);
  EXPECT_EQ(presence_from("asleep"), std::nullopt);
}

}  // namespace
}  // namespace baton::handoff
