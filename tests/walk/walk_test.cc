// Purpose: walks one handoff through every station, and then dies at every point of the way.
#include <chrono>
#include <set>

#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "gateway/delivery/policy.h"
#include "gateway/handoff/replay.h"
#include "gateway/handoff/timeline.h"
#include "tests/walk/life.h"

namespace baton::walk {
namespace {

using nlohmann::json;
using Fault = simulation::Fault;

Job job_of(const Record& record, Operation operation) {
  for (const auto& job : record.jobs) {
    if (job.key.work == Work(operation)) return job;
  }
  ADD_FAILURE() << "no job " << name(operation);
  std::abort();
}

int count(const json& list, const char* key, const json& value) {
  int n = 0;
  for (const auto& item : list) n += item.value(key, json()) == value;
  return n;
}

json tickets(Outside& outside) { return outside.ledger(kDesk).value("tickets", json::array()); }
json cards(Outside& outside) { return outside.ledger(kChat).value("messages", json::array()); }
json events(Outside& outside) { return outside.ledger(kPlatform).value("events", json::array()); }

std::string told(const Record& record) {
  std::string text;
  for (const auto& moment : handoff::timeline(record.handoff, record.facts, record.jobs)) {
    text += std::to_string((moment.at - record.handoff.requested_at).count()) + " ms  " + moment.text + "\n";
  }
  return text;
}

void expect_one_of_each(Outside& outside) {
  Life life(outside);
  const auto record = life.record();
  SCOPED_TRACE(told(record));
  EXPECT_EQ(name(record.handoff.state), "returned");
  EXPECT_EQ(record.handoff.owner, "U0ANNA");
  EXPECT_EQ(tickets(outside).size(), 1u);
  EXPECT_EQ(cards(outside).size(), 1u);
  for (const auto* type : {"handoff.accepted", "handoff.claimed", "handoff.returned"}) {
    EXPECT_EQ(count(events(outside), "type", type), 1) << type;
  }
}

TEST(Walk, one_handoff_goes_from_request_to_return) {
  Outside outside;
  Life life(outside);
  ASSERT_TRUE(life.run());
  const auto record = life.record();
  SCOPED_TRACE(told(record));
  EXPECT_EQ(name(record.handoff.state), "returned");
  EXPECT_EQ(record.handoff.owner, "U0ANNA");
  // Ben was told who has it; that the ticket's assignee is Dana does not take it away from Anna.
  ASSERT_EQ(record.handoff.refused.size(), 2u);
  EXPECT_EQ(record.handoff.refused[0].what, "claimed by U0BEN");
  ASSERT_EQ(tickets(outside).size(), 1u);
  ASSERT_EQ(cards(outside).size(), 1u);
  EXPECT_NE(cards(outside)[0].dump().find("owner: U0ANNA"), std::string::npos);
  EXPECT_NE(cards(outside)[0].dump().find("acme.zendesk.com/agent"), std::string::npos);
  EXPECT_EQ(count(events(outside), "type", "handoff.returned"), 1);
  // An ordinary handoff, and three rows for what else happened: the second click, the answer to it, and
  // the assignment in the helpdesk.
  EXPECT_LE(outside.store.rows(record.handoff.id) - 3, 16);
}

TEST(Walk, a_lost_reply_makes_one_ticket) {
  Outside outside;
  outside.vendor(kDesk).inject(
      {.kind = Fault::Kind::lose_reply, .method = "POST", .prefix = "/api/v2/tickets"});
  Life life(outside);
  ASSERT_TRUE(life.run());
  EXPECT_EQ(tickets(outside).size(), 1u);
  EXPECT_EQ(job_of(life.record(), Operation::open_ticket).attempts, 2);  // the fault did hit
  EXPECT_EQ(name(life.record().handoff.state), "returned");
}

TEST(Walk, a_lost_reply_of_the_card_makes_one_card) {
  Outside outside;
  outside.vendor(kChat).inject({.kind = Fault::Kind::lose_reply, .prefix = "/chat.postMessage"});
  Life life(outside);
  ASSERT_TRUE(life.run());
  EXPECT_EQ(cards(outside).size(), 1u);
  EXPECT_GE(job_of(life.record(), Operation::post_alert).attempts, 2);  // the fault did hit
}

// Dies at point `first`, and again at `second` of the next life; the third life runs to quiet.
void live(Outside& outside, int first, int second = CrashPoints::kNever) {
  for (const int crash_at : {first, second, CrashPoints::kNever}) {
    Life life(outside, crash_at);
    if (life.run()) return;
  }
  FAIL() << "the last life did not run to quiet";
}

int points_of_a_walk(DeskLookup desk, bool people) {
  Outside outside(desk);
  outside.people = people;
  Life life(outside);
  EXPECT_TRUE(life.run());
  return life.points();
}

TEST(Walk, a_crash_at_any_point_changes_nothing) {
  const int points = points_of_a_walk(DeskLookup::as_it_is, true);
  EXPECT_GT(points, 60);
  for (int first = 0; first < points && !testing::Test::HasFailure(); ++first) {
    SCOPED_TRACE("crash at point " + std::to_string(first));
    Outside outside;
    live(outside, first);
    expect_one_of_each(outside);
  }
}

TEST(Walk, two_crashes_in_a_row_change_nothing) {
  const int points = points_of_a_walk(DeskLookup::as_it_is, true);
  for (int first = 0; first < points && !testing::Test::HasFailure(); first += 4) {
    for (int second = first % 7; second < points; second += 13) {
      SCOPED_TRACE("crashes at points " + std::to_string(first) + " and " + std::to_string(second));
      Outside outside;
      live(outside, first, second);
      expect_one_of_each(outside);
    }
  }
}

TEST(Walk, with_the_lookup_disabled_there_are_duplicates) {
  const int points = points_of_a_walk(DeskLookup::wrongly_repeatable, false);
  int duplicates = 0;
  for (int first = 0; first < points; ++first) {
    Outside outside(DeskLookup::wrongly_repeatable);
    outside.people = false;
    live(outside, first);
    duplicates += tickets(outside).size() > 1;
  }
  EXPECT_GT(duplicates, 0) << "the proof above could not fail";
}

TEST(Walk, without_any_lookup_a_person_is_asked) {
  Outside outside(DeskLookup::none);
  outside.people = false;
  outside.vendor(kDesk).inject(
      {.kind = Fault::Kind::lose_reply, .method = "POST", .prefix = "/api/v2/tickets"});
  Life life(outside);
  ASSERT_TRUE(life.run());
  SCOPED_TRACE(told(life.record()));
  EXPECT_EQ(tickets(outside).size(), 1u);
  const auto ticket = job_of(life.record(), Operation::open_ticket);
  EXPECT_EQ(name(ticket.state), "dead");
  EXPECT_TRUE(ticket.parked);
  EXPECT_EQ(cards(outside).size(), 1u);  // people hear of it all the same
}

TEST(Walk, backoff_lasts_76_hours_with_the_same_bytes_and_a_replay_finishes_it) {
  Outside outside;
  outside.people = false;
  outside.vendor(kDesk).inject({.kind = Fault::Kind::status,
                                .method = "POST",
                                .prefix = "/api/v2/tickets",
                                .times = -1,
                                .status = 503});
  Life life(outside);
  ASSERT_TRUE(life.run(100h));
  const auto dead = job_of(life.record(), Operation::open_ticket);
  ASSERT_EQ(name(dead.state), "dead");
  EXPECT_GE(*dead.ended_at - *dead.first_attempt, delivery::kSpan);
  // Nothing else waits there, so this one is the probe by which a recovery is noticed within a minute: at
  // most two a minute.
  EXPECT_GT(dead.attempts, 80);
  EXPECT_LT(dead.attempts, 2 * 76 * 60);

  outside.vendor(kDesk).clear();
  Batch replay;
  replay.replays.push_back(handoff::replayed(dead, life.clock().now()));
  ASSERT_TRUE(life.await(life.journal().commit(std::move(replay)))->done());
  ASSERT_TRUE(life.run());
  const auto record = life.record();
  const auto ticket = job_of(record, Operation::open_ticket);
  SCOPED_TRACE(told(record));
  EXPECT_EQ(ticket.generation, 1);
  EXPECT_EQ(ticket.steps[0].write, dead.steps[0].write);
  EXPECT_EQ(tickets(outside).size(), 1u);
  EXPECT_NE(cards(outside)[0].dump().find("acme.zendesk.com/agent"), std::string::npos);  // the link followed
}

TEST(Walk, a_rejected_ticket_is_rendered_anew_under_the_next_generation) {
  Outside outside;
  outside.people = false;
  outside.vendor(kDesk).inject(
      {.kind = Fault::Kind::status, .method = "POST", .prefix = "/api/v2/tickets", .status = 422});
  Life life(outside);
  ASSERT_TRUE(life.run());
  const auto dead = job_of(life.record(), Operation::open_ticket);
  ASSERT_EQ(name(dead.state), "dead");
  ASSERT_EQ(name(dead.steps[0].state), "undone");
  Batch replay;
  replay.replays.push_back(handoff::replayed(dead, life.clock().now()));
  ASSERT_TRUE(life.await(life.journal().commit(std::move(replay)))->done());
  ASSERT_TRUE(life.run());
  const auto ticket = job_of(life.record(), Operation::open_ticket);
  EXPECT_EQ(name(ticket.state), "done");
  EXPECT_EQ(ticket.generation, 2);
  EXPECT_EQ(ticket.steps[0].key, ticket.key.text() + ".g2");
  EXPECT_EQ(tickets(outside)[0].at("external_id"), ticket.key.text());
}

}  // namespace
}  // namespace baton::walk
