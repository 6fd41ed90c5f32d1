#include "connectors/rasa/webhook.h"

#include "connectors/rasa/tracker.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::rasa {
namespace {

using nlohmann::json;
using sdk::dumped;

Reply answer(int status, const json& body) {
  return Reply(status, dumped(body), Headers{{"content-type", "application/json"}});
}

// Rasa signs nothing: the random text in the address is all that it proves itself with.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys) {
  const auto token = query_value(request.target, "token").value_or("");
  if (!token.empty() && keys.matches(sdk::Keys::Mac::shared_value, "url_token", {}, token))
    return std::nullopt;
  return Failure(FailureKind::rejected, "the call does not carry url_token as ?token=... in its address");
}

// The bot falls silent with this very answer, and the customer hears why.
Reply handed_over(const std::vector<HandoffId>& handoffs, const std::string& text, const std::string& slot) {
  json events = json::array({{{"event", "pause"}}}), responses = json::array();
  if (!slot.empty() && !handoffs.empty()) {
    const json id = {{"event", "slot"}, {"name", slot}, {"value", handoffs.front().text}};
    events.insert(events.begin(), id);
  }
  if (!text.empty()) responses.push_back({{"text", text}});
  return answer(200, {{"events", events}, {"responses", responses}});
}

Reply nothing_to_do() { return answer(200, {{"events", json::array()}, {"responses", json::array()}}); }

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings) {
  if (const auto failure = refuse(request, keys)) return *failure;
  const auto body = parse_json(request.body, FailureKind::rejected, "Rasa's call");
  if (!body) return body.error();
  const JsonView call(*body);
  const auto action = call["next_action"].text();
  const auto tracker = call["tracker"];
  const auto conversation = call["sender_id"].id().value_or(tracker["sender_id"].id().value_or(""));
  sdk::Inbound inbound;
  const auto resolved = settings["resolved_action"];
  if (action.empty() || (action != settings["action"] && action != resolved)) {
    inbound.answer = answer(400, {{"error", "Baton does not know this action"}, {"action_name", action}});
    return inbound;
  }
  if (conversation.empty() || conversation.size() > 256) {
    inbound.answer = answer(400, {{"error", "sender_id is missing"}, {"action_name", action}});
    return inbound;
  }
  // The same call again, after a timeout, carries the same tracker.
  const auto id = action + "/" + conversation.substr(0, 128) + "/" + last_time_of(tracker);
  inbound.answer = nothing_to_do();
  if (action == resolved) {
    inbound.events.emplace_back(id, "conversation.resolved",
                                json{{"conversation", {{"id", conversation}}}, {"by", "ai"}});
    return inbound;
  }
  inbound.events.emplace_back(id, "handoff.requested", handoff_of(tracker, conversation, settings));
  inbound.answer_with =
      [text = std::string(settings["handoff_text"]), slot = std::string(settings["handoff_slot"])](
          const std::vector<HandoffId>& handoffs) { return handed_over(handoffs, text, slot); };
  return inbound;
}

}  // namespace baton::rasa
