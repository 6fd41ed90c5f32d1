// Purpose: whether the destination will work, by the cheapest calls. Owner: connector.cc. Threads: any.
// Errors: a refusal is a finding. Source: fact sheet intercom, sections 2, 3.6 and 9.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::intercom {

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session);

}  // namespace baton::intercom
