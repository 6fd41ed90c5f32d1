// Purpose: what Baton asks of Sunshine Conversations, and how its answers read. Pure.
// Owner: connector.cc. Threads: any. Units: a message's text in UTF-16 units, which is what is harder; the
// vendor says characters.
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
inline constexpr std::size_t kMostParts = 6;

// A conversation of the app.
class Place {
 public:
  Place(std::string_view app, std::string_view conversation);
  // ".../messages", ".../passControl"; "" for the conversation itself.
  std::string at(std::string_view what) const;
  // "/v2/apps/{app}/users/{id}", by the vendor's id or the customer's own.
  std::string user(std::string_view id) const;

 private:
  std::string app_;
  std::string base_;
};

// Of a business, in the name of `shown`; `operation` in its metadata is how it is found again. `by` is the
// person whose words they are, "" where Baton speaks.
sdk::Write post_message(const Place& place, std::string_view text, std::string_view shown,
                        std::string_view by, std::string_view operation);
Result<Receipt> read_posted(const Reply& reply);

// The newest page of messages, or the one before the message `before`.
sdk::Read messages(const Place& place, std::string_view before = {});
Result<sdk::Found> match_message(const Reply& reply, std::string_view operation);
// The message before which an earlier page ends; nothing: this was the first page of the conversation.
Result<std::optional<std::string>> earlier(const Reply& reply);

// Control goes to the named switchboard integration: a name makes the repetition harmless.
sdk::Write pass_control(const Place& place, std::string_view to, const nlohmann::json& metadata);
// Control is nobody's; what the switchboard does then is its own affair.
sdk::Write release_control(const Place& place, const nlohmann::json& metadata);

// One message in Baton's words, as the published event schema has it.
nlohmann::json to_message(JsonView message);
// The id of the customer who wrote it; "" where it says none, or somebody else wrote it.
std::string writer_of(JsonView message);
// {"id", "name", "email"} of a user; empty where nothing is known.
nlohmann::json customer_of(JsonView user);

}  // namespace baton::sunshine
