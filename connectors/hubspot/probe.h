// Purpose: finds out whether a destination's token and account have what Baton needs, and makes the one
// property that can be made. Owner: connector.cc. Threads: any. Errors: findings. Source: fact sheet hubspot,
// sections 2, 3.2, 3.4, 4 and 9.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::hubspot {

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session);
Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session);

}  // namespace baton::hubspot
