#include "connectors/rasa/wire.h"

#include <vector>

#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::rasa {
namespace {

using nlohmann::json;
using sdk::dumped;

constexpr std::size_t kLongestText = 10'000;

Headers json_headers() { return {{"accept", "application/json"}, {"content-type", "application/json"}}; }

std::string path_of(std::string_view conversation, std::string_view rest) {
  return "/conversations/" + percent_encode(conversation) + std::string(rest);
}

// Every event of the conversation, also those before a restart, which the default leaves out; or the state
// alone.
constexpr std::string_view kAllEvents = "include_events=ALL";
constexpr std::string_view kNoEvents = "include_events=NONE";

sdk::Write append(std::string_view conversation, const json& events, std::string_view query) {
  return sdk::Write::post(path_of(conversation, "/tracker/events?" + std::string(query)), dumped(events),
                          json_headers());
}

Result<json> parsed(const Reply& reply, FailureKind kind) {
  auto body = parse_json(reply.body, kind, "Rasa's tracker");
  if (body && !body->is_object()) return Failure(kind, "Rasa's tracker is no object");
  return body;
}

}  // namespace

Result<std::string> conversation_of(JsonView subject) {
  auto id = subject.at_path("conversation.id").id().value_or("");
  // Percent-encoding leaves full stops, and "..", unlike any other name, leads somewhere else.
  if (id.empty() || id.size() > 256 || id == "." || id == "..") {
    return Failure(FailureKind::rejected, "`" + id + "` is no conversation of Rasa");
  }
  return id;
}

Result<sdk::Write> utter(std::string_view conversation, JsonView subject, const std::string& key,
                         std::string_view channel) {
  auto text = to_valid_utf8(subject["text"].text());
  if (trim(text).empty()) return Failure(FailureKind::rejected, "there is no text to send");
  const auto by = to_valid_utf8(subject["by"].text());
  if (!by.empty()) text = by + ": " + text;
  if (text.size() > kLongestText) text = std::string(clip_utf8(text, kLongestText - 3)) + "\xe2\x80\xa6";
  json metadata = {{std::string(kKey), key}};
  if (!by.empty()) metadata["baton_by"] = by;
  const json event = {
      {"event", "bot"}, {"text", text}, {"data", json::object()}, {"metadata", std::move(metadata)}};
  return append(
      conversation, json::array({event}),
      std::string(kAllEvents) + "&output_channel=" + percent_encode(channel) + "&execute_side_effects=true");
}

sdk::Write pause(std::string_view conversation) {
  return append(conversation, json::array({{{"event", "pause"}}}), kNoEvents);
}

sdk::Write resume(std::string_view conversation, std::string_view slot, std::string_view text) {
  json events = json::array();
  if (!slot.empty() && !text.empty()) {
    events.push_back({{"event", "slot"},
                      {"name", slot},
                      {"value", std::string(clip_utf8(to_valid_utf8(text), kLongestText))}});
  }
  events.push_back({{"event", "resume"}});
  return append(conversation, events, kNoEvents);
}

sdk::Read read_tracker(std::string_view conversation) {
  return sdk::Read::get(path_of(conversation, "/tracker?" + std::string(kAllEvents)), json_headers());
}

Result<json> tracker_of(const Reply& reply, FailureKind kind) {
  auto body = parsed(reply, kind);
  if (!body) return body.error();
  const auto events = JsonView(*body)["events"].list();
  if (!events) return Failure(kind, "Rasa's tracker carries no list of events");
  for (const auto& event : *events) {
    if (!event["event"].string()) return Failure(kind, "Rasa's tracker holds an event without a name");
  }
  return body;
}

Result<sdk::Found> match_uttered(const Reply& reply, std::string_view key) {
  const auto tracker = tracker_of(reply, FailureKind::ambiguous);
  if (!tracker) return tracker.error();
  const auto events = JsonView(*tracker)["events"].list();
  for (const auto& event : *events) {
    if (event["event"].text() == "bot" && event["metadata"][kKey].text() == key) {
      return sdk::Found(Receipt(std::string(key)));
    }
  }
  return sdk::Found();
}

Result<Receipt> read_uttered(const Reply& reply, std::string_view key) {
  const auto found = match_uttered(reply, key);
  if (!found) return found.error();
  if (!*found)
    return Failure(FailureKind::ambiguous, "Rasa's tracker does not show the message that it took");
  return **found;
}

Result<Receipt> read_paused(const Reply& reply, std::string_view conversation, bool paused) {
  const auto body = parsed(reply, FailureKind::ambiguous);
  if (!body) return body.error();
  if (JsonView(*body)["paused"].boolean() != paused) {
    return Failure(FailureKind::ambiguous, std::string("Rasa's tracker does not say that the bot is ") +
                                               (paused ? "paused" : "at work"));
  }
  return Receipt(std::string(conversation));
}

}  // namespace baton::rasa
