// Purpose: the ids that we choose for Linear's objects. A second create with a used id fails, so an id that
// follows from what is meant makes a repetition harmless (fact sheet linear, section 4).
// Owner: none. Threads: any; pure. Units: bytes, hex where it says so. Errors: none.
#pragma once

#include <string>
#include <string_view>

namespace baton::linear {

// "8d3c2b1a-4f5e-4a6b-9c7d-0e1f2a3b4c5d": the first 16 bytes of the key's digest in the form of a UUID of
// version 4, which is the only one that Linear takes.
std::string uuid_of(std::string_view key);

// Twelve hex digits that stand for a defect, whatever words describe it.
std::string fingerprint_of(std::string_view defect);

}  // namespace baton::linear
