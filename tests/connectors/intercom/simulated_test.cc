// The connector at the simulated workspace: what the one sends, the other takes.
#include <gtest/gtest.h>

#include "connectors/sdk/account_keys.h"
#include "connectors/simulation/simulation.h"
#include "tests/support/direct_session.h"

namespace baton::intercom {
sdk::ConnectorPtr make_connector();
simulation::VendorPtr make_vendor(const simulation::Setup& setup);

namespace {

using nlohmann::json;

// Sends what it is given, and classifies what comes back.
class SimulatedSession final : public sdk::Session {
 public:
  SimulatedSession(const sdk::Connector& connector, simulation::Vendor& vendor)
      : connector_(connector), vendor_(vendor) {}
  Task<Reply> read(sdk::Read read) override { co_return exchange(read.request(), false); }
  Task<Receipt> once(sdk::Step step) override {
    const auto reply = exchange(step.write.request(), true);
    if (!reply) co_return reply.error();
    co_return step.read(*reply);
  }

  TimePoint now{std::chrono::seconds(1795169730)};

 private:
  Result<Reply> exchange(const Request& request, bool writes) {
    auto headers = request.headers;
    headers["authorization"] = "Bearer intercom-token";
    RawRequest raw(request.method, request.target, request.body, std::move(headers));
    raw.received_at = now;
    const auto reply = vendor_.handle(raw);
    if (auto failure = connector_.classify(sdk::Exchange(request, writes, reply, now))) return *failure;
    return reply;
  }

  const sdk::Connector& connector_;
  simulation::Vendor& vendor_;
};

class SimulatedIntercom : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  simulation::VendorPtr vendor = make_vendor({{"echo", "on"}});
  SimulatedSession session{*connector, *vendor};
  sdk::Settings settings = with({});
  const json document = {{"customer", {{"email", "ada@example.com"}}},
                         {"message", "Refund"},
                         {"note", "<p>Brief</p>"},
                         {"ticket", {{"ticket_attributes", {{"_default_title_", "Refund"}}}}}};

  sdk::Settings with(sdk::Settings::Values more) const {
    more.try_emplace("admin_id", "991267696");
    more.try_emplace("app_id", "abc123de");
    more.try_emplace("team_id", "5017691");
    return testing::settings_for(*connector, std::move(more));
  }
  sdk::Order order(json body, Receipt target = {}, json subject = json::object()) {
    return sdk::Order("hof_1/intercom/x/1", "", std::move(body), std::move(target), std::move(subject),
                      settings);
  }
  Result<Receipt> write(Operation operation, const sdk::Order& what) {
    return testing::run_task(connector->manifest().find(operation)->write(what, session));
  }
  Result<json> look(Operation operation, const sdk::Order& what) {
    return testing::run_task(connector->manifest().find(operation)->look(what, session));
  }
  int effect(const char* name) const { return vendor->ledger()["effects"].value(name, 0); }
};

TEST_F(SimulatedIntercom, a_conversation_lives_from_its_opening_to_its_close) {
  auto open = order(document);
  open.files.emplace_back("transcript.txt", "text/plain", "Hello");
  const auto made = write(Operation::open_ticket, open);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(effect("conversations_created"), 1);
  EXPECT_EQ(effect("notes_added"), 2);
  EXPECT_EQ(effect("assignments"), 1);
  const auto noted = write(Operation::add_note, order({{"body", "<p>More</p>"}}, *made));
  EXPECT_TRUE(noted) << noted.error().detail;
  const json chat = {{"conversation", {{"id", made->object_id}}}, {"text", "Dana has it"}};
  const auto told = write(Operation::tell_customer, order(nullptr, {}, chat));
  EXPECT_TRUE(told) << told.error().detail;
  EXPECT_TRUE(write(Operation::take_control, order(nullptr, {}, chat)));
  EXPECT_EQ((*look(Operation::read_status, order(nullptr, *made)))["state"], "open");
  EXPECT_TRUE(write(Operation::set_status, order(nullptr, *made, {{"status", "solved"}})));
  EXPECT_EQ((*look(Operation::read_status, order(nullptr, *made)))["state"], "solved");
  const auto said = look(Operation::fetch_transcript, order(nullptr, {}, chat));
  ASSERT_TRUE(said) << said.error().detail;
  EXPECT_EQ((*said)["transcript"].size(), 2u);  // the first message and ours, no notes
  EXPECT_TRUE(write(Operation::give_back, order(nullptr, {}, chat)));
}

TEST_F(SimulatedIntercom, a_ticket_is_opened_noted_and_solved) {
  settings = with({{"opens", "ticket"}, {"ticket_type_id", "88"}});
  const auto made = write(Operation::open_ticket, order(document));
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_TRUE(made->object_id.starts_with("ticket:"));
  EXPECT_EQ(effect("ticket_notes_added"), 1);
  EXPECT_TRUE(write(Operation::add_note, order({{"body", "<p>More</p>"}}, *made)));
  for (int i = 0; i < 2; ++i) {  // the second time it is in this state already
    const auto solved = write(Operation::set_status, order(nullptr, *made, {{"status", "solved"}}));
    EXPECT_TRUE(solved) << solved.error().detail;
  }
  EXPECT_EQ((*look(Operation::read_status, order(nullptr, *made)))["state"], "solved");
}

TEST_F(SimulatedIntercom, an_address_and_a_team_that_intercom_refuses_cost_no_ticket) {
  settings = with({{"opens", "ticket"},
                   {"ticket_type_id", "88"},
                   {"team_id", "77"},
                   {"handoff_attribute", "nobody_made_it"}});
  auto stranger = document;
  stranger["customer"] = {{"email", "ada@localhost"}, {"name", "Ada"}};
  const auto made = write(Operation::open_ticket, order(stranger));
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(effect("tickets_created"), 1);
  EXPECT_EQ(effect("contacts_created"), 1);
}

TEST_F(SimulatedIntercom, a_contact_that_nobody_can_bring_back_costs_no_ticket) {
  const json lost = {
      {"contacts", json::array({{{"email", "ada@example.com"}, {"archived", true}, {"restorable", false}}})},
      {"teams", json::array({{{"id", "5017691"}}})}};
  vendor = make_vendor({{"seed", lost.dump()}, {"contact_lag", "0"}, {"limits", "off"}});
  SimulatedSession again(*connector, *vendor);
  // The search does not show what is archived, hence the clash.
  const auto open = order(document);
  const auto made = testing::run_task(connector->manifest().find(Operation::open_ticket)->write(open, again));
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(effect("contacts_created"), 1);
  EXPECT_EQ(effect("contacts_unarchived"), 0);
}

TEST_F(SimulatedIntercom, what_a_person_does_is_read_from_the_conversation_where_no_webhook_told_it) {
  const auto made = write(Operation::open_ticket, order(document));
  ASSERT_TRUE(made) << made.error().detail;
  const auto happens = [&](const char* deed, json with) {
    with["conversation"] = made->object_id;
    EXPECT_TRUE(vendor->act(simulation::Deed(deed, std::move(with)), session.now));
  };
  const auto status = [&] { return *look(Operation::read_status, order(nullptr, *made)); };
  EXPECT_EQ(status()["by_id"], "");
  happens("assign", {{"by", "Dana Agent"}});
  happens("note", {{"text", "internal"}});
  happens("reply", {{"text", "It is on its way."}});
  EXPECT_EQ(status()["by_id"], "991267001");
  EXPECT_EQ(status()["by"], "Dana Agent");
  ASSERT_EQ(status()["replies"].size(), 1u) << status();
  EXPECT_EQ(status()["replies"][0]["text"], "It is on its way.");
  happens("assign", {{"team", "5017692"}});
  EXPECT_EQ(status()["by_id"], "");
  happens("snooze", json::object());
  const json words = {{"body", "<p>More</p>"}, {"state", "active"}};
  EXPECT_TRUE(write(Operation::add_note, order(words, *made, {{"from", "customer"}, {"text", "More"}})));
  EXPECT_EQ(effect("opens"), 1);
}

// Everything that Baton does comes back as a webhook, and none of it is a person's doing.
TEST_F(SimulatedIntercom, our_own_changes_are_no_signal) {
  sdk::Account account;
  account.secrets["client_secret"].emplace_back("intercom-client-secret");
  for (const char* opens : {"conversation", "ticket"}) {
    settings = with({{"opens", opens}, {"ticket_type_id", "88"}});
    const auto made = write(Operation::open_ticket, order(document));
    ASSERT_TRUE(made) << made.error().detail;
    ASSERT_TRUE(write(Operation::set_status, order(nullptr, *made, {{"status", "solved"}})));
    const auto sent = vendor->take_outbox();
    EXPECT_GE(sent.size(), 1u) << opens;
    for (const auto& one : sent) {
      RawRequest raw("POST", "/v1/hooks/intercom", one.request.body, one.request.headers);
      raw.received_at = session.now;
      const auto webhook = connector->read_webhook(raw, sdk::AccountKeys(account), settings);
      ASSERT_TRUE(webhook) << webhook.error().detail;
      EXPECT_TRUE(webhook->signals.empty()) << one.request.body;
    }
  }
}

TEST_F(SimulatedIntercom, a_new_contact_can_start_a_conversation_after_some_moments) {
  auto stranger = document;
  stranger["customer"] = {{"email", "new@example.com"}, {"name", "New"}};
  const auto early = write(Operation::open_ticket, order(stranger));
  ASSERT_FALSE(early);
  EXPECT_EQ(name(early.error().kind), "retryable");
  session.now += 10s;
  EXPECT_TRUE(write(Operation::open_ticket, order(stranger)));  // the contact's 409 names it
  EXPECT_EQ(effect("contacts_created"), 1);
}

TEST_F(SimulatedIntercom, context_and_probe_read_what_is_there) {
  ASSERT_TRUE(write(Operation::open_ticket, order(document)));
  session.now += 2min;
  const auto found =
      look(Operation::read_context, order(nullptr, {}, {{"customer", {{"email", "ada@example.com"}}}}));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ((*found)["matches"], 1);
  EXPECT_EQ((*found)["history"]["open_tickets"].size(), 1u);
  EXPECT_FALSE(found->contains("missing")) << *found;
  const auto findings = testing::run_task(connector->probe(settings, session));
  ASSERT_TRUE(findings);
  for (const auto& finding : *findings) EXPECT_TRUE(finding.fine) << finding.what << ": " << finding.remedy;
}

}  // namespace
}  // namespace baton::intercom
