// Purpose: one JSON object, written as text at once: a record is made at every commit, and a tree of
// it would be built, copied and thrown away each time.
// Owner: encode.cc. Threads: plain value. Errors: none; bytes that are no UTF-8 are replaced.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/text.h"

namespace baton {

// A vendor's excerpt may carry bytes that are no UTF-8; they are shown to people, never sent.
inline std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// In runs: a journalled request is a long text full of quotes, and is written twice a delivery.
inline void append_quoted(std::string& to, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (!is_utf8(text)) {
    to += json_text(nlohmann::json(text));
    return;
  }
  to += '"';
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') continue;
    to += text.substr(written, i - written);
    written = i + 1;
    to += '\\';
    if (byte >= 0x20) to += c;
    else if (c == '\n') to += 'n';
    else (to += "u00") += {kHex[byte >> 4], kHex[byte & 0xf]};
  }
  to += text.substr(written);
  to += '"';
}

class RecordWriter {
 public:
  void text(std::string_view key, std::string_view value) { append_quoted(at(key), value); }
  void number(std::string_view key, std::int64_t value) { at(key) += std::to_string(value); }
  void value(std::string_view key, const nlohmann::json& value) { at(key) += json_text(value); }
  void raw(std::string_view key, std::string_view json) { at(key) += json; }

  // Left out where it equals its default, so that rows stay small.
  void text_if_any(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }
  void number_unless(std::int64_t otherwise, std::string_view key, std::int64_t value) {
    if (value != otherwise) number(key, value);
  }
  void flag_if_set(std::string_view key, bool flag) {
    if (flag) at(key) += "true";
  }
  void value_if_any(std::string_view key, const nlohmann::json& some) {
    if (!some.is_null()) value(key, some);
  }

  std::string take() {
    if (text_.empty()) text_ += '{';
    text_ += '}';
    return std::move(text_);
  }

 private:
  std::string& at(std::string_view key) {
    text_ += text_.empty() ? '{' : ',';
    append_quoted(text_, key);
    text_ += ':';
    return text_;
  }

  std::string text_;
};

// "[...]" of what `write_one` makes of each.
template <class Items, class WriteOne>
std::string list_of(const Items& items, const WriteOne& write_one) {
  std::string text = "[";
  for (const auto& item : items) {
    if (text.size() > 1) text += ',';
    text += write_one(item);
  }
  return text + "]";
}

}  // namespace baton
