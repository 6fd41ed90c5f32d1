// Folding letters and cutting words. The tables cover what the languages of Europe write in Latin letters;
// letters of other scripts are kept as they are, so that they still make words.
#include "gateway/handoff/phrases_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

constexpr char32_t kNoLetter = 0xFFFD;

// One code point from `text` at `i`, which moves on. What is malformed is no letter.
char32_t next_code_point(std::string_view text, std::size_t& i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned lead = byte(i++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (more == 0 || lead > 0xF4) return kNoLetter;
  char32_t code = lead & (0x3Fu >> more);
  for (int k = 0; k < more; ++k) {
    if (i >= text.size() || (byte(i) & 0xC0) != 0x80) return kNoLetter;
    code = (code << 6) | (byte(i++) & 0x3F);
  }
  return code;
}

void append_code_point(std::string& to, char32_t code) {
  const auto tail = [&](int shift) { to += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    to += static_cast<char>(0xE0 | (code >> 12));
    tail(6), tail(0);
  } else {
    to += static_cast<char>(0xF0 | (code >> 18));
    tail(12), tail(6), tail(0);
  }
}

// U+00C0 to U+017F without their marks; '.' where none is a letter of a to z.
constexpr std::string_view kLatin =
    "aaaaaa.ceeeeiiii.nooooo.ouuuuy..aaaaaa.ceeeeiiii.nooooo.ouuuuy.y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkklllllllll"
    "lnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

bool is_capital(char32_t code) {
  if (code < 0x80) return code >= 'A' && code <= 'Z';
  return (code >= 0xC0 && code <= 0xDE && code != 0xD7) || (code >= 0x410 && code <= 0x42F);
}

bool is_mark(char32_t code) { return (code >= 0x300 && code <= 0x36F) || code == 0xFE0F || code == 0x200D; }
bool is_apostrophe(char32_t code) {
  return code == '\'' || code == 0x2019 || code == 0x2018 || code == 0x60 || code == 0xB4 || code == 0x2BC;
}
bool is_picture(char32_t code) { return code >= 0x1F300 && code <= 0x1FAFF; }
bool is_money(char32_t code) {
  return code == '$' || code == 0xA3 || code == 0xA5 || (code >= 0x20A0 && code <= 0x20CF);
}
// Kana, Chinese and Korean signs.
bool is_ideograph(char32_t code) {
  return (code >= 0x3041 && code <= 0x30FF) || (code >= 0x3400 && code <= 0x9FFF) ||
         (code >= 0xAC00 && code <= 0xD7AF);
}
bool stands_alone(char32_t code) { return is_picture(code) || is_money(code) || is_ideograph(code); }
bool opens_quote(char32_t code) {
  return code == '"' || code == 0x201C || code == 0x201E || code == 0xAB || code == 0x300C;
}
bool closes_quote(char32_t code) {
  return code == '"' || code == 0x201D || code == 0x201C || code == 0xBB || code == 0x300D;
}

// Appends what the letter folds to; false if it is no letter.
bool fold(char32_t code, std::string& to) {
  if (is_money(code)) return to += '$', true;
  if (code < 0x80) {
    if (code >= 'A' && code <= 'Z') code += 'a' - 'A';
    const bool letter = (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');
    if (letter) to += static_cast<char>(code);
    return letter;
  }
  if (code == 0xDF || code == 0x1E9E) return to += "ss", true;
  if (code == 0xC6 || code == 0xE6) return to += "ae", true;
  if (code == 0x152 || code == 0x153) return to += "oe", true;
  if (code >= 0xC0 && code < 0xC0 + kLatin.size() && kLatin[code - 0xC0] != '.')
    return to += kLatin[code - 0xC0], true;
  if (code >= 0xFF21 && code <= 0xFF3A) return to += static_cast<char>('a' + (code - 0xFF21)), true;
  if (code >= 0xFF41 && code <= 0xFF5A) return to += static_cast<char>('a' + (code - 0xFF41)), true;
  if (code >= 0x410 && code <= 0x42F) return append_code_point(to, code + 0x20), true;
  const bool space = code == 0x2028 || code == 0x2029 || (code >= 0x2000 && code <= 0x206F) ||
                     (code >= 0x3000 && code <= 0x303F) || (code >= 0x80 && code < 0xC0) || code == 0xD7 ||
                     code == 0xF7 || code == kNoLetter || (code >= 0xFF00 && code <= 0xFFEF) ||
                     (code >= 0x2190 && code <= 0x27BF);
  if (space) return false;
  return append_code_point(to, code), true;
}

Break break_at(char32_t code) {
  switch (code) {
    case '.':
    case '!':
    case '?':
    case '\n':
    case ';':
    case 0x2026:
    case 0x3002:
    case 0xFF01:
    case 0xFF1F:
    case 0xBF:
    case 0xA1: return Break::sentence;
    case ',':
    case ':':
    case '(':
    case ')':
    case '"':
    case 0x2013:
    case 0x2014:
    case 0xAB:
    case 0xBB:
    case 0x201C:
    case 0x201D:
    case 0x201E: return Break::clause;
    default: return Break::none;
  }
}

// Whether a letter stands at `i`.
bool begins_word(std::string_view text, std::size_t i) {
  std::string unused;
  return i < text.size() && fold(next_code_point(text, i), unused);
}

// The point of "89.00", which ends before `i`.
bool parts_figures(std::string_view text, char32_t code, std::size_t i) {
  const auto figure = [&](std::size_t k) { return k < text.size() && text[k] >= '0' && text[k] <= '9'; };
  return (code == '.' || code == ',') && i >= 2 && figure(i - 2) && figure(i);
}

// French and its neighbours drop a vowel: "l'agent" is two words, "don't" is one.
bool is_elision(std::string_view word) {
  constexpr std::array<std::string_view, 12> kElisions = {"l", "d", "j", "qu",    "c",      "n",
                                                          "s", "m", "t", "jusqu", "lorsqu", "puisqu"};
  return std::ranges::find(kElisions, word) != kElisions.end();
}

// Collects letters into words.
class Cutter {
 public:
  explicit Cutter(Words& to) : to_(to) {}

  void letter(char32_t code) {
    if (stands_alone(code)) end();  // 😡 is a word of its own, even after another
    if (!fold(code, word_)) return separator(code);
    exclamations_ = 0;
    if (stands_alone(code)) return end();
    ++letters_;
    if (is_capital(code)) ++capitals_;
  }

  // "f***ing" is one word, "fxing"; *this* is emphasis.
  bool masks(char32_t code) {
    constexpr std::size_t kLongestStart = 3;
    if (code != '*' || word_.empty() || word_.size() > kLongestStart) return false;
    if (word_.back() != 'x') word_ += 'x';
    return true;
  }

  // 'Agent' in single marks: one opens where no word has begun, and closes where one ends.
  void apostrophe(bool ends_word) {
    if (is_elision(word_)) return end();
    if (word_.empty()) open_quote();
    else if (ends_word) end(), close_quote();
  }

  void end() {
    if (word_.empty()) return;
    to_.list.push_back({std::move(word_), before_, letters_ >= 2 && capitals_ == letters_, false});
    word_.clear();
    before_ = Break::none;
    letters_ = capitals_ = 0;
  }

 private:
  void open_quote() { quote_ = to_.list.size(); }

  // Names are quoted, and so is what somebody else said; a whole speech in marks is the writer's own.
  void close_quote() {
    constexpr std::size_t kLongestQuote = 14;
    if (quote_ && to_.list.size() <= *quote_ + kLongestQuote) {
      for (auto i = *quote_; i < to_.list.size(); ++i) to_.list[i].quoted = true;
    }
    quote_.reset();
  }

  void separator(char32_t code) {
    const auto inside = !word_.empty();
    end();
    if (quote_ && closes_quote(code)) close_quote();
    else if (opens_quote(code)) open_quote();
    exclamations_ = code == '!' ? exclamations_ + 1 : 0;
    to_.exclamations = std::max(to_.exclamations, exclamations_);
    // The first break is the sentence's beginning anyway, and "3.5" ends no sentence worth the name.
    if (inside || !to_.list.empty()) before_ = std::max(before_, break_at(code));
  }

  Words& to_;
  std::string word_;
  Break before_ = Break::sentence;
  std::size_t letters_ = 0, capitals_ = 0, exclamations_ = 0;
  std::optional<std::size_t> quote_;  // the word that would be the first in it
};

}  // namespace

Words read_words(std::string_view text, std::size_t max_bytes) {
  Words words;
  text = clip_utf8(text, max_bytes);
  words.list.reserve(text.size() / 5 + 1);
  Cutter cutter(words);
  for (std::size_t i = 0; i < text.size();) {
    const auto code = next_code_point(text, i);
    if (is_mark(code)) continue;
    if (parts_figures(text, code, i)) cutter.end();  // "89.00" is two words of one sentence
    else if (is_apostrophe(code)) cutter.apostrophe(!begins_word(text, i));
    else if (!cutter.masks(code)) cutter.letter(code);
  }
  cutter.end();
  return words;
}

std::vector<std::string> foldings(std::string_view word) {
  std::string plain, spelt;
  for (std::size_t i = 0; i < word.size();) {
    const auto code = next_code_point(word, i);
    if (is_mark(code) || is_apostrophe(code)) continue;
    const auto before = plain.size();
    fold(code, plain);
    spelt += plain.substr(before);
    if (code == 0xE4 || code == 0xF6 || code == 0xFC || code == 0xC4 || code == 0xD6 || code == 0xDC)
      spelt += 'e';
  }
  if (spelt == plain) return {plain};
  return {plain, spelt};
}

std::uint64_t hash_without(std::string_view word, std::size_t left_out) {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (i == left_out) continue;
    hash = (hash ^ static_cast<unsigned char>(word[i])) * 1099511628211u;
  }
  return hash;
}

}  // namespace baton::handoff
