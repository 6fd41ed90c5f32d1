// Purpose: the fulfilment webhook of a Dialogflow CX agent and what it is answered. Owner: connector.cc.
// Threads: any; pure. Errors: `rejected` for what does not know the token or is no JSON object.
// Source: fact sheet ingress, section 4.6.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::dialogflow {

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings);

}  // namespace baton::dialogflow
