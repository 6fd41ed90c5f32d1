// Purpose: Zendesk messaging (Sunshine Conversations) as a chat platform: the switchboard passes
// conversations between bot and humans, and Baton is one of its integrations. Source: fact sheets zendesk,
// section 3.9, and ingress, section 4.3.
#include "connectors/sdk/connector.h"

#include <array>

#include "connectors/sdk/json_text.h"
#include "connectors/sdk/parts.h"
#include "connectors/sunshine/events.h"
#include "connectors/sunshine/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::sunshine {
namespace {

constexpr auto kSettle = Duration{5s};  // a message that is still under way may appear
constexpr std::size_t kMostMessages = 500;

Place place_of(const sdk::Order& order) {
  return Place(order.settings["app_id"], JsonView(order.subject).at_path("conversation.id").text());
}

// B: a message has no key of its own; ours bears the operation in its metadata and is looked for.
sdk::Step message_step(std::string name, sdk::Write write, const Place& place, const std::string& operation) {
  return sdk::Step(std::move(name), std::move(write), read_posted,
                   sdk::Lookup(
                       messages(place),
                       [operation](const Reply& reply) { return match_message(reply, operation); }, kSettle,
                       [place](const Reply& reply) -> Result<std::optional<sdk::Read>> {
                         const auto before = earlier(reply);
                         if (!before) return before.error();
                         return *before ? std::optional(messages(place, **before)) : std::nullopt;
                       }));
}

Task<Receipt> tell_customer(const sdk::Order& order, sdk::Session& session) {
  const auto place = place_of(order);
  const JsonView subject(order.subject);
  const auto by = subject["by"].text();
  const auto shown = by.empty() ? std::string(order.settings["display_name"]) : by;
  const auto parts = sdk::parts_of(to_valid_utf8(subject["text"].text()), kLongestText, kMostParts);
  if (parts.empty()) co_return Failure(FailureKind::rejected, "there is no text to send");
  Receipt last;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = sdk::part_number(i);
    const auto key = order.external_id + number;
    auto write = post_message(place, parts[i], shown, by, key);
    auto sent = co_await session.once(message_step("message" + number, std::move(write), place, key));
    if (!sent) co_return sent.error();
    last = *sent;
  }
  co_return last;
}

// Passing control to a named integration is repeatable: it is active already, or it becomes so. So is
// releasing what nobody has.
Task<Receipt> set_control(sdk::Write write, std::string_view what, const sdk::Order& order,
                          sdk::Session& session) {
  const auto id = JsonView(order.subject).at_path("conversation.id").text();
  sdk::Step step(
      "control", std::move(write),
      [id, answer = "the answer to " + std::string(what)](const Reply& reply) -> Result<Receipt> {
        const auto body = parse_json(reply.body, FailureKind::ambiguous, answer);
        if (!body) return body.error();
        if (!body->is_object()) return Failure(FailureKind::ambiguous, answer + " is no object");
        return Receipt(id);
      },
      sdk::repeatable);
  co_return co_await session.once(std::move(step));
}

nlohmann::json metadata_of(const sdk::Order& order) {
  const JsonView subject(order.subject);
  nlohmann::json metadata = {{"baton_handoff_id", subject["handoff_id"].text()}};
  // 4 KB in all; the resolution is for the bot to read, not to archive.
  sdk::put(metadata, "baton_resolution", subject["text"].text(), 2000);
  return metadata;
}

Task<Receipt> take_control(const sdk::Order& order, sdk::Session& session) {
  auto write = pass_control(place_of(order), order.settings["integration"], metadata_of(order));
  co_return co_await set_control(std::move(write), "passControl", order, session);
}

// Without a bot's name control becomes nobody's, and the switchboard's default integration is asked next.
Task<Receipt> give_back(const sdk::Order& order, sdk::Session& session) {
  const auto bot = order.settings["bot"];
  auto write = bot.empty() ? release_control(place_of(order), metadata_of(order))
                           : pass_control(place_of(order), bot, metadata_of(order));
  co_return co_await set_control(std::move(write), bot.empty() ? "releaseControl" : "passControl", order,
                                 session);
}

// Who the customer is: a hand-over names nobody. What they wrote names at least an id.
Task<nlohmann::json> fetch_customer(const Place& place, std::string id, sdk::ReadSession& session) {
  const auto reply = co_await session.read(sdk::Read::get(place.user(id), {{"accept", "application/json"}}));
  const auto body = reply ? parse_json(reply->body, FailureKind::retryable, "the user")
                          : Result<nlohmann::json>(reply.error());
  auto customer = body ? customer_of(JsonView(*body)["user"]) : nlohmann::json::object();
  if (customer.empty()) sdk::put(customer, "id", id);  // the conversation is worth having all the same
  co_return customer;
}

Task<nlohmann::json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session) {
  const auto place = place_of(order);
  std::vector<nlohmann::json> newest_first;
  std::string writer;  // the customer who wrote last
  auto page = messages(place);
  for (;;) {
    const auto reply = co_await session.read(page);
    if (!reply) co_return reply.error();
    const auto body = parse_json(reply->body, FailureKind::retryable, "the conversation");
    if (!body) co_return body.error();
    const auto list = JsonView(*body)["messages"].list();
    if (!list) co_return Failure(FailureKind::retryable, "the conversation came without a list of messages");
    for (auto message = list->rbegin(); message != list->rend(); ++message) {
      newest_first.push_back(to_message(*message));
      if (writer.empty()) writer = writer_of(*message);
    }
    if (newest_first.size() >= kMostMessages) break;
    const auto before = earlier(*reply);
    if (!before || !*before) break;  // what was read is worth having, even if the rest cannot be found
    page = messages(place, **before);
  }
  if (newest_first.size() > kMostMessages) newest_first.resize(kMostMessages);
  auto transcript = nlohmann::json::array();
  for (auto message = newest_first.rbegin(); message != newest_first.rend(); ++message)
    transcript.push_back(std::move(*message));
  nlohmann::json found = {{"transcript", std::move(transcript)}};
  if (!writer.empty()) {
    auto customer = co_await fetch_customer(place, writer, session);
    if (customer) found["customer"] = std::move(*customer);
  }
  co_return found;
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::tell_customer, tell_customer},
    {Operation::take_control, take_control},
    {Operation::give_back, give_back},
    {Operation::fetch_transcript, nullptr, fetch_transcript},
});

constexpr auto kFields = std::to_array<sdk::Field>({
    {"key_id", sdk::Need::required, "", "Id of an API key of the app (app_... or act_...)"},
    {"key_secret", sdk::Need::secret, "", "Secret of that API key"},
    {"webhook_secret", sdk::Need::secret, "", "Secret that was shown when the webhook was created"},
    {"app_id", sdk::Need::required, "", "Id of the Sunshine Conversations app"},
    {"integration", sdk::Need::optional, "baton", "Name of Baton's own switchboard integration"},
    {"bot", sdk::Need::optional, "",
     "Name of the bot's switchboard integration: it gets the conversation back; empty: control is released, "
     "and the switchboard's default integration is asked next"},
    {"display_name", sdk::Need::optional, "Support", "Who speaks where no person is named"},
});

constexpr sdk::Manifest kManifest{
    .name = "sunshine",
    .title = "Zendesk messaging (Sunshine Conversations)",
    .api_version = "v2",
    .idempotency = sdk::Idempotency::b,
    .actions = kActions,
    .fields = kFields,
    .base_url = "",  // https://NAME.zendesk.com/sc
    .source = true,
    .limits = {.per_second = 10, .burst = 20, .at_once = 4, .max_body_bytes = 64 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class Sunshine final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings& settings) const override {
    return sdk::BasicAuth(std::string(settings["key_id"]), "key_secret");
  }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    auto failure = sdk::classify_http(seen);
    if (!failure) return failure;
    const int status = seen.reply.status;
    // A full conversation takes no further message (30,000), whoever asks.
    if (status == 423) failure->kind = FailureKind::rejected;
    // A proxy may say it after the work was done.
    if (status == 503 && seen.writes) failure->kind = FailureKind::ambiguous;
    return failure;
  }
  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override {
    return sunshine::read_events(request, keys, settings);
  }
  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    sdk::Findings findings;
    const auto app = "/v2/apps/" + percent_encode(settings["app_id"]);
    const auto reply = co_await session.read(sdk::Read::get(app, {{"accept", "application/json"}}));
    findings.emplace_back("the API key and the app", reply.has_value(),
                          reply ? "" : "check app_id, key_id and key_secret: " + reply.error().detail);
    if (!reply) co_return findings;
    const auto boards =
        co_await session.read(sdk::Read::get(app + "/switchboards", {{"accept", "application/json"}}));
    const auto body = boards ? parse_json(boards->body, FailureKind::retryable, "")
                             : Result<nlohmann::json>(boards.error());
    const auto list = body ? JsonView(*body)["switchboards"].list() : std::nullopt;
    const bool fine = list && !list->empty();
    findings.emplace_back("a switchboard", fine, fine ? "" : "add bot and Baton to a switchboard of the app");
    co_return findings;
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Sunshine>(); }

}  // namespace baton::sunshine
