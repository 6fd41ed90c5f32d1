// The life of an alert's own case: who is told, in which order, and how often.
#include "gateway/handoff/alert_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/json_view.h"

namespace baton::handoff {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimePoint kNow{Duration{1'800'000'000'000}};

// A case that is fed with facts; what it asks for is written as "channel type".
class Case {
 public:
  explicit Case(std::vector<std::string> channels)
      : handoff_(HandoffId("hof_1"), WorkspaceId("main"), ConversationId(std::string(kAlertSource), "a"),
                 Priority::urgent, route(channels), kNow) {}

  std::vector<std::string> hears(const std::string& type, TimePoint at = kNow) {
    Event event(EventKey(WorkspaceId("main"), std::string(kAlertSource), type), type, handoff_.conversation,
                Priority::urgent, {{"key", "a"}});
    return feed(Fact(at, std::move(event)));
  }
  std::vector<std::string> time(TimePoint at) { return feed(Fact(at, Due{})); }
  std::vector<std::string> ended(const std::string& channel, JobState state, TimePoint at = kNow) {
    Job job(JobKey(handoff_.id, DestinationId(channel), Operation::notify), at);
    job.state = state;
    if (state == JobState::done) job.receipt = Receipt("m-1");
    return feed(Fact(at, std::move(job)));
  }
  const Handoff& handoff() const { return handoff_; }

 private:
  static Route route(const std::vector<std::string>& channels) {
    Route route;
    for (const auto& channel : channels) route.alerts.emplace_back(channel);
    return route;
  }

  std::vector<std::string> feed(Fact fact) {
    static const tell::Messages kNone;
    auto next = advance(std::move(handoff_), std::move(fact), Patience(), kNone);
    handoff_ = std::move(next.handoff);
    std::vector<std::string> asked;
    for (const auto& job : next.jobs)
      asked.push_back(job.key.lane.text + " " + JsonView(job.subject)["type"].text());
    return asked;
  }

  Handoff handoff_;
};

TEST(AlertCase, the_first_channel_is_told_and_hears_the_end) {
  Case alert({"pager", "mail"});
  EXPECT_THAT(alert.hears("alert.raised"), ElementsAre("pager alert.raised"));
  EXPECT_EQ(wake_at(alert.handoff()), kNow + kChannelPatience);
  EXPECT_THAT(alert.ended("pager", JobState::done), IsEmpty());
  EXPECT_EQ(wake_at(alert.handoff()), TimePoint::max());
  EXPECT_THAT(alert.hears("alert.repeated", kNow + 4h), ElementsAre("pager alert.repeated"));
  EXPECT_THAT(alert.hears("alert.resolved", kNow + 5h), ElementsAre("pager alert.resolved"));
  EXPECT_EQ(name(alert.handoff().state), "returned");
}

TEST(AlertCase, who_does_not_take_it_in_time_is_followed_by_the_next_and_no_further) {
  Case alert({"pager", "mail", "hook"});
  (void)alert.hears("alert.raised");
  EXPECT_THAT(alert.time(kNow + kChannelPatience - 1ms), IsEmpty());
  EXPECT_THAT(alert.time(kNow + kChannelPatience), ElementsAre("mail alert.raised"));
  EXPECT_THAT(alert.ended("mail", JobState::done, kNow + 61s), IsEmpty());
  EXPECT_THAT(alert.time(kNow + 1h), IsEmpty());
  EXPECT_THAT(alert.hears("alert.resolved", kNow + 2h),
              ElementsAre("mail alert.resolved", "pager alert.resolved"));
}

TEST(AlertCase, a_channel_that_refuses_it_is_not_waited_for) {
  Case alert({"pager", "mail"});
  (void)alert.hears("alert.raised");
  EXPECT_THAT(alert.ended("pager", JobState::dead), ElementsAre("mail alert.raised"));
  EXPECT_THAT(alert.ended("mail", JobState::dead), IsEmpty()) << "there is no further one";
  EXPECT_EQ(wake_at(alert.handoff()), TimePoint::max());
}

TEST(AlertCase, what_becomes_worse_must_be_taken_anew) {
  Case alert({"pager", "mail"});
  (void)alert.hears("alert.raised");
  (void)alert.ended("pager", JobState::done);
  EXPECT_THAT(alert.hears("alert.worse", kNow + 1h), ElementsAre("pager alert.worse"));
  EXPECT_THAT(alert.time(kNow + 1h + kChannelPatience), ElementsAre("mail alert.raised"))
      << "to whom it is new";
}

TEST(AlertCase, what_comes_after_the_end_changes_nothing) {
  Case alert({"pager"});
  (void)alert.hears("alert.raised");
  (void)alert.hears("alert.resolved");
  EXPECT_THAT(alert.hears("alert.worse"), IsEmpty());
  EXPECT_EQ(name(alert.handoff().state), "returned");
  EXPECT_EQ(alert.handoff().refused.size(), 1u);
  EXPECT_THAT(alert.ended("pager", JobState::dead), IsEmpty());
}

}  // namespace
}  // namespace baton::handoff
