// Purpose: what is wrong with a brief, as a reader would say it. Owner: the tests beside it. Threads: any;
// pure. Units: bytes of UTF-8. Errors: none; an empty list is a good brief.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/handoff/brief.h"

namespace baton::brief_testing {

// Of a text with the labels of as_text() within `budget`.
std::vector<std::string> lint(std::string_view text, std::size_t budget);

// Of the brief on every surface and of its JSON.
std::vector<std::string> lint(const handoff::Brief& brief);

// The lines of its first part: who, wanted, went wrong, tried, given, next.
std::string first_part(std::string_view text);

}  // namespace baton::brief_testing
