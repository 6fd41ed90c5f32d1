// Purpose: what somebody else wrote, made fit to stand in a message to a customer: one line, no markup, no
// mention, no link, cut at a word. Pure. Owner: the messages. Threads: any. Units: bytes of UTF-8. Errors:
// none.
#pragma once

#include <string>
#include <string_view>

namespace baton::handoff {

std::string plain(std::string_view text, std::size_t most);

// The same of a person's name; "" for what is no name but an id or an address, which customers shall not see.
std::string plain_name(std::string_view text);

// "double_charge" -> "double charge".
std::string plain_slug(std::string_view text, std::size_t most);

}  // namespace baton::handoff
