#include "mappings/engine/scalar_place.h"

#include <algorithm>

namespace baton::mappings {
namespace {

// The rest of the file from that line on.
std::string_view from_line(std::string_view source, int line) {
  for (; line > 1; --line) {
    const auto end = source.find('\n');
    if (end == std::string_view::npos) return {};
    source.remove_prefix(end + 1);
  }
  return source;
}

// A block scalar's first line of text and how far it is indented.
Locator locate_block(const Node& scalar, std::string_view after_header, int line) {
  while (!after_header.empty()) {
    const auto text = after_header.substr(0, after_header.find('\n'));
    const auto indent = text.find_first_not_of(' ');
    if (indent != std::string_view::npos && text[indent] != '\r') {
      // Blank lines before the first text are part of the scalar, so counting starts at the header.
      auto at = scalar.at();
      at.line = line;
      at.column = static_cast<int>(indent) + 1;
      return Locator(at, at.column);
    }
    if (text.size() == after_header.size()) break;
    after_header.remove_prefix(text.size() + 1);
  }
  return Locator::only_start(scalar.at());
}

std::string_view take_line(std::string_view& from) {
  const auto end = from.find('\n');
  auto line = from.substr(0, end);
  from.remove_prefix(end == std::string_view::npos ? from.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Whether each line of the text is, behind `indent` characters, a line of the file: a literal block whose
// node stands at the first character of its text, as gateway/config/parse.h says.
bool is_literal_block(std::string_view text, std::string_view file, std::size_t indent) {
  while (!text.empty()) {
    const auto wanted = take_line(text);
    const auto line = take_line(file);
    if (wanted.empty() ? line.find_first_not_of(' ') != std::string_view::npos
                       : line.size() < indent || line.substr(indent) != wanted) {
      return false;
    }
  }
  return true;
}

}  // namespace

Locator locate_scalar(const Node& scalar, std::string_view source) {
  const auto& at = scalar.at();
  const bool several_lines = scalar.text().find('\n') != std::string::npos;
  if (at.line == 0) return Locator::only_start(at);
  if (source.empty()) {
    if (several_lines) return Locator::only_start(at);
    return Locator({at.file, at.line, at.column + (scalar.quoted() ? 1 : 0)});
  }
  const auto rest = from_line(source, at.line);
  const auto line = rest.substr(0, rest.find('\n'));
  const auto column = static_cast<std::size_t>(std::max(0, at.column - 1));
  const auto here = column < line.size() ? line.substr(column) : std::string_view();
  if (here.starts_with('|')) {
    if (line.size() == rest.size()) return Locator::only_start(at);
    return locate_block(scalar, rest.substr(line.size() + 1), at.line + 1);
  }
  if (several_lines && is_literal_block(scalar.text(), rest, column)) return Locator(at, at.column);
  const bool quoted = here.starts_with('"') || here.starts_with('\'');
  const auto inside = quoted ? here.substr(1) : here;
  if (!inside.starts_with(scalar.text())) return Locator::only_start(at);
  return Locator({at.file, at.line, at.column + (quoted ? 1 : 0)});
}

}  // namespace baton::mappings
