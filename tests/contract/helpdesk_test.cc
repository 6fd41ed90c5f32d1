// What people do with a ticket once it is open, where a vendor tells it in words of its own: the real doors
// and stations stand between the simulated helpdesk and a chat platform.
#include <gtest/gtest.h>

#include "tests/contract/desk.h"

namespace baton::contract {
namespace {

using nlohmann::json;

class Helpdesk : public ::testing::Test {
 protected:
  // `more`: of the simulated vendor's setup.
  void at(const char* connector, const simulation::Setup& more = {}) {
    auto place = place_of(connector);
    const auto platform = place_of("standard_webhooks");
    if (!place || !platform) return;
    for (const auto& [key, value] : more) place->setup[key] = value;
    desk.emplace(*place, *platform);
  }
  json tickets() const { return desk->desk.vendor().ledger().at("tickets"); }
  std::optional<Desk> desk;
};

#define AT(...)    \
  at(__VA_ARGS__); \
  if (!desk) GTEST_SKIP() << "not in this registry"

// --- what a helpdesk knows of somebody who was there before

TEST_F(Helpdesk, counts_how_often_a_customer_came_of_late) {
  for (const auto* connector : {"zendesk", "intercom", "freshdesk", "hubspot", "salesforce"}) {
    SCOPED_TRACE(connector);
    desk.reset();
    at(connector);
    if (!desk) continue;
    const auto email = place_of(connector)->customer.value("email", "ada@example.com");
    (void)desk->open("c1", email);
    desk->run(10 * 24h);
    const auto after = desk->open("c2", email);
    const JsonView found(desk->handoff(after).context.at(DestinationId(connector)).found);
    const auto week = found.at_path("history.contacts_7d").integer();
    const auto fortnight = found.at_path("history.contacts_14d").integer();
    ASSERT_TRUE(week && fortnight) << desk->handoff(after).context.at(DestinationId(connector)).found.dump();
    EXPECT_EQ(*fortnight, *week + 1) << "the first one is ten days old";
  }
}

// --- merges

TEST_F(Helpdesk, a_hubspot_ticket_that_was_merged_leads_to_the_one_that_remains) {
  AT("hubspot");
  const auto id = desk->open("c1", "zoe@northwind.example");
  const auto ours = desk->handoff(id).ticket->object_id;
  EXPECT_EQ(desk->happens("merge", {{"ticket", ours}, {"into", "3002"}}), 200);
  desk->run();
  EXPECT_EQ(desk->handoff(id).ticket->object_id, "3002");
  desk->says(id, "Are you there?");
  const auto notes = desk->jobs(id, Operation::add_note);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(name(notes[0].state), "done") << (notes[0].failure ? notes[0].failure->detail : "");
  const auto ledger = desk->desk.vendor().ledger();
  EXPECT_EQ(ledger.at("notes").back().at("associations").at("tickets"), json({"3002"})) << ledger.at("notes");
  EXPECT_EQ(name(desk->handoff(id).state), "waiting");
  EXPECT_EQ(desk->happens("move_stage", {{"ticket", "3002"}, {"stage", "4"}}), 200);
  desk->run();
  EXPECT_TRUE(desk->gave_back(id)) << "what is said of the ticket that remains is about this handoff";
}

TEST_F(Helpdesk, of_two_hubspot_tickets_that_became_a_new_one_both_handoffs_hear) {
  AT("hubspot");
  const auto first = desk->open("c1", "zoe@northwind.example");
  const auto second = desk->open("c2", "sam@tinyshop.example");
  const auto other = desk->open("c3", "bob@acme.example");
  EXPECT_EQ(desk->happens("merge", {{"ticket", desk->handoff(first).ticket->object_id},
                                    {"into", desk->handoff(second).ticket->object_id},
                                    {"new", true}}),
            200);
  desk->run();
  const auto remains = desk->handoff(first).ticket->object_id;
  EXPECT_EQ(desk->handoff(second).ticket->object_id, remains);
  EXPECT_EQ(remains, tickets().back().at("id").get<std::string>());
  EXPECT_EQ(desk->hears(desk->last), 200) << "the same notice again";
  // And once more: the new one becomes part of an old one.
  EXPECT_EQ(desk->happens("merge", {{"ticket", remains}, {"into", "3002"}}), 200);
  desk->run();
  EXPECT_EQ(desk->happens("move_stage", {{"ticket", "3002"}, {"stage", "4"}}), 200);
  desk->run();
  EXPECT_TRUE(desk->gave_back(first));
  EXPECT_TRUE(desk->gave_back(second));
  EXPECT_FALSE(desk->gave_back(other));
}

TEST_F(Helpdesk, of_hubspot_tickets_that_are_none_of_ours_nothing_is_remembered) {
  AT("hubspot");
  const auto id = desk->open("c1", "zoe@northwind.example");
  const auto ours = desk->handoff(id).ticket->object_id;
  EXPECT_EQ(desk->happens("merge", {{"ticket", "3001"}, {"into", "3002"}}), 200);
  desk->run();
  EXPECT_EQ(desk->handoff(id).ticket->object_id, ours);
  for (const auto& [key, document] : desk->store.documents) EXPECT_NE(key.first, "merged_tickets");
}

TEST_F(Helpdesk, a_zendesk_ticket_that_was_merged_into_another_of_ours_is_not_solved_by_it) {
  for (const char* tells : {"event", "bare_event,comment", "comment"}) {
    SCOPED_TRACE(tells);
    AT("zendesk", {{"merges_tell", tells}});
    const auto first = desk->open("c1", "ada@example.com");
    const auto second = desk->open("c2", "ben@example.com");
    const auto gone = desk->handoff(first).ticket->object_id,
               remains = desk->handoff(second).ticket->object_id;
    EXPECT_EQ(desk->happens("merge", {{"ticket", gone}, {"into", remains}}), 200);
    desk->run(10s);
    EXPECT_EQ(desk->handoff(first).ticket->object_id, remains);
    EXPECT_NE(desk->handoff(first).ticket->url.find("/agent/tickets/" + remains), std::string::npos);
    EXPECT_FALSE(desk->gave_back(first)) << "the person goes on, in the other ticket";
    desk->says(first, "Are you there?");
    const auto notes = desk->jobs(first, Operation::add_note);
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_EQ(name(notes[0].state), "done") << (notes[0].failure ? notes[0].failure->detail : "");
    EXPECT_EQ(tickets().size(), 2u) << "the note is no follow-up of the closed one";
    EXPECT_EQ(desk->happens("solve", {{"ticket", remains}}), 200);
    desk->run(3h);
    EXPECT_TRUE(desk->gave_back(first));
    EXPECT_TRUE(desk->gave_back(second));
  }
}

// Notices of a ticket that is not Baton's are left alone: it is asked now and then.
TEST_F(Helpdesk, a_zendesk_ticket_that_was_merged_into_a_foreign_one_is_followed_there) {
  const json seed = {{"tickets", {{{"subject", "Two charges"}, {"comment", {{"body", "Hello?"}}}}}}};
  AT("zendesk", {{"seed", seed.dump()}});
  const auto remains = JsonView(tickets().at(0))["id"].id().value_or("");
  const auto id = desk->open("c1", "ada@example.com");
  const auto gone = desk->handoff(id).ticket->object_id;
  EXPECT_EQ(desk->happens("merge", {{"ticket", gone}, {"into", remains}}), 200);
  desk->run(1h);
  EXPECT_EQ(desk->handoff(id).ticket->object_id, remains);
  EXPECT_FALSE(desk->gave_back(id));
  EXPECT_EQ(desk->happens("solve", {{"ticket", remains}, {"by", "Dana Agent"}}), 200);
  desk->run(90min);
  EXPECT_EQ(desk->gave_back(id), "Dana Agent");
}

TEST_F(Helpdesk, a_zendesk_ticket_that_was_closed_at_once_and_nobody_tells_of_a_merge_is_solved) {
  for (const char* deed : {"close", "merge"}) {
    SCOPED_TRACE(deed);
    AT("zendesk", {{"merges_tell", ""}});
    const auto id = desk->open("c1", "ada@example.com");
    const auto other = desk->open("c2", "ben@example.com");
    const json with = {{"ticket", desk->handoff(id).ticket->object_id},
                       {"into", desk->handoff(other).ticket->object_id}};
    EXPECT_EQ(desk->happens(deed, with), 200);
    desk->run(10s);
    EXPECT_TRUE(desk->gave_back(id));
    EXPECT_FALSE(desk->gave_back(other));
  }
}

// --- tickets that are deleted

TEST_F(Helpdesk, of_a_hubspot_ticket_that_was_deleted_the_handoff_hears_at_once) {
  AT("hubspot");
  const auto id = desk->open("c1", "zoe@northwind.example");
  const auto other = desk->open("c2", "sam@tinyshop.example");
  const auto ours = desk->handoff(id).ticket->object_id;
  EXPECT_EQ(desk->happens("delete", {{"ticket", ours}}), 200);
  desk->run(5s);
  ASSERT_EQ(desk->handoff(id).refused.size(), 1u);
  EXPECT_NE(desk->handoff(id).refused.back().what.find("no longer exists"), std::string::npos);
  EXPECT_EQ(name(desk->handoff(id).state), "waiting") << "the customer still waits for a person";
  EXPECT_EQ(desk->hears(desk->last), 200) << "the same notice again";
  desk->run(5s);
  EXPECT_EQ(desk->jobs(id, Operation::read_status).size(), 1u);
  EXPECT_TRUE(desk->jobs(other, Operation::read_status).empty());
}

TEST_F(Helpdesk, a_deletion_that_hubspot_tells_of_a_ticket_that_is_there_changes_nothing) {
  AT("hubspot");
  const auto id = desk->open("c1", "zoe@northwind.example");
  const auto ours = desk->handoff(id).ticket->object_id;
  // Another account's simulator tells it of the same number: here the ticket stands.
  auto setup = place_of("hubspot")->setup;
  setup["seed"] = json{{"tickets", {{{"id", ours}, {"subject", "x"}, {"hs_pipeline_stage", "1"}}}}}.dump();
  const auto elsewhere = simulation::make_vendor("hubspot", setup);
  const auto sent = elsewhere->act(simulation::Deed("delete", {{"ticket", ours}}), desk->clock.now());
  ASSERT_TRUE(sent);
  EXPECT_EQ(desk->hears(sent->front().request), 200);
  desk->run(5s);
  EXPECT_EQ(desk->jobs(id, Operation::read_status).size(), 1u) << "it was asked";
  EXPECT_TRUE(desk->handoff(id).refused.empty());
  EXPECT_EQ(name(desk->handoff(id).state), "waiting");
}

// --- people who are deleted for the sake of their privacy

TEST_F(Helpdesk, whom_hubspot_deleted_for_their_privacy_is_erased_here_too_and_nobody_else) {
  AT("hubspot");
  const auto zoe = desk->open("c1", "zoe@northwind.example");
  const auto sam = desk->open("c2", "sam@tinyshop.example");
  // An owner has this number as well: those are counted apart.
  EXPECT_EQ(desk->happens("delete_for_privacy", {{"contact", "51"}}), 200);
  desk->run();
  EXPECT_TRUE(desk->handoff(zoe).data.is_null());
  EXPECT_EQ(name(desk->handoff(zoe).state), "cancelled");
  EXPECT_EQ(desk->handoff(sam).data.at("customer").at("email"), "sam@tinyshop.example");
  ASSERT_EQ(desk->store.audit.size(), 1u);
  const auto& entry = desk->store.audit.front();
  EXPECT_EQ(entry.what, "store.erase");
  EXPECT_EQ(entry.who, "hubspot");
  EXPECT_EQ((entry.subject + entry.why).find("zoe"), std::string::npos) << "the log does not say whom";
  EXPECT_EQ(desk->hears(desk->last), 200);
  EXPECT_EQ(desk->store.audit.size(), 1u) << "there is nobody left to find";
}

TEST_F(Helpdesk, a_deletion_that_cannot_be_carried_out_now_is_asked_for_again) {
  AT("hubspot");
  const auto zoe = desk->open("c1", "zoe@northwind.example");
  desk->cannot_erase = true;
  EXPECT_EQ(desk->happens("delete_for_privacy", {{"contact", "51"}}), 503);
  EXPECT_FALSE(desk->handoff(zoe).data.is_null());
  desk->cannot_erase = false;
  EXPECT_EQ(desk->hears(desk->last), 200);
  EXPECT_TRUE(desk->handoff(zoe).data.is_null());
}

TEST_F(Helpdesk, an_owner_whose_id_is_the_contacts_is_no_reason_to_erase_their_customers) {
  AT("hubspot");
  const auto zoe = desk->open("c1", "zoe@northwind.example");
  const auto people = desk->handoff(zoe).context.at(DestinationId("hubspot")).found.at("people");
  ASSERT_EQ(people.back().at("role"), "owner") << people;
  const json seed = {{"contacts", {{{"id", "7001"}, {"email", "other@acme.example"}}}}};
  auto setup = place_of("hubspot")->setup;
  setup["seed"] = seed.dump();
  const auto elsewhere = simulation::make_vendor("hubspot", setup);
  const auto sent =
      elsewhere->act(simulation::Deed("delete_for_privacy", {{"contact", "7001"}}), desk->clock.now());
  ASSERT_TRUE(sent);
  EXPECT_EQ(desk->hears(sent->front().request), 200);
  EXPECT_FALSE(desk->handoff(zoe).data.is_null());
}

// --- what is kept from us

TEST_F(Helpdesk, that_slack_drops_events_is_told_to_the_operator_and_parks_nothing) {
  AT("slack");
  EXPECT_EQ(desk->happens("limit_events", json::object()), 200);
  desk->run(1min);
  EXPECT_EQ(desk->happens("limit_events", json::object()), 200);
  ASSERT_EQ(desk->warned.size(), 2u);
  EXPECT_EQ(desk->warned[0].find("slack: "), 0u);
  const auto& told = desk->ingress->figures().withheld;
  EXPECT_EQ(told.at("slack").times, 2u);
  EXPECT_GT(told.at("slack").last.load(), TimePoint());
  EXPECT_EQ(told.at("bot").times, 0u);
  EXPECT_TRUE(desk->store.lanes.empty());
}

// --- who gave it back

TEST_F(Helpdesk, hubspot_names_who_closed_the_ticket) {
  AT("hubspot");
  const auto id = desk->open("c1", "zoe@northwind.example");
  const auto ticket = desk->handoff(id).ticket->object_id;
  EXPECT_EQ(desk->happens("move_stage", {{"ticket", ticket}, {"stage", "4"}, {"by", "123"}}), 200);
  desk->run(3s);
  EXPECT_EQ(desk->gave_back(id), "Nora Lind");
}

TEST_F(Helpdesk, a_hubspot_user_who_owns_nothing_has_no_name_and_the_return_does_not_wait_for_one) {
  AT("hubspot");
  const auto id = desk->open("c1", "zoe@northwind.example");
  const auto ticket = desk->handoff(id).ticket->object_id;
  EXPECT_EQ(desk->happens("move_stage", {{"ticket", ticket}, {"stage", "4"}, {"by", "999"}}), 200);
  desk->run(6s);
  EXPECT_TRUE(desk->gave_back(id));
}

TEST_F(Helpdesk, freshdesk_names_the_agent_of_the_ticket) {
  AT("freshdesk");
  const auto id = desk->open("c1", "ada@example.com");
  const auto ticket = desk->handoff(id).ticket->object_id;
  EXPECT_EQ(desk->happens("solve", {{"ticket", ticket}, {"by", "Dana Agent"}}), 200);
  desk->run(3s);
  EXPECT_EQ(desk->gave_back(id), "Dana Agent");
}

// A notice is a hint (fact sheets freshdesk and hubspot, section 7): what ends a handoff is how the ticket
// stands when it is asked, and with it come the words that the customer was told last.
TEST_F(Helpdesk, what_the_agent_said_last_comes_back_with_a_freshdesk_ticket) {
  AT("freshdesk");
  const auto id = desk->open("c1", "ada@example.com");
  const json deed = {
      {"ticket", desk->handoff(id).ticket->object_id}, {"by", "Dana Agent"}, {"text", "Refunded."}};
  EXPECT_EQ(desk->happens("solve", deed), 200);
  EXPECT_FALSE(desk->gave_back(id)) << "not on the word of whoever sent it";
  desk->run(3s);
  EXPECT_EQ(desk->gave_back(id), "Dana Agent");
  EXPECT_EQ(desk->handoff(id).resolution, "Refunded.");
}

TEST_F(Helpdesk, a_ticket_that_is_open_again_when_it_is_asked_is_not_given_back) {
  for (const bool freshdesk : {true, false}) {
    SCOPED_TRACE(freshdesk);
    AT(freshdesk ? "freshdesk" : "hubspot");
    const auto id = desk->open("c1", "zoe@northwind.example");
    const auto ticket = desk->handoff(id).ticket->object_id;
    const auto closed = desk->act(desk->desk, freshdesk ? "solve" : "move_stage",
                                  {{"ticket", ticket}, {"stage", "4"}, {"by", "123"}});
    (void)desk->act(desk->desk, freshdesk ? "reopen" : "move_stage",
                    {{"ticket", ticket}, {"stage", "2"}, {"by", "123"}});
    for (const auto& one : closed) EXPECT_EQ(desk->hears(one.request), 200);
    desk->run(1min);
    EXPECT_FALSE(desk->gave_back(id));
    EXPECT_TRUE(is_open(desk->handoff(id).state));
    EXPECT_FALSE(desk->jobs(id, Operation::read_status).empty()) << "it was asked";
  }
}

TEST_F(Helpdesk, while_a_ticket_cannot_be_asked_nothing_is_given_back_on_a_notices_word) {
  AT("freshdesk");
  const auto id = desk->open("c1", "ada@example.com");
  const auto ticket = desk->handoff(id).ticket->object_id;
  const auto pause = [&](bool paused) {
    Batch batch;
    batch.lanes.emplace_back(Lane("freshdesk"), paused, "dana", "maintenance", desk->clock.now());
    EXPECT_TRUE(desk->await(desk->journal.commit(std::move(batch)))->done());
    desk->run(1s);
  };
  pause(true);
  EXPECT_EQ(desk->happens("solve", {{"ticket", ticket}, {"by", "Dana Agent"}}), 200);
  desk->run(10s);
  EXPECT_FALSE(desk->gave_back(id));
  pause(false);
  desk->run(2h);
  EXPECT_EQ(desk->gave_back(id), "Dana Agent");
}

}  // namespace
}  // namespace baton::contract
