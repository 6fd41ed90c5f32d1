#include "connectors/chatwoot/handoff.h"

#include <algorithm>
#include <array>

#include "connectors/chatwoot/transcript.h"
#include "connectors/chatwoot/wire.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::chatwoot {
namespace {

using nlohmann::json;
using sdk::put;

// Channel::WebWidget -> web_widget
std::string channel_of(std::string_view type) {
  constexpr std::string_view kPrefix = "Channel::";
  if (type.starts_with(kPrefix)) type.remove_prefix(kPrefix.size());
  std::string name;
  for (const char c : type) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !name.empty()) name += '_';
    name += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return name;
}

json conversation_of(JsonView body, const std::string& id, const sdk::Settings& settings) {
  json conversation = {{"id", id}};
  put(conversation, "channel", channel_of(body["channel"].text()), 64);
  put(conversation, "started_at", time_of(body["created_at"]), 40);
  put(conversation, "url", link_of(settings, id), 2048);
  return conversation;
}

json intent_of(JsonView attributes, const sdk::Settings& settings) {
  json intent = json::object();
  put(intent, "name", attributes[settings["intent_attribute"]].text(), 256);
  put(intent, "summary", attributes[settings["summary_attribute"]].text(), 4096);
  sdk::put_confidence(intent, attributes[settings["confidence_attribute"]]);
  return intent;
}

json reason_of(JsonView attributes, const sdk::Settings& settings) {
  constexpr auto kTriggers = std::to_array<std::string_view>(
      {"explicit_request", "low_confidence", "sentiment", "topic", "attempts", "vip", "error", "other"});
  const auto said = attributes[settings["reason_attribute"]].text();
  if (said.empty()) return json::object();
  if (std::ranges::find(kTriggers, said) != kTriggers.end()) return {{"trigger", said}};
  return {{"trigger", "other"}, {"explanation", std::string(clip_utf8(said, 4096))}};
}

std::string_view priority_of(std::string_view word) {
  if (word == "low" || word == "high" || word == "urgent") return word;
  return word == "medium" ? "normal" : "";
}

// What has no place of its own. The message is the newest one: the whole conversation is fetched.
json metadata_of(JsonView body) {
  json metadata = json::object();
  const auto messages = body["messages"].list();
  if (messages && !messages->empty())
    put(metadata, "latest_message", messages->back()["content"].text(), 4096);
  if (const auto attributes = body["custom_attributes"]; attributes.object() && !attributes.raw()->empty()) {
    metadata["custom_attributes"] = *attributes.raw();
  }
  if (const auto labels = body["labels"].list(); labels && !labels->empty())
    metadata["labels"] = *body["labels"].raw();
  if (const auto inbox = body["inbox_id"].id()) metadata["inbox_id"] = *inbox;
  if (const auto verified = body.at_path("meta.hmac_verified").boolean()) metadata["verified"] = *verified;
  return metadata;
}

}  // namespace

std::optional<json> handoff_of(JsonView body, const sdk::Settings& settings) {
  const auto id = body["id"].id();
  if (!id) return std::nullopt;
  json data = {{"conversation", conversation_of(body, *id, settings)}};
  const auto add = [&data](const char* name, json part) {
    if (!part.empty()) data[name] = std::move(part);
  };
  const auto attributes = body["custom_attributes"];
  json page = json::object();
  put(page, "url", body.at_path("additional_attributes.referer").text(), 2048);
  add("customer", customer_of(body.at_path("meta.sender")));
  add("page", std::move(page));
  add("reason", reason_of(attributes, settings));
  add("intent", intent_of(attributes, settings));
  put(data, "priority", priority_of(body["priority"].text()), 16);
  put(data, "requested_team", body.at_path("meta.team.name").text(), 256);
  add("metadata", metadata_of(body));
  return data;
}

}  // namespace baton::chatwoot
