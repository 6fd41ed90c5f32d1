#include "mappings/engine/chunks.h"

#include <algorithm>
#include <utility>
#include "mappings/engine/blanks.h"

namespace baton::mappings {
namespace {

constexpr auto kNone = std::string_view::npos;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view leading_name(std::string_view text) {
  if (text.starts_with('#')) return text.substr(0, 1);
  std::size_t length = 0;
  while (length < text.size() && is_word(text[length])) ++length;
  return text.substr(0, length);
}

}  // namespace

Chunk Chunks::next() {
  if (lines_) return next_line();
  while (at_ < source_.size()) {
    const auto rest = source_.substr(at_);
    if (rest.starts_with("{{")) return output();
    if (rest.starts_with("{%")) return tag();
    auto end = at_;
    do {
      end = source_.find('{', end);
      if (end == kNone) break;
      if (end + 1 < source_.size() && (source_[end + 1] == '{' || source_[end + 1] == '%')) break;
      ++end;
    } while (true);
    auto chunk = text_until(end == kNone ? source_.size() : end);
    if (!chunk.text.empty()) return chunk;
  }
  return {Chunk::Kind::end, static_cast<std::uint32_t>(source_.size()), {}, {}, {}, 0};
}

Chunk Chunks::text_until(std::size_t end) {
  Chunk chunk{Chunk::Kind::text, static_cast<std::uint32_t>(at_), source_.substr(at_, end - at_), {}, {}, 0};
  if (trim_) chunk.text = left_stripped(chunk.text);
  if (end + 2 < source_.size() && source_[end + 2] == '-') chunk.text = right_stripped(chunk.text);
  trim_ = false;
  at_ = end;
  return chunk;
}

Chunk Chunks::output() {
  Chunk chunk{Chunk::Kind::unclosed_output, static_cast<std::uint32_t>(at_), {}, {}, {}, 0};
  const auto end = source_.find("}}", at_ + 2);
  // Only as far as the end, or a text of many outputs would be read once for each of them.
  const auto tag_start = source_.substr(0, end).find("{%", at_ + 2);
  if (end == kNone || tag_start != kNone) {
    at_ = end == kNone ? source_.size() : end + 2;
    return chunk;
  }
  auto begin = at_ + 2;
  auto stop = end;
  if (begin < stop && source_[begin] == '-') ++begin;
  trim_ = stop > begin && source_[stop - 1] == '-';
  if (trim_) --stop;
  trim_ = trim_ || (stop == begin && source_[stop - 1] == '-');
  chunk.kind = Chunk::Kind::output;
  chunk.markup = source_.substr(begin, stop - begin);
  chunk.markup_at = static_cast<std::uint32_t>(begin);
  at_ = end + 2;
  return chunk;
}

Chunk Chunks::tag() {
  Chunk chunk{Chunk::Kind::unclosed_tag, static_cast<std::uint32_t>(at_), {}, {}, {}, 0};
  const auto end = source_.find("%}", at_ + 2);
  if (end == kNone) {
    at_ = source_.size();
    return chunk;
  }
  auto begin = at_ + 2;
  auto stop = end;
  if (begin < stop && source_[begin] == '-') ++begin;
  trim_ = stop > begin && source_[stop - 1] == '-';
  if (trim_) --stop;
  at_ = end + 2;
  const auto inside = left_stripped(source_.substr(begin, stop - begin));
  chunk.name = leading_name(inside);
  chunk.markup = left_stripped(inside.substr(chunk.name.size()));
  chunk.markup_at = static_cast<std::uint32_t>(stop - chunk.markup.size());
  chunk.kind = chunk.name.empty() ? Chunk::Kind::nameless_tag : Chunk::Kind::tag;
  return chunk;
}

Chunk Chunks::next_line() {
  while (at_ < source_.size()) {
    const auto end = std::min(source_.find('\n', at_), source_.size());
    const auto line = left_stripped(source_.substr(at_, end - at_));
    at_ = end + 1;
    if (line.empty()) continue;
    Chunk chunk{
        Chunk::Kind::tag, static_cast<std::uint32_t>(end - line.size()), {}, leading_name(line), {}, 0};
    chunk.markup = left_stripped(line.substr(chunk.name.size()));
    chunk.markup_at = static_cast<std::uint32_t>(end - chunk.markup.size());
    if (chunk.name.empty()) chunk.kind = Chunk::Kind::nameless_tag;
    return chunk;
  }
  return {Chunk::Kind::end, static_cast<std::uint32_t>(source_.size()), {}, {}, {}, 0};
}

bool Chunks::skip_to(std::string_view name, std::string_view& body) {
  if (lines_) {
    const auto start = std::min(at_, source_.size());
    for (auto line = next_line(); line.kind != Chunk::Kind::end; line = next_line()) {
      if (line.name != name) continue;
      body = source_.substr(start, line.at - start);
      return true;
    }
    return false;
  }
  const auto start = std::exchange(at_, source_.size());  // where it stays if the tag never comes
  for (auto open = source_.find("{%", start); open != kNone; open = source_.find("{%", open + 2)) {
    auto inside = source_.substr(open + 2);
    if (inside.starts_with('-')) inside.remove_prefix(1);
    inside = left_stripped(inside);
    if (leading_name(inside) != name) continue;
    const auto end = source_.find("%}", open + 2);
    if (end == kNone) return false;
    // The last such beginning before the end counts: {% endraw {% endraw %} keeps the first as text.
    for (auto later = source_.rfind("{%", end); later > open; later = source_.rfind("{%", later - 1)) {
      if (leading_name(left_stripped(source_.substr(later + 2))) != name) continue;
      open = later;
      break;
    }
    body = source_.substr(start, open - start);
    trim_ = source_[end - 1] == '-';
    at_ = end + 2;
    return true;
  }
  return false;
}

}  // namespace baton::mappings
