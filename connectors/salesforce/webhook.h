// Purpose: reads the callout that a flow in the org makes when a case is closed or gets an owner, and the
// outbound message that says that a case changed. Salesforce signs neither: a shared header, and a secret in
// the address, are all the proof there is. Source: fact sheet salesforce, sections 7.1 and 7.2.
// Owner: none. Threads: any. Errors: `rejected` for a wrong token, a late callout and a malformed one.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::salesforce {

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings);

}  // namespace baton::salesforce
