#include <gtest/gtest.h>

#include "connectors/sdk/connector.h"
#include "tests/support/mapping_cases.h"

namespace baton::intercom {
sdk::ConnectorPtr make_connector();

namespace {

TEST(IntercomMapping, its_cases_pass) { testing::run_mapping_cases("intercom"); }

TEST(IntercomMapping, of_a_long_conversation_the_newest_stand_in_the_note_and_the_whole_is_attached) {
  EXPECT_TRUE(make_connector()->manifest().files);
  testing::expect_newest_beside_a_file("intercom", 15);
}

}  // namespace
}  // namespace baton::intercom
