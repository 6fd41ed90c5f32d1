// A question read out of a stored record says of everything that it holds what the decoded handoff says.
#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "gateway/model/codec.h"
#include "tests/support/random_handoffs.h"

namespace baton {
namespace {

using nlohmann::json;

json member(const Handoff& handoff, const char* name) {
  const auto found = JsonView(handoff.data)[name];
  return found.raw() ? *found.raw() : json();
}

void expect_the_same_question(const std::string& bytes) {
  const auto whole = decode_handoff(bytes);
  const auto small = decode_question(bytes);
  ASSERT_EQ(whole.has_value(), small.has_value()) << bytes;
  if (!whole) return;
  EXPECT_EQ(small->id, whole->id);
  EXPECT_EQ(small->workspace, whole->workspace);
  EXPECT_EQ(small->conversation, whole->conversation);
  EXPECT_EQ(small->state, whole->state);
  EXPECT_EQ(small->priority, whole->priority);
  EXPECT_EQ(small->requested_at, whole->requested_at);
  EXPECT_EQ(small->owner, whole->owner);
  EXPECT_EQ(small->topics, whole->topics);
  EXPECT_EQ(small->route.team, whole->route.team);
  for (const auto* name : {"intent", "reason", "customer", "attempts"})
    ASSERT_EQ(member(*small, name), member(*whole, name)) << bytes;
  const bool summed_up = !JsonView(whole->data).at_path("intent.summary").text().empty();
  if (!summed_up) ASSERT_EQ(member(*small, "transcript"), member(*whole, "transcript")) << bytes;
}

TEST(Question, read_from_what_we_store_is_that_of_the_handoff) {
  RandomHandoffs random(3);
  for (int round = 0; round < 400 && !HasFailure(); ++round) {
    auto handoff = random.handoff("hof_" + std::to_string(round));
    expect_the_same_question(encode(handoff));
    handoff.data_text = random.oddly_written(handoff.data);
    expect_the_same_question(encode(handoff));
  }
}

TEST(Question, read_from_what_others_stored_is_that_of_the_handoff) {
  RandomHandoffs random(4);
  for (int round = 0; round < 1000 && !HasFailure(); ++round) {
    auto record = json::parse(encode(random.handoff("hof_" + std::to_string(round))));
    for (auto changes = random.below(6); changes > 0; --changes) random.disturb(record);
    expect_the_same_question(random.oddly_written(record));
  }
}

TEST(Question, leaves_the_conversation_where_it_is_if_it_was_summed_up) {
  auto record = json::parse(encode(RandomHandoffs(5).handoff("hof_1")));
  record["data"] = {{"intent", {{"summary", "Was charged twice."}}},
                    {"transcript", {{{"role", "customer"}, {"text", "I was charged twice."}}}},
                    {"errors", json::array({1})}};
  const auto small = decode_question(record.dump());
  ASSERT_TRUE(small);
  EXPECT_EQ(small->data, (json{{"intent", {{"summary", "Was charged twice."}}}}));
  EXPECT_TRUE(small->passages.empty());
}

TEST(Question, of_what_is_no_record_of_a_handoff_there_is_none) {
  for (const auto* bytes : {"", "null", "[]", "{}", R"({"id":"x"})", R"({"id":"x","state":"new"})",
                            R"({"id":"x","state":"waiting"}})", R"({"id":"x","state":"waiting")"})
    EXPECT_FALSE(decode_question(bytes)) << bytes;
}

}  // namespace
}  // namespace baton
