#include "connectors/dialogflow/webhook.h"

#include <algorithm>

#include "connectors/dialogflow/handoff.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::dialogflow {
namespace {

using nlohmann::json;

Reply answer(int status, const json& body) {
  return Reply(status, sdk::dumped(body), Headers{{"content-type", "application/json"}});
}

// The rest of `value` after "Bearer " or the like; nothing if it has another scheme.
std::optional<std::string_view> after_scheme(std::string_view value, std::string_view scheme) {
  const auto blank = value.find(' ');
  if (blank == std::string_view::npos || !equals_ignoring_case(value.substr(0, blank), scheme)) {
    return std::nullopt;
  }
  return trim(value.substr(blank + 1));
}

bool fits(const sdk::Keys& keys, std::string_view given) {
  return !given.empty() && keys.matches(sdk::Keys::Mac::shared_value, "webhook_token", {}, given);
}

// Dialogflow signs no body: the Webhook resource sends a fixed header, or user and password.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys,
                              const sdk::Settings& settings) {
  const auto name = to_lower(settings["webhook_header"]);
  const auto given = header(request.headers, name);
  if (fits(keys, given)) return std::nullopt;
  if (name == "authorization") {
    if (const auto token = after_scheme(given, "bearer"); token && fits(keys, *token)) return std::nullopt;
    if (const auto both = after_scheme(given, "basic")) {
      if (const auto decoded = from_base64(*both); decoded && fits(keys, *decoded)) return std::nullopt;
    }
  }
  return Failure(FailureKind::rejected, "the call does not carry webhook_token in the header " + name);
}

bool hands_over(JsonView call, const sdk::Settings& settings) {
  const auto tag = call.at_path("fulfillmentInfo.tag").text();
  const auto tags = names_of(settings["tags"]);
  return std::ranges::find(tags, tag) != tags.end() || queued_handoff(call).object();
}

// What the customer hears, the signal for the chat front end, and the id for the rest of the session.
Reply handed_over(const std::vector<HandoffId>& handoffs, const std::string& text,
                  const std::string& parameter) {
  json messages = json::array(), metadata = json::object();
  if (!handoffs.empty()) metadata["handoff_id"] = handoffs.front().text;
  if (!text.empty()) messages.push_back({{"text", {{"text", json::array({text})}}}});
  messages.push_back({{"liveAgentHandoff", {{"metadata", std::move(metadata)}}}});
  // APPEND: what the bot already queued is still said.
  json body = {{"fulfillmentResponse", {{"messages", std::move(messages)}, {"mergeBehavior", "APPEND"}}}};
  if (!parameter.empty() && !handoffs.empty()) {
    body["sessionInfo"]["parameters"][parameter] = handoffs.front().text;
  }
  return answer(200, body);
}

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings) {
  if (auto failure = refuse(request, keys, settings)) return *std::move(failure);
  const auto body = parse_json(request.body, FailureKind::rejected, "Dialogflow's call");
  if (!body) return body.error();
  if (!body->is_object()) return Failure(FailureKind::rejected, "Dialogflow's call is no object");
  const JsonView call(*body);
  sdk::Inbound inbound;
  inbound.answer = answer(200, json::object());
  if (!hands_over(call, settings)) return inbound;
  const auto id = call["detectIntentResponseId"].text(), conversation = conversation_of(call);
  const bool has_id = !id.empty() && id.size() <= 128;
  if (!has_id || conversation.empty() || conversation.size() > 256) {
    // Anything but 200 makes the bot take its error path: the customer is not left waiting for nobody.
    const auto* lacks = has_id ? "sessionInfo.session" : "detectIntentResponseId";
    inbound.answer = answer(400, {{"error", std::string(lacks) + " is missing or too long"}});
    return inbound;
  }
  inbound.events.emplace_back(id, "handoff.requested", handoff_of(call, settings));
  inbound.answer_with =
      [text = std::string(settings["handoff_text"]), parameter = std::string(settings["handoff_parameter"])](
          const std::vector<HandoffId>& handoffs) { return handed_over(handoffs, text, parameter); };
  return inbound;
}

}  // namespace baton::dialogflow
