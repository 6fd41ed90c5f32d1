// Purpose: what a failure means for its job: backoff, wait, or dead letter. Pure but for chance.
// Owner: the worker. Threads: any.
#pragma once

#include "gateway/base/random.h"
#include "gateway/model/job.h"

namespace baton::delivery {

inline constexpr auto kFirstBackoff = Duration{2s};
inline constexpr auto kLongestBackoff = Duration{1h};
inline constexpr auto kSpan = Duration{76h};               // from the first attempt; only then a dead letter
inline constexpr auto kLongestVendorWait = Duration{26h};  // what a vendor may ask us to wait

// The job after a failed attempt: due later with full jitter, or ended. `misconfigured` keeps a
// delivery pending: its lane is parked until a person acts, and no attempt is counted.
Job after(Job job, const Failure& failure, TimePoint now, Random& random);

}  // namespace baton::delivery
