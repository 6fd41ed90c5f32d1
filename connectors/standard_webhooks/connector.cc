// Purpose: any system that speaks Standard Webhooks 1.0.0: it gets Baton's events, signed, and may
// tell us what happens to its tickets in the same way.
// Source: fact sheet standard-webhooks; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <array>

#include "connectors/standard_webhooks/webhook.h"
#include "connectors/standard_webhooks/wire.h"

namespace baton::standard_webhooks {
namespace {

// Section 6: keep retrying what a receiver refuses, it may be half deployed, but not for ever.
constexpr auto kPatience = Duration{24h};

// A: the webhook-id is the same for every attempt, and a receiver acts on it once.
Task<Receipt> emit(const sdk::Order& order, sdk::Session& session) {
  auto write = send_event(order.settings["path"], order.subject);
  if (!write) co_return write.error();
  sdk::Step event(
      "event", std::move(*write),
      [id = order.external_id](const Reply& reply) { return Result<Receipt>(read_taken(reply, id)); },
      sdk::repeatable);
  co_return co_await session.once(std::move(event));
}

// A: the same alert again is the same alert there, whatever its webhook-id.
Task<Receipt> notify(const sdk::Order& order, sdk::Session& session) {
  if (order.settings["form"] != "alertmanager") co_return co_await emit(order, session);
  auto write = send_alert(order.settings["path"], order.subject);
  if (!write) co_return write.error();
  sdk::Step alert(
      "alert", std::move(*write),
      [id = order.external_id](const Reply&) { return Result<Receipt>(Receipt(id)); }, sdk::repeatable);
  co_return co_await session.once(std::move(alert));
}

constexpr auto kActions = std::to_array<sdk::Action>({{Operation::emit, emit}, {Operation::notify, notify}});

constexpr auto kFields = std::to_array<sdk::Field>({
    {"secret", sdk::Need::secret, "",
     "Key that signs what Baton sends: whsec_ and base64, or whsk_ for ed25519"},
    {"webhook_secret", sdk::Need::optional_secret, "",
     "Key that verifies what the other side sends to Baton; without it nothing is taken from there"},
    {"path", sdk::Need::optional, "/", "Path of the receiver below base_url"},
    {"form", sdk::Need::optional, "event",
     "How alerts are written: event, or alertmanager for its API (POST /api/v2/alerts below path)"},
});

constexpr sdk::Manifest kManifest{
    .name = "standard_webhooks",
    .title = "Standard Webhooks",
    .api_version = "1.0.0",
    .idempotency = sdk::Idempotency::a,
    .actions = kActions,
    .fields = kFields,
    .base_url = "",  // the receiver: only the operator knows it
    .limits = {.per_second = 20, .burst = 40, .at_once = 8, .max_body_bytes = 256 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class StandardWebhooks final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::StandardSignature("secret"); }

  // Everything that is not 2xx is a failure, and all of it but 410 is worth another try (section 3.5).
  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    using enum FailureKind;
    auto failure = sdk::classify_http(seen);
    const int status = seen.reply.status;
    if (!failure || status == 429 || status >= 500) return failure;
    failure->kind = retryable;
    if (status == 410) {
      failure->kind = misconfigured;
      failure->detail += "; the receiver is gone for good: remove it or give it a new address";
    } else if (is_lasting(status) && waited_long(seen)) {
      failure->kind = misconfigured;
      failure->detail += "; it has been so for a day: check address and secret";
    }
    return failure;
  }

  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings&) const override {
    return standard_webhooks::read_webhook(request, keys);
  }

 private:
  static bool is_lasting(int status) {
    return (status >= 300 && status < 400) || status == 400 || status == 401 || status == 403 ||
           status == 404 || status == 422;
  }
  // Measured from the event itself: the first attempt follows it at once.
  static bool waited_long(const sdk::Exchange& seen) {
    const auto happened = happened_at(seen.request);
    return happened && seen.at - *happened > kPatience;
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<StandardWebhooks>(); }

}  // namespace baton::standard_webhooks
