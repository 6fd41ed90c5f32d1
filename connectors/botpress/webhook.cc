#include "connectors/botpress/webhook.h"

#include <algorithm>
#include <array>

#include "gateway/base/json_view.h"

namespace baton::botpress {
namespace {

// startHitl, a message while a person has the conversation, stopHitl. All else concerns no handoff.
constexpr auto kTypes = std::to_array<std::string_view>(
    {"handoff.requested", "handoff.updated", "handoff.cancelled", "conversation.resolved"});

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys) {
  // The id is the conversation and its last user message: the studio may replay that message, and a replay
  // is no second handoff.
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
  inbound.events.emplace_back(*id, type, *data.raw());
  return inbound;
}

}  // namespace baton::botpress
