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

void put(json& to, const char* key, std::string text) {
  if (!text.empty()) to[key] = to_valid_utf8(text);
}

// A name or an id; names are what people write into the configuration.
bool is_ours(JsonView integration, const sdk::Settings& settings) {
  const auto name = settings["integration"];
  return !name.empty() && (integration["name"].text() == name || integration["id"].text() == name);
}

// What the bot put into the metadata of the hand-over (sheet ingress, section 4.3).
void add_metadata(json& data, JsonView metadata) {
  json intent = json::object(), reason = json::object();
  put(intent, "name", metadata["handoff.intent"].text());
  put(intent, "summary", metadata["handoff.summary"].text());
  sdk::put_confidence(intent, metadata["handoff.confidence"]);
  const auto why = metadata["handoff.reason"].text();
  constexpr auto kTriggers = std::to_array<std::string_view>(
      {"explicit_request", "low_confidence", "sentiment", "topic", "attempts", "vip", "error", "other"});
  if (std::ranges::find(kTriggers, why) != kTriggers.end()) reason["trigger"] = why;
  else put(reason, "explanation", why);
  if (!intent.empty()) data["intent"] = std::move(intent);
  if (!reason.empty()) data["reason"] = std::move(reason);
  const auto priority = metadata["handoff.priority"].text();
  if (priority == "low" || priority == "normal" || priority == "high" || priority == "urgent")
    data["priority"] = priority;
  for (const auto tried = metadata["handoff.aiTried"].text(); const auto one : split(tried, ',')) {
    if (!trim(one).empty()) data["attempts"].push_back({{"action", to_valid_utf8(trim(one))}});
  }
  if (metadata.object()) data["metadata"] = *metadata.raw();
}

void add_customer(json& data, JsonView user) {
  json customer = json::object();
  put(customer, "id", user["externalId"].text(user["id"].text()));
  const auto given = user.at_path("profile.givenName").text(),
             family = user.at_path("profile.surname").text();
  put(customer, "name", given.empty() ? family : family.empty() ? given : given + " " + family);
  put(customer, "email", user.at_path("profile.email").text());
  if (!customer.empty()) data["customer"] = std::move(customer);
}

json data_of(JsonView payload) {
  json data = {
      {"conversation", {{"id", payload.at_path("conversation.id").text()}, {"channel", "messaging"}}}};
  auto user = payload["user"];
  if (!user.object()) user = payload.at_path("message.author.user");
  add_customer(data, user);
  // Without `includeFullUser` all that a message says of its author is the id.
  if (!user.object() && payload.at_path("message.author.type").text() == "user")
    put(data["customer"], "id", payload.at_path("message.author.userId").text());
  if (data["customer"].empty()) data.erase("customer");
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

// Control left us, and not by our own hand: an agent's workspace ended it.
bool is_end(const std::string& type, JsonView payload, const sdk::Settings& settings) {
  if (payload.at_path("metadata.baton_handoff_id").string()) return false;
  if (type == "switchboard:releaseControl") return true;
  return type == "switchboard:passControl" &&
         !is_ours(payload.at_path("conversation.activeSwitchboardIntegration"), settings);
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
    const auto message = payload["message"];
    if (message.at_path("author.type").text() != "user") return;  // ours, an agent's or the bot's own words
    data["transcript"] = json::array({to_message(message)});
    inbound.events.emplace_back(id, "handoff.updated", std::move(data));
  } else if (is_end(type, payload, settings)) {
    inbound.events.emplace_back(id, "conversation.resolved",
                                json{{"conversation", data["conversation"]}, {"by", "human"}});
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
