// Intercom as a chat platform: Fin gives up, the customer and agents write, people close and rate (fact sheet
// ingress, sections 3 and 4.2a).
#include <algorithm>
#include <array>

#include "connectors/intercom/conversation.h"
#include "connectors/intercom/webhook.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::intercom {
namespace {

using nlohmann::json;
using sdk::put;

json conversation_part(JsonView item, const std::string& id, const sdk::Settings& settings) {
  json conversation = {{"id", id}};
  put(conversation, "channel", item.at_path("source.type").text(), 64);
  put(conversation, "started_at", time_of(item["created_at"]), 40);
  put(conversation, "url", link_of(settings, Target::conversation(id)), 2048);
  return conversation;
}

bool gave_up(JsonView item) {
  constexpr auto kStates =
      std::to_array<std::string_view>({"escalated", "negative_feedback", "procedure_handoff"});
  return item["ai_agent_participated"].boolean() == true &&
         std::ranges::find(kStates, item.at_path("ai_agent.resolution_state").text()) != kStates.end();
}

bool is_for_team(JsonView item, std::string_view team) {
  return !team.empty() && item["team_assignee_id"].id() == team;
}

// An assignment is the usual sign that Fin gave up. Fin's state stays what it was, so a person who passes the
// conversation on afterwards is no second handoff, unless it goes to the very team that handoffs go to.
bool is_handoff(const Notice& notice, const sdk::Settings& settings) {
  if (notice.topic != "conversation.admin.assigned" && notice.topic != "conversation.admin.open.assigned")
    return false;
  const auto author = notice.part()["author"];
  if (author["id"].id() == std::string(settings["admin_id"])) return false;  // our own taking of control
  const auto item = notice.item();
  if (is_for_team(item, settings["handoff_team_id"])) return true;
  return gave_up(item) && author["type"].text() != "admin";
}

json reason_of(JsonView item) {
  const auto state = item.at_path("ai_agent.resolution_state").text();
  if (state == "negative_feedback")
    return {{"trigger", "sentiment"}, {"explanation", "Negative feedback on Fin's answer"}};
  if (state == "procedure_handoff")
    return {{"trigger", "topic"}, {"explanation", "A procedure of Fin's hands over"}};
  if (state == "escalated") return {{"trigger", "other"}, {"explanation", "Fin escalated the conversation"}};
  return {{"trigger", "other"}, {"explanation", "Assigned to the team for handoffs"}};
}

std::string_view priority_of(std::string_view word) {
  if (word == "low" || word == "high" || word == "urgent") return word;
  if (word == "priority") return "high";  // up to version 2.15
  return word == "medium" ? "normal" : "";
}

// What Fin or a workflow wrote into the conversation's attributes (fact sheet ingress, section 3).
json intent_of(JsonView attributes, const sdk::Settings& settings) {
  json intent = json::object();
  put(intent, "name", attributes[settings["intent_attribute"]].text(), 256);
  const auto sure = attributes[settings["confidence_attribute"]].number();
  if (sure && *sure >= 0 && *sure <= 1) intent["confidence"] = *sure;
  return intent;
}

sdk::Arrival handoff(const Notice& notice, const std::string& id, const sdk::Settings& settings) {
  const auto item = notice.item();
  json data = {{"conversation", conversation_part(item, id, settings)}, {"reason", reason_of(item)}};
  const auto contacts = items(item.at_path("contacts.contacts"));
  if (auto customer =
          customer_of(item.at_path("source.author"), contacts.empty() ? JsonView() : contacts.front());
      !customer.empty()) {
    data["customer"] = std::move(customer);
  }
  json page = json::object();
  put(page, "url", item.at_path("source.url").text(), 2048);
  if (!page.empty()) data["page"] = std::move(page);
  if (auto intent = intent_of(item["custom_attributes"], settings); !intent.empty())
    data["intent"] = std::move(intent);
  put(data, "priority", priority_of(item["priority"].text()), 16);
  json metadata = json::object();
  put(metadata, "resolution_state", item.at_path("ai_agent.resolution_state").text(), 64);
  put(metadata, "team_assignee_id", item["team_assignee_id"].id().value_or(""), 64);
  if (const auto custom = item["custom_attributes"]; custom.object() && !custom.raw()->empty())
    metadata["custom_attributes"] = *custom.raw();
  if (!metadata.empty()) data["metadata"] = std::move(metadata);
  return sdk::Arrival(notice.id, "handoff.requested", std::move(data));
}

// What was written since: the message alone, its own id with it.
std::optional<sdk::Arrival> written(const Notice& notice, const std::string& id) {
  auto line = line_of(notice.part(), "content_type");
  if (!line || (*line)["role"] == "system") return std::nullopt;
  json data = {{"conversation", {{"id", id}}}, {"transcript", json::array({std::move(*line)})}};
  return sdk::Arrival(notice.id, "handoff.updated", std::move(data));
}

sdk::Arrival resolved(const Notice& notice, const std::string& id) {
  const auto author = notice.part()["author"];
  const bool by_ai = author["from_ai_agent"].boolean() == true || author["type"].text() == "bot";
  json data = {{"conversation", {{"id", id}}}, {"by", by_ai ? "ai" : "human"}};
  if (!notice.at.empty()) data["at"] = notice.at;
  const auto body = notice.part()["body"].text();
  put(data, "resolution", body.starts_with('<') ? plain_of(body) : body, 4096);
  return sdk::Arrival(notice.id, "conversation.resolved", std::move(data));
}

// One to five.
std::optional<sdk::Arrival> rated(const Notice& notice, const std::string& id) {
  const auto rating = notice.item()["conversation_rating"];
  const auto score = rating["rating"].integer();
  if (!score || *score < 1 || *score > 5) return std::nullopt;
  json data = {{"conversation", {{"id", id}}}, {"score", *score}, {"scale", "stars"}};
  put(data, "comment", rating["remark"].text(), 4096);
  if (!notice.at.empty()) data["at"] = notice.at;
  return sdk::Arrival(notice.id, "conversation.rated", std::move(data));
}

std::optional<sdk::Arrival> read_event(const Notice& notice, const sdk::Settings& settings) {
  const auto item = notice.item();
  const auto id = item["id"].id().value_or("");
  if (notice.id.empty() || id.empty() || id.size() > 256 || item["type"].text() != "conversation")
    return std::nullopt;
  if (is_handoff(notice, settings)) return handoff(notice, id, settings);
  const auto& topic = notice.topic;
  if (topic == "conversation.rating.added") return rated(notice, id);
  const auto who = notice.author();
  if (!who.empty() && who == settings["admin_id"]) return std::nullopt;  // our own words and closes come back
  if (topic == "conversation.admin.closed") return resolved(notice, id);
  if (topic == "conversation.user.replied") return written(notice, id);
  // Where the ticket is this very conversation, nobody has to read there what was written there.
  const bool elsewhere = settings["opens"] != "same_conversation";
  if (topic == "conversation.admin.replied" && elsewhere) return written(notice, id);
  return std::nullopt;
}

// Who works in the inbox has the handoff, wherever its ticket is. The end of it is an event.
std::vector<Signal> inbox_signals(const Notice& notice, const sdk::Settings& settings) {
  if (notice.is_ticket()) return {};
  auto signals = read_signals(notice, settings);
  std::erase_if(signals, [](const Signal& signal) {
    return signal.kind == SignalKind::solved || signal.kind == SignalKind::reopened;
  });
  return signals;
}

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings) {
  sdk::Inbound inbound;
  if (is_check(request)) return inbound;
  const auto notice = read_notice(request, keys, settings);
  if (!notice) return notice.error();
  if (auto arrival = read_event(*notice, settings)) inbound.events.push_back(std::move(*arrival));
  inbound.signals = inbox_signals(*notice, settings);
  return inbound;
}

}  // namespace baton::intercom
