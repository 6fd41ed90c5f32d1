// Purpose: Chatwoot's requests and what its answers say. Owner: connector.cc. Threads: any; everything
// here is pure. Units: message ids are integers that grow.
// Errors: `rejected` for what is no message; an answer to a write or a look-up that cannot be read is
// `ambiguous`, one to a read `retryable`.
// Source: fact sheet ingress, section 4.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::chatwoot {

// Where our key stands in a message: below content_attributes, which Chatwoot keeps and shows.
inline constexpr std::string_view kKey = "baton_id";

enum class Seen { by_customer, by_agents };  // a private note is seen by agents only

// Account and conversation, checked: what every path begins with.
struct Place {
  std::string account;
  std::string conversation;
};
Result<Place> place_of(const sdk::Settings& settings, JsonView subject);

// Outgoing texts are rendered as Liquid by Chatwoot: its marks are taken apart, so that nothing runs.
std::string harmless(std::string_view text);

// What is said in somebody's name, as the messages that it takes; none where there is nothing to say.
std::vector<std::string> words_of(std::string_view text, std::string_view by, std::size_t most_messages);
sdk::Write send_message(const Place& place, std::string_view words, const std::string& key, Seen seen);
sdk::Write set_status(const Place& place, std::string_view status);
sdk::Write unassign(const Place& place);

// How the conversation stands.
struct Standing {
  std::string status;
  std::string assignee;  // the user's id; empty: nobody's
};
sdk::Read read_conversation(const Place& place);
Result<Standing> standing_of(const Reply& reply, const Place& place);

// The newest page of the conversation, or the one before a message.
sdk::Read list_messages(const Place& place, std::optional<std::int64_t> before = {});

// The messages of a page, oldest first as Chatwoot sends them. Each has an id.
Result<nlohmann::json> read_page(const Reply& reply, FailureKind kind);
// The smallest id of a page; nullopt if it is empty.
std::optional<std::int64_t> oldest_of(const nlohmann::json& page);

Result<Receipt> read_message(const Reply& reply, std::string_view url);
// Whether this page holds the message with our key.
Result<sdk::Found> match_message(const Reply& reply, std::string_view key, std::string_view url);
// The page before this one: absence is proven when a page is empty, whatever their size.
Result<std::optional<sdk::Read>> page_before(const Place& place, const Reply& reply);
// Nobody's now: Chatwoot answers with the agent who has it, and with null where nobody does.
Result<Receipt> read_unassigned(const Reply& reply, std::string_view conversation, std::string_view url);
Result<Receipt> read_status(const Reply& reply, std::string_view conversation, std::string_view status,
                            std::string_view url);

// Where a person reads the conversation.
std::string link_of(const sdk::Settings& settings, std::string_view conversation);

}  // namespace baton::chatwoot
