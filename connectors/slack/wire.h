// Purpose: Slack's requests from our documents, and our receipts from its replies. A card's or
// message's object id is "<channel>:<ts>", both as Slack answered them.
// Owner: connector.cc. Threads: any; everything here is pure. Units: bytes for lengths.
// Errors: an answer to a write that cannot be read is `ambiguous`.
// Source: fact sheet slack, sections 3.1, 3.2, 3.5, 3.7, 4 and 8.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/step.h"

namespace baton::slack {

struct MessageId {
  std::string channel;
  std::string ts;  // text: as a number it would lose digits
  std::string text() const { return channel + ":" + ts; }
};

Result<MessageId> read_message_id(std::string_view object_id);

// --- cards

sdk::Write post_card(std::string_view channel, const nlohmann::json& document, std::string_view external_id);
sdk::Write update_card(const MessageId& card, const nlohmann::json& document);
// The same without blocks: what remains when Slack refuses them.
sdk::Write post_plain(std::string_view channel, const nlohmann::json& document, std::string_view external_id);
sdk::Write update_plain(const MessageId& card, const nlohmann::json& document);

// --- replies

// Read by nobody but the person who clicked; `address` is a whole URL.
sdk::Write answer_click(std::string_view address, std::string_view text);
// Below the card; `to` is mentioned if it is a Slack user id.
sdk::Write reply_below(const MessageId& card, std::string_view text, std::string_view to,
                       std::string_view external_id);

// The channel is that of the answer; where it names none (an update's need not), the one we asked for.
Result<Receipt> read_posted(const Reply& reply, std::string_view channel);

// --- finding a message again by its metadata

sdk::Read list_channel(std::string_view channel, std::string_view external_id);
sdk::Read list_thread(const MessageId& card, std::string_view external_id);
Result<sdk::Found> match_message(const Reply& reply, std::string_view channel, std::string_view external_id);
// The read of the page after `reply`, which `list` asked for; none after the last.
Result<std::optional<sdk::Read>> next_page(const sdk::Read& list, const Reply& reply);

// &, < and > escaped, so that nobody can mention a channel or fake a link; at most `most` bytes.
std::string escaped(std::string_view text, std::size_t most);

}  // namespace baton::slack
