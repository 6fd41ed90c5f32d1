#include "connectors/twilio/control.h"

#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::twilio {
namespace {

using nlohmann::json;

constexpr std::string_view kOurs = "baton";
constexpr std::size_t kLongestResolution = 2000;

// The attributes of the conversation itself, whatever JSON they are.
Result<json> read_attributes(const Reply& reply, const Place& place, FailureKind kind) {
  const auto body = parse_json(reply.body, kind, "Twilio's conversation");
  if (!body) return body.error();
  const JsonView view(*body);
  if (view["sid"].text() != place.conversation)
    return Failure(kind, "Twilio answered with another conversation");
  if (view["attributes"].missing()) return Failure(kind, "Twilio's conversation came without its attributes");
  auto attributes = attributes_of(view);
  if (!attributes) return Failure(kind, "the conversation's attributes are no JSON");
  return *std::move(attributes);
}

json ours(const Control& control) {
  json entry = {{"control", control.holder}, {"handoff_id", control.handoff}, {"op", control.key}};
  if (!control.resolution.empty())
    entry["resolution"] = std::string(clip_utf8(to_valid_utf8(control.resolution), kLongestResolution));
  return entry;
}

}  // namespace

sdk::Read read_conversation(const Place& place) { return get(place.path); }

Result<sdk::Write> set_control(const Place& place, const Reply& reply, const Control& control) {
  auto attributes = read_attributes(reply, place, FailureKind::retryable);
  if (!attributes) return attributes.error();
  if (!attributes->is_object()) {
    return Failure(FailureKind::rejected,
                   "the conversation's attributes are no JSON object: there is no place to say who has it");
  }
  auto& entry = (*attributes)[std::string(kOurs)] = ours(control);
  auto text = sdk::dumped(*attributes);
  if (text.size() > kMostAttributes) {
    entry.erase("resolution");
    text = sdk::dumped(*attributes);
  }
  if (text.size() > kMostAttributes)
    return Failure(FailureKind::rejected, "the conversation's attributes are full (16 KB)");
  return post(place.path, {{"Attributes", std::move(text)}});
}

Result<sdk::Found> match_control(const Reply& reply, const Place& place, std::string_view key) {
  const auto attributes = read_attributes(reply, place, FailureKind::ambiguous);
  if (!attributes) return attributes.error();
  if (JsonView(*attributes)[kOurs]["op"].text() != key) return sdk::Found();
  return sdk::Found(Receipt(place.conversation));
}

Result<Receipt> read_control(const Reply& reply, const Place& place, std::string_view key) {
  const auto found = match_control(reply, place, key);
  if (!found) return found.error();
  if (!*found)
    return Failure(FailureKind::ambiguous, "Twilio's answer does not say who has the conversation now");
  return **found;
}

bool is_closed(const Reply& reply, const Place& place) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Twilio's conversation");
  return body && JsonView(*body)["sid"].text() == place.conversation &&
         JsonView(*body)["state"].text() == "closed";
}

}  // namespace baton::twilio
