#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/model/codec.h"

namespace baton {
namespace {

using nlohmann::json;

TimePoint instant(JsonView from) { return TimePoint(Duration{from.integer().value_or(0)}); }
std::optional<TimePoint> maybe_instant(JsonView from) {
  return from.integer() ? std::optional(instant(from)) : std::nullopt;
}
// Out of the parsed record, for it can be large.
json taken(json& from, const char* key) {
  const auto found = from.find(key);
  return found == from.end() ? json() : std::move(*found);
}
int count_of(JsonView from, int otherwise = 0) {
  return static_cast<int>(from.integer().value_or(otherwise));
}

template <class Enum, std::size_t N>
Enum enum_of(JsonView from, const std::array<std::string_view, N>& names, Enum otherwise) {
  const auto found = std::ranges::find(names, from.text());
  return found == names.end() ? otherwise : static_cast<Enum>(found - names.begin());
}

Receipt read_receipt(JsonView from) {
  return Receipt(from["id"].text(), from["url"].text(), from["label"].text());
}

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

template <class Read>
void for_each_member(JsonView object, const Read& read) {
  if (!object.object()) return;
  for (const auto& [key, value] : object.raw()->items()) read(key, JsonView(value));
}

Route read_route(JsonView from) {
  const auto names = [](JsonView list) {
    std::vector<DestinationId> ids;
    for (const auto& item : items(list)) ids.emplace_back(item.text());
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
  route.pilot = from["pilot"].text();
  for_each_member(from["can"], [&](const std::string& key, JsonView operations) {
    auto& can = route.can[DestinationId(key)];
    for (const auto& item : items(operations)) {
      if (const auto operation = operation_from(item.text())) can.insert(*operation);
    }
  });
  return route;
}

ContextPart read_part(json& record) {
  const JsonView from(record);
  ContextPart part;
  part.part = enum_of(from["part"], kPartNames, Part::failed);
  part.found = taken(record, "found");
  part.reason = from["reason"].text();
  part.at = instant(from["at"]);
  part.again_at = maybe_instant(from["again_at"]);
  return part;
}

Signal read_signal(JsonView from) {
  Signal signal(enum_of(from["kind"], kSignalNames, SignalKind::replied), from["id"].text(),
                from["object"].text(), from["who"].text());
  signal.from = DestinationId(from["from"].text());
  signal.handoff = HandoffId(from["handoff"].text());
  signal.who_name = from["who_name"].text();
  signal.text = from["text"].text();
  signal.about = from["about"].text();
  signal.reply_address = from["reply_address"].text();
  if (const auto detail = from["detail"]; detail.raw()) signal.detail = *detail.raw();
  return signal;
}

MetDefect read_defect(JsonView from) {
  MetDefect met;
  met.key = from["key"].text();
  met.generation = count_of(from["generation"], 1);
  if (from["issue"].object()) met.issue = read_receipt(from["issue"]);
  if (const auto known = from["known"]; known.raw()) met.known = *known.raw();
  return met;
}

Event read_event(json& record) {
  const JsonView from(record);
  Event event(EventKey(WorkspaceId(from["workspace"].text()), from["source"].text(), from["id"].text()),
              from["type"].text(), ConversationId(from["platform"].text(), from["conversation"].text()),
              enum_of(from["priority"], kPriorityNames, Priority::normal), taken(record, "data"));
  event.traceparent = from["traceparent"].text();
  return event;
}

Result<json> parsed(std::string_view bytes) {
  auto value = parse_json(bytes, FailureKind::rejected, "the stored record");
  if (value && !value->is_object()) return Failure(FailureKind::rejected, "the stored record is no object");
  return value;
}

void read_afterwards(JsonView from, Handoff& handoff) {
  for (const auto& row : items(from["ratings"])) {
    const auto cells = items(row);
    if (cells.size() == 5)
      handoff.ratings.emplace_back(instant(cells[0]), cells[1].number().value_or(0), cells[2].text(),
                                   cells[3].text(), cells[4].text());
  }
  for (const auto& row : items(from["feelings"])) {
    const auto cells = items(row);
    if (cells.size() == 2) handoff.feelings.emplace_back(instant(cells[0]), cells[1].number().value_or(0));
  }
  for (const auto& text : items(from["did"])) handoff.did.push_back(text.text());
  for (const auto& text : items(from["follow_ups"])) handoff.follow_ups.push_back(text.text());
  handoff.replies = count_of(from["replies"]);
  for (const auto& id : items(from["heard"])) handoff.heard.push_back(id.text());
  for (const auto& kind : items(from["asked_again"])) handoff.asked_again.insert(kind.text());
  handoff.bounces = count_of(from["bounces"]);
}

void read_queue(JsonView from, Handoff& handoff) {
  const auto texts = [&](std::string_view key) {
    std::vector<std::string> found;
    for (const auto& item : items(from[key])) found.push_back(item.text());
    return found;
  };
  handoff.asked_due = maybe_instant(from["asked_due"]);
  handoff.wait_due = maybe_instant(from["wait_due"]);
  handoff.member = from["member"].text();
  handoff.offers = count_of(from["offers"]);
  for (auto& member : texts("passed")) handoff.passed.insert(std::move(member));
  for (const auto& row : items(from["declined"])) {
    const auto cells = items(row);
    if (cells.size() == 2) handoff.declined[cells[1].text()] = instant(cells[0]);
  }
  for (auto& topic : texts("topics")) handoff.topics.insert(std::move(topic));
  for (auto& id : texts("veiled")) handoff.veiled.insert(DestinationId(std::move(id)));
  if (const auto asked = from["asked"]; asked.object()) {
    handoff.asked =
        Asked{asked["member"].text(), asked["name"].text(), asked["team"].text(), instant(asked["at"])};
  }
  if (const auto told = from["told"]; told.object()) {
    handoff.told =
        ToldWait{instant(told["at"]), told["team"].text(), count_of(told["position"]),
                 Duration{told["low"].integer().value_or(0)}, Duration{told["high"].integer().value_or(0)}};
  }
}

void read_progress(json& record, Handoff& handoff) {
  const JsonView from(record);
  handoff.context_due = maybe_instant(from["context_due"]);
  handoff.late_due = maybe_instant(from["late_due"]);
  handoff.announce_due = maybe_instant(from["announce_due"]);
  handoff.claim_due = maybe_instant(from["claim_due"]);
  handoff.update_due = maybe_instant(from["update_due"]);
  handoff.path_due = maybe_instant(from["path_due"]);
  handoff.reminders = count_of(from["reminders"]);
  handoff.status_due = maybe_instant(from["status_due"]);
  handoff.solved_due = maybe_instant(from["solved_due"]);
  if (const auto solved = from["solved"]; solved.object()) handoff.solved = read_signal(solved);
  read_queue(from, handoff);
  handoff.announced = from["announced"].boolean().value_or(false);
  handoff.controlled = from["controlled"].boolean().value_or(false);
  handoff.linked = from["linked"].boolean().value_or(false);
  if (from["ticket"].object()) handoff.ticket = read_receipt(from["ticket"]);
  if (from["bug"].object()) handoff.bug = read_receipt(from["bug"]);
  handoff.errors_met = taken(record, "errors_met");
  handoff.owner = from["owner"].text();
  handoff.owner_name = from["owner_name"].text();
  handoff.owner_at = DestinationId(from["owner_at"].text());
  handoff.assigned = from["assigned"].text();
  handoff.resolution = from["resolution"].text();
  for (const auto& met : items(from["defects"])) handoff.defects.push_back(read_defect(met));
  for (const auto& note : items(from["blocked_notes"])) {
    handoff.blocked_notes.push_back(note.text());
  }
  if (from["context"].object()) {
    for (const auto& [key, part] : record["context"].items()) {
      handoff.context.emplace(DestinationId(key), read_part(part));
    }
  }
  for_each_member(from["cards"], [&](const std::string& key, JsonView card) {
    handoff.cards.emplace(DestinationId(key), read_receipt(card));
  });
  for_each_member(from["last_sequence"], [&](const std::string& key, JsonView last) {
    if (const auto operation = operation_from(key)) handoff.last_sequence[*operation] = count_of(last);
  });
  for (const auto& row : items(from["passages"])) {
    const auto cells = items(row);
    if (cells.size() != 3) continue;
    handoff.passages.emplace_back(instant(cells[0]), enum_of(cells[1], kStateNames, State::received),
                                  cells[2].text());
  }
  for (const auto& row : items(from["refused"])) {
    const auto cells = items(row);
    if (cells.size() == 3) handoff.refused.emplace_back(instant(cells[0]), cells[1].text(), cells[2].text());
  }
  for (const auto& row : items(from["feedback"])) {
    const auto cells = items(row);
    if (cells.size() == 4)
      handoff.feedback.emplace_back(instant(cells[0]), cells[1].text(), cells[2].text(), cells[3].text());
  }
  read_afterwards(from, handoff);
}

}  // namespace

Result<Handoff> decode_handoff(std::string_view bytes) {
  auto value = parsed(bytes);
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
  handoff.traceparent = from["traceparent"].text();
  handoff.version = count_of(from["version"]);
  handoff.state = *state;
  handoff.data = taken(*value, "data");
  read_progress(*value, handoff);
  return handoff;
}

Result<Job> decode_job(JobKey key, std::string_view bytes) {
  auto value = parsed(bytes);
  if (!value) return value.error();
  const JsonView from(*value);
  const auto state = job_state_from(from["state"].text());
  if (!state) return Failure(FailureKind::rejected, "the stored record is no job");
  Job job(std::move(key), instant(from["due"]), taken(*value, "subject"));
  job.conversation = ConversationId(from["platform"].text(), from["conversation"].text());
  job.created_at = instant(from["created_at"]);
  job.state = *state;
  job.deadline = maybe_instant(from["deadline"]);
  job.generation = count_of(from["generation"], 1);
  job.attempts = count_of(from["attempts"]);
  job.replays = count_of(from["replays"]);
  job.parked = from["parked"].boolean().value_or(false);
  job.first_attempt = maybe_instant(from["first_attempt"]);
  for (const auto& step : items(from["steps"])) {
    job.steps.push_back(read_step(step));
  }
  job.receipt = read_receipt(from["receipt"]);
  job.found = taken(*value, "found");
  job.failure = read_failure(from["failure"]);
  job.ended_at = maybe_instant(from["ended_at"]);
  job.consumed = from["consumed"].boolean().value_or(false);
  return job;
}

Result<Fact> decode_fact(std::string_view bytes) {
  auto value = parsed(bytes);
  if (!value) return value.error();
  const JsonView from(*value);
  const auto at = instant(from["at"]);
  if (from["event"].object()) return Fact(at, read_event((*value)["event"]));
  if (from["signal"].object()) return Fact(at, read_signal(from["signal"]));
  return Failure(FailureKind::rejected, "the stored record is no fact");
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

Result<AuditEntry> decode_audit(std::string_view bytes) {
  const auto value = parsed(bytes);
  if (!value) return value.error();
  const JsonView from(*value);
  return AuditEntry(instant(from["at"]), from["who"].text(), from["what"].text(), from["subject"].text(),
                    from["why"].text());
}

}  // namespace baton
