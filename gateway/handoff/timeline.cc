#include "gateway/handoff/timeline.h"

#include <map>

#include "gateway/base/json_view.h"
#include "gateway/model/trace.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

std::int64_t ticks(TimePoint at) { return at.time_since_epoch().count(); }

json steps_json(const Job& job) {
  auto steps = json::array();
  for (const auto& step : job.steps) {
    json one = {{"name", step.name},
                {"state", name(step.state)},
                {"key", step.key},
                {"sent_at", ticks(step.sent_at)}};
    if (step.state == StepState::done)
      one["receipt"] = {{"id", step.receipt.object_id}, {"url", step.receipt.url}};
    steps.push_back(std::move(one));
  }
  return steps;
}

json detail_of(const Handoff& handoff, const Job& job) {
  json detail = {
      {"delivery", job.key.text()}, {"destination", job.key.lane.text}, {"operation", name(job.key.work)},
      {"state", name(job.state)},   {"attempts", job.attempts},         {"created_at", ticks(job.created_at)},
      {"due", ticks(job.due)}};
  if (job.first_attempt) detail["first_attempt"] = ticks(*job.first_attempt);
  if (const auto trace = trace_of(handoff, job); trace && job.attempts > 0) {
    detail["trace_id"] = trace->trace_id;
    detail["span_id"] = trace->span_id;  // of the latest attempt, as it was sent
  }
  if (job.ended_at) detail["ended_at"] = ticks(*job.ended_at);
  if (job.generation != 1) detail["generation"] = job.generation;
  if (job.parked) detail["parked"] = true;
  if (!job.steps.empty()) detail["steps"] = steps_json(job);
  if (!job.receipt.object_id.empty())
    detail["receipt"] = {{"id", job.receipt.object_id}, {"url", job.receipt.url}};
  if (job.failure) detail["failure"] = {{"kind", name(job.failure->kind)}, {"detail", job.failure->detail}};
  return detail;
}

std::string subject_words(const JsonView subject) {
  if (const auto type = subject["type"].text(); !type.empty()) return " " + type;
  if (const auto state = subject["state"].text(); !state.empty()) {
    const auto owner = subject["owner"].text();
    return " as " + state + (owner.empty() ? "" : ", owner " + owner);
  }
  return {};
}

std::string words(const Job& job) {
  auto text = job.key.lane.text + " " + name(job.key.work) + subject_words(job.subject);
  switch (job.state) {
    case JobState::done:
      if (!job.receipt.object_id.empty()) text += " \u2192 " + job.receipt.called();
      else if (is_read(job.key.work)) text += " \u2192 answered";
      break;
    case JobState::pending: text += job.attempts == 0 ? ", waiting" : ", waiting to be tried again"; break;
    case JobState::failed: text += ", no answer"; break;
    case JobState::dead: text += job.parked ? ", DEAD LETTER for a person to decide" : ", DEAD LETTER"; break;
  }
  if (job.attempts > 1) text += " (" + std::to_string(job.attempts) + " attempts)";
  if (job.failure && job.state != JobState::done) text += ": " + job.failure->detail;
  return text;
}

std::string defect_words(const Signal& signal) {
  const JsonView detail(signal.detail);
  auto text = "known bug " + detail.at_path("known.id").text(signal.object_id) + ":";
  if (detail["attach"].object()) text += " the report hears of this customer";
  for (const auto& note : items(detail["notes"])) text += " " + note.text();
  if (detail["fixed"].boolean() == true) text += " The customer hears that it is fixed.";
  return text;
}

void add_facts(const std::vector<Fact>& facts, std::vector<Moment>& all) {
  for (const auto& fact : facts) {
    if (const auto* event = std::get_if<Event>(&fact.happened)) {
      all.emplace_back(fact.at, "event", event->type + " from " + event->key.source,
                       json{{"id", event->key.id}, {"type", event->type}});
    }
    if (const auto* signal = std::get_if<Signal>(&fact.happened)) {
      if (signal->kind == SignalKind::defect) {
        all.emplace_back(fact.at, "signal", defect_words(*signal),
                         json{{"kind", name(signal->kind)}, {"object", signal->object_id}});
        continue;
      }
      if (signal->kind == SignalKind::changed) {
        all.emplace_back(fact.at, "signal", signal->text + " at " + signal->from.text + ": it is asked again",
                         json{{"kind", name(signal->kind)}, {"object", signal->object_id}});
        continue;
      }
      if (signal->kind == SignalKind::touched) {
        all.emplace_back(fact.at, "signal", "touched at " + signal->from.text + ": the ticket is asked",
                         json{{"kind", name(signal->kind)}, {"object", signal->object_id}});
        continue;
      }
      if (signal->kind == SignalKind::merged) {
        all.emplace_back(
            fact.at, "signal",
            "ticket " + signal->object_id + " merged into " + signal->about + " at " + signal->from.text,
            json{{"kind", name(signal->kind)}, {"object", signal->object_id}, {"into", signal->about}});
        continue;
      }
      const auto who = signal->who_name.empty() ? signal->who : signal->who_name;
      const auto from = signal->from.empty() ? "the API" : signal->from.text;
      const bool asks = signal->kind == SignalKind::offered;  // Baton itself does
      const auto said =
          std::string(name(signal->kind)) + (asks ? " to " + who : " by " + who + " through " + from);
      all.emplace_back(
          fact.at, "signal", said,
          json{{"kind", name(signal->kind)}, {"who", signal->who}, {"object", signal->object_id}});
    }
  }
}

}  // namespace

std::vector<Moment> timeline(const Handoff& handoff, const std::vector<Fact>& facts,
                             const std::vector<Job>& jobs) {
  std::vector<Moment> all;
  add_facts(facts, all);
  for (const auto& [at, state, through] : handoff.passages) {
    all.emplace_back(at, "state", std::string(name(state)) + " (" + through + ")",
                     json{{"state", name(state)}});
  }
  for (const auto& [at, what, why] : handoff.refused) {
    all.emplace_back(at, "refused", what + ": " + why, json{{"what", what}, {"why", why}});
  }
  for (const auto& job : jobs) {
    if (!std::holds_alternative<Operation>(job.key.work)) continue;
    all.emplace_back(job.ended_at.value_or(job.created_at), is_read(job.key.work) ? "read" : "delivery",
                     words(job), detail_of(handoff, job));
  }
  std::multimap<TimePoint, Moment> ordered;  // keeps the order of equal instants
  for (auto& moment : all) ordered.emplace(moment.at, std::move(moment));
  std::vector<Moment> sorted;
  for (auto& [at, moment] : ordered) sorted.push_back(std::move(moment));
  return sorted;
}

}  // namespace baton::handoff
