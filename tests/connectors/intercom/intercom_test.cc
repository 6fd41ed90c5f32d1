// Intercom's requests and receipts, from its fact sheet: contact, conversation, note, ticket, chat platform.
#include <gtest/gtest.h>

#include "connectors/intercom/people.h"
#include "connectors/intercom/wire.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"

namespace baton::intercom {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;

constexpr auto kId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/intercom/open_ticket/1";
constexpr auto kNoteId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/intercom/add_note/3";
constexpr auto kDana = "991267001";
const json kAda = {{"type", "contact"},
                   {"id", "6762f11b1bb69f9f2193bba3"},
                   {"role", "user"},
                   {"email", "ada@example.com"},
                   {"name", "Ada Byron"}};
const json kMessage = {{"type", "user_message"}, {"id", "403918330"}, {"conversation_id", "499"}};

json page_of(json list, const char* name = "data") {
  return {{"type", "list"}, {name, std::move(list)}, {"pages", {{"type", "pages"}, {"page", 1}}}};
}
json part(const char* id, const char* type, const std::string& body, const char* author = "991267696") {
  return {{"id", id},
          {"part_type", type},
          {"body", body},
          {"created_at", 1795169730},
          {"author",
           {{"type", std::string(author) == "c1" ? "user" : "admin"}, {"id", author}, {"name", "Dana"}}}};
}
json conversation(json parts, const char* state = "open") {
  return {{"type", "conversation"},
          {"id", "499"},
          {"state", state},
          {"created_at", 1795169700},
          {"source", {{"body", "Hello"}, {"author", {{"type", "user"}, {"id", "c1"}, {"name", "Ada"}}}}},
          {"contacts", {{"contacts", json::array({{{"id", "c1"}, {"external_id", "crm-8841"}}})}}},
          {"conversation_parts", {{"conversation_parts", std::move(parts)}}}};
}

class Intercom : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = with({});
  DirectSession session{*connector};

  sdk::Settings with(sdk::Settings::Values more) const {
    more.try_emplace("base_url", "https://api.intercom.io");
    more.try_emplace("admin_id", "991267696");
    more.try_emplace("app_id", "abc123de");
    return testing::settings_for(*connector, std::move(more));
  }
  sdk::Order order(const char* id, json document, Receipt target = {}, json subject = json::object()) {
    return sdk::Order(id, id, std::move(document), std::move(target), std::move(subject), settings);
  }
  sdk::Order open(json customer = {{"id", "crm-8841"}, {"email", "ada@example.com"}, {"name", "Ada Byron"}}) {
    return order(kId, {{"customer", std::move(customer)}, {"message", "Refund not received"}});
  }
  sdk::Order in_chat(json subject) {
    subject["conversation"] = {{"id", "499"}};
    return order(kNoteId, nullptr, {}, std::move(subject));
  }
  json body(std::size_t at) const { return json::parse(session.sent.at(at).request.body); }
  void knows_ada() { session.expect("POST", "/contacts/search").replies(200, page_of(json::array({kAda}))); }
  std::optional<FailureKind> kind_of(const Request& request, bool writes, const Reply& reply) {
    const auto failure = connector->classify(sdk::Exchange(request, writes, reply, session.now));
    return failure ? std::optional(failure->kind) : std::nullopt;
  }
};

TEST_F(Intercom, a_conversation_is_started_for_the_contact_and_its_id_is_not_the_messages) {
  knows_ada();
  session.expect("POST", "/conversations").replies(200, kMessage);
  const auto receipt = session.attempt(Operation::open_ticket, open());
  ASSERT_TRUE(receipt);
  EXPECT_EQ(*receipt, Receipt("499", "https://app.intercom.com/a/inbox/abc123de/inbox/conversation/499"));
  const auto& request = session.sent[1].request;
  EXPECT_EQ(header(request.headers, "intercom-version"), "2.16");
  EXPECT_EQ(header(request.headers, "accept"), "application/json");
  EXPECT_EQ(body(1)["from"], json({{"type", "contact"}, {"id", "6762f11b1bb69f9f2193bba3"}}));
  EXPECT_EQ(body(1)["body"], "Refund not received\n\nBaton ref " + std::string(kId));
}

TEST_F(Intercom, the_brief_is_a_note_and_the_team_gets_the_conversation) {
  settings = with({{"team_id", "5017691"}});
  knows_ada();
  session.expect("POST", "/conversations").replies(200, kMessage);
  const auto marked = "<p>Brief</p><p>Baton ref " + std::string(kId) + ".brief</p>";
  session.expect("POST", "/conversations/499/reply")
      .replies(200, conversation(json::array({part("7", "note", marked)})));
  session.expect("POST", "/conversations/499/parts").replies(200, conversation(json::array()));
  auto with_note = open();
  with_note.document["note"] = "<p>Brief</p>";
  ASSERT_TRUE(session.attempt(Operation::open_ticket, with_note));
  EXPECT_EQ(body(2),
            json({{"message_type", "note"}, {"type", "admin"}, {"admin_id", "991267696"}, {"body", marked}}));
  EXPECT_EQ(body(3), json({{"message_type", "assignment"},
                           {"type", "team"},
                           {"admin_id", "991267696"},
                           {"assignee_id", "5017691"}}));
}

TEST_F(Intercom, a_team_that_is_not_there_does_not_undo_the_conversation) {
  settings = with({{"team_id", "1"}});
  knows_ada();
  session.expect("POST", "/conversations").replies(200, kMessage);
  session.expect("POST", "/conversations/499/parts")
      .replies(404, {{"errors", json::array({{{"code", "team_not_found"}, {"message", "Team not found"}}})}});
  const auto receipt = session.attempt(Operation::open_ticket, open());
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, "499");
}

TEST_F(Intercom, a_file_goes_with_a_note_of_its_own_and_one_that_is_refused_does_not_matter) {
  knows_ada();
  session.expect("POST", "/conversations").replies(200, kMessage);
  session.expect("POST", "/conversations/499/reply")
      .replies(422, {{"errors", json::array({{{"code", "unprocessable_entity"}, {"message", "no"}}})}});
  const auto said =
      "<p>transcript.txt could not be attached.</p><p>Baton ref " + std::string(kId) + ".missing1</p>";
  session.expect("POST", "/conversations/499/reply")
      .replies(200, conversation(json::array({part("7", "note", said)})));
  auto filed = open();
  filed.files.emplace_back("transcript.txt", "text/plain", "Hello");
  ASSERT_TRUE(session.attempt(Operation::open_ticket, filed));
  EXPECT_EQ(
      body(2)["attachment_files"],
      json::array({{{"content_type", "text/plain"}, {"name", "transcript.txt"}, {"data", "SGVsbG8="}}}));
  EXPECT_EQ(body(3)["body"], said);  // the brief speaks of it
}

TEST_F(Intercom, of_a_file_that_is_too_large_the_newest_is_attached) {
  std::string lines;
  for (int i = 0; lines.size() < kLargestFile + 5000; ++i) lines += "line " + std::to_string(i) + " \u00e9\n";
  const auto cut = cut_to_fit(sdk::File("conversation.txt", "text/plain; charset=utf-8", lines + "the end"));
  ASSERT_TRUE(cut);
  EXPECT_LE(cut->bytes.size(), kLargestFile);
  EXPECT_GT(cut->bytes.size(), kLargestFile - 200);
  EXPECT_TRUE(
      cut->bytes.starts_with("[the beginning is left out: the file would be too large for "
                             "Intercom]\nline "));
  EXPECT_TRUE(cut->bytes.ends_with("the end"));
  const std::string letters(kLargestFile, 'x');
  const auto one_line = cut_to_fit(sdk::File("a.txt", "text/plain", "\u00e9" + letters + "\u00e9"));
  ASSERT_TRUE(one_line);
  EXPECT_EQ(to_valid_utf8(one_line->bytes), one_line->bytes);
  EXPECT_FALSE(cut_to_fit(sdk::File("a.png", "image/png", letters + "x")));
  EXPECT_EQ(cut_to_fit(sdk::File("a.png", "image/png", letters))->bytes, letters);
}

TEST_F(Intercom, a_lost_reply_is_looked_up_by_the_reference_in_the_first_message_on_every_page) {
  knows_ada();
  session.expect("POST", "/conversations").loses_reply();
  ASSERT_FALSE(session.attempt(Operation::open_ticket, open()));
  session.now += 3min;
  knows_ada();
  auto first =
      page_of(json::array({{{"id", "1"}, {"source", {{"body", "<p>another</p>"}}}}}), "conversations");
  first["pages"]["next"] = {{"page", 2}, {"starting_after", "cursor"}};
  session.expect("POST", "/conversations/search").replies(200, first);
  const auto ours = "<p>Refund<br>Baton ref " + std::string(kId) + "</p>";
  session.expect("POST", "/conversations/search")
      .replies(200, page_of(json::array({{{"id", "499"}, {"source", {{"body", ours}}}}}), "conversations"));
  const auto receipt = session.attempt(Operation::open_ticket, open());
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, "499");
  EXPECT_EQ(session.count("POST", "/conversations"), 1);
  EXPECT_EQ(body(4)["pagination"]["starting_after"], "cursor");
}

TEST_F(Intercom, a_search_that_cannot_be_read_proves_nothing) {
  const Api api(settings);
  const auto lookup = find_conversation(api, "c1", kId, settings);
  for (const auto* text :
       {"", "null", "[]", "{}", R"({"conversations":{}})", R"({"conversations":[{}]})",
        R"({"conversations":[{"id":"1"}]})", R"({"conversations":[{"id":"1","source":{"body":7}}]})"}) {
    const auto found = lookup.match(Reply(200, text));
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(name(found.error().kind), "ambiguous");
  }
  const auto none = lookup.match(Reply(200, R"({"conversations":[],"pages":{}})"));
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  EXPECT_FALSE(lookup.next(Reply(200, R"({"conversations":[]})")));  // no word of an end
  EXPECT_FALSE(lookup.next(Reply(200, R"({"pages":{"next":{}}})")));
}

TEST_F(Intercom, a_reference_is_found_whole) {
  EXPECT_TRUE(refers_to("<p>Baton ref hof_1/intercom/add_note/1</p>", "hof_1/intercom/add_note/1"));
  EXPECT_FALSE(refers_to("Baton ref hof_1/intercom/add_note/12", "hof_1/intercom/add_note/1"));
  EXPECT_FALSE(refers_to("Baton ref hof_1/intercom/open_ticket/1.brief", "hof_1/intercom/open_ticket/1"));
  EXPECT_FALSE(refers_to("", "hof_1"));
  EXPECT_EQ(handoff_opened_in("<p>Refund<br>Baton ref hof_1/intercom/open_ticket/1</p>"), "hof_1");
  EXPECT_EQ(handoff_opened_in("Refund\n\nBaton ref hof_1/intercom/open_ticket/1\n"), "hof_1");
  // A quotation, a note, and what is no handoff's.
  EXPECT_EQ(handoff_opened_in("Baton ref hof_1/intercom/open_ticket/1 is what you wrote"), "");
  EXPECT_EQ(handoff_opened_in("Baton ref hof_1/intercom/add_note/1"), "");
  EXPECT_EQ(handoff_opened_in("Baton ref x/intercom/open_ticket/1"), "");
  EXPECT_EQ(handoff_opened_in("Baton ref "), "");
}

TEST_F(Intercom, an_unknown_customer_becomes_a_contact_without_an_id_of_the_chat) {
  session.expect("POST", "/contacts/search").replies(200, page_of(json::array()));
  session.expect("POST", "/contacts").replies(200, kAda);
  session.expect("POST", "/conversations").replies(200, kMessage);
  ASSERT_TRUE(session.attempt(Operation::open_ticket, open()));
  EXPECT_EQ(body(1), json({{"role", "user"}, {"email", "ada@example.com"}, {"name", "Ada Byron"}}));
}

TEST_F(Intercom, a_clash_names_the_contact_that_is_there) {
  session.expect("POST", "/contacts/search").replies(200, page_of(json::array()));
  session.expect("POST", "/contacts")
      .replies(409, {{"errors", json::array({{{"code", "conflict"},
                                              {"message",
                                               "A contact matching those details already exists with "
                                               "id=5f5f"}}})}});
  session.expect("POST", "/conversations").replies(200, kMessage);
  ASSERT_TRUE(session.attempt(Operation::open_ticket, open()));
  EXPECT_EQ(body(2)["from"]["id"], "5f5f");
}

TEST_F(Intercom, an_archived_contact_is_brought_back) {
  session.expect("POST", "/contacts/search").replies(200, page_of(json::array()));
  session.expect("POST", "/contacts")
      .replies(409, {{"errors", json::array({{{"code", "conflict"},
                                              {"message",
                                               "An archived contact matching those details already exists "
                                               "with id=5f5f"}}})}});
  session.expect("POST", "/contacts/5f5f/unarchive").replies(200, {{"type", "contact"}, {"id", "5f5f"}});
  session.expect("POST", "/conversations").replies(200, kMessage);
  ASSERT_TRUE(session.attempt(Operation::open_ticket, open()));
  EXPECT_EQ(body(3)["from"]["id"], "5f5f");
}

TEST_F(Intercom, whoever_intercom_takes_no_contact_for_is_the_handoffs_own) {
  const json refused = {{"errors", json::array({{{"code", "parameter_invalid"}, {"message", "invalid"}}})}};
  const json archived = {
      {"errors", json::array({{{"code", "conflict"},
                               {"message",
                                "An archived contact matching those details already exists with "
                                "id=5f5f"}}})}};
  for (const bool lost : {false, true}) {
    SCOPED_TRACE(lost ? "archived for good" : "an address that is none");
    DirectSession one(*connector);
    one.expect("POST", "/contacts/search").replies(200, page_of(json::array()));
    one.expect("POST", "/contacts").replies(lost ? 409 : 400, lost ? archived : refused);
    if (lost) one.expect("POST", "/contacts/5f5f/unarchive").replies(400, refused);
    one.expect("POST", "/contacts").replies(200, kAda);
    one.expect("POST", "/conversations").replies(200, kMessage);
    const auto receipt = one.attempt(Operation::open_ticket, open());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_EQ(json::parse(one.sent[lost ? 3 : 2].request.body),
              json({{"role", "user"},
                    {"external_id", "hof_0199e5a1c2d37f00a1b2c3d4e5f60718"},
                    {"name", "Ada Byron"}}));
  }
}

TEST_F(Intercom, a_merged_contact_is_followed) {
  settings = with({{"contact_key", "external_id"}});
  Reply merged(410, R"({"errors":[{"code":"contact_merged"}]})");
  merged.headers["link"] = "</contacts/6762f11b1bb69f9f2193bba3>; rel=\"canonical\"";
  session.expect("GET", "/contacts/find_by_external_id/crm-8841").replies(merged);
  session.expect("GET", "/contacts/6762f11b1bb69f9f2193bba3").replies(200, kAda);
  session.expect("POST", "/conversations").replies(200, kMessage);
  ASSERT_TRUE(session.attempt(Operation::open_ticket, open()));
}

TEST_F(Intercom, somebody_without_address_and_id_is_the_handoffs_own_contact) {
  session.expect("POST", "/contacts").replies(200, kAda);
  session.expect("POST", "/conversations").replies(200, kMessage);
  ASSERT_TRUE(session.attempt(Operation::open_ticket, open({{"name", "Guest"}})));
  EXPECT_EQ(body(0)["external_id"], "hof_0199e5a1c2d37f00a1b2c3d4e5f60718");
}

TEST_F(Intercom, a_ticket_is_one_where_the_setting_says_so) {
  settings = with({{"opens", "ticket"}, {"ticket_type_id", "88"}, {"team_id", "8"}});
  knows_ada();
  session.expect("POST", "/tickets").replies(200, {{"type", "ticket"}, {"id", "501"}, {"ticket_id", "1"}});
  auto ticket = open();
  ticket.document["ticket"] = {{"ticket_attributes", {{"_default_title_", std::string(300, 'x')}}}};
  const auto receipt = session.attempt(Operation::open_ticket, ticket);
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, "ticket:501");
  EXPECT_EQ(body(1)["ticket_type_id"], "88");
  EXPECT_EQ(body(1)["contacts"], json::array({{{"id", "6762f11b1bb69f9f2193bba3"}}}));
  EXPECT_EQ(body(1)["assignment"]["team_assignee_id"], "8");
  EXPECT_EQ(body(1)["ticket_attributes"]["_default_title_"].get<std::string>().size(), 250u);
  EXPECT_TRUE(refers_to(body(1)["ticket_attributes"]["_default_description_"].get<std::string>(), kId));
}

TEST_F(Intercom, a_ticket_without_its_team_and_attribute_is_better_than_none) {
  settings = with({{"opens", "ticket"},
                   {"ticket_type_id", "88"},
                   {"team_id", "8"},
                   {"handoff_attribute", "baton_handoff_id"}});
  knows_ada();
  session.expect("POST", "/tickets")
      .replies(404, {{"errors", json::array({{{"code", "team_not_found"}, {"message", "Team not found"}}})}});
  session.expect("POST", "/tickets").replies(200, {{"type", "ticket"}, {"id", "501"}});
  auto ticket = open();
  ticket.document["ticket"] = {{"ticket_attributes", {{"_default_title_", "Refund"}, {"own", "x"}}}};
  const auto receipt = session.attempt(Operation::open_ticket, ticket);
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, "ticket:501");
  EXPECT_EQ(body(1)["ticket_attributes"]["baton_handoff_id"], kId);
  EXPECT_FALSE(body(2).contains("assignment"));
  EXPECT_EQ(body(2)["ticket_attributes"].size(), 2u) << body(2);
  EXPECT_EQ(body(2)["ticket_attributes"]["_default_title_"], "Refund");
  EXPECT_TRUE(refers_to(body(2)["ticket_attributes"]["_default_description_"].get<std::string>(), kId));
}

TEST_F(Intercom, what_is_plain_already_is_not_sent_twice) {
  settings = with({{"opens", "ticket"}, {"ticket_type_id", "88"}});
  knows_ada();
  session.expect("POST", "/tickets")
      .replies(400, {{"errors", json::array({{{"code", "parameter_invalid"}}})}});
  const auto receipt = session.attempt(Operation::open_ticket, open());
  ASSERT_FALSE(receipt);
  EXPECT_EQ(name(receipt.error().kind), "rejected");
}

TEST_F(Intercom, a_conversation_that_runs_here_already_is_only_briefed) {
  settings = with({{"opens", "same_conversation"}});
  auto here = open();
  here.document["conversation_id"] = "499";
  const auto receipt = session.attempt(Operation::open_ticket, here);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->object_id, "499");
}

TEST_F(Intercom, a_note_that_may_be_there_is_looked_for_before_it_is_written_again) {
  session.expect("POST", "/conversations/499/reply").loses_reply();
  const auto note = order(kNoteId, {{"body", "<p>More</p>"}}, Receipt("499"));
  ASSERT_FALSE(session.attempt(Operation::add_note, note));
  session.now += 1min;
  const auto there = "<p>More</p><p>Baton ref " + std::string(kNoteId) + "</p>";
  session.expect("GET", "/conversations/499")
      .replies(200, conversation(json::array({part("8", "note", there)})));
  const auto receipt = session.attempt(Operation::add_note, note);
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, "8");
  EXPECT_EQ(session.count("POST", "/conversations/499/reply"), 1);
}

TEST_F(Intercom, a_note_without_a_mapping_cannot_bring_markup) {
  const auto shown = "&lt;b&gt;<br>x" + std::string("</p><p>Baton ref ") + kNoteId;
  session.expect("POST", "/tickets/501/reply")
      .replies(200, {{"type", "ticket_part"}, {"id", "9"}, {"body", shown}});
  ASSERT_TRUE(session.attempt(Operation::add_note,
                              order(kNoteId, nullptr, Receipt("ticket:501"), {{"text", "<b>\nx"}})));
  EXPECT_TRUE(body(0)["body"].get<std::string>().starts_with("<p>&lt;b&gt;<br>x</p>"));
}

TEST_F(Intercom, the_customers_new_words_bring_back_what_somebody_put_off) {
  const auto marked = "<p>More</p><p>Baton ref " + std::string(kNoteId) + "</p>";
  const json said = {{"from", "customer"}, {"text", "More"}};
  const auto noted = [&](const char* state, const char* handoff, const json& subject) {
    DirectSession one(*connector);
    one.expect("POST", "/conversations/499/reply")
        .replies(200, conversation(json::array({part("8", "note", marked)}), state));
    const bool looks = subject == said && std::string(handoff) != "waiting";
    const bool wakes = looks && std::string(state) != "open";
    if (looks) one.expect("GET", "/conversations/499").replies(200, conversation(json::array(), state));
    if (wakes) one.expect("POST", "/conversations/499/parts").replies(200, conversation(json::array()));
    const auto receipt =
        one.attempt(Operation::add_note,
                    order(kNoteId, {{"body", "<p>More</p>"}, {"state", handoff}}, Receipt("499"), subject));
    EXPECT_TRUE(receipt);
    if (receipt) EXPECT_EQ(receipt->object_id, "8");
    if (wakes)
      EXPECT_EQ(json::parse(one.sent.back().request.body),
                json({{"message_type", "open"}, {"admin_id", "991267696"}}));
  };
  noted("snoozed", "claimed", said);
  noted("closed", "active", said);
  noted("open", "active", said);
  noted("snoozed", "waiting", said);
  noted("snoozed", "claimed", {{"text", "More"}});
}

TEST_F(Intercom, a_ticket_that_waits_for_the_customer_is_in_progress_again_with_their_words) {
  const auto marked = "<p>More</p><p>Baton ref " + std::string(kNoteId) + "</p>";
  const json states = {{"data", json::array({{{"id", "2"}, {"category", "in_progress"}}})}};
  session.expect("POST", "/tickets/501/reply").replies(200, {{"id", "9"}, {"body", marked}});
  session.expect("GET", "/tickets/501")
      .replies(200, {{"id", "501"},
                     {"open", true},
                     {"snoozed_until", 1795169999},
                     {"ticket_state", {{"category", "waiting_on_customer"}}}});
  session.expect("GET", "/ticket_states").replies(200, states);
  session.expect("PUT", "/tickets/501").replies(200, {{"id", "501"}});
  session.expect("PUT", "/tickets/501").replies(200, {{"id", "501"}});
  const auto note = order(kNoteId, {{"body", "<p>More</p>"}, {"state", "active"}}, Receipt("ticket:501"),
                          {{"from", "customer"}, {"text", "More"}});
  ASSERT_TRUE(session.attempt(Operation::add_note, note));
  EXPECT_EQ(body(3), json({{"ticket_state_id", "2"}, {"admin_id", 991267696}}));
  EXPECT_EQ(body(4), json({{"open", true}, {"admin_id", 991267696}}));
}

TEST_F(Intercom, what_was_said_in_the_ticket_itself_is_not_noted_there_again) {
  settings = with({{"opens", "same_conversation"}});
  const auto note = [&](const char* id, json subject) {
    return order(kNoteId, {{"body", "<p>More</p>"}, {"state", "active"}}, Receipt(id), std::move(subject));
  };
  const auto receipt =
      session.attempt(Operation::add_note, note("499", {{"from", "customer"}, {"text", "x"}}));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->object_id, "499");
  EXPECT_TRUE(session.sent.empty());
  const auto marked = "<p>More</p><p>Baton ref " + std::string(kNoteId) + "</p>";
  session.expect("POST", "/conversations/499/reply")
      .replies(200, conversation(json::array({part("8", "note", marked)})));
  EXPECT_TRUE(session.attempt(Operation::add_note, note("499", {{"text", "Passed on by Dana"}})));
}

TEST_F(Intercom, a_misspelt_setting_is_named_with_what_is_allowed) {
  const auto wrong = [&](std::string_view field, std::string_view value) {
    for (const auto& one : connector->manifest().fields) {
      if (one.name == field) return one.wrong ? std::string(one.wrong(value)) : std::string();
    }
    return std::string("no such field");
  };
  EXPECT_NE(wrong("opens", "tickets").find("same_conversation"), std::string::npos);
  EXPECT_NE(wrong("contact_key", "mail").find("external_id"), std::string::npos);
  EXPECT_NE(wrong("returned", "open").find("unassigned"), std::string::npos);
  EXPECT_NE(wrong("webhook_tolerance", "soon").find("24h"), std::string::npos);
  for (const auto& field : connector->manifest().fields) {
    if (!field.fallback.empty()) EXPECT_EQ(wrong(field.name, field.fallback), "") << field.name;
  }
  for (const auto* opens : {"conversation", "ticket", "same_conversation"})
    EXPECT_EQ(wrong("opens", opens), "");
}

TEST_F(Intercom, a_long_note_is_cut_between_paragraphs_and_keeps_its_reference) {
  std::string html;
  while (html.size() < 60'000) html += "<p>" + std::string(500, 'x') + "</p>";
  const auto write = write_note(Api(settings), Target::conversation("499"), html, kNoteId);
  const auto sent = json::parse(write.request().body)["body"].get<std::string>();
  EXPECT_LE(sent.size(), 20'000u);
  EXPECT_GT(sent.size(), 18'000u);
  EXPECT_TRUE(refers_to(sent, kNoteId));
  EXPECT_NE(sent.find("</p><p>[cut here"), std::string::npos);
}

TEST_F(Intercom, a_note_of_one_long_paragraph_keeps_what_fits) {
  std::string html = "<p>customer: " + std::string(30'000, 'x') + "</p>";
  const auto write = write_note(Api(settings), Target::conversation("499"), html, kNoteId);
  const auto sent = json::parse(write.request().body)["body"].get<std::string>();
  EXPECT_LE(sent.size(), 20'000u);
  EXPECT_GT(sent.size(), 18'000u);
  EXPECT_TRUE(sent.starts_with("<p>customer: xxx"));
  EXPECT_NE(sent.find("x</p><p>[cut here"), std::string::npos);
}

TEST_F(Intercom, statuses_open_and_close_conversations) {
  for (const auto& [status, type] : {std::pair{"solved", "close"}, {"open", "open"}, {"pending", "open"}}) {
    DirectSession one(*connector);
    one.expect("POST", "/conversations/499/parts").replies(200, conversation(json::array()));
    ASSERT_TRUE(
        one.attempt(Operation::set_status, order(kNoteId, nullptr, Receipt("499"), {{"status", status}})));
    EXPECT_EQ(json::parse(one.sent[0].request.body)["message_type"], type);
  }
  EXPECT_FALSE(
      session.attempt(Operation::set_status, order(kNoteId, nullptr, Receipt("499"), {{"status", "lost"}})));
}

TEST_F(Intercom, a_tickets_state_is_found_by_its_category_and_the_same_state_is_fine) {
  const json states = {{"data", json::array({{{"id", "1"}, {"category", "submitted"}},
                                             {{"id", "8"}, {"category", "resolved"}, {"archived", true}},
                                             {{"id", "9"}, {"category", "resolved"}}})}};
  session.expect("GET", "/ticket_states").replies(200, states);
  session.expect("PUT", "/tickets/501")
      .replies(400, {{"errors", json::array({{{"code", "parameter_invalid"},
                                              {"message", "Ticket cannot transition to the same state"}}})}});
  ASSERT_TRUE(session.attempt(Operation::set_status,
                              order(kNoteId, nullptr, Receipt("ticket:501"), {{"status", "solved"}})));
  EXPECT_EQ(body(1), json({{"ticket_state_id", "9"}, {"admin_id", 991267696}}));
}

TEST_F(Intercom, a_message_to_the_customer_is_escaped_and_found_again_after_the_customers_last_words) {
  const auto told = in_chat({{"text", "Dana has <it> now"}, {"by", "Dana & Co"}});
  const std::string html = "<p><b>Dana &amp; Co</b></p><p>Dana has &lt;it&gt; now</p>";
  session.expect("POST", "/conversations/499/reply").loses_reply();
  ASSERT_FALSE(session.attempt(Operation::tell_customer, told));
  EXPECT_EQ(body(0)["body"], html);
  EXPECT_EQ(body(0)["message_type"], "comment");
  session.now += 1min;
  session.expect("GET", "/conversations/499")
      .replies(200,
               conversation(json::array({part("1", "comment", "Hi", "c1"), part("2", "comment", html)})));
  const auto receipt = session.attempt(Operation::tell_customer, told);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->object_id, "2");
}

TEST_F(Intercom, the_same_words_before_the_customers_last_ones_are_not_this_message) {
  const auto lookup = find_comment(Api(settings), Target::conversation("499"), "<p>We have it</p>", "");
  const auto old = conversation(
      json::array({part("1", "comment", "<p>We have it</p>"), part("2", "comment", "And?", "c1")}));
  const auto found = lookup.match(Reply(200, old.dump()));
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
}

TEST_F(Intercom, control_is_taken_by_a_team_and_given_back_by_closing_with_a_note) {
  settings = with({{"human_team_id", "5017691"}});
  session.expect("POST", "/conversations/499/parts").replies(200, conversation(json::array()));
  ASSERT_TRUE(session.attempt(Operation::take_control, in_chat({})));
  EXPECT_EQ(body(0)["message_type"], "assignment");
  DirectSession back(*connector);
  const auto note = "<p>Refunded</p><p>Baton ref " + std::string(kNoteId) + "</p>";
  back.expect("POST", "/conversations/499/reply")
      .replies(200, conversation(json::array({part("3", "note", note)})));
  back.expect("POST", "/conversations/499/parts").replies(200, conversation(json::array()));
  ASSERT_TRUE(back.attempt(Operation::give_back, in_chat({{"text", "Refunded"}})));
  EXPECT_EQ(json::parse(back.sent[1].request.body)["message_type"], "close");
}

TEST_F(Intercom, without_a_conversation_nothing_is_sent) {
  for (const auto operation : {Operation::tell_customer, Operation::take_control, Operation::give_back,
                               Operation::add_note, Operation::set_status}) {
    const auto receipt =
        session.attempt(operation, order(kNoteId, nullptr, {}, {{"text", "x"}, {"status", "open"}}));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(name(receipt.error().kind), "rejected");
  }
  EXPECT_TRUE(session.sent.empty());
}

TEST_F(Intercom, a_transcript_has_the_first_message_and_all_that_was_said_but_no_notes) {
  auto parts = json::array({part("1", "comment", "Where is it?", "c1"), part("2", "note", "internal"),
                            part("3", "assignment", ""), part("4", "comment", "Soon", kDana),
                            part("6", "comment", "Ours")});
  parts.push_back(
      {{"id", "5"},
       {"part_type", "comment"},
       {"body", "I am Fin"},
       {"created_at", 1795169731},
       {"author", {{"type", "bot"}, {"from_ai_agent", true}, {"name", "Fin"}}},
       {"attachments",
        json::array({{{"name", "a.png"}, {"url", "https://x.example/a"}, {"content_type", "image/png"}}})}});
  session.expect("GET", "/conversations/499").replies(200, conversation(parts));
  const auto found = session.look(Operation::fetch_transcript, in_chat({}));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(query_value(session.sent[0].request.target, "display_as"), "plaintext");
  const auto& lines = (*found)["transcript"];
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(
      lines[0],
      json({{"role", "customer"}, {"author", "Ada"}, {"text", "Hello"}, {"at", "2026-11-20T10:15:00.000Z"}}));
  EXPECT_EQ(lines[1]["role"], "customer");
  EXPECT_EQ(lines[2]["role"], "agent");
  EXPECT_EQ(lines[3]["role"], "system");  // no agent said it
  EXPECT_EQ(lines[4]["role"], "ai");
  EXPECT_EQ(lines[4]["attachments"][0],
            json({{"name", "a.png"}, {"url", "https://x.example/a"}, {"type", "image/png"}}));
  EXPECT_EQ((*found)["customer"], json({{"id", "crm-8841"}, {"name", "Ada"}}));
}

TEST_F(Intercom, of_many_messages_the_newest_five_hundred_are_kept) {
  auto parts = json::array();
  for (int i = 1; i <= 500; ++i)
    parts.push_back(part(std::to_string(i).c_str(), "comment", "m" + std::to_string(i), "c1"));
  session.expect("GET", "/conversations/499").replies(200, conversation(parts));
  const auto found = session.look(Operation::fetch_transcript, in_chat({}));
  ASSERT_TRUE(found);
  ASSERT_EQ((*found)["transcript"].size(), 500u);
  EXPECT_EQ((*found)["transcript"][0]["text"], "m1");
}

TEST_F(Intercom, a_status_is_read_with_who_closed_it_and_the_last_words) {
  session.expect("GET", "/conversations/499")
      .replies(200, conversation(json::array({part("1", "comment", "<p>Refunded.</p>", kDana),
                                              part("2", "close", "", kDana), part("3", "comment", "Ours")}),
                                 "closed"));
  const auto asked = order("", nullptr, Receipt("499"));
  const auto solved = session.look(Operation::read_status, asked);
  ASSERT_TRUE(solved);
  EXPECT_EQ((*solved)["state"], "solved");
  EXPECT_EQ((*solved)["by"], "Dana");
  EXPECT_EQ((*solved)["text"], "Refunded.");
  EXPECT_EQ((*solved)["at"], "2026-11-20T10:15:30.000Z");
  EXPECT_EQ((*solved)["replies"],
            json::array({{{"id", "1"}, {"who", kDana}, {"who_name", "Dana"}, {"text", "Refunded."}}}));
  EXPECT_FALSE(solved->contains("by_id"));
  session.expect("GET", "/conversations/499")
      .replies(404, {{"errors", json::array({{{"code", "not_found"}}})}});
  EXPECT_EQ((*session.look(Operation::read_status, asked))["state"], "gone");
  session.expect("GET", "/tickets/501")
      .replies(200, {{"id", "501"}, {"open", true}, {"ticket_state", {{"category", "in_progress"}}}});
  EXPECT_EQ((*session.look(Operation::read_status, order("", nullptr, Receipt("ticket:501"))))["state"],
            "open");
}

// What a webhook that was lost would have told (contract of read_status).
TEST_F(Intercom, an_open_status_says_who_has_it_and_what_people_wrote_to_the_customer) {
  auto fin = part("4", "comment", "I am Fin", "991267002");
  fin["author"]["from_ai_agent"] = true;
  auto file = part("7", "comment", "", kDana);
  file["attachments"] = json::array({{{"name", "a.pdf"}, {"url", "https://x.example/a"}}});
  auto gone = part("8", "comment", "gone", kDana);
  gone["redacted"] = true;
  auto open = conversation(json::array(
      {part("1", "comment", "Where is it?", "c1"), part("2", "note", "internal", kDana),
       part("3", "comment", "ours"), fin, part("5", "note_and_reopen", "internal", kDana),
       part("6", "assignment", "Lee takes over", kDana), file, gone, part("9", "assignment", "", kDana)}));
  open["admin_assignee_id"] = 991267001;
  session.expect("GET", "/conversations/499").replies(200, open);
  const auto asked = order("", nullptr, Receipt("499"));
  const auto found = session.look(Operation::read_status, asked);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(query_value(session.sent[0].request.target, "display_as"), "plaintext");
  EXPECT_EQ((*found)["state"], "open");
  EXPECT_EQ((*found)["by_id"], kDana);
  EXPECT_EQ((*found)["by"], "Dana");
  const auto& replies = (*found)["replies"];
  ASSERT_EQ(replies.size(), 2u) << replies;
  EXPECT_EQ(replies[0],
            json({{"id", "6"}, {"who", kDana}, {"who_name", "Dana"}, {"text", "Lee takes over"}}));
  EXPECT_EQ(replies[1]["text"], "a.pdf: https://x.example/a");
}

TEST_F(Intercom, of_an_open_status_nobody_and_baton_itself_are_told_apart) {
  const auto asked = order("", nullptr, Receipt("499"));
  for (const auto& [assignee, by_id] :
       {std::pair<json, json>{0, ""}, {nullptr, ""}, {"0", ""}, {991267696, json()}, {"991267001", kDana}}) {
    auto open = conversation(json::array());
    open["admin_assignee_id"] = assignee;
    session.expect("GET", "/conversations/499").replies(200, open);
    EXPECT_EQ(session.look(Operation::read_status, asked)->value("by_id", json()), by_id) << assignee;
  }
  session.expect("GET", "/conversations/499").replies(200, conversation(json::array()));  // does not say
  EXPECT_FALSE(session.look(Operation::read_status, asked)->contains("by_id"));
}

TEST_F(Intercom, the_newest_twenty_replies_are_told_the_oldest_first) {
  auto parts = json::array();
  for (int i = 1; i <= 30; ++i) parts.push_back(part(std::to_string(i).c_str(), "comment", "x", kDana));
  session.expect("GET", "/conversations/499").replies(200, conversation(parts));
  const auto found = session.look(Operation::read_status, order("", nullptr, Receipt("499")));
  ASSERT_EQ((*found)["replies"].size(), 20u);
  EXPECT_EQ((*found)["replies"][0]["id"], "11");
  EXPECT_EQ((*found)["replies"][19]["id"], "30");
}

// A proxy in the way knows nothing of conversations.
TEST_F(Intercom, only_intercoms_own_word_says_that_a_conversation_is_gone) {
  for (const auto* text : {"<html>Not Found</html>", "{}", ""}) {
    session.expect("GET", "/conversations/499").says(404, text);
    const auto found = session.look(Operation::read_status, order("", nullptr, Receipt("499")));
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(name(found.error().kind), "retryable");
  }
}

TEST_F(Intercom, context_names_the_chosen_of_several_contacts_and_what_they_asked) {
  settings = with({{"tier_attribute", "tier"}, {"renewal_attribute", "renews"}});
  auto user = kAda;
  user["custom_attributes"] = {{"tier", "gold"}, {"renews", 1795169700}};
  auto lead = kAda;
  lead["id"] = "lead1";
  lead["role"] = "lead";
  session.expect("POST", "/contacts/search").replies(200, page_of(json::array({lead, user})));
  auto open_one = conversation(json::array());
  open_one["updated_at"] = 1795169730;
  session.expect("POST", "/conversations/search")
      .replies(200, page_of(json::array({open_one}), "conversations"));
  session.expect("POST", "/tickets/search").replies(500, json::object());
  const auto found = session.look(Operation::read_context,
                                  order("", nullptr, {}, {{"customer", {{"email", "ada@example.com"}}}}));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ((*found)["matches"], 2);
  EXPECT_EQ((*found)["people"][0]["id"], "6762f11b1bb69f9f2193bba3");
  EXPECT_EQ((*found)["account"], json({{"tier", "gold"}, {"renewal_date", "2026-11-20"}}));
  EXPECT_EQ((*found)["history"]["open_tickets"][0]["title"], "Hello");
  EXPECT_EQ((*found)["history"]["open_tickets"][0]["at"], "2026-11-20T10:15:30.000Z");
  EXPECT_EQ((*found)["missing"][0], json({{"part", "history.tickets"}, {"why", "retryable"}}));
  EXPECT_EQ((*found)["missing"][1]["part"], "customer");
}

TEST_F(Intercom, contacts_are_counted_by_the_clock_that_the_limit_tells) {
  constexpr std::int64_t kNow = 1795169730, kDay = 86'400;
  const auto made = [](const char* id, std::int64_t at) {
    auto one = conversation(json::array());
    one["id"] = id;
    one["created_at"] = at;
    return one;
  };
  const auto found = [&](bool clock, bool tickets) {
    DirectSession one(*connector);
    one.expect("POST", "/contacts/search").replies(200, page_of(json::array({kAda})));
    Reply listed(200, page_of(json::array({made("1", kNow), made("2", kNow - 6 * kDay),
                                           made("3", kNow - 10 * kDay), made("4", kNow - 20 * kDay)}),
                              "conversations")
                          .dump());
    if (clock) listed.headers["x-ratelimit-reset"] = std::to_string(kNow + 7);
    one.expect("POST", "/conversations/search").replies(listed);
    auto& last = one.expect("POST", "/tickets/search");
    if (tickets)
      last.replies(200, page_of(json::array({made("1", kNow)}), "tickets"));  // the first, converted
    else last.replies(500, json::object());
    return (*one.look(Operation::read_context,
                      order("", nullptr, {}, {{"customer", {{"email", "ada@example.com"}}}})))["history"];
  };
  EXPECT_EQ(found(true, true)["contacts_7d"], 2);
  EXPECT_EQ(found(true, true)["contacts_14d"], 3);
  EXPECT_FALSE(found(true, false).contains("contacts_7d"));
  EXPECT_FALSE(found(false, true).contains("contacts_7d"));
}

TEST_F(Intercom, nobody_known_is_an_answer) {
  session.expect("POST", "/contacts/search").replies(200, page_of(json::array()));
  EXPECT_EQ(*session.look(Operation::read_context,
                          order("", nullptr, {}, {{"customer", {{"email", "ada@example.com"}}}})),
            json({{"matches", 0}}));
  EXPECT_EQ(*session.look(Operation::read_context, order("", nullptr, {}, {{"customer", json::object()}})),
            json({{"matches", 0}}));
}

TEST_F(Intercom, refusals_mean_what_section_6_says) {
  using enum FailureKind;
  const auto error = [](const char* code) {
    return R"({"errors":[{"code":")" + std::string(code) + R"("}]})";
  };
  const Request start("POST", "/conversations"), note("POST", "/conversations/499/reply"),
      read("GET", "/conversations/499"), by_id("GET", "/contacts/find_by_external_id/x");
  struct Case {
    const Request& request;
    bool writes;
    int status;
    std::string body;
    std::optional<FailureKind> kind;
  };
  const Case cases[] = {{note, true, 200, "{}", std::nullopt},
                        {note, true, 400, error("parameter_invalid"), rejected},
                        {note, true, 400, error("intercom_version_invalid"), misconfigured},
                        {note, true, 401, error("token_revoked"), auth_expired},
                        {note, true, 403, error("api_plan_restricted"), misconfigured},
                        {note, true, 404, error("not_found"), target_gone},
                        {note, true, 404, error("admin_not_found"), misconfigured},
                        {start, true, 404, error("not_found"), retryable},
                        {note, true, 408, "", ambiguous},
                        {read, false, 408, "", retryable},
                        {note, true, 422, error("unprocessable_entity"), rejected},
                        {note, true, 500, "", ambiguous},
                        {note, true, 503, "", ambiguous},
                        {read, false, 503, "", retryable},
                        {note, true, 302, "", misconfigured},
                        {by_id, false, 404, error("not_found"), std::nullopt},
                        {by_id, false, 404, "<html>", retryable}};
  for (const auto& one : cases) {
    EXPECT_EQ(kind_of(one.request, one.writes, Reply(one.status, one.body)), one.kind)
        << one.status << " " << one.body;
  }
}

TEST_F(Intercom, a_429_waits_for_the_end_of_the_window) {
  Reply reply(429, "{}");
  const auto at = std::chrono::floor<std::chrono::seconds>(session.now);
  reply.headers["x-ratelimit-reset"] = std::to_string(at.time_since_epoch().count() + 7);
  reply.headers["x-ratelimit-remaining"] = "0";
  const Request request("GET", "/me");
  const auto failure = connector->classify(sdk::Exchange(request, false, reply, session.now));
  ASSERT_TRUE(failure);
  EXPECT_EQ(name(failure->kind), "rate_limited");
  EXPECT_EQ(failure->not_before, TimePoint(at + 7s));
  EXPECT_EQ(connector->quota(reply, session.now).remaining, 0);
}

}  // namespace
}  // namespace baton::intercom
