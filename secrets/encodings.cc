#include "secrets/encodings.h"

#include <cstdint>

namespace baton::secrets {
namespace {

constexpr std::string_view kLower = "0123456789abcdef", kUpper = "0123456789ABCDEF";

unsigned byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

void append_unit(WipedText& out, unsigned unit) {
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out += kLower[(unit >> shift) & 15];
}

// The code point that starts at `i`, and its length; a malformed byte stands for itself.
std::pair<unsigned, std::size_t> code_point_at(std::string_view text, std::size_t i) {
  const unsigned lead = byte_at(text, i);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (length == 1 || i + length > text.size()) return {lead, 1};
  unsigned point = lead & (0xFFu >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte_at(text, i + k) & 0xC0) != 0x80) return {lead, 1};
    point = point << 6 | (byte_at(text, i + k) & 0x3F);
  }
  return {point, length};
}

void append_beyond_ascii(WipedText& out, unsigned point) {
  if (point < 0x10000) return append_unit(out, point);
  append_unit(out, 0xD800 + ((point - 0x10000) >> 10));
  append_unit(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
}

void append_escaped_ascii(WipedText& out, char c, const JsonStyle& style) {
  switch (c) {
    case '"': out.append("\\\""); return;
    case '\\': out.append("\\\\"); return;
    case '\n': out.append("\\n"); return;
    case '\r': out.append("\\r"); return;
    case '\t': out.append("\\t"); return;
    case '\b': out.append("\\b"); return;
    case '\f': out.append("\\f"); return;
    default: break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || style.as_unicode.find(c) != std::string_view::npos)
    append_unit(out, static_cast<unsigned char>(c));
  else if (c == '/' && style.slash) out.append("\\/");
  else out += c;
}

}  // namespace

void append_json_escaped(WipedText& out, std::string_view text, const JsonStyle& style) {
  for (std::size_t i = 0; i < text.size();) {
    if (byte_at(text, i) < 0x80 || !style.ascii_only) {
      append_escaped_ascii(out, text[i++], style);
      continue;
    }
    const auto [point, length] = code_point_at(text, i);
    append_beyond_ascii(out, point);
    i += length;
  }
}

void append_percent_encoded(WipedText& out, std::string_view text, bool lower_case_digits) {
  const auto digits = lower_case_digits ? kLower : kUpper;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[byte_at(text, i) >> 4];
      out += digits[byte_at(text, i) & 15];
    }
  }
}

void append_hex(WipedText& out, std::string_view bytes, bool upper_case) {
  const auto digits = upper_case ? kUpper : kLower;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out += digits[byte_at(bytes, i) >> 4];
    out += digits[byte_at(bytes, i) & 15];
  }
}

void append_base64(WipedText& out, std::string_view bytes, bool url_alphabet) {
  constexpr std::string_view kCommon = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const auto digit = [&](std::uint32_t value) {
    if (value < 62) return kCommon[value];
    return value == 62 ? (url_alphabet ? '-' : '+') : (url_alphabet ? '_' : '/');
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto left = bytes.size() - i;
    std::uint32_t group = byte_at(bytes, i) << 16;
    if (left > 1) group |= byte_at(bytes, i + 1) << 8;
    if (left > 2) group |= byte_at(bytes, i + 2);
    out += digit((group >> 18) & 63);
    out += digit((group >> 12) & 63);
    if (left > 1) out += digit((group >> 6) & 63);
    if (left > 2) out += digit(group & 63);
  }
}

}  // namespace baton::secrets
