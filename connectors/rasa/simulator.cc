#include "connectors/rasa/simulator.h"

#include <algorithm>
#include <array>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::rasa {
namespace simulated {
namespace {

constexpr auto kKnown =
    std::to_array<std::string_view>({"user", "bot", "slot", "action", "pause", "resume", "restart",
                                     "followup", "reminder", "session_started"});

double seconds_of(TimePoint at) { return static_cast<double>(at.time_since_epoch().count()) / 1000.0; }

json tracker_json(const std::string& id, const Tracker& tracker) {
  return {{"sender_id", id},
          {"slots", tracker.slots},
          {"latest_message", tracker.latest_message},
          {"latest_event_time", tracker.events.empty() ? json() : tracker.events.back()["timestamp"]},
          {"latest_input_channel", "rest"},
          {"paused", tracker.paused},
          {"events", tracker.events}};
}

}  // namespace

Server::Server(const simulation::Setup& setup)
    : setup_(setup), all_(simulation::limit_of(setup, "requests_per_minute", 600), 1min) {}

Reply Server::handle(const RawRequest& raw) {
  tally_.request();
  return api(raw);
}

Reply Server::refuse(int status, std::string_view reason, std::string_view message) {
  tally_.refuse(reason);
  return simulation::json_reply(status, {{"version", "3.6.0"},
                                         {"status", "failure"},
                                         {"reason", reason},
                                         {"message", message},
                                         {"code", status}});
}

Reply Server::api(const RawRequest& raw) {
  static constexpr auto kRoutes = std::to_array<simulation::Route<Server>>({
      {"GET", "/status", &Server::show_status},
      {"GET", "/conversations/{}/tracker", &Server::show_tracker},
      {"POST", "/conversations/{}/tracker/events", &Server::append_events},
  });
  Call call(raw, std::string(path_of(raw.target)));
  if (header(raw.headers, "authorization") != "Bearer " + simulation::text_of(setup_, "jwt", "rasa-jwt")) {
    return refuse(401, "NotAuthenticated", "User is not authenticated.");
  }
  if (const auto wait = all_.take(raw.received_at)) {
    auto reply = refuse(429, "TooManyRequests", "slow down");
    reply.headers["retry-after"] = std::to_string(simulation::whole_seconds(*wait));
    return reply;
  }
  for (const auto& candidate : kRoutes) {
    auto args = simulation::match(candidate.pattern, call.path);
    if (!args || candidate.method != raw.method) continue;
    call.args = *std::move(args);
    return (this->*candidate.handler)(call);
  }
  return refuse(404, "NotFound", "Requested URL not found");
}

Reply Server::show_status(const Call&) {
  return simulation::json_reply(200,
                                {{"model_file", "20260901-101500.tar.gz"}, {"num_active_training_jobs", 0}});
}

// Asking for a conversation that never was makes it.
Reply Server::show_tracker(const Call& call) {
  return described(call, call.args[0], trackers_[call.args[0]]);
}

Reply Server::described(const Call& call, const std::string& id, const Tracker& tracker) {
  const auto events = call.query("include_events");
  auto body = tracker_json(id, tracker);
  if (events == "NONE") body["events"] = nullptr;
  else if (!events.empty() && events != "ALL" && events != "APPLIED" && events != "AFTER_RESTART") {
    return refuse(400, "BadRequest", "Invalid parameter value for 'include_events'");
  }
  return simulation::json_reply(200, body);
}

// One event or a list of them; all of them or none.
Reply Server::append_events(const Call& call) {
  const auto body = json::parse(call.raw.body, nullptr, false);
  const auto events = body.is_object() ? json::array({body}) : body;
  if (!events.is_array() || events.empty())
    return refuse(400, "BadRequest", "Couldn't extract proper events");
  for (const auto& event : events) {
    const auto kind = JsonView(event)["event"].text();
    const bool whole = (kind != "bot" || JsonView(event)["text"].string()) &&
                       (kind != "slot" || JsonView(event)["name"].string());
    if (std::ranges::find(kKnown, kind) == kKnown.end() || !whole) {
      return refuse(400, "BadRequest", "Couldn't extract proper event");
    }
  }
  auto& tracker = trackers_[call.args[0]];
  // Without side effects the customer never sees what the tracker says.
  const bool is_sent = call.query("execute_side_effects") == "true" && !call.query("output_channel").empty();
  for (auto event : events) {
    const auto kind = event["event"].get<std::string>();
    if (kind == "bot") {
      event["seen_by_customer"] = is_sent;
      tally_.effect(is_sent ? "messages_sent" : "messages_logged");
    }
    if (kind == "pause" || kind == "resume") tally_.effect(kind + "s");
    apply(tracker, std::move(event), call.now());
  }
  return described(call, call.args[0], tracker);
}

void Server::apply(Tracker& tracker, json event, TimePoint now) {
  const auto kind = JsonView(event)["event"].text();
  if (!event.contains("timestamp")) event["timestamp"] = seconds_of(now);
  if (kind == "pause") tracker.paused = true;
  if (kind == "resume") tracker.paused = false;
  if (kind == "slot") tracker.slots[JsonView(event)["name"].text()] = event.value("value", json());
  tracker.events.push_back(std::move(event));
}

// --- the action server's side

simulation::Outbound Server::call_action(const std::string& id, const Tracker& tracker,
                                         std::string_view action) {
  const json body = {{"next_action", action},
                     {"sender_id", id},
                     {"tracker", tracker_json(id, tracker)},
                     {"domain", json::object()},
                     {"version", "3.6.0"}};
  simulation::Outbound outbound(
      Request("POST", "?token=" + percent_encode(simulation::text_of(setup_, "url_token", "rasa-url-token")),
              simulation::dump(body), {{"content-type", "application/json"}}));
  outbound.attempts = 1;
  tally_.effect("actions_called");
  return outbound;
}

Result<Done> Server::take_answer(Tracker& tracker, JsonView with, TimePoint now) {
  if (!tracker.waits) return Failure(FailureKind::rejected, "rasa: the conversation waits for no answer");
  tracker.waits = false;
  json body;
  if (with["body"].object()) body = *with["body"].raw();
  if (with["body"].string()) body = json::parse(with["body"].text(), nullptr, false);
  const bool late = Duration(with["after_ms"].integer().value_or(0)) >
                    simulation::seconds_of(setup_, "timeout_seconds", 10);
  const auto events = JsonView(body)["events"].list(), responses = JsonView(body)["responses"].list();
  if (late || with["status"].integer().value_or(200) != 200 || !events || !responses) {
    tally_.refuse("action_failed");
    return Done();
  }
  for (const auto& response : *responses) {
    apply(tracker, {{"event", "bot"}, {"text", response["text"].text()}, {"seen_by_customer", true}}, now);
  }
  for (const auto& event : *events) {
    if (event.object()) apply(tracker, *event.raw(), now);
  }
  tally_.effect("answers_taken");
  return Done();
}

Result<std::vector<simulation::Outbound>> Server::act(const simulation::Deed& deed, TimePoint now) {
  const JsonView with(deed.with);
  const auto id = with["conversation"].text("user-4471");
  if (deed.what != "say" && deed.what != "hand_off" && deed.what != "answered") {
    return Failure(FailureKind::rejected, "rasa: no such deed: " + deed.what);
  }
  auto& tracker = trackers_[id];
  std::vector<simulation::Outbound> sent;
  if (deed.what == "answered") {
    const auto taken = take_answer(tracker, with, now);
    if (!taken) return taken.error();
    return sent;
  }
  if (tracker.waits)
    return Failure(FailureKind::rejected, "rasa: the conversation waits for the action's answer");
  const auto text = with["text"].text("I want a person please");
  const json parsed = {{"text", text},
                       {"intent",
                        {{"name", with["intent"].text("payment_failed")},
                         {"confidence", with["confidence"].number().value_or(0.31)}}},
                       {"entities", json::array()}};
  apply(tracker, {{"event", "user"}, {"text", text}, {"message_id", "m" + std::to_string(next_message_++)}},
        now);
  tracker.latest_message = parsed;
  if (deed.what == "say") {
    if (!tracker.paused)
      apply(tracker, {{"event", "bot"}, {"text", "How can I help?"}, {"seen_by_customer", true}}, now);
    return sent;
  }
  if (with["slots"].object()) tracker.slots.update(*with["slots"].raw());
  tracker.waits = true;
  const auto action = with["action"].text(simulation::text_of(setup_, "action", "action_handoff_to_human"));
  sent.push_back(call_action(id, tracker, action));
  return sent;
}

json Server::ledger() const {
  json trackers = json::object();
  std::vector<std::string> written;
  for (const auto& [id, tracker] : trackers_) {
    trackers[id] = tracker_json(id, tracker);
    trackers[id]["waits"] = tracker.waits;
    // What was appended with metadata and is there twice was said twice.
    for (const auto& event : tracker.events) {
      if (event["event"] == "bot" && event.contains("metadata")) {
        written.push_back(id + simulation::dump({event["text"], event["metadata"]}));
      }
    }
  }
  auto all = tally_.json(simulation::count_duplicates(written));
  all["trackers"] = std::move(trackers);
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Server>(setup);
}

}  // namespace baton::rasa
