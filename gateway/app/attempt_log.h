// Purpose: one line of the log for each attempt: what was tried where, how it ended, and the ids by which a
// vendor's and a platform's own logs can be searched for it.
// Owner: each generation's delivery station calls it. Threads: the delivery loop. Errors: none.
#pragma once

#include "gateway/delivery/worker.h"

namespace baton::app {

// Failures at info, successes at debug. Details were redacted when they were kept, and are again.
void log_attempt(const delivery::Outcome& outcome);

}  // namespace baton::app
