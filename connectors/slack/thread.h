// Purpose: a thread in Slack as a conversation: its id, its messages, their text as people read it.
// Owner: connector.cc, events.cc. Threads: any; all but fetch_transcript is pure.
// Errors: `rejected` for an id that names no thread; a page that cannot be read is what read said of it.
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

// At most 500 messages, the newest, oldest first. Whoever wrote first is the customer, other people are
// agents; apps are the AI, but what Baton wrote is the system's.
Task<nlohmann::json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session);

}  // namespace baton::slack
