// Purpose: what handoffs teach, and that nothing of it says who the customer was.
#include "gateway/handoff/learning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/model/codec.h"
#include "tests/handoff/sample.h"
#include "tests/support/random_handoffs.h"

namespace baton::handoff_testing {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const json kAda = {
    {"customer",
     {{"id", "cus-771"}, {"name", "Ada Byron"}, {"email", "ada@example.com"}, {"company", "Engines Ltd"}}}};

TEST(Anonymous, says_neither_who_nor_how_to_reach_them) {
  const auto text = handoff::anonymous(
      "Hello ADA, Mrs Byron of engines ltd (cus-771): call +49 (30) 1234-567 or write to ada@example.com or "
      "x.y@mail.example, card 4242 4242 4242 4242, order 20931",
      kAda);
  for (const auto* secret : {"ADA", "Byron", "engines", "cus-771", "1234", "@", "4242 4242"})
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  EXPECT_THAT(text, HasSubstr("order 20931"));
  EXPECT_THAT(text, HasSubstr("[customer]"));
  EXPECT_THAT(text, HasSubstr("[number]"));
  EXPECT_THAT(text, HasSubstr("[address]"));
}

TEST(Anonymous, ends_with_any_text_and_any_name) {
  for (const auto* text : {"", "+", "++++", "1-", "@", "a@", "....", "\xff\xfe 12345678", "[customer]"}) {
    for (const auto& name : {"", " ", "a", "[cu", "+++", "cus"}) {
      const json data = {{"customer", {{"name", name}}}};
      EXPECT_LE(handoff::anonymous(text, data).size(), 1000u);
    }
  }
  const json nobody;
  EXPECT_LE(handoff::anonymous(std::string(100'000, '7'), nobody).size(), 1000u);
}

TEST(Resolutions, show_question_attempts_and_answers_in_order) {
  Tale tale(handoff_in(State::waiting));
  tale.handoff.data.update(kAda);
  tale.handoff.data["attempts"] = {
      {{"action", "offered a refund to ada@example.com"}, {"outcome", "refused"}}};
  tale.handoff.data["conversation"]["language"] = "en";
  std::vector<Fact> facts;
  for (const auto& [kind, text] : {std::pair(SignalKind::claimed, ""),
                                   {SignalKind::replied, "Ada, I look."},
                                   {SignalKind::replied, "Paid back."},
                                   {SignalKind::solved, "Paid back."}}) {
    const auto said = signal(kind, "U1", text);
    facts.emplace_back(tale.now, said);
    tale(said, 1min);
  }
  EXPECT_TRUE(handoff::teaches(tale.handoff, facts));
  const auto told = handoff::resolution_of(tale.handoff, facts);
  EXPECT_EQ(told["question"], "Was charged twice.");
  EXPECT_EQ(told["tried"], json({{{"action", "offered a refund to [customer]"}, {"outcome", "refused"}}}));
  EXPECT_EQ(told["answers"], json({"[customer], I look.", "Paid back."}));
  EXPECT_EQ(told["resolution"], "Paid back.");
  EXPECT_EQ(told["approach"], "answered");
  EXPECT_EQ(told["category"], "refund");
  EXPECT_EQ(told["language"], "en");
}

TEST(Resolutions, are_of_what_people_solved) {
  Tale by_ai(handoff_in(State::waiting));
  by_ai(event("conversation.resolved", {{"by", "ai"}}));
  EXPECT_FALSE(handoff::teaches(by_ai.handoff, {}));
  EXPECT_FALSE(handoff::teaches(handoff_in(State::active), {}));
  EXPECT_TRUE(handoff::teaches(handoff_in(State::returned), {}));
  EXPECT_FALSE(handoff::teaches(handoff_in(State::cancelled), {}));
}

Handoff unanswered(const std::string& id, const std::string& summary, Duration at) {
  auto made = new_handoff();
  made.id = HandoffId(id);
  made.requested_at = kStart + at;
  made.data = {{"intent", {{"summary", summary}}}, {"reason", {{"trigger", "low_confidence"}}}};
  return made;
}

TEST(Gaps, group_what_asks_the_same_and_name_their_handoffs) {
  handoff::Gaps gaps;
  gaps.add(unanswered("hof_1", "Can I export invoices as XML?", 1h));
  gaps.add(unanswered("hof_2", "Export INVOICES as xml, can I? 4711", 3h));
  gaps.add(unanswered("hof_3", "Where is my parcel?", 2h));
  auto asked_for_a_person = unanswered("hof_4", "Where is my parcel?", 2h);
  asked_for_a_person.data["reason"]["trigger"] = "explicit_request";
  gaps.add(asked_for_a_person);
  const auto all = gaps.list(10);
  ASSERT_EQ(all["gaps"].size(), 2u) << all;
  EXPECT_EQ(all["gaps"][0]["count"], 2);
  EXPECT_EQ(all["gaps"][0]["question"], "Export INVOICES as xml, can I? 4711");
  EXPECT_EQ(all["gaps"][0]["handoffs"], json({"hof_1", "hof_2"}));
  EXPECT_EQ(all["gaps"][1]["count"], 1);
  EXPECT_EQ(gaps.list(1)["beyond"], 1);
}

TEST(Gaps, keep_so_many_questions_and_count_the_rest) {
  handoff::Gaps gaps;
  for (int i = 0; i < 10'050; ++i) {
    auto one = unanswered("hof_1", "", Duration(i));
    one.data["intent"]["name"] = "intent_" + std::to_string(i);
    gaps.add(one);
  }
  EXPECT_EQ(gaps.list(100)["beyond"], 10'050 - 100);
}

// What the journal reads for this list is less than a handoff, and the list is the same.
TEST(Gaps, of_questions_alone_are_those_of_the_handoffs) {
  RandomHandoffs random(7);
  handoff::Gaps whole, small;
  for (int i = 0; i < 2000; ++i) {
    auto one = random.handoff("hof_" + std::to_string(i));
    if (one.data.is_object() && i % 3 != 0) one.data["reason"] = {{"trigger", "low_confidence"}};
    if (one.data.is_object() && i % 5 == 0)
      one.data["transcript"] = {
          {{"role", "customer"}, {"text", "Where is parcel " + std::string(i % 7, 'x') + "?"}}};
    const auto bytes = encode(one);
    const auto handoff = decode_handoff(bytes), question = decode_question(bytes);
    ASSERT_TRUE(handoff && question);
    whole.add(*handoff);
    small.add(*question);
  }
  EXPECT_GT(whole.list(1000)["gaps"].size(), 8u);
  EXPECT_EQ(whole.list(1000), small.list(1000));
}

}  // namespace
}  // namespace baton::handoff_testing
