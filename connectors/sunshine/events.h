// Purpose: Sunshine Conversations' webhooks (v2, several events in one request) in Baton's words.
// Owner: connector.cc. Threads: any. Errors: `rejected` for what is not genuine or cannot be read.
// Source: fact sheet ingress, section 4.3; fact sheet zendesk, section 7.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::sunshine {

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings);

}  // namespace baton::sunshine
