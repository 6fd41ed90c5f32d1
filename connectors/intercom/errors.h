// Purpose: what Intercom's refusals mean. Owner: connector.cc. Threads: any; pure.
// Source: fact sheet intercom, sections 5 and 6.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::intercom {

std::optional<Failure> classify(const sdk::Exchange& seen);
sdk::Quota quota(const Reply& reply);

}  // namespace baton::intercom
