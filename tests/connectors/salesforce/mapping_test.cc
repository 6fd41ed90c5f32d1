#include "connectors/salesforce/wire.h"
#include "tests/support/mapping_cases.h"

namespace baton::salesforce {
namespace {

using nlohmann::json;

TEST(SalesforceMapping, its_cases_pass) { testing::run_mapping_cases("salesforce"); }

TEST(SalesforceMapping, its_case_is_one_that_the_connector_takes_whole_however_long_the_talk) {
  const auto mapping = testing::load_mapping("salesforce");
  json scope = {{"priority", "high"},
                {"brief", {{"headline", std::string(3000, 'x')}, {"who", std::string(9000, '&')}}}};
  for (int i = 0; i < 200; ++i) {
    scope["transcript"].push_back(
        {{"role", "customer"}, {"author", std::string(300, 'n')}, {"text", std::string(5000, 't')}});
  }
  const auto made = mapping.find("open_ticket")->render(scope, TimePoint{});
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_LE((*made)["Description"].get<std::string>().size(), 32'000u);
  EXPECT_TRUE(case_fields(*made, "Baton_Handoff_Id__c"));
}

}  // namespace
}  // namespace baton::salesforce
