// Purpose: what Baton asks of Twilio Conversations, and how its answers read. Owner: connector.cc.
// Threads: any; everything here is pure. Units: a message's length in UTF-16 units, which is what is harder
// of the two things that "characters" may mean; attributes in bytes.
// Errors: `rejected` for what is no conversation or no text; an answer to a write or a look-up that cannot
// be read is `ambiguous`, one to a read `retryable`.
// Source: fact sheet ingress, section 4.7; twilio_conversations_v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::twilio {

inline constexpr std::size_t kLongestText = 1600;
inline constexpr std::size_t kMostParts = 6;

// A conversation of the account's default service, or of the one that is named. Checked: nothing but a SID
// becomes a part of a path.
struct Place {
  std::string path;          // "/v1/Conversations/CH..."
  std::string conversation;  // "CH..."
  std::string messages() const { return path + "/Messages"; }
  std::string webhooks() const { return path + "/Webhooks"; }
};
Result<Place> place_of(const sdk::Settings& settings, JsonView subject);
// "/v1", or "/v1/Services/IS...".
std::string service_path(const sdk::Settings& settings);
// Two letters that say of what, and 32 digits of hex.
bool is_sid(std::string_view text, std::string_view prefix);

sdk::Read get(std::string target);
sdk::Write post(std::string target, const std::vector<std::pair<std::string, std::string>>& fields);

sdk::Write send_message(const Place& place, std::string_view author, std::string_view text,
                        std::string_view by, std::string_view key);
Result<Receipt> read_message(const Reply& reply, const Place& place);

// The newest page of messages.
sdk::Read newest_messages(const Place& place);
// The entries below `key` of a page; each is an object with a SID.
Result<nlohmann::json> read_page(const Reply& reply, std::string_view key, FailureKind kind);
// The read of the following page, which must be of `path` and farther on; nothing: this was the last.
Result<std::optional<sdk::Read>> next_page(const Reply& reply, const std::string& path, FailureKind kind);
// Whether this page holds the message with our key.
Result<sdk::Found> match_message(const Reply& reply, std::string_view key);

// Attributes are JSON inside a text. nullopt: not even that. Empty and absent ones are an empty object.
std::optional<nlohmann::json> attributes_of(JsonView holder, std::string_view member = "attributes");

// The bot's Studio flow hears the conversation again.
sdk::Write attach_flow(const Place& place, const std::string& flow);
Result<Receipt> read_attached(const Reply& reply);
Result<sdk::Found> match_flow(const Reply& reply, std::string_view flow);

}  // namespace baton::twilio
