// Purpose: verifies and reads Zendesk's ticket events. Owner: connector.cc. Threads: any; pure.
// Errors: `rejected` for what is forged, late or not JSON.
// Source: fact sheet zendesk, section 7.1.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::zendesk {

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings);

}  // namespace baton::zendesk
