// Purpose: what HubSpot's answers ask us to do. Owner: connector.cc. Threads: any; pure.
// Source: fact sheet hubspot, sections 5 and 6.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::hubspot {

std::optional<Failure> classify(const sdk::Exchange& seen);

sdk::Quota quota(const Reply& reply, TimePoint at);

}  // namespace baton::hubspot
