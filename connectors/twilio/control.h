// Purpose: who has a conversation, kept in its attributes below "baton": what the bot looks at before it
// speaks. Owner: connector.cc. Threads: any; pure. Units: attributes in bytes.
// Errors: as wire.h; `rejected` for attributes that are no object or leave no room: nothing of somebody
// else's is overwritten.
// Source: fact sheet ingress, section 4.7; twilio_conversations_v1.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/step.h"
#include "connectors/twilio/wire.h"

namespace baton::twilio {

// Where our key stands in a message's attributes.
inline constexpr std::string_view kKey = "baton_id";
inline constexpr std::size_t kMostAttributes = 16 * 1024;

struct Control {
  std::string holder;  // "human" or "ai"
  std::string handoff;
  std::string key;         // of this operation: by it the change is found again
  std::string resolution;  // how it was solved, for the bot; may be empty
};

sdk::Read read_conversation(const Place& place);
// The conversation's attributes with ours changed; `reply` is what read_conversation() got.
Result<sdk::Write> set_control(const Place& place, const Reply& reply, const Control& control);
Result<Receipt> read_control(const Reply& reply, const Place& place, std::string_view key);
Result<sdk::Found> match_control(const Reply& reply, const Place& place, std::string_view key);

// Whether the conversation is closed, which is for good: nothing can be written there, and nobody reads it.
bool is_closed(const Reply& reply, const Place& place);

}  // namespace baton::twilio
