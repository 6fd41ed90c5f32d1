// Purpose: reads what a generic desk tells us about its tickets. Owner: connector.cc. Threads: any; pure.
// Errors: `rejected` for what is forged, late or malformed.
// Source: fact sheet standard-webhooks, sections 3.2 to 3.4; the event types are ours.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::standard_webhooks {

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys);

}  // namespace baton::standard_webhooks
