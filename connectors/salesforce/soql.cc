#include "connectors/salesforce/soql.h"

#include <algorithm>

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::salesforce {
namespace {

// The backslash is escaped as well: escaping quotes alone lets `\'` end the literal.
std::string_view escape_of(char c) {
  switch (c) {
    case '\\': return "\\\\";
    case '\'': return "\\'";
    case '"': return "\\\"";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\b': return "\\b";
    case '\f': return "\\f";
    default: return "";
  }
}

}  // namespace

std::optional<std::string> soql_text(std::string_view value, std::size_t most) {
  if (value.empty() || value.size() > most || !is_utf8(value)) return std::nullopt;
  if (value.find("@{") != std::string_view::npos) return std::nullopt;
  std::string literal = "'";
  for (const char c : value) {
    const auto escaped = escape_of(c);
    if (escaped.empty() && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)) return std::nullopt;
    if (escaped.empty()) literal += c;
    else literal += escaped;
  }
  return literal + "'";
}

bool is_id(std::string_view text) {
  return (text.size() == 15 || text.size() == 18) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

// Each of the three tells which of five characters are capitals.
std::string safe_id(std::string_view id) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
  std::string whole(id);
  if (!is_id(id) || id.size() != 15) return whole;
  for (std::size_t block = 0; block < 15; block += 5) {
    std::size_t capitals = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const char c = id[block + i];
      if (c >= 'A' && c <= 'Z') capitals |= std::size_t{1} << i;
    }
    whole += kLetters[capitals];
  }
  return whole;
}

bool is_field_name(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  if (text.empty() || text.size() > kLongest) return false;
  return std::ranges::all_of(split(text, '.'), [](std::string_view part) {
    return !part.empty() && is_letter(part.front()) &&
           std::ranges::all_of(part, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
  });
}

std::string rfc3339_of(std::string_view text) {
  std::string time(text);
  const auto zone = time.size() < 5 ? time.size() : time.size() - 5;
  const bool has_offset = zone < time.size() && (time[zone] == '+' || time[zone] == '-') &&
                          std::ranges::all_of(time.substr(zone + 1), is_digit);
  if (has_offset) time.insert(zone + 3, ":");
  const auto at = parse_rfc3339(time);
  return at ? to_rfc3339(*at) : std::string();
}

}  // namespace baton::salesforce
