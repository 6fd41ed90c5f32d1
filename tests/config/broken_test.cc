#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/options.h"
#include "gateway/handoff/team.h"
#include "tests/config/broken_cases.h"

namespace baton::config {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(BATON_SOURCE_DIR) / "tests/config/broken";

std::vector<std::string> judge(const std::string& path) {
  Configuration configuration(load(path));
  const auto calendars =
      handoff::read_calendars(configuration.section("calendars"), configuration.problems());
  handoff::read_teams(configuration.section("teams"), calendars, configuration.problems());
  configuration.text("public_url");
  configuration.text("data_dir");
  configuration.done();
  std::vector<std::string> messages;
  for (const auto& problem : configuration.problems().list()) {
    messages.push_back(without_folder(problem.text(), kFolder));
  }
  return messages;
}

TEST(BrokenConfiguration, each_file_is_refused_with_exactly_its_messages) {
  std::size_t judged = 0;
  for (const auto& broken : broken_cases(kFolder)) {
    if (!broken.judge.empty()) continue;
    SCOPED_TRACE(broken.name);
    EXPECT_EQ(judge(broken.path), broken.expected);
    ++judged;
  }
  EXPECT_GE(judged, 20u);
}

}  // namespace
}  // namespace baton::config
