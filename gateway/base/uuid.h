// Purpose: ids that sort by the time at which they were made (UUID version 7, RFC 9562).
// Owner: the caller. Threads: those of the Random given. Errors: none.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/random.h"
#include "gateway/base/time.h"

namespace baton {

// "<prefix>_<32 hex digits>", for example hof_018f3c...; unique by 74 random bits per millisecond.
std::string make_id(std::string_view prefix, TimePoint now, Random& random);

}  // namespace baton
