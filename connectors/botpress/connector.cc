// Purpose: Botpress as a chat platform. Botpress calls integrations and sends no webhook of its own, so a
// thin integration inside it speaks Standard Webhooks with Baton, both ways. Source: fact sheet ingress,
// section 4.4; fact sheet standard-webhooks.
#include "connectors/sdk/connector.h"

#include <array>

#include "connectors/botpress/webhook.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::botpress {
namespace {

using nlohmann::json;

Result<sdk::Write> callback(const sdk::Settings& settings, const json& envelope) {
  std::string target(settings["path"]);
  if (!target.starts_with('/')) target.insert(0, "/");
  return sdk::Write::post(std::move(target), sdk::dumped(envelope),
                          Headers{{"content-type", "application/json; charset=utf-8"}});
}

Result<json> about_conversation(const sdk::Order& order) {
  const auto id = JsonView(order.subject).at_path("conversation.id").id().value_or("");
  if (id.empty()) return Failure(FailureKind::rejected, "conversation.id is missing");
  return json{{"conversation", {{"id", id}}}};
}

// A: webhook-id is the step's key, the same for every attempt, and the integration acts on it once.
Task<Receipt> send(const sdk::Order& order, sdk::Session& session, std::string_view name, json envelope) {
  auto write = callback(order.settings, envelope);
  if (!write) co_return write.error();
  sdk::Step step(
      std::string(name), std::move(*write),
      [id = order.external_id](const Reply&) { return Result<Receipt>(Receipt(id)); }, sdk::repeatable);
  co_return co_await session.once(std::move(step));
}

Task<Receipt> tell_customer(const sdk::Order& order, sdk::Session& session) {
  auto data = about_conversation(order);
  if (!data) co_return data.error();
  const JsonView subject(order.subject);
  const auto text = to_valid_utf8(subject["text"].text());
  if (trim(text).empty()) co_return Failure(FailureKind::rejected, "there is no text to send");
  (*data)["text"] = text;
  if (const auto by = subject["by"].text(); !by.empty()) (*data)["by"] = to_valid_utf8(by);
  json envelope = {{"type", "handoff.message"}, {"data", *data}};
  co_return co_await send(order, session, "message", std::move(envelope));
}

// The integration emits hitlStopped, and the bot goes on.
Task<Receipt> give_back(const sdk::Order& order, sdk::Session& session) {
  auto data = about_conversation(order);
  if (!data) co_return data.error();
  const auto text = to_valid_utf8(JsonView(order.subject)["text"].text());
  if (!trim(text).empty()) (*data)["text"] = text;
  json envelope = {{"type", "handoff.returned"}, {"data", *data}};
  co_return co_await send(order, session, "return", std::move(envelope));
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::tell_customer, tell_customer},
    {Operation::give_back, give_back},
});

constexpr auto kFields = std::to_array<sdk::Field>({
    {"secret", sdk::Need::secret, "",
     "Key that signs what Baton sends to the integration: whsec_ and base64"},
    {"webhook_secret", sdk::Need::secret, "", "Key that verifies what the integration posts to Baton"},
    {"path", sdk::Need::optional, "/", "Path of the integration's webhook below base_url"},
});

constexpr sdk::Manifest kManifest{
    .name = "botpress",
    .title = "Botpress",
    .api_version = "hitl 2.1.0",
    .idempotency = sdk::Idempotency::a,
    .actions = kActions,
    .fields = kFields,
    .base_url = "",  // the integration's own webhook address
    .source = true,
    .limits = {.per_second = 10, .burst = 20, .at_once = 4, .max_body_bytes = 256 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class Botpress final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::StandardSignature("secret"); }

  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings&) const override {
    return botpress::read_events(request, keys);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Botpress>(); }

}  // namespace baton::botpress
