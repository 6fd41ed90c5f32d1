// Purpose: Freshdesk's requests from our documents, and our receipts from its replies.
// Owner: connector.cc. Threads: any; everything here is pure. Units: none.
// Errors: `rejected` for a document that is no ticket; an answer to a write that cannot be read is
// `ambiguous`, one to a read `retryable`.
// Source: fact sheet freshdesk, sections 3.2 to 3.6 and 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/connector.h"

namespace baton::freshdesk {

// Of a request without a body.
Headers accept_json();

// How a ticket is known as ours: by the custom field, or by a tag where the account has no such field.
struct Mark {
  std::string field;  // its API name, cf_...
  std::string id;     // what stands in it
  std::string tag;    // if not empty, the ticket carries this instead
};

Mark field_mark(const sdk::Order& order);
Mark tag_mark(const sdk::Order& order);

// A document is {"ticket": {...}, "customer_id": "...", "note": {"body": html}}, or the ticket alone. What
// comes back is a ticket that Freshdesk can take: with a requester by whom it can be listed, our mark, the
// tag `baton`, and tags that are words.
Result<nlohmann::json> ticket_of(const nlohmann::json& document, const Mark& mark);
// An open_ticket document whose ticket lacks this field.
nlohmann::json without(nlohmann::json document, const char* field);
// The brief's HTML; "" if the mapping has none.
std::string brief_of(const nlohmann::json& document);

sdk::Write create_ticket(const nlohmann::json& ticket);
// A private note whose footer names `ref`; too long a body is cut between elements.
Result<sdk::Write> add_note(std::string_view ticket_id, const std::string& html, const std::string& ref);
// The same with a file, as a form (section 3.6).
Result<sdk::Write> attach(std::string_view ticket_id, const sdk::File& file, const std::string& ref);
Result<sdk::Write> change_status(std::string_view ticket_id, const nlohmann::json& document,
                                 std::string_view status, const sdk::Settings& settings);

// The requester's tickets of the last 30 days, newest first: not the search index (section 3.5).
sdk::Read list_requested(const nlohmann::json& ticket);
// Of somebody who is no contact yet that list is refused, with 400: they have no tickets.
bool knows_no_requester(const Reply& reply);
sdk::Read list_conversations(std::string_view ticket_id);
sdk::Read show_ticket(std::string_view ticket_id);

std::string agent_link(std::string_view base_url, std::string_view ticket_id);

Result<Receipt> read_ticket(const Reply& reply, std::string_view base_url);
Result<Receipt> read_note(const Reply& reply, std::string_view ticket_id, std::string_view base_url);
// One page of the list, or the answer of a search. Of several tickets with our mark the oldest.
Result<sdk::Found> match_ticket(const Reply& reply, const Mark& mark, std::string_view base_url);
// After the last page of the list comes the search: the customer's address may be another one by now.
Result<std::optional<sdk::Read>> after_tickets(const sdk::Read& list, const Reply& reply, const Mark& mark);
// Whether a note ends as ours do.
bool bears_footer(std::string_view html);
// Whether this page of the ticket's conversations holds our note.
Result<sdk::Found> match_note(const Reply& reply, std::string_view ticket_id, std::string_view ref,
                              std::string_view base_url);
// The page after `reply` (header Link); of the vendor's link only the query counts.
Result<std::optional<sdk::Read>> next_page(const sdk::Read& list, const Reply& reply);

// What may stand in a requester's address.
bool plain_email(std::string_view email);

}  // namespace baton::freshdesk
