// What people do in Slack with what they see: clicks and shortcuts, signed; and the response_url that a click
// gives (fact sheet, sections 3.5, 7).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/slack/simulator.h"
#include "gateway/base/text.h"

namespace baton::slack::simulated {
namespace {

constexpr int kMostUses = 5;
constexpr Duration kResponseLife = 30min;

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "slack: " + std::move(why)); }

// The button of that action in these blocks, with its block's id.
json find_button(const json& blocks, std::string_view action_id) {
  for (const auto& block : blocks) {
    const JsonView view(block);
    auto elements = items(view["elements"]);
    if (view["accessory"].object()) elements.push_back(view["accessory"]);
    for (const auto element : elements) {
      if (element["action_id"].text() != action_id) continue;
      json button = *element.raw();
      button["block_id"] = view["block_id"].text("generated");
      return button;
    }
  }
  return nullptr;
}

std::string stamp(TimePoint now) {
  return fmt::format("{}.{:06}", simulation::epoch_seconds(now),
                     now.time_since_epoch().count() % 1000 * 1000);
}

}  // namespace

std::string request_signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  return "v0=" + to_hex(simulation::hmac_sha256(secret, {"v0:", timestamp, ":", body}));
}

simulation::Outbound Workspace::sign(std::string body, std::string_view content_type, TimePoint now) {
  const auto timestamp = std::to_string(simulation::epoch_seconds(now));
  Headers headers = {{"content-type", std::string(content_type)},
                     {"user-agent", "Slackbot 1.0 (+https://api.slack.com/robots)"},
                     {"x-slack-request-timestamp", timestamp},
                     {"x-slack-signature",
                      request_signature(text("signing_secret", "slack-signing-secret"), timestamp, body)}};
  tally_.effect("webhooks_sent");
  return simulation::Outbound(Request("POST", "", std::move(body), std::move(headers)));
}

Result<std::vector<simulation::Outbound>> Workspace::act(const simulation::Deed& deed, TimePoint now) {
  const JsonView with(deed.with);
  if (deed.what == "click") return click(with, now);
  if (deed.what == "shortcut") return shortcut(with, now);
  if (deed.what == "reply" && with["thread_ts"].text().empty()) return cannot("no such thread");
  if (deed.what == "say" || deed.what == "reply") return say(with, now);
  if (deed.what == "bot_says") return bot_says(with, now);
  if (deed.what == "command") return command(with, now);
  if (deed.what == "uninstall") return uninstall(with, now);
  if (deed.what == "limit_events") return limit_events(now);
  if (deed.what == "archive" || deed.what == "unarchive" || deed.what == "delete" || deed.what == "take_out")
    return change_place(deed.what, with, now);
  if (deed.what == "install") return install(with);
  return cannot("no such deed: " + deed.what);
}

std::string Workspace::trigger() {
  return fmt::format("{}.{}", random_.bits() % 100'000'000'000, random_.bits() % 1'000'000'000);
}

// A new address for answers to what `user` did; `ts` is empty where they clicked no message.
std::string Workspace::response_path(std::string_view channel, std::string_view ts, std::string_view user,
                                     TimePoint now) {
  const auto path = fmt::format("/response/{}/{}/{:016x}", text("team_id", "T012ACME"),
                                simulation::epoch_seconds(now), random_.bits());
  response_urls_[path] =
      ResponseUrl{std::string(channel), std::string(ts), std::string(user), now + kResponseLife, 0};
  return path;
}

Result<std::vector<simulation::Outbound>> Workspace::click(const JsonView& with, TimePoint now) {
  auto* channel = find_channel(with["channel"].text());
  auto* message = channel ? find_message(*channel, with["ts"].text()) : nullptr;
  if (!message) return cannot("no such message");
  const auto action_id = with["action_id"].text();
  auto button = message->doc.contains("blocks") ? find_button(message->doc["blocks"], action_id) : json();
  // Two people look at the card at once: one of them clicks what the other's click has just replaced.
  for (auto old = message->blocks_before.rbegin(); button.is_null() && old != message->blocks_before.rend();
       ++old) {
    button = find_button(*old, action_id);
  }
  if (button.is_null()) return cannot("the message has no button " + action_id);
  const auto user_id = with["user"].text("U02AGENT01");
  const auto username = with["username"].text(name_of(user_id));
  const auto team = text("team_id", "T012ACME"), channel_id = with["channel"].text();
  const auto path = response_path(channel_id, with["ts"].text(), user_id, now);
  json action = {{"type", "button"},
                 {"action_id", action_id},
                 {"block_id", button["block_id"]},
                 {"text", button["text"]},
                 {"action_ts", stamp(now)}};
  if (const auto value = with["value"].text(JsonView(button)["value"].text()); !value.empty())
    action["value"] = value;
  if (button.contains("style")) action["style"] = button["style"];
  json container = {{"type", "message"},
                    {"message_ts", message->doc["ts"]},
                    {"channel_id", channel_id},
                    {"is_ephemeral", false}};
  if (message->doc.contains("thread_ts")) container["thread_ts"] = message->doc["thread_ts"];
  const json payload = {
      {"type", "block_actions"},
      {"user", {{"id", user_id}, {"username", username}, {"name", username}, {"team_id", team}}},
      {"api_app_id", text("app_id", "A0BATON01")},
      {"token", "deprecated-do-not-use"},
      {"container", container},
      {"trigger_id", trigger()},
      {"team", {{"id", team}, {"domain", "acme"}}},
      {"enterprise", nullptr},
      {"is_enterprise_install", false},
      {"channel", {{"id", channel_id}, {"name", channel->doc.value("name", "directmessage")}}},
      {"message", shown(*message, true)},
      {"state", {{"values", json::object()}}},
      {"response_url", text("self_url", "https://slack.com") + path},
      {"actions", json::array({action})}};
  std::vector<simulation::Outbound> sent;
  sent.push_back(
      sign("payload=" + percent_encode(simulation::dump(payload)), "application/x-www-form-urlencoded", now));
  sent.back().attempts = 1;  // interactions are not repeated [7]
  return sent;
}

// A message shortcut: chosen from the menu of any message.
Result<std::vector<simulation::Outbound>> Workspace::shortcut(const JsonView& with, TimePoint now) {
  auto* channel = find_channel(with["channel"].text());
  const auto* message = channel ? find_message(*channel, with["ts"].text()) : nullptr;
  if (!message) return cannot("no such message");
  const auto user = with["user"].text("U02AGENT01"), id = with["channel"].text();
  const auto path = response_path(id, with["ts"].text(), user, now);
  const json payload = {{"type", "message_action"},
                        {"token", "deprecated-do-not-use"},
                        {"action_ts", stamp(now)},
                        {"team", {{"id", text("team_id", "T012ACME")}, {"domain", "acme"}}},
                        {"user", {{"id", user}, {"name", name_of(user)}}},
                        {"channel", {{"id", id}, {"name", channel->doc.value("name", "directmessage")}}},
                        {"callback_id", with["callback_id"].text("baton_handoff")},
                        {"trigger_id", trigger()},
                        {"message_ts", message->doc["ts"]},
                        {"message", shown(*message, true)},
                        {"response_url", text("self_url", "https://slack.com") + path}};
  std::vector<simulation::Outbound> sent;
  sent.push_back(
      sign("payload=" + percent_encode(simulation::dump(payload)), "application/x-www-form-urlencoded", now));
  sent.back().attempts = 1;
  return sent;
}

// At most 5 uses within 30 minutes; without a token, the address is the secret [3.5].
Reply Workspace::respond(const RawRequest& raw, std::string_view path) {
  const auto refused = [this](std::string_view error) {
    tally_.refuse(error);
    return simulation::json_reply(404, {{"ok", false}, {"error", error}});
  };
  const auto found = response_urls_.find(path);
  if (found == response_urls_.end() || raw.method != "POST") return refused("invalid_url");
  auto& place = found->second;
  if (place.ends <= raw.received_at) return refused("expired_url");
  if (place.uses >= kMostUses) return refused("used_url");
  Args args;
  args.raw = &raw;
  args.values = json::parse(raw.body, nullptr, false);
  if (!args.values.is_object()) return refused("invalid_payload");
  auto* channel = find_channel(place.channel);
  auto* message = channel ? find_message(*channel, place.ts) : nullptr;
  if (args.flag("delete_original")) {
    if (args.values.size() > 1) return refused("invalid_payload");
    if (!message) return refused("message_not_found");
    message->deleted = true;
  } else {
    if (const auto bad = check_content(args)) return refused(bad->error);
    if (args.flag("replace_original")) {
      if (!message) return refused("message_not_found");
      replace_content(*message, args);
    } else if (args.id("response_type") == "in_channel") {
      json doc = {{"bot_id", text("bot_id", "B0BATON")}, {"user", text("bot_user", "U0BATONBOT")}};
      if (!args.id("thread_ts").empty()) doc["thread_ts"] = args.id("thread_ts");
      replace_content(append(*channel, std::move(doc), raw.received_at), args);
    } else {
      ephemerals_.push_back({{"channel", place.channel},
                             {"user", place.user},
                             {"text", args["text"].text()},
                             {"ts", next_ts(*channel, raw.received_at)}});
    }
  }
  ++place.uses;
  tally_.effect("responses_taken");
  return simulation::json_reply(200, {{"ok", true}});
}

}  // namespace baton::slack::simulated
