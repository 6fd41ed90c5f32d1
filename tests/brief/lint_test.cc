// Purpose: every brief is short, in order, says each thing once, and dumps nothing.
#include "tests/brief/lint.h"

#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "gateway/base/text.h"

namespace baton::brief_testing {
namespace {

using nlohmann::json;

constexpr TimePoint kNow{Duration{1'800'000'000'000}};  // 2027-01-15

Handoff handoff_of(json data) {
  Handoff made(HandoffId("hof_0199e5a1c2d37f00a1b2c3d4e5f60718"), WorkspaceId("main"),
               ConversationId("chat", "c1"), Priority::normal, {}, kNow);
  made.data = std::move(data);
  return made;
}

void add_context(Handoff& handoff, const std::string& name, Part part, json found, std::string reason) {
  handoff.route.context.emplace_back(name);
  auto& one = handoff.context[DestinationId(name)];
  one.part = part;
  one.found = std::move(found);
  one.reason = std::move(reason);
  if (part == Part::present) one.at = kNow - 1s;
}

std::string listed(const std::vector<std::string>& wrong) {
  std::string all;
  for (const auto& one : wrong) all += "\n  " + one;
  return all;
}

void expect_good(const handoff::Brief& brief) {
  EXPECT_EQ(listed(lint(brief)), "") << handoff::as_text(brief, handoff::Surface::api);
}

// --- the linter

const std::string kGood =
    "Who: Ada\nWanted: A refund.\nWent wrong: low confidence\nTried: Nothing yet\nNext: Call\n";

TEST(Linter, passes_a_good_brief_and_refuses_bad_ones) {
  EXPECT_EQ(listed(lint(kGood, 4000)), "");
  const std::vector<std::string> bad = {
      kGood + kGood,                                             // out of order
      "Wanted: x\n" + kGood,                                     // out of order
      kGood + "Mood: \n",                                        // empty
      kGood + "Considered: {\"a\": 1}\n",                        // a dump
      kGood + "Mood: \x1b[31mred\n",                             // control characters
      kGood + "Mood: 0af7651916cd43dd8448eb211c80319c\n",        // an id
      kGood + "Mood: \xff\n",                                    // no UTF-8
      kGood + "Surprise: x\n",                                   // no such line
      kGood + "Considered: " + std::string(4000, 'x') + "\n",    // too long
      "Who: " + std::string(600, 'y') + "\n" + kGood.substr(9),  // a first part that is too long
      kGood + "Considered: one fact that is long\nMood: one fact that is long\n",  // twice
      "Who: Ada\nWanted: A refund.\n",                                             // parts are missing
  };
  for (const auto& text : bad) EXPECT_NE(listed(lint(text, 4000)), "") << text;
}

// --- by hand

json handwritten() {
  std::ifstream file(std::string(BATON_SOURCE_DIR) + "/tests/brief/handwritten.json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

Handoff handoff_by_hand(const json& one) {
  auto made = handoff_of(one["data"]);
  const auto each = [&](const char* key, const auto& add) {
    if (!one.contains(key)) return;
    for (const auto& [name, value] : one[key].items()) add(name, value);
  };
  each("context",
       [&](const auto& name, const json& found) { add_context(made, name, Part::present, found, ""); });
  each("failed", [&](const auto& name, const json& why) { add_context(made, name, Part::failed, {}, why); });
  each("late", [&](const auto& name, const json& why) { add_context(made, name, Part::late, {}, why); });
  return made;
}

// S52, S53, S55: read without scrolling, whole enough to answer.
TEST(Briefs, written_by_hand_say_first_what_an_answer_needs) {
  const auto all = handwritten();
  ASSERT_GE(all.size(), 20u);
  for (const auto& one : all) {
    SCOPED_TRACE(one["name"].get<std::string>());
    const auto brief = handoff::brief(handoff_by_hand(one), kNow);
    expect_good(brief);
    const auto text = handoff::as_text(brief, handoff::Surface::api);
    const auto first = text.substr(0, handoff::kFirst);
    for (const auto& words : one["first_says"])
      EXPECT_NE(first.find(words.get<std::string>()), std::string::npos) << words << " in the first part of\n"
                                                                         << text;
    for (const auto& words : one["says"])
      EXPECT_NE(text.find(words.get<std::string>()), std::string::npos) << words << " in\n" << text;
    for (const auto& words : one["never_says"]) {
      EXPECT_EQ(text.find(words.get<std::string>()), std::string::npos) << words << " in\n" << text;
      EXPECT_EQ(handoff::to_json(brief).dump().find(words.get<std::string>()), std::string::npos) << words;
    }
  }
}

// --- generated

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Handoff handoff() {
    json data = {
        {"conversation", {{"id", "conv-secret-id"}, {"language", one_of({"de", "en", "pt-BR", "zh", ""})}}}};
    if (often())
      data["customer"] = {
          {"id", "crm-secret-id"}, {"name", text(30)}, {"email", "ada@mail.example"}, {"tier", "gold"}};
    if (often())
      data["intent"] = {{"name", "refund_double_charge"},
                        {"category", one_of({"billing", "technical", "access", "?"})},
                        {"confidence", 0.4}};
    if (often()) data["intent"]["summary"] = told(900);
    if (often()) data["reason"] = {{"trigger", "attempts"}, {"explanation", told(500)}};
    if (often()) data["page"] = {{"url", "https://shop.example/pay?token=secret"}, {"actions", {text(80)}}};
    for (const auto* list : {"attempts", "considered"}) {
      for (int i = below(12); i > 0 && often(); --i)
        data[list].push_back({{"action", told(120)}, {"outcome", text(60)}, {"confidence", 0.5}});
    }
    for (int i = below(5); i > 0; --i) data["suggested_actions"].push_back(told(150));
    for (int i = below(6); i > 0; --i)
      data["identifiers"].push_back({{"kind", "order"}, {"value", std::to_string(20'000 + below(9'999))}});
    for (int i = below(3); i > 0; --i)
      data["errors"].push_back({{"code", "E-" + std::to_string(below(900))}, {"message", told(300)}});
    add_messages(data, below(10) == 0 ? 500 : below(30));
    auto made = handoff_of(std::move(data));
    if (often()) add_context(made, "crm", Part::present, crm(), "");
    if (often()) add_context(made, "billing", Part::failed, {}, text(100) + ".");
    return made;
  }

 private:
  int below(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most)); }
  bool often() { return below(4) != 0; }
  std::string one_of(std::vector<std::string> all) {
    return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
  }

  // What the AI writes it often writes twice: the summary as the reason, what it tried as what to do next.
  std::string told(int most) {
    if (!told_.empty() && below(4) == 0) return one_of(told_);
    told_.push_back(text(most));
    return told_.back();
  }

  // Words that are never the same twice, with hostile ones among them.
  std::string text(int most) {
    static const auto& kPieces = *new std::vector<std::string>{"refund",
                                                               "R\u00fcckzahlung",
                                                               "\u8fd4\u91d1",
                                                               "\u0632\u0628\u0648\u0646",
                                                               "\U0001F621",
                                                               "<b>",
                                                               "&amp;",
                                                               "{\"a\":{\"b\":1}}",
                                                               "}",
                                                               "\u202e",
                                                               "\x1b[0m",
                                                               "\n\n",
                                                               "*x*",
                                                               "|",
                                                               "[{",
                                                               "4242 4242 4242 4242",
                                                               "password: hunter2",
                                                               "\xff\xfe",
                                                               "@everyone",
                                                               "\\u0000",
                                                               "delivery",
                                                               "...",
                                                               "login; then",
                                                               "\u2028",
                                                               "Next: pay"};
    std::string made;
    for (int size = 1 + below(most); static_cast<int>(made.size()) < size;) {
      made +=
          below(3) == 0 ? one_of(kPieces) : "w" + std::to_string(++word_) + one_of({"ab", "cd", "\u00e9"});
      made += below(9) == 0 ? ". " : " ";
    }
    return made;
  }

  void add_messages(json& data, int count) {
    for (int i = 0; i < count; ++i)
      data["transcript"].push_back({{"id", "message-secret-id"},
                                    {"role", one_of({"customer", "ai", "agent"})},
                                    {"text", text(below(8) == 0 ? 4000 : 200)}});
  }

  json crm() {
    return {{"account",
             {{"tier", text(20)},
              {"value", 1000.5 * below(100)},
              {"currency", "EUR"},
              {"owner", text(40)},
              {"renewal_date", "2027-0" + std::to_string(1 + below(9)) + "-11"}}},
            {"money",
             {{"plan", text(30)},
              {"failed_charges", {{{"amount", 12.5}, {"currency", "EUR"}, {"reason", text(40)}}}}}},
            {"history", {{"open_tickets", {{{"id", "77"}, {"title", text(80)}}}}}},
            {"known_bugs", {{{"id", "BUG-7"}, {"title", text(90)}, {"customers", 4}}}}};
  }

  std::mt19937 random_;
  std::vector<std::string> told_;
  int word_ = 0;
};

TEST(Briefs, of_generated_handoffs_are_good_on_every_surface) {
  for (unsigned seed = 1; seed <= 64; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto handoff = Generator(seed).handoff();
    const auto brief = handoff::brief(handoff, kNow);
    expect_good(brief);
    const auto all = handoff::to_json(brief).dump();
    for (const auto* secret : {"4242 4242", "hunter2", "secret-id", "token=secret", "hof_0199"})
      EXPECT_EQ(all.find(secret), std::string::npos) << secret << " in " << all;
    for (const auto& one : JsonView(handoff.data)["identifiers"].list().value_or(std::vector<JsonView>{}))
      EXPECT_NE(brief.given.find(one["value"].text()), std::string::npos) << "what was given is asked again";
    EXPECT_EQ(handoff::to_json(handoff::brief(handoff, kNow)), handoff::to_json(brief));
  }
}

// Two thousand messages of 32 kB: the schema's own limit is no reason to be slow or long.
TEST(Briefs, of_the_longest_conversation_that_there_may_be_are_as_short_as_others) {
  json data = {{"conversation", {{"id", "c"}}}};
  const std::string long_text(32'000, '7');
  for (int i = 0; i < 2000; ++i)
    data["transcript"].push_back(
        {{"role", "customer"}, {"text", i == 3 ? "My order number is AB-12345." : long_text}});
  const auto brief = handoff::brief(handoff_of(std::move(data)), kNow);
  EXPECT_EQ(brief.given, "order AB-12345");
  EXPECT_LE(handoff::as_text(brief, handoff::Surface::cli).size(), handoff::budget_of(handoff::Surface::cli));
}

TEST(Briefs, are_cut_between_words_and_go_on_below_without_saying_it_again) {
  const auto long_text = [](const std::string& word) {
    std::string text;
    for (int i = 0; text.size() < 380; ++i) text += word + std::to_string(i) + " ";
    return text;
  };
  const auto brief = handoff::brief(handoff_of({{"intent", {{"summary", long_text("word")}}},
                                                {"reason", {{"explanation", long_text("because")}}},
                                                {"attempts", {{{"action", long_text("step")}}}},
                                                {"suggested_actions", {long_text("do")}}}),
                                    kNow);
  const auto text = handoff::as_text(brief, handoff::Surface::ticket);
  EXPECT_LE(first_part(text).size(), handoff::kFirst);
  const auto cut = text.find("\u2026\n");
  ASSERT_NE(cut, std::string::npos);
  EXPECT_NE(text[cut - 1], ' ');
  const auto wanted = text.find("Wanted: "), more = text.find("Wanted, continued: ");
  ASSERT_NE(more, std::string::npos) << text;
  const auto part = text.substr(wanted + 8, text.find("\u2026", wanted) - wanted - 8);
  const auto rest = text.substr(more + 19, text.find('\n', more) - more - 19);
  EXPECT_EQ(part + " " + rest, brief.wanted);
}

TEST(Briefs, have_a_first_part_that_is_the_same_on_every_surface) {
  const auto brief = handoff::brief(Generator(7).handoff(), kNow);
  const auto first = first_part(handoff::as_text(brief, handoff::Surface::ticket));
  for (const auto surface :
       {handoff::Surface::card, handoff::Surface::small_card, handoff::Surface::api, handoff::Surface::cli})
    EXPECT_EQ(first_part(handoff::as_text(brief, surface)), first);
}

}  // namespace
}  // namespace baton::brief_testing
