#include "gateway/handoff/brief_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

constexpr std::string_view kEllipsis = "\u2026";

// --- what a code point becomes

bool is_blank(std::uint32_t c) {
  return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

// Shows nothing and changes how its neighbours look. The joiners U+200C and U+200D stay: Persian and emoji
// are made with them.
bool is_hidden(std::uint32_t c) {
  return c == 0xad || c == 0x61c || c == 0x180e || c == 0x200b || c == 0x200e || c == 0x200f ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

// Arabic, Persian and full-width digits are digits for whoever looks for a card number.
char as_digit(std::uint32_t c) {
  for (const std::uint32_t zero : {0x660u, 0x6f0u, 0xff10u}) {
    if (c >= zero && c <= zero + 9) return static_cast<char>('0' + (c - zero));
  }
  return 0;
}

std::uint32_t decode(std::string_view bytes) {
  const auto at = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  switch (bytes.size()) {
    case 2: return (at(0) & 0x1f) << 6 | (at(1) & 0x3f);
    case 3: return (at(0) & 0x0f) << 12 | (at(1) & 0x3f) << 6 | (at(2) & 0x3f);
    default: return (at(0) & 0x07) << 18 | (at(1) & 0x3f) << 12 | (at(2) & 0x3f) << 6 | (at(3) & 0x3f);
  }
}

std::size_t length_at(std::string_view valid, std::size_t i) {
  const auto c = static_cast<unsigned char>(valid[i]);
  const std::size_t length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
  return std::min(length, valid.size() - i);
}

std::string in_one_line(std::string_view valid) {
  std::string line;
  line.reserve(valid.size());
  bool gap = false;
  for (std::size_t i = 0, length = 1; i < valid.size(); i += length) {
    length = length_at(valid, i);
    const auto piece = valid.substr(i, length);
    const auto code = length == 1 ? static_cast<unsigned char>(piece[0]) : decode(piece);
    if (code >= 0x80 && is_hidden(code)) continue;
    if (is_blank(code)) {
      gap = true;
      continue;
    }
    if (gap && !line.empty()) line += ' ';
    gap = false;
    if (const char digit = length == 1 ? char{0} : as_digit(code)) line += digit;
    else line += piece;
  }
  return line;
}

// --- dumps

// For each opening brace where it closes; npos where it does not.
std::vector<std::size_t> closings(const std::string& line) {
  std::vector<std::size_t> at(line.size(), std::string::npos), open;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '{') open.push_back(i);
    if (line[i] != '}' || open.empty()) continue;
    at[open.back()] = i;
    open.pop_back();
  }
  return at;
}

// What a program printed says nothing to a person: "{"a": 1}" becomes "(data)"; other braces become brackets.
std::string without_dumps(const std::string& line) {
  if (line.find_first_of("{}") == std::string::npos) return line;
  const auto closing = closings(line);
  std::string to;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '{' && closing[i] != std::string::npos &&
        std::string_view(line).substr(i + 1, closing[i] - i - 1).find_first_of("\":{") != std::string::npos) {
      to += "(data)";
      i = closing[i];
    } else {
      to += line[i] == '{' ? '(' : line[i] == '}' ? ')' : line[i];
    }
  }
  return to;
}

// Where a long text is cut for reading, no piece of a number may stay: half a card number is not recognised.
std::string_view readable(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  text = clip_utf8(text, most);
  const auto word = text.find_last_of(" \n\t");
  if (word != std::string_view::npos && word > most / 2) text = text.substr(0, word);
  while (!text.empty() && static_cast<unsigned char>(text.back()) < 'A') text.remove_suffix(1);
  return text;
}

}  // namespace

std::string tidy(std::string_view text, std::size_t most_read) {
  text = readable(text, most_read);
  const auto line = is_utf8(text) ? in_one_line(text) : in_one_line(to_valid_utf8(text));
  return without_dumps(mask_secrets(line));
}

std::string tidy(JsonView text, std::size_t most_read) {
  const auto string = text.string();
  return string ? tidy(*string, most_read) : std::string();
}

std::size_t cut_of(const std::string& line, std::size_t most) {
  if (line.size() <= most) return line.size();
  if (most <= kEllipsis.size()) return 0;
  auto cut = clip_utf8(line, most - kEllipsis.size()).size();
  if (line[cut] != ' ') {
    const auto word = line.rfind(' ', cut);
    if (word != std::string::npos && word > cut / 2) cut = word;
  }
  while (cut > 0 && (line[cut - 1] == ' ' || line[cut - 1] == ',' || line[cut - 1] == ';')) --cut;
  return cut;
}

std::string shorten(const std::string& line, std::size_t most) {
  if (line.size() <= most) return line;
  return line.substr(0, cut_of(line, most)) + std::string(kEllipsis);
}

void add_part(std::string& line, std::string_view part, std::string_view before) {
  if (part.empty()) return;
  if (!line.empty()) line += before;
  line += part;
}

std::string join_within(const std::vector<std::string>& parts, std::string_view between, std::size_t most) {
  constexpr std::size_t kRoomForRest = 20;  // "; ... and 100 more"
  std::string line;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const auto room = last ? most : most - kRoomForRest;
    if (line.empty()) {
      line = shorten(parts[i], room);
    } else if (line.size() + between.size() + parts[i].size() <= room) {
      add_part(line, parts[i], between);
    } else {
      return line + std::string(between) + "\u2026 and " + std::to_string(parts.size() - i) + " more";
    }
  }
  return line;
}

std::string spaced(std::string text) {
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string percent(JsonView number) {
  const auto value = number.number();
  if (!value || !(*value >= 0 && *value <= 1)) return {};
  return std::to_string(static_cast<int>(*value * 100 + 0.5)) + " %";
}

std::string bare_letters(std::string_view text) {
  std::string to;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) to += c;
    else if (c >= 'A' && c <= 'Z') to += static_cast<char>(c - 'A' + 'a');
  }
  return to;
}

std::vector<std::string> sentences(const std::string& text) {
  std::vector<std::string> all;
  std::size_t begin = 0;
  const auto take = [&](std::size_t end) {
    if (const auto one = trim(std::string_view(text).substr(begin, end - begin)); !one.empty())
      all.emplace_back(one);
    begin = end;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool mark = text[i] == '.' || text[i] == '!' || text[i] == '?';
    if (mark && (i + 1 == text.size() || text[i + 1] == ' ')) take(i + 1);
    for (const std::string_view wide : {"\u3002", "\uff01", "\uff1f"}) {
      if (std::string_view(text).substr(i).starts_with(wide)) take(i + wide.size());
    }
  }
  take(text.size());
  return all;
}

std::string without_repeats(const std::string& text, const std::string& said) {
  constexpr std::size_t kTelling = 12;  // "No." may stand twice
  std::string rest;
  for (const auto& sentence : sentences(text)) {
    std::string fresh;
    for (const auto part : split(sentence, ';')) {
      const auto bare = bare_letters(part);
      if (bare.size() < kTelling || said.find(bare) == std::string::npos) add_part(fresh, part, ";");
    }
    add_part(rest, trim(fresh), " ");
  }
  return rest;
}

namespace {

std::string in_words(long number, const char* unit) {
  constexpr auto kWords = std::to_array<const char*>({"no", "one", "two", "three", "four", "five", "six",
                                                      "seven", "eight", "nine", "ten", "eleven", "twelve"});
  const auto count = number < static_cast<long>(kWords.size()) ? kWords[static_cast<std::size_t>(number)]
                                                               : std::to_string(number);
  return count + " " + unit + (number == 1 ? "" : "s");
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  std::array<int, 3> parts{};
  for (std::size_t i = 0, part = 0; i < 10; ++i) {
    if (i == 4 || i == 7) ++part;
    else if (text[i] < '0' || text[i] > '9') return std::nullopt;
    else parts[part] = parts[part] * 10 + (text[i] - '0');
  }
  const std::chrono::year_month_day day{std::chrono::year(parts[0]),
                                        std::chrono::month(static_cast<unsigned>(parts[1])),
                                        std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day);
}

}  // namespace

std::string relative_day(std::string_view day, TimePoint now) {
  const auto then = parse_day(day);
  if (!then) return {};
  const auto away = static_cast<long>((*then - std::chrono::floor<std::chrono::days>(now)).count());
  if (away == 0) return "today";
  if (away == 1) return "tomorrow";
  if (away == -1) return "yesterday";
  const auto days = std::abs(away);
  const auto much = days < 14    ? in_words(days, "day")
                    : days < 60  ? in_words((days + 3) / 7, "week")
                    : days < 700 ? in_words((days + 15) / 30, "month")
                                 : in_words((days + 182) / 365, "year");
  return away > 0 ? "in " + much : much + " ago";
}

}  // namespace baton::handoff
