#include "gateway/handoff/ticket_status.h"

namespace baton::handoff {

std::string reply_id(const Signal& replied) { return JsonView(replied.detail)["reply"].id().value_or(""); }

TicketStatus read_ticket_status(JsonView found, const DestinationId& from) {
  TicketStatus status;
  status.state = found["state"].text();
  status.ticket = found["ticket"].id().value_or("");
  status.into = found["into"].id().value_or("");
  status.url = found["url"].text();
  status.by = found["by"].text();
  status.text = found["text"].text();
  status.unfixed = found["unfixed"].boolean() == true;
  if (!found["by_id"].missing()) status.owner = found["by_id"].id().value_or("");
  const auto replies = found["replies"].list();
  status.tells_replies = replies.has_value();
  for (const auto& one : replies ? *replies : std::vector<JsonView>()) {
    const auto id = one["id"].id().value_or("");
    if (id.empty()) continue;  // it would be heard again each time
    Signal& reply =
        status.replies.emplace_back(SignalKind::replied, id, status.ticket, one["who"].id().value_or(""));
    reply.from = from;
    reply.who_name = one["who_name"].text();
    reply.text = one["text"].text();
    reply.detail = {{"reply", id}};
  }
  return status;
}

}  // namespace baton::handoff
