#include "connectors/slack/events.h"

#include <cctype>

#include "connectors/slack/thread.h"
#include "connectors/slack/webhook.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using nlohmann::json;

constexpr std::string_view kAsk = "baton_handoff";

std::string either(std::string_view one, std::string_view other) {
  return std::string(one.empty() ? other : one);
}

// Threads hang on their first message, so a message without a thread begins one.
std::string conversation_of(std::string_view channel, std::string_view thread_ts, std::string_view ts) {
  if (channel.empty() || (thread_ts.empty() && ts.empty())) return {};
  return std::string(channel) + ":" + either(thread_ts, ts);
}

// What was said when a person was asked for. Not as transcript: with one message there, the thread would not
// be fetched.
void put_words(json& data, const std::string& text) {
  constexpr std::size_t kLongest = 4096;
  const auto words = clip_utf8(text, kLongest);
  if (!trim(words).empty()) data["metadata"] = {{"latest_message", words}};
}

// A click or a shortcut, by somebody who wants a person.
Result<sdk::Arrival> read_wish(JsonView payload, std::string_view asked_at) {
  const auto container = payload["container"], message = payload["message"];
  const auto channel = either(container["channel_id"].text(), payload["channel"]["id"].text());
  const auto ts = either(container["message_ts"].text(), message["ts"].text());
  const auto thread = either(container["thread_ts"].text(), message["thread_ts"].text());
  const auto conversation = conversation_of(channel, thread, ts), user = payload["user"]["id"].text();
  if (conversation.empty() || user.empty() || asked_at.empty())
    return Failure(FailureKind::rejected, "the request for a person names no message, person or time");
  json customer = {{"id", user}};
  const auto name = either(payload["user"]["name"].text(), payload["user"]["username"].text());
  if (!name.empty()) customer["name"] = name;
  json data = {{"conversation", {{"id", conversation}, {"channel", "slack"}}},
               {"customer", std::move(customer)},
               {"reason", {{"trigger", "explicit_request"}}}};
  put_words(data, plain(message["text"].text()));
  return sdk::Arrival(std::string(asked_at) + "/" + conversation + "/" + user, "handoff.requested",
                      std::move(data));
}

Result<sdk::Inbound> read_wish_interaction(JsonView payload) {
  sdk::Inbound inbound;
  if (payload["type"].text() == "message_action" && payload["callback_id"].text() == kAsk) {
    auto wish = read_wish(payload, payload["action_ts"].text());
    if (!wish) return wish.error();
    inbound.events.push_back(*std::move(wish));
  }
  if (payload["type"].text() != "block_actions") return inbound;
  for (const auto& action : items(payload["actions"])) {
    if (action["action_id"].text() != kAsk) continue;
    auto wish = read_wish(payload, action["action_ts"].text());
    if (!wish) return wish.error();
    inbound.events.push_back(*std::move(wish));
  }
  return inbound;
}

// Shared files and replies that are shown in the channel as well are words of people; other subtypes are what
// happened to a message or a channel [7].
bool is_said(std::string_view subtype) {
  return subtype.empty() || subtype == "file_share" || subtype == "thread_broadcast";
}

bool is_part_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

// Whether `phrase` stands in `text` by itself: "human", but not in "humanity". Both in lower case.
bool holds(std::string_view text, std::string_view phrase) {
  for (auto at = text.find(phrase); at != std::string_view::npos; at = text.find(phrase, at + 1)) {
    const auto end = at + phrase.size();
    const bool begins = at == 0 || !is_part_of_word(text[at - 1]);
    if (begins && (end == text.size() || !is_part_of_word(text[end]))) return true;
  }
  return false;
}

bool holds_one_of(std::string_view text, std::string_view phrases) {
  const auto said = to_lower(text);
  for (const auto phrase : split(phrases, ',')) {
    const auto wanted = to_lower(trim(phrase));
    if (!wanted.empty() && holds(said, wanted)) return true;
  }
  return false;
}

// Where an app is mentioned, Slack sends the same message twice: as `app_mention` and as `message`.
bool asks(JsonView event, const sdk::Settings& settings) {
  const auto words = settings["ask_words"];
  if (trim(words).empty()) return event["type"].text() == "app_mention";
  return holds_one_of(plain(event["text"].text()), words);
}

json begin(const std::string& conversation) {
  return {{"conversation", {{"id", conversation}, {"channel", "slack"}}}};
}

// A message of a person. Apps, ourselves included, and changes to messages are skipped [7].
Result<sdk::Inbound> read_message(JsonView envelope, const sdk::Settings& settings) {
  sdk::Inbound inbound;
  const auto event = envelope["event"];
  const auto type = event["type"].text(), user = event["user"].text();
  const bool is_message = type == "message" || type == "app_mention";
  if (!is_message || is_app(event) || user.empty() || !is_said(event["subtype"].text())) return inbound;
  const auto channel = event["channel"].text(), thread = event["thread_ts"].text(), ts = event["ts"].text();
  const auto id = envelope["event_id"].text();
  if (channel.empty() || ts.empty() || id.empty())
    return Failure(FailureKind::rejected, "Slack's message names no channel or time, or its event has no id");
  const bool direct = thread.empty() && event["channel_type"].text() == "im";
  const auto conversation = direct ? user : conversation_of(channel, thread, ts);
  if (asks(event, settings)) {
    auto wish = begin(conversation);
    wish["customer"] = {{"id", user}};
    wish["reason"] = {{"trigger", "explicit_request"}};
    put_words(wish, plain(event["text"].text()));
    // The message's own name: its two events are one wish.
    inbound.events.emplace_back("ask/" + channel + ":" + ts, "handoff.requested", std::move(wish));
  }
  // Also of what asks: where a handoff is open already it is one more message.
  if (type == "message" && (direct || !thread.empty())) {
    auto data = begin(conversation);
    data["transcript"] = json::array({transcript_entry(event, "customer")});
    inbound.events.emplace_back(id, "handoff.updated", std::move(data));
  }
  return inbound;
}

// A command names a channel and no message: what is said about it is said to the person directly.
Result<sdk::Inbound> read_ask_command(const RawRequest& request, const sdk::Settings& settings) {
  const auto field = [&request](std::string_view name) {
    return query_value("?" + request.body, name).value_or("");
  };
  sdk::Inbound inbound;
  const auto command = field("command"), user = field("user_id"), trigger = field("trigger_id");
  if (command.empty() || command != trim(settings["ask_command"])) return inbound;
  if (user.empty() || trigger.empty())
    return Failure(FailureKind::rejected, "the command names no person or no time");
  auto data = begin(user);
  data["customer"] = {{"id", user}};
  if (const auto name = field("user_name"); !name.empty()) data["customer"]["name"] = name;
  data["reason"] = {{"trigger", "explicit_request"}};
  const auto text = plain(field("text"));
  put_words(data, text);
  const auto name_of_it = "command/" + trigger;
  inbound.events.emplace_back(name_of_it + "/" + user, "handoff.requested", std::move(data));
  if (trim(text).empty()) return inbound;
  // No history holds what is typed behind a command, so it is added to what was fetched.
  json entry = {{"id", name_of_it}, {"role", "customer"}, {"author", user}, {"text", text}};
  auto words = begin(user);
  words["transcript"] = json::array({std::move(entry)});
  inbound.events.emplace_back(name_of_it + "/words", "handoff.updated", std::move(words));
  return inbound;
}

Result<sdk::Inbound> read_body(const std::string& text, const sdk::Settings& settings) {
  const auto body = parse_json(text, FailureKind::rejected, "Slack's event");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto type = view["type"].text();
  if (type == "event_callback") return read_message(view, settings);
  sdk::Inbound inbound;
  if (type == "url_verification") inbound.answer = answer_challenge(view);
  return inbound;
}

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings) {
  if (is_ssl_check(request)) return sdk::Inbound();
  if (const auto failure = refuse(request, keys)) return *failure;
  if (trim(request.body).starts_with("{")) return read_body(request.body, settings);
  const auto payload = query_value("?" + request.body, "payload");
  if (!payload) return read_ask_command(request, settings);
  const auto parsed = parse_json(*payload, FailureKind::rejected, "Slack's interaction");
  if (!parsed) return parsed.error();
  return read_wish_interaction(*parsed);
}

}  // namespace baton::slack
