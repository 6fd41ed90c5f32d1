// Purpose: the `bugs` section of the configuration: when an error becomes a bug report, and how urgent.
// Owner: app. Threads: any; pure. Errors: all mistakes as Problems; what is wrong keeps its default.
//
//   bugs:
//     file: threshold            # or: first, the first occurrence is filed
//     threshold: { customers: 3, within: 1d }
//     at_once: { codes: [PSP-502], tiers: [enterprise] }
//     raise:
//       - { customers: 5, priority: high }
//       - { customers: 20, priority: urgent }
//       - { value: 100000, priority: urgent }
//     settles: 1h                # met again so soon after the fix, it is not back yet
#pragma once

#include "gateway/handoff/known_bug.h"
#include "gateway/model/node.h"

namespace baton::handoff {

BugPolicy read_bug_policy(const Node& section, Problems& problems);

}  // namespace baton::handoff
