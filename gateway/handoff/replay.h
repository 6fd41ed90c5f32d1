// Purpose: what a person's "send it again" makes of a dead letter. Pure.
// Owner: the API's replay routes. Threads: any. Errors: none.
#pragma once

#include "gateway/model/job.h"

namespace baton::handoff {

// The job, pending again. A proven non-effect opens the next generation of the intent (rendered
// anew, new native key); otherwise key and bytes stand, and what may have happened is looked up
// first. Where nobody can tell, the person's word counts: the step is sent again.
Job replayed(Job job, TimePoint now);

}  // namespace baton::handoff
