// Purpose: reads the callout that a flow in the org makes when a case is closed or gets an owner. Salesforce
// signs nothing: the shared header is all the proof there is. Source: fact sheet salesforce, section 7.1.
// Owner: none. Threads: any. Errors: `rejected` for a wrong token, a late callout and a malformed one.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::salesforce {

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings);

}  // namespace baton::salesforce
