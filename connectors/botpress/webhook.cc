#include "connectors/botpress/webhook.h"

#include <algorithm>
#include <array>

#include "gateway/base/json_view.h"

namespace baton::botpress {
namespace {

// startHitl, a message while a person has the conversation, stopHitl. All else concerns no handoff.
constexpr auto kTypes = std::to_array<std::string_view>(
    {"handoff.requested", "handoff.updated", "handoff.cancelled", "conversation.resolved"});

// The conversation and its last message of the customer's: closing the ticket downstream can start HITL
// again, and the studio may replay that message, under any id (fact sheet, section 4.4). Where the messages
// bear no ids the integration's own stands for it.
std::string operation_of(JsonView data, const std::string& webhook_id) {
  constexpr std::size_t kLongest = 120;
  const auto messages = items(data["transcript"]);
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if ((*message)["role"].text() != "customer") continue;
    const auto last = (*message)["id"].text(), conversation = data.at_path("conversation.id").text();
    if (last.empty() || last.size() > kLongest || conversation.size() > kLongest) break;
    return "hitl/" + conversation + "/" + last;
  }
  return webhook_id;
}

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys) {
  const auto id = keys.standard_webhook(request, "webhook_secret");
  if (!id) return Failure(FailureKind::rejected, id.error().detail);
  const auto body = parse_json(request.body, FailureKind::rejected, "Botpress's event");
  if (!body) return body.error();
  const JsonView envelope(*body);
  const auto type = envelope["type"].text();
  if (type.empty()) return Failure(FailureKind::rejected, "the event has no type");
  sdk::Inbound inbound;
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) return inbound;
  const auto data = envelope["data"];
  if (!data.object() || data.at_path("conversation.id").text().empty()) {
    return Failure(FailureKind::rejected, "data.conversation.id is missing: which conversation is meant?");
  }
  auto operation = type == "handoff.requested" ? operation_of(data, *id) : *id;
  inbound.events.emplace_back(std::move(operation), type, *data.raw());
  return inbound;
}

}  // namespace baton::botpress
