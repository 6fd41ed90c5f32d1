// Purpose: finds out whether a destination's key can read what a context needs. Owner: connector.cc.
// Threads: any. Errors: findings. Source: fact sheet stripe, sections 2 and 9.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::stripe {

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session);

}  // namespace baton::stripe
