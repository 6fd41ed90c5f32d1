// Purpose: Zendesk's requests from our documents, and our receipts from its replies.
// Owner: connector.cc. Threads: any; everything here is pure. Units: none.
// Errors: `rejected` for a document that is no ticket; an answer to a write that cannot be read is
// `ambiguous`, one to a read `retryable`.
// Source: fact sheet zendesk, sections 3.2 to 3.6 and 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/connector.h"

namespace baton::zendesk {

// A document is what stands inside "ticket", or the whole body with "ticket"; that of a note may be
// the comment alone. `external_id` and metadata.baton_op_id are ours, whatever the mapping says; the
// rest is its own. A comment that is too long for Zendesk is cut between elements.
Result<sdk::Write> create_ticket(const nlohmann::json& document, const std::string& external_id,
                                 const std::string& native_key);
// The ticket that goes on where `closed` ended. Nothing in it depends on who makes it or when: under one key
// it is always the same request.
Result<sdk::Write> create_follow_up(std::string_view closed, const std::string& external_id,
                                    const std::string& native_key);
Result<sdk::Write> add_comment(std::string_view ticket_id, const nlohmann::json& document,
                               const std::string& op_id);
Result<sdk::Write> change_status(std::string_view ticket_id, const nlohmann::json& document,
                                 std::string_view status, const std::string& op_id);

// The tags that a document of an update names, added to those that the ticket has; nothing if it names none.
std::optional<sdk::Write> add_tags(std::string_view ticket_id, const nlohmann::json& document);

// The legacy way in, which ends on 2027-04-30 (section 2.1).
bool uses_api_token(const sdk::Settings& settings);

sdk::Read find_ticket(std::string_view external_id);
sdk::Read list_audits(std::string_view ticket_id);
sdk::Read find_user(std::string_view email);
sdk::Read find_user_by_id(std::string_view external_id);  // the company's own id of a customer
sdk::Read list_requested(std::string_view user_id);
sdk::Read show_ticket(std::string_view ticket_id);
sdk::Read show_user(std::string_view user_id);
sdk::Read show_me();
// The last one first, with the users whom they name beside them.
sdk::Read list_last_comments(std::string_view ticket_id);

// Where agents see a ticket: below the account's address, which the ticket's own API address tells
// too; "" if neither is known.
std::string agent_link(std::string_view base_url, std::string_view ticket_id, std::string_view api_url = {});

std::string user_link(std::string_view base_url, std::string_view user_id);

Result<Receipt> read_ticket(const Reply& reply, std::string_view base_url);
Result<Receipt> read_comment(const Reply& reply, std::string_view ticket_id, std::string_view base_url);
// One page of a list. Of several tickets with our id (Zendesk does not hold it unique) the oldest.
Result<sdk::Found> match_ticket(const Reply& reply, std::string_view external_id, std::string_view base_url);
// Whether this page of the ticket's audits holds `op_id`, that is: whether the note is already there.
Result<sdk::Found> match_audit(const Reply& reply, std::string_view ticket_id, std::string_view op_id,
                               std::string_view base_url);

// The read of the page after `reply`, which `list` or the page before it asked for, with either way of
// paging; none after the last. Always below our own address: of the vendor's link only the query counts.
Result<std::optional<sdk::Read>> next_page(const sdk::Read& list, const Reply& reply);

// A file that waits for its ticket: the receipt is its token, good for three days and one comment
// (section 3.6).
sdk::Write upload_file(const sdk::File& file);
Result<Receipt> read_upload(const Reply& reply);
// The document of a ticket with the files attached to its comment.
nlohmann::json with_uploads(nlohmann::json document, const std::vector<std::string>& tokens);
// An open_ticket document that names nobody: the ticket is then Baton's own.
nlohmann::json without_requester(nlohmann::json document);

// new, open, pending or hold.
bool is_open(std::string_view status);

}  // namespace baton::zendesk
