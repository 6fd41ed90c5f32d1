// Purpose: Rasa's requests and what its answers say: events that are appended to a conversation's tracker,
// and the tracker itself. Owner: connector.cc. Threads: any; everything here is pure. Errors: `rejected` for
// what is no message; an answer to a write or a look-up that cannot be read is `ambiguous`, one to a read
// `retryable`. Source: fact sheet ingress, section 4.5; Rasa's OpenAPI of the HTTP server.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::rasa {

// Where our key stands in an event: below metadata, which the tracker keeps.
inline constexpr std::string_view kKey = "baton_id";

// Of the subject; `rejected` if there is none.
Result<std::string> conversation_of(JsonView subject);

// What the bot says, forwarded to the channel that the customer used last.
Result<sdk::Write> utter(std::string_view conversation, JsonView subject, const std::string& key,
                         std::string_view channel);
sdk::Write pause(std::string_view conversation);
// Fills the slot before it resumes, if there are both a slot and a text.
sdk::Write resume(std::string_view conversation, std::string_view slot, std::string_view text);

sdk::Read read_tracker(std::string_view conversation);

// The tracker that an answer carries; it is one only if it has a list of events.
Result<nlohmann::json> tracker_of(const Reply& reply, FailureKind kind);
Result<sdk::Found> match_uttered(const Reply& reply, std::string_view key);
// A tracker after our events: of a message whether it is there, of pause and resume whether it is so.
Result<Receipt> read_uttered(const Reply& reply, std::string_view key);
Result<Receipt> read_paused(const Reply& reply, std::string_view conversation, bool paused);

}  // namespace baton::rasa
