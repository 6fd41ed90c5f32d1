// Purpose: Twilio Conversations and Flex as a chat platform: tasks, messages and ends of conversations come
// in; messages to the customer and who has the conversation go out.
// Source: fact sheet ingress, section 4.7; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <algorithm>
#include <array>

#include "connectors/sdk/parts.h"
#include "connectors/twilio/control.h"
#include "connectors/twilio/handoff.h"
#include "connectors/twilio/transcript.h"
#include "connectors/twilio/webhook.h"
#include "connectors/twilio/wire.h"
#include "gateway/base/text.h"

namespace baton::twilio {
namespace {

using nlohmann::json;

// A request that is still under way at Twilio when its answer is lost may end.
constexpr auto kSettle = Duration{10s};
constexpr std::size_t kMostMessages = 500;
constexpr int kMostPages = 20;  // four times what 500 messages take, for those without words

// B: Twilio takes no key for a message, but keeps its attributes: ours stands there, and the conversation is
// read back to its beginning before the message is sent again.
sdk::Step message_step(std::string name, sdk::Write write, const Place& place, const std::string& key) {
  return sdk::Step(
      std::move(name), std::move(write), [place](const Reply& reply) { return read_message(reply, place); },
      sdk::Lookup(
          newest_messages(place), [key](const Reply& reply) { return match_message(reply, key); }, kSettle,
          [path = place.messages()](const Reply& reply) {
            return next_page(reply, path, FailureKind::ambiguous);
          }));
}

// Nothing can be written into a conversation that is closed, and nobody is there to read it: that is no work
// for a person. How Twilio words that refusal is told nowhere, but the conversation has a state.
Task<Receipt> unless_closed(const Place& place, Failure refusal, sdk::Session& session) {
  if (refusal.kind == FailureKind::rejected) {
    const auto conversation = co_await session.read(read_conversation(place));
    if (conversation && is_closed(*conversation, place)) co_return Receipt(place.conversation);
  }
  co_return refusal;
}

Task<Receipt> tell_customer(const sdk::Order& order, sdk::Session& session) {
  const JsonView subject(order.subject);
  const auto place = place_of(order.settings, subject);
  if (!place) co_return place.error();
  const auto by = subject["by"].text();
  const auto text = to_valid_utf8(trim(subject["text"].text()));
  if (text.empty()) co_return Failure(FailureKind::rejected, "there is no text to send");
  const auto parts = sdk::parts_of(by.empty() ? text : by + ": " + text, kLongestText, kMostParts);
  Receipt last;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = sdk::part_number(i);
    const auto key = order.external_id + number;
    auto write = send_message(*place, order.settings["author"], parts[i], by, key);
    auto sent = co_await session.once(message_step("message" + number, std::move(write), *place, key));
    if (!sent) co_return co_await unless_closed(*place, sent.error(), session);
    last = *sent;
  }
  co_return last;
}

// The attributes are read before they are written: others keep theirs. What is sent again after a lost reply
// are the same bytes, and only if the look-up shows that ours are not there.
Task<Receipt> set_holder(const Place& place, const Control& control, sdk::Session& session) {
  const auto conversation = co_await session.read(read_conversation(place));
  if (!conversation) co_return conversation.error();
  auto write = set_control(place, *conversation, control);
  if (!write) co_return write.error();
  sdk::Step step(
      "control", std::move(*write),
      [place, key = control.key](const Reply& reply) { return read_control(reply, place, key); },
      sdk::Lookup(
          read_conversation(place),
          [place, key = control.key](const Reply& reply) { return match_control(reply, place, key); },
          kSettle));
  co_return co_await session.once(std::move(step));
}

Control control_of(std::string_view holder, const sdk::Order& order) {
  Control control;
  control.holder = std::string(holder);
  control.handoff = JsonView(order.subject)["handoff_id"].text();
  control.key = order.external_id;
  return control;
}

Task<Receipt> take_control(const sdk::Order& order, sdk::Session& session) {
  const auto place = place_of(order.settings, order.subject);
  if (!place) co_return place.error();
  const auto control = control_of("human", order);
  co_return co_await set_holder(*place, control, session);
}

// A flow that ended with the handoff hears the conversation again by a webhook of the conversation. One that
// still has its webhook gets no second one: it would answer twice.
Task<Receipt> wake_flow(const Place& place, const std::string& flow, sdk::Session& session) {
  const auto webhooks = co_await session.read(get(place.webhooks()));
  if (!webhooks) co_return webhooks.error();
  const auto there = match_flow(*webhooks, flow);
  if (!there) co_return Failure(FailureKind::retryable, there.error().detail);
  if (*there) co_return **there;
  sdk::Step step(
      "flow", attach_flow(place, flow), read_attached,
      sdk::Lookup(
          get(place.webhooks()), [flow](const Reply& reply) { return match_flow(reply, flow); }, kSettle,
          [path = place.webhooks()](const Reply& reply) {
            return next_page(reply, path, FailureKind::ambiguous);
          }));
  co_return co_await session.once(std::move(step));
}

Task<Receipt> give_back(const sdk::Order& order, sdk::Session& session) {
  const auto place = place_of(order.settings, order.subject);
  if (!place) co_return place.error();
  auto control = control_of("ai", order);
  control.resolution = JsonView(order.subject)["text"].text();
  const auto done = co_await set_holder(*place, control, session);
  if (!done) co_return co_await unless_closed(*place, done.error(), session);
  const std::string flow(order.settings["studio_flow"]);
  if (flow.empty()) co_return done;
  const auto awake = co_await wake_flow(*place, flow, session);
  if (!awake) co_return co_await unless_closed(*place, awake.error(), session);
  co_return done;
}

// Backwards from the newest page: at most 500 messages, the newest ones.
Task<json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session) {
  const auto place = place_of(order.settings, order.subject);
  if (!place) co_return place.error();
  json lines = json::array();  // newest first
  std::optional<sdk::Read> page = newest_messages(*place);
  for (int pages = 0; page && pages < kMostPages && lines.size() < kMostMessages; ++pages) {
    const auto reply = co_await session.read(*page);
    if (!reply) co_return reply.error();
    const auto messages = read_page(*reply, "messages", FailureKind::retryable);
    if (!messages) co_return messages.error();
    for (const auto& message : *messages) {
      auto line = line_of(message, order.settings);
      if (line && lines.size() < kMostMessages) lines.push_back(std::move(*line));
    }
    auto next = next_page(*reply, place->messages(), FailureKind::retryable);
    if (!next) co_return next.error();
    page = std::move(*next);
  }
  std::reverse(lines.begin(), lines.end());
  // A step or a message may not have said who the customer is; what it did say goes first.
  const auto customer =
      std::ranges::find_if(lines, [](const json& line) { return line["role"] == "customer"; });
  json found = json::object();
  if (customer != lines.end()) {
    const json about = {{"from", (*customer)["author"]}};
    found["customer"] = customer_of(about);
  }
  found["transcript"] = std::move(lines);
  co_return found;
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::fetch_transcript, nullptr, fetch_transcript},
    {Operation::tell_customer, tell_customer},
    {Operation::take_control, take_control},
    {Operation::give_back, give_back},
});

constexpr auto kFields = std::to_array<sdk::Field>({
    {"account_sid", sdk::Need::required, "", "SID of the account, AC..."},
    {"auth_token", sdk::Need::secret, "",
     "Auth token of the account: webhooks are signed with it, and without api_key requests are made with it"},
    {"api_key", sdk::Need::optional, "", "SID of an API key, SK..., for requests instead of the auth token"},
    {"api_secret", sdk::Need::optional_secret, "", "Secret of that API key"},
    {"shared_key", sdk::Need::optional_secret, "",
     "Secret of the SharedKey that signs webhooks with HMAC-SHA256 instead of "
     "the auth token"},
    {"webhook_url", sdk::Need::required, "",
     "Address of Baton's door as it stands at Twilio, https://BATON/v1/in/SOURCE: it is part of what is "
     "signed"},
    {"ai_authors", sdk::Need::required, "",
     "Authors under which the bot writes, with commas; * at an end stands for anything"},
    {"agent_authors", sdk::Need::optional, "",
     "Authors under which people write from Flex, with commas; * at an end stands for anything"},
    {"author", sdk::Need::optional, "Support", "Author of what Baton writes; nobody else may write under it"},
    {"service", sdk::Need::optional, "", "SID of the Conversations service, IS...; empty: the default one"},
    {"workflow", sdk::Need::optional, "",
     "SID of the TaskRouter workflow whose tasks are handoffs, WW...; empty: tasks of every one"},
    {"high_from", sdk::Need::optional, "", "TaskPriority from which a handoff is high; empty: none is"},
    {"urgent_from", sdk::Need::optional, "", "TaskPriority from which a handoff is urgent; empty: none is"},
    {"studio_flow", sdk::Need::optional, "",
     "SID of the Studio flow that hears the conversation again when it is given back, FW...; empty: none"},
});

constexpr sdk::Manifest kManifest{
    .name = "twilio",
    .title = "Twilio Conversations and Flex",
    .api_version = "v1",
    .idempotency = sdk::Idempotency::b,
    .actions = kActions,
    .fields = kFields,
    .base_url = "https://conversations.twilio.com",
    .source = true,
    .refused_status = 403,  // section 6
    // The sheet names no limit; 429 is obeyed.
    .limits = {.per_second = 10, .burst = 20, .at_once = 4, .max_body_bytes = 64 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class Twilio final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }

  sdk::Auth auth(const sdk::Settings& settings) const override {
    const auto key = settings["api_key"];
    if (!key.empty()) return sdk::BasicAuth(std::string(key), "api_secret");
    return sdk::BasicAuth(std::string(settings["account_sid"]), "auth_token");
  }

  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    auto failure = sdk::classify_http(seen);
    if (!failure) return failure;
    const int status = seen.reply.status;
    if (status >= 300 && status < 400)
      failure->kind = FailureKind::misconfigured;  // base_url leads elsewhere
    // A proxy's word as often as Twilio's: looked at before it is repeated.
    if (status == 503 && seen.writes) failure->kind = FailureKind::ambiguous;
    return failure;
  }

  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override {
    return twilio::read_events(request, keys, settings);
  }

  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override;
};

// The account's own webhook of Conversations tells whether the key is right and whether messages come here.
Task<sdk::Findings> Twilio::probe(const sdk::Settings& settings, sdk::ReadSession& session) const {
  sdk::Findings findings;
  const std::string url(settings["webhook_url"]);
  const bool safe = url.starts_with("https://");
  findings.emplace_back("webhook_url", safe,
                        safe ? "" : "write the whole address, https://BATON/v1/in/SOURCE: Twilio signs it");
  const auto reply = co_await session.read(get(service_path(settings) + "/Configuration/Webhooks"));
  const auto body = reply ? parse_json(reply->body, FailureKind::retryable, "Twilio's configuration")
                          : Result<json>(reply.error());
  findings.emplace_back("the credential", body.has_value(),
                        body ? ""
                             : "check account_sid and auth_token, or api_key and api_secret, in the Twilio "
                               "console under Account, API keys & tokens: " +
                                   body.error().detail);
  if (!body) co_return findings;
  const JsonView webhook(*body);
  const bool here = webhook["post_webhook_url"].text() == url;
  findings.emplace_back("the webhook of Conversations", here,
                        here ? ""
                             : "Conversations, Manage, Global webhooks: set the post-event URL to " + url +
                                   ", unless each conversation has a webhook of its own");
  const auto filters = items(webhook["filters"]);
  for (const auto* event : {"onMessageAdded", "onConversationStateUpdated"}) {
    const bool on = std::ranges::any_of(filters, [&](JsonView one) { return one.text() == event; });
    findings.emplace_back("the event " + std::string(event), on,
                          on ? "" : "tick it in Conversations, Manage, Global webhooks");
  }
  co_return findings;
}

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Twilio>(); }

}  // namespace baton::twilio
