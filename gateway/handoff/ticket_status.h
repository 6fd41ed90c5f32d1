// Purpose: what a helpdesk or a tracker answers when it is asked how a ticket or a report stands
// (read_status), in case its webhooks were lost: the same words from every connector. Pure.
// Owner: advance(). Threads: any. Errors: none; foreign data of any type says nothing.
//
//   {"state": "open" | "solved" | "gone" | "merged",
//    "ticket"                 the id that was asked about
//    "into", "url"            merged: the ticket that remains, and where people see it
//    "by", "text"             solved: who did it, and the last public words
//    "unfixed": true          solved, of a report: closed without a fix
//    "by_id", "by"            open: who has it, "" nobody; without `by_id` this vendor cannot tell
//    "replies": [{"id", "who", "who_name", "text"}]}  public answers of people, the oldest first; left out
//                             where this vendor cannot tell of any. A webhook's `replied` names the same id
//                             in its detail: {"reply": id}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/base/json_view.h"
#include "gateway/model/signal.h"

namespace baton::handoff {

struct TicketStatus {
  std::string state;
  std::string ticket;
  std::string into, url;
  std::string by, text;
  bool unfixed = false;
  std::optional<std::string> owner;
  bool tells_replies = false;
  std::vector<Signal> replies;  // as their webhooks would have told them
};

// `from`: the destination that was asked.
TicketStatus read_ticket_status(JsonView found, const DestinationId& from);

// The id by which a reply is known however it was heard of; "" if it has none.
std::string reply_id(const Signal& replied);

}  // namespace baton::handoff
