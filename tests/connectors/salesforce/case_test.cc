// What Baton writes: cases, comments, statuses. Fact sheet salesforce, sections 3.4, 3.5 and 4.
#include "tests/connectors/salesforce/bench.h"

#include "gateway/base/text.h"
#include "tests/support/spec_schema.h"

namespace baton::salesforce {
namespace {

using namespace salesforce_testing;

class SalesforceCase : public Bench {
 protected:
  void expect_contact(json list) { session.expect("GET", kQuery).replies(200, records(std::move(list))); }
  static json contact(const char* id, const char* email, json account) {
    return {{"Id", id}, {"Email", email}, {"AccountId", std::move(account)}};
  }
  void lose_the_case() {
    expect_contact(json::array());
    session.expect("PATCH", kByKey).loses_reply();
    EXPECT_FALSE(session.attempt(Operation::open_ticket, ticket()));
    session.now += 10s;
    expect_contact(json::array());
  }
};

TEST_F(SalesforceCase, is_upserted_by_our_key_with_its_contact) {
  expect_contact({contact("003000000000002AAA", "zoe@example.com", nullptr),
                  contact(kContact, "Zoe@Example.com", kAccount)});
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  const auto made = session.attempt(Operation::open_ticket, ticket());
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->object_id, kCase);
  EXPECT_EQ(made->url, "https://acme.my.salesforce.com/lightning/r/Case/500000000000001AAA/view");
  EXPECT_EQ(body_of(1)["ContactId"], kContact);
  testing::expect_golden(session.sent[0].request, "salesforce/golden/find_contact.json");
  testing::expect_golden(session.sent[1].request, "salesforce/golden/upsert_case.json");
}

// Section 1: the host of requests comes with the token, and people open its records there.
TEST_F(SalesforceCase, is_linked_at_the_host_that_came_with_the_token) {
  session.told_address = "https://moved.my.salesforce.com";
  expect_contact(json::array());
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  const auto made = session.attempt(Operation::open_ticket, ticket());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->url, "https://moved.my.salesforce.com/lightning/r/Case/500000000000001AAA/view");
}

// Section 4: what is only a warning to a person would refuse what comes by API.
TEST_F(SalesforceCase, is_made_where_a_duplicate_rule_only_warns) {
  expect_contact(json::array());
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  ASSERT_TRUE(session.attempt(Operation::open_ticket, ticket()));
  EXPECT_EQ(header(session.sent[1].request.headers, "sforce-duplicate-rule-header"),
            "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true");
}

TEST_F(SalesforceCase, whose_reply_was_lost_is_looked_up_and_not_overwritten) {
  lose_the_case();
  session.expect("GET", kByKey).replies(200, {{"Id", kCase}});
  const auto made = session.attempt(Operation::open_ticket, ticket());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->object_id, kCase);
  EXPECT_EQ(session.count("PATCH", kByKey), 1);
}

TEST_F(SalesforceCase, that_was_never_made_is_sent_again) {
  lose_the_case();
  session.expect("GET", kByKey).replies(404, error("NOT_FOUND", "The requested resource does not exist"));
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  EXPECT_TRUE(session.attempt(Operation::open_ticket, ticket()));
}

TEST_F(SalesforceCase, is_not_taken_for_absent_by_an_answer_that_cannot_be_read) {
  for (const auto& body : testing::hostile_bodies(R"({"Id":"500000000000001AAA"})")) {
    testing::DirectSession fresh(*connector);
    fresh.expect("GET", kQuery).replies(200, records(json::array()));
    fresh.expect("PATCH", kByKey).loses_reply();
    EXPECT_FALSE(fresh.attempt(Operation::open_ticket, ticket()));
    fresh.now += 10s;
    fresh.expect("GET", kQuery).replies(200, records(json::array()));
    fresh.expect("GET", kByKey).says(200, body);
    EXPECT_FALSE(fresh.attempt(Operation::open_ticket, ticket())) << body.substr(0, 60);
    EXPECT_EQ(fresh.count("PATCH", kByKey), 1);
  }
}

TEST_F(SalesforceCase, answered_without_a_body_as_old_versions_do_is_looked_up) {
  expect_contact(json::array());
  session.expect("PATCH", kByKey).says(204, "");
  const auto first = session.attempt(Operation::open_ticket, ticket());
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind, FailureKind::ambiguous);
}

TEST_F(SalesforceCase, keeps_its_owner_where_one_is_named_or_no_rule_is_wanted) {
  settings = with({{"assignment_rule", "off"}});
  expect_contact(json::array());
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  EXPECT_TRUE(session.attempt(Operation::open_ticket, ticket()));
  EXPECT_EQ(header(session.sent[1].request.headers, "sforce-auto-assign"), "FALSE");
  const Paths paths(with({}));
  EXPECT_EQ(header(paths.upsert_case("k", {{"OwnerId", kCase}}).request().headers, "sforce-auto-assign"),
            "FALSE");
  EXPECT_EQ(header(paths.upsert_case("k", json::object()).request().headers, "sforce-auto-assign"), "");
}

TEST_F(SalesforceCase, is_made_without_a_contact_that_may_not_be_read_but_waits_for_one_that_may) {
  session.expect("GET", kQuery)
      .replies(400, error("INVALID_TYPE", "sObject type 'Contact' is not supported."));
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  EXPECT_TRUE(session.attempt(Operation::open_ticket, ticket()));
  EXPECT_FALSE(body_of(1).contains("ContactId"));
  session.expect("GET", kQuery).says(503, "<html>maintenance</html>");
  EXPECT_FALSE(session.attempt(Operation::open_ticket, ticket()));
}

TEST_F(SalesforceCase, is_made_without_an_address_that_salesforce_does_not_like) {
  expect_contact(json::array());
  session.expect("PATCH", kByKey)
      .replies(400, error("INVALID_EMAIL_ADDRESS", "Web Email: invalid email address: zoe@example.com",
                          {"SuppliedEmail"}));
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  EXPECT_TRUE(session.attempt(Operation::open_ticket, ticket()));
  EXPECT_FALSE(body_of(2).contains("SuppliedEmail"));
}

TEST_F(SalesforceCase, that_the_org_refuses_names_the_field) {
  expect_contact(json::array());
  session.expect("PATCH", kByKey)
      .replies(400,
               error("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Case Origin: bad value: Chat", {"Origin"}));
  const auto made = session.attempt(Operation::open_ticket, ticket());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, FailureKind::rejected);
  EXPECT_NE(made.error().detail.find("(Origin)"), std::string::npos);
}

TEST_F(SalesforceCase, never_asks_for_an_address_that_cannot_be_a_literal) {
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  EXPECT_TRUE(
      session.attempt(Operation::open_ticket, ticket({{"contact_email", "a@{refContact.records[0].Id}"}})));
}

TEST_F(SalesforceCase, fits_the_vendors_lengths_whatever_customers_write) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "\U0001F62D";
  const json document = {{"Subject", text},      {"Description", text},
                         {"SuppliedName", text}, {"SuppliedEmail", "two words@example.com"},
                         {"Comments", text},     {"Urgent__c", true}};
  const auto fields = case_fields(document, "Baton_Handoff_Id__c");
  ASSERT_TRUE(fields);
  EXPECT_LE((*fields)["Subject"].get<std::string>().size(), 255u);
  EXPECT_LE((*fields)["Description"].get<std::string>().size(), 32'000u);
  EXPECT_LE((*fields)["SuppliedName"].get<std::string>().size(), 80u);
  EXPECT_FALSE(fields->contains("SuppliedEmail"));
  EXPECT_EQ((*fields)["Urgent__c"], true);
  for (const auto& field : {"Subject", "Description", "Comments"}) {
    EXPECT_TRUE(is_utf8((*fields)[field].get<std::string>())) << field;
  }
}

TEST_F(SalesforceCase, needs_a_subject_and_only_fields) {
  EXPECT_FALSE(case_fields(nullptr, "K__c"));
  EXPECT_FALSE(case_fields({{"Description", "x"}}, "K__c"));
  EXPECT_FALSE(case_fields({{"Subject", "x"}, {"a b", "y"}}, "K__c"));
  EXPECT_FALSE(case_fields({{"Subject", "x"}, {"Owner", {{"Name", "y"}}}}, "K__c"));
  EXPECT_EQ(*case_fields({{"Subject", "x"}, {"K__c", "y"}, {"Type", nullptr}}, "K__c"),
            json({{"Subject", "x"}}));
}

TEST_F(SalesforceCase, has_a_key_of_64_plain_characters_at_most) {
  EXPECT_EQ(key_of("hof_01/desk/open_ticket/1"), "hof_01-desk-open_ticket-1");
  const auto one = key_of(std::string(kTicketId) + std::string(40, 'x') + "1"),
             other = key_of(std::string(kTicketId) + std::string(40, 'x') + "2");
  EXPECT_LE(one.size(), 64u);
  EXPECT_NE(one, other);
  EXPECT_TRUE(one.starts_with("hof_0199e5a1c2d37f00a1b2c3d4e5f60718-"));
  EXPECT_EQ(percent_encode(one), one);
}

// --- comments

class SalesforceComment : public Bench {
 protected:
  void lose_the_comment() {
    session.expect("POST", kComments).loses_reply();
    EXPECT_FALSE(session.attempt(Operation::add_note, note()));
    session.now += 10s;
  }
  static json comment(const char* id, const std::string& text) { return {{"Id", id}, {"CommentBody", text}}; }
};

TEST_F(SalesforceComment, is_internal_and_ends_with_our_reference) {
  session.expect("POST", kComments).replies(201, saved("00a000000000001AAA"));
  const auto made = session.attempt(Operation::add_note, note());
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->object_id, "00a000000000001AAA");
  testing::expect_golden(session.sent[0].request, "salesforce/golden/create_comment.json");
}

TEST_F(SalesforceComment, whose_reply_was_lost_is_found_among_all_pages) {
  lose_the_comment();
  auto page = records({comment("00a000000000003AAA", "An agent wrote this"),
                       comment("00a000000000002AAA", "x\n\nRef: " + std::string(kNoteId) + "2")},
                      false);
  page["nextRecordsUrl"] = kData + "/query/01g000000000001AAA-200";
  session.expect("GET", kQuery).replies(200, page);
  session.expect("GET", kData + "/query/01g000000000001AAA-200")
      .replies(200, records({comment("00a000000000001AAA",
                                     "Anna has it now.\n\nRef: " + std::string(kNoteId) + "\r")}));
  const auto made = session.attempt(Operation::add_note, note());
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->object_id, "00a000000000001AAA");
  EXPECT_EQ(session.count("POST", kComments), 1);
  testing::expect_golden(session.sent[1].request, "salesforce/golden/comments.json");
}

TEST_F(SalesforceComment, that_is_proven_absent_is_written_again) {
  lose_the_comment();
  session.expect("GET", kQuery).replies(200, records({comment("00a000000000003AAA", "Ref: hof_other")}));
  session.expect("POST", kComments).replies(201, saved("00a000000000001AAA"));
  EXPECT_TRUE(session.attempt(Operation::add_note, note()));
}

TEST_F(SalesforceComment, is_not_taken_for_absent_by_an_answer_that_cannot_be_read) {
  auto bodies = testing::hostile_bodies(records(json::array()).dump());
  bodies.push_back(R"({"records":[]})");
  bodies.push_back(R"({"done":false,"records":[]})");
  bodies.push_back(R"({"done":false,"records":[],"nextRecordsUrl":"https://evil.example/query/1"})");
  bodies.push_back(R"({"done":true,"records":[{"Id":"00a000000000001AAA","CommentBody":null}]})");
  for (const auto& body : bodies) {
    testing::DirectSession fresh(*connector);
    fresh.expect("POST", kComments).loses_reply();
    EXPECT_FALSE(fresh.attempt(Operation::add_note, note()));
    fresh.now += 10s;
    fresh.expect("GET", kQuery).says(200, body);
    EXPECT_FALSE(fresh.attempt(Operation::add_note, note())) << body.substr(0, 80);
    EXPECT_EQ(fresh.count("POST", kComments), 1);
  }
}

TEST_F(SalesforceComment, stays_within_four_thousand_bytes_with_its_reference) {
  const auto ref = "\n\nRef: " + std::string(kNoteId);
  const auto count = [&](std::size_t bytes) {
    const auto made = comments_of({{"CommentBody", std::string(bytes, 'x')}}, nullptr, kCase, kNoteId);
    for (const auto& one : made) EXPECT_LE(one.fields["CommentBody"].get<std::string>().size(), 4000u);
    return made.size();
  };
  EXPECT_EQ(count(4000 - ref.size()), 1u);
  EXPECT_EQ(count(4001 - ref.size()), 2u);
  const auto one = comments_of(nullptr, {{"text", "x"}}, kCase, kNoteId);
  EXPECT_EQ(one[0].fields["CommentBody"], "x" + ref);
}

// Section 8: 4,000 bytes are not much, and what a customer said must not end there.
TEST_F(SalesforceComment, that_is_too_long_becomes_numbered_ones_which_lose_nothing) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "Zo\u00eb: line " + std::to_string(i) + "\n";
  for (int i = 0; i < 2000; ++i) text += "\u05E9";
  const auto made = comments_of({{"CommentBody", text}}, nullptr, kCase, kNoteId);
  ASSERT_EQ(made.size(), 4u);
  std::string together;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto body = made[i].fields["CommentBody"].get<std::string>();
    const auto first = "(" + std::to_string(i + 1) + "/4)\n", last = "\n\n" + made[i].reference;
    EXPECT_LE(body.size(), 4000u);
    EXPECT_TRUE(is_utf8(body));
    ASSERT_TRUE(body.starts_with(first) && body.ends_with(last)) << body;
    together += body.substr(first.size(), body.size() - first.size() - last.size());
  }
  EXPECT_EQ(together, text);
  EXPECT_EQ(made[0].reference, "Ref: " + std::string(kNoteId));
  EXPECT_EQ(made[1].reference, "Ref: " + std::string(kNoteId) + "/2");
}

TEST_F(SalesforceComment, that_is_longer_than_ten_says_so_at_its_end) {
  const auto made = comments_of({{"CommentBody", std::string(90'000, 'x')}}, nullptr, kCase, kNoteId);
  ASSERT_EQ(made.size(), 10u);
  for (const auto& one : made) EXPECT_LE(one.fields["CommentBody"].get<std::string>().size(), 4000u);
  const auto last = made.back().fields["CommentBody"].get<std::string>();
  EXPECT_NE(last.find("[cut here: too long for comments]\n\nRef: "), std::string::npos);
  EXPECT_EQ(made.front().fields["CommentBody"].get<std::string>().find("[cut"), std::string::npos);
}

TEST_F(SalesforceComment, of_several_each_is_looked_for_by_a_reference_of_its_own) {
  const auto long_note = [&] { return note({{"CommentBody", std::string(6000, 'x')}}); };
  session.expect("POST", kComments).replies(201, saved("00a000000000001AAA"));
  session.expect("POST", kComments).loses_reply();
  EXPECT_FALSE(session.attempt(Operation::add_note, long_note()));
  session.now += 10s;
  // Only the first is there: its reference is not the second one's.
  session.expect("GET", kQuery)
      .replies(200, records({comment("00a000000000001AAA", "x\n\nRef: " + std::string(kNoteId))}));
  session.expect("POST", kComments).replies(201, saved("00a000000000002AAA"));
  EXPECT_EQ(session.attempt(Operation::add_note, long_note())->object_id, "00a000000000001AAA");
  EXPECT_EQ(session.count("POST", kComments), 3);
}

TEST_F(SalesforceComment, on_a_case_that_is_gone_goes_back_to_the_planner) {
  session.expect("POST", kComments)
      .replies(400, error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", {"ParentId"}));
  const auto made = session.attempt(Operation::add_note, note());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, FailureKind::target_gone);
}

TEST_F(SalesforceComment, goes_to_nothing_that_is_no_id) {
  for (const auto* target : {"", "5158", "500000000000001' OR '1'='1", "../../x00000001"}) {
    const auto made = session.attempt(Operation::add_note, order(kNoteId, nullptr, {{"text", "x"}}, target));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, FailureKind::rejected);
  }
}

// --- status

TEST_F(SalesforceCase, gets_the_status_that_the_settings_name_and_keeps_its_owner) {
  session.expect("PATCH", kOneCase).says(204, "");
  const auto done = session.attempt(Operation::set_status, order("s", nullptr, {{"status", "solved"}}));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->object_id, kCase);
  testing::expect_golden(session.sent[0].request, "salesforce/golden/set_status.json");
}

TEST_F(SalesforceCase, is_not_solved_by_a_login_page) {
  session.expect("PATCH", kOneCase).says(200, "<html>login</html>");
  const auto done = session.attempt(Operation::set_status, order("s", nullptr, {{"status", "solved"}}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, FailureKind::ambiguous);
  EXPECT_FALSE(session.attempt(Operation::set_status, order("s", nullptr, {{"status", "on fire"}})));
}

// --- how it stands

TEST_F(SalesforceCase, tells_that_it_is_solved_by_whom_and_with_which_words) {
  session.expect("GET", kQuery)
      .replies(200, records({{{"Id", kCase},
                              {"IsClosed", true},
                              {"OwnerId", "005000000000001AAA"},
                              {"ClosedDate", "2026-09-21T13:33:20.000+0000"},
                              {"Owner", {{"Name", "Dana Agent"}}}}}));
  session.expect("GET", kQuery).replies(200, records({{{"CommentBody", "Refunded."}}}));
  const auto found = session.look(Operation::read_status, order("", nullptr, json::object()));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(*found, json({{"state", "solved"},
                          {"by", "Dana Agent"},
                          {"text", "Refunded."},
                          {"at", "2026-09-21T13:33:20.000Z"}}));
  testing::expect_golden(session.sent[0].request, "salesforce/golden/read_status.json");
}

TEST_F(SalesforceCase, tells_that_it_is_open_or_gone_and_nothing_of_what_it_cannot_read) {
  session.expect("GET", kQuery)
      .replies(200, records({{{"Id", kCase}, {"IsClosed", false}, {"OwnerId", "00G000000000001EAA"}}}));
  EXPECT_EQ(*session.look(Operation::read_status, order("", nullptr, json::object())),
            json({{"state", "open"}}));
  session.expect("GET", kQuery).replies(200, records(json::array()));
  EXPECT_EQ(*session.look(Operation::read_status, order("", nullptr, json::object())),
            json({{"state", "gone"}}));
  for (const auto& body : testing::hostile_bodies(R"({"done":true,"records":[{"IsClosed":true}]})")) {
    session.expect("GET", kQuery).says(200, body);
    EXPECT_FALSE(session.look(Operation::read_status, order("", nullptr, json::object())))
        << body.substr(0, 60);
  }
}

// --- the specification

TEST_F(SalesforceCase, and_its_comments_fit_the_specification) {
  const auto spec = testing::read_spec("salesforce/salesforce.openapi.json");
  if (!spec) return;  // the golden requests stand in
  const auto check = [&](const char* schema, const Request& request) {
    EXPECT_EQ(
        testing::violations(*spec, std::string("/components/schemas/") + schema, json::parse(request.body)),
        "")
        << request.body;
  };
  const Paths paths(settings);
  const auto fields = case_fields(ticket().document, "Baton_Handoff_Id__c");
  check("CaseWrite", paths.upsert_case("k", *fields).request());
  check("CaseWrite", paths.set_status(kCase, "Closed").request());
  check("CaseCommentWrite",
        paths.create_comment(comments_of(nullptr, {{"text", "x"}}, kCase, kNoteId)[0].fields).request());
  EXPECT_NE(testing::violations(*spec, "/components/schemas/CaseWrite", {{"Subject", 1}}), "");
}

}  // namespace
}  // namespace baton::salesforce
