#include <optional>

#include <gtest/gtest.h>

#include "connectors/sdk/vendor_clock.h"
#include "connectors/zendesk/context.h"
#include "connectors/zendesk/wire.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"

namespace baton::zendesk {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kExternalId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/zendesk/open_ticket/1";
constexpr auto kNoteId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/zendesk/add_note/3";

const json kTicket = {
    {"subject", "[AI handoff] Refund not received"},
    {"priority", "high"},
    {"tags", {"baton", "ai_handoff"}},
    {"requester", {{"name", "Ada Byron"}, {"email", "ada@example.com"}}},
    {"metadata", {{"plan", "pro"}, {"baton_op_id", "from the mapping"}}},
    {"comment", {{"html_body", "<h2>Brief</h2><p>Refund &lt;late&gt;</p>"}, {"public", false}}}};
const json kCreated = {
    {"ticket",
     {{"id", 5158}, {"url", "https://acme.zendesk.com/api/v2/tickets/5158.json"}, {"status", "new"}}}};

class Zendesk : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings =
      testing::settings_for(*connector, {{"base_url", "https://acme.zendesk.com"}, {"client_id", "baton"}});
  DirectSession session{*connector};

  sdk::Order order(const char* id, json document, Receipt target = {}, json subject = json::object()) {
    return sdk::Order(id, id, std::move(document), std::move(target), std::move(subject), settings);
  }
  sdk::Order create() { return order(kExternalId, kTicket); }
  sdk::Order note() {
    return order(kNoteId, {{"html_body", "<p>Customer wrote again</p>"}, {"public", false}}, Receipt("5158"));
  }
  sdk::Order context(json customer) { return order("", nullptr, {}, {{"customer", std::move(customer)}}); }

  FailureKind kind_of(const Request& request, bool writes, const Reply& reply) {
    const auto failure = connector->classify(sdk::Exchange(request, writes, reply, session.now));
    EXPECT_TRUE(failure.has_value());
    return failure ? failure->kind : FailureKind::retryable;
  }
};

TEST_F(Zendesk, a_ticket_is_created_with_its_key_and_both_ids) {
  session.expect("POST", "/api/v2/tickets").replies(201, kCreated);
  const auto receipt = session.attempt(Operation::open_ticket, create());
  ASSERT_TRUE(receipt);
  EXPECT_EQ(*receipt, Receipt("5158", "https://acme.zendesk.com/agent/tickets/5158"));
  expect_golden(session.sent[0].request, "zendesk/golden/open_ticket.json");
}

TEST_F(Zendesk, the_mapping_may_set_everything_but_the_two_ids) {
  auto document = kTicket;
  document["external_id"] = "mine";
  const auto write = create_ticket(document, kExternalId, "key.g2");
  ASSERT_TRUE(write);
  const auto ticket = json::parse(write->request().body)["ticket"];
  EXPECT_EQ(ticket["external_id"], kExternalId);
  EXPECT_EQ(ticket["metadata"]["baton_op_id"], kExternalId);
  EXPECT_EQ(ticket["metadata"]["plan"], "pro");
  EXPECT_EQ(header(write->request().headers, "idempotency-key"), "key.g2");
}

TEST_F(Zendesk, a_comment_is_private_unless_somebody_says_otherwise) {
  auto document = kTicket;
  document["comment"].erase("public");
  EXPECT_EQ(json::parse(create_ticket(document, "e", "k")->request().body)["ticket"]["comment"]["public"],
            false);
  const auto public_note = add_comment("5158", {{"html_body", "x"}, {"public", true}}, "e");
  EXPECT_EQ(json::parse(public_note->request().body)["ticket"]["comment"]["public"], true);
}

TEST_F(Zendesk, a_mapping_may_yield_the_whole_body) {
  EXPECT_EQ(create_ticket({{"ticket", kTicket}}, "e", "k")->request(),
            create_ticket(kTicket, "e", "k")->request());
  const json comment = {{"html_body", "x"}, {"public", false}};
  EXPECT_EQ(add_comment("1", {{"ticket", {{"comment", comment}}}}, "e")->request(),
            add_comment("1", comment, "e")->request());
  const auto tagged = add_comment("1", {{"comment", comment}, {"status", "open"}}, "e");
  EXPECT_EQ(json::parse(tagged->request().body)["ticket"]["status"], "open");
}

TEST_F(Zendesk, a_comment_that_is_too_long_is_cut_between_elements) {
  std::string html;
  while (html.size() < 90'000) html += "<p>Zo\u00eb &amp; <b>more</b></p>";
  const auto body = json::parse(add_comment("1", {{"html_body", html}}, "e")->request().body);
  const auto sent = body["ticket"]["comment"]["html_body"].get<std::string>();
  EXPECT_LE(sent.size(), 60'000u);
  EXPECT_GT(sent.size(), 59'000u);
  EXPECT_NE(sent.find("</b></p><p>[cut here"), std::string::npos);
}

// A conversation that was fetched late is one paragraph, and so is whatever a customer pastes.
TEST_F(Zendesk, a_comment_of_one_long_paragraph_keeps_what_fits) {
  const auto sent = [](const char* member, const char* line) {
    std::string text = "<p>";
    while (text.size() < 90'000) text += line;
    const auto body = json::parse(add_comment("1", {{member, text + "</p>"}}, "e")->request().body);
    return body["ticket"]["comment"][member].get<std::string>();
  };
  for (const auto* line : {"Ada: it does not work<br>", "\u0448", "&quot;", "<b>x</b>", "x"}) {
    const auto html = sent("html_body", line);
    EXPECT_LE(html.size(), 60'000u) << line;
    EXPECT_GT(html.size(), 59'900u) << line;
    const auto end = html.find("</p><p>[cut here: too long for a comment]</p>");
    ASSERT_NE(end, std::string::npos) << line;
    EXPECT_EQ((end - 3) % std::string(line).size(), 0u) << "cut inside " << line;
  }
  const auto plain = sent("body", "\u0448");
  EXPECT_LE(plain.size(), 60'000u);
  EXPECT_TRUE(is_utf8(plain));
  EXPECT_TRUE(plain.ends_with("[cut here: too long for a comment]"));
}

TEST_F(Zendesk, a_document_that_is_no_ticket_is_rejected_without_a_request) {
  for (const auto& wrong :
       {json(nullptr), json("x"), json::array(), json::object(), json{{"comment", "text"}}}) {
    const auto receipt = session.attempt(Operation::open_ticket, order(kExternalId, wrong));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, FailureKind::rejected);
  }
  EXPECT_FALSE(session.attempt(Operation::add_note, order(kNoteId, {{"html_body", "x"}})));  // no target
  EXPECT_TRUE(session.sent.empty());
}

// A typing error in an address, or a user who is suspended, must not cost the ticket.
TEST_F(Zendesk, a_requester_whom_zendesk_refuses_costs_the_requester_and_not_the_ticket) {
  const json refused = {
      {"error", "RecordInvalid"},
      {"description", "Record validation errors"},
      {"details",
       {{"requester",
         {{{"error", "InvalidFormat"}, {"description", "Requester: Email: is not properly formatted"}}}}}}};
  for (const json& document : {kTicket, json{{"ticket", kTicket}}}) {
    DirectSession fresh(*connector);
    fresh.expect("POST", "/api/v2/tickets").replies(422, refused);
    fresh.expect("POST", "/api/v2/tickets").replies(201, kCreated);
    EXPECT_EQ(fresh.attempt(Operation::open_ticket, order(kExternalId, document))->object_id, "5158");
    const auto& [first, second] = std::pair(fresh.sent[0].request, fresh.sent[1].request);
    const auto ticket = json::parse(second.body)["ticket"];
    EXPECT_FALSE(ticket.contains("requester"));
    EXPECT_EQ(ticket["external_id"], kExternalId);
    EXPECT_NE(header(first.headers, "idempotency-key"), header(second.headers, "idempotency-key"))
        << "other bytes under the same key are refused";
  }
  session.expect("POST", "/api/v2/tickets")
      .replies(422, {{"error", "RecordInvalid"}, {"details", {{"group_id", json::array()}}}});
  EXPECT_EQ(session.attempt(Operation::open_ticket, create()).error().kind, FailureKind::rejected);
}

TEST_F(Zendesk, a_lost_ticket_without_its_requester_is_looked_up_too) {
  const json refused = {{"error", "RecordInvalid"}, {"details", {{"requester", json::array()}}}};
  session.expect("POST", "/api/v2/tickets").replies(422, refused);
  session.expect("POST", "/api/v2/tickets").loses_reply();
  EXPECT_FALSE(session.attempt(Operation::open_ticket, create()));
  session.now += 2h;
  session.expect("POST", "/api/v2/tickets").replies(422, refused);
  session.expect("GET", "/api/v2/tickets")
      .replies(200, {{"tickets", {{{"id", 5158}, {"external_id", kExternalId}}}}, {"next_page", nullptr}});
  EXPECT_EQ(session.attempt(Operation::open_ticket, create())->object_id, "5158");
  EXPECT_EQ(session.count("POST", "/api/v2/tickets"), 3);
}

TEST_F(Zendesk, a_lost_reply_is_repeated_with_the_same_bytes_while_the_key_lives) {
  session.expect("POST", "/api/v2/tickets").loses_reply();
  session.expect("POST", "/api/v2/tickets").replies(201, kCreated);
  EXPECT_EQ(session.attempt(Operation::open_ticket, create()).error().kind, FailureKind::ambiguous);
  session.now += 1h + 49min;
  auto other = create();
  other.document["subject"] = "rendered anew";
  EXPECT_EQ(session.attempt(Operation::open_ticket, other)->object_id, "5158");
  EXPECT_EQ(session.sent[0].request, session.sent[1].request);
}

TEST_F(Zendesk, a_key_that_is_too_old_is_not_trusted_and_the_ticket_is_looked_up) {
  session.expect("POST", "/api/v2/tickets").loses_reply();
  session.expect("GET", "/api/v2/tickets")
      .replies(200, {{"tickets", {{{"id", 5158}, {"external_id", kExternalId}}}},
                     {"next_page", nullptr},
                     {"count", 1}});
  EXPECT_FALSE(session.attempt(Operation::open_ticket, create()));
  session.now += 2h;
  EXPECT_EQ(session.attempt(Operation::open_ticket, create())->object_id, "5158");
  EXPECT_EQ(session.count("POST", "/api/v2/tickets"), 1);
  expect_golden(session.sent[1].request, "zendesk/golden/find_ticket.json");
}

TEST_F(Zendesk, absence_of_a_ticket_is_proven_or_the_outcome_stays_open) {
  const auto match = [](const std::string& body) { return match_ticket(Reply(200, body), kExternalId, ""); };
  const auto none = match(R"({"tickets":[],"next_page":null,"count":0})");
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
  // A whole list without ours proves it too, whether it was filtered or not.
  EXPECT_FALSE(
      match(R"({"tickets":[{"id":1,"external_id":"another"},{"id":2,"external_id":null}]})")->has_value());
  for (const auto* body :
       {"", "{}", "[]", "null", R"({"tickets":null})", R"({"tickets":{}})", R"({"tickets":[)",
        R"({"tickets":[{"id":1}]})", R"({"tickets":[{"external_id":"another"}]})", R"({"tickets":[1]})"}) {
    const auto found = match(body);
    ASSERT_FALSE(found) << body;
    EXPECT_EQ(found.error().kind, FailureKind::ambiguous) << body;
  }
}

TEST_F(Zendesk, a_note_carries_its_id_into_the_audit) {
  session.expect("PUT", "/api/v2/tickets/5158")
      .replies(200, {{"ticket", {{"id", 5158}}}, {"audit", {{"id", 902}}}});
  const auto receipt = session.attempt(Operation::add_note, note());
  ASSERT_TRUE(receipt);
  EXPECT_EQ(*receipt, Receipt("5158/audits/902", "https://acme.zendesk.com/agent/tickets/5158"));
  expect_golden(session.sent[0].request, "zendesk/golden/add_note.json");
}

// --- a closed ticket, sections 3.3 and 6

constexpr auto kClosedTicket =
    R"({"error":"RecordInvalid","description":"Record validation errors","details":)"
    R"({"status":[{"description":"Status: closed prevents ticket update",)"
    R"("error":"ClosedTicket"}]}})";
constexpr auto kFollowUpId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/follow_up/5158";

TEST_F(Zendesk, what_is_said_after_a_ticket_was_closed_stands_in_a_follow_up_of_it) {
  session.expect("PUT", "/api/v2/tickets/5158").says(422, kClosedTicket);
  session.expect("GET", "/api/v2/tickets").replies(200, {{"tickets", json::array()}});
  session.expect("POST", "/api/v2/tickets").replies(201, {{"ticket", {{"id", 6000}}}});
  session.expect("PUT", "/api/v2/tickets/6000").replies(200, {{"audit", {{"id", 2}}}});
  const auto receipt = session.attempt(Operation::add_note, note());
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, "6000") << "what agents do with it concerns the handoff";
  EXPECT_NE(session.sent[1].request.target.find("follow_up%2F5158"), std::string::npos);
  const auto& made = session.sent[2].request;
  const auto ticket = json::parse(made.body).at("ticket");
  EXPECT_EQ(ticket.at("via_followup_source_id"), 5158);
  EXPECT_EQ(ticket.at("external_id"), kFollowUpId);
  EXPECT_EQ(ticket.at("metadata").at("baton_op_id"), kFollowUpId);
  EXPECT_EQ(ticket.at("tags"), json::array({"baton"}));
  EXPECT_EQ(ticket.at("comment").at("public"), false);
  EXPECT_EQ(header(made.headers, "idempotency-key"), kFollowUpId);
  const auto noted = json::parse(session.sent[3].request.body).at("ticket");
  EXPECT_EQ(noted.at("comment"), (json{{"html_body", "<p>Customer wrote again</p>"}, {"public", false}}));
  EXPECT_EQ(noted.at("metadata").at("baton_op_id"), kNoteId);
}

// The list does not know it yet: the same key with the same bytes is answered with the first one's ticket.
TEST_F(Zendesk, two_notes_make_the_follow_up_by_one_key_and_the_same_bytes) {
  std::vector<Request> made;
  for (const auto* last : {"1", "2"}) {
    DirectSession one(*connector);
    one.expect("PUT", "/api/v2/tickets/5158").says(422, kClosedTicket);
    one.expect("GET", "/api/v2/tickets").replies(200, {{"tickets", json::array()}});
    one.expect("POST", "/api/v2/tickets").replies(201, {{"ticket", {{"id", 6000}}}});
    one.expect("PUT", "/api/v2/tickets/6000").replies(200, {{"audit", {{"id", 2}}}});
    auto order = note();
    order.external_id.back() = last[0];
    order.native_key = order.external_id;
    order.document["html_body"] = std::string("<p>") + last + "</p>";
    ASSERT_TRUE(one.attempt(Operation::add_note, order));
    made.push_back(one.sent[2].request);
  }
  EXPECT_EQ(made[0].body, made[1].body);
  EXPECT_EQ(header(made[0].headers, "idempotency-key"), header(made[1].headers, "idempotency-key"));
}

TEST_F(Zendesk, what_a_person_sends_again_makes_the_follow_up_under_another_key) {
  session.expect("PUT", "/api/v2/tickets/5158").says(422, kClosedTicket);
  session.expect("GET", "/api/v2/tickets").replies(200, {{"tickets", json::array()}});
  session.expect("POST", "/api/v2/tickets").replies(201, {{"ticket", {{"id", 6000}}}});
  session.expect("PUT", "/api/v2/tickets/6000").replies(200, {{"audit", {{"id", 2}}}});
  auto order = note();
  order.native_key = order.external_id + ".g2";
  ASSERT_TRUE(session.attempt(Operation::add_note, order));
  EXPECT_EQ(header(session.sent[2].request.headers, "idempotency-key"), std::string(kFollowUpId) + ".g2");
}

TEST_F(Zendesk, the_next_word_after_it_is_a_note_on_the_same_follow_up) {
  const json known = {{"id", 6000}, {"external_id", kFollowUpId}};
  session.expect("PUT", "/api/v2/tickets/5158").says(422, kClosedTicket);
  session.expect("GET", "/api/v2/tickets").replies(200, {{"tickets", {known}}});
  session.expect("PUT", "/api/v2/tickets/6000")
      .replies(200, {{"ticket", {{"id", 6000}}}, {"audit", {{"id", 2}}}});
  const auto receipt = session.attempt(Operation::add_note, note());
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, "6000/audits/2");
  EXPECT_EQ(session.count("POST", "/api/v2/tickets"), 0);
}

TEST_F(Zendesk, a_note_on_a_ticket_that_was_deleted_opens_nothing) {
  session.expect("PUT", "/api/v2/tickets/5158").says(404, R"({"error":"RecordNotFound"})");
  const auto receipt = session.attempt(Operation::add_note, note());
  ASSERT_FALSE(receipt);
  EXPECT_EQ(receipt.error().kind, FailureKind::target_gone);
}

TEST_F(Zendesk, a_note_whose_reply_was_lost_is_found_in_the_audits) {
  session.expect("PUT", "/api/v2/tickets/5158").loses_reply();
  session.expect("GET", "/api/v2/tickets/5158/audits")
      .replies(200, {{"audits",
                      {{{"id", 900}, {"metadata", {{"custom", json::object()}}}},
                       {{"id", 902}, {"metadata", {{"custom", {{"baton_op_id", kNoteId}}}}}}}}});
  EXPECT_FALSE(session.attempt(Operation::add_note, note()));
  session.now += 10s;
  EXPECT_EQ(session.attempt(Operation::add_note, note())->object_id, "5158/audits/902");
  EXPECT_EQ(session.count("PUT", "/api/v2/tickets/5158"), 1);
}

TEST_F(Zendesk, a_note_that_is_in_no_audit_is_written_again) {
  session.expect("PUT", "/api/v2/tickets/5158").loses_reply();
  session.expect("GET", "/api/v2/tickets/5158/audits")
      .replies(200, {{"audits", {{{"id", 900}}}}, {"count", 1}});
  session.expect("PUT", "/api/v2/tickets/5158").replies(200, {{"audit", {{"id", 903}}}});
  EXPECT_FALSE(session.attempt(Operation::add_note, note()));
  EXPECT_EQ(session.attempt(Operation::add_note, note()).error().not_before, session.now + 10s)
      << "the first one may still be under way";
  session.now += 10s;
  EXPECT_EQ(session.attempt(Operation::add_note, note())->object_id, "5158/audits/903");
}

TEST_F(Zendesk, absence_of_a_note_is_proven_or_the_outcome_stays_open) {
  for (const auto* body : {"", "{}", "[1]", R"({"audits":null})", R"({"audits":[{"metadata":{}}]})"}) {
    const auto found = match_audit(Reply(200, body), "5158", kNoteId, "");
    ASSERT_FALSE(found) << body;
    EXPECT_EQ(found.error().kind, FailureKind::ambiguous);
  }
  for (const auto* body :
       {"", "[]", R"({"audits":[],"next_page":"https://x"})", R"({"audits":[],"meta":{"has_more":true}})",
        R"({"audits":[{"id":1}],"count":2})"}) {
    EXPECT_FALSE(next_page(list_audits("5158"), Reply(200, body))) << body;
  }
}

TEST_F(Zendesk, a_note_is_looked_for_on_every_page_of_the_audits) {
  const auto second = [](const std::string& body) {
    return (*next_page(list_audits("5158"), Reply(200, body)))->request().target;
  };
  const std::string path = "/api/v2/tickets/5158/audits";
  // By number, by cursor with its link, by cursor alone; of a link only the query counts.
  EXPECT_EQ(second(R"({"audits":[],"next_page":"https://evil.example/x?page=2","count":150})"),
            path + "?page=2");
  EXPECT_EQ(second(R"({"meta":{"has_more":true},"links":{"next":"https://x/a?page%5Bafter%5D=n"}})"),
            path + "?page%5Bafter%5D=n");
  EXPECT_EQ(second(R"({"meta":{"has_more":true,"after_cursor":"b=="}})"),
            path + "?page%5Bsize%5D=100&page%5Bafter%5D=b%3D%3D");
  for (const auto* last :
       {R"({"audits":[]})", R"({"audits":[],"next_page":null,"count":0})",
        R"({"audits":[{"id":1}],"count":1})",
        R"({"audits":[{"id":101}],"count":101,"next_page":null,"previous_page":"https://x/?page=1"})",
        R"({"meta":{"has_more":false,"after_cursor":"x"},"links":{"next":"https://x/?y"}})"}) {
    EXPECT_FALSE(*next_page(list_audits("5158"), Reply(200, last))) << last;
  }

  session.expect("PUT", "/api/v2/tickets/5158").loses_reply();
  session.expect("GET", path)
      .replies(200, {{"audits", {{{"id", 1}}}},
                     {"next_page", "https://acme.zendesk.com" + path + "?page=2"},
                     {"count", 2}});
  session.expect("GET", path)
      .replies(200, {{"audits", {{{"id", 902}, {"metadata", {{"custom", {{"baton_op_id", kNoteId}}}}}}}},
                     {"next_page", nullptr},
                     {"previous_page", "x"},
                     {"count", 2}});
  EXPECT_FALSE(session.attempt(Operation::add_note, note()));
  session.now += 10s;
  EXPECT_EQ(session.attempt(Operation::add_note, note())->object_id, "5158/audits/902");
  EXPECT_EQ(session.count("PUT", "/api/v2/tickets/5158"), 1);
}

TEST_F(Zendesk, of_two_tickets_with_our_id_the_oldest_is_taken) {
  const auto found = match_ticket(Reply(200, json{{"tickets",
                                                   {{{"id", 10001}, {"external_id", kExternalId}},
                                                    {{"id", 9999}, {"external_id", kExternalId}}}}}
                                                 .dump()),
                                  kExternalId, "");
  EXPECT_EQ((*found)->object_id, "9999");
}

// Whatever became of it since: it was made.
TEST_F(Zendesk, a_ticket_that_is_closed_or_deleted_by_now_is_found) {
  for (const auto* status : {"solved", "closed", "deleted"}) {
    const json body = {{"tickets", {{{"id", 7}, {"external_id", kExternalId}, {"status", status}}}}};
    EXPECT_TRUE(match_ticket(Reply(200, body.dump()), kExternalId, "")->has_value()) << status;
  }
}

TEST_F(Zendesk, a_note_that_is_answered_by_its_ticket_alone_is_written) {
  session.expect("PUT", "/api/v2/tickets/5158").replies(200, kCreated);
  EXPECT_EQ(session.attempt(Operation::add_note, note())->object_id, "5158");
  EXPECT_FALSE(read_comment(Reply(200, R"({"ticket":{"id":1}})"), "5158", "")) << "another ticket";
}

TEST_F(Zendesk, a_status_is_set_from_the_subject_or_the_mapping) {
  session.expect("PUT", "/api/v2/tickets/5158").replies(200, kCreated);
  const auto id = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/zendesk/set_status/1";
  const auto receipt =
      session.attempt(Operation::set_status, order(id, nullptr, Receipt("5158"), {{"status", "solved"}}));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->object_id, "5158");
  expect_golden(session.sent[0].request, "zendesk/golden/set_status.json");

  const auto mapped = change_status("1", {{"status", "hold"}, {"tags", {"x"}}}, "solved", id);
  EXPECT_EQ(json::parse(mapped->request().body)["ticket"]["status"], "hold");
  EXPECT_FALSE(change_status("1", nullptr, "SOLVED!", id));
}

// In a PUT they replace all that are there; parallel writers lost theirs (section 10.7).
TEST_F(Zendesk, no_update_takes_tags_away_whatever_a_mapping_says) {
  const json tagged = {
      {"ticket", {{"status", "solved"}, {"tags", {"x"}}, {"comment", {{"html_body", "<p>a</p>"}}}}}};
  for (const auto& write : {change_status("1", tagged, "solved", "id"), add_comment("1", tagged, "id")}) {
    ASSERT_TRUE(write);
    const auto ticket = json::parse(write->request().body)["ticket"];
    EXPECT_FALSE(ticket.contains("tags")) << ticket;
    EXPECT_EQ(ticket["status"], "solved");
  }
}

TEST_F(Zendesk, tags_of_an_update_are_added_to_those_that_are_there) {
  const json tagged = {{"ticket", {{"tags", {"claimed"}}, {"comment", {{"html_body", "<p>a</p>"}}}}}};
  session.expect("PUT", "/api/v2/tickets/5158").replies(200, {{"audit", {{"id", 2}}}});
  session.expect("PUT", "/api/v2/tickets/5158/tags").replies(503, json::object());
  session.expect("PUT", "/api/v2/tickets/5158/tags").replies(200, {{"tags", {"baton", "claimed"}}});
  EXPECT_FALSE(session.attempt(Operation::add_note, order(kNoteId, tagged, Receipt("5158"))));
  const auto noted = session.attempt(Operation::add_note, order(kNoteId, tagged, Receipt("5158")));
  ASSERT_TRUE(noted);
  EXPECT_EQ(noted->object_id, "5158/audits/2") << "the note is written once";
  EXPECT_EQ(json::parse(session.sent[1].request.body), (json{{"tags", {"claimed"}}}));
}

TEST_F(Zendesk, the_history_is_that_of_exactly_this_address) {
  session.expect("GET", "/api/v2/users/search")
      .replies(200, {{"users",
                      {{{"id", 7}, {"email", "not.ada@example.com"}},
                       {{"id", 8447388090494}, {"email", "Ada@example.com"}}}}});
  auto tickets = json::array();
  for (int i = 1; i <= 9; ++i) {
    tickets.push_back({{"id", i},
                       {"subject", "S" + std::to_string(i)},
                       {"status", i % 2    ? "open"
                                  : i == 8 ? "closed"
                                           : "solved"},
                       {"priority", nullptr},
                       {"created_at", "2026-11-0" + std::to_string(i) + "T09:00:00Z"},
                       {"updated_at", "2026-11-0" + std::to_string(i) + "T10:00:00Z"}});
  }
  session.expect("GET", "/api/v2/users/8447388090494/tickets/requested")
      .replies(
          Reply(200, json{{"tickets", tickets}}.dump(), Headers{{"date", "Wed, 11 Nov 2026 09:00:00 GMT"}}));
  const auto found = session.look(Operation::read_context, context({{"email", "ada@example.com"}}));
  ASSERT_TRUE(found);
  expect_golden(*found, "zendesk/golden/context.json");
  expect_golden(session.sent[0].request, "zendesk/golden/find_user.json");
  expect_golden(session.sent[1].request, "zendesk/golden/requested.json");
}

TEST_F(Zendesk, a_customer_without_an_address_is_looked_for_by_the_companys_own_id) {
  session.expect("GET", "/api/v2/users/search")
      .replies(200, {{"users",
                      {{{"id", 6}, {"external_id", "crm-88412"}},
                       {{"id", 7}, {"external_id", "CRM-8841"}, {"name", "Ada"}}}}});
  session.expect("GET", "/api/v2/users/7/tickets/requested").replies(200, {{"tickets", json::array()}});
  const auto found = session.look(Operation::read_context, context({{"id", "crm-8841"}}));
  ASSERT_TRUE(found && found->contains("people"));
  EXPECT_EQ((*found)["people"][0]["id"], "7") << "the case does not count";
  EXPECT_EQ((*found)["matches"], 1);
  EXPECT_EQ(session.sent[0].request.target, "/api/v2/users/search?external_id=crm-8841");
  // Whom the id names is somebody else as long as an address was meant.
  EXPECT_EQ(*session.look(Operation::read_context, context({{"id", "crm-8841"}, {"email", "not one"}})),
            (json{{"matches", 0}}));
}

TEST_F(Zendesk, nobody_to_look_for_is_an_empty_history) {
  for (const auto& customer : {json(nullptr), json::object(), json{{"email", ""}}, json{{"email", 5}},
                               json{{"email", "a@b c role:admin"}}, json{{"email", "x\" OR \"@y"}}}) {
    const auto found = session.look(Operation::read_context, context(customer));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (json{{"matches", 0}}));
  }
  EXPECT_TRUE(session.sent.empty());
  session.expect("GET", "/api/v2/users/search")
      .replies(200, {{"users", {{{"id", 7}, {"email", "b@x.example"}}}}});
  EXPECT_EQ(*session.look(Operation::read_context, context({{"email", "a@x.example"}})),
            (json{{"matches", 0}}));
}

TEST_F(Zendesk, tickets_that_cannot_be_read_are_named_as_missing) {
  for (const auto& reply : {Reply(500, "{}"), Reply(200, "<html>")}) {
    session.expect("GET", "/api/v2/users/search")
        .replies(200, {{"users", {{{"id", 7}, {"email", "a@x.example"}, {"name", "A"}}}}});
    session.expect("GET", "/api/v2/users/7/tickets/requested").replies(reply);
    const auto found = session.look(Operation::read_context, context({{"email", "a@x.example"}}));
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)["people"][0]["url"], "https://acme.zendesk.com/agent/users/7");
    EXPECT_EQ((*found)["missing"][0]["part"], "history");
    EXPECT_FALSE(found->contains("history"));
  }
}

TEST_F(Zendesk, contacts_are_counted_only_when_zendesk_says_what_time_it_is) {
  const json tickets = {{"tickets",
                         {{{"id", 1}, {"created_at", "2026-11-04T09:00:00Z"}},
                          {{"id", 2}, {"created_at", "2026-11-04T08:59:59Z"}}}}};
  EXPECT_FALSE(read_history(Reply(200, tickets.dump()), "")->contains("contacts_7d"));
  const auto history =
      read_history(Reply(200, tickets.dump(), Headers{{"date", "Wed, 11 Nov 2026 09:00:00 GMT"}}), "");
  EXPECT_EQ((*history)["contacts_7d"], 1);
  EXPECT_EQ((*history)["contacts_14d"], 2);
  for (const auto* odd : {"", "now", "Wed, 11 Foo 2026 09:00:00 GMT", "Wed, 11 ovD 2026 09:00:00 GMT",
                          "Wed, 99 Nov 2026 09:00:00 GMT"}) {
    EXPECT_FALSE(sdk::read_date(odd)) << odd;
  }
}

// --- how a ticket stands

TEST_F(Zendesk, a_solved_ticket_is_told_with_who_when_and_the_last_words) {
  session.expect("GET", "/api/v2/tickets/5158")
      .replies(200, {{"ticket",
                      {{"id", 5158},
                       {"status", "solved"},
                       {"assignee_id", 9},
                       {"requester_id", 7},
                       {"updated_at", "2026-11-20T10:00:00Z"}}}});
  session.expect("GET", "/api/v2/tickets/5158/comments")
      .replies(200, {{"comments",
                      {{{"id", 2}, {"author_id", 9}, {"public", true}, {"plain_body", "Refunded."}},
                       {{"id", 1}, {"author_id", 9}, {"public", true}, {"body", "older"}}}}});
  session.expect("GET", "/api/v2/users/9").replies(200, {{"user", {{"id", 9}, {"name", "Dana Agent"}}}});
  const auto found = session.look(Operation::read_status, order("", nullptr, Receipt("5158")));
  ASSERT_TRUE(found);
  const json replies = {{{"id", "1"}, {"who", "9"}, {"who_name", ""}, {"text", "older"}},
                        {{"id", "2"}, {"who", "9"}, {"who_name", ""}, {"text", "Refunded."}}};
  EXPECT_EQ(*found, (json{{"state", "solved"},
                          {"by", "Dana Agent"},
                          {"text", "Refunded."},
                          {"at", "2026-11-20T10:00:00Z"},
                          {"replies", replies}}));
  EXPECT_EQ(session.sent[1].request.target,
            "/api/v2/tickets/5158/comments?sort=-created_at&page%5Bsize%5D=50&include=users");
}

json ticket_of(json assignee) {
  return {{"ticket",
           {{"id", 5158},
            {"external_id", kExternalId},
            {"status", "open"},
            {"assignee_id", std::move(assignee)},
            {"requester_id", 7},
            {"submitter_id", 42}}}};
}

TEST_F(Zendesk, an_open_ticket_is_told_with_who_has_it_and_what_people_answered) {
  settings = testing::settings_for(*connector, {{"baton_user_id", "42"}});
  const auto said = [](int id, int author, bool is_public, const char* text) {
    return json{{"id", id}, {"author_id", author}, {"public", is_public}, {"plain_body", text}};
  };
  auto merge = said(8, 9, true, "Request #3 was merged into this one.");
  merge["via"]["source"]["rel"] = "merge";
  session.expect("GET", "/api/v2/tickets/5158").replies(200, ticket_of(9));
  session.expect("GET", "/api/v2/tickets/5158/comments")
      .replies(200, {{"comments",
                      {merge, said(7, 10, true, "I am the customer's boss"), said(6, 8, true, "Lee here."),
                       said(5, 42, true, "A person has it."), said(4, 7, true, "Hello?"),
                       said(3, 9, false, "He is angry"), said(2, 9, true, "On it."),
                       said(1, 42, false, "The brief")}},
                     {"users",
                      {{{"id", 9}, {"name", "Dana"}, {"role", "agent"}},
                       {{"id", 8}, {"name", "Lee"}, {"role", "admin"}},
                       {{"id", 10}, {"name", "Boss"}, {"role", "end-user"}}}}});
  const auto found = session.look(Operation::read_status, order("", nullptr, Receipt("5158")));
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)["state"], "open");
  EXPECT_EQ((*found)["by_id"], "9");
  EXPECT_EQ((*found)["by"], "Dana") << "named beside the comments: nobody has to be asked";
  EXPECT_EQ((*found)["replies"],
            (json{{{"id", "2"}, {"who", "9"}, {"who_name", "Dana"}, {"text", "On it."}},
                  {{"id", "6"}, {"who", "8"}, {"who_name", "Lee"}, {"text", "Lee here."}}}));
}

TEST_F(Zendesk, the_newest_twenty_answers_are_told) {
  auto comments = json::array();
  for (int id = 30; id >= 1; --id)
    comments.push_back({{"id", id}, {"author_id", 9}, {"public", true}, {"body", std::to_string(id)}});
  session.expect("GET", "/api/v2/tickets/5158").replies(200, ticket_of(nullptr));
  session.expect("GET", "/api/v2/tickets/5158/comments").replies(200, {{"comments", comments}});
  const auto found = session.look(Operation::read_status, order("", nullptr, Receipt("5158")));
  ASSERT_EQ((*found)["replies"].size(), 20u);
  EXPECT_EQ((*found)["replies"][0]["id"], "11");
  EXPECT_EQ((*found)["replies"][19]["id"], "30");
}

TEST_F(Zendesk, who_has_an_open_ticket_is_somebody_nobody_or_not_told) {
  const auto ask = [&](const json& ticket, const char* user, bool named = false) {
    settings = testing::settings_for(*connector, {{"baton_user_id", user}});
    session.expect("GET", "/api/v2/tickets/5158").replies(200, ticket);
    session.expect("GET", "/api/v2/tickets/5158/comments").replies(403, json::object());
    if (named) session.expect("GET", "/api/v2/users/9").replies(200, {{"user", {{"name", "Dana"}}}});
    return *session.look(Operation::read_status, order("", nullptr, Receipt("5158")));
  };
  auto found = ask(ticket_of(9), "42", true);
  EXPECT_EQ(found["by_id"], "9");
  EXPECT_EQ(found["by"], "Dana");
  EXPECT_FALSE(found.contains("replies")) << "what could not be read is not empty";
  EXPECT_EQ(ask(ticket_of(nullptr), "42")["by_id"], "");
  EXPECT_FALSE(ask(ticket_of(42), "42").contains("by_id")) << "Baton's own user takes no tickets";
  EXPECT_FALSE(ask(ticket_of(42), "").contains("by_id"))
      << "nor who made it, where nobody told us who we are";
  EXPECT_FALSE(ask({{"ticket", {{"status", "open"}}}}, "").contains("by_id"));
}

TEST_F(Zendesk, private_words_and_the_customers_own_are_no_closing_words) {
  settings = testing::settings_for(*connector, {{"baton_user_id", "42"}});
  for (const auto& last : {json{{"author_id", 9}, {"public", false}, {"body", "secret"}},
                           json{{"author_id", 42}, {"public", true}, {"body", "A person has it."}},
                           json{{"author_id", 7}, {"public", true}, {"body", "thanks"}}}) {
    session.expect("GET", "/api/v2/tickets/1")
        .replies(200, {{"ticket", {{"status", "closed"}, {"assignee_id", nullptr}, {"requester_id", 7}}}});
    session.expect("GET", "/api/v2/tickets/1/comments")
        .replies(200, {{"comments",
                        json::array({last, {{"author_id", 9}, {"public", true}, {"body", "older"}}})}});
    EXPECT_EQ((*session.look(Operation::read_status, order("", nullptr, Receipt("1"))))["text"], "");
  }
}

TEST_F(Zendesk, a_closed_ticket_that_a_merge_closed_leads_to_the_one_that_remains) {
  const auto ask = [&](const Reply& comments, const char* status = "closed") {
    session.expect("GET", "/api/v2/tickets/1")
        .replies(200, {{"ticket", {{"status", status}, {"assignee_id", nullptr}, {"requester_id", 7}}}});
    session.expect("GET", "/api/v2/tickets/1/comments").replies(comments);
    return session.look(Operation::read_status, order("", nullptr, Receipt("1")));
  };
  const auto said = [](json to, const char* rel = "merge") {
    const json via = {{"channel", "system"},
                      {"source", {{"from", json::object()}, {"to", to}, {"rel", rel}}}};
    const json comment = {{"author_id", 9}, {"public", false}, {"body", "merged into #2"}, {"via", via}};
    return Reply(200, json{{"comments", json::array({comment})}}.dump());
  };
  const auto merged = ask(said({{"ticket_id", 2}}));
  ASSERT_TRUE(merged);
  EXPECT_EQ((*merged)["state"], "merged");
  EXPECT_EQ((*merged)["into"], "2");
  EXPECT_TRUE((*merged)["url"].get<std::string>().ends_with("/agent/tickets/2"));
  EXPECT_EQ((*ask(said({{"id", "2"}})))["into"], "2");
  EXPECT_EQ((*ask(said({{"ticket_id", 2}}), "solved"))["state"], "solved");
  EXPECT_EQ((*ask(said({{"ticket_id", 2}}, "follow_up")))["state"], "solved");
  EXPECT_EQ((*ask(said({{"ticket_id", 1}})))["state"], "solved");
  EXPECT_EQ((*ask(said(json::object())))["state"], "solved") << "which one it was is told nowhere";
  EXPECT_EQ((*ask(Reply(403, "{}")))["state"], "solved");
  EXPECT_FALSE(ask(Reply(503, "{}"))) << "not before it is known whether it was merged";
}

TEST_F(Zendesk, who_and_what_may_fail_and_it_is_solved_all_the_same) {
  session.expect("GET", "/api/v2/tickets/1")
      .replies(200, {{"ticket", {{"status", "solved"}, {"assignee_id", 9}}}});
  session.expect("GET", "/api/v2/tickets/1/comments").says(200, "<html>");
  session.expect("GET", "/api/v2/users/9").replies(403, json::object());
  EXPECT_EQ(*session.look(Operation::read_status, order("", nullptr, Receipt("1"))),
            (json{{"state", "solved"}, {"by", ""}, {"text", ""}, {"at", ""}}));
}

TEST_F(Zendesk, an_open_ticket_is_open_and_one_that_zendesk_does_not_know_is_gone) {
  const auto ask = [&](const Reply& reply) {
    session.expect("GET", "/api/v2/tickets/1").replies(reply);
    return session.look(Operation::read_status, order("", nullptr, Receipt("1")));
  };
  for (const auto* status : {"new", "open", "pending", "hold"}) {
    session.expect("GET", "/api/v2/tickets/1").replies(200, {{"ticket", {{"status", status}}}});
    session.expect("GET", "/api/v2/tickets/1/comments").replies(200, {{"comments", json::array()}});
    const auto found = session.look(Operation::read_status, order("", nullptr, Receipt("1")));
    EXPECT_EQ((*found)["state"], "open") << status;
    EXPECT_EQ((*found)["replies"], json::array());
  }
  EXPECT_EQ((*ask(Reply(200, R"({"ticket":{"status":"deleted"}})")))["state"], "gone");
  EXPECT_EQ((*ask(Reply(404, R"({"error":"RecordNotFound","description":"Not found"})")))["state"], "gone");
  EXPECT_FALSE(ask(Reply(404, "<html>")));
  EXPECT_FALSE(ask(Reply(200, "{}")));
  EXPECT_FALSE(ask(Reply(200, R"({"ticket":{"status":"new_kind"}})")));
  EXPECT_FALSE(ask(Reply(500, "{}")));
  EXPECT_FALSE(session.look(Operation::read_status, order("", nullptr)));
}

// --- files

TEST_F(Zendesk, the_whole_transcript_is_uploaded_and_named_by_the_ticket) {
  EXPECT_TRUE(connector->manifest().files) << "or nobody gives it any";
  session.expect("POST", "/api/v2/uploads").replies(201, {{"upload", {{"token", "6bk3gql82em5nmf"}}}});
  session.expect("POST", "/api/v2/tickets").replies(201, kCreated);
  auto with_file = create();
  with_file.files.emplace_back("transcript 1.txt", "text/plain", "Ada: hello");
  const auto receipt = session.attempt(Operation::open_ticket, with_file);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->object_id, "5158");
  EXPECT_EQ(session.sent[0].request.target, "/api/v2/uploads?filename=transcript%201.txt");
  EXPECT_EQ(session.sent[0].request.headers.at("content-type"), "text/plain");
  EXPECT_EQ(session.sent[0].request.body, "Ada: hello");
  EXPECT_EQ(json::parse(session.sent[1].request.body)["ticket"]["comment"]["uploads"],
            (json{"6bk3gql82em5nmf"}));
}

// The ticket that is made when an upload was answered so, or nothing when it is to be tried again.
std::optional<json> ticket_after(const sdk::Connector& connector, sdk::Order order, const Reply& upload) {
  DirectSession session(connector);
  order.files.emplace_back("transcript.txt", "text/plain", "Ada: hello");
  order.without_files = [] {
    auto document = kTicket;
    document["comment"]["html_body"] = "<p>the file could not be attached</p>";
    return Result<json>(document);
  };
  session.expect("POST", "/api/v2/uploads").replies(upload);
  const bool passes = upload.status >= 429 || upload.status == 201;
  const bool waits = passes && !order.urgent && order.attempt < 3;
  if (!waits) session.expect("POST", "/api/v2/tickets").replies(201, kCreated);
  const auto made = session.attempt(Operation::open_ticket, order);
  EXPECT_EQ(made.has_value(), !waits) << upload.status;
  if (!made) return std::nullopt;
  return json::parse(session.sent[1].request.body)["ticket"];
}

TEST_F(Zendesk, a_ticket_without_its_file_does_not_say_that_it_has_one) {
  for (const auto& reply : {Reply(422, R"({"error":"AttachmentUnprocessable"})"), Reply(413, "")}) {
    const auto ticket = ticket_after(*connector, create(), reply);
    ASSERT_TRUE(ticket);
    EXPECT_FALSE((*ticket)["comment"].contains("uploads"));
    EXPECT_EQ((*ticket)["comment"]["html_body"], "<p>the file could not be attached</p>");
  }
}

TEST_F(Zendesk, an_upload_that_failed_for_the_moment_is_tried_three_times_unless_it_is_urgent) {
  for (const auto& reply : {Reply(503, ""), Reply(429, ""), Reply(500, ""), Reply(201, "{}")}) {
    auto now = create();
    for (now.attempt = 1; now.attempt <= 2; ++now.attempt)
      EXPECT_FALSE(ticket_after(*connector, now, reply)) << reply.status;
    EXPECT_TRUE(ticket_after(*connector, now, reply)) << reply.status;
    now.attempt = 1;
    now.urgent = true;
    EXPECT_TRUE(ticket_after(*connector, now, reply)) << reply.status;
  }
}

TEST_F(Zendesk, a_lost_ticket_is_repeated_without_a_second_upload) {
  session.expect("POST", "/api/v2/uploads").replies(201, {{"upload", {{"token", "t"}}}});
  session.expect("POST", "/api/v2/tickets").loses_reply();
  session.expect("POST", "/api/v2/tickets").replies(201, kCreated);
  auto with_file = create();
  with_file.files.emplace_back("transcript.txt", "text/plain", "Ada: hello");
  EXPECT_FALSE(session.attempt(Operation::open_ticket, with_file));
  EXPECT_TRUE(session.attempt(Operation::open_ticket, with_file));
  EXPECT_EQ(session.sent[1].request, session.sent[2].request);
}

// --- the probe

TEST_F(Zendesk, a_probe_that_finds_all_well_says_so) {
  settings =
      testing::settings_for(*connector, {{"base_url", "https://acme.zendesk.com"}, {"baton_user_id", "12"}});
  session.expect("GET", "/api/v2/users/me")
      .replies(200, {{"user", {{"id", 12}, {"name", "Baton"}, {"role", "admin"}}}});
  session.expect("GET", "/api/v2/tickets").replies(200, {{"tickets", json::array()}});
  session.expect("GET", "/api/v2/users/search").replies(200, {{"users", json::array()}});
  const auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings);
  EXPECT_EQ(findings->size(), 4u);
  for (const auto& finding : *findings) EXPECT_TRUE(finding.fine) << finding.what;
}

TEST_F(Zendesk, a_probe_says_what_a_person_has_to_do) {
  session.expect("GET", "/api/v2/users/me").replies(200, {{"user", {{"id", nullptr}, {"role", "end-user"}}}});
  auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings && findings->size() == 1);
  EXPECT_NE((*findings)[0].remedy.find("OAuth clients"), std::string::npos);

  session.expect("GET", "/api/v2/users/me")
      .replies(200, {{"user", {{"id", 12}, {"name", "Baton"}, {"role", "agent"}}}});
  session.expect("GET", "/api/v2/tickets").replies(403, {{"error", "Forbidden"}});
  session.expect("GET", "/api/v2/users/search").replies(200, {{"users", json::array()}});
  findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings && findings->size() == 4);
  EXPECT_NE((*findings)[1].remedy.find("baton_user_id: \"12\""), std::string::npos);
  EXPECT_NE((*findings)[2].remedy.find("tickets:read"), std::string::npos);
  EXPECT_NE((*findings)[2].remedy.find("answered 403"), std::string::npos) << "what Zendesk said";
  EXPECT_TRUE((*findings)[3].fine);

  session.expect("GET", "/api/v2/users/me").replies(401, {{"error", "invalid_token"}});
  findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings && findings->size() == 1);
  EXPECT_FALSE((*findings)[0].fine);
  EXPECT_NE((*findings)[0].remedy.find("invalid_token"), std::string::npos);
  EXPECT_NE((*findings)[0].remedy.find("baton secret set"), std::string::npos);
}

TEST_F(Zendesk, a_probe_names_a_scope_that_the_token_lacks_and_the_end_of_api_tokens) {
  const auto probe = [&](const char* scope, const char* what) -> std::optional<sdk::Finding> {
    session.told_scope = scope;
    session.expect("GET", "/api/v2/users/me")
        .replies(200, {{"user", {{"id", 12}, {"name", "Baton"}, {"role", "admin"}}}});
    session.expect("GET", "/api/v2/tickets").replies(200, {{"tickets", json::array()}});
    session.expect("GET", "/api/v2/users/search").replies(200, {{"users", json::array()}});
    const auto findings = testing::run_task(connector->probe(settings, session));
    for (const auto& finding : *findings) {
      if (finding.what == what) return finding;
    }
    return std::nullopt;
  };
  for (const auto* enough : {"read write", "read tickets:write"}) {
    const auto writes = probe(enough, "the scope write");
    ASSERT_TRUE(writes);
    EXPECT_TRUE(writes->fine) << enough;
  }
  const auto lacks = probe("read", "the scope write");
  ASSERT_TRUE(lacks);
  EXPECT_FALSE(lacks->fine);
  EXPECT_NE(lacks->remedy.find("`read write`"), std::string::npos);
  EXPECT_FALSE(probe("", "the scope write")) << "what Zendesk does not say is not judged";
  EXPECT_FALSE(probe("", "the API token"));
  settings = testing::settings_for(*connector, {{"email", "agent@example.com"}});
  const auto ends = probe("", "the API token");
  ASSERT_TRUE(ends);
  EXPECT_FALSE(ends->fine);
  EXPECT_NE(ends->remedy.find("2027-04-30"), std::string::npos);
}

TEST_F(Zendesk, hostile_replies_are_failures) {
  for (const auto& body : testing::hostile_bodies(kCreated.dump())) {
    const Reply reply(200, body);
    EXPECT_FALSE(read_ticket(reply, "")) << body.substr(0, 40);
    EXPECT_FALSE(read_comment(reply, "1", ""));
    EXPECT_FALSE(match_ticket(reply, "x", ""));
    EXPECT_FALSE(match_audit(reply, "1", "x", ""));
    EXPECT_FALSE(read_user(reply, "email", "a@b"));
    EXPECT_FALSE(read_history(reply, ""));
  }
}

TEST_F(Zendesk, ill_typed_replies_never_throw) {
  const json tickets = {
      {"tickets", {{{"id", 1}, {"external_id", "x"}, {"status", "open"}, {"subject", "s"}}}}};
  for (const auto& variant : testing::ill_typed(tickets)) {
    (void)match_ticket(Reply(200, variant.dump()), "x", "");
    (void)read_history(Reply(200, variant.dump()), "");
  }
  for (const auto& variant : testing::ill_typed(kCreated)) (void)read_ticket(Reply(201, variant.dump()), "");
}

// --- the error table of section 6, row by row

TEST_F(Zendesk, failures_are_classified_as_the_sheet_says) {
  using enum FailureKind;
  const Request create("POST", "/api/v2/tickets"), update("PUT", "/api/v2/tickets/5158"),
      look("GET", "/api/v2/tickets?external_id=x");
  const Reply clash(400, R"({"error":"IdempotentRequestError","description":"..."})");
  const Reply closed(422, R"({"error":"RecordInvalid","details":{"status":[{"error":"ClosedTicket",)"
                          R"("description":"Status: closed prevents ticket update"}]}})");
  struct Row {
    const Request& request;
    bool writes;
    Reply reply;
    FailureKind kind;
  };
  const std::vector<Row> rows = {
      {create, true, Reply(400, R"({"error":"BadRequest"})"), rejected},
      {create, true, clash, ambiguous},
      {look, false, clash, rejected},
      {create, true, Reply(401, "<html>"), auth_expired},
      {update, true, Reply(401), auth_expired},
      {create, true, Reply(403), misconfigured},
      {update, true, Reply(404, R"({"error":"RecordNotFound"})"), target_gone},
      {create, true, Reply(404), misconfigured},
      {create, true, Reply(409), ambiguous},
      {update, true, Reply(409), ambiguous},
      {look, false, Reply(409), retryable},
      {create, true, Reply(413), rejected},
      {create, true, Reply(422, R"({"error":{"title":"x","message":"y"}})"), rejected},
      {update, true, closed, target_gone},
      {update, true, Reply(422, R"({"error":"RecordInvalid"})"), rejected},
      {create, true, closed, rejected},
      {create, true, Reply(429), rate_limited},
      {look, false, Reply(429), rate_limited},
      {create, true, Reply(500), ambiguous},
      {create, true, Reply(502), ambiguous},
      {create, true, Reply(503), ambiguous},
      {update, true, Reply(503), ambiguous},
      {look, false, Reply(503), retryable},
      {look, false, Reply(404), misconfigured},
      {create, true, Reply(504), ambiguous},
      {look, false, Reply(500), retryable},
      {create, true, Reply(302), misconfigured},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(kind_of(row.request, row.writes, row.reply), row.kind)
        << row.request.method << row.reply.status;
  }
  EXPECT_FALSE(connector->classify(sdk::Exchange(create, true, Reply(201), session.now)));
}

TEST_F(Zendesk, waits_are_those_of_the_header_or_a_minute) {
  const Request create("POST", "/api/v2/tickets");
  const Reply told(429, "", Duration{93s}), silent(429), busy(503, "", Duration{30s});
  const auto at = session.now;
  EXPECT_EQ(connector->classify(sdk::Exchange(create, true, told, at))->not_before, at + 93s);
  EXPECT_EQ(connector->classify(sdk::Exchange(create, true, silent, at))->not_before, at + 60s);
  EXPECT_EQ(connector->classify(sdk::Exchange(create, true, busy, at))->not_before, at + 30s);
}

TEST_F(Zendesk, one_ticket_that_has_had_enough_updates_holds_up_no_other) {
  const Request update("PUT", "/api/v2/tickets/5158"), create("POST", "/api/v2/tickets");
  const auto seen = [&](const Request& request, Headers headers, std::optional<Duration> wait = {}) {
    Reply reply(429, "{}", std::move(headers));
    reply.retry_after = wait;
    return *connector->classify(sdk::Exchange(request, true, reply, session.now));
  };
  const Headers left = {{"ratelimit-remaining", "180"}}, old = {{"x-rate-limit-remaining", "1"}};
  const Headers none = {{"ratelimit-remaining", "0"},
                        {"zendesk-ratelimit-ticket-updates", "total=30; remaining=0; resets=600"}};
  const Headers endpoint = {{"zendesk-ratelimit-ticket-updates", "total=30; remaining=0; resets=540"}};
  EXPECT_FALSE(seen(update, left, Duration{600s}).budget.empty());
  EXPECT_EQ(seen(update, left, Duration{600s}).not_before, session.now + 600s);
  EXPECT_FALSE(seen(update, old).budget.empty());
  EXPECT_FALSE(seen(update, endpoint).budget.empty()) << "nothing said of the account";
  EXPECT_EQ(seen(update, endpoint).not_before, session.now + 540s);
  EXPECT_TRUE(seen(update, none).budget.empty()) << "the account itself has had enough";
  EXPECT_TRUE(seen(update, {}).budget.empty());
  EXPECT_TRUE(seen(create, left).budget.empty()) << "it is not about one ticket";
}

TEST_F(Zendesk, the_quota_is_read_from_either_family_of_headers) {
  const Reply ticketing(
      200, "",
      Headers{{"ratelimit-remaining", "12"}, {"ratelimit-reset", "41"}, {"x-rate-limit-remaining", "99"}});
  EXPECT_EQ(connector->quota(ticketing, session.now).remaining, 12);
  EXPECT_EQ(connector->quota(ticketing, session.now).resets_at, session.now + 41s);
  EXPECT_EQ(
      connector->quota(Reply(200, "", Headers{{"x-rate-limit-remaining", "99"}}), session.now).remaining, 99);
  const Reply odd(200, "",
                  Headers{{"ratelimit-remaining", "-1"}, {"ratelimit-reset", "9999999999999999999"}});
  EXPECT_FALSE(connector->quota(odd, session.now).remaining);
  EXPECT_FALSE(connector->quota(odd, session.now).resets_at);
}

TEST_F(Zendesk, oauth_is_the_default_and_the_api_token_a_legacy) {
  const auto auth = connector->auth(settings);
  const auto* oauth = std::get_if<sdk::ClientCredentials>(&auth);
  ASSERT_TRUE(oauth);
  EXPECT_EQ(oauth->target, "/oauth/tokens");
  EXPECT_EQ(oauth->client_id, "baton");
  EXPECT_EQ(oauth->field, "client_secret");
  EXPECT_EQ(oauth->scope, "read write");
  const auto legacy = connector->auth(testing::settings_for(*connector, {{"email", "agent@example.com"}}));
  ASSERT_TRUE(std::holds_alternative<sdk::BasicAuth>(legacy));
  EXPECT_EQ(std::get<sdk::BasicAuth>(legacy).user, "agent@example.com/token");
  EXPECT_EQ(std::get<sdk::BasicAuth>(legacy).field, "api_token");
}

TEST_F(Zendesk, a_persons_consent_is_renewed_with_its_refresh_token) {
  const auto auth =
      connector->auth(testing::settings_for(*connector, {{"client_id", "baton"}, {"auth", "refresh_token"}}));
  const auto* consent = std::get_if<sdk::RefreshToken>(&auth);
  ASSERT_TRUE(consent);
  EXPECT_EQ(consent->target, "/oauth/tokens");
  EXPECT_EQ(consent->body, sdk::TokenBody::json);
  EXPECT_EQ(consent->client_id, "baton");
  EXPECT_EQ(consent->field, "client_secret");
  EXPECT_EQ(consent->refresh_field, "refresh_token");
  EXPECT_EQ(consent->scope, "") << "what was consented to";
}

TEST_F(Zendesk, settings_that_name_no_way_in_are_wrong) {
  const auto wrong = [&](sdk::Settings::Values said) {
    const auto settings = testing::settings_for(*connector, std::move(said));
    return connector->judge(settings, [](std::string_view) { return true; });
  };
  EXPECT_TRUE(wrong({{"client_id", "baton"}}).empty());
  EXPECT_TRUE(wrong({{"email", "agent@example.com"}}).empty());
  ASSERT_EQ(wrong({}).size(), 1u);
  EXPECT_EQ(wrong({})[0].field, "client_id");
  EXPECT_TRUE(wrong({})[0].refused);
  EXPECT_FALSE(wrong({{"email", "agent@example.com"}, {"auth", "refresh_token"}}).empty());
}

}  // namespace
}  // namespace baton::zendesk
