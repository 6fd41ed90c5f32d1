// Purpose: how a ticket stands, for the case that its webhook was lost. Owner: connector.cc. Threads: any.
// Errors: an answer that cannot be read is `retryable`. Source: fact sheet zendesk, sections 3.3, 3.5, 6.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::zendesk {

// {"state": "open" | "solved" | "gone" | "merged", "by", "by_id": of an open one, "text", "at",
// "replies": [{"id", "who", "who_name", "text"}], the oldest first; none where the comments cannot be read}
Task<nlohmann::json> read_status(const sdk::Order& order, sdk::ReadSession& session);

}  // namespace baton::zendesk
