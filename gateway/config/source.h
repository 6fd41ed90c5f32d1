// Purpose: the text of one configuration file as lines: turns byte offsets and the parser's marks
// into positions that a person finds in an editor, and says what no YAML parser should see.
// Owner: parse(). Threads: a plain value that views the text it was made of.
// Errors: optionals and clamped positions; it never fails.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/model/node.h"

namespace baton::config {

class Source {
 public:
  Source(std::string_view text, std::string name);

  // `line` and `column` count from 0, the column in bytes, as yaml-cpp's marks do.
  Position at(int line, int column) const;
  Position at_offset(std::size_t offset) const;
  std::size_t offset(int line, int column) const;
  std::string_view line(int number) const;  // from 0; "" outside of the text
  std::string_view text() const { return text_; }
  const std::string& name() const { return name_; }

 private:
  std::string_view text_;
  std::string name_;
  std::vector<std::size_t> starts_;  // of each line
};

// What makes the text unfit for any parser: size, encoding, control characters.
std::optional<Problem> unreadable(const Source& source);

// JSON's \uD83D\uDE00 as YAML's \U0001F600: the only JSON that YAML does not understand. Two columns
// shorter, so positions after one on the same line are two too small.
std::string join_surrogates(std::string_view json);

}  // namespace baton::config
