// Purpose: texts for customers as files: every mistake with its place and what to do, own texts over those
// that ship.
#include <gtest/gtest.h>

#include "tests/tell/shipped.h"

namespace baton::tell_testing {
namespace {

using namespace handoff;
using namespace handoff::tell;

std::string problem_of(const std::string& text, Step step,
                       const Claims& claims = {{Field::ticket, {"ticket"}}}) {
  Problems problems;
  (void)compile(text, step, claims, {{"en.yaml", 3, 5}, "steps.x"}, problems);
  std::string all;
  for (const auto& problem : problems.list()) all += (all.empty() ? "" : "\n") + problem.text();
  return all;
}

TEST(Compile, each_mistake_is_named_with_place_and_remedy) {
  const std::vector<std::tuple<std::string, Step, std::string>> cases = {
      {"A [b", Step::waiting, "`[` is never closed: write `]` where the sentence that begins `[b` ends"},
      {"A b]", Step::waiting, "`]` closes nothing"},
      {"A [b [c] d]", Step::waiting, "brackets do not nest"},
      {"A {ticket", Step::ticket_opened, "`{` is never closed: write `}`"},
      {"A {ticket [b]}", Step::ticket_opened, "`{` is never closed"},
      {"A }", Step::waiting, "`}` closes nothing"},
      {"A [{tema}]", Step::waiting,
       "`{tema}` is no field, did you mean `team`?; allowed in `waiting`: ticket, team"},
      {"A [{}]", Step::waiting, "`{}` is no field"},
      {"A [{person}]", Step::waiting, "`{person}` is not known in `waiting`; allowed"},
      {"A {team}", Step::waiting,
       "`{team}` is not always known in `waiting`: put the sentence that names it in [brackets]"},
      {"A {?team} b", Step::waiting, "`{?team}` stands outside of [brackets]"},
      {"A [{messages}]", Step::waiting, "`{messages}` is only so or not so: write {?messages}"},
      {"A [{?team}{!team} b]", Step::waiting, "is never there"},
      {"[Only {team}.]", Step::waiting, "would be empty when nothing is known"},
      {"", Step::waiting, "would be empty"},
      {" . ", Step::waiting, "would be empty"},
      {"A Ticket is made.", Step::waiting,
       "says `ticket` whether or not it is so: put the sentence in [brackets] with {ticket}"},
      {"A ticket is made.", Step::accepted, "or leave the word out: in `accepted` nothing is known of it"},
      {std::string(3000, 'x'), Step::waiting, "is 3000 bytes long; a customer reads at most 2000"}};
  for (const auto& [text, step, what] : cases) {
    const auto found = problem_of(text, step);
    EXPECT_TRUE(found.starts_with("en.yaml:3:5: steps.x: ")) << text.substr(0, 40) << ": " << found;
    EXPECT_NE(found.find(what), std::string::npos) << text.substr(0, 40) << ": " << found;
  }
}

TEST(Compile, what_is_right_passes) {
  EXPECT_EQ(problem_of("A [{team} b] c [{?ticket}{!wait}The ticket.]", Step::waiting), "");
  EXPECT_EQ(problem_of("Ticket {ticket} is made.", Step::ticket_opened), "");
  EXPECT_EQ(problem_of("[{person} has it.][{!person}Somebody has it.]", Step::claimed), "") << "never empty";
  EXPECT_EQ(problem_of("A [{!ticket}There is no ticket yet.]", Step::waiting), "");
}

TEST(Render, what_is_left_out_leaves_no_trace) {
  Problems problems;
  const auto text = compile("A [ for {team} ], b [{ticket}] .\n  [{!ticket}None.] [{?asked}Asked.]",
                            Step::waiting, {}, {}, problems);
  ASSERT_TRUE(problems.empty()) << problems.list()[0].text();
  Values values;
  EXPECT_EQ(render(text, values), "A, b. None.");
  values.set(Field::team, "us");
  values.set(Field::ticket, "7");
  values.flag(Field::asked, true);
  EXPECT_EQ(render(text, values), "A for us, b 7. Asked.");
}

// --- files

std::vector<std::string> problems_of_file(const std::string& text) {
  Problems problems;
  Messages messages;
  messages.add("en", parse(text, "en.yaml"), problems);
  std::vector<std::string> all;
  for (const auto& problem : problems.list()) all.push_back(problem.text());
  return all;
}

bool mentions(const std::vector<std::string>& all, std::string_view part) {
  return std::ranges::any_of(all, [&](const auto& one) { return one.find(part) != std::string::npos; });
}

TEST(Files, all_that_ship_are_read_without_a_problem) {
  for (const auto* language : kLanguages) {
    ASSERT_FALSE(shipped_text(language).empty()) << language;
    std::string found;
    ASSERT_TRUE(shipped().find(WorkspaceId("main"), language, &found));
    EXPECT_EQ(found, language);
  }
}

TEST(Files, each_step_that_is_missing_is_reported) {
  const auto whole = shipped_text("en");
  for (const auto step : kStepNames) {
    auto text = whole;
    const auto line = text.find("\n  " + std::string(step) + ":");
    ASSERT_NE(line, std::string::npos) << step;
    text.replace(line + 3, step.size(), "zz" + std::string(step));
    const auto found = problems_of_file(text);
    EXPECT_TRUE(mentions(found, "en.steps." + std::string(step) + ": is missing")) << step;
    EXPECT_TRUE(mentions(found, "en.steps.zz" + std::string(step) + ": unknown key")) << step;
  }
}

TEST(Files, each_word_that_is_missing_or_wrong_is_reported) {
  const auto change = [](const std::string& from, const std::string& to) {
    auto text = shipped_text("en");
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return problems_of_file(text.replace(at, from.size(), to));
  };
  EXPECT_TRUE(mentions(change("  today: \"today at {time}\"\n", ""), "en.words.today: is required"));
  EXPECT_TRUE(
      mentions(change("today at {time}", "today at {tiem}"), "`{tiem}` is no field, did you mean `time`?"));
  EXPECT_TRUE(mentions(change("today at {time}", "today"), "en.words.today: must name {time}"));
  EXPECT_TRUE(mentions(change("Monday, ", ""), "must be a list of 7 names, and is one of 6"));
  EXPECT_TRUE(mentions(change("clock: 12", "clock: 13"), "must be one of 12, 24"));
  EXPECT_TRUE(mentions(change("  wait: stay here and wait\n", ""), "en.choices.wait: is required"));
  EXPECT_TRUE(mentions(change("refund: a refund", "refund: \"{issue}\""), "is shown as it stands"));
  EXPECT_TRUE(
      mentions(change("  ticket: [ticket]", "  tickt: [ticket]"), "unknown key, did you mean `ticket`?"));
  EXPECT_TRUE(mentions(change("    worried: You are not alone with this any more.", "    worred: x"),
                       "unknown key, did you mean `worried`?"));
}

// --- a configuration's own

class Own : public testing::Test {
 protected:
  std::vector<std::string> read(const std::string& text) {
    messages = shipped();
    Problems problems;
    const auto root = parse(text, "baton.yaml");
    messages.read_own(root["messages"], problems);
    std::vector<std::string> all;
    for (const auto& problem : problems.list()) all.push_back(problem.text());
    return all;
  }
  std::string told(const char* workspace, const char* language) {
    Facts facts;
    facts.workspace = WorkspaceId(workspace);
    facts.language = language;
    facts.claimed = true;
    facts.person = "Anna";
    return message(Step::claimed, facts, messages).text;
  }
  Messages messages;
};

TEST_F(Own, a_workspace_says_some_of_it_otherwise_and_the_rest_as_it_ships) {
  const auto found = read(R"(
messages:
  acme:
    default_language: de
    en:
      steps:
        claimed: "[{person} from Acme is here.] [{!person}Acme is here.]"
    de-ch:
      steps:
        claimed: "[{person} isch da.] [{!person}Öpper isch da.]"
)");
  ASSERT_EQ(found, std::vector<std::string>{});
  EXPECT_EQ(told("acme", "en-GB"), "Anna from Acme is here.");
  EXPECT_EQ(told("acme", "de-CH"), "Anna isch da.");
  EXPECT_EQ(told("acme", "de"), "Anna hat Ihr Gespräch jetzt übernommen.");
  EXPECT_EQ(told("acme", "he"), "Anna hat Ihr Gespräch jetzt übernommen.") << "its default";
  EXPECT_EQ(told("main", "en"), "Anna has your conversation now.");
  EXPECT_EQ(told("main", "he"), "Anna has your conversation now.");
}

TEST_F(Own, mistakes_are_found_where_they_stand) {
  const auto found = read(R"(
messages:
  acme:
    default_language: dee
    german: { steps: {} }
    en:
      steps:
        waiting: "Your ticket is waiting."
        claimd: "x"
    it:
      steps:
        claimed: "[{person} ha la conversazione.] [{!person}Qualcuno ha la conversazione.]"
)");
  EXPECT_TRUE(mentions(
      found,
      "baton.yaml:4:23: messages.acme.default_language: there are no texts in `dee`, did you mean `de`?"));
  EXPECT_TRUE(mentions(found, "messages.acme.german: is neither `default_language` nor a language's tag"));
  EXPECT_TRUE(mentions(
      found, "baton.yaml:8:18: messages.acme.en.steps.waiting: says `ticket` whether or not it is so"));
  EXPECT_TRUE(mentions(found, "messages.acme.en.steps.claimd: unknown key, did you mean `claimed`?"));
  EXPECT_TRUE(mentions(found, "messages.acme.it.steps.waiting: is missing"))
      << "a new language must be whole";
  EXPECT_TRUE(mentions(found, "messages.acme.it.words.today: is required"));
}

}  // namespace
}  // namespace baton::tell_testing
