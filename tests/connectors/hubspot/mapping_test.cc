#include <gtest/gtest.h>

#include "connectors/hubspot/wire.h"
#include "tests/support/mapping_cases.h"

namespace baton::hubspot {
namespace {

TEST(HubSpotMapping, its_cases_pass) { testing::run_mapping_cases("hubspot"); }

TEST(HubSpotMapping, its_ticket_is_one_that_the_connector_takes) {
  const auto mapping = testing::load_mapping("hubspot");
  const nlohmann::json scope = {{"priority", "high"}, {"brief", {{"headline", "x"}}}};
  const auto made = mapping.find("open_ticket")->render(scope, TimePoint{});
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_TRUE(ticket_properties(*made));
}

}  // namespace
}  // namespace baton::hubspot
