// Purpose: verifies Twilio's webhooks and hands what they say to events.cc. Owner: connector.cc.
// Threads: any; pure. Errors: `rejected` for what is forged or cannot be read.
// Source: fact sheet ingress, section 4.7.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::twilio {

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings);

}  // namespace baton::twilio
