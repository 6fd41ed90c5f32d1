// Purpose: HTML that is longer than a vendor takes, cut so that it stays HTML and most of it stays. What is
// said first matters most, so the end goes.
// Owner: none. Threads: any; pure. Units: bytes of UTF-8. Errors: none.
#pragma once

#include <string>
#include <string_view>

namespace baton::sdk {

// Ends between paragraphs where that loses little. A text that is one long paragraph, such as a conversation
// that was fetched late, ends between its lines, or in a line that has no end. `mark`, HTML too, stands
// behind what was cut, within `most`.
std::string cut_html(std::string_view html, std::size_t most, std::string_view mark = {});

}  // namespace baton::sdk
