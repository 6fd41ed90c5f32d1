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

// A: webhook-id is the delivery's key, the same for every attempt, and the integration acts on it once. Hence
// one envelope for each event: a second one under the same id would be taken for the first again.
Task<Receipt> send(const sdk::Order& order, sdk::Session& session, std::string_view name, json envelope) {
  auto write = callback(order.settings, envelope);
  if (!write) co_return write.error();
  sdk::Step step(
      std::string(name), std::move(*write),
      [id = order.external_id](const Reply&) { return Result<Receipt>(Receipt(id)); }, sdk::repeatable);
  co_return co_await session.once(std::move(step));
}

json envelope_of(const char* type, json about, JsonView data) {
  sdk::put(about, "text", data["text"].text(), 32'768);
  return json{{"type", type}, {"data", std::move(about)}};
}

json message_of(const json& about, JsonView data) {
  auto message = envelope_of("handoff.message", about, data);
  sdk::put(message["data"], "by", data.at_path("by.name").text());
  return message;
}

// hitlAssigned: who has it, by the name that the customer may read and the id that they have with us.
json claim_of(const json& about, JsonView data) {
  auto claim = envelope_of("handoff.claimed", about, data);
  const auto who = data["by"];
  sdk::put(claim["data"], "by", who["name"].text(who["id"].text()));
  sdk::put(claim["data"], "by_id", who["id"].text());
  return claim;
}

// hitlStopped, and the bot goes on: the text is the customer's, the resolution the bot's to know.
json return_of(const json& about, JsonView data) {
  auto back = envelope_of("handoff.returned", about, data);
  sdk::put(back["data"], "resolution", data["resolution"].text(), 32'768);
  return back;
}

bool is_refused(const Result<Receipt>& sent) {
  return !sent &&
         (sent.error().kind == FailureKind::rejected || sent.error().kind == FailureKind::target_gone);
}

// An integration that knows nothing of claims still has words for the customer.
Task<Receipt> claim(const sdk::Order& order, sdk::Session& session, const json& about) {
  const auto data = JsonView(order.subject)["data"];
  auto sent = co_await send(order, session, "claim", claim_of(about, data));
  if (!is_refused(sent)) co_return sent;
  if (trim(data["text"].text()).empty()) co_return Receipt(order.external_id);
  co_return co_await send(order, session, "message", envelope_of("handoff.message", about, data));
}

Task<Receipt> emit(const sdk::Order& order, sdk::Session& session) {
  const JsonView event(order.subject);
  const auto data = event["data"];
  const auto type = event["type"].text(), id = data["conversation_id"].text();
  if (id.empty()) co_return Failure(FailureKind::rejected, "conversation_id is missing");
  json about = {{"conversation", {{"id", id}}}};
  if (type == "handoff.claimed") co_return co_await claim(order, session, about);
  if (type == "handoff.returned") co_return co_await send(order, session, "return", return_of(about, data));
  if (type == "handoff.accepted" || type == "handoff.escalated" || type == "handoff.message") {
    if (trim(data["text"].text()).empty()) co_return Receipt(order.external_id);
    co_return co_await send(order, session, "message", message_of(about, data));
  }
  // What it does not know of the rest it may refuse.
  if (data.object()) about.update(*data.raw());
  json other = {{"type", type}, {"data", std::move(about)}};
  auto sent = co_await send(order, session, "event", std::move(other));
  if (is_refused(sent)) co_return Receipt(order.external_id);
  co_return sent;
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::emit, emit},
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
