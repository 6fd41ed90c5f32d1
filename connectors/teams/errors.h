// Purpose: what the answers of a Workflows trigger ask us to do. Owner: connector.cc. Threads: any; pure.
// Source: fact sheet microsoft-teams, sections 4, 5 and 6.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::teams {

std::optional<Failure> classify(const sdk::Exchange& seen);

// Whether the same news, cut, may pass.
bool is_too_large(const Failure& failure);

// Whether the flow itself said that its address is no good, or nobody is there.
bool is_about_the_address(const Failure& failure);

}  // namespace baton::teams
