// Purpose: what Liquid strips: blanks, line ends and NUL. Pure. Owner: none. Threads: any. Errors: none.
#pragma once

#include <string_view>

namespace baton::mappings {

inline constexpr std::string_view kBlanks(" \t\n\v\f\r\0", 7);

inline std::string_view left_stripped(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

inline std::string_view right_stripped(std::string_view text) {
  const auto last = text.find_last_not_of(kBlanks);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

}  // namespace baton::mappings
