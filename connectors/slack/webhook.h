// Purpose: verifies and reads what Slack sends: clicks on a card, and its set-up requests.
// Owner: connector.cc. Threads: any; pure. Errors: `rejected` for what is forged, late or malformed.
// Source: fact sheet slack, section 7.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::slack {

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys);

}  // namespace baton::slack
