// Purpose: when a certificate ends, so that somebody hears of it before that. Pure.
// Owner: the caller. Threads: any. Errors: nothing for what is no certificate.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/base/time.h"

namespace baton {

// The earliest end of a chain in PEM: one that has ended in the middle is as bad as any.
std::optional<TimePoint> certificate_ends(std::string_view chain_pem);

}  // namespace baton
