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
  void expect_number() { session.expect("GET", kOneCase).replies(200, {{"CaseNumber", "00001026"}}); }
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
  expect_number();
  const auto made = session.attempt(Operation::open_ticket, ticket());
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->object_id, kCase);
  EXPECT_EQ(made->label, "00001026") << "what people call it";
  EXPECT_EQ(made->url, "https://acme.my.salesforce.com/lightning/r/Case/500000000000001AAA/view");
  EXPECT_EQ(body_of(1)["ContactId"], kContact);
  testing::expect_golden(session.sent[0].request, "salesforce/golden/find_contact.json");
  testing::expect_golden(session.sent[1].request, "salesforce/golden/upsert_case.json");
}

// Section 3.4: an upsert does not tell the number, and without it the case is a case all the same.
TEST_F(SalesforceCase, whose_number_cannot_be_read_is_called_by_its_id) {
  for (const auto& reply : {Reply(503, "<html>"), Reply(200, "{}"), Reply(200, R"({"CaseNumber":7})"),
                            Reply(404, error("NOT_FOUND", "x").dump())}) {
    testing::DirectSession fresh(*connector);
    fresh.expect("GET", kQuery).replies(200, records(json::array()));
    fresh.expect("PATCH", kByKey).replies(201, saved(kCase));
    fresh.expect("GET", kOneCase).replies(reply);
    const auto made = fresh.attempt(Operation::open_ticket, ticket());
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->label, "");
    EXPECT_EQ(made->called(), kCase);
  }
}

// Section 1: the host of requests comes with the token, and people open its records there.
TEST_F(SalesforceCase, is_linked_at_the_host_that_came_with_the_token) {
  session.told_address = "https://moved.my.salesforce.com";
  expect_contact(json::array());
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  expect_number();
  const auto made = session.attempt(Operation::open_ticket, ticket());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->url, "https://moved.my.salesforce.com/lightning/r/Case/500000000000001AAA/view");
}

// Section 4: what is only a warning to a person would refuse what comes by API.
TEST_F(SalesforceCase, is_made_where_a_duplicate_rule_only_warns) {
  expect_contact(json::array());
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  expect_number();
  ASSERT_TRUE(session.attempt(Operation::open_ticket, ticket()));
  EXPECT_EQ(header(session.sent[1].request.headers, "sforce-duplicate-rule-header"),
            "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true");
}

TEST_F(SalesforceCase, whose_reply_was_lost_is_looked_up_and_not_overwritten) {
  lose_the_case();
  session.expect("GET", kByKey).replies(200, {{"Id", kCase}, {"CaseNumber", "00001026"}});
  const auto made = session.attempt(Operation::open_ticket, ticket());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->object_id, kCase);
  EXPECT_EQ(made->label, "00001026") << "the look-up has told it";
  EXPECT_EQ(session.count("PATCH", kByKey), 1);
}

TEST_F(SalesforceCase, that_was_never_made_is_sent_again) {
  lose_the_case();
  session.expect("GET", kByKey).replies(404, error("NOT_FOUND", "The requested resource does not exist"));
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  expect_number();
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
  expect_number();
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
  expect_number();
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
  expect_number();
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
  expect_number();
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

class SalesforceStatus : public Bench {
 protected:
  void expect_case(bool closed, const char* owner, const char* name = "Dana Agent") {
    session.expect("GET", kQuery)
        .replies(200, records({{{"Id", kCase},
                                {"IsClosed", closed},
                                {"OwnerId", owner},
                                {"CreatedById", kBaton},
                                {"ClosedDate", closed ? json("2026-09-21T13:33:20.000+0000") : json()},
                                {"Owner", {{"Name", name}}}}}));
  }
  Result<json> status() { return session.look(Operation::read_status, order("", nullptr, json::object())); }
  static constexpr auto kBaton = "005000000000009AAA";
  static constexpr auto kDana = "005000000000001AAA";
};

TEST_F(SalesforceStatus, tells_that_it_is_solved_by_whom_and_with_which_words) {
  expect_case(true, kDana);
  session.expect("GET", kQuery)
      .replies(200, records({{{"CommentBody", "A note.\n\nRef: " + std::string(kNoteId)}},
                             {{"CommentBody", "Refunded."}},
                             {{"CommentBody", "We look into it."}}}));
  const auto found = status();
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(*found, json({{"state", "solved"},
                          {"by_id", kDana},
                          {"by", "Dana Agent"},
                          {"text", "Refunded."},
                          {"at", "2026-09-21T13:33:20.000Z"}}))
      << "Baton's own comment is no word of theirs";
  testing::expect_golden(session.sent[0].request, "salesforce/golden/read_status.json");
}

TEST_F(SalesforceStatus, tells_who_has_it_and_never_that_batons_own_user_has) {
  expect_case(false, kDana);
  EXPECT_EQ(*status(), json({{"state", "open"}, {"by_id", kDana}, {"by", "Dana Agent"}}));
  expect_case(false, "00G000000000001EAA", "Support");
  EXPECT_EQ(*status(), json({{"state", "open"}, {"by_id", ""}})) << "a queue is nobody";
  expect_case(false, kBaton, "Baton Integration");
  EXPECT_EQ(*status(), json({{"state", "open"}})) << "who made it has not taken it";
  expect_case(true, kBaton, "Baton Integration");
  session.expect("GET", kQuery).replies(200, records(json::array()));
  const auto solved = *status();
  EXPECT_FALSE(solved.contains("by") || solved.contains("by_id")) << solved;
}

TEST_F(SalesforceStatus, without_its_closing_words_is_asked_again_unless_they_may_not_be_read) {
  for (const int code : {503, 500}) {
    expect_case(true, kDana);
    session.expect("GET", kQuery).says(code, "<html>");
    const auto found = status();
    ASSERT_FALSE(found) << "a customer would be told nothing of what was said to them";
    EXPECT_EQ(found.error().kind, FailureKind::retryable);
  }
  expect_case(true, kDana);
  session.expect("GET", kQuery)
      .replies(403, error("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."));
  EXPECT_EQ(status().error().kind, FailureKind::rate_limited);
  expect_case(true, kDana);
  session.expect("GET", kQuery).says(200, "<html>");
  EXPECT_FALSE(status());
  expect_case(true, kDana);
  session.expect("GET", kQuery).replies(400, error("INVALID_TYPE", "sObject type 'CaseComment'"));
  ASSERT_TRUE(status());
}

TEST_F(SalesforceStatus, of_a_case_that_is_not_seen_is_gone_only_where_it_was_deleted) {
  const auto expect_bin = [&](const json& rows) {
    session.expect("GET", kQuery).replies(200, records(json::array()));
    session.expect("GET", kData + "/queryAll").replies(200, records(rows));
  };
  expect_bin({{{"Id", kCase}, {"IsDeleted", true}, {"MasterRecordId", nullptr}}});
  EXPECT_EQ(*status(), json({{"state", "gone"}}));
  expect_bin({{{"Id", kCase}, {"IsDeleted", true}, {"MasterRecordId", "500000000000002AAA"}}});
  EXPECT_EQ(*status(),
            json({{"state", "merged"},
                  {"into", "500000000000002AAA"},
                  {"url", "https://acme.my.salesforce.com/lightning/r/Case/500000000000002AAA/view"}}));
  // An assignment rule gave it to people whose cases Baton's user does not see.
  expect_bin(json::array());
  const auto unseen = status();
  ASSERT_FALSE(unseen) << *unseen;
  EXPECT_EQ(unseen.error().kind, FailureKind::rejected);
  EXPECT_NE(unseen.error().detail.find("no longer sees this case"), std::string::npos);
  EXPECT_NE(unseen.error().detail.find("View All"), std::string::npos);
  expect_bin({{{"Id", kCase}, {"IsDeleted", false}}});
  EXPECT_EQ(status().error().kind, FailureKind::retryable) << "it is there after all";
}

TEST_F(SalesforceStatus, says_nothing_of_what_it_cannot_read) {
  for (const auto& body : testing::hostile_bodies(R"({"done":true,"records":[{"IsClosed":true}]})")) {
    session.expect("GET", kQuery).says(200, body);
    EXPECT_FALSE(status()) << body.substr(0, 60);
  }
  for (const auto& body : testing::hostile_bodies(R"({"done":true,"records":[{"IsDeleted":true}]})")) {
    session.expect("GET", kQuery).replies(200, records(json::array()));
    session.expect("GET", kData + "/queryAll").says(200, body);
    EXPECT_FALSE(status()) << body.substr(0, 60);
  }
}

// --- a long talk (section 8)

class SalesforceTalk : public SalesforceCase {
 protected:
  static json talk(int messages, std::size_t bytes) {
    auto lines = json::array();
    for (int i = 0; i < messages; ++i)
      lines.push_back("Zo\u00eb: message " + std::to_string(i) + " " + std::string(bytes, 'x'));
    return lines;
  }
  static std::string text(const json& fields) { return fields["Description"].get<std::string>(); }
};

TEST_F(SalesforceTalk, that_fits_stands_below_the_description_whole) {
  json fields = {{"Description", "Who: Zo\u00eb"}};
  EXPECT_TRUE(add_conversation(fields, {{"conversation", talk(5, 4000)}}, kTicketId).empty());
  EXPECT_TRUE(text(fields).starts_with("Who: Zo\u00eb\n\nConversation:\nZo\u00eb: message 0 "));
  EXPECT_NE(text(fields).find("message 4 xxx"), std::string::npos);
  json none = {{"Description", "Who: Zo\u00eb"}};
  EXPECT_TRUE(add_conversation(none, json::object(), kTicketId).empty());
  EXPECT_EQ(text(none), "Who: Zo\u00eb");
}

TEST_F(SalesforceTalk, that_is_longer_goes_on_in_numbered_internal_comments_and_says_what_is_left_out) {
  const json document = {{"conversation", talk(200, 400)}, {"conversation_url", "https://chat.example/c/1"}};
  json fields = {{"Description", "Who: Zo\u00eb"}};
  const auto earlier = add_conversation(fields, document, kTicketId);
  EXPECT_LE(text(fields).size(), 32'000u);
  EXPECT_GT(text(fields).size(), 30'000u) << "no room is wasted";
  ASSERT_EQ(earlier.size(), 5u);
  auto together = std::string();
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    const auto body = earlier[i].fields["CommentBody"].get<std::string>();
    EXPECT_LE(body.size(), 4000u);
    EXPECT_EQ(earlier[i].fields["IsPublished"], false);
    EXPECT_TRUE(body.starts_with("Earlier messages (" + std::to_string(i + 1) + "/5)\n")) << body;
    EXPECT_TRUE(body.ends_with("\n" + earlier[i].reference));
    EXPECT_TRUE(is_our_comment(body));
    together += body;
  }
  together += text(fields);
  // From the first that is shown to the newest none lacks, and the count of the rest is right.
  const auto first = together.find("message ");
  int number = std::stoi(together.substr(first + 8));
  EXPECT_NE(
      together.find("[" + std::to_string(number) + " before these are left out: https://chat.example/c/1]"),
      std::string::npos)
      << together.substr(0, 200);
  for (auto at = first; at != std::string::npos; at = together.find("message ", at + 1), ++number)
    EXPECT_EQ(std::stoi(together.substr(at + 8)), number);
  EXPECT_EQ(number, 200);
  EXPECT_NE(text(fields).find(" of 200 messages (earlier ones follow as internal comments; all of it: "
                              "https://chat.example/c/1):"),
            std::string::npos);
}

TEST_F(SalesforceTalk, with_hostile_parts_stays_within_the_lengths) {
  for (const json& one :
       {json(std::string(90'000, 'x')), json("\xff\xfe"), json(7), json(nullptr), json("")}) {
    json fields = {{"Description", std::string(40'000, 'd')}};
    const auto earlier = add_conversation(
        fields, {{"conversation", {one, one, one}}, {"conversation_url", std::string(9000, 'u')}}, kTicketId);
    EXPECT_TRUE(is_utf8(text(fields)));
    for (const auto& comment : earlier)
      EXPECT_LE(comment.fields["CommentBody"].get<std::string>().size(), 4000u);
    if (one.is_string() && one.get_ref<const std::string&>().size() > 100)
      EXPECT_LE(text(fields).size(), 32'000u);
  }
}

TEST_F(SalesforceTalk, is_written_after_the_case_and_its_failure_costs_no_case) {
  const json long_talk = {{"conversation", talk(90, 400)}};
  expect_contact(json::array());
  session.expect("PATCH", kByKey).replies(201, saved(kCase));
  session.expect("POST", kComments).replies(201, saved("00a000000000001AAA"));
  session.expect("POST", kComments).loses_reply();
  expect_number();
  const auto made = session.attempt(Operation::open_ticket, ticket(long_talk));
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->object_id, kCase);
  EXPECT_EQ(body_of(2)["ParentId"], kCase);
  EXPECT_FALSE(body_of(1).contains("conversation"));
}

// --- the specification

TEST_F(SalesforceCase, and_its_comments_fit_the_specification) {
  const auto spec = testing::read_spec("salesforce/salesforce.openapi.json");
  if (!spec) GTEST_SKIP() << "no specification on this machine; the golden requests stand in";
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
