// Purpose: what Slack's error codes ask us to do. Slack answers HTTP 200 with "ok": false; the code
// decides. Owner: connector.cc. Threads: any; pure.
// Source: fact sheet slack, section 6.
#pragma once

#include <string_view>

#include "connectors/sdk/connector.h"

namespace baton::slack {

std::optional<Failure> classify(const sdk::Exchange& seen);

// Whether Slack refused the shape of our message, so that the same words without blocks may pass.
bool refuses_blocks(const Failure& failure);

// Whether Slack refused the channel or the person that it was for, rather than us.
bool refuses_place(const Failure& failure);

// Whether it said that it knows nobody of that address.
bool knows_nobody(const Failure& failure);

// Whether the token lacks a scope.
bool lacks_scope(const Failure& failure);

}  // namespace baton::slack
