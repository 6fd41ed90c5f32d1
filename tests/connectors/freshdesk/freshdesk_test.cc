// What Baton writes into Freshdesk, and how it finds it again (fact sheet, sections 3, 4 and 6).
#include <gtest/gtest.h>

#include "connectors/freshdesk/wire.h"
#include "tests/support/direct_session.h"

namespace baton::freshdesk {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kExternalId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/freshdesk/open_ticket/1";
constexpr auto kNoteId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/freshdesk/add_note/3";
constexpr auto kTickets = "/api/v2/tickets";
constexpr auto kNotes = "/api/v2/tickets/141/notes";
constexpr auto kTalk = "/api/v2/tickets/141/conversations";
constexpr auto kSearch = "/api/v2/search/tickets";

const json kTicket = {{"subject", "[AI handoff] Refund not received"},
                      {"description", "<p>Handed over by the AI assistant.</p>"},
                      {"name", "Ada Byron"},
                      {"email", "ada+shop@example.com"},
                      {"status", 2},
                      {"priority", 3},
                      {"source", 7},
                      {"tags", {"baton", "ai_handoff"}}};
const json kDocument = {{"ticket", kTicket},
                        {"note", {{"body", "<h3>Brief</h3><p>Refund &lt;late&gt;</p>"}}}};
const json kCreated = {{"id", 141}, {"status", 2}, {"custom_fields", {{"cf_baton_handoff_id", kExternalId}}}};

json listed(long id, const char* external_id) {
  return {{"id", id}, {"tags", {"baton"}}, {"custom_fields", {{"cf_baton_handoff_id", external_id}}}};
}
json found_nothing() { return {{"total", 0}, {"results", json::array()}}; }
json refusal(const char* field, const char* code) {
  return {
      {"description", "Validation failed"},
      {"errors", {{{"field", field}, {"message", "Unexpected/invalid field in request"}, {"code", code}}}}};
}

json no_contact(const std::string& field) {
  auto refused = refusal(field.c_str(), "invalid_value");
  refused["errors"][0]["message"] = "There is no contact matching the given " + field;
  return refused;
}

class Freshdesk : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"base_url", "https://acme.freshdesk.com"}});
  DirectSession session{*connector};

  sdk::Order order(const char* id, json document, Receipt target = {}, json subject = json::object()) {
    return sdk::Order(id, id, std::move(document), std::move(target), std::move(subject), settings);
  }
  sdk::Order create() { return order(kExternalId, kDocument); }
  sdk::Order bare() { return order(kExternalId, kTicket); }  // without a brief
  sdk::Order note() { return order(kNoteId, {{"body", "<p>Customer wrote again</p>"}}, Receipt("141")); }
  Mark mark() { return field_mark(create()); }

  FailureKind kind_of(const Request& request, bool writes, const Reply& reply) {
    const auto failure = connector->classify(sdk::Exchange(request, writes, reply, session.now));
    EXPECT_TRUE(failure.has_value());
    return failure ? failure->kind : FailureKind::retryable;
  }
};

TEST_F(Freshdesk, a_ticket_bears_our_id_and_its_brief_is_a_private_note) {
  session.expect("POST", kTickets).replies(201, kCreated);
  session.expect("POST", kNotes).replies(201, {{"id", 9001}, {"private", true}});
  const auto receipt = session.attempt(Operation::open_ticket, create());
  ASSERT_TRUE(receipt);
  EXPECT_EQ(*receipt, Receipt("141", "https://acme.freshdesk.com/a/tickets/141"));
  expect_golden(session.sent[0].request, "freshdesk/golden/open_ticket.json");
  expect_golden(session.sent[1].request, "freshdesk/golden/brief.json");
}

TEST_F(Freshdesk, nothing_of_the_brief_stands_where_the_customer_reads) {
  const auto ticket = ticket_of(kDocument, mark());
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->dump().find("Brief"), std::string::npos);
  EXPECT_FALSE(ticket->contains("note"));
}

TEST_F(Freshdesk, a_ticket_always_has_a_requester_who_can_be_listed) {
  const auto requester = [&](json fields) {
    auto ticket = kTicket;
    for (const auto* key : {"email", "name"}) ticket.erase(key);
    ticket.update(fields);
    return *ticket_of(ticket, mark());
  };
  const auto nobody = requester(json::object());
  EXPECT_EQ(nobody["unique_external_id"], "hof_0199e5a1c2d37f00a1b2c3d4e5f60718");
  EXPECT_EQ(nobody["name"], "Visitor");
  const auto no_address = requester({{"email", "ada at home"}, {"name", "Ada"}});
  EXPECT_FALSE(no_address.contains("email"));
  EXPECT_EQ(no_address["name"], "Ada");
  EXPECT_EQ(requester({{"unique_external_id", "crm-1"}})["unique_external_id"], "crm-1");
  EXPECT_EQ(requester({{"email", "o'brien@acme.ie"}})["email"], "o'brien@acme.ie");
  EXPECT_NE(
      list_requested({{"email", "o'brien@acme.ie"}}).request().target.find("email=o%27brien%40acme.ie&"),
      std::string::npos);
  const json known = {{"ticket", {{"subject", "x"}, {"description", "x"}, {"email", "ada at home"}}},
                      {"customer_id", "crm-8841"}};
  EXPECT_EQ((*ticket_of(known, mark()))["unique_external_id"], "crm-8841");
  EXPECT_FALSE(ticket_of(known, mark())->contains("customer_id"));
  EXPECT_EQ(list_requested(requester({{"requester_id", 129}})).request().target,
            "/api/v2/tickets?requester_id=129&order_by=created_at&order_type=desc&per_page=100");
  EXPECT_NE(list_requested(kTicket).request().target.find("email=ada%2Bshop%40example.com"),
            std::string::npos);
}

TEST_F(Freshdesk, the_mapping_may_set_everything_but_our_id) {
  auto ticket = kTicket;
  ticket["custom_fields"] = {{"cf_plan", "pro"}, {"cf_baton_handoff_id", "mine"}};
  ticket["tags"] = "no list";
  const auto made = *ticket_of(ticket, mark());
  EXPECT_EQ(made["custom_fields"], (json{{"cf_plan", "pro"}, {"cf_baton_handoff_id", kExternalId}}));
  EXPECT_EQ(made["tags"], json::array({"baton"}));
  ticket["subject"] = std::string(400, 'x');
  EXPECT_LE((*ticket_of(ticket, mark()))["subject"].get<std::string>().size(), 255u);
}

// A comma parts two tags, and Freshdesk refuses the whole ticket for it.
TEST_F(Freshdesk, a_tag_is_a_short_word_whatever_a_category_is_called) {
  auto ticket = kTicket;
  ticket["tags"] = {"baton",
                    "intent_Billing, refunds & Co.",
                    "intent_R\u00fcckgabe",
                    2026,
                    " , ",
                    "VIP:gold",
                    "vip_gold",
                    std::string(30, 'x') + "\u00fc\u00fc",
                    nullptr};
  EXPECT_EQ((*ticket_of(ticket, mark()))["tags"],
            (json{"baton", "intent_billing_refunds_co", "intent_r\u00fcckgabe", "2026", "vip_gold",
                  std::string(30, 'x') + "\u00fc"}));
}

TEST_F(Freshdesk, a_document_that_is_no_ticket_is_rejected_without_a_request) {
  for (const auto& wrong :
       {json(nullptr), json("x"), json::array(), json::object(), json{{"ticket", {{"subject", "x"}}}}}) {
    const auto receipt = session.attempt(Operation::open_ticket, order(kExternalId, wrong));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, FailureKind::rejected);
  }
  EXPECT_FALSE(session.attempt(Operation::add_note, order(kNoteId, {{"body", "x"}})));  // no target
  EXPECT_FALSE(session.attempt(Operation::add_note, order(kNoteId, nullptr, Receipt("1"))));
  EXPECT_TRUE(session.sent.empty());
}

TEST_F(Freshdesk, a_lost_reply_is_looked_up_after_two_minutes_and_makes_no_second_ticket) {
  session.expect("POST", kTickets).loses_reply();
  session.expect("GET", kTickets)
      .replies(200, json::array({listed(142, "another"), listed(141, kExternalId)}));
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare()).error().kind, FailureKind::ambiguous);
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare()).error().not_before, session.now + 2min);
  session.now += 2min;
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare())->object_id, "141");
  EXPECT_EQ(session.count("POST", kTickets), 1);
  expect_golden(session.sent[1].request, "freshdesk/golden/list_requested.json");
}

TEST_F(Freshdesk, a_ticket_is_made_again_only_when_list_and_search_both_know_none) {
  session.expect("POST", kTickets).loses_reply();
  session.expect("GET", kTickets).replies(200, json::array());
  session.expect("GET", kSearch).replies(200, found_nothing());
  session.expect("POST", kTickets).replies(201, kCreated);
  EXPECT_FALSE(session.attempt(Operation::open_ticket, bare()));
  session.now += 2min;
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare())->object_id, "141");
  expect_golden(session.sent[2].request, "freshdesk/golden/search_ticket.json");
}

// The customer's address may have changed between the attempts.
TEST_F(Freshdesk, a_ticket_of_another_requester_is_found_by_the_search) {
  session.expect("POST", kTickets).loses_reply();
  session.expect("GET", kTickets).replies(200, json::array());
  session.expect("GET", kSearch).replies(200, {{"total", 1}, {"results", {listed(141, kExternalId)}}});
  EXPECT_FALSE(session.attempt(Operation::open_ticket, bare()));
  session.now += 2min;
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare())->object_id, "141");
  EXPECT_EQ(session.count("POST", kTickets), 1);
}

// A new customer is no contact yet, and their list is refused: that is the answer, not a failure.
TEST_F(Freshdesk,
       of_a_customer_who_is_no_contact_yet_the_search_is_asked_and_the_ticket_made_with_its_address) {
  for (const auto* field : {"email", "unique_external_id"}) {
    DirectSession attempt(*connector);
    auto document = bare();
    if (field != std::string("email")) {
      document.document.erase("email");
      document.document["unique_external_id"] = "crm-8841";
    }
    attempt.expect("POST", kTickets).says(503, "");
    attempt.expect("GET", kTickets).replies(400, no_contact(field));
    attempt.expect("GET", kSearch).replies(200, found_nothing());
    attempt.expect("POST", kTickets).replies(201, kCreated);
    EXPECT_EQ(attempt.attempt(Operation::open_ticket, document).error().kind, FailureKind::ambiguous);
    attempt.now += 2min;
    const auto made = attempt.attempt(Operation::open_ticket, document);
    ASSERT_TRUE(made) << made.error().detail;
    ASSERT_EQ(attempt.count("POST", kTickets), 2);
    EXPECT_EQ(attempt.sent.back().request.body, attempt.sent.front().request.body);
  }
}

TEST_F(Freshdesk, a_look_up_that_is_refused_for_another_reason_proves_nothing_and_makes_no_other_ticket) {
  for (const auto& why : {refusal("email", "invalid_value"), refusal("cf_baton_handoff_id", "invalid_field"),
                          json::object(), json("x")}) {
    DirectSession attempt(*connector);
    attempt.expect("POST", kTickets).says(503, "");
    attempt.expect("GET", kTickets).replies(400, why);
    EXPECT_FALSE(attempt.attempt(Operation::open_ticket, bare()));
    attempt.now += 2min;
    EXPECT_EQ(attempt.attempt(Operation::open_ticket, bare()).error().kind, FailureKind::ambiguous) << why;
    EXPECT_EQ(attempt.count("POST", kTickets), 1);
  }
}

TEST_F(Freshdesk, a_search_that_is_refused_proves_nothing) {
  session.expect("POST", kTickets).loses_reply();
  session.expect("GET", kTickets).replies(200, json::array());
  session.expect("GET", kSearch).replies(400, refusal("cf_baton_handoff_id", "invalid_field"));
  EXPECT_FALSE(session.attempt(Operation::open_ticket, bare()));
  session.now += 2min;
  const auto again = session.attempt(Operation::open_ticket, bare());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, FailureKind::ambiguous);
  EXPECT_EQ(session.count("POST", kTickets), 1) << "neither again, nor with a tag";
}

TEST_F(Freshdesk, absence_of_a_ticket_is_proven_or_the_outcome_stays_open) {
  const auto match = [&](const std::string& body) { return match_ticket(Reply(200, body), mark(), ""); };
  for (const auto* none : {"[]", R"({"total":0,"results":[]})", R"([{"id":1,"custom_fields":{}}])",
                           R"([{"id":1,"custom_fields":{"cf_baton_handoff_id":null}}])"}) {
    ASSERT_TRUE(match(none)) << none;
    EXPECT_FALSE(match(none)->has_value());
  }
  for (const auto* body :
       {"", "{}", "null", "[1]", "[{}]", R"([{"id":1}])", R"([{"custom_fields":{}}])", R"({"results":null})",
        R"({"results":[]})", R"({"total":2,"results":[{"id":1,"custom_fields":{}}]})", "[{\"id\":1"}) {
    const auto found = match(body);
    ASSERT_FALSE(found) << body;
    EXPECT_EQ(found.error().kind, FailureKind::ambiguous) << body;
  }
}

TEST_F(Freshdesk, of_two_tickets_with_our_id_the_oldest_is_taken) {
  const json both = {listed(10001, kExternalId), listed(9999, kExternalId)};
  EXPECT_EQ((*match_ticket(Reply(200, both.dump()), mark(), ""))->object_id, "9999");
}

TEST_F(Freshdesk, a_list_is_read_to_its_end_below_our_own_address) {
  const auto list = list_requested(kTicket);
  Reply page(200, "[]");
  page.headers["link"] = R"(<https://evil.example/x?email=a&page=2>; rel="next")";
  EXPECT_EQ((*after_tickets(list, page, mark()))->request().target, "/api/v2/tickets?email=a&page=2");
  page.headers["link"] =
      R"(<https://acme.freshdesk.com/x?page=1>; rel="prev", <https://acme.freshdesk.com/x?page=3>; rel="next")";
  EXPECT_EQ((*next_page(list, page))->request().target, "/api/v2/tickets?page=3");
  page.headers["link"] = R"(<nowhere>; rel="next")";
  EXPECT_FALSE(next_page(list, page));
  page.headers.clear();
  EXPECT_EQ(path_of((*after_tickets(list, page, mark()))->request().target), kSearch);
  EXPECT_FALSE((*after_tickets(list, Reply(200, found_nothing().dump()), mark())).has_value());
}

// Section 6: an unknown field must not lose the handoff.
TEST_F(Freshdesk, an_account_without_our_field_gets_the_ticket_with_a_tag) {
  session.expect("POST", kTickets).replies(400, refusal("cf_baton_handoff_id", "invalid_field"));
  session.expect("POST", kTickets).loses_reply();
  session.expect("POST", kTickets).replies(400, refusal("cf_baton_handoff_id", "invalid_field"));
  session.expect("GET", kTickets)
      .replies(200, json::array({{{"id", 141}, {"tags", {"baton", "0199e5a1c2d37f00a1b2c3d4e5f60718"}}}}));
  EXPECT_FALSE(session.attempt(Operation::open_ticket, bare()));
  const auto body = json::parse(session.sent[1].request.body);
  EXPECT_FALSE(body.contains("custom_fields"));
  EXPECT_EQ(body["tags"].back(), "0199e5a1c2d37f00a1b2c3d4e5f60718");
  session.now += 2min;
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare())->object_id, "141");
}

TEST_F(Freshdesk, a_field_of_the_accounts_own_that_is_refused_costs_those_fields_and_not_the_ticket) {
  auto ticket = kTicket;
  ticket["custom_fields"] = {{"cf_plan", "pro"}};
  session.expect("POST", kTickets).replies(400, refusal("cf_plan", "invalid_field"));
  session.expect("POST", kTickets).replies(201, kCreated);
  EXPECT_EQ(session.attempt(Operation::open_ticket, order(kExternalId, ticket))->object_id, "141");
  EXPECT_EQ(json::parse(session.sent[1].request.body)["custom_fields"],
            (json{{"cf_baton_handoff_id", kExternalId}}));
}

// Two handoffs of a customer whom Freshdesk does not know yet: each makes the contact.
TEST_F(Freshdesk, a_clash_of_two_new_contacts_is_tried_again_as_it_is) {
  const json clash = {
      {"description", "Validation failed"},
      {"errors",
       {{{"field", "email"}, {"message", "It should be a unique value"}, {"code", "duplicate_value"}}}}};
  session.expect("POST", kTickets).replies(409, clash);
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare()).error().kind, FailureKind::retryable);
  session.expect("POST", kTickets).replies(201, kCreated);
  EXPECT_TRUE(session.attempt(Operation::open_ticket, bare()));
  EXPECT_EQ(json::parse(session.sent[1].request.body)["email"], "ada+shop@example.com");
}

TEST_F(Freshdesk, any_other_refusal_is_a_refusal_with_its_field_named) {
  session.expect("POST", kTickets).replies(400, refusal("type", "missing_field"));
  const auto receipt = session.attempt(Operation::open_ticket, bare());
  ASSERT_FALSE(receipt);
  EXPECT_EQ(receipt.error().kind, FailureKind::rejected);
  EXPECT_NE(receipt.error().detail.find("\"type\""), std::string::npos);
}

// A typing error must not cost the ticket.
TEST_F(Freshdesk, an_address_that_is_refused_costs_the_address_and_not_the_ticket) {
  session.expect("POST", kTickets).replies(400, refusal("email", "invalid_value"));
  session.expect("POST", kTickets).loses_reply();
  EXPECT_FALSE(session.attempt(Operation::open_ticket, bare()));
  const auto body = json::parse(session.sent[1].request.body);
  EXPECT_FALSE(body.contains("email"));
  EXPECT_EQ(body["unique_external_id"], "hof_0199e5a1c2d37f00a1b2c3d4e5f60718");
  EXPECT_EQ(body["custom_fields"]["cf_baton_handoff_id"], kExternalId);
  session.now += 2min;
  session.expect("POST", kTickets).replies(400, refusal("email", "invalid_value"));
  session.expect("GET", kTickets).replies(200, json::array({listed(141, kExternalId)}));
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare())->object_id, "141");
  EXPECT_NE(session.sent[3].request.target.find("unique_external_id=hof_"), std::string::npos);
}

TEST_F(Freshdesk, an_account_that_lacks_the_field_too_still_gets_the_ticket) {
  session.expect("POST", kTickets).replies(400, refusal("email", "invalid_value"));
  session.expect("POST", kTickets).replies(400, refusal("cf_baton_handoff_id", "invalid_field"));
  session.expect("POST", kTickets).replies(201, kCreated);
  EXPECT_EQ(session.attempt(Operation::open_ticket, bare())->object_id, "141");
  const auto body = json::parse(session.sent[2].request.body);
  EXPECT_FALSE(body.contains("email"));
  EXPECT_FALSE(body.contains("custom_fields"));
}

TEST_F(Freshdesk, the_transcript_is_a_file_of_a_private_note) {
  session.expect("POST", kTickets).replies(201, kCreated);
  session.expect("POST", kNotes).replies(201, {{"id", 9001}});
  auto with_file = bare();
  with_file.files.emplace_back("tran\"script\r\n.txt", "text/plain; charset=utf-8",
                               "10:00 Ada: baton-form-0 Hello\n");
  ASSERT_TRUE(session.attempt(Operation::open_ticket, with_file));
  const auto& request = session.sent[1].request;
  EXPECT_EQ(header(request.headers, "content-type"), "multipart/form-data; boundary=baton-form-1");
  expect_golden(request, "freshdesk/golden/transcript.json");
}

TEST_F(Freshdesk, a_file_that_is_refused_does_not_fail_the_ticket) {
  session.expect("POST", kTickets).replies(201, kCreated);
  session.expect("POST", kNotes).replies(400, refusal("attachments", "invalid_size"));
  auto with_file = bare();
  with_file.files.emplace_back("transcript.txt", "text/plain", "Hello");
  EXPECT_EQ(session.attempt(Operation::open_ticket, with_file)->object_id, "141");
}

TEST_F(Freshdesk, a_transcript_that_is_too_long_keeps_its_end) {
  std::string text;
  while (text.size() < 2'000'000) text += "line " + std::to_string(text.size()) + "\n";
  text += "the last line\n";
  const auto write = attach("141", sdk::File("t.txt", "text/plain\r\nx: \"y\"", text), "r");
  ASSERT_TRUE(write);
  EXPECT_NE(write->request().body.find("content-type: text/plain__x_ _y_\r\n\r\n"), std::string::npos);
  EXPECT_LT(write->request().body.size(), 1024u * 1024);
  EXPECT_NE(write->request().body.find("the last line"), std::string::npos);
  EXPECT_NE(write->request().body.find("[the beginning is too long to send]\nline "), std::string::npos);
}

TEST_F(Freshdesk, a_note_is_private_and_names_its_reference) {
  session.expect("POST", kNotes).replies(201, {{"id", 9002}});
  EXPECT_EQ(*session.attempt(Operation::add_note, note()),
            Receipt("141/conversations/9002", "https://acme.freshdesk.com/a/tickets/141"));
  expect_golden(session.sent[0].request, "freshdesk/golden/add_note.json");
}

TEST_F(Freshdesk, a_note_whose_reply_was_lost_is_found_on_any_page_by_its_reference) {
  const auto body = [](std::string ref) { return "<p>x</p><p><i>Baton ref " + ref + "</i></p>"; };
  const auto said = [&](int id, std::string ref, bool is_private) {
    return json{{"id", id}, {"body", body(std::move(ref))}, {"private", is_private}, {"incoming", false}};
  };
  session.expect("POST", kNotes).loses_reply();
  Reply first(200, json({said(1, std::string(kNoteId) + "1", true),
                         said(2, std::string(kNoteId) + "/file_1", true), said(3, kNoteId, false)})
                       .dump());
  first.headers["link"] =
      R"(<https://acme.freshdesk.com/api/v2/tickets/141/conversations?page=2>; rel="next")";
  session.expect("GET", kTalk).replies(first);
  session.expect("GET", kTalk).replies(200, json::array({said(9002, kNoteId, true)}));
  EXPECT_FALSE(session.attempt(Operation::add_note, note()));
  EXPECT_EQ(session.attempt(Operation::add_note, note()).error().not_before, session.now + 10s);
  session.now += 10s;
  EXPECT_EQ(session.attempt(Operation::add_note, note())->object_id, "141/conversations/9002");
  EXPECT_EQ(session.count("POST", kNotes), 1);
}

TEST_F(Freshdesk, absence_of_a_note_is_proven_or_the_outcome_stays_open) {
  EXPECT_FALSE(match_note(Reply(200, "[]"), "141", kNoteId, "")->has_value());
  for (const auto* body : {"", "{}", "[1]", R"([{"id":1}])", R"([{"body":"x"}])", R"([{"id":1,"body":7}])"}) {
    const auto found = match_note(Reply(200, body), "141", kNoteId, "");
    ASSERT_FALSE(found) << body;
    EXPECT_EQ(found.error().kind, FailureKind::ambiguous);
  }
}

TEST_F(Freshdesk, a_note_that_is_too_long_is_cut_between_elements_and_keeps_its_reference) {
  std::string html;
  while (html.size() < 90'000) html += "<p>Zo\u00eb &amp; <b>more</b></p>";
  const auto body = json::parse(add_note("1", html, kNoteId)->request().body)["body"].get<std::string>();
  EXPECT_LE(body.size(), 60'000u);
  EXPECT_NE(body.find("</b></p><p>[cut here"), std::string::npos);
  EXPECT_TRUE(body.ends_with("Baton ref " + std::string(kNoteId) + "</i></p>"));
}

// A conversation that was fetched late is one paragraph, and so is whatever a customer pastes.
TEST_F(Freshdesk, a_note_of_one_long_paragraph_keeps_what_fits) {
  const auto html = "<p>" + std::string(90'000, 'x') + "</p>";
  const auto body = json::parse(add_note("1", html, kNoteId)->request().body)["body"].get<std::string>();
  EXPECT_LE(body.size(), 60'000u);
  EXPECT_GT(body.size(), 58'900u);
  EXPECT_NE(body.find("x</p><p>[cut here"), std::string::npos);
}

TEST_F(Freshdesk, a_status_is_a_number_that_the_account_may_choose) {
  const auto status = [&](const char* word, json document = nullptr) {
    return change_status("141", document, word, settings);
  };
  EXPECT_EQ(json::parse(status("solved")->request().body), (json{{"status", 4}}));
  EXPECT_EQ(json::parse(status("pending")->request().body), (json{{"status", 3}}));
  EXPECT_EQ(json::parse(status("open")->request().body), (json{{"status", 2}}));
  EXPECT_EQ(json::parse(status("solved", {{"status", 7}, {"tags", {"x"}}})->request().body)["status"], 7);
  EXPECT_FALSE(status("dancing"));
  settings = testing::settings_for(*connector, {{"status_solved", "12"}});
  EXPECT_EQ(json::parse(status("solved")->request().body)["status"], 12);
  session.expect("PUT", "/api/v2/tickets/141").replies(200, kCreated);
  EXPECT_TRUE(session.attempt(Operation::set_status,
                              order(kNoteId, nullptr, Receipt("141"), {{"status", "solved"}})));
}

TEST_F(Freshdesk, no_update_takes_tags_away_whatever_a_mapping_says) {
  for (const json& document : {json{{"status", 4}, {"tags", {"done"}}, {"priority", 1}},
                               json{{"ticket", {{"status", 4}, {"tags", {"done"}}, {"priority", 1}}}}}) {
    const auto body = json::parse(change_status("141", document, "solved", settings)->request().body);
    EXPECT_EQ(body, (json{{"status", 4}, {"priority", 1}}));
  }
}

TEST_F(Freshdesk, refusals_are_told_apart_as_section_6_says) {
  using enum FailureKind;
  const Request create("POST", kTickets), change("PUT", "/api/v2/tickets/141"),
      look("GET", "/api/v2/tickets/141");
  EXPECT_EQ(kind_of(create, true, Reply(401)), auth_expired);
  EXPECT_EQ(kind_of(create, true, Reply(403)), misconfigured);
  EXPECT_EQ(kind_of(create, true, Reply(404)), misconfigured) << "a wrong domain";
  EXPECT_EQ(kind_of(change, true, Reply(404)), target_gone);
  EXPECT_EQ(kind_of(create, true, Reply(302)), misconfigured);
  EXPECT_EQ(kind_of(create, true, Reply(400)), rejected);
  EXPECT_EQ(kind_of(create, true, Reply(409, R"({"errors":[{"code":"duplicate_value"}]})")), retryable);
  EXPECT_EQ(kind_of(change, true, Reply(409, R"({"code":"inconsistent_state"})")), retryable);
  for (const int status : {500, 502, 503, 504}) {
    EXPECT_EQ(kind_of(create, true, Reply(status)), ambiguous);
    EXPECT_EQ(kind_of(look, false, Reply(status)), retryable);
  }
  Reply slow(429, "");
  slow.retry_after = 42s;
  const auto failure = connector->classify(sdk::Exchange(create, true, slow, session.now));
  EXPECT_EQ(failure->kind, rate_limited);
  EXPECT_EQ(failure->not_before, session.now + 42s);
}

TEST_F(Freshdesk, what_is_left_of_the_minute_is_read_from_the_header) {
  Reply reply(200, "{}");
  EXPECT_FALSE(connector->quota(reply, session.now).remaining);
  reply.headers["x-ratelimit-remaining"] = "17";
  EXPECT_EQ(connector->quota(reply, session.now).remaining, 17);
  reply.headers["x-ratelimit-remaining"] = "many";
  EXPECT_FALSE(connector->quota(reply, session.now).remaining);
}

TEST_F(Freshdesk, hostile_replies_are_failures_and_ill_typed_ones_never_throw) {
  for (const auto& body : testing::hostile_bodies(kCreated.dump())) {
    const Reply reply(200, body);
    EXPECT_FALSE(read_ticket(reply, "")) << body.substr(0, 40);
    EXPECT_FALSE(read_note(reply, "1", ""));
    const auto ticket = match_ticket(reply, mark(), "");
    EXPECT_TRUE(!ticket || (!ticket->has_value() && body == "[]"));
    const auto found = match_note(reply, "1", "x", "");
    EXPECT_TRUE(!found || (!found->has_value() && body == "[]"));
  }
  for (const auto& body : testing::ill_typed(json{listed(141, kExternalId)})) {
    (void)match_ticket(Reply(200, body.dump()), mark(), "");
    (void)match_ticket(Reply(200, body.dump()), tag_mark(create()), "");
    (void)after_tickets(list_requested(kTicket), Reply(200, body.dump()), mark());
  }
  for (const auto& ticket : testing::ill_typed(kDocument)) (void)ticket_of(ticket, mark());
}

}  // namespace
}  // namespace baton::freshdesk
