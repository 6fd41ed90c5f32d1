// Purpose: when a certificate ends, for whoever watches it. Pure.
// Owner: the caller. Threads: any. Errors: nothing for what is no certificate.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/base/time.h"

namespace baton {

// Of the first certificate in it, the leaf.
std::optional<TimePoint> certificate_ends(std::string_view chain_pem);

}  // namespace baton
