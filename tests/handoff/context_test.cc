// Purpose: what several destinations know, as one: who said it, when, and what is not there and why.
#include "gateway/handoff/context.h"

#include <gtest/gtest.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "gateway/handoff/brief.h"
#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

const json kCrmAnswer = {{"account",
                          {{"name", "Acme"},
                           {"tier", "Enterprise"},
                           {"owner", "Dana"},
                           {"value", 48000},
                           {"currency", "EUR"},
                           {"renewal_date", "2026-12-01"},
                           {"at_risk", true}}},
                         {"people", {{{"name", "Ada"}, {"email", "ada@acme.example"}}}},
                         {"missing", {{{"part", "deals"}, {"why", "no scope"}}}},
                         {"matches", 2}};
const json kBillingAnswer = {
    {"account", {{"tier", "Gold"}, {"health", "red"}}},
    {"money",
     {{"plan", "Pro"},
      {"status", "past_due"},
      {"failed_charges",
       {{{"amount", 12.5}, {"currency", "EUR"}, {"at", "2026-11-18T09:00:00Z"}, {"reason", "card_declined"}},
        {{"amount", 12.5}, {"currency", "EUR"}}}},
      {"open_invoices", {{{"id", "in_1"}, {"overdue", true}}, {{"id", "in_2"}}}}}}};
const json kDeskAnswer = {
    {"history",
     {{"open_tickets", {{{"id", "77"}, {"title", "Cannot pay"}}}}, {"contacts_7d", 2}, {"contacts_14d", 5}}}};

Handoff with(std::vector<std::pair<std::string, ContextPart>> parts) {
  auto handoff = new_handoff();
  handoff.route.context.clear();
  for (auto& [name, part] : parts) {
    handoff.route.context.emplace_back(name);
    handoff.context[DestinationId(name)] = std::move(part);
  }
  return handoff;
}

ContextPart present(json found, TimePoint at = kStart) {
  ContextPart part;
  part.part = Part::present;
  part.found = std::move(found);
  part.at = at;
  return part;
}

ContextPart failed(std::string why) {
  ContextPart part;
  part.part = Part::failed;
  part.reason = std::move(why);
  return part;
}

bool fits(std::string_view schema_text, const json& value) {
  const auto schema = json::parse(schema_text);
  valijson::Schema compiled;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(schema), compiled);
  return valijson::Validator().validate(compiled, Adapter(value), nullptr);
}

TEST(Context, each_value_says_who_said_it_and_when) {
  const auto all =
      handoff::sections(with({{"crm", present(kCrmAnswer)}, {"billing", present(kBillingAnswer)}}), kStart);
  EXPECT_EQ(all["account"]["tier"], (json{{"value", "Enterprise"},
                                          {"source", "crm"},
                                          {"at", "2027-01-15T08:00:00.000Z"},
                                          {"state", "present"}}))
      << "the first in the route's order";
  EXPECT_EQ(all["account"]["health"]["source"], "billing");
  EXPECT_EQ(all["money"]["failed_charges"]["items"].size(), 2u);
  EXPECT_EQ(all["sources"][0]["matches"], 2);
  EXPECT_EQ(all["sources"][0]["missing"][0]["part"], "deals");
}

TEST(Context, what_nobody_says_is_missing_and_what_could_not_be_read_failed_with_its_reason) {
  const auto missing = handoff::sections(with({{"crm", present(kCrmAnswer)}}), kStart);
  EXPECT_EQ(missing["money"]["plan"]["state"], "missing");
  const auto broken =
      handoff::sections(with({{"crm", present(kCrmAnswer)}, {"billing", failed("it is down")}}), kStart);
  EXPECT_EQ(broken["money"]["plan"]["state"], "failed");
  EXPECT_EQ(broken["money"]["plan"]["why"], "billing: it is down");
  EXPECT_EQ(broken["account"]["tier"]["state"], "present");
}

TEST(Context, what_was_read_long_ago_is_stale) {
  const auto handoff = with({{"crm", present(kCrmAnswer)}});
  EXPECT_EQ(handoff::sections(handoff, kStart + 61min)["account"]["tier"]["state"], "stale");
}

TEST(Context, each_item_of_a_list_says_when_it_was_read_and_goes_stale_as_a_value_does) {
  const auto handoff =
      with({{"billing", present(kBillingAnswer)}, {"more", present(kBillingAnswer, kStart + 50min)}});
  const auto fresh = handoff::sections(handoff, kStart + 59min)["money"]["failed_charges"];
  EXPECT_EQ(fresh["state"], "present");
  const auto& charge = fresh["items"][0];
  EXPECT_EQ(charge["read_at"], "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(charge["at"], "2026-11-18T09:00:00Z") << "when it happened is the charge's own";
  const auto all = handoff::sections(handoff, kStart + 61min);
  const auto& old = all["money"]["failed_charges"];
  EXPECT_EQ(old["state"], "stale");
  EXPECT_EQ(old["at"], "2027-01-15T08:00:00.000Z") << "the oldest";
  EXPECT_EQ(old["items"][0]["state"], "stale");
  EXPECT_EQ(old["items"][2]["state"], "present");
  EXPECT_TRUE(fits(handoff::context_schema(), all)) << all.dump(1);
  EXPECT_FALSE(handoff::known(handoff)["money"]["failed_charges"][0].contains("read_at")) << "bookkeeping";
}

// Who answers may still have been refused a part: that is no "nobody says it".
TEST(Context, what_a_part_would_have_said_that_could_not_be_read_failed) {
  const auto all = handoff::sections(with({{"crm", present(kCrmAnswer)}}), kStart);
  EXPECT_EQ(all["account"]["open_value"], (json{{"state", "failed"}, {"why", "crm: deals: no scope"}}));
  EXPECT_EQ(all["account"]["health"]["state"], "missing") << "deals do not tell it";
  EXPECT_EQ(all["money"]["plan"]["state"], "missing");
  const auto refused = [](const char* part) {
    return handoff::sections(with({{"one", present({{"missing", {{{"part", part}, {"why", "HTTP 403"}}}}})}}),
                             kStart);
  };
  EXPECT_EQ(refused("history")["history"]["open_tickets"]["why"], "one: history: HTTP 403");
  EXPECT_EQ(refused("history.tickets")["history"]["contacts_7d"]["state"], "failed");
  EXPECT_EQ(refused("history")["money"]["plan"]["state"], "missing");
  EXPECT_EQ(refused("charges")["money"]["last_payments"]["state"], "failed");
  EXPECT_EQ(refused("charges")["money"]["disputes"]["state"], "missing");
  EXPECT_EQ(refused("something new")["account"]["tier"]["state"], "failed") << "it may have been there";
  const auto other = handoff::sections(
      with({{"crm", present(kCrmAnswer)}, {"other", present({{"account", {{"open_value", 7}}}})}}), kStart);
  EXPECT_EQ(other["account"]["open_value"]["value"], 7) << "another says it";
}

TEST(Context, contacts_of_several_helpdesks_are_added_up) {
  const auto all =
      handoff::sections(with({{"a", present(kDeskAnswer)}, {"b", present(kDeskAnswer)}}), kStart);
  EXPECT_EQ(all["history"]["contacts_7d"]["value"], 4);
  EXPECT_EQ(all["history"]["open_tickets"]["items"].size(), 2u);
}

TEST(Context, always_fits_its_schema_whatever_was_answered) {
  const std::vector<json> answers = {kCrmAnswer,
                                     kBillingAnswer,
                                     kDeskAnswer,
                                     json(),
                                     json::array(),
                                     json("text"),
                                     {{"account", 7}},
                                     {{"money", {{"failed_charges", "many"}}}},
                                     {{"people", {1, "two", nullptr}}},
                                     {{"history", {{"contacts_7d", "9"}}}}};
  for (const auto& one : answers) {
    for (const auto& other : answers) {
      const auto handoff = with({{"one", present(one)}, {"other", present(other)}, {"third", failed("no")}});
      const auto all = handoff::sections(handoff, kStart);
      EXPECT_TRUE(fits(handoff::context_schema(), all)) << all.dump(1);
      const auto known = handoff::known(handoff);
      (void)handoff::in_words(known);
    }
  }
  for (const auto& answer : {kCrmAnswer, kBillingAnswer, kDeskAnswer})
    EXPECT_TRUE(fits(handoff::context_answer_schema(), answer));
  EXPECT_FALSE(fits(handoff::context_answer_schema(), json{{"account", {{"tier", ""}}}}));
}

TEST(Context, is_a_line_a_section_in_words) {
  const auto known = handoff::known(with(
      {{"crm", present(kCrmAnswer)}, {"billing", present(kBillingAnswer)}, {"desk", present(kDeskAnswer)}}));
  EXPECT_EQ(handoff::account_in_words(known),
            "tier Enterprise, value 48,000 EUR, renews 2026-12-01, owner Dana, health red, at risk");
  EXPECT_EQ(handoff::money_in_words(known),
            "plan Pro (past_due); 2 failed charges (last 12.50 EUR on 2026-11-18: card declined); "
            "2 open invoices, 1 overdue");
  EXPECT_EQ(handoff::history_in_words(known),
            "1 open ticket (#77 Cannot pay), 2 contacts in 7 days, 5 in 14 days");
}

const json kUnfinishedAnswer = {
    {"money",
     {{"unfinished_payments",
       {{{"id", "pi_1"},
         {"amount", 49.0},
         {"currency", "EUR"},
         {"at", "2026-11-18T09:00:00Z"},
         {"status", "requires_action"},
         {"code", "authentication_required"},
         {"decline_code", "authentication_required"},
         {"reason", "3-D Secure step left open"},
         {"customer_can", "confirm it with their bank"}}}},
      {"open_invoices",
       {{{"id", "in_1"}, {"reason", "insufficient funds"}, {"customer_can", "use another card"}}}}}}};

TEST(Context, of_a_payment_that_was_left_open_says_what_the_customer_can_do) {
  EXPECT_TRUE(fits(handoff::context_answer_schema(), kUnfinishedAnswer));
  const auto handoff = with({{"billing", present(kUnfinishedAnswer)}});
  const auto all = handoff::sections(handoff, kStart);
  EXPECT_EQ(all["money"]["unfinished_payments"]["items"][0]["source"], "billing");
  EXPECT_TRUE(fits(handoff::context_schema(), all));
  const std::string line =
      "1 unfinished payment (last 49 EUR on 2026-11-18: 3-D Secure step left open; the customer can confirm "
      "it "
      "with their bank); 1 open invoice (insufficient funds; the customer can use another card)";
  const auto known = handoff::known(handoff);
  EXPECT_EQ(handoff::money_in_words(known), line);
  EXPECT_EQ(handoff::brief(handoff, kStart).money, line) << "also where nobody asked about money";
}

TEST(Context, stands_in_the_brief_and_is_empty_where_nothing_is_known) {
  const auto brief = handoff::brief(with({{"crm", present(kCrmAnswer)}}), kStart);
  EXPECT_EQ(brief.account, "owner Dana") << "the rest stands in `who`";
  EXPECT_TRUE(brief.money.empty());
}

TEST(Context, that_comes_late_is_a_note_in_words) {
  auto route = whole_route();
  Tale tale(new_handoff(route));
  tale(event("handoff.requested", requested_data()));
  tale(Due{}, 2s);
  tale(job_of(Operation::open_ticket, JobState::done));
  auto read = tale.of(Operation::read_context).at(0);
  read.state = JobState::done;
  read.found = kCrmAnswer;
  tale(read);
  const auto notes = tale.of(Operation::add_note);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].subject.at("text"),
            "Late context from crm:\nAccount: tier Enterprise, value 48,000 EUR, renews 2026-12-01, owner "
            "Dana, at risk");
}

}  // namespace
}  // namespace baton::handoff_testing
