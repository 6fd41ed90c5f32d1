#include "connectors/dialogflow/handoff.h"

#include <algorithm>
#include <array>

#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::dialogflow {
namespace {

using nlohmann::json;
using sdk::put;

// What would be another thing if it were cut is left out when it is too long.
void put_whole(json& object, const char* name, std::string_view value, std::size_t most) {
  if (value.size() <= most) put(object, name, value, most);
}

// A parameter holds any JSON; a person's name (@sys.person) is an object with a name.
std::string said(JsonView parameters, std::string_view name) {
  if (name.empty()) return {};
  const auto value = parameters[name];
  return value.object() ? value["name"].text() : value.id().value_or("");
}

json conversation_json(JsonView call) {
  json conversation = {{"id", conversation_of(call)}};
  put_whole(conversation, "channel", call.at_path("payload.channel").text(), 64);
  const auto resolved = call.at_path("languageInfo.resolvedLanguageCode").text();
  put_whole(conversation, "language", call["languageCode"].text(resolved), 35);
  return conversation;
}

json customer_of(JsonView parameters, const sdk::Settings& settings) {
  json customer = json::object();
  put_whole(customer, "id", said(parameters, settings["customer_id_parameter"]), 256);
  put(customer, "name", said(parameters, settings["name_parameter"]), 256);
  put_whole(customer, "email", said(parameters, settings["email_parameter"]), 320);
  return customer;
}

json page_of(JsonView parameters, const sdk::Settings& settings) {
  json page = json::object();
  put_whole(page, "url", said(parameters, settings["page_url_parameter"]), 2048);
  return page;
}

// The handoff's metadata is free: a reason in Baton's words is a trigger, in others an explanation.
json reason_of(JsonView call) {
  constexpr auto kTriggers = std::to_array<std::string_view>(
      {"explicit_request", "low_confidence", "sentiment", "topic", "attempts", "vip", "error", "other"});
  const auto reason = queued_handoff(call).at_path("metadata.reason").text();
  if (reason.empty()) return json::object();
  if (std::ranges::find(kTriggers, reason) != kTriggers.end()) return {{"trigger", reason}};
  return {{"trigger", "other"}, {"explanation", std::string(clip_utf8(reason, 4096))}};
}

json intent_of(JsonView info) {
  json intent = json::object();
  put(intent, "name", info["displayName"].text(), 256);
  const auto confidence = info["confidence"].number();
  if (confidence && *confidence >= 0 && *confidence <= 1) intent["confidence"] = *confidence;
  return intent;
}

// Only there if the agent has sentiment analysis switched on.
json sentiment_of(JsonView result) {
  const auto score = result["score"].number();
  if (!score || !(*score >= -1 && *score <= 1)) return json::object();
  return {{"score", *score}};
}

json attempts_of(JsonView tried) {
  constexpr std::size_t kMost = 100;
  json attempts = json::array();
  for (const auto& one : items(tried)) {
    const auto action = one.text();
    if (action.empty() || attempts.size() == kMost) continue;
    attempts.push_back({{"action", std::string(clip_utf8(action, 1024))}});
  }
  return attempts;
}

json identifiers_of(JsonView parameters, std::string_view names) {
  json identifiers = json::array();
  for (const auto& name : names_of(names)) {
    const auto value = said(parameters, name);
    if (value.empty() || value.size() > 512 || identifiers.size() == 100) continue;
    identifiers.push_back({{"kind", std::string(clip_utf8(name, 64))}, {"value", value}});
  }
  return identifiers;
}

std::string_view priority_of(std::string_view word) {
  if (word == "medium") return "normal";
  const bool known = word == "low" || word == "normal" || word == "high" || word == "urgent";
  return known ? word : std::string_view();
}

// This turn alone: the webhook carries no more of the conversation. `transcript` is what was heard by phone.
json transcript_of(JsonView call) {
  constexpr std::size_t kMost = 100;
  json lines = json::array();
  const auto add = [&lines, id = call["detectIntentResponseId"].text()](const char* role,
                                                                        std::string_view text) {
    if (trim(text).empty() || lines.size() == kMost) return;
    lines.push_back({{"id", id + "/" + std::to_string(lines.size())},
                     {"role", role},
                     {"text", std::string(clip_utf8(text, 32'000))}});
  };
  const auto heard = call["transcript"].text();
  add("customer", call["text"].text(heard));
  for (const auto& message : items(call["messages"])) {
    for (const auto& text : items(message.at_path("text.text"))) add("ai", text.text());
  }
  return lines;
}

// Everything else that the bot knew, so that nothing is lost. Our own id of an earlier handoff is no news.
json metadata_of(JsonView call, JsonView parameters, std::string_view own) {
  json metadata = json::object(), kept = json::object();
  put(metadata, "tag", call.at_path("fulfillmentInfo.tag").text(), 256);
  put(metadata, "page", call.at_path("pageInfo.displayName").text(), 256);
  if (parameters.object()) {
    for (const auto& [name, value] : parameters.raw()->items()) {
      if (!value.is_null() && name != own && kept.size() < 100) kept[name] = value;
    }
  }
  if (!kept.empty()) metadata["parameters"] = std::move(kept);
  const auto handoff = queued_handoff(call)["metadata"];
  if (handoff.object() && !handoff.raw()->empty()) metadata["live_agent_handoff"] = *handoff.raw();
  if (const auto magnitude = call.at_path("sentimentAnalysisResult.magnitude").number()) {
    metadata["sentiment_magnitude"] = *magnitude;
  }
  return metadata;
}

}  // namespace

std::vector<std::string> names_of(std::string_view list) {
  std::vector<std::string> names;
  for (const auto part : split(list, ',')) {
    if (const auto name = trim(part); !name.empty()) names.emplace_back(name);
  }
  return names;
}

JsonView queued_handoff(JsonView call) {
  for (const auto& message : items(call["messages"])) {
    if (message["liveAgentHandoff"].object()) return message["liveAgentHandoff"];
  }
  return {};
}

std::string conversation_of(JsonView call) {
  const auto session = call.at_path("sessionInfo.session").text();
  return session.substr(session.rfind('/') + 1);  // the whole if there is no slash: npos + 1 is 0
}

json handoff_of(JsonView call, const sdk::Settings& settings) {
  json data = {{"conversation", conversation_json(call)}};
  const auto add = [&data](const char* name, json part) {
    if (!part.empty()) data[name] = std::move(part);
  };
  const auto parameters = call.at_path("sessionInfo.parameters");
  add("customer", customer_of(parameters, settings));
  add("page", page_of(parameters, settings));
  add("reason", reason_of(call));
  add("intent", intent_of(call["intentInfo"]));
  add("sentiment", sentiment_of(call["sentimentAnalysisResult"]));
  put(data, "priority", priority_of(said(parameters, settings["priority_parameter"])), 16);
  if (const auto name = settings["attempts_parameter"]; !name.empty()) {
    add("attempts", attempts_of(parameters[name]));
  }
  add("identifiers", identifiers_of(parameters, settings["identifier_parameters"]));
  add("transcript", transcript_of(call));
  add("metadata", metadata_of(call, parameters, settings["handoff_parameter"]));
  return data;
}

}  // namespace baton::dialogflow
