// Purpose: a journal with many pending deliveries, as a long outage of all vendors leaves it.
// Use: seed DIRECTORY DELIVERIES; four to a handoff, at the destinations of the bench's configuration.
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

Task<Done> produce(Journal& journal, Clock& clock, int from, int to, int step) {
  for (int i = from; i < to; i += step) {
    const auto committed = co_await journal.commit(waiting(i, clock.now()));
    BATON_CHECK(committed && committed->done());
  }
  co_return Done{};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: seed DIRECTORY DELIVERIES\n");
    return 2;
  }
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
    scope.spawn(produce(**journal, clock, p, std::atoi(argv[2]) / 4, kProducers), [&](Result<Done>) {
      if (--running == 0) loop.stop();
    });
  }
  loop.run();
  return 0;
}
