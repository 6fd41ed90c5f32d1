// Purpose: Chatwoot as a chat platform: its handoffs, messages and resolutions come in; messages to the
// customer, the status of the conversation and a note for the bot go out.
// Source: fact sheet ingress, section 4.1; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <algorithm>
#include <array>

#include "connectors/chatwoot/transcript.h"
#include "connectors/chatwoot/webhook.h"
#include "connectors/chatwoot/wire.h"
#include "connectors/sdk/parts.h"

namespace baton::chatwoot {
namespace {

using nlohmann::json;

// A request that is still under way at Chatwoot when its answer is lost may end.
constexpr auto kSettle = Duration{10s};
constexpr std::size_t kMostMessages = 500;
constexpr std::size_t kMostParts = 6;
constexpr int kMostPages = 60;  // twice what 500 messages take, for notes and activities between them

// B: Chatwoot takes no key, but keeps content_attributes: our key stands there, and the conversation is
// read back to its beginning before the message is sent again.
sdk::Step message_step(std::string name, sdk::Write write, const Place& place, const std::string& key,
                       const std::string& url) {
  return sdk::Step(
      std::move(name), std::move(write), [url](const Reply& reply) { return read_message(reply, url); },
      sdk::Lookup(
          list_messages(place), [key, url](const Reply& reply) { return match_message(reply, key, url); },
          kSettle, [place](const Reply& reply) { return page_before(place, reply); }));
}

// To set a status that it already has changes nothing.
sdk::Step status_step(const Place& place, const std::string& status, const std::string& url) {
  return sdk::Step(
      "status", set_status(place, status),
      [id = place.conversation, status, url](const Reply& reply) {
        return read_status(reply, id, status, url);
      },
      sdk::repeatable);
}

Task<Standing> how_it_stands(const Place& place, sdk::ReadSession& session) {
  const auto reply = co_await session.read(read_conversation(place));
  if (!reply) co_return reply.error();
  co_return standing_of(*reply, place);
}

Task<Receipt> tell_customer(const sdk::Order& order, sdk::Session& session) {
  const JsonView subject(order.subject);
  const auto place = place_of(order.settings, subject);
  if (!place) co_return place.error();
  const auto url = link_of(order.settings, place->conversation);
  const auto words = words_of(subject["text"].text(), subject["by"].text(), kMostParts);
  if (words.empty()) co_return Failure(FailureKind::rejected, "there is no text to send");
  Receipt last;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = sdk::part_number(i);
    const auto key = order.external_id + number;
    auto write = send_message(*place, words[i], key, Seen::by_customer);
    auto sent = co_await session.once(message_step("message" + number, std::move(write), *place, key, url));
    if (!sent) co_return sent.error();
    last = *sent;
  }
  co_return last;
}

// Whoever opens a conversation as an agent has it in Chatwoot from then on (its conversations_controller,
// should_assign_conversation?). Baton answers nobody: nothing would be assigned to a person any more.
Task<Receipt> keep_nobodys(const Place& place, std::string url, sdk::Session& session) {
  sdk::Step step(
      "assignee", unassign(place),
      [id = place.conversation, url](const Reply& reply) { return read_unassigned(reply, id, url); },
      sdk::repeatable);
  const auto freed = co_await session.once(std::move(step));
  // A custom role may open and not assign: the conversation is open, and the operator has been told (README).
  if (!freed && freed.error().kind != FailureKind::rejected &&
      freed.error().kind != FailureKind::misconfigured) {
    co_return freed.error();
  }
  co_return Receipt(place.conversation, url);
}

// Open is the state in which agents see a conversation and the bot is silent. Most bots have opened it
// already when they hand over.
Task<Receipt> take_control(const sdk::Order& order, sdk::Session& session) {
  const auto place = place_of(order.settings, order.subject);
  if (!place) co_return place.error();
  const auto url = link_of(order.settings, place->conversation);
  auto standing = co_await how_it_stands(*place, session);
  if (!standing) co_return standing.error();
  if (standing->status != "open") {
    const auto opened = co_await session.once(status_step(*place, "open", url));
    if (!opened) co_return opened.error();
    standing = co_await how_it_stands(*place, session);
    if (!standing) co_return standing.error();
  }
  const auto ourselves = order.settings["baton_user_id"];
  if (!ourselves.empty() && standing->assignee == ourselves)
    co_return co_await keep_nobodys(*place, url, session);
  co_return Receipt(place->conversation, url);
}

// The bot has it again; how it was solved is a note for it and for whoever reads the conversation next. What
// a person resolved in Chatwoot stays resolved, and what they gave back there is the bot's already.
Task<Receipt> give_back(const sdk::Order& order, sdk::Session& session) {
  const auto place = place_of(order.settings, order.subject);
  if (!place) co_return place.error();
  const auto url = link_of(order.settings, place->conversation);
  if (const auto words = words_of(JsonView(order.subject)["text"].text(), "Solved", 1); !words.empty()) {
    auto note = send_message(*place, words.front(), order.external_id, Seen::by_agents);
    const auto noted =
        co_await session.once(message_step("note", std::move(note), *place, order.external_id, url));
    // A note that Chatwoot refuses is no reason to keep the conversation from the bot.
    if (!noted && noted.error().kind != FailureKind::rejected) co_return noted.error();
  }
  const auto standing = co_await how_it_stands(*place, session);
  if (!standing) co_return standing.error();
  if (standing->status == "resolved" || standing->status == "pending")
    co_return Receipt(place->conversation, url);
  const std::string status(order.settings["returned_status"]);
  co_return co_await session.once(status_step(*place, status, url));
}

// Backwards from the newest page: at most 500 messages, the newest ones.
Task<json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session) {
  const auto place = place_of(order.settings, order.subject);
  if (!place) co_return place.error();
  json lines = json::array(), customer = json::object();  // newest first
  std::optional<std::int64_t> before;
  for (int pages = 0; pages < kMostPages && lines.size() < kMostMessages; ++pages) {
    const auto reply = co_await session.read(list_messages(*place, before));
    if (!reply) co_return reply.error();
    auto page = read_page(*reply, FailureKind::retryable);
    if (!page) co_return page.error();
    const auto oldest = oldest_of(*page);
    if (!oldest || (before && *oldest >= *before)) break;  // the beginning, or a server that does not go back
    std::sort(page->begin(), page->end(), [](const json& a, const json& b) {
      return JsonView(a)["id"].integer().value_or(0) > JsonView(b)["id"].integer().value_or(0);
    });
    for (const auto& message : *page) {
      if (auto line = line_of(message, "type"); line && lines.size() < kMostMessages)
        lines.push_back(std::move(*line));
      const JsonView view(message);
      if (customer.empty() && view["message_type"].integer() == 0) customer = customer_of(view["sender"]);
    }
    before = oldest;
  }
  std::reverse(lines.begin(), lines.end());
  json found = {{"transcript", std::move(lines)}};
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
    {"account_id", sdk::Need::required, "", "Number of the account, from Chatwoot's address /app/accounts/N"},
    {"api_token", sdk::Need::secret, "", "Access token of the agent that Baton acts as"},
    {"webhook_secret", sdk::Need::optional_secret, "",
     "Secret of the webhook, from Chatwoot 4.13 on; without it and without url_token every webhook is "
     "refused"},
    {"url_token", sdk::Need::optional_secret, "",
     "Random text at the end of the webhook's address, ?token=..., for servers that do not sign"},
    {"webhook_tolerance", sdk::Need::optional, "5m", "How old or early the signature of a webhook may be"},
    {"baton_user_id", sdk::Need::optional, "",
     "User id that Baton acts as: its own messages are not taken for an agent's, and what Chatwoot assigns "
     "to it becomes nobody's again"},
    {"returned_status", sdk::Need::optional, "pending",
     "Status when the AI has the conversation back: pending (the bot goes on) or resolved"},
    {"intent_attribute", sdk::Need::optional, "ai_intent",
     "Custom attribute in which the bot names the intent"},
    {"confidence_attribute", sdk::Need::optional, "ai_confidence",
     "Custom attribute in which the bot says how sure it was, 0 to 1"},
    {"reason_attribute", sdk::Need::optional, "ai_reason",
     "Custom attribute in which the bot says why it hands over"},
    {"summary_attribute", sdk::Need::optional, "ai_summary", "Custom attribute in which the bot sums up"},
});

constexpr sdk::Manifest kManifest{
    .name = "chatwoot",
    .title = "Chatwoot",
    .api_version = "v1",
    .idempotency = sdk::Idempotency::b,
    .actions = kActions,
    .fields = kFields,
    .base_url = "https://app.chatwoot.com",
    .source = true,
    // The sheet names no limit; self-hosted servers are small.
    .limits = {.per_second = 5, .burst = 20, .at_once = 4, .max_body_bytes = 64 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class Chatwoot final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override {
    return sdk::HeaderAuth("api_access_token", "api_token");
  }

  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    auto failure = sdk::classify_http(seen);
    if (!failure) return failure;
    const int status = seen.reply.status;
    if (status >= 300 && status < 400)
      failure->kind = FailureKind::misconfigured;  // base_url leads elsewhere
    // A proxy's word as often as Chatwoot's: looked at before it is repeated.
    if (status == 503 && seen.writes) failure->kind = FailureKind::ambiguous;
    return failure;
  }

  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override {
    return chatwoot::read_events(request, keys, settings);
  }

  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override;
};

// The token's own profile names the accounts that it belongs to (section 9).
Task<sdk::Findings> Chatwoot::probe(const sdk::Settings& settings, sdk::ReadSession& session) const {
  const std::string account(settings["account_id"]);
  sdk::Findings findings;
  const auto reply =
      co_await session.read(sdk::Read::get("/api/v1/profile", {{"accept", "application/json"}}));
  const auto body = reply ? parse_json(reply->body, FailureKind::retryable, "Chatwoot's profile")
                          : Result<json>(reply.error());
  findings.emplace_back(
      "the access token", body.has_value(),
      body ? ""
           : "copy it from Profile settings, Access token, of the user that Baton acts as: " +
                 body.error().detail);
  if (!body) co_return findings;
  const JsonView profile(*body);
  const auto accounts = items(profile["accounts"]);
  const bool member = std::ranges::any_of(accounts, [&](JsonView one) { return one["id"].id() == account; });
  findings.emplace_back(
      "membership in account " + account, member,
      member ? "" : "invite the user under Settings, Agents, and add it to the bot's inbox");
  const auto user = profile["id"].id().value_or("");
  const bool echo = !user.empty() && settings["baton_user_id"] == user;
  findings.emplace_back("the echo guard", echo, echo ? "" : "set baton_user_id to " + user);
  const auto returned = settings["returned_status"];
  const bool known = returned == "pending" || returned == "resolved";
  findings.emplace_back("returned_status", known, known ? "" : "say pending or resolved");
  co_return findings;
}

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Chatwoot>(); }

}  // namespace baton::chatwoot
