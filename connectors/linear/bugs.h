// Purpose: the two operations on a bug report: one issue per defect, and one more customer on it.
// Source: fact sheet linear, sections 3.2 to 3.7 and 4. Owner: connector.cc. Threads: any.
// Errors: Failures, as the steps say.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::linear {

// Of a known defect the issue that is open already; else a new one.
Task<Receipt> file_bug(const sdk::Order& order, sdk::Session& session);
Task<Receipt> link_bug(const sdk::Order& order, sdk::Session& session);

// An issue for this handoff alone, where Linear is the ticket system.
Task<Receipt> open_ticket(const sdk::Order& order, sdk::Session& session);

Task<Receipt> add_comment(const sdk::Order& order, std::string body, sdk::Session& session);

}  // namespace baton::linear
