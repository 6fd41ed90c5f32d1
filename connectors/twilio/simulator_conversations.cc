// Conversations, their messages and participants (fact sheet ingress, section 4.7; twilio_conversations_v1).
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/twilio/simulator.h"
#include "gateway/base/text.h"

namespace baton::twilio::simulated {
namespace {

constexpr std::size_t kMaxCharacters = 1600;  // of a message's body
constexpr std::size_t kMaxAttributeBytes = 16 * 1024;

std::string field(const json& fields, std::string_view name) { return JsonView(fields)[name].text(); }

// Whether it is absent or JSON of the allowed size.
bool is_attributes(const json& fields) {
  const auto given = JsonView(fields)["Attributes"];
  return given.missing() || (given.text().size() <= kMaxAttributeBytes && json::accept(given.text()));
}

// What the simulator notes for itself is not the vendor's to tell.
json shown(json entry) {
  entry.erase("by_api");
  return entry;
}

}  // namespace

Conversation* Account::find(std::string_view sid_or_name) {
  for (auto& [id, conversation] : conversations_) {
    if (id == sid_or_name || conversation.doc["unique_name"] == json(sid_or_name)) return &conversation;
  }
  return nullptr;
}

Conversation& Account::make_conversation(const Fields& fields, TimePoint now) {
  const auto id = sid("CH");
  const auto given = [&](const std::string& name) {
    const auto found = fields.find(name);
    return found == fields.end() ? json() : json(found->second);
  };
  const auto at = simulation::iso_seconds(now);
  const auto url = fmt::format("{}/v1/Conversations/{}", conversations_url_, id);
  auto& made = conversations_[id];
  made.doc = {{"sid", id},
              {"account_sid", account_sid_},
              {"chat_service_sid", service_},
              {"messaging_service_sid", nullptr},
              {"friendly_name", given("FriendlyName")},
              {"unique_name", given("UniqueName")},
              {"attributes", given("Attributes").is_null() ? json("{}") : given("Attributes")},
              {"date_created", at},
              {"date_updated", at},
              {"state", "active"},
              {"timers", json::object()},
              {"bindings", json::object()},
              {"url", url},
              {"links", {{"messages", url + "/Messages"}, {"participants", url + "/Participants"}}}};
  tally_.effect("conversations_created");
  return made;
}

std::string Account::set_state(Conversation& conversation, std::string_view state, TimePoint now) {
  auto former = conversation.doc["state"].get<std::string>();
  conversation.doc["state"] = state;
  conversation.doc["date_updated"] = simulation::iso_seconds(now);
  return former;
}

std::string Account::participant_of(const Conversation& conversation, std::string_view author) const {
  for (const auto& participant : conversation.participants) {
    const JsonView view(participant);
    if (view["identity"].text() == author || view.at_path("messaging_binding.address").text() == author) {
      return view["sid"].text();
    }
  }
  return {};
}

// Precondition: the fields were checked. Nothing here makes a second request the same message: Twilio takes
// no key for it.
json Account::add_message(Conversation& conversation, const Fields& fields, TimePoint now) {
  const auto given = [&](const std::string& name, std::string_view otherwise) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string(otherwise) : found->second;
  };
  const auto id = sid("IM"), author = given("Author", "system"), at = simulation::iso_seconds(now);
  const auto participant = participant_of(conversation, author);
  const auto conversation_sid = conversation.doc["sid"].get<std::string>();
  json message = {
      {"sid", id},
      {"account_sid", account_sid_},
      {"conversation_sid", conversation_sid},
      {"body", fields.contains("Body") ? json(fields.at("Body")) : json()},
      {"media", nullptr},
      {"author", author},
      {"participant_sid", participant.empty() ? json() : json(participant)},
      {"attributes", given("Attributes", "{}")},
      {"date_created", at},
      {"date_updated", at},
      {"index", conversation.messages.size()},
      {"delivery", nullptr},
      {"content_sid", nullptr},
      {"url", fmt::format("{}/v1/Conversations/{}/Messages/{}", conversations_url_, conversation_sid, id)}};
  conversation.messages.push_back(message);
  return message;
}

// --- the endpoints

// Of the default service; with a filter of dates the newest first (twilio_conversations_v1).
Reply Account::list_conversations(const Call& call) {
  const auto state = call.query("State"), from = call.query("StartDate"), to = call.query("EndDate");
  if (!state.empty() && state != "active" && state != "inactive" && state != "closed")
    return refuse(400, 20001, "Invalid parameter: State");
  const auto first = simulation::read_iso(from), last = simulation::read_iso(to);
  if ((!from.empty() && !first) || (!to.empty() && !last))
    return refuse(400, 20001, "Invalid parameter: StartDate, EndDate");
  std::vector<json> found;
  for (const auto& [id, conversation] : conversations_) {
    const auto made = simulation::read_iso(conversation.doc["date_created"].get<std::string>());
    const bool wanted = (state.empty() || conversation.doc["state"] == state) && (!first || made >= first) &&
                        (!last || made <= last);
    if (wanted) found.push_back(conversation.doc);
  }
  if (first || last)
    std::ranges::sort(found, std::greater(), [](const json& one) { return one["date_created"]; });
  return page(call, conversations_url_, "conversations", json(found));
}

Reply Account::create_conversation(const Call& call) {
  if (!is_attributes(call.body)) return refuse(400, 20001, "Invalid parameter: Attributes");
  if (const auto unique = field(call.body, "UniqueName"); !unique.empty() && find(unique)) {
    return refuse(409, 50353, "Conversation with provided unique name already exists");
  }
  return simulation::json_reply(201, make_conversation(call.body.get<Fields>(), call.now()).doc);
}

Reply Account::show_conversation(const Call& call) {
  const auto* conversation = find(call.args[0]);
  return conversation ? simulation::json_reply(200, conversation->doc) : not_found(call);
}

Reply Account::update_conversation(const Call& call) {
  auto* conversation = find(call.args[0]);
  if (!conversation) return not_found(call);
  if (!is_attributes(call.body)) return refuse(400, 20001, "Invalid parameter: Attributes");
  const auto state = field(call.body, "State");
  if (!state.empty() && state != "active" && state != "inactive" && state != "closed") {
    return refuse(400, 20001, "Invalid parameter: State");
  }
  // A closed conversation stays closed and as it is: the platform opens a new one.
  if (conversation->doc["state"] == "closed" && state != "closed") {
    return refuse(400, 20001, "Conversation is closed");
  }
  if (call.body.contains("Attributes")) conversation->doc["attributes"] = call.body["Attributes"];
  if (call.body.contains("FriendlyName")) conversation->doc["friendly_name"] = call.body["FriendlyName"];
  tally_.effect("conversations_updated");
  const auto former = set_state(
      *conversation, state.empty() ? conversation->doc["state"].get<std::string>() : state, call.now());
  if (json(former) != conversation->doc["state"]) echo(state_updated(*conversation, former));
  return simulation::json_reply(200, conversation->doc);
}

Reply Account::list_messages(const Call& call) {
  const auto* conversation = find(call.args[0]);
  if (!conversation) return not_found(call);
  const auto order = call.query("Order");
  if (!order.empty() && order != "asc" && order != "desc")
    return refuse(400, 20001, "Invalid parameter: Order");
  json messages = json::array();
  for (const auto& message : conversation->messages) messages.push_back(shown(message));
  if (order == "desc") std::reverse(messages.begin(), messages.end());
  return page(call, conversations_url_, "messages", messages);
}

Reply Account::create_message(const Call& call) {
  auto* conversation = find(call.args[0]);
  if (!conversation) return not_found(call);
  if (conversation->doc["state"] == "closed") return refuse(400, 20001, "Conversation is closed");
  if (!is_attributes(call.body)) return refuse(400, 20001, "Invalid parameter: Attributes");
  const auto body = field(call.body, "Body");
  if (body.empty() && field(call.body, "MediaSid").empty() && field(call.body, "ContentSid").empty()) {
    return refuse(400, 20001, "Missing required parameter: Body");
  }
  if (count_code_points(body) > kMaxCharacters) return refuse(400, 20001, "Invalid parameter: Body");
  const auto message = add_message(*conversation, call.body.get<Fields>(), call.now());
  conversation->messages.back()["by_api"] = true;
  tally_.effect("messages_sent");
  echo(message_added(*conversation, message, "API"));
  return simulation::json_reply(201, message);
}

Reply Account::show_message(const Call& call) {
  const auto* conversation = find(call.args[0]);
  if (!conversation) return not_found(call);
  for (const auto& message : conversation->messages) {
    if (message["sid"] == call.args[1]) return simulation::json_reply(200, shown(message));
  }
  return not_found(call);
}

Reply Account::list_participants(const Call& call) {
  const auto* conversation = find(call.args[0]);
  if (!conversation) return not_found(call);
  return page(call, conversations_url_, "participants", conversation->participants);
}

Reply Account::create_participant(const Call& call) {
  auto* conversation = find(call.args[0]);
  if (!conversation) return not_found(call);
  if (!is_attributes(call.body)) return refuse(400, 20001, "Invalid parameter: Attributes");
  const auto identity = field(call.body, "Identity"), address = field(call.body, "MessagingBinding.Address");
  if (identity.empty() == address.empty()) {
    return refuse(400, 20001, "Identity or MessagingBinding.Address is required");
  }
  if (!participant_of(*conversation, identity.empty() ? address : identity).empty()) {
    return refuse(409, 50433, "Participant already exists");
  }
  const auto attributes = field(call.body, "Attributes");
  json participant = {
      {"account_sid", account_sid_},
      {"conversation_sid", conversation->doc["sid"]},
      {"sid", sid("MB")},
      {"identity", identity.empty() ? json() : json(identity)},
      {"attributes", attributes.empty() ? "{}" : attributes},
      {"messaging_binding", address.empty() ? json() : json({{"type", "sms"}, {"address", address}})},
      {"date_created", simulation::iso_seconds(call.now())},
      {"date_updated", simulation::iso_seconds(call.now())}};
  conversation->participants.push_back(participant);
  tally_.effect("participants_added");
  return simulation::json_reply(201, participant);
}

// A flow that is named twice answers twice: Twilio does not mind.
Reply Account::list_webhooks(const Call& call) {
  const auto* conversation = find(call.args[0]);
  if (!conversation) return not_found(call);
  return page(call, conversations_url_, "webhooks", conversation->webhooks);
}

Reply Account::create_webhook(const Call& call) {
  auto* conversation = find(call.args[0]);
  if (!conversation) return not_found(call);
  const auto target = field(call.body, "Target"), flow = field(call.body, "Configuration.FlowSid"),
             url = field(call.body, "Configuration.Url");
  if (target != "webhook" && target != "studio" && target != "trigger")
    return refuse(400, 20001, "Invalid parameter: Target");
  if (target == "studio" ? flow.size() != 34 || !flow.starts_with("FW") : url.empty())
    return refuse(400, 20001, "Invalid parameter: Configuration");
  if (conversation->webhooks.size() >= 5) return refuse(400, 50370, "Too many webhooks");
  const auto at = simulation::iso_seconds(call.now());
  json configuration = json::object();
  if (target == "studio") configuration["flow_sid"] = flow;
  else configuration = {{"url", url}, {"method", "POST"}};
  conversation->webhooks.push_back({{"sid", sid("WH")},
                                    {"account_sid", account_sid_},
                                    {"conversation_sid", conversation->doc["sid"]},
                                    {"target", target},
                                    {"configuration", configuration},
                                    {"date_created", at},
                                    {"date_updated", at}});
  tally_.effect("webhooks_attached");
  return simulation::json_reply(201, conversation->webhooks.back());
}

Reply Account::show_configuration(const Call&) {
  return simulation::json_reply(
      200, {{"account_sid", account_sid_},
            {"method", "POST"},
            {"filters", {"onMessageAdded", "onConversationStateUpdated"}},
            {"pre_webhook_url", nullptr},
            {"post_webhook_url",
             simulation::text_of(setup_, "hook_url", "https://baton.example.com/v1/in/twilio")},
            {"target", "webhook"},
            {"url", conversations_url_ + "/v1/Configuration/Webhooks"}});
}

}  // namespace baton::twilio::simulated
