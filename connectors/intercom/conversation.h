// Purpose: what a conversation (or a ticket) says: its transcript, and how it stands. Pure.
// Owner: connector.cc, events.cc. Threads: any. Errors: `retryable` for what cannot be read.
// Source: fact sheet intercom, section 3.7.
#pragma once

#include "connectors/intercom/wire.h"

namespace baton::intercom {

// {"transcript": [...], "customer"}: oldest first, the newest 500. Notes are for agents and left out;
// `ourselves` is the teammate that Baton acts as, whose words are nobody's.
Result<nlohmann::json> read_transcript(const Reply& reply, std::string_view ourselves);
// {"state", "by", "by_id", "replies", "text", "at"} as read_status answers.
Result<nlohmann::json> read_state(const Reply& reply, std::string_view ourselves);

// Whether a person wrote this part to the customer: no note, nothing of ours or of an AI. What is written
// while somebody assigns, closes or opens has no part of its own: it stands in the part that says so.
bool is_reply(JsonView part, std::string_view ourselves);
// What it says, as plain text, with the addresses of its files below.
std::string words_of(JsonView part);
// Whom it is assigned to, the teammate's id: "" for nobody, nullopt where the document does not say.
// Assignees are integers, 0 for none; sometimes text (section 3).
std::optional<std::string> assignee_of(JsonView document);

// One part as a line of a transcript; nullopt for what nobody said to the customer. An attachment's media
// type is called `type` in a transcript that was fetched, and `content_type` in an event.
std::optional<nlohmann::json> line_of(JsonView part, const char* type_name);
// {"id", "name", "email"} of who writes as the customer.
nlohmann::json customer_of(JsonView author, JsonView contact);

}  // namespace baton::intercom
