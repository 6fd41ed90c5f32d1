// Members of teams whom a destination does not know.
#include "gateway/app/people.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::app {
namespace {

handoff::Member member(const std::string& id, std::map<std::string, std::string, std::less<>> accounts) {
  handoff::Member made;
  made.id = id;
  made.email = id + "@acme.example";
  made.accounts = std::move(accounts);
  return made;
}

std::vector<handoff::Rule> to_slack() {
  handoff::Rule rule;
  rule.to.alerts = {DestinationId("slack")};
  return {rule};
}

TEST(People, who_is_known_by_an_address_alone_is_a_stranger_to_clicks) {
  handoff::Teams teams;
  teams["billing"].members = {member("ana", {{"slack", "U1"}}), member("ben", {})};
  teams["support"].members = {member("ben", {}), member("cleo", {{"desk", "7"}})};
  std::string all;
  for (const auto& [id, email] : strangers_at(teams, "slack")) all += id + " " + email + ";";
  EXPECT_EQ(all, "ben ben@acme.example;cleo cleo@acme.example;");
}

// Where nobody of a team has an account, everybody may take what is not sensitive.
TEST(People, are_told_apart_only_where_some_of_their_team_are_known) {
  handoff::Teams teams;
  teams["billing"].members = {member("ana", {{"slack", "U1"}}), member("ben", {})};
  teams["support"].members = {member("cleo", {}), member("dan", {})};
  teams["sales"].members = {member("eve", {{"slack", "U5"}})};
  const auto advice = advice_on_people(teams, to_slack());
  ASSERT_EQ(advice.size(), 1u);
  EXPECT_THAT(advice[0],
              testing::AllOf(testing::HasSubstr("teams.billing.members: ben of this team has no account"),
                             testing::HasSubstr("accounts: {slack: ...}"),
                             testing::HasSubstr("baton destinations test slack")));
  EXPECT_TRUE(advice_on_people(teams, {}).empty()) << "nobody claims where no card is";
}

}  // namespace
}  // namespace baton::app
