// Purpose: whether the app's token, its scopes and its place in the channel are what Baton needs, and joining
// a public channel that it is not in. Owner: connector.cc. Threads: any. Errors: a failure is a finding.
// Source: fact sheet slack, sections 2, 3.4 and 9.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::slack {

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session);
// Joins the channel if it is a public one.
Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session);

// users.lookupByEmail (section 3.4).
Task<std::string> find_person(std::string email, sdk::ReadSession& session);

}  // namespace baton::slack
