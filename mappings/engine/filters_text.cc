// The filters of Liquid that work on texts. Lengths and positions count code points.
#include <array>

#include "gateway/base/text.h"
#include "mappings/engine/filters.h"
#include "mappings/engine/letters.h"
#include "mappings/engine/number.h"
#include "mappings/engine/blanks.h"

namespace baton::mappings {
namespace {

constexpr auto kNowhere = std::string_view::npos;

Value append(const FilterInput& in) {
  const auto text = in.text();
  return in.made(std::string(text) + std::string(in.text(0)));
}

Value prepend(const FilterInput& in) {
  const auto text = in.text();
  return in.made(std::string(in.text(0)) + std::string(text));
}

Value capitalize(const FilterInput& in) { return in.made(capital_case(in.text())); }
Value downcase(const FilterInput& in) { return in.made(lower_case(in.text())); }
Value upcase(const FilterInput& in) { return in.made(upper_case(in.text())); }
Value strip(const FilterInput& in) { return Value::of(left_stripped(right_stripped(in.text()))); }
Value lstrip(const FilterInput& in) { return Value::of(left_stripped(in.text())); }
Value rstrip(const FilterInput& in) { return Value::of(right_stripped(in.text())); }

// One space for each run of white space, none at the ends. A zero byte goes at the ends only, as in Ruby.
Value squish(const FilterInput& in) {
  if (in.value.nil()) return {};
  std::string squished;
  bool space = false;
  for (const char c : left_stripped(right_stripped(in.text()))) {
    const bool is_space = c == ' ' || (c >= '\t' && c <= '\r');
    if (is_space && !space) squished += ' ';
    if (!is_space) squished += c;
    space = is_space;
  }
  return in.made(std::move(squished));
}

std::string_view entity_of(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

// `once` leaves alone what is an entity already: &name; or &#123;
bool is_entity(std::string_view text) {
  const auto end = text.find(';');
  if (end == kNowhere || end < 2) return false;
  const bool numeric = text[1] == '#';
  for (const char c : text.substr(numeric ? 2 : 1, end - (numeric ? 2 : 1))) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (numeric ? (c < '0' || c > '9') : !letter) return false;
  }
  return end > (numeric ? 2u : 1u);
}

void write_entities(std::string_view text, bool once, Buffer& out) {
  std::size_t run = 0;
  for (std::size_t at = text.find_first_of("&<>\"'"); at != kNowhere;
       at = text.find_first_of("&<>\"'", at + 1)) {
    if (once && text[at] == '&' && is_entity(text.substr(at, 40))) continue;
    out.append(text.substr(run, at - run));
    out.append(entity_of(text[at]));
    run = at + 1;
  }
  out.append(text.substr(run));
}

Value escaped(const FilterInput& in, bool once) {
  Buffer out(in.run.arena().max_bytes());
  write_entities(in.text(), once, out);
  return out.full() ? in.fail("the render needs too much memory") : in.made(out.text());
}

Value escape(const FilterInput& in) { return in.value.nil() ? Value() : escaped(in, false); }
Value escape_once(const FilterInput& in) { return escaped(in, true); }
void write_escape(const FilterInput& in, Buffer& out) { write_entities(in.text(), false, out); }

// Line ends, with a carriage return before them or without.
std::string replace_line_ends(std::string_view text, std::string_view with) {
  std::string out;
  std::size_t run = 0;
  for (auto at = text.find('\n'); at != kNowhere; at = text.find('\n', at + 1)) {
    const auto end = at > run && text[at - 1] == '\r' ? at - 1 : at;
    out.append(text.substr(run, end - run)).append(with);
    run = at + 1;
  }
  return out.append(text.substr(run));
}

Value newline_to_br(const FilterInput& in) { return in.made(replace_line_ends(in.text(), "<br />\n")); }
Value strip_newlines(const FilterInput& in) { return in.made(replace_line_ends(in.text(), "")); }

// What HTML drops whole: a script, a comment, a style. An end that was not found once is not looked
// for again, or a text of many beginnings would be read once for each.
class DroppedBlocks {
 public:
  // How far the block at the front reaches; 0 if there is none, or it never ends.
  std::size_t operator()(std::string_view html) {
    for (auto& block : blocks_) {
      if (block.endless || !html.starts_with(block.open)) continue;
      const auto end = html.find(block.close, block.open.size());
      if (end != kNowhere) return end + block.close.size();
      block.endless = true;
    }
    return 0;
  }

 private:
  struct Block {
    std::string_view open;
    std::string_view close;
    bool endless = false;
  };
  std::array<Block, 3> blocks_{{{"<script", "</script>"}, {"<!--", "-->"}, {"<style", "</style>"}}};
};

template <class Length>
std::string without(std::string_view html, Length length) {
  std::string out;
  while (true) {
    const auto at = html.find('<');
    out.append(html.substr(0, at));
    if (at == kNowhere) return out;
    html.remove_prefix(at);
    const std::size_t dropped = length(html);
    if (dropped == 0) out.push_back('<');
    html.remove_prefix(dropped == 0 ? 1 : dropped);
  }
}

Value strip_html(const FilterInput& in) {
  bool endless = false;
  return in.made(without(without(in.text(), DroppedBlocks()), [&](std::string_view html) -> std::size_t {
    const auto end = endless ? kNowhere : html.find('>');
    endless = end == kNowhere;
    return endless ? 0 : end + 1;
  }));
}

Value replaced(const FilterInput& in, std::string_view what, std::string_view with) {
  const auto text = in.text();
  Buffer out(in.run.arena().max_bytes());
  std::size_t run = 0;
  if (what.empty()) {  // before each character and at the end
    out.append(with);
    while (run < text.size()) {
      const auto length = next_code_point(text.substr(run));
      out.append(text.substr(run, length));
      out.append(with);
      run += length;
    }
  }
  for (auto at = what.empty() ? kNowhere : text.find(what); at != kNowhere; at = text.find(what, run)) {
    out.append(text.substr(run, at - run));
    out.append(with);
    run = at + what.size();
  }
  out.append(text.substr(run));
  return out.full() ? in.fail("the render needs too much memory") : in.made(out.text());
}

Value replaced_once(const FilterInput& in, std::string_view what, std::string_view with, bool last) {
  const auto text = in.text();
  const auto at = last ? text.rfind(what) : text.find(what);
  if (at == kNowhere) return Value::of(text);
  return in.made(std::string(text.substr(0, at)).append(with).append(text.substr(at + what.size())));
}

Value replace(const FilterInput& in) { return replaced(in, in.text(0), in.text(1)); }
Value replace_first(const FilterInput& in) { return replaced_once(in, in.text(0), in.text(1), false); }
Value replace_last(const FilterInput& in) { return replaced_once(in, in.text(0), in.text(1), true); }
Value remove(const FilterInput& in) { return replaced(in, in.text(0), {}); }
Value remove_first(const FilterInput& in) { return replaced_once(in, in.text(0), {}, false); }
Value remove_last(const FilterInput& in) { return replaced_once(in, in.text(0), {}, true); }

Value list_of(const FilterInput& in, std::vector<Value> items) {
  if (!in.run.spend(items.size())) return {};
  in.run.arena().charge(items.size() * sizeof(Value));
  auto* list = in.run.arena().list();
  list->items = std::move(items);
  return Value::of(list);
}

std::vector<Value> words_of(std::string_view text) {
  std::vector<Value> words;
  while (true) {
    const auto start = text.find_first_not_of(kBlanks);
    if (start == kNowhere) return words;
    text.remove_prefix(start);
    const auto end = std::min(text.find_first_of(kBlanks), text.size());
    words.push_back(Value::of(text.substr(0, end)));
    text.remove_prefix(end);
  }
}

Value split(const FilterInput& in) {
  auto text = in.text();
  const auto by = in.text(0);
  if (by == " ") return list_of(in, words_of(text));
  std::vector<Value> parts;
  if (by.empty()) {
    for (; !text.empty(); text.remove_prefix(next_code_point(text))) {
      parts.push_back(Value::of(text.substr(0, next_code_point(text))));
    }
    return list_of(in, std::move(parts));
  }
  for (auto at = text.find(by); at != kNowhere; at = text.find(by)) {
    parts.push_back(Value::of(text.substr(0, at)));
    text.remove_prefix(at + by.size());
  }
  parts.push_back(Value::of(text));
  while (!parts.empty() && parts.back().text().empty()) parts.pop_back();
  return list_of(in, std::move(parts));
}

// `slice: offset, length` over something of `size`; nothing if it lies outside.
std::optional<std::pair<std::int64_t, std::int64_t>> slice_of(const FilterInput& in, std::int64_t size) {
  const auto offset = to_integer(in.argument(0));
  const auto length = in.argument(1).nil() ? 1 : to_integer(in.argument(1));
  if (!offset || !length) {
    in.fail("`slice` needs whole numbers");
    return std::nullopt;
  }
  const auto from = *offset < 0 ? *offset + size : *offset;
  if (from < 0 || from > size || *length < 0) return std::nullopt;
  return std::pair{from, std::min(*length, size - from)};
}

Value slice(const FilterInput& in) {
  if (in.value.is_list()) {
    const auto part = slice_of(in, count(in.value));
    std::vector<Value> items;
    for (std::int64_t i = 0; part && i < part->second; ++i) items.push_back(item(in.value, part->first + i));
    return list_of(in, std::move(items));
  }
  const auto text = in.text();
  const auto part = slice_of(in, static_cast<std::int64_t>(count_code_points(text)));
  if (!part) return Value::of(std::string_view());
  const auto rest = text.substr(bytes_of(text, part->first));
  return Value::of(rest.substr(0, bytes_of(rest, part->second)));
}

Value truncate(const FilterInput& in) {
  if (in.value.nil()) return {};
  const auto text = in.text();
  const auto length = in.has(0) ? to_integer(in.argument(0)) : 50;
  if (!length) return in.fail("`truncate` needs a whole number");
  const auto ending = in.has(1) ? in.text(1) : std::string_view("...");
  if (static_cast<std::int64_t>(count_code_points(text)) <= *length) return Value::of(text);
  const auto kept = std::max<std::int64_t>(0, *length - static_cast<std::int64_t>(count_code_points(ending)));
  return in.made(std::string(text.substr(0, bytes_of(text, kept))).append(ending));
}

Value truncatewords(const FilterInput& in) {
  if (in.value.nil()) return {};
  const auto text = in.text();
  const auto wanted = in.has(0) ? to_integer(in.argument(0)) : 15;
  if (!wanted) return in.fail("`truncatewords` needs a whole number");
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(1, *wanted));
  const auto words = words_of(text);
  if (words.size() <= count) return Value::of(text);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.append(i > 0 ? " " : "").append(words[i].text());
  return in.made(out.append(in.has(1) ? in.text(1) : std::string_view("...")));
}

Value url_encode(const FilterInput& in) {
  if (in.value.nil()) return {};
  std::string out;
  for (const auto part : baton::split(in.text(), ' ')) out.append(percent_encode(part)).push_back('+');
  out.pop_back();
  return in.made(std::move(out));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Value url_decode(const FilterInput& in) {
  if (in.value.nil()) return {};
  const auto text = in.text();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  if (!is_utf8(out)) return in.fail("the decoded text is not valid UTF-8");
  return in.made(std::move(out));
}

std::string swapped(std::string text, std::string_view from, std::string_view to) {
  for (auto& c : text) {
    if (const auto at = from.find(c); at != kNowhere) c = to[at];
  }
  return text;
}

Value decoded(const FilterInput& in, std::string_view base64) {
  auto bytes = from_base64(base64);
  if (!bytes) return in.fail("this is not valid base64");
  if (!is_utf8(*bytes)) return in.fail("the decoded text is not valid UTF-8");
  return in.made(std::move(*bytes));
}

Value base64_encode(const FilterInput& in) { return in.made(to_base64(in.text())); }
Value base64_decode(const FilterInput& in) { return decoded(in, in.text()); }
Value base64_url_safe_encode(const FilterInput& in) {
  return in.made(swapped(to_base64(in.text()), "+/", "-_"));
}
Value base64_url_safe_decode(const FilterInput& in) {
  auto text = swapped(std::string(in.text()), "-_", "+/");
  while (text.size() % 4 != 0) text.push_back('=');
  return decoded(in, text);
}

Value otherwise(const FilterInput& in) {
  const bool missing = in.allow_false ? in.value.nil() : !in.value.truthy();
  if (!missing && !is_empty(in.value)) return in.value;
  return in.has(0) ? in.argument(0) : Value::of(std::string_view());
}

constexpr FilterRule kTextFilters[] = {
    {"append", 1, 1, append},
    {"base64_decode", 0, 0, base64_decode},
    {"base64_encode", 0, 0, base64_encode},
    {"base64_url_safe_decode", 0, 0, base64_url_safe_decode},
    {"base64_url_safe_encode", 0, 0, base64_url_safe_encode},
    {"capitalize", 0, 0, capitalize},
    {"default", 0, 1, otherwise, nullptr, Yields::same},
    {"downcase", 0, 0, downcase},
    {"escape", 0, 0, escape, write_escape},
    {"escape_once", 0, 0, escape_once},
    {"h", 0, 0, escape, write_escape},
    {"lstrip", 0, 0, lstrip},
    {"newline_to_br", 0, 0, newline_to_br},
    {"prepend", 1, 1, prepend},
    {"remove", 1, 1, remove},
    {"remove_first", 1, 1, remove_first},
    {"remove_last", 1, 1, remove_last},
    {"replace", 1, 2, replace},
    {"replace_first", 1, 2, replace_first},
    {"replace_last", 2, 2, replace_last},
    {"rstrip", 0, 0, rstrip},
    {"slice", 1, 2, slice, nullptr, Yields::same},
    {"split", 1, 1, split},
    {"squish", 0, 0, squish},
    {"strip", 0, 0, strip},
    {"strip_html", 0, 0, strip_html},
    {"strip_newlines", 0, 0, strip_newlines},
    {"truncate", 0, 2, truncate},
    {"truncatewords", 0, 2, truncatewords},
    {"upcase", 0, 0, upcase},
    {"url_decode", 0, 0, url_decode},
    {"url_encode", 0, 0, url_encode},
};

}  // namespace

std::span<const FilterRule> text_filters() { return kTextFilters; }

}  // namespace baton::mappings
