// A brief as JSON for mappings and programs, and as text for people.
#include <algorithm>

#include "gateway/base/text.h"
#include "gateway/handoff/brief.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

struct Line {
  std::string_view label;
  const std::string* text;
  int weight = 1;  // its share of the first bytes
};

// What an answer needs, in the order in which people ask for it.
std::vector<Line> first_lines(const Brief& brief) {
  return {{"Who", &brief.who, 5},     {"Wanted", &brief.wanted, 8}, {"Went wrong", &brief.went_wrong, 6},
          {"Tried", &brief.tried, 7}, {"Given", &brief.given, 4},   {"Next", &brief.next, 5}};
}

std::vector<Line> other_lines(const Brief& brief) {
  std::vector<Line> lines = {{"Known bug", &brief.known_bug}};
  const bool paid = brief.category == Subject::billing || brief.category == Subject::cancellation;
  if (paid) lines.push_back({"Money", &brief.money});
  lines.push_back({"History", &brief.history});
  if (!paid) lines.push_back({"Money", &brief.money});
  lines.push_back({"Account", &brief.account});
  lines.push_back({"Considered", &brief.considered});
  lines.push_back({"Also asked", &brief.also});
  lines.push_back({"Mood", &brief.mood});
  lines.push_back({"Where", &brief.where});
  lines.push_back({"Not known", &brief.not_known});
  lines.push_back({"Say", &brief.opening});
  return lines;
}

std::size_t dress(const Line& line) { return line.label.size() + 3; }  // ": " and the line's end

// Each line as it is if all fit, or at most its share, what the short ones leave being shared by the long
// ones.
std::vector<std::size_t> shares(const std::vector<Line>& lines, std::size_t most) {
  const auto sizes_at = [&](std::size_t unit) {
    std::vector<std::size_t> sizes;
    for (const auto& line : lines)
      sizes.push_back(std::min(line.text->size(), unit * static_cast<std::size_t>(line.weight)));
    return sizes;
  };
  std::size_t low = 1, high = most;
  while (low < high) {
    const auto unit = (low + high + 1) / 2;
    std::size_t sum = 0;
    const auto sizes = sizes_at(unit);
    for (std::size_t i = 0; i < lines.size(); ++i) sum += sizes[i] + dress(lines[i]);
    if (sum <= most) low = unit;
    else high = unit - 1;
  }
  return sizes_at(low);
}

void add_line(std::string& text, std::string_view label, const std::string& words) {
  if (words.empty()) return;
  text += label;
  text += ": ";
  text += words;
  text += '\n';
}

// The first lines within kFirst; what was cut off goes on below, so that nothing is said twice.
std::string first_part(const Brief& brief, std::vector<std::pair<std::string, std::string>>& rest) {
  auto lines = first_lines(brief);
  std::erase_if(lines, [](const Line& line) { return line.text->empty(); });
  const auto sizes = shares(lines, kFirst);
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& whole = *lines[i].text;
    add_line(text, lines[i].label, shorten(whole, sizes[i]));
    const auto cut = cut_of(whole, sizes[i]);
    if (cut < whole.size())
      rest.emplace_back(std::string(lines[i].label) + ", continued",
                        std::string(trim(std::string_view(whole).substr(cut))));
  }
  return text;
}

}  // namespace

std::string as_text(const Brief& brief, Surface surface) {
  constexpr std::size_t kWorthwhile = 60;
  const auto most = budget_of(surface);
  std::vector<std::pair<std::string, std::string>> rest;
  auto text = first_part(brief, rest);
  for (const auto& line : other_lines(brief)) rest.emplace_back(std::string(line.label), *line.text);
  for (const auto& [label, words] : rest) {
    if (words.empty()) continue;
    const auto around = label.size() + 3;
    if (text.size() + around + std::min(words.size(), kWorthwhile) > most) break;
    add_line(text, label, shorten(words, most - text.size() - around));
  }
  return text;
}

json to_json(const Brief& brief) {
  auto missing = json::array(), identifiers = json::array(), topics = json::array(), sources = json::array();
  for (const auto& [field, state, reason, source] : brief.missing)
    missing.push_back({{"field", field}, {"state", state}, {"reason", reason}, {"source", source}});
  for (const auto& one : brief.identifiers) {
    json identifier = {{"kind", one.kind}, {"value", one.value}, {"from", one.from}};
    if (!one.instead_of.empty()) identifier["instead_of"] = one.instead_of;
    identifiers.push_back(std::move(identifier));
  }
  for (const auto& [about, words] : brief.topics)
    topics.push_back({{"about", std::string(name(about))}, {"words", words}});
  for (const auto& [source, percent] : brief.by_source)
    sources.push_back({{"source", source}, {"percent", percent}});
  return {{"headline", brief.headline},
          {"who", brief.who},
          {"wanted", brief.wanted},
          {"went_wrong", brief.went_wrong},
          {"tried", brief.tried},
          {"next", brief.next},
          {"given", brief.given},
          {"considered", brief.considered},
          {"known_bug", brief.known_bug},
          {"account", brief.account},
          {"money", brief.money},
          {"history", brief.history},
          {"also", brief.also},
          {"mood", brief.mood},
          {"where", brief.where},
          {"opening", brief.opening},
          {"not_known", brief.not_known},
          {"category", std::string(name(brief.category))},
          {"identifiers", std::move(identifiers)},
          {"topics", std::move(topics)},
          {"completeness", brief.completeness},
          {"by_source", std::move(sources)},
          {"missing", std::move(missing)}};
}

}  // namespace baton::handoff
