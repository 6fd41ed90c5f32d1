// Purpose: a handoff in any state, and facts for it, for the tests of pure decisions.
// Owner: a test. Threads: any. Errors: none.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/handoff/advance.h"
#include "tests/tell/shipped.h"

namespace baton::handoff_testing {

inline constexpr TimePoint kStart{Duration{1'800'000'000'000}};
inline const DestinationId kDesk("desk"), kCards("cards"), kCrm("crm"), kBot("bot"), kBugs("bugs");

inline Route whole_route() {
  Route route;
  route.rule = "all";
  route.context = {kCrm};
  route.tickets = kDesk;
  route.alerts = {kCards};
  route.record = kCrm;
  route.platform = kBot;
  route.bugs = kBugs;
  return route;
}

inline nlohmann::json requested_data() {
  return {{"conversation", {{"id", "c1"}}},
          {"customer", {{"name", "Ada Byron"}, {"email", "ada@example.com"}}},
          {"intent", {{"name", "refund"}, {"summary", "Was charged twice."}}},
          {"reason", {{"trigger", "explicit_request"}}}};
}

inline Handoff new_handoff(Route route = whole_route(), Priority priority = Priority::normal) {
  return Handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "c1"), priority,
                 std::move(route), kStart);
}

inline Event event(std::string type, nlohmann::json data = nlohmann::json::object()) {
  return Event(EventKey(WorkspaceId("main"), "chat", "e-" + type), type, ConversationId("chat", "c1"),
               Priority::normal, std::move(data));
}

inline Signal signal(SignalKind kind, const std::string& who, std::string text = {}) {
  Signal made(kind, "s-" + who, "T-1", who);
  made.from = kCards;
  made.who_name = who == "U1" ? "Anna" : who == "U2" ? "Ben" : who;
  made.text = std::move(text);
  made.reply_address = "https://answers.example/" + who;
  return made;
}

inline Job job_of(Operation operation, JobState state, DestinationId lane = kDesk, int sequence = 1) {
  Job job(JobKey(HandoffId("hof_1"), std::move(lane), operation, sequence), kStart, nlohmann::json::object());
  job.state = state;
  job.ended_at = kStart;
  if (state == JobState::done) job.receipt = Receipt("T-1", "https://desk.example/T-1");
  else job.failure = Failure(FailureKind::rejected, "it said no");
  return job;
}

// Advances and keeps what came of it.
class Tale {
 public:
  explicit Tale(Handoff from) : handoff(std::move(from)) {}

  std::vector<Job> operator()(Happened happened, Duration later = Duration{0}) {
    now += later;
    auto next = handoff::advance(handoff, Fact(now, std::move(happened)), patience, tell_testing::shipped());
    handoff = std::move(next.handoff);
    all.insert(all.end(), next.jobs.begin(), next.jobs.end());
    said.insert(said.end(), next.said.begin(), next.said.end());
    return std::move(next.jobs);
  }
  std::vector<Job> of(Operation operation) const {
    std::vector<Job> found;
    for (const auto& job : all) {
      if (job.key.work == Work(operation)) found.push_back(job);
    }
    return found;
  }
  std::vector<Job> emitted(const std::string& type) const {
    auto found = of(Operation::emit);
    std::erase_if(found, [&](const Job& job) { return job.subject.value("type", "") != type; });
    return found;
  }

  Handoff handoff;
  TimePoint now = kStart;
  handoff::Patience patience;
  std::vector<Job> all;
  std::vector<handoff::ToDefect> said;
};

// An ordinary handoff in `state`: with ticket, card and acceptance from `waiting` on; Anna (U1) has it
// from `claimed` on, but not where it ended without her.
inline Handoff handoff_in(State state) {
  Tale tale(new_handoff());
  if (state == State::received) return tale.handoff;
  if (state == State::planned) {
    tale.handoff.state = State::planned;
    tale.handoff.data = requested_data();
    return tale.handoff;
  }
  auto route = whole_route();
  route.context.clear();
  tale.handoff.route = route;
  tale(event("handoff.requested", requested_data()));
  tale(job_of(Operation::open_ticket, JobState::done));
  tale(job_of(Operation::post_alert, JobState::done, kCards));
  if (state == State::waiting) return tale.handoff;
  if (state == State::cancelled) tale(event("handoff.cancelled"));
  if (state == State::expired || state == State::failed) tale.handoff.state = state;
  if (!is_open(state) && state != State::returned) return tale.handoff;
  tale(signal(SignalKind::claimed, "U1"));
  if (state == State::claimed) return tale.handoff;
  tale(signal(SignalKind::replied, "U1", "Hello"));
  if (state == State::active) return tale.handoff;
  tale(signal(SignalKind::solved, "U1"));
  if (state == State::returned) {
    auto returned = tale.emitted("handoff.returned").at(0);
    returned.state = JobState::done;
    tale(returned);
  }
  return tale.handoff;
}

}  // namespace baton::handoff_testing
