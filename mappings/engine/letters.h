// Purpose: code points and letter case without a locale. Case covers Latin, Greek, Cyrillic and
// Armenian, by rule; other scripts have none or stay as they are.
// Owner: none. Threads: any. Precondition everywhere: valid UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::mappings {

// Bytes of the first code point, at least 1. Precondition: not empty.
std::size_t next_code_point(std::string_view text);
// Bytes of the first `count` code points, or of all.
std::size_t bytes_of(std::string_view text, std::int64_t count);

std::uint32_t decode(std::string_view code_point);
void encode(std::uint32_t code_point, std::string& out);

std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);
std::string capital_case(std::string_view text);  // the first letter upper, the others lower

}  // namespace baton::mappings
