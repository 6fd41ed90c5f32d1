// Purpose: a thread in Slack as a conversation: its id, its messages, their text as people read it.
// Owner: connector.cc, events.cc. Threads: any; all but fetch_transcript is pure.
// Errors: `rejected` for an id that names no thread, or one that the app may not read; else what read said.
// Source: fact sheet slack, sections 3.4, 7 and 8; fact sheet ingress, section 8.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/connector.h"
#include "gateway/base/json_view.h"

namespace baton::slack {

// Whether an app wrote it: Baton, the AI, any other.
bool is_app(JsonView message);

// The entities decoded, links and mentions as words.
std::string plain(std::string_view mrkdwn);

// {"id", "at"?, "role", "author"?, "text"} of one of Slack's messages.
nlohmann::json transcript_entry(JsonView message, std::string_view role);

// At most 500 messages, the newest, oldest first. The customer is whom `customer.id` of the subject names,
// else whose direct messages they are, else whoever wrote first; other people are agents; apps are the AI,
// but what Baton wrote is the system's. A name and an address are told only where it is certain whose they
// are: what is fetched is joined with what the event says, and that may be about another person of the
// thread. A channel that the app may not read fails this conversation alone, and parks nothing.
Task<nlohmann::json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session);

}  // namespace baton::slack
