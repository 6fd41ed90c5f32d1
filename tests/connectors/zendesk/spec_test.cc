#include <gtest/gtest.h>

#include "connectors/zendesk/wire.h"
#include "tests/support/direct_session.h"
#include "tests/support/mapping_cases.h"
#include "tests/support/spec_schema.h"

namespace baton::zendesk {
namespace {

using nlohmann::json;

// Without the specification at hand the golden requests stand in.
TEST(ZendeskSpecification, bodies_fit_it) {
  constexpr auto kFile = "zendesk/support.used.openapi.json";
  const auto spec = testing::read_spec(kFile);
  if (!spec) GTEST_SKIP() << kFile << " is not at hand";
  const auto check = [&](const char* schema, const sdk::Write& write) {
    const auto body = json::parse(write.request().body);
    EXPECT_EQ(testing::violations(*spec, std::string("/components/schemas/") + schema, body), "") << body;
  };
  const json ticket = {{"subject", "[high] Refund"},
                       {"priority", "high"},
                       {"tags", {"baton"}},
                       {"requester", {{"name", "Ada"}, {"email", "ada@example.com"}}},
                       {"comment", {{"html_body", "<p>Brief</p>"}, {"public", false}}}};
  check("TicketCreateRequest", *create_ticket(ticket, "hof_1/zendesk/open_ticket/1", "k"));
  check("TicketUpdateRequest", *add_comment("5158", ticket["comment"], "hof_1/zendesk/add_note/1"));
  check("TicketUpdateRequest", *change_status("5158", nullptr, "solved", "hof_1/zendesk/set_status/1"));
  EXPECT_NE(
      testing::violations(*spec, "/components/schemas/TicketCreateRequest", {{"ticket", {{"subject", 1}}}}),
      "");
}

TEST(ZendeskMapping, its_cases_pass) { testing::run_mapping_cases("zendesk"); }

TEST(ZendeskMapping, of_a_long_conversation_the_newest_stand_in_the_note_and_the_whole_is_attached) {
  testing::expect_newest_beside_a_file("zendesk", 30);
}

}  // namespace
}  // namespace baton::zendesk
