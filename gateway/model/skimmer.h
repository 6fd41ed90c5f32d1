// Purpose: stored records read once from front to back, without a tree of them: what is not wanted is stepped
// over. Owner: a decoder. Threads: one. Units: bytes. Errors: broken(), once all is read.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace baton {

// Reads values one after the other. Of well-formed text; of any other it ends early and is broken.
// As in a tree, the last of several members of one name counts: a reader of a member forgets the earlier one.
class Skimmer {
 public:
  explicit Skimmer(std::string_view text) : text_(text) {}

  // Steps over the value, and says whether `read` was called with every member's name instead: it reads or
  // steps over its value.
  template <class Read>
  bool members(const Read& read) {
    if (peek() != '{') return step_over(), false;
    ++at_;
    while (peek() == '"') {
      const auto quoted = string();
      if (!expect(':')) return false;
      if (quoted.find('\\') == std::string_view::npos) read(quoted.substr(1, quoted.size() - 2));
      else read(std::string_view(unescaped(quoted)));
      if (peek() != ',') break;
      ++at_;
    }
    return expect('}');
  }
  template <class Read>
  void items(const Read& read) {
    if (peek() != '[') return step_over();
    ++at_;
    while (peek() != ']' && peek() != '\0') {
      read();
      if (peek() != ',') break;
      ++at_;
    }
    expect(']');
  }

  std::optional<std::string> text() {
    if (peek() != '"') return step_over(), std::nullopt;
    const auto quoted = string();
    if (quoted.find('\\') == std::string_view::npos) return std::string(quoted.substr(1, quoted.size() - 2));
    return unescaped(quoted);
  }
  std::optional<std::int64_t> integer() {
    const auto digits = number_text();
    std::int64_t value = 0;
    if (whole(digits, value)) return value;
    std::uint64_t large = 0;
    if (whole(digits, large)) return static_cast<std::int64_t>(large);
    return std::nullopt;
  }
  std::optional<double> number() {
    const auto digits = number_text();
    if (digits.empty()) return std::nullopt;
    std::int64_t integer = 0;
    if (whole(digits, integer)) return static_cast<double>(integer);  // -0 is 0 there
    double value = 0;
    if (whole(digits, value)) return value;
    const auto parsed = nlohmann::json::parse(digits, nullptr, false);  // too small for a double
    return parsed.is_number() ? std::optional(parsed.get<double>()) : std::nullopt;
  }
  template <class Enum, std::size_t N>
  std::optional<Enum> one_of(const std::array<std::string_view, N>& names) {
    if (peek() != '"') return step_over(), std::nullopt;
    const auto quoted = string();
    const auto found = std::ranges::find(names, quoted.substr(1, quoted.size() - 2));
    if (found != names.end()) return static_cast<Enum>(found - names.begin());
    if (quoted.find('\\') == std::string_view::npos) return std::nullopt;
    const auto again = std::ranges::find(names, unescaped(quoted));
    return again == names.end() ? std::nullopt : std::optional(static_cast<Enum>(again - names.begin()));
  }

  void step_over() {
    const char first = peek();
    if (first == '"') return (void)string();
    for (int depth = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        (void)string();
        --at_;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return;
        if (--depth == 0) return (void)++at_;
      } else if (c == ',' && depth == 0) {
        return;
      }
    }
  }

  // The value as it stands there.
  std::string_view raw() {
    peek();
    const auto begin = at_;
    step_over();
    return text_.substr(begin, at_ - begin);
  }

  bool broken() { return broken_ || peek() != '\0'; }

 private:
  // The next character that is no blank; 0 at the end.
  char peek() {
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool expect(char c) {
    broken_ |= peek() != c;
    ++at_;
    return !broken_;
  }

  // With its quotes. At a quote.
  std::string_view string() {
    const auto begin = at_++;
    while (at_ < text_.size()) {
      const auto* found = std::memchr(text_.data() + at_, '"', text_.size() - at_);
      if (!found) break;
      at_ = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data()) + 1;
      std::size_t escapes = 0;
      while (text_[at_ - 2 - escapes] == '\\') ++escapes;
      if (escapes % 2 == 0) return text_.substr(begin, at_ - begin);
    }
    at_ = text_.size();
    broken_ = true;
    return "\"\"";
  }

  std::string unescaped(std::string_view quoted) {
    auto parsed = nlohmann::json::parse(quoted, nullptr, false);
    broken_ |= !parsed.is_string();
    return parsed.is_string() ? std::move(parsed.get_ref<std::string&>()) : std::string();
  }

  // Empty unless the value is a number.
  std::string_view number_text() {
    const char first = peek();
    const auto begin = at_;
    step_over();
    if (first != '-' && (first < '0' || first > '9')) return {};
    auto digits = text_.substr(begin, at_ - begin);
    while (!digits.empty() && static_cast<unsigned char>(digits.back()) <= ' ') digits.remove_suffix(1);
    return digits;
  }
  template <class T>
  static bool whole(std::string_view digits, T& value) {
    const auto* end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value);
    return !digits.empty() && error == std::errc() && stopped == end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

}  // namespace baton
