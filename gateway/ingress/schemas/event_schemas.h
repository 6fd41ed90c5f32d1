// Purpose: the published JSON Schemas (draft 7) as they stand in this folder, embedded in the binary;
// served under /schemas/ and compiled by EventValidator.
// Owner: the binary. Threads: any; constant data. Errors: none.
#pragma once

#include <span>
#include <string_view>

namespace baton {

struct EventSchema {
  std::string_view name;  // "handoff.requested.schema.json"
  std::string_view text;
};

// Sorted by name.
std::span<const EventSchema> event_schemas();

}  // namespace baton
