// Purpose: verifies Stripe's events. Owner: connector.cc. Threads: any; pure.
// Errors: `rejected` for what is forged, late or malformed. Source: fact sheet stripe, section 7.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::stripe {

// An event has the shape of the endpoint's own API version, so nothing in it is taken but its id, its type
// and whose it is: a hint, upon which the context is read anew. Every genuine event must be answered, or
// Stripe repeats it.
Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys);

}  // namespace baton::stripe
