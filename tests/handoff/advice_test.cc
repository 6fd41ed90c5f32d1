// Purpose: what is allowed and still said: a platform that is no way back, a team half of which is unknown.
#include "gateway/handoff/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/parse.h"

namespace baton::handoff {
namespace {

using enum Operation;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const DestinationId kBot("bot"), kFull("full"), kMute("mute"), kEvents("events");
const Abilities kCan = {{kBot, {tell_customer, give_back}},
                        {kFull, {tell_customer, take_control, give_back, fetch_transcript}},
                        {kMute, {}},
                        {kEvents, {emit, notify}}};

Rule to_platform(const std::string& name, std::optional<DestinationId> platform) {
  Rule rule;
  rule.name = name;
  rule.at = {"baton.yaml", 9, 5};
  rule.to.tickets = DestinationId("desk");
  rule.to.platform = std::move(platform);
  return rule;
}

std::vector<PlatformInUse> source_of(const DestinationId& platform) {
  return {{"baton.yaml:3:5: sources.widget.platform", platform}};
}

TEST(Advice, a_platform_that_cannot_do_all_says_what_and_what_it_means_for_people) {
  EXPECT_THAT(advise_platforms(source_of(kBot), {to_platform("all", {})}, kCan),
              ElementsAre(AllOf(
                  StartsWith("baton.yaml:3:5: sources.widget.platform: `bot` cannot take_control (the AI is "
                             "not told to be silent"),
                  HasSubstr("fetch_transcript (people see only"), Not(HasSubstr("tell_customer")),
                  Not(HasSubstr("give_back (")))));
  EXPECT_THAT(advise_platforms(source_of(kFull), {}, kCan), IsEmpty());
  EXPECT_THAT(advise_platforms(source_of(kEvents), {}, kCan), IsEmpty())
      << "it does with events what it wants";
  EXPECT_THAT(advise_platforms(source_of(DestinationId("new")), {}, kCan), IsEmpty())
      << "nothing is known of it";
}

TEST(Advice, a_source_without_a_way_back_says_so) {
  EXPECT_THAT(advise_platforms(source_of(kMute), {to_platform("all", {})}, kCan),
              ElementsAre(AllOf(
                  HasSubstr("`mute` is no way back: nothing that people say or do reaches the customer"),
                  HasSubstr("Name another `platform`"))));
  EXPECT_THAT(advise_platforms(source_of(kMute), {to_platform("all", kEvents)}, kCan), IsEmpty())
      << "no route leaves the way back to the source";
}

TEST(Advice, the_platform_of_a_route_is_told_once_with_every_place) {
  EXPECT_THAT(
      advise_platforms({}, {to_platform("a", kMute), to_platform("b", kMute), to_platform("c", kFull)}, kCan),
      ElementsAre(StartsWith("baton.yaml:9:5: routes.a.to.platform, baton.yaml:9:5: routes.b.to.platform: "
                             "`mute` is no way back")));
}

}  // namespace
}  // namespace baton::handoff
