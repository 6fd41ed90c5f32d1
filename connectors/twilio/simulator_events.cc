// Signed webhooks, and what people do (fact sheet ingress, section 4.7).
#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/twilio/simulator.h"
#include "gateway/base/text.h"
#include "secrets/crypto.h"

namespace baton::twilio::simulated {
namespace {

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "twilio: " + std::move(why)); }

constexpr int kAttempts = 3;  // of a Conversations webhook: that it is retried is known, how often is not

}  // namespace

std::string signature(std::string_view token, std::string_view url, const Fields& fields) {
  std::string text(url);
  for (const auto& [name, value] : fields) text += name + value;
  const auto key = secrets::MacKey::make(secrets::Digest::sha1, token);
  const auto mac = key ? key->mac({text}) : Result<std::string>(key.error());
  return mac ? to_base64(*mac) : "";
}

std::string form(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body += (body.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
  }
  return body;
}

// The token of one delivery stays the same over its attempts; RetryCount of a conversation's grows, and so
// each attempt has another signature.
simulation::Outbound Account::hook(Fields fields, int attempts) {
  const auto url = simulation::text_of(setup_, "hook_url", "https://baton.example.com/v1/in/twilio"),
             query = simulation::text_of(setup_, "hook_query", ""),
             token = simulation::text_of(setup_, "auth_token", "12345678901234567890123456789012"),
             delivery = simulation::make_uuid(random_);
  const auto signed_at = [fields = std::move(fields), url, query, token, delivery](int attempt, TimePoint) {
    auto sent = fields;
    if (sent.contains("RetryCount")) sent["RetryCount"] = std::to_string(attempt - 1);
    Headers headers = {{"content-type", "application/x-www-form-urlencoded; charset=UTF-8"},
                       {"user-agent", "TwilioProxy/1.1"},
                       {"i-twilio-idempotency-token", delivery},
                       {"x-twilio-signature", signature(token, url + query, sent)}};
    return Request("POST", query, form(sent), std::move(headers));
  };
  simulation::Outbound outbound(signed_at(1, TimePoint{}));
  outbound.again = signed_at;
  outbound.attempts = attempts;
  tally_.effect("webhooks_sent");
  return outbound;
}

simulation::Outbound Account::message_added(const Conversation& conversation, const json& message,
                                            std::string_view source) {
  const JsonView view(message);
  auto at = view["date_created"].text();
  if (!at.empty()) at.insert(at.size() - 1, ".120");
  Fields fields = {{"AccountSid", account_sid_},
                   {"ChatServiceSid", service_},
                   {"ConversationSid", conversation.doc["sid"].get<std::string>()},
                   {"EventType", "onMessageAdded"},
                   {"MessageSid", view["sid"].text()},
                   {"Index", std::to_string(view["index"].integer().value_or(0))},
                   {"DateCreated", at},
                   {"Body", view["body"].text()},
                   {"Author", view["author"].text()},
                   {"Attributes", view["attributes"].text()},
                   {"Source", std::string(source)},
                   {"RetryCount", "0"}};
  if (const auto participant = view["participant_sid"].text(); !participant.empty()) {
    fields["ParticipantSid"] = participant;
  }
  return hook(std::move(fields), kAttempts);
}

simulation::Outbound Account::state_updated(const Conversation& conversation, std::string_view former) {
  const JsonView doc(conversation.doc);
  return hook({{"AccountSid", account_sid_},
               {"ChatServiceSid", service_},
               {"ConversationSid", doc["sid"].text()},
               {"EventType", "onConversationStateUpdated"},
               {"StateFrom", std::string(former)},
               {"StateTo", doc["state"].text()},
               {"Reason", "API"},
               {"DateUpdated", doc["date_updated"].text()},
               {"Attributes", doc["attributes"].text()},
               {"Source", "API"},
               {"RetryCount", "0"}},
              kAttempts);
}

// TaskRouter's own retries are nowhere stated: one attempt is what is harder.
simulation::Outbound Account::task_event(const json& task, std::string_view type, Fields more,
                                         TimePoint now) {
  const JsonView view(task);
  const auto id = view["sid"].text();
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count();
  Fields fields = {{"AccountSid", account_sid_},
                   {"WorkspaceSid", workspace_},
                   {"WorkspaceName", "Support"},
                   {"EventType", std::string(type)},
                   {"EventDescription", fmt::format("Task {} {}", id, type)},
                   {"Sid", sid("EV")},
                   {"Timestamp", std::to_string(simulation::epoch_seconds(now))},
                   {"TimestampMs", std::to_string(millis)},
                   {"ResourceType", type.starts_with("reservation") ? "reservation" : "task"},
                   {"ResourceSid", id},
                   {"TaskSid", id},
                   {"TaskAge", std::to_string(view["age"].integer().value_or(0))},
                   {"TaskPriority", std::to_string(view["priority"].integer().value_or(0))},
                   {"TaskAssignmentStatus", view["assignment_status"].text()},
                   {"TaskAttributes", view["attributes"].text()},
                   {"TaskChannelUniqueName", view["task_channel_unique_name"].text()},
                   {"WorkflowSid", view["workflow_sid"].text()},
                   {"WorkflowName", view["workflow_friendly_name"].text()}};
  for (auto& [name, value] : more) fields[name] = std::move(value);
  return hook(std::move(fields), 1);
}

void Account::echo(simulation::Outbound outbound) {
  if (simulation::flag_of(setup_, "echo", false)) outbox_.push_back(std::move(outbound));
}

// --- deeds

Result<std::vector<simulation::Outbound>> Account::act(const simulation::Deed& deed, TimePoint now) {
  const JsonView with(deed.with);
  std::vector<simulation::Outbound> sent;
  const auto name = with["conversation"].text();
  auto* conversation = find(name);
  if (deed.what == "say" || deed.what == "answer") {
    if (name.empty() || with["text"].text().empty())
      return cannot("a message needs a conversation and a text");
    if (!conversation) conversation = &make_conversation({{"UniqueName", name}, {"FriendlyName", name}}, now);
    const bool by_customer = deed.what == "say";
    const auto author = by_customer ? with["author"].text("+15555550123")
                                    : with["by"].text(simulation::text_of(setup_, "bot", "ai-bot"));
    if (by_customer && participant_of(*conversation, author).empty()) {
      conversation->participants.push_back({{"sid", sid("MB")},
                                            {"identity", nullptr},
                                            {"messaging_binding", {{"type", "sms"}, {"address", author}}}});
    }
    const auto message = add_message(*conversation, {{"Author", author}, {"Body", with["text"].text()}}, now);
    sent.push_back(message_added(*conversation, message, with["source"].text(by_customer ? "SMS" : "SDK")));
    return sent;
  }
  if (deed.what == "close") {
    if (!conversation) return cannot("no such conversation");
    const auto former = set_state(*conversation, "closed", now);
    sent.push_back(state_updated(*conversation, former));
    return sent;
  }
  if (deed.what == "hand_off") {
    if (!conversation) return cannot("no such conversation");
    json handoff = {{"reason", with["reason"].text("low_confidence")},
                    {"intent", with["intent"].text("payment_failed")}};
    if (const auto confidence = with["confidence"].number()) handoff["confidence"] = *confidence;
    const json attributes = {
        {"handoff", handoff},
        {"conversationSid", conversation->doc["sid"]},
        {"from", with["from"].text("+15555550123")},
        {"customers", with["customer"].object() ? *with["customer"].raw() : json::object()}};
    auto& task = make_task({{"Attributes", simulation::dump(attributes)},
                            {"Priority", std::to_string(with["priority"].integer().value_or(10))},
                            {"TaskChannel", "chat"}},
                           now);
    sent.push_back(task_event(task, "task.created", {}, now));
    sent.push_back(task_event(task, "task-queue.entered", {{"TaskQueueName", "Everyone"}}, now));
    return sent;
  }
  auto* task =
      with["task"].missing() ? (tasks_.empty() ? nullptr : &tasks_.back()) : find_task(with["task"].text());
  if (!task) return cannot(deed.what + ": no such deed, or no such task");
  const auto by = with["by"].text((*task).value("worker_name", "Dana Agent"));
  const auto set = [&](std::string_view status) { (*task)["assignment_status"] = status; };
  Fields worker = {{"WorkerSid", "WK0123456789abcdef0123456789abcdef"}, {"WorkerName", by}};
  if (deed.what == "accept") {
    worker["ReservationSid"] = sid("WR");
    set("reserved");
    sent.push_back(task_event(*task, "reservation.created", worker, now));
    set("assigned");
    (*task)["worker_name"] = by;
    sent.push_back(task_event(*task, "reservation.accepted", worker, now));
  } else if (deed.what == "transfer") {
    if ((*task)["assignment_status"] != "assigned")
      return cannot("only a task that somebody has is transferred");
    Fields next = {{"WorkerSid", with["worker"].text("WK89abcdef0123456789abcdef01234567")},
                   {"WorkerName", with["by"].text("Lee Agent")},
                   {"ReservationSid", sid("WR")}};
    worker["WorkerName"] = task->value("worker_name", "Dana Agent");
    worker["ReservationSid"] = sid("WR");
    sent.push_back(task_event(*task, "task.transfer-initiated", {}, now));
    sent.push_back(task_event(*task, "reservation.created", next, now));
    sent.push_back(task_event(*task, "reservation.accepted", next, now));
    sent.push_back(task_event(*task, "reservation.completed", worker, now));
    sent.push_back(task_event(*task, "task.transfer-completed", {}, now));
    (*task)["worker_name"] = next["WorkerName"];
  } else if (deed.what == "invite") {
    // An invite of Flex Interactions: a second task of the same conversation, which is pending until
    // somebody takes it (twilio_flex_v1, Invites: its attributes name the conversation).
    auto attributes = json::parse((*task)["attributes"].get<std::string>());
    attributes["flexChannelInviteSid"] = sid("KG");
    auto& second = make_task({{"Attributes", simulation::dump(attributes)}, {"TaskChannel", "chat"}}, now);
    sent.push_back(task_event(second, "task.created", {}, now));
    if (with["accepted"].boolean() == false) return sent;
    const Fields next = {{"WorkerSid", with["worker"].text("WK89abcdef0123456789abcdef01234567")},
                         {"WorkerName", with["by"].text("Lee Agent")},
                         {"ReservationSid", sid("WR")}};
    second["assignment_status"] = "assigned";
    second["worker_name"] = next.at("WorkerName");
    sent.push_back(task_event(second, "reservation.created", next, now));
    sent.push_back(task_event(second, "reservation.accepted", next, now));
    return sent;  // `task` may have moved
  } else if (deed.what == "complete" || deed.what == "cancel") {
    const auto status = deed.what == "complete" ? "completed" : "canceled";
    set(status);
    (*task)["reason"] = with["reason"].text("solved");
    worker["Reason"] = with["reason"].text("solved");
    if (deed.what == "cancel") worker = {{"Reason", worker["Reason"]}};
    sent.push_back(task_event(*task, std::string("task.") + status, worker, now));
  } else {
    return cannot("no such deed: " + deed.what);
  }
  (*task)["date_updated"] = simulation::iso_seconds(now);
  return sent;
}

}  // namespace baton::twilio::simulated
