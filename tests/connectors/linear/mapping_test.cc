#include <gtest/gtest.h>

#include "connectors/linear/wire.h"
#include "tests/support/mapping_cases.h"

namespace baton::linear {
namespace {

using nlohmann::json;

TEST(LinearMapping, its_cases_pass) { testing::run_mapping_cases("linear"); }

TEST(LinearMapping, its_bug_is_one_that_the_connector_takes) {
  const auto mapping = testing::load_mapping("linear");
  const json scope = {
      {"priority", "urgent"},
      {"brief", {{"headline", "Checkout fails"}, {"went_wrong", "502 <b>twice</b>"}}},
      {"customer", {{"company", "Acme"}, {"email", "zoe@acme.example"}}},
      {"errors", json::array({{{"code", "PSP-502"}, {"component", "payments"}}})},
      {"transcript", json::array({{{"role", "customer"}, {"text", "@all [see](https://x)"}}})}};
  const auto made = mapping.find("file_bug")->render(scope, TimePoint{});
  ASSERT_TRUE(made) << made.error().detail;
  const auto report = read_report(*made, "hof_1/linear/file_bug/1");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->title, "Checkout fails");
  EXPECT_EQ(report->fields["priority"], 1);
  EXPECT_EQ(report->fingerprint.size(), 12u);
  EXPECT_NE(report->description.find("502 \\<b\\>twice"), std::string::npos) << report->description;
  EXPECT_EQ(report->description.find("acme.example"), std::string::npos);
  // Nothing stands below these in this handoff.
  EXPECT_EQ(report->description.find("## Steps"), std::string::npos);
  EXPECT_NE(report->description.find("## Conversation"), std::string::npos);
}

}  // namespace
}  // namespace baton::linear
