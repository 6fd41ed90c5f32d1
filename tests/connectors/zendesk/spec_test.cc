#include <gtest/gtest.h>

#include "connectors/zendesk/wire.h"
#include "tests/support/direct_session.h"
#include "tests/support/spec_schema.h"

namespace baton::zendesk {
namespace {

using nlohmann::json;

// Without the specification at hand the golden requests stand in.
TEST(ZendeskSpecification, bodies_fit_it) {
  const auto spec = testing::read_spec("zendesk/support.used.openapi.json");
  if (!spec) return;
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

}  // namespace
}  // namespace baton::zendesk
