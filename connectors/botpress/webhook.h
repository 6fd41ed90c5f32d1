// Purpose: what the thin integration inside Botpress posts: Baton's published events, signed after Standard
// Webhooks. Owner: connector.cc. Threads: any; pure. Errors: `rejected` for what is forged, late or
// malformed. Source: fact sheet ingress, section 4.4; fact sheet standard-webhooks, sections 3.2 to 3.4.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::botpress {

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys);

}  // namespace baton::botpress
