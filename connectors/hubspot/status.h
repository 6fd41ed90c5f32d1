// Purpose: how a ticket stands, for the case that its webhook was lost, and who people are. Owner:
// connector.cc. Threads: any. Errors: an answer that cannot be read is `retryable`. Source: fact sheet
// hubspot, sections 3.3, 3.4, 6.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::hubspot {

// {"state": "open" | "solved" | "gone", "by", "text", "at"}, and of an open one "by_id", the owner as a claim
// names them; HubSpot knows no closing words, nor what was said to the customer.
Task<nlohmann::json> read_status(const sdk::Order& order, sdk::ReadSession& session);

// {"id", "name"} of the user who did something, or of the ticket's owner where no notice says who it was.
Task<nlohmann::json> read_person(const sdk::Order& order, sdk::ReadSession& session);

}  // namespace baton::hubspot
