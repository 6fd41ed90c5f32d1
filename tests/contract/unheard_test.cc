// Webhooks that never come: that somebody took a ticket, what they answered, and that they let go of it are
// found by asking (promise D13).
#include <gtest/gtest.h>

#include "tests/contract/desk.h"

namespace baton::contract {
namespace {

using nlohmann::json;

struct Desks {
  const char* connector;
  const char* about;  // what a deed calls the ticket
  const char* assign = "assign";
  json to = {{"to", "Dana Agent"}};  // of an assignment
  const char* answers = nullptr;     // the deed of a public answer; nullptr: this vendor tells of none
  friend void PrintTo(const Desks& one, std::ostream* stream) { *stream << one.connector; }
};

const std::vector<Desks>& desks() {
  static const std::vector<Desks> all = {
      {.connector = "zendesk", .about = "ticket", .answers = "comment"},
      {.connector = "intercom", .about = "conversation", .answers = "reply"},
      {.connector = "freshdesk", .about = "ticket", .answers = "comment"},
      {.connector = "hubspot", .about = "ticket", .to = {{"owner", "7001"}}},
      {.connector = "salesforce", .about = "case"},
      {.connector = "linear", .about = "issue"},
  };
  return all;
}

class Unheard : public ::testing::TestWithParam<Desks> {
 protected:
  void SetUp() override {
    const auto place = place_of(GetParam().connector), platform = place_of("standard_webhooks");
    if (!place || !platform) GTEST_SKIP() << "not in this registry";
    desk.emplace(*place, *platform);
    id = desk->open("c1", place->customer.value("email", "ada@example.com"));
  }
  // At the vendor, without a word to Baton.
  std::vector<simulation::Outbound> unheard(const std::string& deed, json with) {
    with[GetParam().about] = desk->handoff(id).ticket->object_id;
    return desk->act(desk->desk, deed, with);
  }
  std::vector<std::string> answers() {
    std::vector<std::string> all;
    for (const auto& job : desk->jobs(id, Operation::emit)) {
      const JsonView subject(job.subject);
      if (subject["type"].text() == "handoff.message" && subject.at_path("data.step").missing())
        all.push_back(subject.at_path("data.text").text());
    }
    return all;
  }
  std::optional<Desk> desk;
  HandoffId id;
};

TEST_P(Unheard, who_takes_the_ticket_has_the_handoff_all_the_same) {
  (void)unheard(GetParam().assign, GetParam().to);
  desk->run(10min + 30s);
  EXPECT_FALSE(desk->handoff(id).owner.empty());
  EXPECT_NE(name(desk->handoff(id).state), "waiting");
}

TEST_P(Unheard, what_they_answer_reaches_the_customer_once) {
  if (!GetParam().answers) GTEST_SKIP() << "this vendor tells of no answers";
  (void)unheard(GetParam().answers, {{"by", "Dana Agent"}, {"text", "It is refunded."}, {"public", true}});
  desk->run(15min);
  EXPECT_EQ(answers(), std::vector<std::string>{"It is refunded."});
  EXPECT_EQ(name(desk->handoff(id).state), "active");
  desk->run(30min);
  EXPECT_EQ(answers().size(), 1u) << "it stands there each time that it is asked";
}

INSTANTIATE_TEST_SUITE_P(At, Unheard, ::testing::ValuesIn(desks()),
                         [](const auto& info) { return std::string(info.param.connector); });

}  // namespace
}  // namespace baton::contract
