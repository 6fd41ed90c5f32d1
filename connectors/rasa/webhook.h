// Purpose: the calls of a Rasa bot's custom actions, of which Baton is the action server. Owner:
// connector.cc. Threads: any; pure. Errors: `rejected` for what does not know the token or is no call.
// Source: fact sheet ingress, section 4.5; Rasa's OpenAPI of the action server.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::rasa {

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings);

}  // namespace baton::rasa
