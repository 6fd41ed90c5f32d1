// Purpose: what Stripe's answers mean, where they say more than their status (fact sheet stripe, sections 5,
// 6). Owner: connector.cc. Threads: any; pure.
#pragma once

#include <optional>

#include "connectors/sdk/connector.h"

namespace baton::stripe {

std::optional<Failure> classify(const sdk::Exchange& seen);

}  // namespace baton::stripe
