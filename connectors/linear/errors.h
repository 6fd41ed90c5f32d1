// Purpose: what Linear's answers mean for the caller. Success is HTTP 200 without `errors`; refusals come
// with 200 and with 400 alike, so the body decides (fact sheet linear, sections 4 to 6). Owner: connector.cc.
// Threads: any; pure. Errors: as classified.
#pragma once

#include <string_view>

#include "connectors/sdk/connector.h"

namespace baton::linear {

// The budget of the searches, thirty a minute (section 3.3).
inline constexpr std::string_view kSearches = "searches";

std::optional<Failure> classify(const sdk::Exchange& seen);
sdk::Quota quota(const Reply& reply);

// Whether the answer to a create says that the id is taken: it had worked before.
bool is_conflict(const Reply& reply);
// The same, and nothing in it speaks of another id than this one.
bool is_conflict_on(const Reply& reply, std::string_view id);

// Whether this is not to be had in this workspace (plan, scope), so that the rest goes on without it.
bool is_unavailable(const Failure& failure);
// Whether another attempt may have what this one had not.
bool is_passing(const Failure& failure);

}  // namespace baton::linear
