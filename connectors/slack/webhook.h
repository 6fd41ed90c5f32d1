// Purpose: verifies and reads what Slack sends: clicks on a card, its set-up requests, and a command that it
// can only answer. Owner: connector.cc. Threads: any; pure. Errors: `rejected` for what is forged, late or
// malformed. Source: fact sheet slack, section 7.
#pragma once

#include "connectors/sdk/connector.h"
#include "gateway/base/json_view.h"

namespace baton::slack {

// Why the request is none of Slack's, or too old; nothing if it is signed and new.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys);
// What Slack wants to hear before it sends anything.
Reply answer_challenge(JsonView body);

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys);

}  // namespace baton::slack
