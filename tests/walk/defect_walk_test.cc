// Purpose: three customers meet one bug: one report with all of them on it, and everybody hears when it is
// done; then the same with a crash at every point of the way. The tracker is given no fingerprint, so that
// whatever keeps the reports from being two is Baton's.
#include <cstdlib>

#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "gateway/handoff/known_bug.h"
#include "tests/walk/life.h"

namespace baton::walk {
namespace {

using nlohmann::json;

json errors() {
  const json error = {{"code", "PSP-502"}, {"component", "payments"}, {"message", "bad gateway"}};
  return json::array({error});
}

Event faulty(const std::string& n) {
  json data = {{"conversation", {{"id", "c" + n}}},
               {"customer", {{"name", "Ada"}, {"email", "ada" + n + "@example.com"}}},
               {"intent", {{"summary", "Cannot pay."}}},
               {"errors", errors()}};
  return Event(EventKey(WorkspaceId("main"), "chat", "e" + n), "handoff.requested",
               ConversationId("chat", "c" + n), Priority::normal, std::move(data));
}

// Only what the bug has to do with.
void only_bugs(Outside& outside) {
  outside.people = false;
  Route& to = outside.rules.at(0).to;
  to.context.clear();
  to.alerts.clear();
  to.record.reset();
  to.bugs = kTracker;
}

void live_with_bug(Outside& outside, int first) {
  for (const int crash_at : {first, CrashPoints::kNever}) {
    Life life(outside, crash_at);
    if (life.run()) return;
  }
  FAIL() << "the last life did not run to quiet";
}

std::vector<handoff::KnownBug> bugs_in(Outside& outside) {
  std::vector<handoff::KnownBug> all;
  for (const auto& [key, document] : outside.store.documents) {
    if (key.first == "defect") all.push_back(*handoff::read_known_bug(document.body));
  }
  return all;
}

std::size_t holding(const json& list, const char* key, const std::string& part) {
  std::size_t n = 0;
  for (const auto& one : list) n += JsonView(one).at_path(key).text().find(part) != std::string::npos;
  return n;
}

void expect_one_report_of_which_all_three_heard(Outside& outside) {
  const auto ledger = outside.ledger(kTracker);
  ASSERT_EQ(ledger["issues"].size(), 1u);
  EXPECT_EQ(ledger["attachments"].size(), 3u);
  EXPECT_EQ(ledger["comments"].size(), 3u);
  const auto bugs = bugs_in(outside);
  ASSERT_EQ(bugs.size(), 1u);
  EXPECT_EQ(bugs[0].customers.size(), 3u);
  EXPECT_EQ(bugs[0].occurrences, 3);
  EXPECT_EQ(name(bugs[0].state), "fixed");
  EXPECT_EQ(outside.ledger(kDesk)["tickets"].size(), 3u);
  EXPECT_EQ(holding(outside.ledger(kPlatform)["events"], "body.data.text", "is reported as fixed"), 3u);
  Life life(outside);
  for (const auto* id : {"hof_e1", "hof_e2", "hof_e3"}) {
    const auto record = *life.await(life.journal().load(HandoffId(id)));
    int notes = 0;
    for (const auto& job : record.jobs)
      notes += job.key.work == Work(Operation::add_note) &&
               job.subject["text"].get<std::string>().ends_with("is done.");
    EXPECT_EQ(notes, 1) << id;
  }
}

void prepare(Outside& outside) {
  only_bugs(outside);
  outside.engineers = true;
  outside.errors = errors();
  outside.also = {faulty("2"), faulty("3")};
}

int points_with_bug() {
  Outside outside;
  prepare(outside);
  Life life(outside);
  EXPECT_TRUE(life.run());
  return life.points();
}

TEST(DefectWalk, three_customers_make_one_report_and_all_hear_when_it_is_done) {
  Outside outside;
  prepare(outside);
  live_with_bug(outside, CrashPoints::kNever);
  expect_one_report_of_which_all_three_heard(outside);
}

// Every third point; tests/long.sh points takes all of them.
TEST(DefectWalk, a_crash_at_any_point_changes_nothing) {
  const int points = points_with_bug();
  const int step = std::getenv("BATON_ALL_POINTS") ? 1 : 3;
  EXPECT_GT(points, 60);
  for (int first = 0; first < points && !testing::Test::HasFailure(); first += step) {
    SCOPED_TRACE("crash at point " + std::to_string(first) + " of " + std::to_string(points));
    Outside outside;
    prepare(outside);
    live_with_bug(outside, first);
    expect_one_report_of_which_all_three_heard(outside);
  }
}

}  // namespace
}  // namespace baton::walk
