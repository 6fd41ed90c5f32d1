#include <fstream>
#include <iterator>
#include <random>

#include <gtest/gtest.h>

#include "gateway/config/parse.h"
#include "gateway/handoff/team.h"
#include "tests/config/broken_cases.h"

namespace baton::config {
namespace {

std::vector<std::string> seeds() {
  const auto folder = std::filesystem::path(BATON_SOURCE_DIR) / "tests/config/broken";
  std::vector<std::string> texts;
  for (const auto& each : broken_cases(folder)) {
    std::ifstream file(each.path, std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  texts.push_back("a: &x |2+\n   text\n\n? [k, *x]\n: !!str 'v'\n<<: *x\n%TAG ! x\n--- >-\n f\n...\n");
  texts.push_back("{\"a\": [1, \"\\ud83d\\ude00\", null, {\"b\": \"\\x41\\u00e9\"}]}");
  return texts;
}

// Whatever stands in a file: an answer, positions inside of the file, and no exception.
TEST(Hostile, mutated_files_always_get_an_answer_with_places_that_exist) {
  const auto texts = seeds();
  std::mt19937_64 random(20'260'901);
  constexpr std::string_view kBytes = "{}[]:,\"'\\&*!|>%@`#-?~<= \n\r\tau0\xff\xef\xbb\xbf\x00\x7f";
  for (int round = 0; round < 4'000; ++round) {
    auto text = texts[random() % texts.size()];
    for (auto changes = random() % 6 + 1; changes > 0; --changes) {
      const auto at = random() % (text.size() + 1);
      const auto kind = random() % 4;
      if (kind == 0) text.insert(at, 1, kBytes[random() % kBytes.size()]);
      else if (kind == 1 && at < text.size()) text[at] = kBytes[random() % kBytes.size()];
      else if (kind == 2 && at < text.size()) text.erase(at, random() % 4 + 1);
      else text.insert(at, text.substr(random() % (text.size() + 1), random() % 20));
    }
    auto parsed = parse(text, random() % 4 == 0 ? "f.json" : "f.yaml");
    handoff::read_teams(parsed.root["teams"],
                        handoff::read_calendars(parsed.root["calendars"], parsed.problems), parsed.problems);
    const auto lines = static_cast<int>(std::ranges::count(text, '\n')) + 1;
    for (const auto& problem : parsed.problems.list()) {
      EXPECT_GE(problem.at.line, 1) << problem.text();
      EXPECT_LE(problem.at.line, lines) << problem.text();
      EXPECT_GE(problem.at.column, 1) << problem.text();
    }
  }
}

TEST(Hostile, long_runs_of_one_character_end_in_an_answer) {
  for (const char c : std::string_view("{}[]:,\"'\\&*!|>%@`#-?~ \na")) {
    parse(std::string(20'000, c), "f.yaml");
    std::string spaced;
    for (int i = 0; i < 5'000; ++i) spaced += {c, ' '};
    parse(spaced, "f.yaml");
    std::string lines;
    for (int i = 0; i < 5'000; ++i) lines += {c, '\n'};
    parse(lines, "f.yaml");
  }
}

}  // namespace
}  // namespace baton::config
