#include "gateway/config/source.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "gateway/base/text.h"
#include "gateway/config/parse.h"

namespace baton::config {
namespace {

// The four hex digits of a \u escape that starts at `i`, or nullopt.
std::optional<std::uint32_t> escape_at(std::string_view text, std::size_t i) {
  if (i + 6 > text.size() || text[i] != '\\' || text[i + 1] != 'u') return std::nullopt;
  std::uint32_t value = 0;
  const auto* end = text.data() + i + 6;
  const auto [stop, error] = std::from_chars(text.data() + i + 2, end, value, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::string eight_digits(std::uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>((value >> shift) & 255);
  return to_hex(bytes);
}

}  // namespace

Source::Source(std::string_view text, std::string name) : text_(text), name_(std::move(name)), starts_{0} {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') starts_.push_back(i + 1);
  }
}

std::string_view Source::line(int number) const {
  const auto index = static_cast<std::size_t>(number);
  if (number < 0 || index >= starts_.size()) return {};
  const auto end = index + 1 < starts_.size() ? starts_[index + 1] - 1 : text_.size();
  return text_.substr(starts_[index], end - starts_[index]);
}

std::size_t Source::offset(int line_number, int column) const {
  const auto index = static_cast<std::size_t>(std::max(line_number, 0));
  if (index >= starts_.size()) return text_.size();
  return std::min(starts_[index] + static_cast<std::size_t>(std::max(column, 0)), text_.size());
}

Position Source::at(int line_number, int column) const {
  const auto last = static_cast<int>(starts_.size()) - 1;
  const int shown = std::clamp(line_number, 0, last);
  const auto before = line(shown).substr(0, static_cast<std::size_t>(std::max(column, 0)));
  return {name_, shown + 1, static_cast<int>(count_code_points(before)) + 1};
}

Position Source::at_offset(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(starts_, offset);
  const auto index = static_cast<std::size_t>(after - starts_.begin()) - 1;
  return at(static_cast<int>(index), static_cast<int>(offset - starts_[index]));
}

std::optional<Problem> unreadable(const Source& source) {
  const auto text = source.text();
  if (text.size() > kMaxFileBytes) {
    return Problem{{source.name(), 0, 0}, "", "is larger than 4 MiB; split it with `include`"};
  }
  if (!is_utf8(text)) {
    const auto valid = to_valid_utf8(text);
    const auto bad = std::ranges::mismatch(text, valid).in1 - text.begin();
    return Problem{source.at_offset(static_cast<std::size_t>(bad)), "",
                   "is not UTF-8; save the file in that encoding"};
  }
  const auto control = std::ranges::find_if(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
  });
  if (control == text.end()) return std::nullopt;
  return Problem{source.at_offset(static_cast<std::size_t>(control - text.begin())), "",
                 "is a control character (0x" + to_hex(std::string_view(&*control, 1)) + "); remove it"};
}

std::string join_surrogates(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size();) {
    const auto high = escape_at(json, i).value_or(0), low = escape_at(json, i + 6).value_or(0);
    if (high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
      out += "\\U" + eight_digits(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
      i += 12;
    } else {
      const std::size_t length = json[i] == '\\' ? 2 : 1;  // an escaped backslash starts nothing
      out += json.substr(i, length);
      i += length;
    }
  }
  return out;
}

}  // namespace baton::config
