// Purpose: what is learnt from labelled conversations, and what it may and may not decide.
#include "gateway/handoff/classifier_learn.h"
#include "tests/decisions/rules.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

Lesson lesson(const std::string& text, bool needs_person) {
  return {heard_in(asks(text), DecisionRules{}), needs_person};
}

std::vector<Lesson> herons_and_gates() {
  std::vector<Lesson> lessons;
  for (const char* where : {"roof", "yard", "lift", "hall", "stairs"}) {
    lessons.push_back(lesson(std::string("a heron stands in the ") + where, true));
    lessons.push_back(lesson(std::string("the gate of the ") + where + " is green", false));
  }
  return lessons;
}

Classifier learnt(const std::vector<Lesson>& lessons) {
  Problems problems;
  auto classifier = Classifier::read(learn_weights(lessons), "learned.tsv", problems);
  EXPECT_TRUE(problems.empty());
  return classifier;
}

TEST(Classifier, tells_apart_what_it_was_taught_in_sentences_that_it_never_saw) {
  const auto classifier = learnt(herons_and_gates());
  const auto heron = lesson("one more heron is in our cellar", true).heard;
  const auto gate = lesson("that gate in the cellar looks green", false).heard;
  EXPECT_GT(classifier.weigh(heron).likelihood, 0.55);
  EXPECT_LT(classifier.weigh(gate).likelihood, 0.49);
  const auto why = classifier.weigh(heron).because;
  EXPECT_NE(std::ranges::find(why, "heron"), why.end());
}

TEST(Classifier, learns_the_same_from_the_same) {
  EXPECT_EQ(learn_weights(herons_and_gates()), learn_weights(herons_and_gates()));
}

TEST(Classifier, says_where_a_table_is_no_table) {
  for (const char* line : {"refund", "refund\t", "refund\tmuch", "\t0.5", "refund\t0.5 ", "refund\tnan"}) {
    Problems problems;
    const auto classifier = Classifier::read("# a comment\n" + std::string(line), "learned.tsv", problems);
    EXPECT_TRUE(classifier.empty());
    ASSERT_EQ(problems.list().size(), 1u) << line;
    EXPECT_EQ(problems.list()[0].at.text(), "learned.tsv:2:1");
    EXPECT_NE(problems.list()[0].message.find("decide --learn"), std::string::npos);
  }
}

// Whoever speaks like this needs nobody, it says; but for whom.
TEST(Classifier, holds_no_request_for_a_person_no_danger_and_no_sure_word_of_the_platform_back) {
  auto rules = shipped_rules();
  Problems problems;
  rules.classifier = Classifier::read("!any\t-100\n", "learned.tsv", problems);
  EXPECT_FALSE(decide(asks("My refund has not come yet"), rules).hand_over);
  EXPECT_TRUE(decide(asks("I want to speak to a person"), rules).hand_over);
  EXPECT_TRUE(decide(asks("there is smoke coming out of the charger"), rules).hand_over);
  auto sure = asks("My refund has not come yet", "refund");
  EXPECT_FALSE(decide(sure, rules).hand_over);
  sure["intent"]["confidence"] = 0.97;
  EXPECT_TRUE(decide(sure, rules).hand_over);
}

TEST(Classifier, says_whether_tears_that_are_written_are_meant) {
  auto rules = shipped_rules();
  Problems problems;
  const auto tears = asks("i'm crying, they took everything");
  for (const double likelihood : {-100.0, 100.0}) {
    const auto table = "!any\t" + std::to_string(likelihood) + "\n";
    rules.classifier = Classifier::read(table, "learned.tsv", problems);
    const auto why = decide(tears, rules).why;
    EXPECT_EQ(std::ranges::find(why, "distress", &Reason::row) != why.end(), likelihood > 0);
  }
}

TEST(Classifier, says_whether_the_ai_was_only_asked_by_mistake) {
  auto rules = shipped_rules();
  Problems problems;
  auto lost = asks("oops, wrong app");
  lost["transcript"] = {{{"role", "customer"}, {"text", "my phone has no signal"}},
                        {{"role", "ai"}, {"text", "I don't have access to your phone."}},
                        {{"role", "customer"}, {"text", "oops, wrong app"}}};
  for (const double sum : {-10.0, -2.0}) {  // likelihoods of 3 % and 33 %
    rules.classifier = Classifier::read("!any\t" + std::to_string(sum) + "\n", "learned.tsv", problems);
    const auto why = decide(lost, rules).why;
    EXPECT_EQ(std::ranges::find(why, "beyond-the-ai", &Reason::row) != why.end(), sum > -3) << sum;
  }
}

TEST(Classifier, that_is_missing_leaves_the_matrix_alone) {
  auto rules = shipped_rules();
  rules.classifier = {};
  EXPECT_TRUE(decide(asks("My refund has not come yet"), rules).hand_over);
  EXPECT_FALSE(decide(asks("How do I export my contacts?"), rules).hand_over);
}

// Neither enters what the classifier hears, so the matrix's promise holds whatever was learnt.
TEST(Classifier, never_lets_more_frustration_or_one_more_attempt_end_a_handover) {
  const auto path = std::filesystem::path(BATON_SOURCE_DIR) / "tests/decisions/labelled/tune2.json";
  for (const auto& one : json::parse(read_text(path))) {
    auto request = one["data"];
    if (!decide(request, shipped_rules()).hand_over) continue;
    request["sentiment"] = {{"label", "angry"}, {"score", -0.9}};
    EXPECT_TRUE(decide(request, shipped_rules()).hand_over) << one["name"];
    request["signals"]["attempts"] = 9;
    EXPECT_TRUE(decide(request, shipped_rules()).hand_over) << one["name"];
  }
}

}  // namespace
}  // namespace baton::handoff
