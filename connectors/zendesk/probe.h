// Purpose: finds out whether a destination's credential can do what Baton needs. Owner: connector.cc.
// Threads: any. Errors: findings. Source: fact sheet zendesk, sections 2.3, 3.7 and 9.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::zendesk {

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session);

}  // namespace baton::zendesk
