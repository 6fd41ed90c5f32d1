// Purpose: verifies and reads HubSpot's webhooks. Owner: connector.cc. Threads: any; pure.
// Errors: `rejected` for what is forged, late or not JSON.
// Source: fact sheet hubspot, section 7.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::hubspot {

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings);

// The address as HubSpot signs it: twelve escapes decoded, and no others.
std::string signed_form(std::string_view url);

}  // namespace baton::hubspot
