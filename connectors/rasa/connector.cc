// Purpose: Rasa as a chat platform: Baton is the action server of the bot's handoff action, and speaks,
// pauses and resumes through the tracker of the conversation. Source: fact sheet ingress, section 4.5.
#include "connectors/sdk/connector.h"

#include <array>

#include "connectors/rasa/tracker.h"
#include "connectors/rasa/webhook.h"
#include "connectors/rasa/wire.h"

namespace baton::rasa {
namespace {

using nlohmann::json;

// A request that is still under way at Rasa when its answer is lost may end; it waits for the conversation's
// lock.
constexpr auto kSettle = Duration{10s};
constexpr std::size_t kMostMessages = 500;

// B: the tracker keeps metadata of what the bot said, our key among it, and is read as a whole.
Task<Receipt> tell_customer(const sdk::Order& order, sdk::Session& session) {
  const auto conversation = conversation_of(order.subject);
  if (!conversation) co_return conversation.error();
  auto write = utter(*conversation, order.subject, order.external_id, order.settings["output_channel"]);
  if (!write) co_return write.error();
  sdk::Step step(
      "message", std::move(*write),
      [key = order.external_id](const Reply& reply) { return read_uttered(reply, key); },
      sdk::Lookup(
          read_tracker(*conversation),
          [key = order.external_id](const Reply& reply) { return match_uttered(reply, key); }, kSettle));
  co_return co_await session.once(std::move(step));
}

// A bot that is paused twice is paused.
Task<Receipt> take_control(const sdk::Order& order, sdk::Session& session) {
  const auto conversation = conversation_of(order.subject);
  if (!conversation) co_return conversation.error();
  sdk::Step step(
      "pause", pause(*conversation),
      [id = *conversation](const Reply& reply) { return read_paused(reply, id, true); }, sdk::repeatable);
  co_return co_await session.once(std::move(step));
}

Task<Receipt> give_back(const sdk::Order& order, sdk::Session& session) {
  const auto conversation = conversation_of(order.subject);
  if (!conversation) co_return conversation.error();
  const auto text = JsonView(order.subject)["text"].text();
  sdk::Step step(
      "resume", resume(*conversation, order.settings["resolution_slot"], text),
      [id = *conversation](const Reply& reply) { return read_paused(reply, id, false); }, sdk::repeatable);
  co_return co_await session.once(std::move(step));
}

Task<json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session) {
  const auto conversation = conversation_of(order.subject);
  if (!conversation) co_return conversation.error();
  const auto reply = co_await session.read(read_tracker(*conversation));
  if (!reply) co_return reply.error();
  const auto tracker = tracker_of(*reply, FailureKind::retryable);
  if (!tracker) co_return tracker.error();
  json found = {{"transcript", lines_of(*tracker, *conversation, kMostMessages)}};
  auto customer = customer_of(JsonView(*tracker)["slots"], order.settings);
  if (!customer.empty()) found["customer"] = std::move(customer);
  co_return found;
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::fetch_transcript, nullptr, fetch_transcript},
    {Operation::tell_customer, tell_customer},
    {Operation::take_control, take_control},
    {Operation::give_back, give_back},
});

constexpr auto kFields = std::to_array<sdk::Field>({
    {"auth", sdk::Need::optional, "jwt",
     "How Rasa's HTTP API is entered: jwt, or none inside a closed network"},
    {"jwt", sdk::Need::optional_secret, "",
     "JSON Web Token with the role admin, signed with Rasa's jwt_secret; sent as Authorization: Bearer"},
    {"url_token", sdk::Need::secret, "",
     "Random text at the end of the action endpoint's address, ?token=...: all by which a call proves "
     "itself"},
    {"action", sdk::Need::optional, "action_handoff_to_human", "Name of the custom action that hands over"},
    {"resolved_action", sdk::Need::optional, "action_conversation_resolved",
     "Name of the custom action by which the bot says that it solved the conversation itself"},
    {"handoff_text", sdk::Need::optional, "I am getting a colleague for you.",
     "What the bot says when it hands over; empty: nothing"},
    {"handoff_slot", sdk::Need::optional, "", "Slot that gets the handoff's id; empty: none"},
    {"resolution_slot", sdk::Need::optional, "",
     "Slot that gets how it was solved, before the bot resumes; empty: none"},
    {"output_channel", sdk::Need::optional, "latest",
     "Channel by which messages leave; latest: the customer's last one"},
    {"customer_id_slot", sdk::Need::optional, "customer_id", "Slot that holds the customer's id"},
    {"name_slot", sdk::Need::optional, "name", "Slot that holds the customer's name"},
    {"email_slot", sdk::Need::optional, "email", "Slot that holds the customer's e-mail address"},
    {"reason_slot", sdk::Need::optional, "handoff_reason", "Slot in which the bot says why it hands over"},
});

constexpr sdk::Manifest kManifest{
    .name = "rasa",
    .title = "Rasa",
    .api_version = "3",
    .idempotency = sdk::Idempotency::b,
    .actions = kActions,
    .fields = kFields,
    .base_url = "",  // the bot's own server: the operator must say
    .source = true,
    // One server, which answers customers too.
    .limits = {.per_second = 5, .burst = 10, .at_once = 2, .max_body_bytes = 64 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class Rasa final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }

  sdk::Auth auth(const sdk::Settings& settings) const override {
    if (settings["auth"] == "none") return sdk::NoAuth();
    return sdk::BearerAuth("jwt");
  }

  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    using enum FailureKind;
    auto failure = sdk::classify_http(seen);
    if (!failure) return failure;
    const int status = seen.reply.status;
    // Every name is a conversation to Rasa: a path that is not there is another server's, or its API is off.
    if (status == 404 || status == 410 || (status >= 300 && status < 400)) failure->kind = misconfigured;
    // No model, or another one than the conversation's: nothing was appended, and it passes.
    if (status == 409) failure->kind = retryable;
    // A proxy's word as often as Rasa's: looked at before it is repeated.
    if (status == 503 && seen.writes) failure->kind = ambiguous;
    return failure;
  }

  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override {
    return rasa::read_events(request, keys, settings);
  }

  Task<sdk::Findings> probe(const sdk::Settings&, sdk::ReadSession& session) const override;
};

// /status asks for the credential and tells whether a model is loaded.
Task<sdk::Findings> Rasa::probe(const sdk::Settings&, sdk::ReadSession& session) const {
  sdk::Findings findings;
  const auto reply = co_await session.read(sdk::Read::get("/status", {{"accept", "application/json"}}));
  const auto body =
      reply ? parse_json(reply->body, FailureKind::retryable, "Rasa's status") : Result<json>(reply.error());
  findings.emplace_back(
      "the HTTP API and its token", body.has_value(),
      body ? ""
           : "start Rasa with --enable-api and --jwt-secret, and sign a token for the user baton "
             "with the role admin: " +
                 body.error().detail);
  if (!body) co_return findings;
  const bool loaded = !JsonView(*body)["model_file"].text().empty();
  findings.emplace_back("a loaded model", loaded, loaded ? "" : "train a model and let Rasa load it");
  co_return findings;
}

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Rasa>(); }

}  // namespace baton::rasa
