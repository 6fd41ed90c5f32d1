// Purpose: verifies and reads what Slack sends: clicks on a card, its set-up requests, and the command by which
// people tell Baton whether they are there. Owner: connector.cc. Threads: any; pure. Errors: `rejected` for what is forged, late or
// malformed. Source: fact sheet slack, section 7.
#pragma once

#include "connectors/sdk/connector.h"
#include "gateway/base/json_view.h"

namespace baton::slack {

// Why the request is none of Slack's, or too old; nothing if it is signed and new.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys);
// What Slack wants to hear before it sends anything.
Reply answer_challenge(JsonView body);

// Old configurations are probed without a signature; the answer says nothing and changes nothing.
bool is_ssl_check(const RawRequest& request);

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings);

}  // namespace baton::slack
