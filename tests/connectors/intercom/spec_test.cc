// Every body that leaves is held against the vendor's own description (specs/intercom, version 2.16).
#include <gtest/gtest.h>

#include "connectors/intercom/wire.h"
#include "tests/support/direct_session.h"
#include "tests/support/spec_schema.h"

namespace baton::intercom {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kContact = "6762f11b1bb69f9f2193bba3";

// Without the specification at hand there is nothing to hold against.
TEST(IntercomSpecification, bodies_fit_it) {
  const auto spec = testing::read_spec("intercom/intercom-2.16.used.openapi.json");
  if (!spec) GTEST_SKIP() << "BATON_SPECS names no folder with the specification";
  const auto connector = make_connector();
  const auto settings = testing::settings_for(
      *connector, {{"admin_id", "991267696"}, {"ticket_type_id", "88"}, {"team_id", "5017691"}});
  const Api api(settings);
  const auto check = [&](const char* schema, const Request& request) {
    const auto body = json::parse(request.body);
    EXPECT_EQ(testing::violations(*spec, std::string("/components/schemas/") + schema, body), "") << body;
  };
  const auto here = Target::conversation("499");
  const Target ticket{true, "501"};
  const sdk::File file("transcript.txt", "text/plain", "Hello");
  check("create_conversation_request",
        start_conversation(api, kContact, "Refund", "hof_1/i/open_ticket/1").request());
  check("admin_reply_conversation_request",
        write_note(api, here, "<p>x</p>", "hof_1/i/add_note/1", &file).request());
  check("admin_reply_ticket_request", write_note(api, ticket, "<p>x</p>", "hof_1/i/add_note/1").request());
  check("admin_reply_conversation_request", write_comment(api, here, "<p>x</p>").request());
  check("assign_conversation_request", assign(api, "499", "team", "5017691").request());
  check("close_conversation_request", open_or_close(api, "499", false).request());
  check("open_conversation_request", open_or_close(api, "499", true).request());
  check("create_ticket_request",
        create_ticket(api, json::object(), kContact, settings, "hof_1/i/open_ticket/1").request());
  check("search_request", find_conversation(api, kContact, "hof_1", settings).find.request());
  check("search_request", find_ticket(api, kContact, "hof_1", settings).find.request());
  EXPECT_NE(testing::violations(*spec, "/components/schemas/close_conversation_request",
                                {{"message_type", "close"}}),
            "");
}

// What the connector makes itself on its way: the search for a contact, a new contact, a ticket's state.
TEST(IntercomSpecification, bodies_of_contacts_and_states_fit_it) {
  const auto spec = testing::read_spec("intercom/intercom-2.16.used.openapi.json");
  if (!spec) GTEST_SKIP() << "BATON_SPECS names no folder with the specification";
  const auto connector = make_connector();
  const auto settings = testing::settings_for(*connector, {{"admin_id", "991267696"}});
  testing::DirectSession session(*connector);
  session.expect("POST", "/contacts/search").replies(200, {{"data", json::array()}});
  session.expect("POST", "/contacts").replies(200, {{"type", "contact"}, {"id", kContact}});
  session.expect("POST", "/conversations").replies(200, {{"conversation_id", "499"}});
  const json customer = {{"email", "ada@example.com"}, {"name", "Ada"}};
  ASSERT_TRUE(session.attempt(
      Operation::open_ticket,
      sdk::Order("hof_1/i/open_ticket/1", "", {{"customer", customer}}, {}, json::object(), settings)));
  testing::DirectSession states(*connector);
  states.expect("GET", "/ticket_states")
      .replies(200, {{"data", json::array({{{"id", "9"}, {"category", "resolved"}}})}});
  states.expect("PUT", "/tickets/501").replies(200, {{"id", "501"}});
  ASSERT_TRUE(states.attempt(Operation::set_status,
                             sdk::Order("hof_1/i/set_status/1", "", nullptr, Receipt("ticket:501"),
                                        {{"status", "solved"}}, settings)));
  const auto check = [&](const char* schema, const Request& request) {
    const auto body = json::parse(request.body);
    EXPECT_EQ(testing::violations(*spec, std::string("/components/schemas/") + schema, body), "") << body;
  };
  check("contact_search_request", session.sent[0].request);
  check("create_contact_request", session.sent[1].request);
  check("update_ticket_request", states.sent[1].request);
}

}  // namespace
}  // namespace baton::intercom
