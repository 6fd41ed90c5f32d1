// Purpose: the filters, each with its name, how many arguments it takes and what it does. The list is
// complete: what is not in it is an error when a template is parsed.
// Owner: constants. Threads: any. Errors: a filter that cannot go on calls Run::fail and yields nil.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/engine/run.h"

namespace baton::mappings {

struct FilterInput {
  Run& run;
  Value value;
  std::span<const Value> arguments;  // by position
  bool allow_false = false;          // the one named argument there is, of `default`

  bool has(std::size_t index) const { return index < arguments.size(); }
  Value argument(std::size_t index) const { return has(index) ? arguments[index] : Value(); }
  std::string_view text() const { return to_text(value, run.arena()); }
  std::string_view text(std::size_t index) const { return to_text(argument(index), run.arena()); }
  // A text that the filter made.
  Value made(std::string text) const { return Value::of(run.arena().keep(std::move(text))); }
  Value fail(std::string message) const {
    run.fail(std::move(message));
    return {};
  }
};

// What a filter leaves for the static check of paths to know about its result.
enum class Yields : std::uint8_t { anything, same, item };

struct FilterRule {
  std::string_view name;
  std::uint8_t min_arguments;
  std::uint8_t max_arguments;
  Value (*apply)(const FilterInput& input);
  // Writes the result at once, where the filter is the last one of an output; may be null.
  void (*write)(const FilterInput& input, Buffer& out) = nullptr;
  Yields yields = Yields::anything;
};

const FilterRule* find_filter(std::string_view name);  // null if there is none
std::vector<std::string> filter_names();

// The tables of the files that hold them.
std::span<const FilterRule> text_filters();
std::span<const FilterRule> number_filters();
std::span<const FilterRule> list_filters();
std::span<const FilterRule> time_filters();
std::span<const FilterRule> own_filters();

// For own filters and documents: escapes for HTML text and attributes; line ends become <br>.
void write_html(std::string_view text, Buffer& out);

}  // namespace baton::mappings
