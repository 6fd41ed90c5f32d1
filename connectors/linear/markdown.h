// Purpose: Markdown in which nothing that a customer typed does anything: no markup, no mention, no link, no
// picture, no cross reference. A mapping says what stands where as blocks; this writes them.
// Source: fact sheet linear, section 8 (Markdown; lengths are ours, Linear publishes none).
// Owner: none. Threads: any; pure. Units: characters (code points) and bytes, as named. Errors: none; what
// is no block is left out.
//
// Blocks, each an object with one of these keys; texts in them are shown as they were typed:
//   {heading: text}              dropped when nothing follows it
//   {text: text}                 a paragraph; line ends stay
//   {list: [text, ...]}
//   {facts: [{name, value} or {name, exact}, ...]}   `exact` in a code span, to be copied
//   {code: text}                 a fenced block
//   {quote: [{who, text}, ...]}  who said what; too long: the oldest go first
//   {link: {title, url}}         https and http only
//   {markdown: text}             as it is: for words of the mapping's own, never for a customer's
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/base/json_view.h"

namespace baton::linear {

struct Room {
  std::size_t max_chars;
  std::size_t max_bytes;
};
inline constexpr Room kDescription{30'000, 40'000};
inline constexpr Room kComment{20'000, 40'000};

std::string escaped(std::string_view text);
std::string code_span(std::string_view text);

// A list of blocks, or one text, which is taken as {text}. `last` stands at the end whatever is cut.
std::string render(JsonView blocks, const Room& room, std::string_view last = {});

// One line of plain text for titles, at most so many characters.
std::string one_line(std::string_view text, std::size_t max_chars);

}  // namespace baton::linear
