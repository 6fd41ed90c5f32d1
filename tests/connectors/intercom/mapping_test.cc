#include <gtest/gtest.h>

#include "connectors/sdk/connector.h"
#include "tests/support/mapping_cases.h"

namespace baton::intercom {
sdk::ConnectorPtr make_connector();

namespace {

TEST(IntercomMapping, its_cases_pass) { testing::run_mapping_cases("intercom"); }

TEST(IntercomMapping, of_a_long_conversation_the_newest_stand_in_the_note_and_the_whole_is_attached) {
  EXPECT_TRUE(make_connector()->manifest().files);
  nlohmann::json transcript = nlohmann::json::array();
  for (int i = 1; i <= 50; ++i)
    transcript.push_back({{"role", "customer"}, {"text", "word " + std::to_string(i) + "."}});
  const auto mapping = testing::load_mapping("intercom");
  const auto note = [&](bool attached) {
    const auto made =
        mapping.find("open_ticket")
            ->render({{"priority", "normal"}, {"transcript", transcript}, {"attached", attached}},
                     TimePoint{});
    EXPECT_TRUE(made);
    return made ? made->dump() : std::string();
  };
  EXPECT_NE(note(true).find("The newest 15 of 50 messages"), std::string::npos);
  EXPECT_NE(note(true).find("word 50."), std::string::npos);
  EXPECT_EQ(note(true).find("word 35."), std::string::npos);
  EXPECT_NE(note(false).find("word 1."), std::string::npos)
      << "where there is no file all of it stands there";
}

}  // namespace
}  // namespace baton::intercom
