// Purpose: Slack: the card that agents see and claim, its updates, and words below it; and as a chat platform
// the thread in which a customer and an AI talk.
// Source: fact sheet slack; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <algorithm>
#include <array>

#include "connectors/slack/conversation.h"
#include "connectors/slack/errors.h"
#include "connectors/slack/events.h"
#include "connectors/slack/probe.h"
#include "connectors/slack/thread.h"
#include "connectors/slack/webhook.h"
#include "connectors/slack/wire.h"
#include "gateway/base/json_view.h"

namespace baton::slack {
namespace {

// What reads the answer to a message for `channel`.
sdk::Step::ReadReply posted_in(const std::string& channel) {
  return [channel](const Reply& reply) { return read_posted(reply, channel); };
}

// A card that Slack will not render goes once more as plain text: people are told in any case.
Task<Receipt> post_alert(const sdk::Order& order, sdk::Session& session) {
  MessageId channel;
  channel.channel = std::string(order.settings["channel"]);
  auto posted = co_await session.once(post_once(
      "card", post_card(channel.channel, order.document, order.external_id), channel, order.external_id));
  if (posted || !refuses_blocks(posted.error())) co_return posted;
  co_return co_await session.once(post_once("plain_card",
                                            post_plain(channel.channel, order.document, order.external_id),
                                            channel, order.external_id));
}

// The whole card again: text alone would wipe its blocks (section 3.2).
Task<Receipt> update_alert(const sdk::Order& order, sdk::Session& session) {
  const auto message = read_message_id(order.target.object_id);
  if (!message) co_return message.error();
  sdk::Step card("card", update_card(*message, order.document), posted_in(message->channel), sdk::repeatable);
  auto updated = co_await session.once(std::move(card));
  if (updated || !refuses_blocks(updated.error())) co_return updated;
  sdk::Step plain("plain_card", update_plain(*message, order.document), posted_in(message->channel),
                  sdk::repeatable);
  co_return co_await session.once(std::move(plain));
}

// The address came in a signed click, but a request that leaves for it must not go anywhere else.
// The host that gets our token anyway may name addresses of its own.
bool is_slacks_own(std::string_view address, const sdk::Settings& settings) {
  std::string hooks(settings["hooks_url"]);
  if (!hooks.ends_with('/')) hooks += '/';
  if (hooks.size() > 1 && address.starts_with(hooks)) return true;
  const auto base = settings["base_url"];
  const auto host = base.find("://");
  if (host == std::string_view::npos) return false;
  const auto origin = std::string(base.substr(0, base.find('/', host + 3))) + "/";
  return address.starts_with(origin);
}

Task<Receipt> answer_the_click(const sdk::Order& order, sdk::Session& session) {
  const auto address = JsonView(order.subject)["reply_address"].text();
  if (!is_slacks_own(address, order.settings)) {
    co_return Failure(FailureKind::rejected,
                      "the click's reply address lies neither below hooks_url nor at base_url's host");
  }
  // The answer names no message; nobody else can see this one.
  sdk::Step answer(
      "answer", answer_click(address, JsonView(order.subject)["text"].text()),
      [id = order.target.object_id](const Reply&) { return Result<Receipt>(Receipt(id)); }, sdk::repeatable);
  co_return co_await session.once(std::move(answer));
}

Task<Receipt> reply_in_thread(const sdk::Order& order, sdk::Session& session) {
  const JsonView subject(order.subject);
  if (!subject["reply_address"].text().empty()) co_return co_await answer_the_click(order, session);
  const auto message = read_message_id(order.target.object_id);
  if (!message) co_return message.error();
  co_return co_await session.once(post_once(
      "reply", reply_below(*message, subject["text"].text(), subject["to"].text(), order.external_id),
      *message, order.external_id));
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::post_alert, post_alert},
    {Operation::update_alert, update_alert},
    {Operation::reply_in_thread, reply_in_thread},
    {Operation::notify, post_alert},  // a card of its own shape, which its mapping gives it
    {Operation::fetch_transcript, nullptr, fetch_transcript},
    {Operation::tell_customer, tell_customer},
    {Operation::take_control, take_control},
    {Operation::give_back, give_back},
});

// A name is taken for cards alone, and no look-up finds it: ids are asked for everywhere else
// (sections 3.1, 3.4).
std::string_view wrong_channel(std::string_view value) {
  const bool is_name = std::ranges::any_of(
      value, [](char c) { return (c >= 'a' && c <= 'z') || c == '#' || c == '@' || c == ' '; });
  if (!is_name) return {};
  return "must be the channel's id (C...), which stands at the end of its details in Slack, and not its name";
}

std::string_view wrong_token(std::string_view value) {
  if (value.starts_with("xoxp-"))
    return "is a person's token: take the Bot User OAuth Token (xoxb-...) of OAuth & Permissions";
  if (value.starts_with("xapp-") || value.starts_with("xoxe-"))
    return "is an app-level or a refresh token: take the Bot User OAuth Token (xoxb-...) of OAuth & "
           "Permissions";
  if (value.starts_with("https://"))
    return "is the address of an incoming webhook: take the Bot User OAuth Token (xoxb-...) of OAuth & "
           "Permissions";
  return {};
}

constexpr auto kFields = std::to_array<sdk::Field>({
    {"token", sdk::Need::secret, "", "Bot token (xoxb-...) of the installed app", wrong_token},
    {"signing_secret", sdk::Need::optional_secret, "",
     "Signing secret of the app; without it Baton refuses every click"},
    {"channel", sdk::Need::required, "", "Id of the channel for the cards (C...), not its name",
     wrong_channel},
    {"hooks_url", sdk::Need::optional, "https://hooks.slack.com/",
     "Where the reply addresses of clicks must lie; another address only for GovSlack or a simulator"},
    {"ask_words", sdk::Need::optional, "",
     "Words, separated by commas, one of which in a message asks for a person; empty: to mention the app "
     "does"},
    {"ask_command", sdk::Need::optional, "/human", "Slash command that asks for a person"},
    {"command", sdk::Need::optional, "/baton",
     "Slash command by which members of teams say whether they are there, and see the queue"},
    {"team_id", sdk::Need::optional, "",
     "Id of the workspace (T...), for an app that is installed in several: only what Slack says of this one "
     "parks the destination"},
    {"control_reaction", sdk::Need::optional, "",
     "Name of the emoji that marks a thread while people have it, for the AI's app to be silent (Slack has "
     "no "
     "switchboard); empty: no mark"},
    {"returned_text", sdk::Need::optional, "The assistant has this conversation again.",
     "What the customer reads when the AI has the conversation again; empty: nothing is written"},
});

constexpr sdk::Manifest kManifest{
    .name = "slack",
    .title = "Slack",
    .api_version = "Web API",
    .idempotency = sdk::Idempotency::b,
    .actions = kActions,
    .fields = kFields,
    .base_url = "https://slack.com/api",
    .source = true,
    .one_address = true,
    // chat.postMessage: about one a second and channel, short bursts allowed (section 5).
    .limits = {.per_second = 1, .burst = 5, .at_once = 2, .max_body_bytes = 64 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class Slack final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::BearerAuth("token"); }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override { return slack::classify(seen); }
  std::vector<sdk::Remark> judge(const sdk::Settings&,
                                 const std::function<bool(std::string_view)>& has) const override {
    std::vector<sdk::Remark> remarks;
    if (!has("signing_secret"))
      remarks.emplace_back("signing_secret",
                           "is not given, so every click on a card is refused: give Baton the app's signing "
                           "secret (Basic Information), or take the buttons out of your mapping",
                           false);
    return remarks;
  }
  Task<std::string> find_person(std::string email, sdk::ReadSession& session) const override {
    return slack::find_person(std::move(email), session);
  }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    return slack::read_webhook(request, keys, settings);
  }
  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override {
    return slack::read_events(request, keys, settings);
  }
  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    return slack::probe(settings, session);
  }
  Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) const override {
    return slack::prepare(settings, session);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Slack>(); }

}  // namespace baton::slack
