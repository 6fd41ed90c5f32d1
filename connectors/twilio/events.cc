#include "connectors/twilio/events.h"

#include <charconv>

#include "connectors/twilio/handoff.h"
#include "connectors/twilio/transcript.h"
#include "connectors/twilio/wire.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/base/time.h"

namespace baton::twilio {
namespace {

using nlohmann::json;
using sdk::put;
using sdk::put_part;
using Arrived = std::optional<sdk::Arrival>;

json about(const std::string& conversation, std::string_view channel) {
  json data = {{"conversation", {{"id", conversation}}}};
  put(data["conversation"], "channel", to_lower(channel), 64);
  return data;
}

// Milliseconds since 1970, as text.
std::string time_of(std::string_view millis) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(millis.data(), millis.data() + millis.size(), value);
  const bool fine = error == std::errc() && end == millis.data() + millis.size() && value > 0 &&
                    value < 100'000'000'000'000;
  return fine ? to_rfc3339(TimePoint(std::chrono::milliseconds(value))) : std::string();
}

// The conversation that a task is about; calls have none, and are nothing that Baton could answer.
std::string conversation_of(const json& attributes) {
  const JsonView view(attributes);
  const auto sid = view["conversationSid"].text(view["conversation_sid"].text());
  return is_sid(sid, "CH") ? sid : std::string();
}

bool of_our_workflow(JsonView event, const sdk::Settings& settings) {
  return settings["workflow"].empty() || event["WorkflowSid"].text() == settings["workflow"];
}

json task_metadata(JsonView event) {
  json metadata = json::object();
  put(metadata, "task_sid", event["TaskSid"].text());
  put(metadata, "task_priority", event["TaskPriority"].text());
  put(metadata, "workflow", event["WorkflowName"].text(event["WorkflowSid"].text()));
  put(metadata, "queue", event["TaskQueueName"].text());
  return metadata;
}

// A transfer by an invite makes a second task of the same conversation, which is over with the last of them.
// null takes the task out of those that were told before.
json open_work(const std::string& task, bool is_open) {
  return {{task, is_open ? json(true) : json(nullptr)}};
}

// A bot, Flex or Studio put the conversation into the queue of people.
Arrived task_created(JsonView event, const sdk::Settings& settings) {
  const auto attributes = attributes_of(event, "TaskAttributes").value_or(json::object());
  const auto conversation = conversation_of(attributes);
  const auto task = event["TaskSid"].text();
  if (conversation.empty() || task.empty() || !of_our_workflow(event, settings)) return std::nullopt;
  const JsonView view(attributes);
  auto data = about(conversation, view["channelType"].text(event["TaskChannelUniqueName"].text()));
  put_part(data, "customer", customer_of(view));
  if (const auto priority = priority_of(event["TaskPriority"], settings); !priority.empty())
    data["priority"] = priority;
  add_known(data, view["handoff"]);
  auto metadata = task_metadata(event);
  metadata["open_work"] = open_work(task, true);
  put_part(data, "metadata", std::move(metadata));
  return sdk::Arrival("task.created/" + task, "handoff.requested", std::move(data));
}

Arrived task_completed(JsonView event, const sdk::Settings& settings) {
  const auto conversation = conversation_of(attributes_of(event, "TaskAttributes").value_or(json::object()));
  const auto task = event["TaskSid"].text();
  if (conversation.empty() || task.empty() || !of_our_workflow(event, settings)) return std::nullopt;
  json data = {{"conversation", {{"id", conversation}}}, {"by", "human"}};
  put(data, "resolution", event["Reason"].text(), 4096);
  put(data, "at", time_of(event["TimestampMs"].text()));
  json metadata = json::object();
  put(metadata, "assignee", event["WorkerName"].text());
  put(metadata, "task_sid", task);
  metadata["open_work"] = open_work(task, false);
  put_part(data, "metadata", std::move(metadata));
  return sdk::Arrival("task.completed/" + task, "conversation.resolved", std::move(data));
}

// Most often nobody took it in time, and the customer still waits: nothing ends but this task.
Arrived task_cancelled(JsonView event, const sdk::Settings& settings) {
  const auto conversation = conversation_of(attributes_of(event, "TaskAttributes").value_or(json::object()));
  const auto task = event["TaskSid"].text();
  if (conversation.empty() || task.empty() || !of_our_workflow(event, settings)) return std::nullopt;
  json data = {{"conversation", {{"id", conversation}}},
               {"metadata", {{"open_work", open_work(task, false)}}}};
  return sdk::Arrival("task.canceled/" + task, "handoff.updated", std::move(data));
}

// A message of the bot whose attributes hold "handoff" hands over; only the bot's own: attributes are
// something that a customer's browser can set.
Arrived message_added(JsonView event, const sdk::Settings& settings) {
  const auto conversation = event["ConversationSid"].text(), message = event["MessageSid"].text(),
             author = event["Author"].text();
  if (!is_sid(conversation, "CH") || message.empty()) return std::nullopt;
  const auto attributes = attributes_of(event, "Attributes").value_or(json::object());
  if (is_ours(author, attributes, settings)) return std::nullopt;  // what Baton wrote comes back
  const JsonView view(attributes);
  const bool hands_over =
      view["handoff"].object() || view["handoff"].text() == "requested" || view["handoff"].boolean() == true;
  if (hands_over && is_listed(author, settings["ai_authors"])) {
    auto data = about(conversation, {});
    put_part(data, "customer", customer_of(view));
    add_known(data, view["handoff"]);
    // Not as transcript: with one message there, the rest would not be fetched.
    json metadata = json::object();
    put(metadata, "latest_message", event["Body"].text(), 4096);
    put_part(data, "metadata", std::move(metadata));
    return sdk::Arrival("handoff/" + message, "handoff.requested", std::move(data));
  }
  auto line = line_of_event(event, settings);
  if (!line || (*line)["role"] == "system") return std::nullopt;
  auto data = about(conversation, {});
  data["transcript"] = json::array({std::move(*line)});
  return sdk::Arrival("message/" + message, "handoff.updated", std::move(data));
}

// A closed conversation stays closed, hence once is enough. The attributes say whether the bot had it.
Arrived state_updated(JsonView event) {
  const auto conversation = event["ConversationSid"].text();
  if (!is_sid(conversation, "CH") || event["StateTo"].text() != "closed") return std::nullopt;
  const auto attributes = attributes_of(event, "Attributes").value_or(json::object());
  const bool by_bot = JsonView(attributes).at_path("baton.control").text() == "ai";
  json data = {{"conversation", {{"id", conversation}}}, {"by", by_bot ? "ai" : "human"}};
  if (const auto at = parse_rfc3339(event["DateUpdated"].text())) data["at"] = to_rfc3339(*at);
  return sdk::Arrival("closed/" + conversation, "conversation.resolved", std::move(data));
}

// The HTTP step of a flow: its members are ours to name, see the README.
Arrived step(JsonView event, std::string_view delivery) {
  const auto conversation = event["conversation"].text();
  const auto wants = event["handoff"].text();
  if (!is_sid(conversation, "CH")) return std::nullopt;
  const auto own = event["id"].id().value_or("");
  const auto id = "step/" + conversation + "/" + std::string(clip_utf8(own.empty() ? delivery : own, 120));
  if (wants == "requested") {
    auto data = about(conversation, event["channel"].text());
    put_part(data, "customer", customer_of(event));
    add_known(data, event);
    return sdk::Arrival(id, "handoff.requested", std::move(data));
  }
  json data = {{"conversation", {{"id", conversation}}}};
  if (wants == "cancelled") {
    data["by"] = "ai";
    put(data, "explanation", event["reason"].text(), 4096);
    return sdk::Arrival(id, "handoff.cancelled", std::move(data));
  }
  if (wants != "resolved") return std::nullopt;
  data["by"] = "ai";
  put(data, "resolution", event["resolution"].text(), 4096);
  return sdk::Arrival(id, "conversation.resolved", std::move(data));
}

// The task is theirs; what they are called is all that Twilio tells of them.
std::optional<Signal> task_accepted(JsonView event, const sdk::Settings& settings) {
  const auto conversation = conversation_of(attributes_of(event, "TaskAttributes").value_or(json::object()));
  const auto reservation = event["ReservationSid"].text(event["Sid"].text()),
             worker = event["WorkerSid"].text();
  if (conversation.empty() || reservation.empty() || worker.empty() || !of_our_workflow(event, settings))
    return std::nullopt;
  Signal signal(SignalKind::claimed, "reservation.accepted/" + reservation, conversation, worker);
  signal.who_name = clip_utf8(event["WorkerName"].text(), 256);
  signal.about = kAssigned;  // of a task that is transferred the second worker's is accepted too
  return signal;
}

// The customer has it already: it was written in the conversation.
std::optional<Signal> agent_replied(JsonView event, const sdk::Settings& settings) {
  const auto conversation = event["ConversationSid"].text(), author = event["Author"].text();
  const auto attributes = attributes_of(event, "Attributes").value_or(json::object());
  const bool by_agent = is_listed(author, settings["agent_authors"]) &&
                        !is_listed(author, settings["ai_authors"]) && author != settings["author"];
  if (!is_sid(conversation, "CH") || !by_agent || is_ours(author, attributes, settings)) return std::nullopt;
  const auto line = line_of_event(event, settings);
  const auto message = event["MessageSid"].text();
  if (!line || message.empty()) return std::nullopt;
  Signal signal(SignalKind::replied, "message/" + message, conversation, author);
  signal.text = JsonView(*line)["text"].text();
  signal.detail = {{"reply", message}};
  return signal;
}

}  // namespace

std::optional<Signal> signal_of(JsonView event, const sdk::Settings& settings) {
  const auto type = event["EventType"].text();
  if (type == "reservation.accepted") return task_accepted(event, settings);
  return type == "onMessageAdded" ? agent_replied(event, settings) : std::nullopt;
}

Arrived arrival_of(JsonView event, std::string_view delivery, const sdk::Settings& settings) {
  const auto type = event["EventType"].text();
  if (type == "task.created") return task_created(event, settings);
  if (type == "task.completed") return task_completed(event, settings);
  if (type == "task.canceled") return task_cancelled(event, settings);
  if (type == "onMessageAdded") return message_added(event, settings);
  if (type == "onConversationStateUpdated") return state_updated(event);
  return type.empty() ? step(event, delivery) : std::nullopt;
}

}  // namespace baton::twilio
