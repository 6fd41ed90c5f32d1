// Purpose: what is reported about a matrix and about phrases, with its place; and the cases that ship.
#include "gateway/handoff/decide_cases.h"
#include "tests/decisions/rules.h"

namespace baton::handoff {
namespace {

constexpr const char* kCategories =
    "categories:\n  billing: {class: ai_first, confidence: 0.5, team: billing}\n"
    "  legal: {class: human}\n";

std::vector<std::string> problems_of(const std::string& matrix,
                                     const std::string& phrases = "language: en\n") {
  const std::vector<std::string> teams = {"billing", "tier2"};
  Problems problems;
  read_decision_rules(parse_yaml(matrix, "matrix.yaml"), {parse_yaml(phrases, "phrases.yaml")}, &teams,
                      problems);
  std::vector<std::string> texts;
  for (const auto& problem : problems.list()) texts.push_back(problem.text());
  return texts;
}

void expect_problem(const std::string& matrix, const std::string& part) {
  const auto found = problems_of(matrix);
  ASSERT_EQ(found.size(), 1u) << part;
  EXPECT_NE(found[0].find(part), std::string::npos) << found[0];
}

TEST(DecisionRules, a_good_matrix_has_no_problems) {
  EXPECT_EQ(
      problems_of(std::string(kCategories) + "rows:\n  - {name: a, when: {attempts: 2, mood: angry}}\n"),
      std::vector<std::string>{});
}

TEST(DecisionRules, each_mistake_is_named_with_its_place) {
  const std::string good = kCategories;
  expect_problem("categories:\n  a: {class: human, tem: x}\n", "matrix.yaml:2:21: categories.a.tem: ");
  expect_problem("categories:\n  a: {class: human, team: biling}\n", "did you mean `billing`?");
  expect_problem("categories:\n  a: {class: human, confidence: 0.5}\n", "contradicts `class: human`");
  expect_problem("categories:\n  a: {class: ai_first}\n", "needs a `confidence` or `attempts`");
  expect_problem("categories:\n  a: {class: ai, attempts: {calm: 2, frustrated: 3, angry: 1}}\n",
                 "contradicts itself: frustrated");
  expect_problem("categories:\n  a: {class: human}\n  b: {class: human, means: [A]}\n", "already means `a`");
  expect_problem(good + "sentiment: {frustrated: {score: -0.8}, angry: {score: -0.2}}\n",
                 "contradicts `frustrated`");
  expect_problem(good + "rows:\n  - {name: a, when: {atempts: 2}}\n", "did you mean `attempts`?");
  expect_problem(good + "rows:\n  - {name: a, when: {category: biling, attempts: 1}}\n",
                 "did you mean `billing`?");
  expect_problem(good + "rows:\n  - {name: a, when: {vip: false, attempts: 1}}\n", "must be true");
  expect_problem(good + "rows:\n  - {name: a, when: {asks_for_person: true}}\n", "always honoured");
  expect_problem(good + "rows:\n  - {name: a, when: {attempts: 1}, then: raise}\n", "needs the `priority`");
}

TEST(DecisionRules, a_row_that_never_makes_a_difference_is_found) {
  const std::string good = kCategories;
  expect_problem(good +
                     "rows:\n  - {name: wide, when: {attempts: 2}}\n  - {name: narrow, when: {attempts: 3, "
                     "vip: true}}\n",
                 "never makes a difference: the row `wide`");
  expect_problem(good + "rows:\n  - {name: a, when: {category: legal, attempts: 2}}\n",
                 "always goes to a person already");
  EXPECT_EQ(problems_of(good + "rows:\n  - {name: wide, when: {attempts: 2}}\n"
                               "  - {name: narrow, when: {attempts: 3}, priority: urgent}\n"),
            std::vector<std::string>{});
}

TEST(DecisionRules, a_mistaken_phrase_is_named_with_its_place) {
  const std::string head = "language: en\nwords: {person: [human]}\nlists:\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"  distres: {any: [x]}\n", "did you mean `distress`?"},
      {"  distress: {any: ['@persn']}\n", "did you mean `person`?"},
      {"  distress: {any: ['*2 x']}\n", "must begin with a word"},
      {"  distress: {any: ['x *2']}\n", "must not end with a gap"},
      {"  distress: {any: ['x *9 y']}\n", "*1 to *8"},
  };
  for (const auto& [list, part] : cases) {
    const auto found = problems_of(kCategories, head + list);
    ASSERT_EQ(found.size(), 1u) << list;
    EXPECT_NE(found[0].find(part), std::string::npos) << found[0];
    EXPECT_TRUE(found[0].starts_with("phrases.yaml:4:")) << found[0];
  }
}

TEST(Phrases, letters_are_folded_and_breaks_are_kept) {
  const auto words = read_words("Ça m'AIDE pas!! Don't, naïve: Straße f***ing", 1000);
  std::vector<std::string> texts;
  for (const auto& word : words.list) texts.push_back(word.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"ca", "m", "aide", "pas", "dont", "naive", "strasse", "fxing"}));
  EXPECT_EQ(words.list[4].before, Break::sentence);
  EXPECT_EQ(words.list[5].before, Break::clause);
  EXPECT_TRUE(words.list[2].shouted);
  EXPECT_EQ(words.exclamations, 2u);
}

std::size_t hits_in(const std::string& file, const std::string& text) {
  Problems problems;
  Phrases phrases;
  phrases.add_language(parse_yaml(file, "phrases.yaml"), {"refund", "not_meant"}, problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  return phrases.find(read_words(text, 1000)).size();
}

TEST(Phrases, parts_with_an_ampersand_are_found_in_any_order_within_a_sentence) {
  const std::string file = "language: en\nlists: {refund: {any: ['money & back|sent_back & €']}}\n";
  EXPECT_EQ(hits_in(file, "€ 20, I want that money back"), 1u);
  EXPECT_EQ(hits_in(file, "back to me with the money, all £20.50 of it"), 1u);
  EXPECT_EQ(hits_in(file, "I like money. Go back and pay $20"), 0u);
  EXPECT_EQ(hits_in(file, "money, money, €"), 0u);
}

TEST(Phrases, a_name_of_a_thing_is_not_meant_in_any_list) {
  const std::string file =
      "language: en\nlists:\n  refund: {any: [refund]}\n  not_meant: {any: ['refund template|role']}\n";
  EXPECT_EQ(hits_in(file, "a refund please"), 1u);
  EXPECT_EQ(hits_in(file, "the refund template"), 0u);
}

TEST(Phrases, a_negation_ends_with_its_clause) {
  const std::string file = "language: en\nlists: {refund: {any: [refund], unless: ['no *3 refund']}}\n";
  EXPECT_EQ(hits_in(file, "no need of a refund"), 0u);
  EXPECT_EQ(hits_in(file, "no, just a refund"), 1u);
}

TEST(Phrases, a_few_words_in_quotation_marks_are_marked) {
  const auto words = read_words("the role 'Agent' and \"two words\" but don't", 1000);
  std::vector<std::string> quoted;
  for (const auto& word : words.list) {
    if (word.quoted) quoted.push_back(word.text);
  }
  EXPECT_EQ(quoted, (std::vector<std::string>{"agent", "two", "words"}));
}

TEST(DecisionCases, those_that_ship_pass) {
  Problems problems;
  const auto cases = parse_yaml(read_text(decisions_folder() / "cases.yaml"), "cases.yaml");
  EXPECT_GE(check_decision_cases(cases, shipped_rules(), problems), 7u);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
}

TEST(DecisionCases, one_that_is_decided_otherwise_says_what_was_decided_and_why) {
  Problems problems;
  const auto cases = parse_yaml(
      "- {name: odd, request: {intent: {category: legal}}, expect: {decision: go_on}}\n", "c.yaml");
  check_decision_cases(cases, shipped_rules(), problems);
  ASSERT_EQ(problems.list().size(), 1u);
  EXPECT_NE(problems.list()[0].text().find("decision is `hand_over`, not `go_on` (legal: "),
            std::string::npos)
      << problems.list()[0].text();
}

}  // namespace
}  // namespace baton::handoff
