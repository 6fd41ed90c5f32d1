#include "connectors/dialogflow/simulator.h"

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::dialogflow {
namespace simulated {
namespace {

constexpr std::string_view kAgent =
    "projects/acme/locations/europe-west1/agents/7c9e6679-7425-40de-944b-e07fc1f90ae7";
constexpr std::string_view kGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

// A part of a JWT; null if it is none.
json part_of(std::string_view encoded) {
  std::string text(encoded);
  for (auto& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  const auto bytes = from_base64(text);
  auto parsed = bytes ? json::parse(*bytes, nullptr, false) : json();
  return parsed.is_object() ? parsed : json();
}

}  // namespace

Agent::Agent(const simulation::Setup& setup)
    : setup_(setup), agent_(simulation::text_of(setup, "agent", kAgent)),
      all_(simulation::limit_of(setup, "requests_per_minute", 600), 1min) {
  const auto fixed = simulation::text_of(setup, "access_token", "");
  if (!fixed.empty()) tokens_.emplace(fixed, TimePoint::max());
}

Reply Agent::handle(const RawRequest& raw) {
  tally_.request();
  auto reply = api(raw);
  if (reply.status >= 400) {
    const auto body = json::parse(reply.body, nullptr, false);
    tally_.refuse(JsonView(body).at_path("error.status").text(std::to_string(reply.status)));
  }
  return reply;
}

Reply Agent::refuse(int status, std::string_view code, std::string_view message) {
  return simulation::json_reply(status,
                                {{"error", {{"code", status}, {"message", message}, {"status", code}}}});
}

// RFC 7523. The signature is not checked: that is Google's to do with the account's public key.
Reply Agent::create_token(const RawRequest& raw) {
  const auto refused = [](std::string_view error, std::string_view why) {
    return simulation::json_reply(400, {{"error", error}, {"error_description", why}});
  };
  auto fields = simulation::form_fields(raw.body);
  if (fields["grant_type"] != kGrant) return refused("unsupported_grant_type", "Invalid grant_type");
  const auto parts = split(fields["assertion"], '.');
  if (parts.size() != 3) return refused("invalid_grant", "Invalid JWT: not three parts");
  const auto head = part_of(parts[0]), claims = part_of(parts[1]);
  const JsonView view(claims);
  const auto issued = view["iat"].integer().value_or(0), expires = view["exp"].integer().value_or(0);
  const auto now = simulation::epoch_seconds(raw.received_at);
  if (JsonView(head)["alg"].text() != "RS256" || parts[2].empty() ||
      view["iss"].text() !=
          simulation::text_of(setup_, "client_email", "baton@acme.iam.gserviceaccount.com")) {
    return refused("invalid_grant", "Invalid JWT Signature.");
  }
  if (issued > now + 300 || expires <= now || expires - issued > 3600) {
    return refused("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)");
  }
  const auto life = simulation::number_of(setup_, "token_seconds", 3600);
  const auto token = fmt::format("ya29.{:016x}{:016x}", random_.bits(), random_.bits());
  tokens_.insert_or_assign(token, raw.received_at + std::chrono::seconds(life));
  tally_.effect("tokens_issued");
  return simulation::json_reply(200,
                                {{"access_token", token}, {"expires_in", life}, {"token_type", "Bearer"}});
}

bool Agent::may_enter(const RawRequest& raw) const {
  const auto given = header(raw.headers, "authorization");
  if (!given.starts_with("Bearer ")) return false;
  const auto token = tokens_.find(given.substr(7));
  return token != tokens_.end() && token->second > raw.received_at;
}

Reply Agent::api(const RawRequest& raw) {
  const auto path = path_of(raw.target);
  if (path == "/token" && raw.method == "POST") return create_token(raw);
  if (!may_enter(raw)) {
    return refuse(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
  }
  if (const auto wait = all_.take(raw.received_at)) {
    auto reply = refuse(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'All requests'.");
    reply.headers["retry-after"] = std::to_string(simulation::whole_seconds(*wait));
    return reply;
  }
  const auto decoded = percent_decode(path).value_or("");
  const auto base = "/v3/" + agent_;
  if (raw.method == "GET" && decoded == base) return show_agent();
  constexpr std::string_view kVerb = ":detectIntent";
  const auto sessions = base + "/sessions/", conversations = base + "/conversations/";
  if (raw.method == "POST" && decoded.starts_with(sessions) && decoded.ends_with(kVerb)) {
    return detect_intent(decoded.substr(sessions.size(), decoded.size() - sessions.size() - kVerb.size()),
                         raw);
  }
  if (raw.method == "GET" && decoded.starts_with(conversations)) {
    return history(decoded.substr(conversations.size()));
  }
  return refuse(404, "NOT_FOUND", "Requested entity was not found.");
}

Reply Agent::show_agent() const {
  return simulation::json_reply(200, {{"name", agent_},
                                      {"displayName", "Shop"},
                                      {"defaultLanguageCode", "en"},
                                      {"timeZone", "Europe/Berlin"}});
}

// The API client's side: a text, or an event by which the conversation goes back to a flow.
Reply Agent::detect_intent(std::string_view name, const RawRequest& raw) {
  const auto body = json::parse(raw.body, nullptr, false);
  const JsonView input = JsonView(body)["queryInput"];
  if (!input.object()) return refuse(400, "INVALID_ARGUMENT", "Invalid value at 'query_input'");
  if (input["languageCode"].text().empty()) {
    return refuse(400, "INVALID_ARGUMENT", "Language code is required.");
  }
  const auto text = input.at_path("text.text").text(), event = input.at_path("event.event").text();
  if (text.empty() == event.empty()) {
    return refuse(400, "INVALID_ARGUMENT", "queryInput needs one of text, event");
  }
  if (text.size() > 256 * 4 || name.empty()) {
    return refuse(400, "INVALID_ARGUMENT", "Text length must not exceed 256 characters.");
  }
  auto& session = sessions_[std::string(name)];
  const auto parameters = JsonView(body).at_path("queryParams.parameters");
  if (parameters.object()) session.parameters.update(*parameters.raw());
  json messages = json::array();
  if (!event.empty()) {
    session.with_person = false;
    session.turns.push_back(
        {{"at", simulation::iso_millis(raw.received_at)}, {"role", "event"}, {"text", event}});
    tally_.effect("events_matched");
  } else {
    turn(session, "customer", text, raw.received_at);
    tally_.effect("texts_matched");
  }
  turn(session, "bot", "How can I help?", raw.received_at);
  messages.push_back({{"text", {{"text", json::array({"How can I help?"})}}}});
  return simulation::json_reply(200, {{"responseId", simulation::make_uuid(random_)},
                                      {"queryResult",
                                       {{"languageCode", input["languageCode"].text()},
                                        {"parameters", session.parameters},
                                        {"responseMessages", messages}}}});
}

// Conversation history: newest interaction first [field names of the v3 API].
Reply Agent::history(std::string_view name) const {
  const auto found = sessions_.find(name);
  if (found == sessions_.end()) {
    return simulation::json_reply(
        404, {{"error", {{"code", 404}, {"message", "Conversation not found"}, {"status", "NOT_FOUND"}}}});
  }
  json interactions = json::array();
  for (auto at = found->second.turns.rbegin(); at != found->second.turns.rend(); ++at) {
    const auto role = (*at)["role"].get<std::string>(), text = (*at)["text"].get<std::string>();
    json one = {{"createTime", (*at)["at"]}, {"request", json::object()}, {"response", json::object()}};
    if (role == "customer")
      one["request"]["queryInput"] = {{"text", {{"text", text}}}, {"languageCode", "en"}};
    if (role == "event")
      one["request"]["queryInput"] = {{"event", {{"event", text}}}, {"languageCode", "en"}};
    if (role == "bot") {
      one["response"]["queryResult"]["responseMessages"] =
          json::array({{{"text", {{"text", json::array({text})}}}}});
    }
    interactions.push_back(std::move(one));
  }
  return simulation::json_reply(200, {{"name", fmt::format("{}/conversations/{}", agent_, name)},
                                      {"type", "TEXT"},
                                      {"languageCode", "en"},
                                      {"interactions", interactions}});
}

json Agent::ledger() const {
  json sessions = json::object();
  for (const auto& [id, session] : sessions_) {
    sessions[id] = {{"turns", session.turns},
                    {"parameters", session.parameters},
                    {"waits", session.waits},
                    {"with_person", session.with_person}};
  }
  // A text or event to the agent is a new turn each time; equal ones next to one another are a repetition.
  int duplicates = 0;
  for (const auto& [id, session] : sessions_) {
    std::string last;
    for (const auto& turn : session.turns) {
      if (turn["role"] != "event") continue;
      duplicates += turn["text"] == json(last) ? 1 : 0;
      last = turn["text"];
    }
  }
  auto all = tally_.json(duplicates);
  all["sessions"] = std::move(sessions);
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Agent>(setup);
}

}  // namespace baton::dialogflow
