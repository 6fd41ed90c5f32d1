// What is said in Slack: messages of people and of the AI's app as events, slash commands, and the reactions
// below messages (fact sheet, sections 2, 5 and 7; the official specification for reactions).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/slack/simulator.h"
#include "gateway/base/text.h"

namespace baton::slack::simulated {
namespace {

Failure cannot_say(std::string why) { return Failure(FailureKind::rejected, "slack: " + std::move(why)); }

bool is_emoji_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
  });
}

}  // namespace

std::string Workspace::name_of(std::string_view user) {
  const auto* known = find_user(user);
  return known ? (*known)["name"].get<std::string>() : "somebody";
}

Channel* Workspace::place_to_talk(const JsonView& with) {
  const auto id = with["channel"].text();
  auto* channel = find_channel(id);
  if (!channel && find_user(id)) channel = &direct_message(id);
  return channel && !check_thread(*channel, with["thread_ts"].text()) ? channel : nullptr;
}

simulation::Outbound Workspace::tell_of(const Channel& channel, json event, TimePoint now) {
  event["channel"] = channel.doc["id"];
  return tell(std::move(event), now);
}

// One event in its envelope; 3 retries after the first attempt, each signed anew, with the reason [7].
simulation::Outbound Workspace::tell(json event, TimePoint now) {
  const auto team = text("team_id", "T012ACME");
  json authorization = {{"enterprise_id", nullptr},
                        {"team_id", team},
                        {"user_id", text("bot_user", "U0BATONBOT")},
                        {"is_bot", true},
                        {"is_enterprise_install", false}};
  const json envelope = {{"token", "deprecated"},
                         {"team_id", team},
                         {"api_app_id", text("app_id", "A0BATON01")},
                         {"event", std::move(event)},
                         {"type", "event_callback"},
                         {"event_id", fmt::format("Ev{:010X}", random_.bits() >> 24)},
                         {"event_time", simulation::epoch_seconds(now)},
                         {"authorizations", json::array({authorization})},
                         {"is_ext_shared_channel", false},
                         {"event_context", "4-simulated"}};
  auto first = sign(simulation::dump(envelope), "application/json", now);
  const auto body = first.request.body, secret = text("signing_secret", "slack-signing-secret");
  first.again = [headers = first.request.headers, body, secret](int attempt, TimePoint at) {
    auto fresh = headers;
    fresh["x-slack-request-timestamp"] = std::to_string(simulation::epoch_seconds(at));
    fresh["x-slack-signature"] = request_signature(secret, fresh["x-slack-request-timestamp"], body);
    fresh["x-slack-retry-num"] = std::to_string(attempt - 1);
    fresh["x-slack-retry-reason"] = "http_error";
    return Request("POST", "", body, std::move(fresh));
  };
  first.attempts = 4;
  return first;
}

Result<std::vector<simulation::Outbound>> Workspace::say(const JsonView& with, TimePoint now) {
  auto* channel = place_to_talk(with);
  if (!channel) return cannot_say("no such channel or thread");
  json doc = {{"user", with["user"].text("U02AGENT01")},
              {"text", with["text"].text()},
              {"team", text("team_id", "T012ACME")}};
  const auto thread_ts = with["thread_ts"].text();
  if (!thread_ts.empty()) doc["thread_ts"] = thread_ts;
  if (!with["subtype"].missing()) doc["subtype"] = with["subtype"].text();
  auto event = append(*channel, std::move(doc), now).doc;
  if (!thread_ts.empty()) find_message(*channel, thread_ts)->doc["thread_ts"] = thread_ts;
  std::vector<simulation::Outbound> sent;
  const bool direct = channel->doc["is_im"] == true;
  auto message = event;
  message["channel_type"] = direct ? "im" : channel->doc["is_private"] == true ? "group" : "channel";
  sent.push_back(tell_of(*channel, std::move(message), now));
  const auto mention = "<@" + text("bot_user", "U0BATONBOT") + ">";
  if (direct || with["text"].text().find(mention) == std::string::npos) return sent;
  event["type"] = "app_mention";
  sent.push_back(tell_of(*channel, std::move(event), now));
  return sent;
}

Result<std::vector<simulation::Outbound>> Workspace::bot_says(const JsonView& with, TimePoint now) {
  auto* channel = place_to_talk(with);
  if (!channel) return cannot_say("no such channel or thread");
  json doc = {{"user", text("ai_bot_user", "U0AIBOT")},
              {"bot_id", text("ai_bot_id", "B0AI")},
              {"app_id", text("ai_app_id", "A0AI")},
              {"text", with["text"].text()},
              {"team", text("team_id", "T012ACME")}};
  if (const auto thread_ts = with["thread_ts"].text(); !thread_ts.empty()) doc["thread_ts"] = thread_ts;
  if (with["blocks"].list()) doc["blocks"] = *with["blocks"].raw();
  auto event = append(*channel, std::move(doc), now).doc;
  event["channel_type"] = channel->doc["is_im"] == true ? "im" : "channel";
  std::vector<simulation::Outbound> sent;
  sent.push_back(tell_of(*channel, std::move(event), now));
  return sent;
}

// A form; commands belong to a channel and to no message.
Result<std::vector<simulation::Outbound>> Workspace::command(const JsonView& with, TimePoint now) {
  auto* channel = place_to_talk(with);
  if (!channel) return cannot_say("no such channel");
  const auto user = with["user"].text("U02AGENT01"), id = channel->doc["id"].get<std::string>();
  const auto address = text("self_url", "https://slack.com") + response_path(id, "", user, now);
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"token", "deprecated-do-not-use"},
      {"team_id", text("team_id", "T012ACME")},
      {"team_domain", "acme"},
      {"channel_id", id},
      {"channel_name", channel->doc.value("name", "directmessage")},
      {"user_id", user},
      {"user_name", name_of(user)},
      {"command", with["command"].text("/human")},
      {"text", with["text"].text()},
      {"api_app_id", text("app_id", "A0BATON01")},
      {"response_url", address},
      {"trigger_id", trigger()}};
  std::string body;
  for (const auto& [name, value] : fields)
    body += (body.empty() ? "" : "&") + name + "=" + percent_encode(value);
  std::vector<simulation::Outbound> sent;
  sent.push_back(sign(std::move(body), "application/x-www-form-urlencoded", now));
  sent.back().attempts = 1;
  return sent;
}

// --- reactions

Message* Workspace::reacted_to(const Args& args, std::optional<Reply>& refused) {
  auto* channel = find_channel(args.id("channel"));
  const auto ts = args["timestamp"].text();
  auto* message = channel ? find_message(*channel, ts) : nullptr;
  if (args["channel"].missing() || args["timestamp"].missing()) refused = refuse("no_item_specified");
  else if (!channel) refused = refuse("channel_not_found");
  else if (channel->doc["is_member"] == false) refused = refuse("not_in_channel");
  else if (ts.find('.') == std::string::npos) refused = refuse("bad_timestamp");
  else if (!message) refused = refuse("message_not_found");
  else if (!is_emoji_name(args["name"].text())) refused = refuse("invalid_name");
  return refused ? nullptr : message;
}

Reply Workspace::add_reaction(const Args& args) {
  std::optional<Reply> refused;
  auto* message = reacted_to(args, refused);
  if (!message) return *std::move(refused);
  const auto name = args["name"].text(), ours = text("bot_user", "U0BATONBOT");
  auto& reactions = message->doc["reactions"];
  if (!reactions.is_array()) reactions = json::array();
  for (const auto& one : reactions) {
    if (one["name"] == name) return refuse("already_reacted");
  }
  reactions.push_back({{"name", name}, {"users", json::array({ours})}, {"count", 1}});
  tally_.effect("reactions_added");
  return ok(json::object(), args);
}

Reply Workspace::remove_reaction(const Args& args) {
  std::optional<Reply> refused;
  auto* message = reacted_to(args, refused);
  if (!message) return *std::move(refused);
  const auto name = args["name"].text();
  const auto before = message->doc.value("reactions", json::array());
  auto after = json::array();
  for (const auto& one : before) {
    if (one["name"] != name) after.push_back(one);
  }
  if (after.size() == before.size()) return refuse("no_reaction");
  if (after.empty()) message->doc.erase("reactions");
  else message->doc["reactions"] = std::move(after);
  tally_.effect("reactions_removed");
  return ok(json::object(), args);
}

}  // namespace baton::slack::simulated
