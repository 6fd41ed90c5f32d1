// Purpose: a journal with many pending deliveries, as a long outage of all vendors leaves it.
// Use: seed DIRECTORY DELIVERIES; four to a handoff, at the destinations of the bench's configuration. Or
//   seed DIRECTORY HANDOFFS ended: a year of handoffs that are over, for reports.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "gateway/base/scope.h"
#include "gateway/journal/opening.h"
#include "gateway/journal/sqlite/sqlite.h"

namespace {

using namespace baton;
using nlohmann::json;

Route everyone() {
  Route route;
  route.rule = "all";
  route.tickets = DestinationId("zendesk");
  route.alerts = {DestinationId("slack")};
  route.record = DestinationId("hubspot");
  route.platform = DestinationId("platform");
  return route;
}

json data_of(const std::string& conversation) {
  return {{"conversation", {{"id", conversation}, {"channel", "web"}}},
          {"customer", {{"name", "Zoë Adler"}, {"email", "zoe@example.com"}}},
          {"intent",
           {{"name", "refund"}, {"summary", "Was charged twice for one order and wants one charge back."}}},
          {"reason", {{"trigger", "explicit_request"}}},
          {"transcript", {{{"role", "customer"}, {"text", "I was charged twice, please help me."}}}}};
}

Batch waiting(int i, TimePoint now) {
  char id[40];
  std::snprintf(id, sizeof id, "hof_%032x", i);
  const std::string name = "conv-" + std::to_string(i);
  const ConversationId conversation("bench", name);
  const Event event(EventKey(WorkspaceId("main"), "bench", "evt-" + std::to_string(i)), "handoff.requested",
                    conversation, Priority::normal, data_of(name));
  auto batch = opening(HandoffId(id), everyone(), event, event.key.text(), {}, now);
  batch.facts.clear();  // consumed long ago: the handoff waits for its deliveries
  auto& handoff = *batch.opens;
  handoff.data = event.data;
  handoff.state = State::waiting;
  handoff.announced = true;
  const json accepted = {
      {"type", "handoff.accepted"}, {"at", 0}, {"data", {{"handoff_id", id}, {"state", "waiting"}}}};
  const auto add = [&](const char* lane, Operation operation, json subject) {
    auto& job =
        batch.jobs.emplace_back(JobKey(handoff.id, Lane(lane), operation, 1), now, std::move(subject));
    job.created_at = now;
    job.conversation = conversation;
    handoff.last_sequence[operation] = 1;
  };
  add("zendesk", Operation::open_ticket, json::object());
  add("slack", Operation::post_alert, json::object());
  add("hubspot", Operation::write_back, {{"customer", handoff.data["customer"]}});
  add("platform", Operation::emit, accepted);
  return batch;
}

// As a person left it: claimed after some minutes, answered, solved, rated by every fourth customer.
Batch ended(int i, TimePoint now) {
  constexpr auto kTeams = std::to_array<const char*>({"support", "billing", "tech"});
  constexpr auto kTopics = std::to_array<const char*>({"refund", "parcel", "login", "invoice", "cancel"});
  const auto number = static_cast<std::size_t>(i);
  const auto at = now - std::chrono::days(365) + Duration{30'000} * i;
  auto batch = waiting(i, std::min(at, now));
  auto& handoff = *batch.opens;
  batch.jobs.erase(batch.jobs.begin() + 1, batch.jobs.end());  // all but the plan
  handoff.requested_at = std::min(at, now);
  handoff.route.team = kTeams[number % kTeams.size()];
  handoff.data["intent"]["category"] = kTopics[number % kTopics.size()];
  handoff.data["customer"]["id"] = "cus-" + std::to_string(i * 7919LL % 300'000);
  handoff.data_text.clear();
  handoff.state = State::returned;
  Duration after{0};
  for (const auto& [state, step] : {std::pair(State::received, Duration{0}),
                                    {State::planned, Duration{1}},
                                    {State::waiting, Duration{20}},
                                    {State::claimed, Duration{90'000 + i % 977}},
                                    {State::active, Duration{30'000}},
                                    {State::resolved, Duration{600'000}},
                                    {State::returned, Duration{900}}}) {
    after += step;
    handoff.passages.emplace_back(handoff.requested_at + after, state, "replied by Anna");
  }
  if (i % 4 == 0) handoff.ratings.emplace_back(handoff.requested_at + after, i % 5 + 1, "stars", "", "");
  return batch;
}

using Make = Batch (*)(int, TimePoint);

Task<Done> produce(Journal& journal, Clock& clock, Make make, int from, int to, int step) {
  for (int i = from; i < to; i += step) {
    const auto committed = co_await journal.commit(make(i, clock.now()));
    BATON_CHECK(committed && committed->done());
  }
  co_return Done{};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: seed DIRECTORY DELIVERIES | seed DIRECTORY HANDOFFS ended\n");
    return 2;
  }
  const bool over = argc > 3;
  const int handoffs = std::atoi(argv[2]) / (over ? 1 : 4);
  constexpr int kProducers = 256;  // so that group commits are large
  Loop loop;
  RealClock clock(loop);
  SqliteOptions options;
  options.directory = argv[1];
  auto journal = SqliteJournal::open(options, loop, clock);
  if (!journal) {
    std::fprintf(stderr, "seed: %s\n", journal.error().detail.c_str());
    return 1;
  }
  const auto work = net::make_work_guard(loop);
  Scope scope(loop, clock);
  int running = kProducers;
  for (int p = 0; p < kProducers; ++p) {
    scope.spawn(produce(**journal, clock, over ? ended : waiting, p, handoffs, kProducers),
                [&](Result<Done>) {
                  if (--running == 0) loop.stop();
                });
  }
  loop.run();
  return 0;
}
