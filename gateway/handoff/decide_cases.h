// Purpose: scenario cases of the decision: a request and what is wanted for it, as `baton check` runs them.
// Owner: the command that runs. Threads: any. Errors: Problems, at the case that is decided otherwise.
#pragma once

#include <cstddef>

#include "gateway/handoff/decide.h"
#include "gateway/model/node.h"

namespace baton::handoff {

// How many cases `file` holds; those that are decided otherwise are reported with what was decided and why.
std::size_t check_decision_cases(const Node& file, const DecisionRules& rules, Problems& problems);

// YAML as the JSON that it means: unquoted true, false, null and numbers are those.
nlohmann::json json_of(const Node& node);

}  // namespace baton::handoff
