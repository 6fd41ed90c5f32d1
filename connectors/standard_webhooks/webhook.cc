#include "connectors/standard_webhooks/webhook.h"

#include <array>
#include <utility>

#include "gateway/base/json_view.h"

namespace baton::standard_webhooks {
namespace {

constexpr auto kTypes = std::to_array<std::pair<std::string_view, SignalKind>>({
    {"ticket.solved", SignalKind::solved},
    {"ticket.claimed", SignalKind::claimed},
    {"ticket.replied", SignalKind::replied},
    {"ticket.reopened", SignalKind::reopened},
    {"ticket.released", SignalKind::released},
});

std::optional<SignalKind> kind_of(std::string_view type) {
  for (const auto& [known, kind] : kTypes) {
    if (known == type) return kind;
  }
  return std::nullopt;
}

}  // namespace

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys) {
  const auto id = keys.standard_webhook(request, "webhook_secret");
  if (!id) return Failure(FailureKind::rejected, id.error().detail);
  sdk::Webhook webhook;
  if (request.body.empty()) return webhook;  // legal, and says nothing
  const auto body = parse_json(request.body, FailureKind::rejected, "the webhook");
  if (!body) return body.error();
  const auto kind = kind_of(JsonView(*body)["type"].text());
  if (!kind) return webhook;
  const auto data = JsonView(*body)["data"];
  const auto object_id = data["object_id"].id();
  if (!object_id) return Failure(FailureKind::rejected, "data.object_id is missing: which ticket is meant?");
  Signal signal(*kind, *id, *object_id, data["who"].id().value_or(""));
  signal.who_name = data["who_name"].text();
  signal.text = data["text"].text();
  webhook.signals.push_back(std::move(signal));
  return webhook;
}

}  // namespace baton::standard_webhooks
