// The connector at the simulated account, straight: files, reads and probe, which need no journal.
#include <gtest/gtest.h>

#include "connectors/freshdesk/wire.h"
#include "connectors/simulation/simulation.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"

namespace baton::freshdesk {
sdk::ConnectorPtr make_connector();
simulation::VendorPtr make_vendor(const simulation::Setup& setup);

namespace {

using nlohmann::json;

class AtTheVendor final : public sdk::Session {
 public:
  AtTheVendor(const sdk::Connector& connector, simulation::Vendor& vendor)
      : connector_(connector), vendor_(vendor) {}

  Task<Reply> read(sdk::Read read) override { co_return exchange(read.request(), false); }
  Task<Receipt> once(sdk::Step step) override {
    const auto reply = exchange(step.write.request(), true);
    if (!reply) co_return reply.error();
    co_return step.read(*reply);
  }
  Result<Reply> exchange(const Request& request, bool writes) {
    RawRequest raw(request.method, request.target, request.body, request.headers);
    raw.headers["authorization"] = "Basic " + to_base64("fdApiKey123:X");
    raw.received_at = now;
    auto reply = vendor_.handle(raw);
    if (auto failure = connector_.classify(sdk::Exchange(request, writes, reply, now))) return *failure;
    return reply;
  }
  TimePoint now{Duration{1'790'000'000'000}};

 private:
  const sdk::Connector& connector_;
  simulation::Vendor& vendor_;
};

class FreshdeskAccount : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  simulation::VendorPtr vendor = make_vendor({});
  AtTheVendor session{*connector, *vendor};
  sdk::Settings settings = testing::settings_for(*connector, {{"base_url", "https://acme.freshdesk.com"}});

  sdk::Order order(const char* id, json document, Receipt target = {}, json subject = json::object()) {
    return sdk::Order(id, id, std::move(document), std::move(target), std::move(subject), settings);
  }
  sdk::Order ticket(const char* id = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/freshdesk/open_ticket/1") {
    return order(id, {{"ticket",
                       {{"subject", "Refund"},
                        {"description", "<p>x</p>"},
                        {"name", "Ada"},
                        {"email", "ada@new.example"},
                        {"source", 7}}},
                      {"note", {{"body", "<h3>Brief</h3>"}}}});
  }
  Result<Receipt> write(Operation operation, const sdk::Order& what) {
    return testing::run_task(connector->manifest().find(operation)->write(what, session));
  }
  Result<json> look(Operation operation, const sdk::Order& what) {
    return testing::run_task(connector->manifest().find(operation)->look(what, session));
  }
};

TEST_F(FreshdeskAccount, a_transcript_arrives_as_a_file_beside_the_brief) {
  auto with_file = ticket();
  with_file.files.emplace_back("transcript.txt", "text/plain; charset=utf-8",
                               "Ada: Hello\r\n--\r\nbaton-form-0");
  const auto made = write(Operation::open_ticket, with_file);
  ASSERT_TRUE(made) << made.error().detail;
  const auto ledger = vendor->ledger();
  EXPECT_EQ(ledger["effects"]["tickets_created"], 1);
  EXPECT_EQ(ledger["effects"]["notes_added"], 2);
  EXPECT_EQ(ledger["effects"]["files_attached"], 1);
  const auto talk = session.exchange(list_conversations(made->object_id).request(), false);
  ASSERT_TRUE(talk);
  const auto notes = json::parse(talk->body);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[1]["private"], true);
  EXPECT_EQ(notes[1]["attachments"][0]["name"], "transcript.txt");
  EXPECT_EQ(notes[1]["attachments"][0]["content_type"], "text/plain; charset=utf-8");
  for (const auto& ref : {with_file.external_id, with_file.external_id + "/file_1"}) {
    const auto found = match_note(*talk, made->object_id, ref, "");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->has_value()) << ref;
  }
}

TEST_F(FreshdeskAccount, a_ticket_is_found_in_the_list_at_once_and_in_the_search_later) {
  const auto what = ticket();
  const auto made = write(Operation::open_ticket, what);
  ASSERT_TRUE(made);
  const auto mark = field_mark(what);
  const auto list = list_requested(*ticket_of(what.document, mark));
  const auto page = session.exchange(list.request(), false);
  ASSERT_TRUE(page);
  EXPECT_EQ((*match_ticket(*page, mark, ""))->object_id, made->object_id);
  session.now += 10min;
  const auto search = after_tickets(list, *page, mark);
  ASSERT_TRUE(search && *search);
  const auto results = session.exchange((*search)->request(), false);
  ASSERT_TRUE(results) << results.error().detail;
  EXPECT_EQ((*match_ticket(*results, mark, ""))->object_id, made->object_id);
}

TEST_F(FreshdeskAccount, of_a_customer_who_is_no_contact_the_list_knows_no_ticket) {
  const auto what = ticket();
  const auto mark = field_mark(what);
  for (const auto& requester : {json{{"email", "ada@new.example"}}, json{{"unique_external_id", "crm-1"}}}) {
    const auto list = list_requested(requester);
    const auto page = session.exchange(list.request(), false);
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_EQ(page->status, 400);
    EXPECT_FALSE(match_ticket(*page, mark, "")->has_value());
    const auto search = after_tickets(list, *page, mark);
    ASSERT_TRUE(search && *search);
    EXPECT_EQ(path_of((*search)->request().target), "/api/v2/search/tickets");
  }
}

TEST_F(FreshdeskAccount, an_account_without_the_field_still_gets_its_ticket) {
  vendor = make_vendor(
      {{"seed",
        R"({"ticket_fields": [{"id": 1, "name": "subject", "label": "Subject", "type": "default_subject"}]})"}});
  AtTheVendor elsewhere(*connector, *vendor);
  const auto what = ticket();
  const auto made =
      testing::run_task(connector->manifest().find(Operation::open_ticket)->write(what, elsewhere));
  ASSERT_TRUE(made) << made.error().detail;
  const auto page =
      elsewhere.exchange(list_requested(*ticket_of(what.document, tag_mark(what))).request(), false);
  ASSERT_TRUE(page);
  EXPECT_EQ((*match_ticket(*page, tag_mark(what), ""))->object_id, made->object_id);
}

TEST_F(FreshdeskAccount, a_customer_and_a_ticket_are_read_back) {
  const auto made = write(Operation::open_ticket, ticket());
  ASSERT_TRUE(made);
  const auto known =
      look(Operation::read_context, order("", nullptr, {}, {{"customer", {{"email", "ada@new.example"}}}}));
  ASSERT_TRUE(known) << known.error().detail;
  EXPECT_EQ((*known)["matches"], 1);
  EXPECT_EQ((*known)["history"]["open_tickets"][0]["id"], made->object_id);
  const auto open = look(Operation::read_status, order("", nullptr, *made));
  EXPECT_EQ((*open)["state"], "open");
  EXPECT_EQ((*open)["by_id"], "") << "nobody has taken it";
  EXPECT_EQ((*open)["replies"], json::array()) << "the brief is no answer to the customer";
  ASSERT_TRUE(vendor->act(
      simulation::Deed("comment", {{"ticket", made->object_id}, {"by", "Lee Agent"}, {"text", "On it."}}),
      session.now));
  ASSERT_TRUE(vendor->act(simulation::Deed("assign", {{"ticket", made->object_id}, {"to", "Lee Agent"}}),
                          session.now));
  const auto held = look(Operation::read_status, order("", nullptr, *made));
  EXPECT_EQ((*held)["by_id"], "lee@acme.example");
  EXPECT_EQ((*held)["replies"][0]["text"], "On it.");
  EXPECT_EQ((*held)["replies"][0]["who"], "lee@acme.example");
  session.now += 1min;
  ASSERT_TRUE(vendor->act(simulation::Deed("assign", {{"ticket", made->object_id}, {"to", "Dana Agent"}}),
                          session.now));
  ASSERT_TRUE(vendor->act(
      simulation::Deed("solve", {{"ticket", made->object_id}, {"by", "Dana Agent"}, {"text", "Refunded."}}),
      session.now));
  const auto solved = look(Operation::read_status, order("", nullptr, *made));
  EXPECT_EQ((*solved)["state"], "solved");
  EXPECT_EQ((*solved)["text"], "Refunded.");
  EXPECT_EQ((*solved)["by"], "Dana Agent") << "whom the ticket names by number alone";
  const auto by_ticket = look(Operation::read_person, order("", nullptr, *made, {{"who", ""}}));
  EXPECT_EQ((*by_ticket)["name"], "Dana Agent");
  const auto by_address =
      look(Operation::read_person, order("", nullptr, *made, {{"who", "dana@acme.example"}}));
  EXPECT_EQ((*by_address)["name"], "Dana Agent");
  EXPECT_FALSE(look(Operation::read_person, order("", nullptr, *made, {{"who", "nobody@acme.example"}}))
                   ->contains("name"));
  ASSERT_TRUE(vendor->act(simulation::Deed("delete", {{"ticket", made->object_id}}), session.now));
  EXPECT_EQ((*look(Operation::read_status, order("", nullptr, *made)))["state"], "gone");
}

// A list that says no time ends after thirty days (section 10.3).
TEST_F(FreshdeskAccount, a_ticket_that_is_open_for_months_is_still_told) {
  const auto made = write(Operation::open_ticket, ticket());
  ASSERT_TRUE(made);
  session.now += std::chrono::days(70);
  const auto known =
      look(Operation::read_context, order("", nullptr, {}, {{"customer", {{"email", "ada@new.example"}}}}));
  ASSERT_TRUE(known) << known.error().detail;
  ASSERT_EQ((*known)["history"]["open_tickets"].size(), 1u) << *known;
  EXPECT_EQ((*known)["history"]["open_tickets"][0]["id"], made->object_id);
}

TEST_F(FreshdeskAccount, a_probe_finds_the_key_the_scope_and_the_field) {
  const auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings);
  for (const auto& finding : *findings) EXPECT_TRUE(finding.fine) << finding.what << ": " << finding.remedy;
  EXPECT_EQ(findings->size(), 3u);
}

}  // namespace
}  // namespace baton::freshdesk
