// Purpose: what of a conversation a tracker does not show, and that the rest is left as it was.
#include "gateway/handoff/masked.h"

#include <gtest/gtest.h>

namespace baton::handoff {
namespace {

using nlohmann::json;

TEST(Masked, addresses_cards_and_passwords_go_and_the_words_stay) {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"mail ada.byron+x@example.com.", "mail ****@example.com."},
      {"a@b.de, c@d.org", "****@b.de, ****@d.org"},
      {"<ada@mail.example.com>", "<****@mail.example.com>"},
      {"user@localhost is no address, nor @channel", "user@localhost is no address, nor @channel"},
      {"card 4242 4242 4242 4242", "card ****4242"},
      {"my password is hunter2", "my password is ****"},
      {"GET /orders failed\nat Checkout.submit", "GET /orders failed\nat Checkout.submit"},
      {"\n", "\n"},
      {"", ""},
      {"@", "@"},
      {"@@.@", "@@.@"},
      {"müller@example.de", "****@example.de"}};
  for (const auto& [text, expected] : lines) EXPECT_EQ(masked(text), expected) << text;
}

TEST(Masked, every_free_text_of_an_event_is_and_nothing_else) {
  json scope = {
      {"errors", {{{"message", "no user ada@example.com"}, {"code", "E1"}}}},
      {"transcript", {{{"role", "customer"}, {"text", "I am ada@example.com"}}}},
      {"page", {{"url", "https://shop.example/pay?session=abc#x"}, {"visited", {"https://a/?k=1", 7}}}},
      {"brief", {{"wanted", "ada@example.com wants a refund"}}},
      {"customer",
       {{"id", "ada@example.com"},
        {"name", "ada@example.com"},
        {"email", "ada@example.com"},
        {"attributes", {{"other", "b@example.org"}, {"seats", 3}}}}},
      {"known", {{"account", {{"name", "ada@example.com's shop"}}}}},
      {"subject",
       {{"text", "ada@example.com wrote again"},
        {"link", "https://acme.example/1"},
        {"customer", {{"email", "ada@example.com"}}}}},
      {"handoff", {{"id", "hof_1"}, {"resolution", "ada@example.com has it back"}}}};
  mask_for_tracker(scope);
  EXPECT_EQ(scope["errors"][0]["message"], "no user ****@example.com");
  EXPECT_EQ(scope["errors"][0]["code"], "E1");
  EXPECT_EQ(scope["transcript"][0]["text"], "I am ****@example.com");
  EXPECT_EQ(scope["page"]["url"], "https://shop.example/pay");
  EXPECT_EQ(scope["page"]["visited"][0], "https://a/");
  EXPECT_EQ(scope["brief"]["wanted"], "****@example.com wants a refund");
  for (const auto* member : {"id", "name", "email"})
    EXPECT_EQ(scope["customer"][member], "****@example.com") << member;
  EXPECT_EQ(scope["customer"]["attributes"], json({{"other", "****@example.org"}, {"seats", 3}}));
  EXPECT_EQ(scope["known"]["account"]["name"], "****@example.com's shop");
  EXPECT_EQ(scope["subject"]["text"], "****@example.com wrote again");
  EXPECT_EQ(scope["subject"]["link"], "https://acme.example/1");
  EXPECT_EQ(scope["subject"]["customer"]["email"], "****@example.com");
  EXPECT_EQ(scope["handoff"]["resolution"], "****@example.com has it back");
  EXPECT_EQ(scope["handoff"]["id"], "hof_1");
  for (json odd : {json(), json(3), json::array({1}), json{{"errors", "ada@example.com"}, {"page", 4}},
                   json{{"subject", "x"}, {"handoff", 7}, {"customer", nullptr}}})
    mask_for_tracker(odd);
}

}  // namespace
}  // namespace baton::handoff
