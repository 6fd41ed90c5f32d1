// Purpose: verifies Chatwoot's webhooks and reads what concerns a handoff from them. Owner: connector.cc.
// Threads: any; pure. Errors: `rejected` for what is forged, late or not JSON.
// Source: fact sheet ingress, section 4.1.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::chatwoot {

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings);

}  // namespace baton::chatwoot
