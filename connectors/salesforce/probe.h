// Purpose: whether a destination will work: session, our field on Case, rights, mapped values. And makes that
// field. Source: fact sheet salesforce, sections 4 and 9. Owner: none. Threads: any.
// Errors: each is a finding with what a person does about it.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::salesforce {

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session);
Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session);

}  // namespace baton::salesforce
