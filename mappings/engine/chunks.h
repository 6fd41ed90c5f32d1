// Purpose: cuts a template into text, outputs and tags, with white space trimmed where a dash says so.
// In a `liquid` tag each line is a tag. Owner: the parser. Threads: one. Units: offsets in the source.
#pragma once

#include <cstdint>
#include <string_view>

namespace baton::mappings {

struct Chunk {
  enum class Kind : std::uint8_t { end, text, output, tag, unclosed_output, unclosed_tag, nameless_tag };
  Kind kind = Kind::end;
  std::uint32_t at = 0;     // where it begins
  std::string_view text;    // of text
  std::string_view name;    // of a tag
  std::string_view markup;  // between name and end
  std::uint32_t markup_at = 0;
};

class Chunks {
 public:
  Chunks(std::string_view source, std::uint32_t begin, std::uint32_t end, bool lines)
      : source_(source.substr(0, end)), at_(begin), lines_(lines) {}

  Chunk next();
  bool lines() const { return lines_; }

  // The source up to the tag `name`, which is taken too; false if it never comes. Nothing in between
  // is looked at. `nested` stops at a tag of that name instead and says so.
  bool skip_to(std::string_view name, std::string_view& body);

 private:
  Chunk next_line();
  Chunk text_until(std::size_t end);
  Chunk output();
  Chunk tag();

  std::string_view source_;
  std::size_t at_;
  bool lines_;
  bool trim_ = false;
};

}  // namespace baton::mappings
