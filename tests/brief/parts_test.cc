// Purpose: the small things a brief is made of, as tables.
#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_deadline.h"
#include "gateway/handoff/brief_given.h"
#include "gateway/handoff/brief_text.h"
#include "gateway/handoff/brief_topics.h"

namespace baton::brief_testing {
namespace {

using nlohmann::json;

constexpr TimePoint kBriefedAt{Duration{1'800'000'000'000}};  // 2027-01-15T08:00:00Z

TEST(RelativeDay, is_what_people_say) {
  const std::vector<std::pair<std::string, std::string>> days = {{"2027-01-15", "today"},
                                                                 {"2027-01-16", "tomorrow"},
                                                                 {"2027-01-14", "yesterday"},
                                                                 {"2027-01-13", "two days ago"},
                                                                 {"2027-01-28", "in 13 days"},
                                                                 {"2027-01-27", "in twelve days"},
                                                                 {"2027-02-05", "in three weeks"},
                                                                 {"2027-02-06T23:59:59Z", "in three weeks"},
                                                                 {"2027-03-14", "in eight weeks"},
                                                                 {"2027-04-15", "in three months"},
                                                                 {"2028-01-15", "in twelve months"},
                                                                 {"2029-02-01", "in two years"},
                                                                 {"2026-12-01", "six weeks ago"},
                                                                 {"2027-02-30", ""},
                                                                 {"", ""},
                                                                 {"soon", ""},
                                                                 {"2027/02/05", ""},
                                                                 {"20270205", ""}};
  for (const auto& [day, words] : days) EXPECT_EQ(handoff::relative_day(day, kBriefedAt), words) << day;
}

TEST(Shorten, cuts_between_words_and_never_inside_a_letter) {
  EXPECT_EQ(handoff::shorten("one two three", 13), "one two three");
  EXPECT_EQ(handoff::shorten("one two three", 12), "one two\u2026");
  EXPECT_EQ(handoff::shorten("one two, three", 13), "one two\u2026");
  EXPECT_EQ(handoff::shorten("\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4", 8), "\u00e4\u00e4\u2026");
  std::string text = "caf\u00e9 \U0001F621 \u8fd4\u91d1\u3092\u304a\u9858\u3044 end";
  for (std::size_t most = 0; most <= text.size(); ++most) {
    const auto cut = handoff::shorten(text, most);
    EXPECT_TRUE(is_utf8(cut)) << most;
    EXPECT_LE(cut.size(), std::max<std::size_t>(most, 3)) << most;
  }
}

TEST(Secrets, are_masked_and_other_numbers_are_not) {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"card 4242424242424242 please", "card ****4242 please"},
      {"4242-4242-4242-4242", "****4242"},
      {"CPF 529.982.247-25, pedido 529.982.247-26", "CPF ****25, pedido 529.982.247-26"},
      {"my SSN is 078-05-1120, part 978-05-1120", "my SSN is ****20, part 978-05-1120"},
      {"DNI 12345678Z o 12345678A", "DNI ****8Z o 12345678A"},
      {"order 20931 4242 4242 4242 4242.", "order 20931 ****4242."},
      {"amex 3782 822463 10005", "amex ****0005"},
      {"\uff14\uff12\uff14\uff12 4242 4242 4242", "****4242"},
      {"order 4242424242424241", "order 4242424242424241"},
      {"call +49 170 1234567", "call +49 170 1234567"},
      {"from DE89370400440532013000 to", "from ****3000 to"},
      {"GB82 WEST 1234 5698 7654 32", "****5432"},
      {"password: hunter2", "password: ****"},
      {"password=hunter2 and", "password=**** and"},
      {"my password is Tr0ub4dor", "my password is ****"},
      {"my password is wrong", "my password is wrong"},
      {"the password reset link", "the password reset link"},
      {"PIN 1234", "PIN ****"},
      {"mon mot de passe : soleil", "mon mot de passe : ****"},
      {"mein Passwort lautet geheim123", "mein Passwort lautet ****"},
      {"token ghp_abcdefghijklmnop1234", "token ****"},
      {"use whsec_abcdefghijklmnop=", "use ****"},
      {"Bearer abc.def123", "Bearer ****"},
      {"see https://x.example/a", "see https://x.example/a"},
      {"", ""}};
  for (const auto& [text, masked] : lines) EXPECT_EQ(handoff::tidy(text), masked) << text;
}

TEST(Secrets, are_not_seen_by_halves_where_a_long_text_is_cut) {
  for (std::size_t shift = 0; shift < 24; ++shift) {
    const std::string text = std::string(handoff::kMostRead - shift, 'x') + " 4242 4242 4242 4242 tail";
    EXPECT_EQ(handoff::tidy(text).find("4242 4242"), std::string::npos) << shift;
    EXPECT_EQ(
        handoff::tidy(std::string(handoff::kMostRead - shift, ' ') + "4242 4242 4242 4242").find("4242 4242"),
        std::string::npos)
        << shift;
  }
}

TEST(Tidy, makes_one_line_of_anything) {
  EXPECT_EQ(handoff::tidy("a\r\n\tb\u00a0c\u2003d"), "a b c d");
  EXPECT_EQ(handoff::tidy("a\u202eb\u200bc\ufeff"), "abc");
  EXPECT_EQ(handoff::tidy("a{b}c"), "a(b)c");
  EXPECT_EQ(handoff::tidy("see {\"a\": {\"b\": 1}} there"), "see (data) there");
  EXPECT_EQ(handoff::tidy("{{{{ {\"a\""), "(((( (\"a\"");
  EXPECT_EQ(handoff::tidy("\xff\xfe"), "\ufffd\ufffd");
  EXPECT_EQ(handoff::tidy("\U0001F468\u200d\U0001F469"), "\U0001F468\u200d\U0001F469");
}

std::string given(const std::string& text) {
  const json data = {
      {"transcript", {{{"role", "customer"}, {"text", text}}, {{"role", "ai"}, {"text", "order 999999"}}}}};
  return handoff::in_words(handoff::identifiers_given(data), "");
}

// S50: nobody asks for it again.
TEST(Identifiers, are_found_with_their_kind_and_nothing_else_is_one) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"order 20931", "order 20931"},
      {"Order number: #20931!", "order 20931"},
      {"Bestellung Nr. 20931 und Rechnung RE-44/2026", "order 20931, invoice RE-44/2026"},
      {"meine Bestellnummer lautet 20931", "order 20931"},
      {"le num\u00e9ro de commande 20931", "order 20931"},
      {"\u6ce8\u6587\u756a\u53f720931\u3067\u3059", "order 20931"},
      {"\u0437\u0430\u043a\u0430\u0437 20931", "order 20931"},
      {"ORD-20931 and txn_8f2a77", "order ORD-20931, transaction txn_8f2a77"},
      {"write to a.b+c@mail.example.", "e-mail a.b+c@mail.example"},
      {"order 20931, Order 20931 and ORDER 20931", "order 20931"},
      {"an order from 2024", ""},
      {"I paid 1290 for it in 2024", ""},
      {"the order, 4 items, 2024", ""},
      {"error 50012", ""},
      {"costs 129,90", ""},
      {"IBAN DE89 3704 0044 0532 0130 00", "IBAN ****3000"},
      {"it was charged to 4242 4242 4242 4242", "card ****4242"},
      {"a@b and @name", ""},
      {"", ""}};
  for (const auto& [text, words] : texts) EXPECT_EQ(given(text), words) << text;
}

TEST(Identifiers, of_the_event_come_first_and_each_is_named_once) {
  const json data = {
      {"identifiers", {{{"kind", "order_number"}, {"value", "20931"}}, {{"value", 77}}, 3, "x"}},
      {"customer", {{"account_id", "acc-77"}, {"email", "a@b.example"}}},
      {"transcript",
       {{{"role", "customer"}, {"text", "order 20931, account acc-77, a@b.example, order 20932"}}}}};
  EXPECT_EQ(handoff::in_words(handoff::identifiers_given(data), "Ada, a@b.example"),
            "order number 20931, reference 77, account acc-77, order 20932");
}

handoff::Talk talk(std::vector<std::string> texts) {
  json transcript = json::array();
  for (auto& text : texts) transcript.push_back({{"role", "customer"}, {"text", std::move(text)}});
  return handoff::read_talk(transcript);
}

// S57
TEST(Topics, are_kept_apart_and_the_last_is_what_they_speak_of_now) {
  const auto one = talk({"I was charged twice.", "Please refund the payment."});
  ASSERT_EQ(one.topics.size(), 1u);
  EXPECT_EQ(one.issue, "I was charged twice.");
  const auto two = talk({"I was charged twice.", "Also, my login fails.", "thanks"});
  ASSERT_EQ(two.topics.size(), 2u);
  EXPECT_EQ(name(two.topics[1].about), "access");
  EXPECT_EQ(two.issue, "Also, my login fails.");
  EXPECT_EQ(two.last, "Also, my login fails.");
  const auto unknown = talk({"I was charged twice.", "By the way, who paints your logo?"});
  ASSERT_EQ(unknown.topics.size(), 2u);
  EXPECT_EQ(name(unknown.topics[1].about), "other");
  EXPECT_FALSE(talk({}).any);
  EXPECT_EQ(talk({"human please"}).last, "human please") << "better than nothing";
}

TEST(Topics, have_a_category_by_their_words) {
  const std::vector<std::pair<std::string, std::string>> texts = {{"billing", "billing"},
                                                                  {"refund double charge", "billing"},
                                                                  {"Ich will k\u00fcndigen", "cancellation"},
                                                                  {"The app crashes", "technical"},
                                                                  {"mot de passe oubli\u00e9", "access"},
                                                                  {"Mein Paket fehlt", "delivery"},
                                                                  {"GDPR request", "privacy"},
                                                                  {"what a nice day", "other"},
                                                                  {"", "other"},
                                                                  {"\u8fd4\u91d1\u3057\u3066", "billing"},
                                                                  {"debugging", "other"}};
  for (const auto& [text, category] : texts) EXPECT_EQ(name(handoff::category_of(text)), category) << text;
}

TEST(Deadlines, are_what_presses_and_not_what_was) {
  struct Case {
    const char *text, *deadline;
  };
  for (const auto& [text, deadline] : std::vector<Case>{
           {"Hello. Our flight leaves at 18:30 today. Can you help?", "Our flight leaves at 18:30 today."},
           {"Um 11 Uhr müssen die Löhne raus.", "Um 11 Uhr müssen die Löhne raus."},
           {"Il me faut la facture avant vendredi.", "Il me faut la facture avant vendredi."},
           {"Lo necesito antes de las 12, mañana.", "Lo necesito antes de las 12, mañana."},
           {"Preciso disso até amanhã.", "Preciso disso até amanhã."},
           {"We have to notify them within 72h", "We have to notify them within 72h"},
           {"It should have come on Monday.", ""},
           {"Since Friday nothing works, we need the export.", ""},
           {"Are you open on Saturday?", ""},
           {"I must have overlooked it, by the way", ""},
           {"", ""}}) {
    const nlohmann::json transcript = {{{"role", "customer"}, {"text", text}}};
    EXPECT_EQ(handoff::deadline_in(JsonView(transcript)), deadline) << text;
  }
}

}  // namespace
}  // namespace baton::brief_testing
