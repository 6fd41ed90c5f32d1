// Purpose: two parts of a brief that are long enough to stand alone. Pure. Owner: brief.cc. Threads: any.
// Units: bytes. Errors: none.
#pragma once

#include <string>

#include "gateway/handoff/brief.h"

namespace baton::handoff {

// Says nothing that is not so: who has no conversation does not claim to have read one.
std::string opening_line(JsonView data, const Brief& brief, const Talk& talk);

// Fills completeness, by_source, missing and not_known. `known` is what known() gave.
void score(const Handoff& handoff, JsonView known, TimePoint now, Brief& brief);

}  // namespace baton::handoff
