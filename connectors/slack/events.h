// Purpose: Slack as a chat platform, where an AI answers in threads: a person's wish for a human becomes a
// handoff, and what they write below it afterwards is added. A conversation's id is "<channel>:<ts>" of the
// thread's first message. Two ways to ask, both named `baton_handoff`: a button of the AI's own message
// (action_id), and a message shortcut (callback_id).
// Owner: connector.cc. Threads: any; pure. Errors: `rejected` for what is forged, late or malformed.
// Source: fact sheet slack, section 7; fact sheet ingress, section 4.11.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::slack {

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys);

}  // namespace baton::slack
