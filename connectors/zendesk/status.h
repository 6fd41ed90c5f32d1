// Purpose: how a ticket stands, for the case that its webhook was lost. Owner: connector.cc. Threads: any.
// Errors: an answer that cannot be read is `retryable`. Source: fact sheet zendesk, sections 3.3, 3.5, 6.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::zendesk {

// {"state": "open" | "solved" | "gone", "by", "text", "at"}
Task<nlohmann::json> read_status(const sdk::Order& order, sdk::ReadSession& session);

}  // namespace baton::zendesk
