// The shipped mapping: what becomes of a handoff, held against the official schema of cards.
#include <gtest/gtest.h>

#include "connectors/teams/card.h"
#include "tests/support/mapping_cases.h"
#include "tests/support/spec_schema.h"

namespace baton::teams {
namespace {

using nlohmann::json;

json scope_of(const std::string& text, const char* state) {
  const json message = {{"role", text}, {"author", text}, {"text", text}};
  return {{"priority", "urgent"},
          {"handoff", {{"id", "hof_1"}, {"state", state}, {"owner", text}, {"resolution", text}}},
          {"customer", {{"name", text}, {"company", text}, {"tier", text}}},
          {"intent", {{"name", text}, {"confidence", 0.5}}},
          {"sentiment", {{"label", text}}},
          {"brief",
           {{"headline", text}, {"wanted", text}, {"went_wrong", text}, {"tried", text}, {"next", text}}},
          {"ticket", {{"id", text}, {"url", "https://acme.example/1"}}},
          {"subject", {{"text", text}}},
          {"transcript", json::array({message, message, message})}};
}

json schema(const char* name) {
  return json::parse(
      testing::read_text(std::string(BATON_SOURCE_DIR) + "/tests/connectors/teams/data/" + name));
}

void expect_fits(const json& body) {
  static const auto& envelope = *new json(schema("workflow_message.schema.json"));
  static const auto& official = *new json(schema("adaptive-card-1.4.0.schema.json"));
  EXPECT_EQ(testing::violations(envelope, "", body), "") << body;
  auto card = body["attachments"][0]["content"];
  card.erase("msteams");  // Teams' own, unknown to the schema
  EXPECT_EQ(testing::violations(official, "", card), "") << card;
}

TEST(TeamsMapping, its_cases_pass) { testing::run_mapping_cases("teams"); }

TEST(TeamsMapping, every_card_fits_the_official_schema_whatever_customers_write) {
  const auto mapping = testing::load_mapping("teams");
  for (const auto* operation : {"post_alert", "update_alert", "reply_in_thread"}) {
    for (const auto* state : {"waiting", "resolved"}) {
      for (const std::string piece : {"*", "<at>x</at>", "a\n"}) {
        std::string text;
        while (text.size() < 5'000) text += piece;
        const auto made = mapping.find(operation)->render(scope_of(text, state), TimePoint{});
        ASSERT_TRUE(made) << made.error().detail;
        expect_fits(json::parse(post_card(read_card(*made, "hof_1/teams/x/1")).request().body));
        expect_fits(json::parse(post_small(read_card(*made, "hof_1/teams/x/1")).request().body));
      }
    }
  }
}

TEST(TeamsMapping, a_handoff_that_knows_nothing_is_still_a_card) {
  const auto mapping = testing::load_mapping("teams");
  const json scope = {{"priority", "normal"},
                      {"handoff", {{"id", "hof_1"}, {"state", "waiting"}, {"owner", ""}}}};
  const auto made = mapping.find("post_alert")->render(scope, TimePoint{});
  ASSERT_TRUE(made) << made.error().detail;
  expect_fits(json::parse(post_card(read_card(*made, "hof_1/teams/x/1")).request().body));
}

TEST(TeamsMapping, the_schema_refuses_what_is_no_card) {
  const auto official = schema("adaptive-card-1.4.0.schema.json");
  EXPECT_NE(
      testing::violations(official, "", {{"type", "AdaptiveCard"}, {"body", {{{"type", "TextBlock"}}}}}), "");
  EXPECT_NE(testing::violations(official, "", {{"type", "AdaptiveCard"}, {"body", "x"}}), "");
}

}  // namespace
}  // namespace baton::teams
