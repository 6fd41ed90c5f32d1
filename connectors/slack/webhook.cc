#include "connectors/slack/webhook.h"

#include <algorithm>
#include <charconv>

#include "connectors/slack/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

constexpr auto kTolerance = Duration{5min};

std::optional<TimePoint> read_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999, far from any overflow
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > kLast) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::seconds(seconds));
}

constexpr std::string_view kFeedback = "baton_feedback_";

std::optional<SignalKind> kind_of(std::string_view action) {
  if (action.starts_with(kFeedback)) {
    action.remove_prefix(kFeedback.size());
    const bool known = std::ranges::find(kFaults, action) != kFaults.end();
    return known ? std::optional(SignalKind::judged) : std::nullopt;
  }
  if (action == "baton_claim") return SignalKind::claimed;
  if (action == "baton_release") return SignalKind::released;
  if (action == "baton_decline") return SignalKind::declined;
  if (action == "baton_return") return SignalKind::solved;  // the AI may have the conversation again
  return std::nullopt;                                      // link buttons report their clicks too
}

std::string first_of(JsonView one, JsonView other) {
  const auto text = one.text();
  return text.empty() ? other.text() : text;
}

Result<Signal> read_click(SignalKind kind, JsonView payload, JsonView action) {
  const auto channel = first_of(payload["container"]["channel_id"], payload["channel"]["id"]);
  const auto ts = first_of(payload["container"]["message_ts"], payload["message"]["ts"]);
  const auto who = payload["user"]["id"].text();
  const auto at = action["action_ts"].text();
  if (channel.empty() || ts.empty() || who.empty() || at.empty()) {
    return Failure(FailureKind::rejected, "the click names no message, person or time");
  }
  const auto card = channel + ":" + ts;
  Signal signal(kind, at + "/" + card + "/" + who, card, who);
  if (kind == SignalKind::judged) {
    signal.about = action["action_id"].text().substr(kFeedback.size());
    signal.id = "judged/" + signal.about + "/" + card + "/" + who;  // said once, however often it is clicked
  }
  signal.who_name = first_of(payload["user"]["username"], payload["user"]["name"]);
  signal.reply_address = payload["response_url"].text();
  signal.handoff = HandoffId(action["value"].text());  // ingress looks it up: what comes back is only a hint
  return signal;
}

// The answer to a click is empty and at once; what it led to is told through its reply address.
Result<sdk::Webhook> read_interaction(const std::string& text) {
  const auto payload = parse_json(text, FailureKind::rejected, "Slack's interaction");
  if (!payload) return payload.error();
  const JsonView view(*payload);
  sdk::Webhook webhook;
  if (view["type"].text() != "block_actions") return webhook;
  for (const auto& action : items(view["actions"])) {
    const auto kind = kind_of(action["action_id"].text());
    if (!kind) continue;
    auto signal = read_click(*kind, view, action);
    if (!signal) return signal.error();
    webhook.signals.push_back(*std::move(signal));
  }
  return webhook;
}

// An app may be installed in several workspaces; what is told of another one's is not ours.
bool is_of_our_workspace(JsonView envelope, const sdk::Settings& settings) {
  const auto ours = trim(settings["team_id"]);
  const auto team = envelope["team_id"].text();
  return ours.empty() || team.empty() || ours == team;
}

TimePoint told_at(JsonView seconds, TimePoint received_at) {
  const auto told = seconds.integer();
  const auto now = std::chrono::floor<std::chrono::seconds>(received_at).time_since_epoch().count();
  const bool sane = told && *told > 0 && *told < now;
  return sane ? TimePoint(std::chrono::seconds(*told)) : received_at;
}

// What Slack tells of the app itself: the last event before it falls silent, or one of the last [7]. A person
// who takes back what they allowed for themselves concerns nobody here: our token is the bot's.
std::string why_app_is_gone(JsonView event) {
  const auto type = event["type"].text();
  const bool gone = type == "app_uninstalled";
  const bool revoked = type == "tokens_revoked" && !items(event["tokens"]["bot"]).empty();
  if (!gone && !revoked) return {};
  return std::string(gone ? "the app was uninstalled" : "the bot's token was revoked") +
         " in Slack: install the app again, give Baton its new bot token (`baton secret set`)";
}

bool is_our_channel(JsonView event, const sdk::Settings& settings) {
  const auto channel = event["channel"].text();
  return !channel.empty() && channel == trim(settings["channel"]);
}

std::string archived(std::string_view channel) {
  return "the channel " + std::string(channel) + " was archived in Slack";
}

// Of the cards' own channel alone: in another one some customer's thread may have been [7]. Private channels
// are told of as groups. Out of a public one the app may write still (chat:write.public), so that its leaving
// means nothing by itself.
std::string why_channel_is_gone(JsonView event, const sdk::Settings& settings) {
  if (!is_our_channel(event, settings)) return {};
  const auto type = event["type"].text(), channel = event["channel"].text();
  if (type == "channel_archive" || type == "group_archive")
    return archived(channel) + ": unarchive it, or set `channel` to another one";
  if (type == "channel_deleted" || type == "group_deleted")
    return "the channel " + channel + " was deleted in Slack: set `channel` to another one";
  if (type == "group_left")
    return "the app was taken out of the channel " + channel +
           " in Slack: type /invite @Baton there, or set `channel` to another one";
  return {};
}

std::optional<sdk::Revocation> read_revocation(JsonView envelope, const sdk::Settings& settings,
                                               TimePoint received_at) {
  if (!is_of_our_workspace(envelope, settings)) return std::nullopt;
  auto why = why_app_is_gone(envelope["event"]);
  if (why.empty()) why = why_channel_is_gone(envelope["event"], settings);
  if (why.empty()) return std::nullopt;
  return sdk::Revocation(std::move(why), told_at(envelope["event_time"], received_at));
}

// Whether the notice came first or a card that was refused. If the app may not write there yet, the next card
// finds it out.
std::optional<sdk::Restoration> read_restoration(JsonView envelope, const sdk::Settings& settings,
                                                 TimePoint received_at) {
  const auto event = envelope["event"];
  const auto type = event["type"].text();
  const bool unarchived = type == "channel_unarchive" || type == "group_unarchive";
  if (!unarchived || !is_our_channel(event, settings) || !is_of_our_workspace(envelope, settings))
    return std::nullopt;
  return sdk::Restoration({archived(event["channel"].text()), "is_archived:"},
                          told_at(envelope["event_time"], received_at));
}

// Above 30,000 events an hour Slack drops the rest and says so once a minute (5). The sheet names the minute,
// and not how it is written: a number of seconds.
std::optional<sdk::Withholding> read_withholding(JsonView envelope, const sdk::Settings& settings,
                                                 TimePoint received_at) {
  if (envelope["type"].text() != "app_rate_limited" || !is_of_our_workspace(envelope, settings))
    return std::nullopt;
  return sdk::Withholding(
      "Slack sends the app no more events for now, because its workspace causes more than 30,000 an hour: "
      "take channels in which nobody hands over out of the app, or subscribe to fewer events",
      told_at(envelope["minute_rate_limited"], received_at));
}

Result<sdk::Webhook> read_event(const RawRequest& request, const sdk::Settings& settings) {
  const auto body = parse_json(request.body, FailureKind::rejected, "Slack's event");
  if (!body) return body.error();
  const JsonView view(*body);
  sdk::Webhook webhook;
  const auto type = view["type"].text();
  if (type == "url_verification") webhook.answer = answer_challenge(view);
  webhook.withheld = read_withholding(view, settings, request.received_at);
  if (type != "event_callback") return webhook;
  webhook.revoked = read_revocation(view, settings, request.received_at);
  webhook.restored = read_restoration(view, settings, request.received_at);
  return webhook;
}

std::optional<std::string> form_value(const RawRequest& request, std::string_view name) {
  return query_value("?" + request.body, name);
}

// For whoever typed it alone; Slack shows it at once.
Reply answer_command(std::string_view text) {
  constexpr std::size_t kLongest = 3'000;
  const nlohmann::json body = {{"response_type", "ephemeral"}, {"text", escaped(text, kLongest)}};
  return Reply(200, body.dump(), Headers{{"content-type", "application/json; charset=utf-8"}});
}

// What asks for a person is another command, and an event; see events.cc.
sdk::Webhook read_command(const RawRequest& request, const sdk::Settings& settings) {
  sdk::Webhook webhook;
  const auto who = form_value(request, "user_id").value_or("");
  const bool ours = form_value(request, "command").value_or("") == trim(settings["command"]);
  if (!ours || who.empty()) return webhook;
  const auto words = form_value(request, "text").value_or("");
  webhook.command.emplace(who, std::string(trim(words)), answer_command);
  return webhook;
}

}  // namespace

std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys) {
  const auto stamp = header(request.headers, "x-slack-request-timestamp");
  auto signature = header(request.headers, "x-slack-signature");
  if (stamp.empty() || !signature.starts_with("v0=")) {
    return Failure(FailureKind::rejected, "the request carries no Slack signature");
  }
  signature.remove_prefix(3);
  const auto mac = from_hex(signature);
  const auto message = "v0:" + std::string(stamp) + ":" + request.body;
  if (!mac || mac->empty() || !keys.matches(sdk::Keys::Mac::hmac_sha256, "signing_secret", message, *mac)) {
    return Failure(FailureKind::rejected, "the request's signature does not fit signing_secret");
  }
  const auto signed_at = read_seconds(stamp);
  if (!signed_at || std::chrono::abs(request.received_at - *signed_at) > kTolerance) {
    return Failure(FailureKind::rejected, "the request was signed more than five minutes from now");
  }
  return std::nullopt;
}

Reply answer_challenge(JsonView body) {
  return Reply(200, body["challenge"].text(), Headers{{"content-type", "text/plain; charset=utf-8"}});
}

bool is_ssl_check(const RawRequest& request) {
  const bool is_form = !trim(request.body).starts_with("{");
  return is_form && form_value(request, "ssl_check") == "1" && !form_value(request, "payload") &&
         !form_value(request, "command");
}

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings) {
  const bool is_form = !trim(request.body).starts_with("{");
  if (is_ssl_check(request)) return sdk::Webhook();
  if (const auto failure = refuse(request, keys)) return *failure;
  if (!is_form) return read_event(request, settings);
  const auto payload = form_value(request, "payload");
  if (!payload) return read_command(request, settings);
  return read_interaction(*payload);
}

}  // namespace baton::slack
