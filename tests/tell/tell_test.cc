// Purpose: messages as a customer reads them, whole: languages, moods, waits, times, labels, hostile words.
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/handoff/tell_plain.h"
#include "tests/tell/shipped.h"

namespace baton::tell_testing {
namespace {

using namespace handoff;
using namespace handoff::tell;
using nlohmann::json;

TimePoint at(const char* text) { return *parse_rfc3339(text); }

Facts known() {
  Facts made;
  made.now = at("2026-11-20T21:05:00Z");  // a Friday
  made.language = "en";
  made.ticket = "77";
  made.team = "billing";
  made.asked = true;
  made.intent = "refund";
  made.messages = true;
  return made;
}

std::string told(Step step, const Facts& facts) { return message(step, facts, shipped()).text; }

TEST(Tell, a_ticket_with_everything_known_is_told_in_a_few_sentences) {
  auto facts = known();
  facts.mood = Mood::frustrated;
  facts.tried = true;
  facts.details = {"invoice"};
  facts.wait = Range{5min, 10min};
  facts.position = 2;
  facts.offers = {ChoiceKind::wait, ChoiceKind::callback, ChoiceKind::priority_ticket};
  EXPECT_EQ(
      told(Step::ticket_opened, facts),
      "I am sorry that this has been so much trouble. This needs a person, so your request is now ticket 77, "
      "for our billing team. It is about: a refund. Everything you wrote and what I tried goes along, so you "
      "need not repeat it. I have also noted your invoice number. The wait is about 5 to 10 minutes at the "
      "moment. You are number 2 in line. Instead of waiting you can stay here and wait, ask for a call back "
      "or leave it as a ticket with priority.");
}

TEST(Tell, with_little_known_little_is_said) {
  Facts facts;
  facts.now = at("2026-11-20T21:05:00Z");
  EXPECT_EQ(told(Step::accepted, facts), "This needs a person. Your request has been received.");
  EXPECT_EQ(told(Step::waiting, facts),
            "Your request is waiting for a person. How long it will be I cannot say yet.");
  EXPECT_EQ(told(Step::off_hours, facts),
            "Your request is waiting for a person. How long it will be I cannot say yet.")
      << "nobody said it is closed";
}

TEST(Tell, off_hours_says_when_people_are_back_as_the_customer_sees_it) {
  auto facts = known();
  facts.open = false;
  facts.back_at = at("2026-11-23T08:00:00Z");
  facts.house_zone = "Europe/Berlin";
  EXPECT_EQ(told(Step::ticket_opened, facts),
            "Nobody is at work here right now. People are back on Monday at 9:00 am (Berlin time). Your "
            "request waits "
            "for them as ticket 77. It is about: a refund. Everything you wrote so far is kept with it.");
  facts.language = "de-AT";
  facts.zone = "Europe/Vienna";
  EXPECT_EQ(told(Step::waiting, facts),
            "Gerade arbeitet hier niemand. Menschen sind am Montag um 09:00 Uhr wieder da. Ihr Anliegen "
            "liegt für sie "
            "bereit, als Ticket 77. Es geht um: eine Erstattung. Alles, was Sie bisher geschrieben haben, "
            "ist dabei.");
  facts.back_at = facts.now - 1h;
  EXPECT_EQ(told(Step::waiting, facts).find("wieder da"), std::string::npos) << "that has passed";
}

TEST(Tell, who_has_it_is_named_if_it_is_a_name) {
  auto facts = known();
  facts.claimed = true;
  facts.person = "Anna";
  EXPECT_TRUE(told(Step::claimed, facts).starts_with("Anna has your conversation now. "));
  for (const auto* id : {"U024BE7LH", "84473", "anna@example.com", "  ", "***"}) {
    facts.person = id;
    EXPECT_TRUE(told(Step::claimed, facts).starts_with("A colleague has your conversation now. ")) << id;
  }
}

TEST(Tell, the_way_back_says_what_was_done_and_that_the_assistant_goes_on) {
  auto facts = known();
  facts.solved = true;
  facts.person = "Anna";
  facts.resolution = "I refunded the second charge";
  facts.follow_ups = {"send the new invoice"};
  EXPECT_EQ(
      told(Step::returned, facts),
      "Anna has dealt with your request. What was said about it: “I refunded the second charge”. Still to be "
      "done: send the new invoice. I take it from here, so just write to me about anything that is still "
      "open.");
  facts.solved = false;
  EXPECT_EQ(told(Step::returned, facts),
            "Anna has given the conversation back to me. Still to be done: send the new invoice. I take it "
            "from here, "
            "so just write to me about anything that is still open.");
}

TEST(Tell, the_issue_is_named_as_customers_know_it_else_in_their_words) {
  auto facts = known();
  const auto says = [&](std::string_view part) {
    const auto text = told(Step::accepted, facts);
    return text.find(part) != std::string::npos;
  };
  facts.ticket.clear();
  facts.quote = "I was charged twice for order 8841 <b>and</b> nobody answers";
  EXPECT_TRUE(says("about: a refund."));
  facts.intent = "odd_case";
  facts.category = "billing";
  EXPECT_TRUE(says("about: “I was charged twice for order 8841 b and /b nobody answers”."))
      << told(Step::accepted, facts);
  facts.mood = Mood::frustrated;
  EXPECT_TRUE(says("about: billing.")) << "what was said in anger is not said back";
  facts.category = "new";
  EXPECT_TRUE(says("about: odd case."));
}

TEST(Tell, nobody_reads_a_secret_or_a_second_full_stop_in_their_own_words) {
  auto facts = known();
  facts.ticket.clear();
  facts.intent = "odd_case";
  facts.quote = "Somebody is in my account. My password is Tr0ub4dor! It says {\"error\": {\"code\": 5}}.";
  const auto text = told(Step::accepted, facts);
  EXPECT_NE(text.find("It is about: \u201cSomebody is in my account\u201d. "), std::string::npos) << text;
  EXPECT_EQ(text.find("Tr0ub4dor"), std::string::npos);
  EXPECT_EQ(text.find("data"), std::string::npos);
}

// The AI's names for things are English words.
TEST(Tell, an_issue_without_a_name_in_the_customers_language_is_not_named) {
  auto facts = known();
  facts.intent = "odd_case";
  facts.category = "";
  facts.mood = Mood::frustrated;
  for (const auto* language : {"de", "fr", "es", "pt"}) {
    facts.language = language;
    EXPECT_EQ(told(Step::accepted, facts).find("odd"), std::string::npos) << language;
  }
  facts.language = "en-GB";
  EXPECT_NE(told(Step::accepted, facts).find("odd case"), std::string::npos);
}

TEST(Tell, a_language_falls_back_to_its_own_family_and_then_to_english) {
  auto facts = known();
  for (const auto& [tag, found] :
       std::vector<std::pair<std::string, std::string>>{{"de-AT", "de"},
                                                        {"DE_at", "de"},
                                                        {"pt-BR", "pt"},
                                                        {"fr", "fr"},
                                                        {"he", "en"},
                                                        {"", "en"},
                                                        {"x;drop", "en"},
                                                        {"--", "en"},
                                                        {std::string(5000, 'd'), "en"}}) {
    facts.language = tag;
    EXPECT_EQ(message(Step::waiting, facts, shipped()).language, found) << tag.substr(0, 20);
  }
}

TEST(Tell, offers_are_only_those_that_can_be_carried_out) {
  auto facts = known();
  facts.offers = {ChoiceKind::wait, ChoiceKind::email, ChoiceKind::email, ChoiceKind::priority_ticket};
  EXPECT_EQ(message(Step::waiting, facts, shipped()).offers,
            (std::vector{ChoiceKind::wait, ChoiceKind::email, ChoiceKind::priority_ticket}));
  facts.open = false;
  EXPECT_EQ(message(Step::waiting, facts, shipped()).offers,
            (std::vector{ChoiceKind::email, ChoiceKind::priority_ticket}))
      << "waiting is in vain";
  facts.ticket.clear();
  EXPECT_EQ(message(Step::waiting, facts, shipped()).offers, std::vector{ChoiceKind::email});
  facts.helpdesk_down = true;
  EXPECT_TRUE(message(Step::waiting, facts, shipped()).offers.empty()) << "that message offers nothing";
}

TEST(Tell, hostile_words_come_out_plain_and_short) {
  EXPECT_EQ(plain("<script>alert(1)</script> **hi** [x](http://evil.example) https://evil.example", 200),
            "script alert(1) /script hi x");
  EXPECT_EQ(plain("<!channel> @here a@b.example snake_case _em_", 200),
            "!channel here a@b.example snake_case em");
  EXPECT_EQ(plain("a\u202Eb\u200B\u2066c\r\n\x01\x7f d\xff", 200), "abc d\uFFFD");
  EXPECT_EQ(plain("{{ customer.name }} {% raw %} {ticket}", 200), "customer.name % raw % ticket");
  EXPECT_EQ(plain("one two three four", 12), "one two\u2026");
  EXPECT_EQ(plain(std::string(100'000, ' ') + "late", 20), "");
  for (std::size_t most = 0; most < 30; ++most) {
    const auto cut = plain("Grüße 👩‍👩‍👧 ünd viele ändere Wörter", most);
    EXPECT_TRUE(is_utf8(cut));
    EXPECT_LE(cut.size(), std::max<std::size_t>(most, 3));
  }
  auto facts = known();
  facts.intent = "{ticket}[x]";
  facts.team = "<b>{person}</b>";
  facts.ticket = "7\n7<i>";
  const auto text = told(Step::ticket_opened, facts);
  EXPECT_EQ(text.find_first_of("{}[]<>\n"), std::string::npos) << text;
}

TEST(Tell, mood_comes_from_the_label_or_from_the_latest_score) {
  const auto mood = [](json sentiment) {
    const json data = {{"sentiment", std::move(sentiment)}};
    return std::string(name(mood_of(data)));
  };
  EXPECT_EQ(mood({{"label", "Angry"}}), "frustrated");
  EXPECT_EQ(mood({{"label", "anxious"}, {"score", 0.9}}), "worried");
  EXPECT_EQ(mood({{"label", "neutral"}, {"score", -0.9}}), "calm");
  EXPECT_EQ(mood({{"score", -0.6}}), "frustrated");
  EXPECT_EQ(mood({{"score", -0.6}, {"points", {{{"score", -0.7}}, {{"score", 0.2}}}}}), "calm");
  EXPECT_EQ(mood({{"label", 7}, {"score", "bad"}, {"points", "none"}}), "calm");
  EXPECT_EQ(mood(json::array()), "calm");
}

// --- what the record says

Handoff recorded(json data) {
  Handoff handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "c1"), Priority::normal,
                  Route(), at("2026-11-20T21:00:00Z"));
  handoff.data = std::move(data);
  handoff.state = State::waiting;
  return handoff;
}

TEST(FactsOf, a_handoff_gives_what_it_knows) {
  auto handoff = recorded(
      {{"conversation", {{"language", "de"}}},
       {"customer", {{"timezone", "Europe/Vienna"}}},
       {"intent", {{"name", "refund"}, {"category", "billing"}}},
       {"sentiment", {{"label", "worried"}}},
       {"attempts", {{{"action", "looked"}}}},
       {"identifiers", {{{"kind", "order id"}, {"value", "8841"}}, {{"kind", "empty"}, {"value", ""}}}},
       {"transcript",
        {{{"role", "customer"}, {"text", "The parcel has never arrived here."}},
         {{"role", "ai"}, {"text", "Let me look that up for you, it may take a while."}},
         {{"role", "customer"}, {"text", "A person!"}}}}});
  handoff.ticket = Receipt("77");
  handoff.route.team = "billing";
  Outlook outlook;
  outlook.wait = Range{2min, 4min};
  outlook.position = 3;
  const auto facts = facts_of(handoff, outlook, at("2026-11-20T21:20:00Z"));
  EXPECT_EQ(facts.quote, "The parcel has never arrived here.");
  EXPECT_EQ(facts.details, std::vector<std::string>{"order_id"});
  EXPECT_EQ(facts.ticket, "77");
  handoff.ticket->label = "00001026";
  EXPECT_EQ(facts_of(handoff, outlook, at("2026-11-20T21:20:00Z")).ticket, "00001026")
      << "nobody knows it by the vendor's id";
  EXPECT_EQ(told(Step::long_wait, facts),
            "Ihr Anliegen geht nicht verloren. Das dauert länger, als es sollte. Sie warten bisher etwa 20 "
            "Minuten. Von "
            "jetzt an sind es, soweit absehbar, etwa 2 bis 4 Minuten. Sie haben Platz 3 in der Reihe.");
}

TEST(FactsOf, foreign_data_of_any_shape_is_answered_with_little) {
  for (const auto& data :
       {json(), json::array(), json("x"),
        json{{"transcript", "x"}, {"identifiers", {1, nullptr}}, {"intent", 3}},
        json{{"transcript", {{{"role", 1}}, 7, nullptr}}, {"conversation", {{"language", 7}}}}}) {
    const auto facts = facts_of(recorded(data), Outlook(), at("2026-11-20T21:00:00Z"));
    EXPECT_EQ(told(Step::waiting, facts),
              "Your request is waiting for a person. How long it will be I cannot say yet.");
  }
}

}  // namespace
}  // namespace baton::tell_testing
