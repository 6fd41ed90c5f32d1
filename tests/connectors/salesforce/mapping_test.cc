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
  auto fields = case_fields(*made, "Baton_Handoff_Id__c");
  ASSERT_TRUE(fields);
  const auto whole = (*made)["Description"].get<std::string>();
  const auto earlier = add_conversation(*fields, *made, "hof_1/salesforce/open_ticket/1");
  const auto text = (*fields)["Description"].get<std::string>();
  EXPECT_LE(text.size(), 32'000u);
  EXPECT_TRUE(text.starts_with(whole)) << "the brief is not cut for the talk";
  EXPECT_NE(text.find(" of 200 messages"), std::string::npos);
  EXPECT_EQ(earlier.size(), 5u);
}

}  // namespace
}  // namespace baton::salesforce
