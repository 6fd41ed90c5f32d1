// The `alerts` section: every mistake at once, with what is allowed; and what is allowed and unwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/parse.h"
#include "gateway/health/alerts_options.h"

namespace baton::alerts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Known known() {
  Known known;
  known.destinations[DestinationId("desk")] = {Operation::open_ticket};
  known.destinations[DestinationId("cards")] = {Operation::post_alert, Operation::notify};
  known.destinations[DestinationId("pager")] = {Operation::notify};
  known.sources = {"shop-chat"};
  known.routed = {DestinationId("desk"), DestinationId("cards")};
  return known;
}

Options read(const std::string& text, std::vector<std::string>& problems) {
  const auto parsed = config::parse(text, "baton.yaml");
  Problems found;
  auto options = read_alerts(parsed.root, known(), found);
  for (const auto& problem : found.list()) problems.push_back(problem.text());
  return options;
}

TEST(AlertOptions, everything_has_a_default_and_can_be_said) {
  std::vector<std::string> problems;
  const auto options = read(
      "channels: [pager, cards]\nrepeat: 1h\nconsole: https://admin.example/\n"
      "runbooks: https://wiki.example/baton\nlimits: {objective: 0.999, oldest_pending: 5m}\n"
      "silence: {shop-chat: 2h}\nstuck: {waiting: 30m}\n",
      problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(options.channels, ElementsAre(DestinationId("pager"), DestinationId("cards")));
  EXPECT_EQ(options.pace.repeat, 1h);
  EXPECT_EQ(options.links.console, "https://admin.example");
  EXPECT_EQ(options.links.runbooks, "https://wiki.example/baton/");
  EXPECT_EQ(options.limits.objective, 0.999);
  EXPECT_EQ(options.silence.at("shop-chat"), 2h);
  EXPECT_EQ(options.stuck.at(State::waiting), 30min);
  EXPECT_EQ(options.stuck.at(State::resolved), 10min);
}

TEST(AlertOptions, every_mistake_is_named_at_once) {
  std::vector<std::string> problems;
  (void)read(
      "channels: [pagr, desk, pager, pager]\nrepeat: 10s\nconsole: admin\nlimits: {objektive: 1}\n"
      "silence: {shop: 2h}\nstuck: {returned: 1h}\n",
      problems);
  EXPECT_THAT(problems, testing::UnorderedElementsAre(
                            HasSubstr("did you mean `pager`"), HasSubstr("`desk` is no destination"),
                            HasSubstr("`pager` is named twice"), HasSubstr("at least 5m"),
                            HasSubstr("https://"), HasSubstr("did you mean `objective`"),
                            HasSubstr("alerts.silence"), HasSubstr("alerts.stuck")));
}

TEST(AlertOptions, alerts_that_travel_with_what_they_are_about_are_advised_against) {
  std::vector<std::string> problems;
  EXPECT_THAT(advice(read("channels: [pager, cards]", problems), known()), ElementsAre(HasSubstr("`cards`")));
  EXPECT_THAT(advice(read("channels: [pager]", problems), known()), ElementsAre(HasSubstr("only one")));
  EXPECT_THAT(advice(read("{}", problems), known()), ElementsAre(HasSubstr("is empty")));
  EXPECT_THAT(problems, IsEmpty());
}

}  // namespace
}  // namespace baton::alerts
