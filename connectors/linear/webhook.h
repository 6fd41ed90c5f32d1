// Purpose: what Linear tells by webhook: an issue is done, open again, or somebody has taken it.
// Source: fact sheet linear, section 7. Owner: connector.cc. Threads: any; pure.
// Errors: `rejected` for what is forged, late or no JSON.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::linear {

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings);

}  // namespace baton::linear
