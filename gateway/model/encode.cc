#include "gateway/base/text.h"
#include "gateway/model/codec.h"
#include "gateway/model/record_writer.h"

namespace baton {
namespace {

using nlohmann::json;

std::int64_t ticks(TimePoint at) { return at.time_since_epoch().count(); }

void put(RecordWriter& to, std::string_view key, const std::optional<TimePoint>& at) {
  if (at) to.number(key, ticks(*at));
}

std::string in_quotes(std::string_view text) {
  std::string to;
  append_quoted(to, text);
  return to;
}

std::string write(const Receipt& receipt) {
  RecordWriter to;
  to.text("id", receipt.object_id);
  to.text_if_any("url", receipt.url);
  to.text_if_any("label", receipt.label);
  return to.take();
}

std::string write(const Failure& failure) {
  RecordWriter to;
  to.text("kind", name(failure.kind));
  to.text("detail", failure.detail);
  put(to, "not_before", failure.not_before);
  return to.take();
}

// Bodies are journalled to the byte, whatever they hold.
std::string write(const Request& request) {
  RecordWriter to;
  to.text("method", request.method);
  to.text("target", request.target);
  if (is_utf8(request.body)) to.text("body", request.body);
  else to.text("base64", to_base64(request.body));
  if (!request.headers.empty()) to.value("headers", json(request.headers));
  return to.take();
}

std::string write(const StepRecord& step) {
  RecordWriter to;
  to.text("name", step.name);
  to.text("key", step.key);
  to.raw("write", write(step.write));
  to.number("first_sent_at", ticks(step.first_sent_at));
  to.number("sent_at", ticks(step.sent_at));
  to.text("state", name(step.state));
  if (step.state == StepState::done) to.raw("receipt", write(step.receipt));
  return to.take();
}

template <class Map, class WriteOne>
void put_members(RecordWriter& to, std::string_view key, const Map& map, const WriteOne& write_one) {
  if (map.empty()) return;
  RecordWriter members;
  for (const auto& [key_of_one, value] : map) write_one(members, key_of_one, value);
  to.raw(key, members.take());
}

std::string write(const Route& route) {
  const auto names = [](const std::vector<DestinationId>& ids) {
    return list_of(ids, [](const DestinationId& id) { return in_quotes(id.text); });
  };
  RecordWriter to;
  const auto put_one = [&](std::string_view key, const std::optional<DestinationId>& id) {
    if (id) to.text(key, id->text);
  };
  to.text("rule", route.rule);
  to.raw("context", names(route.context));
  to.raw("alerts", names(route.alerts));
  to.text_if_any("team", route.team);
  put_one("tickets", route.tickets);
  put_one("bugs", route.bugs);
  put_one("record", route.record);
  put_one("platform", route.platform);
  to.text_if_any("pilot", route.pilot);
  put_members(
      to, "can", route.can, [](RecordWriter& members, const DestinationId& id, const auto& operations) {
        members.raw(id.text,
                    list_of(operations, [](Operation operation) { return in_quotes(name(operation)); }));
      });
  return to.take();
}

std::string write(const ContextPart& part) {
  RecordWriter to;
  to.text("part", name(part.part));
  to.number("at", ticks(part.at));
  to.value_if_any("found", part.found);
  to.text_if_any("reason", part.reason);
  put(to, "again_at", part.again_at);
  return to.take();
}

std::string write(const Signal& signal) {
  RecordWriter to;
  to.text("kind", name(signal.kind));
  to.text("from", signal.from.text);
  to.text("id", signal.id);
  to.text("object", signal.object_id);
  to.text("who", signal.who);
  to.text_if_any("handoff", signal.handoff.text);
  to.text_if_any("who_name", signal.who_name);
  to.text_if_any("text", signal.text);
  to.text_if_any("about", signal.about);
  to.text_if_any("reply_address", signal.reply_address);
  to.value_if_any("detail", signal.detail);
  return to.take();
}

std::string write(const MetDefect& met) {
  RecordWriter to;
  to.text("key", met.key);
  to.number("generation", met.generation);
  if (met.issue) to.raw("issue", write(*met.issue));
  to.value_if_any("known", met.known);
  return to.take();
}

std::string write(const Event& event) {
  RecordWriter to;
  to.text("workspace", event.key.workspace.text);
  to.text("source", event.key.source);
  to.text("id", event.key.id);
  to.text("type", event.type);
  to.text("conversation", event.conversation.text);
  to.text("platform", event.conversation.source);
  to.text("priority", name(event.priority));
  if (event.data_text.empty()) to.value("data", event.data);
  else to.raw("data", event.data_text);
  to.text_if_any("traceparent", event.traceparent);
  return to.take();
}

// What it was like for the customer, and what is left to do.
void write_afterwards(RecordWriter& to, const Handoff& handoff) {
  if (!handoff.ratings.empty()) {
    to.raw("ratings", list_of(handoff.ratings, [](const Rating& said) {
             return "[" + std::to_string(ticks(said.at)) + "," + json(said.score).dump() + "," +
                    in_quotes(said.scale) + "," + in_quotes(said.phase) + "," + in_quotes(said.text) + "]";
           }));
  }
  if (!handoff.feelings.empty()) {
    to.raw("feelings", list_of(handoff.feelings, [](const Feeling& felt) {
             return "[" + std::to_string(ticks(felt.at)) + "," + json(felt.score).dump() + "]";
           }));
  }
  if (!handoff.did.empty()) to.raw("did", list_of(handoff.did, in_quotes));
  if (!handoff.follow_ups.empty()) to.raw("follow_ups", list_of(handoff.follow_ups, in_quotes));
  to.number_unless(0, "replies", handoff.replies);
  if (!handoff.heard.empty()) to.raw("heard", list_of(handoff.heard, in_quotes));
  if (!handoff.asked_again.empty()) to.raw("asked_again", list_of(handoff.asked_again, in_quotes));
  to.number_unless(0, "bounces", handoff.bounces);
}

std::string write(const Asked& asked) {
  RecordWriter to;
  to.text("member", asked.member);
  to.text("name", asked.name);
  to.text("team", asked.team);
  to.number("at", ticks(asked.at));
  return to.take();
}

std::string write(const ToldWait& told) {
  RecordWriter to;
  to.number("at", ticks(told.at));
  to.text("team", told.team);
  to.number("position", told.position);
  to.number("low", told.low.count());
  to.number("high", told.high.count());
  return to.take();
}

// Who is asked, who was, and what the customer was told of it.
void write_queue(RecordWriter& to, const Handoff& handoff) {
  put(to, "asked_due", handoff.asked_due);
  put(to, "wait_due", handoff.wait_due);
  to.text_if_any("member", handoff.member);
  if (handoff.asked) to.raw("asked", write(*handoff.asked));
  if (handoff.offers != 0) to.number("offers", handoff.offers);
  if (!handoff.passed.empty()) to.raw("passed", list_of(handoff.passed, in_quotes));
  if (handoff.told) to.raw("told", write(*handoff.told));
  if (!handoff.declined.empty()) {
    to.raw("declined", list_of(handoff.declined, [](const auto& one) {
             return "[" + std::to_string(ticks(one.second)) + "," + in_quotes(one.first) + "]";
           }));
  }
  if (!handoff.topics.empty()) to.raw("topics", list_of(handoff.topics, in_quotes));
  if (!handoff.veiled.empty()) {
    to.raw("veiled", list_of(handoff.veiled, [](const DestinationId& id) { return in_quotes(id.text); }));
  }
}

// The members that a handoff gains on its way, apart from what it was opened with.
void write_progress(RecordWriter& to, const Handoff& handoff) {
  put(to, "context_due", handoff.context_due);
  put(to, "late_due", handoff.late_due);
  put(to, "announce_due", handoff.announce_due);
  put(to, "claim_due", handoff.claim_due);
  put(to, "update_due", handoff.update_due);
  put(to, "path_due", handoff.path_due);
  put(to, "status_due", handoff.status_due);
  put(to, "solved_due", handoff.solved_due);
  if (handoff.solved) to.raw("solved", write(*handoff.solved));
  write_queue(to, handoff);
  if (handoff.reminders != 0) to.number("reminders", handoff.reminders);
  to.flag_if_set("announced", handoff.announced);
  to.flag_if_set("linked", handoff.linked);
  to.flag_if_set("controlled", handoff.controlled);
  if (handoff.ticket) to.raw("ticket", write(*handoff.ticket));
  if (handoff.bug) to.raw("bug", write(*handoff.bug));
  to.value_if_any("errors_met", handoff.errors_met);
  if (!handoff.defects.empty())
    to.raw("defects", list_of(handoff.defects, [](const MetDefect& met) { return write(met); }));
  to.text_if_any("owner", handoff.owner);
  to.text_if_any("owner_name", handoff.owner_name);
  to.text_if_any("owner_at", handoff.owner_at.text);
  to.text_if_any("assigned", handoff.assigned);
  to.text_if_any("resolution", handoff.resolution);
  if (!handoff.blocked_notes.empty()) to.raw("blocked_notes", list_of(handoff.blocked_notes, in_quotes));
  const auto put_written = [](RecordWriter& members, const DestinationId& destination, const auto& some) {
    members.raw(destination.text, write(some));
  };
  put_members(to, "context", handoff.context, put_written);
  put_members(to, "cards", handoff.cards, put_written);
  put_members(
      to, "last_sequence", handoff.last_sequence,
      [](RecordWriter& members, Operation operation, int last) { members.number(name(operation), last); });
  const auto row = [](TimePoint at, std::string_view first, std::string_view second) {
    return "[" + std::to_string(ticks(at)) + "," + in_quotes(first) + "," + in_quotes(second) + "]";
  };
  if (!handoff.passages.empty()) {
    to.raw("passages", list_of(handoff.passages, [&](const Passage& passage) {
             return row(passage.at, name(passage.state), passage.through);
           }));
  }
  if (!handoff.refused.empty()) {
    to.raw("refused", list_of(handoff.refused,
                              [&](const RefusedMove& move) { return row(move.at, move.what, move.why); }));
  }
  if (!handoff.feedback.empty()) {
    to.raw("feedback", list_of(handoff.feedback, [&](const Judgement& said) {
             return "[" + std::to_string(ticks(said.at)) + "," + in_quotes(said.who) + "," +
                    in_quotes(said.fault) + "," + in_quotes(said.text) + "]";
           }));
  }
  write_afterwards(to, handoff);
}

}  // namespace

std::string encode(const Handoff& handoff) {
  RecordWriter to;
  to.text("id", handoff.id.text);
  to.text("workspace", handoff.workspace.text);
  to.text("platform", handoff.conversation.source);
  to.text("conversation", handoff.conversation.text);
  to.text("priority", name(handoff.priority));
  to.raw("route", write(handoff.route));
  to.number("requested_at", ticks(handoff.requested_at));
  to.number("sequence", handoff.sequence);
  to.number("version", handoff.version);
  to.text("state", name(handoff.state));
  to.text_if_any("previous", handoff.previous.text);
  to.text_if_any("traceparent", handoff.traceparent);
  if (handoff.data_text.empty()) to.value_if_any("data", handoff.data);
  else to.raw("data", handoff.data_text);
  write_progress(to, handoff);
  return to.take();
}

std::string encode(const Job& job) {
  RecordWriter to;
  to.number("created_at", ticks(job.created_at));
  to.number("due", ticks(job.due));
  to.text("state", name(job.state));
  to.text_if_any("platform", job.conversation.source);
  to.text_if_any("conversation", job.conversation.text);
  to.value_if_any("subject", job.subject);
  put(to, "deadline", job.deadline);
  to.number_unless(1, "generation", job.generation);
  to.number_unless(0, "attempts", job.attempts);
  to.number_unless(0, "replays", job.replays);
  to.flag_if_set("parked", job.parked);
  put(to, "first_attempt", job.first_attempt);
  if (!job.steps.empty())
    to.raw("steps", list_of(job.steps, [](const StepRecord& step) { return write(step); }));
  if (job.receipt != Receipt()) to.raw("receipt", write(job.receipt));
  to.value_if_any("found", job.found);
  if (job.failure) to.raw("failure", write(*job.failure));
  put(to, "ended_at", job.ended_at);
  to.flag_if_set("consumed", job.consumed);
  return to.take();
}

std::string encode(const Fact& fact) {
  RecordWriter to;
  to.number("at", ticks(fact.at));
  if (const auto* event = std::get_if<Event>(&fact.happened)) to.raw("event", write(*event));
  else if (const auto* signal = std::get_if<Signal>(&fact.happened)) to.raw("signal", write(*signal));
  else BATON_CHECK(!"only what comes from outside is stored as a fact");
  return to.take();
}

std::string encode(const LaneState& lane) {
  RecordWriter to;
  to.text("lane", lane.lane.text);
  to.text("by", lane.by);
  to.text("reason", lane.reason);
  to.number("since", ticks(lane.since));
  to.flag_if_set("paused", lane.paused);
  put(to, "until", lane.until);
  return to.take();
}

std::string encode(const AuditEntry& entry) {
  RecordWriter to;
  to.number("at", ticks(entry.at));
  to.text("who", entry.who);
  to.text("what", entry.what);
  to.text("subject", entry.subject);
  to.text("why", entry.why);
  return to.take();
}

}  // namespace baton
