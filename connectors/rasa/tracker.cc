#include "connectors/rasa/tracker.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "connectors/rasa/wire.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/base/time.h"

namespace baton::rasa {
namespace {

using nlohmann::json;
using sdk::put;

std::vector<JsonView> events_of(JsonView tracker) { return items(tracker["events"]); }

// Seconds with a fraction.
std::string time_of(JsonView value) {
  const auto seconds = value.number();
  if (!seconds || !(*seconds > 0) || *seconds > 1e11) return {};
  return to_rfc3339(TimePoint(Duration(static_cast<std::int64_t>(std::llround(*seconds * 1000)))));
}

std::string stamp_of(JsonView value) {
  const auto seconds = value.number();
  return seconds && std::isfinite(*seconds) ? fmt::format("{:.6f}", *seconds) : std::string();
}

std::string_view role_of(JsonView event) {
  if (event["event"].text() == "user") return "customer";
  const auto metadata = event["metadata"];
  if (metadata[kKey].text().empty()) return "ai";
  return metadata["baton_by"].text().empty() ? "system" : "agent";
}

// Of a customer's message Rasa knows an id; of all others the instant is one, or else their place.
std::string id_of(JsonView event, const std::string& conversation, std::size_t position,
                  std::set<std::string>& taken) {
  auto id = event["message_id"].id().value_or("");
  if (id.empty() || id.size() > 200) id = conversation.substr(0, 128) + "/" + stamp_of(event["timestamp"]);
  if (!taken.insert(id).second) id += "/" + std::to_string(position);
  return id;
}

json line_of(JsonView event, const std::string& id) {
  json line = {{"id", id}, {"role", role_of(event)}};
  put(line, "at", time_of(event["timestamp"]), 40);
  put(line, "author", event.at_path("metadata.baton_by").text(), 256);
  put(line, "text", event["text"].text(), 32'000);
  return line;
}

// "/greet" is an intent that a button or another program sent, and no words of the customer's.
bool says_something(JsonView event) {
  const auto kind = event["event"].text(), text = event["text"].text();
  if (kind != "user" && kind != "bot") return false;
  return !trim(text).empty() && !(kind == "user" && text.starts_with('/'));
}

// A slot holds any JSON; what a person would read are texts and numbers.
std::string slot_text(JsonView slots, std::string_view name) {
  return name.empty() ? std::string() : slots[name].id().value_or("");
}

// The bot's own actions, each once: what it tried before it gave up.
json attempts_of(JsonView tracker, std::string_view own) {
  constexpr std::size_t kMost = 20;
  json attempts = json::array();
  std::set<std::string> seen;
  for (const auto& event : events_of(tracker)) {
    const auto action = event["name"].text();
    const bool ordinary = action.starts_with("utter_") || action == "action_listen" ||
                          action == "action_session_start" || action == "action_default_fallback";
    if (event["event"].text() != "action" || action.empty() || ordinary || action == own) continue;
    if (attempts.size() == kMost || !seen.insert(action).second) continue;
    attempts.push_back({{"action", std::string(clip_utf8(action, 1024))}});
  }
  return attempts;
}

json intent_of(JsonView latest) {
  json intent = json::object();
  put(intent, "name", latest.at_path("intent.name").text(), 256);
  const auto confidence = latest.at_path("intent.confidence").number();
  if (confidence && *confidence >= 0 && *confidence <= 1) intent["confidence"] = *confidence;
  return intent;
}

json reason_of(JsonView slots, const sdk::Settings& settings) {
  constexpr auto kTriggers = std::to_array<std::string_view>(
      {"explicit_request", "low_confidence", "sentiment", "topic", "attempts", "vip", "error", "other"});
  const auto said = slot_text(slots, settings["reason_slot"]);
  if (said.empty()) return json::object();
  if (std::ranges::find(kTriggers, said) != kTriggers.end()) return {{"trigger", said}};
  return {{"trigger", "other"}, {"explanation", std::string(clip_utf8(said, 4096))}};
}

// Slots that are set, so that nothing the bot learned is lost.
json metadata_of(JsonView slots) {
  json set = json::object();
  if (slots.object()) {
    for (const auto& [name, value] : slots.raw()->items()) {
      if (!value.is_null() && name.size() <= 128 && set.size() < 100) set[name] = value;
    }
  }
  return set.empty() ? json::object() : json{{"slots", std::move(set)}};
}

}  // namespace

json lines_of(JsonView tracker, const std::string& conversation, std::size_t most) {
  std::vector<json> lines;
  std::set<std::string> taken;
  std::size_t position = 0;
  for (const auto& event : events_of(tracker)) {
    ++position;
    if (!says_something(event)) continue;
    lines.push_back(line_of(event, id_of(event, conversation, position, taken)));
  }
  const auto begin = lines.size() > most ? lines.end() - static_cast<std::ptrdiff_t>(most) : lines.begin();
  return json(std::vector<json>(begin, lines.end()));
}

json customer_of(JsonView slots, const sdk::Settings& settings) {
  json customer = json::object();
  put(customer, "id", slot_text(slots, settings["customer_id_slot"]), 256);
  put(customer, "name", slot_text(slots, settings["name_slot"]), 256);
  const auto email = slot_text(slots, settings["email_slot"]);
  if (email.size() <= 320) put(customer, "email", email, 320);
  return customer;
}

json handoff_of(JsonView tracker, const std::string& conversation, const sdk::Settings& settings) {
  json data = {{"conversation", {{"id", conversation}}}};
  const auto add = [&data](const char* name, json part) {
    if (!part.empty()) data[name] = std::move(part);
  };
  put(data["conversation"], "channel", tracker["latest_input_channel"].text(), 64);
  const auto slots = tracker["slots"];
  add("customer", customer_of(slots, settings));
  add("reason", reason_of(slots, settings));
  add("intent", intent_of(tracker["latest_message"]));
  add("attempts", attempts_of(tracker, settings["action"]));
  add("transcript", lines_of(tracker, conversation, 500));
  add("metadata", metadata_of(slots));
  return data;
}

std::string last_time_of(JsonView tracker) {
  const auto events = events_of(tracker);
  if (!events.empty()) {
    if (auto stamp = stamp_of(events.back()["timestamp"]); !stamp.empty()) return stamp;
  }
  return stamp_of(tracker["latest_event_time"]);
}

}  // namespace baton::rasa
