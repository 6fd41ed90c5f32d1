// Purpose: what a conversation (or a ticket) says: its transcript, and how it stands. Pure.
// Owner: connector.cc, events.cc. Threads: any. Errors: `retryable` for what cannot be read.
// Source: fact sheet intercom, section 3.7.
#pragma once

#include "connectors/intercom/wire.h"

namespace baton::intercom {

// {"transcript": [...], "customer"}: oldest first, the newest 500. Notes are for agents and left out.
Result<nlohmann::json> read_transcript(const Reply& reply);
// {"state", "by", "text", "at"} as read_status answers.
Result<nlohmann::json> read_state(const Reply& reply);

// One part as a line of a transcript; nullopt for what nobody said to the customer. An attachment's media
// type is called `type` in a transcript that was fetched, and `content_type` in an event.
std::optional<nlohmann::json> line_of(JsonView part, const char* type_name);
// {"id", "name", "email"} of who writes as the customer.
nlohmann::json customer_of(JsonView author, JsonView contact);

}  // namespace baton::intercom
