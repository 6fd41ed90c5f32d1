// Purpose: what Baton asks of Sunshine Conversations, and how its answers read. Pure.
// Owner: connector.cc. Threads: any. Units: a message's text in bytes of UTF-8; the vendor counts characters.
// Errors: `ambiguous` for an answer that cannot be read after a write or in a look-up.
// Source: fact sheet zendesk, section 3.9.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::sunshine {

inline constexpr std::size_t kLongestText = 4096;

// A conversation of the app.
class Place {
 public:
  Place(std::string_view app, std::string_view conversation);
  // ".../messages", ".../passControl"; "" for the conversation itself.
  std::string at(std::string_view what) const;

 private:
  std::string base_;
};

// Of a business; `operation` in its metadata is how it is found again.
sdk::Write post_message(const Place& place, std::string_view text, std::string_view by,
                        std::string_view operation);
Result<Receipt> read_posted(const Reply& reply);

// The newest page of messages, or the one before the message `before`.
sdk::Read messages(const Place& place, std::string_view before = {});
Result<sdk::Found> match_message(const Reply& reply, std::string_view operation);
// The message before which an earlier page ends; nothing: this was the first page of the conversation.
Result<std::optional<std::string>> earlier(const Reply& reply);

// Control goes to the named switchboard integration: a name makes the repetition harmless.
sdk::Write pass_control(const Place& place, std::string_view to, const nlohmann::json& metadata);

// One message in Baton's words.
nlohmann::json to_message(JsonView message);

}  // namespace baton::sunshine
