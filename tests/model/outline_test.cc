// An outline skimmed out of a stored record says what the outline of the decoded handoff says.
#include "gateway/model/outline.h"

#include <gtest/gtest.h>

#include "gateway/model/codec.h"
#include "tests/support/random_handoffs.h"

namespace baton {
namespace {

using nlohmann::json;

// Whether it is a handoff at all, too.
void expect_the_same(const std::string& bytes) {
  const auto whole = decode_handoff(bytes);
  const auto skimmed = decode_outline(bytes);
  ASSERT_EQ(whole.has_value(), skimmed.has_value()) << bytes;
  if (whole) ASSERT_EQ(*skimmed, Outline(*whole)) << bytes;
}

TEST(Outline, skimmed_from_what_we_store_is_that_of_the_handoff) {
  RandomHandoffs random(1);
  for (int round = 0; round < 400 && !HasFailure(); ++round) {
    auto handoff = random.handoff("hof_" + std::to_string(round));
    const auto bytes = encode(handoff);
    const auto skimmed = decode_outline(bytes);
    ASSERT_TRUE(skimmed);
    EXPECT_EQ(*skimmed, Outline(handoff)) << bytes;
    expect_the_same(bytes);
    handoff.data_text = random.oddly_written(handoff.data);  // as the event's sender wrote it
    expect_the_same(encode(handoff));
  }
}

TEST(Outline, skimmed_from_what_others_stored_is_that_of_the_handoff) {
  RandomHandoffs random(2);
  for (int round = 0; round < 1000 && !HasFailure(); ++round) {
    auto record = json::parse(encode(random.handoff("hof_" + std::to_string(round))));
    for (auto changes = random.below(6); changes > 0; --changes) random.disturb(record);
    expect_the_same(random.oddly_written(record));
  }
}

TEST(Outline, says_what_figures_are_made_of) {
  const auto made = decode_outline(R"({"id":"hof_1","state":"claimed","workspace":"main","priority":"high",
      "requested_at":1700000000000,"route":{"rule":"vip","team":"desk","pilot":"spring","context":["crm"]},
      "data":{"intent":{"name":"refund"},"reason":{"trigger":"topic"},
              "conversation":{"channel":"web","language":"de","product":"shop"},
              "customer":{"email":"zo\u00eb@x.example","company":"Northwind","tier":"gold"},
              "sentiment":{"points":[{"at":"2023-11-14T22:13:20Z","score":-1},{"at":"later","score":1}]}},
      "context":{"crm":{"part":"present","found":{"part":"failed"}},"desk":{}},"bounces":2,
      "passages":[[1700000000000,"received","event"],[1700000000005,"claimed","Anna"],[1]],
      "feedback":[[1,"U1","wrong_team",""]],"ratings":[[1,4,"stars","human",""]],"feelings":[[7,0.5]]})");
  ASSERT_TRUE(made);
  Outline wanted;
  wanted.state = State::claimed;
  wanted.workspace = WorkspaceId("main");
  wanted.priority = Priority::high;
  wanted.requested_at = TimePoint{Duration{1'700'000'000'000}};
  wanted.rule = "vip";
  wanted.team = "desk";
  wanted.pilot = "spring";
  wanted.category = "refund";
  wanted.trigger = "topic";
  wanted.channel = "web";
  wanted.language = "de";
  wanted.product = "shop";
  wanted.id = HandoffId("hof_1");
  wanted.customer = "zoë@x.example";
  wanted.account = "Northwind";
  wanted.tier = "gold";
  wanted.parts = 2;
  wanted.parts_present = 1;
  wanted.bounces = 2;
  wanted.passages = {{wanted.requested_at, State::received}, {wanted.requested_at + 5ms, State::claimed}};
  wanted.faults = {"wrong_team"};
  wanted.ratings = {{4, "stars", "human"}};
  wanted.feelings = {{TimePoint{7ms}, 0.5}, {wanted.requested_at, -1}};
  EXPECT_EQ(*made, wanted);
}

TEST(Outline, of_what_is_no_record_of_a_handoff_there_is_none) {
  for (const auto* bytes :
       {"", "null", "[]", "5", "\"x\"", "{}", R"({"state":"waiting"})", R"({"id":"x"})",
        R"({"id":"x","state":7})", R"({"id":"x","state":"new"})", R"({"id":"","state":"waiting"})",
        R"({"id":"x","state":"waiting"}})", R"({"id":"x","state":"waiting"} 1)",
        R"({"id":"x","state":"waiting")", R"({"id":"\ud800","state":"waiting"})"})
    EXPECT_FALSE(decode_outline(bytes)) << bytes;
}

// 1e-999 is 0 to whoever takes numbers as doubles; -0 an integer.
TEST(Outline, reads_every_way_to_write_a_number) {
  for (const auto* number : {"0", "-0", "-0.0", "1e-999", "0.1", "1E2", "-12.5e-1", "9223372036854775808",
                             "18446744073709551616", "4.9e-324", "\"5\"", "null"}) {
    const auto score = std::string(number);
    expect_the_same(R"({"id":"x","state":"waiting","requested_at":)" + score + R"(,"bounces":)" + score +
                    R"( ,"feelings":[[)" + score + "," + score + R"( ]],"ratings":[[1,)" + score +
                    R"(,"nps","",""]]})");
  }
}

}  // namespace
}  // namespace baton
