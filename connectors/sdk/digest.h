// Purpose: SHA-256 for connectors: an id that follows from what is meant, a body that an address names.
// Owner: none. Threads: any; pure. Units: bytes. Errors: none; nothing secret goes through it.
#pragma once

#include <string>
#include <string_view>

namespace baton::sdk {

std::string sha256(std::string_view message);  // 32 bytes

}  // namespace baton::sdk
