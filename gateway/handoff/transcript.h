// Purpose: the whole conversation as a text file, where it is too long to stand in a ticket. Pure.
// Owner: delivery, where the vendor takes files. Threads: any. Units: bytes of UTF-8. Errors: none.
#pragma once

#include <cstddef>
#include <string>

#include "gateway/base/json_view.h"

namespace baton::handoff {

// More than an agent reads in a ticket: 40 messages, or 20,000 bytes of their text.
bool is_long(JsonView transcript);

// A line a message, "2026-09-01T10:15:25Z Ada (customer): ...", attachments named with their addresses. The
// newest that fit into `most` bytes; its first line says how many do not.
std::string as_file(JsonView transcript, std::size_t most);

}  // namespace baton::handoff
