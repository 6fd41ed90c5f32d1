// Purpose: asks Freshdesk whether the destination will work, and makes the custom field if it is missing.
// Owner: connector.cc. Threads: any. Errors: findings, each with what a person does about it.
// Source: fact sheet freshdesk, sections 2, 4 and 9.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::freshdesk {

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session);
Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session);

}  // namespace baton::freshdesk
