// Purpose: Baton in the customer's conversation: its words, the mark that people have it, and the end of
// that. A conversation's id is "<channel>:<ts>" of a thread's first message, or the id of a person ("U...")
// who is written to directly. Slack has no switchboard: who may speak is said by what is read here, and an
// AI's app that does not look is not kept from answering. Owner: connector.cc. Threads: any; no state.
// Errors: what Slack says of one conversation's channel is `rejected`, so that it stops no other one.
// Source: fact sheet slack, sections 3.1, 3.4, 4 and 6; the official specification for reactions.
#pragma once

#include <string_view>

#include "connectors/sdk/connector.h"
#include "connectors/slack/wire.h"

namespace baton::slack {

// Where the conversation of `subject` is. A person's is asked for: to open it again changes nothing.
Task<MessageId> find_place(const nlohmann::json& subject, sdk::ReadSession& session);

// One customer's channel that is archived, or that the app was not invited to, is no reason to park all.
Failure of_one_conversation(Failure failure);

Task<Receipt> tell_customer(const sdk::Order& order, sdk::Session& session);
Task<Receipt> take_control(const sdk::Order& order, sdk::Session& session);
Task<Receipt> give_back(const sdk::Order& order, sdk::Session& session);

}  // namespace baton::slack
