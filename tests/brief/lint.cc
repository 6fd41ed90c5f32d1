#include "tests/brief/lint.h"

#include <algorithm>
#include <array>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"

namespace baton::brief_testing {
namespace {

using handoff::bare_letters;

constexpr auto kFirst =
    std::to_array<std::string_view>({"Who", "Wanted", "Went wrong", "Tried", "Given", "Next"});
constexpr auto kOthers =
    std::to_array<std::string_view>({"Known bug", "Money", "History", "Account", "Considered", "Also asked",
                                     "Mood", "Where", "Not known", "Say"});

struct Line {
  std::string label;
  std::string words;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> all;
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) all.push_back({"", std::string(line)});
    else all.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
  }
  return all;
}

// Sentences and list items that are long enough to be a fact.
std::vector<std::string> facts_of(const std::string& words) {
  std::vector<std::string> all;
  for (const auto& sentence : handoff::sentences(words)) {
    for (const auto part : split(sentence, ';')) {
      auto bare = bare_letters(part);
      if (bare.size() >= 16) all.push_back(std::move(bare));
    }
  }
  return all;
}

bool is_hidden_or_control(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return true;
  }
  for (const std::string_view sign :
       {"\u202e", "\u202a", "\u2066", "\u200f", "\u200b", "\u2028", "\u0085", "\ufeff"}) {
    if (text.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

// 8-4-4-4-12, or 24 and more signs of hex: nobody reads these, and without a label nobody uses them.
bool is_raw_id(std::string_view word) {
  const auto hex = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
  };
  const auto digits = std::ranges::count_if(word, [](char c) { return c >= '0' && c <= '9'; });
  return word.size() >= 24 && digits >= 4 && std::ranges::all_of(word, hex);
}

void check_words(const Line& line, std::vector<std::string>& wrong) {
  if (trim(line.words).empty()) wrong.push_back(line.label + " is empty");
  if (!is_utf8(line.words)) wrong.push_back(line.label + " is no UTF-8");
  if (is_hidden_or_control(line.words)) wrong.push_back(line.label + " holds signs that nobody sees");
  if (line.words.find_first_of("{}") != std::string::npos)
    wrong.push_back(line.label + " is a dump: " + line.words);
  if (line.words.find("[{") != std::string::npos || line.words.find("\\n") != std::string::npos)
    wrong.push_back(line.label + " is a dump: " + line.words);
  if (line.label == "Given" || line.label == "Known bug") return;  // there each has its label
  for (const auto word : split(line.words, ' ')) {
    if (is_raw_id(word)) wrong.push_back(line.label + " shows an id: " + std::string(word));
  }
}

void check_order(const std::vector<Line>& lines, std::vector<std::string>& wrong) {
  std::vector<std::string> expected(kFirst.begin(), kFirst.end());
  for (const auto first : kFirst) expected.push_back(std::string(first) + ", continued");
  auto others = std::vector<std::string>(kOthers.begin(), kOthers.end());
  // Money stands before or behind history, as the category wants it.
  const auto at = [&](std::string_view label) { return std::ranges::find(lines, label, &Line::label); };
  if (at("History") < at("Money") && at("Money") != lines.end()) std::swap(others[1], others[2]);
  expected.insert(expected.end(), others.begin(), others.end());
  auto next = expected.begin();
  for (const auto& line : lines) {
    const auto found = std::find(next, expected.end(), line.label);
    if (found == expected.end()) wrong.push_back("`" + line.label + "` stands where it should not");
    else next = found + 1;
  }
  for (const auto* label : {"Who", "Wanted", "Went wrong", "Tried", "Next"}) {
    if (at(label) == lines.end()) wrong.push_back(std::string(label) + " is not there");
  }
}

// The same, or the same but for a few words more. What only mentions it may do so.
bool is_same(const std::string& fact, const std::string& other) {
  return other.find(fact) != std::string::npos && 3 * fact.size() >= 2 * other.size();
}

std::string part_of(const Line& line) { return line.label.substr(0, line.label.find(',')); }

void check_repeats(const std::vector<Line>& lines, std::vector<std::string>& wrong) {
  std::vector<std::vector<std::string>> facts;
  for (const auto& line : lines) facts.push_back(facts_of(line.words));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t j = 0; j < lines.size(); ++j) {
      // The opening is for the customer, and tells them what they said.
      // Within one part, the same step with another end is another fact.
      if (part_of(lines[i]) == part_of(lines[j]) || lines[i].label == "Say" || lines[j].label == "Say")
        continue;
      for (const auto& fact : facts[i]) {
        for (const auto& other : facts[j]) {
          if (is_same(fact, other))
            wrong.push_back(lines[i].label + " and " + lines[j].label + " say the same: " + fact);
        }
      }
    }
  }
}

}  // namespace

std::string first_part(std::string_view text) {
  std::string part;
  for (const auto& line : lines_of(text)) {
    if (std::ranges::find(kFirst, line.label) == kFirst.end()) break;
    part += line.label + ": " + line.words + "\n";
  }
  return part;
}

std::vector<std::string> lint(std::string_view text, std::size_t budget) {
  std::vector<std::string> wrong;
  if (text.size() > budget)
    wrong.push_back("it has " + std::to_string(text.size()) + " bytes of " + std::to_string(budget));
  if (const auto first = first_part(text).size(); first > handoff::kFirst)
    wrong.push_back("its first part has " + std::to_string(first) + " bytes");
  const auto lines = lines_of(text);
  for (const auto& line : lines) check_words(line, wrong);
  check_order(lines, wrong);
  check_repeats(lines, wrong);
  return wrong;
}

std::vector<std::string> lint(const handoff::Brief& brief) {
  std::vector<std::string> wrong;
  for (std::size_t i = 0; i < handoff::kSurfaceNames.size(); ++i) {
    const auto surface = static_cast<handoff::Surface>(i);
    for (auto& one : lint(handoff::as_text(brief, surface), handoff::budget_of(surface)))
      wrong.push_back(std::string(name(surface)) + ": " + one);
  }
  const auto flat = handoff::to_json(brief).flatten();
  for (const auto& [pointer, value] : flat.items()) {
    if (!value.is_string()) continue;
    const auto text = value.get<std::string>();
    if (!is_utf8(text) || is_hidden_or_control(text))
      wrong.push_back(pointer + " holds signs that nobody sees");
  }
  for (const auto& gap : brief.missing) {
    if (gap.field.empty() || gap.state.empty() || gap.reason.empty())
      wrong.push_back("a gap without a reason: " + gap.field);
  }
  if (brief.completeness < 0 || brief.completeness > 100) wrong.push_back("completeness is no percentage");
  return wrong;
}

}  // namespace baton::brief_testing
