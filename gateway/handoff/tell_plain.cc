#include "gateway/handoff/tell_plain.h"

#include <algorithm>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

constexpr std::size_t kName = 60;
constexpr std::size_t kLongest = 16 * 1024;  // of what is looked at: only the beginning is ever shown

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Characters that chat windows take for markup, whatever their dialect.
bool is_markup(char c) { return std::string_view("<>[]{}*`~|#\\^").find(c) != std::string_view::npos; }

// Invisible characters of three bytes: they turn the direction of writing or hide what follows.
bool is_invisible(std::string_view rest) {
  if (rest.starts_with("\xEF\xBB\xBF")) return true;  // U+FEFF
  if (rest.size() < 3 || rest[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(rest[1]), third = static_cast<unsigned char>(rest[2]);
  if (second == 0x80) return (third >= 0x8B && third <= 0x8F) || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA0 && third <= 0xAF;
}

// `_` and `@` mean something only at the edge of a word.
bool is_at_edge(std::string_view text, std::size_t at) {
  const bool before = at > 0 && is_letter_or_digit(text[at - 1]);
  const bool after = at + 1 < text.size() && is_letter_or_digit(text[at + 1]);
  return !before || !after;
}

std::string without_markup(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_invisible(text.substr(i))) {
      i += 2;
      continue;
    }
    const bool c1 = c == '\xC2' && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;  // control characters of two bytes
    if (c1 || static_cast<unsigned char>(c) <= ' ' || c == 0x7f || is_markup(c)) out += ' ';
    else if ((c == '_' || c == '@') && is_at_edge(text, i)) out += ' ';
    else if (c == '"') out += '\'';
    else out += c;
  }
  return out;
}

bool is_link(std::string_view word) {
  return word.find("://") != std::string_view::npos || to_lower(word.substr(0, 4)) == "www.";
}

}  // namespace

std::string plain(std::string_view text, std::size_t most) {
  const auto valid = to_valid_utf8(clip_utf8(text, kLongest));
  const auto cleaned = without_markup(valid);
  std::string line;
  for (const auto word : split(cleaned, ' ')) {
    if (word.empty() || is_link(word)) continue;
    if (!line.empty()) line += ' ';
    line += word;
    if (line.size() > most) break;
  }
  return shorten(line, most);
}

std::string plain_name(std::string_view text) {
  auto name = plain(text, kName);
  const bool id =
      std::ranges::any_of(name, [](char c) { return (c >= '0' && c <= '9') || c == '@' || c == '/'; });
  const bool letters = std::ranges::any_of(name, is_letter_or_digit);
  return id || !letters ? "" : name;
}

std::string plain_slug(std::string_view text, std::size_t most) {
  std::string words(text);
  std::ranges::replace(words, '_', ' ');
  std::ranges::replace(words, '-', ' ');
  return plain(words, most);
}

}  // namespace baton::handoff
