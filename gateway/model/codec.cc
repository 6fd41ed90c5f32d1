#include "gateway/model/codec.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton {
namespace {

using nlohmann::json;

// --- writing: what equals its default is left out, so rows stay small

std::int64_t ticks(TimePoint at) { return at.time_since_epoch().count(); }

void put(json& to, const char* key, const std::string& text) {
  if (!text.empty()) to[key] = text;
}
void put(json& to, const char* key, const std::optional<TimePoint>& at) {
  if (at) to[key] = ticks(*at);
}
void put(json& to, const char* key, bool flag) {
  if (flag) to[key] = true;
}

std::string written(const json& value) {
  // A vendor's excerpt may carry bytes that are no UTF-8; they are shown to people, never sent.
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json write(const Receipt& receipt) {
  json to = {{"id", receipt.object_id}};
  put(to, "url", receipt.url);
  return to;
}

json write(const Failure& failure) {
  json to = {{"kind", name(failure.kind)}, {"detail", failure.detail}};
  put(to, "not_before", failure.not_before);
  return to;
}

// Bodies are journalled to the byte, whatever they hold.
json write(const Request& request) {
  json to = {{"method", request.method}, {"target", request.target}};
  if (is_utf8(request.body)) to["body"] = request.body;
  else to["base64"] = to_base64(request.body);
  if (!request.headers.empty()) to["headers"] = request.headers;
  return to;
}

json write(const StepRecord& step) {
  json to = {{"name", step.name},
             {"key", step.key},
             {"write", write(step.write)},
             {"first_sent_at", ticks(step.first_sent_at)},
             {"sent_at", ticks(step.sent_at)},
             {"state", name(step.state)}};
  if (step.state == StepState::done) to["receipt"] = write(step.receipt);
  return to;
}

json write(const Route& route) {
  const auto names = [](const std::vector<DestinationId>& ids) {
    auto list = json::array();
    for (const auto& id : ids) list.push_back(id.text);
    return list;
  };
  json to = {{"rule", route.rule}, {"context", names(route.context)}, {"alerts", names(route.alerts)}};
  put(to, "team", route.team);
  if (route.tickets) to["tickets"] = route.tickets->text;
  if (route.bugs) to["bugs"] = route.bugs->text;
  if (route.record) to["record"] = route.record->text;
  if (route.platform) to["platform"] = route.platform->text;
  return to;
}

json write(const ContextPart& part) {
  json to = {{"part", name(part.part)}, {"at", ticks(part.at)}};
  if (!part.found.is_null()) to["found"] = part.found;
  put(to, "reason", part.reason);
  return to;
}

json write(const Signal& signal) {
  json to = {{"kind", name(signal.kind)}, {"from", signal.from.text}, {"id", signal.id},
             {"object", signal.object_id}, {"who", signal.who}};
  put(to, "handoff", signal.handoff.text);
  put(to, "who_name", signal.who_name);
  put(to, "text", signal.text);
  put(to, "reply_address", signal.reply_address);
  return to;
}

json write(const Event& event) {
  json to = {{"workspace", event.key.workspace.text},
             {"source", event.key.source},
             {"id", event.key.id},
             {"type", event.type},
             {"conversation", event.conversation.text},
             {"platform", event.conversation.source},
             {"priority", name(event.priority)},
             {"data", event.data}};
  put(to, "traceparent", event.traceparent);
  return to;
}

// --- reading

TimePoint instant(JsonView from) { return TimePoint(Duration{from.integer().value_or(0)}); }
std::optional<TimePoint> maybe_instant(JsonView from) {
  return from.integer() ? std::optional(instant(from)) : std::nullopt;
}
json value_of(JsonView from) { return from.raw() ? *from.raw() : json(); }
int count_of(JsonView from, int otherwise = 0) {
  return static_cast<int>(from.integer().value_or(otherwise));
}

template <class Enum, std::size_t N>
Enum enum_of(JsonView from, const std::array<std::string_view, N>& names, Enum otherwise) {
  const auto found = std::ranges::find(names, from.text());
  return found == names.end() ? otherwise : static_cast<Enum>(found - names.begin());
}

Receipt read_receipt(JsonView from) { return Receipt(from["id"].text(), from["url"].text()); }

std::optional<Failure> read_failure(JsonView from) {
  if (!from.object()) return std::nullopt;
  return Failure(failure_kind_from(from["kind"].text()).value_or(FailureKind::retryable),
                 from["detail"].text(), maybe_instant(from["not_before"]));
}

Request read_request(JsonView from) {
  Request request(from["method"].text(), from["target"].text(), from["body"].text());
  if (const auto encoded = from["base64"].string()) request.body = from_base64(*encoded).value_or("");
  if (const auto headers = from["headers"]; headers.object()) {
    for (const auto& [key, value] : headers.raw()->items()) request.headers[key] = JsonView(value).text();
  }
  return request;
}

StepRecord read_step(JsonView from) {
  StepRecord step(from["name"].text(), from["key"].text(), read_request(from["write"]));
  step.first_sent_at = instant(from["first_sent_at"]);
  step.sent_at = instant(from["sent_at"]);
  step.state = enum_of(from["state"], kStepStateNames, StepState::unknown);  // the safe reading
  step.receipt = read_receipt(from["receipt"]);
  return step;
}

Route read_route(JsonView from) {
  const auto names = [](JsonView list) {
    std::vector<DestinationId> ids;
    for (const auto& item : list.list().value_or(std::vector<JsonView>{})) ids.emplace_back(item.text());
    return ids;
  };
  const auto one = [](JsonView item) {
    return item.string() ? std::optional(DestinationId(item.text())) : std::nullopt;
  };
  Route route;
  route.rule = from["rule"].text();
  route.team = from["team"].text();
  route.context = names(from["context"]);
  route.tickets = one(from["tickets"]);
  route.alerts = names(from["alerts"]);
  route.bugs = one(from["bugs"]);
  route.record = one(from["record"]);
  route.platform = one(from["platform"]);
  return route;
}

ContextPart read_part(JsonView from) {
  ContextPart part;
  part.part = enum_of(from["part"], kPartNames, Part::failed);
  part.found = value_of(from["found"]);
  part.reason = from["reason"].text();
  part.at = instant(from["at"]);
  return part;
}

Signal read_signal(JsonView from) {
  Signal signal(enum_of(from["kind"], kSignalNames, SignalKind::replied), from["id"].text(),
                from["object"].text(), from["who"].text());
  signal.from = DestinationId(from["from"].text());
  signal.handoff = HandoffId(from["handoff"].text());
  signal.who_name = from["who_name"].text();
  signal.text = from["text"].text();
  signal.reply_address = from["reply_address"].text();
  return signal;
}

Event read_event(JsonView from) {
  Event event(EventKey(WorkspaceId(from["workspace"].text()), from["source"].text(), from["id"].text()),
              from["type"].text(), ConversationId(from["platform"].text(), from["conversation"].text()),
              enum_of(from["priority"], kPriorityNames, Priority::normal), value_of(from["data"]));
  event.traceparent = from["traceparent"].text();
  return event;
}

Result<json> parsed(std::string_view bytes) {
  auto value = parse_json(bytes, FailureKind::rejected, "the stored record");
  if (value && !value->is_object()) return Failure(FailureKind::rejected, "the stored record is no object");
  return value;
}

// The members that a handoff gains on its way, apart from what it was opened with.
void write_progress(json& to, const Handoff& handoff) {
  put(to, "context_due", handoff.context_due);
  put(to, "late_due", handoff.late_due);
  put(to, "announce_due", handoff.announce_due);
  put(to, "claim_due", handoff.claim_due);
  put(to, "announced", handoff.announced);
  put(to, "linked", handoff.linked);
  if (handoff.ticket) to["ticket"] = write(*handoff.ticket);
  put(to, "owner", handoff.owner);
  put(to, "owner_name", handoff.owner_name);
  put(to, "resolution", handoff.resolution);
  if (!handoff.blocked_notes.empty()) to["blocked_notes"] = handoff.blocked_notes;
  for (const auto& [destination, part] : handoff.context) to["context"][destination.text] = write(part);
  for (const auto& [destination, card] : handoff.cards) to["cards"][destination.text] = write(card);
  for (const auto& [operation, last] : handoff.last_sequence) {
    to["last_sequence"][std::string(name(operation))] = last;
  }
  for (const auto& [at, state, through] : handoff.passages) {
    to["passages"].push_back({ticks(at), name(state), through});
  }
  for (const auto& [at, what, why] : handoff.refused) to["refused"].push_back({ticks(at), what, why});
}

template <class Read>
void for_each_member(JsonView object, const Read& read) {
  if (!object.object()) return;
  for (const auto& [key, value] : object.raw()->items()) read(key, JsonView(value));
}

void read_progress(JsonView from, Handoff& handoff) {
  handoff.context_due = maybe_instant(from["context_due"]);
  handoff.late_due = maybe_instant(from["late_due"]);
  handoff.announce_due = maybe_instant(from["announce_due"]);
  handoff.claim_due = maybe_instant(from["claim_due"]);
  handoff.announced = from["announced"].boolean().value_or(false);
  handoff.linked = from["linked"].boolean().value_or(false);
  if (from["ticket"].object()) handoff.ticket = read_receipt(from["ticket"]);
  handoff.owner = from["owner"].text();
  handoff.owner_name = from["owner_name"].text();
  handoff.resolution = from["resolution"].text();
  const std::vector<JsonView> none;
  for (const auto& note : from["blocked_notes"].list().value_or(none)) {
    handoff.blocked_notes.push_back(note.text());
  }
  for_each_member(from["context"], [&](const std::string& key, JsonView part) {
    handoff.context.emplace(DestinationId(key), read_part(part));
  });
  for_each_member(from["cards"], [&](const std::string& key, JsonView card) {
    handoff.cards.emplace(DestinationId(key), read_receipt(card));
  });
  for_each_member(from["last_sequence"], [&](const std::string& key, JsonView last) {
    if (const auto operation = operation_from(key)) handoff.last_sequence[*operation] = count_of(last);
  });
  for (const auto& row : from["passages"].list().value_or(none)) {
    const auto cells = row.list().value_or(none);
    if (cells.size() != 3) continue;
    handoff.passages.emplace_back(instant(cells[0]), enum_of(cells[1], kStateNames, State::received),
                                  cells[2].text());
  }
  for (const auto& row : from["refused"].list().value_or(none)) {
    const auto cells = row.list().value_or(none);
    if (cells.size() == 3) handoff.refused.emplace_back(instant(cells[0]), cells[1].text(), cells[2].text());
  }
}

}  // namespace

std::string encode(const Handoff& handoff) {
  json to = {{"id", handoff.id.text},
             {"workspace", handoff.workspace.text},
             {"platform", handoff.conversation.source},
             {"conversation", handoff.conversation.text},
             {"priority", name(handoff.priority)},
             {"route", write(handoff.route)},
             {"requested_at", ticks(handoff.requested_at)},
             {"sequence", handoff.sequence},
             {"version", handoff.version},
             {"state", name(handoff.state)}};
  put(to, "previous", handoff.previous.text);
  if (!handoff.data.is_null()) to["data"] = handoff.data;
  write_progress(to, handoff);
  return written(to);
}

Result<Handoff> decode_handoff(std::string_view bytes) {
  const auto value = parsed(bytes);
  if (!value) return value.error();
  const JsonView from(*value);
  const auto state = state_from(from["state"].text());
  if (!state || from["id"].text().empty()) {
    return Failure(FailureKind::rejected, "the stored record is no handoff");
  }
  Handoff handoff(HandoffId(from["id"].text()), WorkspaceId(from["workspace"].text()),
                  ConversationId(from["platform"].text(), from["conversation"].text()),
                  enum_of(from["priority"], kPriorityNames, Priority::normal), read_route(from["route"]),
                  instant(from["requested_at"]));
  handoff.sequence = count_of(from["sequence"], 1);
  handoff.previous = HandoffId(from["previous"].text());
  handoff.version = count_of(from["version"]);
  handoff.state = *state;
  handoff.data = value_of(from["data"]);
  read_progress(from, handoff);
  return handoff;
}

std::string encode(const Job& job) {
  json to = {{"created_at", ticks(job.created_at)}, {"due", ticks(job.due)}, {"state", name(job.state)}};
  put(to, "platform", job.conversation.source);
  put(to, "conversation", job.conversation.text);
  if (!job.subject.is_null()) to["subject"] = job.subject;
  put(to, "deadline", job.deadline);
  if (job.generation != 1) to["generation"] = job.generation;
  if (job.attempts != 0) to["attempts"] = job.attempts;
  if (job.replays != 0) to["replays"] = job.replays;
  put(to, "parked", job.parked);
  put(to, "first_attempt", job.first_attempt);
  for (const auto& step : job.steps) to["steps"].push_back(write(step));
  if (!job.receipt.object_id.empty() || !job.receipt.url.empty()) to["receipt"] = write(job.receipt);
  if (!job.found.is_null()) to["found"] = job.found;
  if (job.failure) to["failure"] = write(*job.failure);
  put(to, "ended_at", job.ended_at);
  put(to, "consumed", job.consumed);
  return written(to);
}

Result<Job> decode_job(JobKey key, std::string_view bytes) {
  const auto value = parsed(bytes);
  if (!value) return value.error();
  const JsonView from(*value);
  const auto state = job_state_from(from["state"].text());
  if (!state) return Failure(FailureKind::rejected, "the stored record is no job");
  Job job(std::move(key), instant(from["due"]), value_of(from["subject"]));
  job.conversation = ConversationId(from["platform"].text(), from["conversation"].text());
  job.created_at = instant(from["created_at"]);
  job.state = *state;
  job.deadline = maybe_instant(from["deadline"]);
  job.generation = count_of(from["generation"], 1);
  job.attempts = count_of(from["attempts"]);
  job.replays = count_of(from["replays"]);
  job.parked = from["parked"].boolean().value_or(false);
  job.first_attempt = maybe_instant(from["first_attempt"]);
  for (const auto& step : from["steps"].list().value_or(std::vector<JsonView>{})) {
    job.steps.push_back(read_step(step));
  }
  job.receipt = read_receipt(from["receipt"]);
  job.found = value_of(from["found"]);
  job.failure = read_failure(from["failure"]);
  job.ended_at = maybe_instant(from["ended_at"]);
  job.consumed = from["consumed"].boolean().value_or(false);
  return job;
}

std::string encode(const Fact& fact) {
  json to = {{"at", ticks(fact.at)}};
  if (const auto* event = std::get_if<Event>(&fact.happened)) to["event"] = write(*event);
  else if (const auto* signal = std::get_if<Signal>(&fact.happened)) to["signal"] = write(*signal);
  else BATON_CHECK(!"only what comes from outside is stored as a fact");
  return written(to);
}

Result<Fact> decode_fact(std::string_view bytes) {
  const auto value = parsed(bytes);
  if (!value) return value.error();
  const JsonView from(*value);
  const auto at = instant(from["at"]);
  if (from["event"].object()) return Fact(at, read_event(from["event"]));
  if (from["signal"].object()) return Fact(at, read_signal(from["signal"]));
  return Failure(FailureKind::rejected, "the stored record is no fact");
}

std::string encode(const LaneState& lane) {
  json to = {{"lane", lane.lane.text}, {"by", lane.by}, {"reason", lane.reason}, {"since", ticks(lane.since)}};
  put(to, "paused", lane.paused);
  put(to, "until", lane.until);
  return written(to);
}

Result<LaneState> decode_lane(std::string_view bytes) {
  const auto value = parsed(bytes);
  if (!value) return value.error();
  const JsonView from(*value);
  LaneState lane(Lane(from["lane"].text()), from["paused"].boolean().value_or(false), from["by"].text(),
                 from["reason"].text(), instant(from["since"]));
  lane.until = maybe_instant(from["until"]);
  return lane;
}

std::string encode(const AuditEntry& entry) {
  return written(json{{"at", ticks(entry.at)},
                      {"who", entry.who},
                      {"what", entry.what},
                      {"subject", entry.subject},
                      {"why", entry.why}});
}

Result<AuditEntry> decode_audit(std::string_view bytes) {
  const auto value = parsed(bytes);
  if (!value) return value.error();
  const JsonView from(*value);
  return AuditEntry(instant(from["at"]), from["who"].text(), from["what"].text(), from["subject"].text(),
                    from["why"].text());
}

}  // namespace baton
