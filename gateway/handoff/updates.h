// Purpose: merging a later event into what a handoff knows. Pure.
// Owner: advance(). Threads: any. Errors: none.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace baton::handoff {

// Merges `update` into `data`: members replace members, a transcript is added to (a message whose
// id is known already is not repeated; each stands behind those that were said before it). Returns the new messages as text, one per line, for a note;
// empty if there are none.
std::string merge_update(nlohmann::json& data, const nlohmann::json& update);

}  // namespace baton::handoff
