#include "connectors/sunshine/events.h"

#include <algorithm>
#include <cctype>

#include "connectors/sdk/json_text.h"
#include "connectors/sunshine/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::sunshine {
namespace {

using nlohmann::json;

using sdk::put;

// A name or an id; names are what people write into the configuration.
bool is_called(JsonView integration, std::string_view name) {
  return !name.empty() && (integration["name"].text() == name || integration["id"].text() == name);
}

bool is_ours(JsonView integration, const sdk::Settings& settings) {
  return is_called(integration, settings["integration"]);
}

// What the bot put into the metadata of the hand-over (sheet ingress, section 4.3).
void add_metadata(json& data, JsonView metadata) {
  constexpr std::size_t kMostAttempts = 100;
  json intent = json::object(), reason = json::object();
  put(intent, "name", metadata["handoff.intent"].text());
  put(intent, "summary", metadata["handoff.summary"].text(), 4096);
  sdk::put_confidence(intent, metadata["handoff.confidence"]);
  const auto why = metadata["handoff.reason"].text();
  constexpr auto kTriggers = std::to_array<std::string_view>(
      {"explicit_request", "low_confidence", "sentiment", "topic", "attempts", "vip", "error", "other"});
  if (std::ranges::find(kTriggers, why) != kTriggers.end()) reason["trigger"] = why;
  else put(reason, "explanation", why, 4096);
  if (!intent.empty()) data["intent"] = std::move(intent);
  if (!reason.empty()) data["reason"] = std::move(reason);
  const auto priority = metadata["handoff.priority"].text();
  if (priority == "low" || priority == "normal" || priority == "high" || priority == "urgent")
    data["priority"] = priority;
  for (const auto tried = metadata["handoff.aiTried"].text(); const auto one : split(tried, ',')) {
    if (trim(one).empty() || data["attempts"].size() == kMostAttempts) continue;
    json attempt = json::object();
    put(attempt, "action", trim(one), 1024);
    data["attempts"].push_back(std::move(attempt));
  }
  if (metadata.object()) data["metadata"] = *metadata.raw();
}

json data_of(JsonView payload) {
  json data = {
      {"conversation", {{"id", payload.at_path("conversation.id").text()}, {"channel", "messaging"}}}};
  auto user = payload["user"];
  if (!user.object()) user = payload.at_path("message.author.user");
  auto customer = customer_of(user);
  // Without `includeFullUser` all that a message says of its author is the id.
  if (customer.empty()) put(customer, "id", writer_of(payload["message"]));
  sdk::put_part(data, "customer", std::move(customer));
  return data;
}

// Control came to us, or is offered to us: the bot hands the conversation over.
bool is_handoff(const std::string& type, JsonView payload, const sdk::Settings& settings) {
  if (payload.at_path("metadata.baton_handoff_id").string()) return false;  // our own hand
  if (type == "switchboard:passControl")
    return is_ours(payload.at_path("conversation.activeSwitchboardIntegration"), settings);
  return type == "switchboard:offerControl" &&
         is_ours(payload.at_path("conversation.pendingSwitchboardIntegration"), settings);
}

// Control is the bot's again, or nobody's, and not by our own hand: people are done with it.
bool is_end(const std::string& type, JsonView payload, const sdk::Settings& settings) {
  if (payload.at_path("metadata.baton_handoff_id").string()) return false;
  if (type == "switchboard:releaseControl") return true;
  return type == "switchboard:passControl" &&
         is_called(payload.at_path("conversation.activeSwitchboardIntegration"), settings["bot"]);
}

// Passed on to somebody who is neither the bot nor Baton, the workspace of agents say: people have it there.
// Who of them is not told, and their answers go to the customer without a word to us.
std::optional<Signal> taken_elsewhere(const std::string& id, const std::string& type, JsonView payload,
                                      const sdk::Settings& settings) {
  const auto active = payload.at_path("conversation.activeSwitchboardIntegration");
  const auto name = active["name"].text(active["id"].text());
  const bool ours = payload.at_path("metadata.baton_handoff_id").string() || is_ours(active, settings);
  if (type != "switchboard:passControl" || ours || name.empty() || is_called(active, settings["bot"]))
    return std::nullopt;
  Signal signal(SignalKind::claimed, id, payload.at_path("conversation.id").text(),
                to_valid_utf8(clip_utf8(name, 256)));
  signal.who_name = settings["display_name"];
  signal.about = kAssigned;
  signal.detail = {{"replies", false}};
  return signal;
}

// What the system says of the conversation (sheet zendesk, section 7.2).
std::optional<sdk::Arrival> activity_of(const std::string& id, JsonView message, const json& conversation) {
  const auto what = message.at_path("activity.type").text();
  if (what == "conversation:endedByUser") {
    return sdk::Arrival(id, "handoff.cancelled", json{{"conversation", conversation}, {"by", "customer"}});
  }
  if (what == "ticket:closed") {
    return sdk::Arrival(id, "conversation.resolved", json{{"conversation", conversation}, {"by", "human"}});
  }
  return std::nullopt;
}

std::optional<sdk::Arrival> written(const std::string& id, JsonView message, json data) {
  if (auto activity = activity_of(id, message, data["conversation"])) return activity;
  if (message.at_path("author.type").text() != "user") return std::nullopt;  // ours, an agent's or the bot's
  data["transcript"] = json::array({to_message(message)});
  return sdk::Arrival(id, "handoff.updated", std::move(data));
}

void add_event(sdk::Inbound& inbound, JsonView event, const sdk::Settings& settings) {
  const auto id = event["id"].text(), type = event["type"].text();
  const auto payload = event["payload"];
  if (id.empty() || payload.at_path("conversation.id").text().empty()) return;
  auto data = data_of(payload);
  if (is_handoff(type, payload, settings)) {
    add_metadata(data, payload["metadata"]);
    inbound.events.emplace_back(id, "handoff.requested", std::move(data));
  } else if (type == "conversation:message") {
    if (auto arrival = written(id, payload["message"], std::move(data)))
      inbound.events.push_back(std::move(*arrival));
  } else if (is_end(type, payload, settings)) {
    inbound.events.emplace_back(id, "conversation.resolved",
                                json{{"conversation", data["conversation"]}, {"by", "human"}});
  } else if (auto signal = taken_elsewhere(id, type, payload, settings)) {
    inbound.signals.push_back(std::move(*signal));
  }
}

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings) {
  if (!keys.matches(sdk::Keys::Mac::shared_value, "webhook_secret", {}, header(request.headers, "x-api-key")))
    return Failure(FailureKind::rejected, "X-API-Key does not hold the webhook's secret");
  const auto body = parse_json(request.body, FailureKind::rejected, "Sunshine Conversations' webhook");
  if (!body) return body.error();
  sdk::Inbound inbound;
  for (const auto& event : items(JsonView(*body)["events"])) add_event(inbound, event, settings);
  return inbound;
}

}  // namespace baton::sunshine
