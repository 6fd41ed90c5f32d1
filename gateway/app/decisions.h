// Purpose: the decision rules: the files that ship, which are part of the binary, and the operator's own,
// which replace them file by file; and the `decisions` section of baton.yaml, which says who plays which
// role. Owner: the installation. Threads: immutable after loading. Errors: Problems with file, line, column;
// cases that are decided otherwise are among them.
#pragma once

#include <string>
#include <vector>

#include "gateway/handoff/decide.h"
#include "gateway/model/node.h"

namespace baton::app {

// `decisions: {folder: my-decisions, teams: {billing: finance}}`; both may be left out. A role that nobody
// plays names no team: then the routes decide.
handoff::DecisionRules load_decisions(const Node& section, const std::vector<std::string>& teams,
                                      Problems& problems);

}  // namespace baton::app
