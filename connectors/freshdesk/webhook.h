// Purpose: verifies and reads what Freshdesk's automations send. Owner: connector.cc. Threads: any; pure.
// Errors: `rejected` for what is forged or not JSON.
// Source: fact sheet freshdesk, section 7.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::freshdesk {

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings);

}  // namespace baton::freshdesk
