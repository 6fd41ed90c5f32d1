// Purpose: keeps secrets in the memory of the process: no core dumps, no look from other processes of
// the same user, no swap where that is allowed (promises K4).
// Owner: app/ calls it once, before the first secret is read. Threads: any. Units: none.
// Errors: what could not be had, as sentences for the log; none is a reason not to start.
#pragma once

#include <string>
#include <vector>

namespace baton::secrets {

std::vector<std::string> keep_memory_private();

}  // namespace baton::secrets
