#include "connectors/slack/events.h"

#include "connectors/slack/thread.h"
#include "connectors/slack/webhook.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using nlohmann::json;

constexpr std::string_view kAsk = "baton_handoff";

std::string first_of(std::string_view one, std::string_view other) {
  return std::string(one.empty() ? other : one);
}

// Threads hang on their first message, so a message without a thread begins one.
std::string conversation_of(std::string_view channel, std::string_view thread_ts, std::string_view ts) {
  if (channel.empty() || (thread_ts.empty() && ts.empty())) return {};
  return std::string(channel) + ":" + first_of(thread_ts, ts);
}

// A click or a shortcut, by somebody who wants a person.
Result<sdk::Arrival> read_wish(JsonView payload, std::string_view asked_at) {
  const auto container = payload["container"], message = payload["message"];
  const auto channel = first_of(container["channel_id"].text(), payload["channel"]["id"].text());
  const auto ts = first_of(container["message_ts"].text(), message["ts"].text());
  const auto thread = first_of(container["thread_ts"].text(), message["thread_ts"].text());
  const auto conversation = conversation_of(channel, thread, ts), user = payload["user"]["id"].text();
  if (conversation.empty() || user.empty() || asked_at.empty())
    return Failure(FailureKind::rejected, "the request for a person names no message, person or time");
  json customer = {{"id", user}};
  const auto name = first_of(payload["user"]["name"].text(), payload["user"]["username"].text());
  if (!name.empty()) customer["name"] = name;
  json data = {{"conversation", {{"id", conversation}, {"channel", "slack"}}},
               {"customer", std::move(customer)},
               {"reason", {{"trigger", "explicit_request"}}}};
  if (message.object()) {
    const auto role = message["bot_id"].text().empty() ? "customer" : "ai";
    data["transcript"] = json::array({transcript_entry(message, role)});
  }
  return sdk::Arrival(std::string(asked_at) + "/" + conversation + "/" + user, "handoff.requested",
                      std::move(data));
}

Result<sdk::Inbound> read_interaction(JsonView payload) {
  sdk::Inbound inbound;
  if (payload["type"].text() == "message_action" && payload["callback_id"].text() == kAsk) {
    auto wish = read_wish(payload, payload["action_ts"].text());
    if (!wish) return wish.error();
    inbound.events.push_back(*std::move(wish));
  }
  if (payload["type"].text() != "block_actions") return inbound;
  for (const auto& action : payload["actions"].list().value_or(std::vector<JsonView>{})) {
    if (action["action_id"].text() != kAsk) continue;
    auto wish = read_wish(payload, action["action_ts"].text());
    if (!wish) return wish.error();
    inbound.events.push_back(*std::move(wish));
  }
  return inbound;
}

// A person's message below another. Bots, our own cards included, and changes to messages are skipped [7].
Result<sdk::Inbound> read_message(JsonView envelope) {
  sdk::Inbound inbound;
  const auto event = envelope["event"];
  const auto id = envelope["event_id"].text(), thread = event["thread_ts"].text();
  const bool by_person = event["bot_id"].text().empty() && event["subtype"].text().empty() &&
                         event["app_id"].text().empty() && !event["user"].text().empty();
  if (event["type"].text() != "message" || thread.empty() || !by_person) return inbound;
  const auto conversation = conversation_of(event["channel"].text(), thread, "");
  if (conversation.empty() || id.empty())
    return Failure(FailureKind::rejected, "Slack's message names no channel, or its event has no id");
  inbound.events.emplace_back(id, "handoff.updated",
                              json{{"conversation", {{"id", conversation}, {"channel", "slack"}}},
                                   {"transcript", json::array({transcript_entry(event, "customer")})}});
  return inbound;
}

Result<sdk::Inbound> read_body(const std::string& text) {
  const auto body = parse_json(text, FailureKind::rejected, "Slack's event");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto type = view["type"].text();
  if (type == "event_callback") return read_message(view);
  sdk::Inbound inbound;
  if (type == "url_verification") inbound.answer = answer_challenge(view);
  return inbound;
}

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys) {
  if (const auto failure = refuse(request, keys)) return *failure;
  if (trim(request.body).starts_with("{")) return read_body(request.body);
  const auto payload = query_value("?" + request.body, "payload");
  if (!payload) return sdk::Inbound();  // a slash command, or an old configuration's probe
  const auto parsed = parse_json(*payload, FailureKind::rejected, "Slack's interaction");
  if (!parsed) return parsed.error();
  return read_interaction(*parsed);
}

}  // namespace baton::slack
