// Purpose: whether a destination will work, asked by a few cheap reads: the credential, the workspace, the
// team and the labels. Source: fact sheet linear, sections 2, 3.1 and 9.
// Owner: connector.cc. Threads: any. Errors: findings; the Task fails only if nothing could be asked.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::linear {

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session);

// The names in the setting `labels`.
std::vector<std::string> label_names(const sdk::Settings& settings);

}  // namespace baton::linear
