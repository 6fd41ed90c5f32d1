// Purpose: Slack's requests from our documents, and our receipts from its replies. A card's or
// message's object id is "<channel>:<ts>", both as Slack answered them.
// Owner: connector.cc. Threads: any; everything here is pure. Units: bytes for lengths.
// Errors: an answer to a write that cannot be read is `ambiguous`.
// Source: fact sheet slack, sections 3.1, 3.2, 3.5, 3.7, 4 and 8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::slack {

// A message; as a place to write in, the thread below it, or without `ts` the channel itself.
struct MessageId {
  std::string channel;
  std::string ts;  // text: as a number it would lose digits
  std::string text() const { return channel + ":" + ts; }
};

bool is_user_id(std::string_view who);
Result<MessageId> read_message_id(std::string_view object_id);

Headers json_headers();

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

// A message of ours in that place, in Slack's mrkdwn; `about` joins our key in its metadata. Empty: nothing.
sdk::Write post_in(const MessageId& place, std::string_view mrkdwn, std::string_view external_id,
                   const nlohmann::json& about = {});

// B: Slack has no idempotency key, so the message carries ours in its metadata, and the place is looked
// through before it is sent again.
sdk::Step post_once(std::string name, sdk::Write write, const MessageId& place,
                    const std::string& external_id);

// The channel is that of the answer; where it names none (an update's need not), the one we asked for.
Result<Receipt> read_posted(const Reply& reply, std::string_view channel);

// --- finding a message again by its metadata

sdk::Read list_channel(std::string_view channel, std::string_view external_id);
sdk::Read list_thread(const MessageId& card, std::string_view external_id);
// Whether Baton wrote it, whichever app it wrote as.
bool is_ours(JsonView message);
Result<sdk::Found> match_message(const Reply& reply, std::string_view channel, std::string_view external_id);
// The read of the page after `reply`, which `list` asked for; none after the last.
Result<std::optional<sdk::Read>> next_page(const sdk::Read& list, const Reply& reply);

// &, < and > escaped, so that nobody can mention a channel or fake a link; at most `most` bytes.
std::string escaped(std::string_view text, std::size_t most);
// The whole of it in parts of at most `most` characters each, escapes counted, cut between paragraphs, else
// lines, else words. What does not fit into `most_parts` of them is left out, with an ellipsis. Never none.
std::vector<std::string> escaped_parts(std::string_view text, std::size_t most, std::size_t most_parts);

}  // namespace baton::slack
