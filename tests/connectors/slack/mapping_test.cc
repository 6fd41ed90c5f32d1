#include <gtest/gtest.h>

#include "connectors/slack/wire.h"
#include "tests/support/mapping_cases.h"
#include "tests/support/spec_schema.h"

namespace baton::slack {
namespace {

using nlohmann::json;

// Every text of the card at once, as long as the brief may be and beyond.
json scope_of(const std::string& text, const char* state) {
  const json message = {{"role", text}, {"author", text}, {"text", text}};
  return {{"priority", "urgent"},
          {"handoff",
           {{"id", "hof_0199e5a1c2d37f00a1b2c3d4e5f60718"},
            {"state", state},
            {"owner", text},
            {"resolution", text}}},
          {"customer", {{"name", text}, {"company", text}, {"tier", text}}},
          {"intent", {{"name", text}, {"confidence", 0.5}}},
          {"sentiment", {{"label", text}}},
          {"brief",
           {{"headline", text},
            {"who", text},
            {"wanted", text},
            {"went_wrong", text},
            {"tried", text},
            {"next", text}}},
          {"ticket", {{"id", text}, {"url", "https://acme.example/" + text}}},
          {"transcript", json::array({message, message, message, message})}};
}

// The largest that a customer can make of a card, by text of each kind.
const std::vector<std::string>& kinds() {
  static const auto& all =
      *new std::vector<std::string>{"word ", "&", "<", "\"", "\\ ", "\xF0\x9F\x98\x80", "> \n", "@channel "};
  return all;
}
std::string repeated(const std::string& piece) {
  std::string text;
  while (text.size() < 20'000) text += piece;
  return text;
}

TEST(SlackMapping, its_cases_pass) { testing::run_mapping_cases("slack"); }

TEST(SlackMapping, every_card_fits_slacks_limits_whatever_customers_write) {
  const auto mapping = testing::load_mapping("slack");
  const auto schema = testing::read_vectors("slack/baton.chat.postMessage.schema.json",
                                            "slack/data/post_message.schema.json");
  for (const auto* state : {"waiting", "claimed", "resolved", "cancelled"}) {
    for (const auto& kind : kinds()) {
      const auto made = mapping.find("post_alert")->render(scope_of(repeated(kind), state), TimePoint{});
      ASSERT_TRUE(made) << made.error().detail;
      const auto body =
          json::parse(post_card("C0HANDOFFS", *made, "hof_1/slack/post_alert/1").request().body);
      EXPECT_EQ(testing::violations(schema, "", body), "") << state << kind;
      EXPECT_LE(body["blocks"].dump().size(), 12'000u) << state << kind;
    }
  }
}

TEST(SlackMapping, a_handoff_that_knows_nothing_is_still_a_card) {
  const auto mapping = testing::load_mapping("slack");
  const auto schema = testing::read_vectors("slack/baton.chat.postMessage.schema.json",
                                            "slack/data/post_message.schema.json");
  const json scope = {{"priority", "normal"},
                      {"handoff", {{"id", "hof_1"}, {"state", "waiting"}, {"owner", ""}}}};
  const auto made = mapping.find("post_alert")->render(scope, TimePoint{});
  ASSERT_TRUE(made) << made.error().detail;
  const auto body = json::parse(post_card("C0HANDOFFS", *made, "x").request().body);
  EXPECT_EQ(testing::violations(schema, "", body), "") << body;
}

TEST(SlackMapping, members_may_decline_where_they_are_asked_and_nobody_has_it) {
  const auto mapping = testing::load_mapping("slack");
  const auto offers = [&](bool asks, const char* owner) {
    json scope = scope_of("x", "waiting");
    scope["handoff"]["owner"] = owner;
    if (asks) scope["subject"]["asks"] = true;
    const auto made = mapping.find("update_alert")->render(scope, TimePoint{});
    return made && made->dump().find("baton_decline") != std::string::npos;
  };
  EXPECT_TRUE(offers(true, ""));
  EXPECT_FALSE(offers(true, "Ana"));
  EXPECT_FALSE(offers(false, ""));
}

TEST(SlackMapping, nothing_that_a_customer_writes_opens_a_mention_or_a_link) {
  const auto mapping = testing::load_mapping("slack");
  for (const auto* state : {"waiting", "resolved"}) {
    const auto scope = scope_of("<!channel> <@U1> <https://evil.example|x>", state);
    const auto made = mapping.find("update_alert")->render(scope, TimePoint{});
    ASSERT_TRUE(made) << made.error().detail;
    const auto shown = made->flatten();
    for (const auto& [pointer, value] : shown.items()) {
      if (!value.is_string() || pointer.find("/blocks/0/") != std::string::npos) continue;  // plain text
      const auto text = value.get<std::string>();
      EXPECT_EQ(text.find("<!"), std::string::npos) << text;
      EXPECT_EQ(text.find("<@"), std::string::npos) << text;
      EXPECT_EQ(text.find("<https://evil"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace baton::slack
