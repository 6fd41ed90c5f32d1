#include <gtest/gtest.h>

#include "connectors/freshdesk/wire.h"
#include "tests/support/mapping_cases.h"
#include "tests/support/spec_schema.h"

namespace baton::freshdesk {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

TEST(FreshdeskMapping, its_cases_pass) { testing::run_mapping_cases("freshdesk"); }

TEST(FreshdeskMapping, of_a_long_conversation_the_newest_stand_in_the_note_and_the_whole_is_attached) {
  EXPECT_TRUE(make_connector()->manifest().files);
  testing::expect_newest_beside_a_file("freshdesk", 30);
}

TEST(FreshdeskMapping, its_ticket_is_one_that_the_connector_takes) {
  const auto mapping = testing::load_mapping("freshdesk");
  const auto made = mapping.find("open_ticket")
                        ->render({{"priority", "high"}, {"brief", {{"headline", "x"}}}}, TimePoint{});
  ASSERT_TRUE(made) << made.error().detail;
  Mark mark;
  mark.field = "cf_baton_handoff_id";
  mark.id = "hof_1/freshdesk/open_ticket/1";
  EXPECT_TRUE(ticket_of(*made, mark));
  EXPECT_NE(brief_of(*made).find("<h3>x</h3>"), std::string::npos);
}

// The vendor publishes none: ours, written from its documentation.
TEST(FreshdeskSpecification, bodies_fit_it) {
  const auto spec = testing::read_spec("freshdesk/freshdesk.baton.openapi.json");
  if (!spec) GTEST_SKIP() << "this machine has no freshdesk/freshdesk.baton.openapi.json";
  const auto check = [&](const char* schema, const sdk::Write& write) {
    const auto body = json::parse(write.request().body);
    EXPECT_EQ(testing::violations(*spec, std::string("/components/schemas/") + schema, body), "") << body;
  };
  const auto connector = make_connector();
  const auto mapping = testing::load_mapping("freshdesk");
  Mark mark;
  mark.field = "cf_baton_handoff_id";
  mark.id = "hof_1/freshdesk/open_ticket/1";
  for (const auto& customer :
       {json{{"email", "ada@example.com"}, {"name", "Ada"}}, json{{"id", "crm-1"}}, json::object()}) {
    const auto made =
        mapping.find("open_ticket")->render({{"customer", customer}, {"priority", "urgent"}}, TimePoint{});
    ASSERT_TRUE(made);
    check("TicketCreate", create_ticket(*ticket_of(*made, mark)));
    mark.tag = "0199e5a1c2d37f00a1b2c3d4e5f60718";
    check("TicketCreate", create_ticket(*ticket_of(*made, mark)));
    mark.tag.clear();
  }
  check("NoteCreate", *add_note("141", "<p>x</p>", "hof_1/freshdesk/add_note/1"));
  check("TicketUpdate", *change_status("141", nullptr, "solved", testing::settings_for(*connector)));
  EXPECT_NE(testing::violations(*spec, "/components/schemas/TicketCreate", {{"subject", 1}}), "");
}

}  // namespace
}  // namespace baton::freshdesk
