// Purpose: Slack as a chat platform, where an AI answers in threads: a person's wish for a human becomes a
// handoff, and what they write afterwards is added. Ways to ask: a button of the AI's own message (action_id
// `baton_handoff`), a message shortcut (callback_id `baton_handoff`), the slash command `ask_command`, to
// mention the app, or one of `ask_words`. A wish carries no transcript: the thread is fetched, with all that
// was said to the AI before. A conversation's id is "<channel>:<ts>" of the thread's first
// message; direct messages outside of threads, and slash commands, which belong to no thread, are the
// conversation with that person, whose id it is. Owner: connector.cc. Threads: any; pure. Errors: `rejected`
// for what is forged, late or malformed. Source: fact sheet slack, section 7; fact sheet ingress, sections 2
// and 4.11.
#pragma once

#include "connectors/sdk/connector.h"

namespace baton::slack {

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings);

}  // namespace baton::slack
