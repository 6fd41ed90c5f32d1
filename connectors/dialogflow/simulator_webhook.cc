// The fulfilment webhook and its answer (fact sheet ingress, section 4.6 b).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/dialogflow/simulator.h"
#include "connectors/simulation/setup.h"

namespace baton::dialogflow::simulated {
namespace {

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "dialogflow: " + std::move(why)); }

bool is_list_of_texts(JsonView value) {
  const auto list = value.list();
  return list &&
         std::all_of(list->begin(), list->end(), [](JsonView text) { return text.string().has_value(); });
}

// The texts that the customer gets to see.
std::vector<std::string> texts_of(JsonView response) {
  std::vector<std::string> texts;
  for (const auto message : items(response.at_path("fulfillmentResponse.messages"))) {
    for (const auto text : items(message.at_path("text.text"))) {
      texts.push_back(text.text());
    }
  }
  return texts;
}

}  // namespace

// Unknown members are refused, as protobuf's JSON reader does.
std::string fault_of_response(const json& response) {
  constexpr auto kMembers = std::to_array<std::string_view>(
      {"fulfillmentResponse", "pageInfo", "sessionInfo", "payload", "targetPage", "targetFlow"});
  constexpr auto kMerges =
      std::to_array<std::string_view>({"MERGE_BEHAVIOR_UNSPECIFIED", "APPEND", "REPLACE"});
  constexpr auto kMessages = std::to_array<std::string_view>(
      {"text", "payload", "liveAgentHandoff", "conversationSuccess", "endInteraction", "channel"});
  const auto known = [](const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!response.is_object()) return "the body is no JSON object";
  for (const auto& [member, value] : response.items()) {
    if (!known(kMembers, member)) return "unknown member " + member;
  }
  const auto fulfillment = JsonView(response)["fulfillmentResponse"];
  if (!fulfillment.missing()) {
    const auto messages = fulfillment["messages"].list();
    if (!messages && !fulfillment["messages"].missing()) return "messages is no list";
    for (const auto message : messages.value_or(std::vector<JsonView>())) {
      if (!message.object()) return "a message is no object";
      for (const auto& [member, value] : message.raw()->items()) {
        if (!known(kMessages, member)) return "unknown message " + member;
      }
      if (!message["text"].missing() && !is_list_of_texts(message.at_path("text.text")))
        return "text is no list";
      const auto handoff = message["liveAgentHandoff"];
      if (!handoff.missing() && !handoff["metadata"].missing() && !handoff["metadata"].object()) {
        return "metadata is no object";
      }
    }
    const auto merge = fulfillment["mergeBehavior"];
    if (!merge.missing() && !known(kMerges, merge.text())) return "unknown mergeBehavior";
  }
  const auto parameters = JsonView(response).at_path("sessionInfo.parameters");
  return parameters.missing() || parameters.object() ? "" : "parameters is no object";
}

void Agent::turn(Session& session, std::string_view role, std::string_view text, TimePoint now) {
  session.turns.push_back({{"at", simulation::iso_millis(now)}, {"role", role}, {"text", text}});
}

simulation::Outbound Agent::webhook(std::string_view name, const json& with, std::string_view tag,
                                    TimePoint now) {
  auto& session = sessions_[std::string(name)];
  const JsonView given(with);
  const auto text = given["text"].text("I want a person please");
  turn(session, "customer", text, now);
  session.waits = true;
  session.waits_until = now + simulation::seconds_of(setup_, "timeout_seconds", 5);
  if (given["parameters"].object()) session.parameters.update(*given["parameters"].raw());
  json body = {
      {"detectIntentResponseId", simulation::make_uuid(random_)},
      {"languageCode", "en"},
      {"text", text},
      {"fulfillmentInfo", {{"tag", tag}}},
      {"intentInfo",
       {{"lastMatchedIntent", agent_ + "/intents/0f9a"},
        {"displayName", given["intent"].text("agent.escalate")},
        {"confidence", given["confidence"].number().value_or(0.31)}}},
      {"pageInfo", {{"currentPage", agent_ + "/flows/0/pages/escalate"}, {"displayName", "Escalate"}}},
      {"sessionInfo",
       {{"session", fmt::format("{}/sessions/{}", agent_, name)}, {"parameters", session.parameters}}},
      {"messages", json::array({{{"text", {{"text", json::array({"Let me get a colleague for you."})}}},
                                 {"responseType", "HANDLER_PROMPT"},
                                 {"source", "VIRTUAL_AGENT"}}})},
      {"payload", {{"channel", "web"}}},
      {"languageInfo", {{"inputLanguageCode", "en"}, {"resolvedLanguageCode", "en"}, {"confidenceScore", 1}}},
      {"aFieldOfTomorrow", {{"unknown", true}}}};  // unknown fields may appear
  if (given["metadata"].object()) {
    body["messages"].push_back(
        {{"liveAgentHandoff", {{"metadata", *given["metadata"].raw()}}}, {"source", "VIRTUAL_AGENT"}});
  }
  if (const auto score = given["score"].number()) {
    body["sentimentAnalysisResult"] = {{"score", *score}, {"magnitude", 0.8}};
  }
  Headers headers = {{"content-type", "application/json"}, {"user-agent", "Google-Dialogflow"}};
  headers[simulation::text_of(setup_, "webhook_header", "authorization")] =
      simulation::text_of(setup_, "webhook_value", "Bearer dialogflow-webhook-token");
  simulation::Outbound outbound(Request("POST", "", simulation::dump(body), std::move(headers)));
  outbound.attempts = 1;
  tally_.effect("webhooks_sent");
  return outbound;
}

Result<Done> Agent::take_answer(Session& session, const json& with, TimePoint now) {
  if (!session.waits) return cannot("the session waits for no answer");
  session.waits = false;
  const JsonView given(with);
  json response;
  if (given["body"].object()) response = *given["body"].raw();
  if (given["body"].string()) response = json::parse(given["body"].text(), nullptr, false);
  const auto limit = simulation::seconds_of(setup_, "timeout_seconds", 5);
  const auto status = given["status"].integer().value_or(200);
  auto fault = status != 200 ? fmt::format("status {}", status) : fault_of_response(response);
  if (Duration(given["after_ms"].integer().value_or(0)) > limit) fault = "deadline exceeded";
  if (!fault.empty()) {
    tally_.refuse("webhook: " + fault);
    tally_.effect("error_paths");
    turn(session, "bot", "Sorry, something went wrong.", now);
    return Done();
  }
  for (const auto& text : texts_of(response)) turn(session, "bot", text, now);
  const auto parameters = JsonView(response).at_path("sessionInfo.parameters");
  if (parameters.object()) session.parameters.update(*parameters.raw());
  for (const auto message : items(JsonView(response).at_path("fulfillmentResponse.messages"))) {
    session.with_person = session.with_person || !message["liveAgentHandoff"].missing();
  }
  tally_.effect("answers_taken");
  return Done();
}

Result<std::vector<simulation::Outbound>> Agent::act(const simulation::Deed& deed, TimePoint now) {
  const auto name = JsonView(deed.with)["session"].text("conv-8841");
  std::vector<simulation::Outbound> sent;
  if (deed.what != "say" && deed.what != "hand_off" && deed.what != "answered") {
    return cannot("no such deed: " + deed.what);
  }
  auto& session = sessions_[name];
  if (deed.what == "answered") {
    const auto taken = take_answer(session, deed.with, now);
    if (!taken) return taken.error();
    return sent;
  }
  if (session.waits && now <= session.waits_until) {
    return cannot("the session waits for the webhook's answer");
  }
  // No answer came at all: the bot took its error path and the session goes on.
  if (session.waits) {
    const auto late = simulation::seconds_of(setup_, "timeout_seconds", 5) + Duration{1};
    const auto taken = take_answer(session, {{"after_ms", late.count()}}, now);
    if (!taken) return taken.error();
  }
  if (deed.what == "hand_off") {
    const auto tag = JsonView(deed.with)["tag"].text(simulation::text_of(setup_, "tag", "handoff_to_human"));
    sent.push_back(webhook(name, deed.with, tag, now));
  } else if (session.with_person) {
    sent.push_back(webhook(name, deed.with, "message_to_human", now));
  } else {
    turn(session, "customer", JsonView(deed.with)["text"].text("Hello"), now);
    turn(session, "bot", "How can I help?", now);
  }
  return sent;
}

}  // namespace baton::dialogflow::simulated
