// Purpose: a text that is longer than one message may be, as several that a person reads one after the other.
// Owner: none. Threads: any; pure. Errors: none.
// Units: UTF-16 units, which is how some platforms count characters; to those that count code points it is
// the same or less.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace baton::sdk {

// Each of at most `longest` units, cut where a person would breathe; at most `most` of them, of which the
// last ends in an ellipsis if there was more. None of a text that says nothing. `text` is valid UTF-8.
std::vector<std::string> parts_of(std::string_view text, std::size_t longest, std::size_t most);

// The name of a message's step and what makes its key another one: "" of the first, "/2" of the second.
std::string part_number(std::size_t index);

}  // namespace baton::sdk
