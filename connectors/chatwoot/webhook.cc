#include "connectors/chatwoot/webhook.h"

#include <charconv>

#include "connectors/chatwoot/handoff.h"
#include "connectors/chatwoot/transcript.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/model/node.h"

namespace baton::chatwoot {
namespace {

using nlohmann::json;

Failure forged(std::string why) { return Failure(FailureKind::rejected, "the webhook " + std::move(why)); }

std::optional<TimePoint> seconds_since_1970(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > 100'000'000'000) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::seconds(seconds));
}

// "sha256=" and the hex of HMAC-SHA256 over time, a full stop and the raw body.
std::optional<Failure> refuse_signature(const RawRequest& request, const sdk::Keys& keys,
                                        Duration tolerance) {
  constexpr std::string_view kPrefix = "sha256=";
  const auto given = header(request.headers, "x-chatwoot-signature");
  const auto stamp = header(request.headers, "x-chatwoot-timestamp");
  if (!given.starts_with(kPrefix)) return forged("carries no Chatwoot signature");
  const auto mac = from_hex(given.substr(kPrefix.size()));
  const auto message = std::string(stamp) + "." + request.body;
  if (!mac || mac->empty() || !keys.matches(sdk::Keys::Mac::hmac_sha256, "webhook_secret", message, *mac)) {
    return forged("has a signature that does not fit webhook_secret");
  }
  const auto at = seconds_since_1970(stamp);
  if (!at) return forged("was signed at no time");
  if (std::chrono::abs(request.received_at - *at) > tolerance) {
    return forged("was signed at " + std::string(stamp) + ", too far from now");
  }
  return std::nullopt;
}

// Servers before 4.13 sign nothing, and API inboxes may sign with a key that nobody is shown (issue 13809):
// then the random text in the address is what they prove themselves with.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys, Duration tolerance) {
  const auto token = query_value(request.target, "token").value_or("");
  if (!token.empty() && keys.matches(sdk::Keys::Mac::shared_value, "url_token", {}, token))
    return std::nullopt;
  return refuse_signature(request, keys, tolerance);
}

// What `changed_attributes` says of the status: a list of objects with one key each.
struct StatusChange {
  std::string from;
  std::string to;
};
std::optional<StatusChange> status_change(JsonView body) {
  for (const auto& change : items(body["changed_attributes"])) {
    const auto status = change["status"];
    if (status.object()) return StatusChange{status["previous_value"].text(), status["current_value"].text()};
  }
  return std::nullopt;
}

// A delivery has an id; older servers send none, there the last change of the conversation stands for it.
std::string id_of(const RawRequest& request, JsonView body, std::string_view what) {
  const auto delivery = header(request.headers, "x-chatwoot-delivery");
  if (!delivery.empty() && delivery.size() <= 128) return std::string(delivery);
  std::string when = body["timestamp"].id().value_or("");
  if (const auto changed = body["updated_at"].number()) when = std::to_string(*changed);
  const auto messages = body["messages"].list();
  const auto last = messages && !messages->empty() ? messages->back()["id"].id().value_or("") : std::string();
  return std::string(what) + "/" + body["id"].id().value_or("") + "/" + when + "/" + last;
}

std::optional<sdk::Arrival> opened(const RawRequest& request, JsonView body, const sdk::Settings& settings) {
  auto data = handoff_of(body, settings);
  if (!data) return std::nullopt;
  return sdk::Arrival(id_of(request, body, "opened"), "handoff.requested", std::move(*data));
}

// People work on it no more: they resolved it, or marked it as pending, by which the bot has it again (4.1).
// Our own `pending` comes after the end and finds nothing open.
bool is_given_back(const StatusChange& change) {
  return change.to == "pending" && (change.from == "open" || change.from == "snoozed");
}

// Whoever resolves what nobody took from the bot is the bot.
std::optional<sdk::Arrival> resolved(const RawRequest& request, JsonView body, bool by_bot) {
  const auto id = body["id"].id();
  if (!id) return std::nullopt;
  json data = {{"conversation", {{"id", *id}}}, {"by", by_bot ? "ai" : "human"}};
  if (const auto name = body.at_path("meta.assignee.name").text(); !name.empty()) {
    data["metadata"] = {{"assignee", std::string(clip_utf8(name, 256))}};
  }
  return sdk::Arrival(id_of(request, body, "resolved"), "conversation.resolved", std::move(data));
}

// The message's own id: account webhook and agent bot both tell of it.
std::optional<sdk::Arrival> written(JsonView body, const sdk::Settings& settings) {
  const auto conversation = body.at_path("conversation.id").id();
  if (!conversation || is_ours(body, settings["baton_user_id"])) return std::nullopt;
  auto line = line_of(body, "content_type");
  if (!line || (*line)["role"] == "system") return std::nullopt;
  const auto id = "message/" + (*line)["id"].get<std::string>();
  json data = {{"conversation", {{"id", *conversation}}}, {"transcript", json::array({std::move(*line)})}};
  return sdk::Arrival(id, "handoff.updated", std::move(data));
}

std::optional<sdk::Arrival> read_event(const RawRequest& request, JsonView body,
                                       const sdk::Settings& settings) {
  const auto event = body["event"].text();
  if (event == "message_created") return written(body, settings);
  // Agent bots hear of the state, account webhooks of the change.
  if (event == "conversation_opened") return opened(request, body, settings);
  if (event == "conversation_resolved") return resolved(request, body, false);
  if (event != "conversation_status_changed") return std::nullopt;
  const auto change = status_change(body);
  if (!change) return std::nullopt;
  if (change->from == "pending" && change->to == "open") return opened(request, body, settings);
  if (change->to == "resolved" || is_given_back(*change))
    return resolved(request, body, change->from == "pending");
  return std::nullopt;
}

// The customer has it already: it was written in the conversation.
std::optional<Signal> answered(JsonView body, const sdk::Settings& settings) {
  const auto conversation = body.at_path("conversation.id").id(), who = body.at_path("sender.id").id();
  if (!conversation || !who || is_ours(body, settings["baton_user_id"])) return std::nullopt;
  const auto line = line_of(body, "content_type");
  if (!line || (*line)["role"] != "agent") return std::nullopt;
  const auto id = (*line)["id"].get<std::string>();
  Signal signal(SignalKind::replied, "message/" + id, *conversation, *who);
  signal.who_name = clip_utf8(body.at_path("sender.name").text(), 256);
  signal.text = JsonView(*line)["text"].text();
  signal.detail = {{"reply", id}};
  return signal;
}

// Whose the conversation became, or was until now; nothing is known of a change that concerns Baton's own
// user. Two webhooks may tell of one change, by the same time of the conversation.
std::optional<Signal> assigned(const RawRequest& request, JsonView body, const sdk::Settings& settings) {
  const auto conversation = body["id"].id();
  const auto ours = [&](const std::string& user) {
    return user.empty() || user == settings["baton_user_id"];
  };
  for (const auto& change : items(body["changed_attributes"])) {
    const auto assignee = change["assignee_id"];
    if (!conversation || !assignee.object()) continue;
    const auto from = assignee["previous_value"].id().value_or(""),
               to = assignee["current_value"].id().value_or("");
    if (ours(to) && ours(from)) return std::nullopt;
    const auto when = body["updated_at"].number();
    const auto stamp = when ? std::to_string(*when) : id_of(request, body, "assigned");
    if (ours(to)) {
      return Signal(SignalKind::released, "released/" + *conversation + "/" + from + "/" + stamp,
                    *conversation, from);
    }
    Signal signal(SignalKind::claimed, "assigned/" + *conversation + "/" + to + "/" + stamp, *conversation,
                  to);
    if (body.at_path("meta.assignee.id").id() == to)
      signal.who_name = clip_utf8(body.at_path("meta.assignee.name").text(), 256);
    signal.about = kAssigned;
    return signal;
  }
  return std::nullopt;
}

std::optional<Signal> read_signal(const RawRequest& request, JsonView body, const sdk::Settings& settings) {
  const auto event = body["event"].text();
  if (event == "message_created") return answered(body, settings);
  if (event == "conversation_updated" || event == "conversation_status_changed")
    return assigned(request, body, settings);
  return std::nullopt;
}

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings) {
  const auto tolerance = parse_duration(settings["webhook_tolerance"]).value_or(Duration{5min});
  if (const auto failure = refuse(request, keys, tolerance)) return *failure;
  const auto body = parse_json(request.body, FailureKind::rejected, "Chatwoot's webhook");
  if (!body) return body.error();
  sdk::Inbound
      inbound;  // 200 to all that is genuine: a failure makes Chatwoot take the conversation from the bot
  if (auto arrival = read_event(request, *body, settings)) inbound.events.push_back(std::move(*arrival));
  if (auto signal = read_signal(request, *body, settings)) inbound.signals.push_back(std::move(*signal));
  return inbound;
}

}  // namespace baton::chatwoot
