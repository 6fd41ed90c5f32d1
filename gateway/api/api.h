// Purpose: the management API: what people and tools see and do, on the admin listener. Every route
// declares the permission that it needs, so nothing is reachable by having been forgotten; every
// changing call is journalled with who, what and why in the same batch as the change.
// Owner: app/. Threads: the journal's home loop. Units: instants in answers are RFC 3339.
// Errors: application/problem+json with a stable `code`: 401 without a token, 403 without the
// permission, 404, 409, 422, 503 when the journal cannot answer.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/clock.h"
#include "gateway/base/random.h"
#include "gateway/handoff/measure.h"
#include "gateway/http/server.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/maintenance.h"
#include "gateway/model/problem.h"
#include "secrets/token.h"

namespace baton::api {

// What an operator asks of the store.
struct StoreTask {
  enum class Kind { backup, check, repair, erase };
  explicit StoreTask(Kind kind_in) : kind(kind_in) {}
  Kind kind;
  std::string to;  // of a backup: the folder; empty: one in the data directory
  Person person;   // of an erasure
};
constexpr std::string_view name(StoreTask::Kind kind) {
  constexpr auto kNames = std::to_array<std::string_view>({"backup", "check", "repair", "erase"});
  return kNames[static_cast<std::size_t>(kind)];
}

// What the API shows of stations that it may not know.
struct Views {
  std::function<nlohmann::json(const DestinationId&)> destination;  // health, breaker, budget; null: unknown
  std::function<std::vector<DestinationId>()> destinations;
  std::function<std::vector<std::string>()> teams;
  std::function<nlohmann::json(std::size_t limit)> queue;  // who waits, as the planner's board has it
  std::function<nlohmann::json()> team_list;               // who works, who is there, who has room
  std::function<bool(std::string_view)> is_member;         // of any team
  // Whether this person may read what it is about. None: there are no teams, and nothing is confidential.
  std::function<bool(const Handoff&, std::string_view who)> may_read;
  std::function<nlohmann::json()> rules;                       // each routing rule with its hits
  std::function<Task<std::string>(bool openmetrics)> metrics;  // or Prometheus text
  std::function<Task<nlohmann::json>()> health;                // as the shape Health says
  std::function<nlohmann::json(const std::string&)> schema;    // a published schema by file name; null: none
  // Tries a destination, and makes what is lacking there if `apply`: a list of findings.
  std::function<Task<nlohmann::json>(const DestinationId&, bool apply)> test;
  // Gives its token back to the vendor: {"access": what became of it, "to_do": what is left for people}.
  std::function<Task<nlohmann::json>(const DestinationId&)> revoke;
  // Begins it, and answers with what store() says by then. Neither: the store is no file of ours.
  std::function<Task<nlohmann::json>(StoreTask)> store_task;
  std::function<nlohmann::json()> store;                  // the task that is under way, or was the last
  std::function<Task<std::vector<FieldError>>()> reload;  // every problem of the new files; none: they hold
};

// One call that passed authentication.
struct Call {
  RawRequest request;
  secrets::Principal who;
  nlohmann::json body;  // an object; empty if the call has none
};

struct ApiRoute {
  std::string method;
  std::string pattern;
  std::optional<secrets::Permission> permission;  // nothing: open to all, health only
  std::string audit;                              // what the audit log calls it; empty: changes nothing
  std::string summary;                            // one sentence, for the published description
  std::string answers;                            // names of shapes.h: what it answers with 200, and
  std::string takes = {};                         // what its body is; empty: none
  Duration answer{0};                             // how long it may take, if that is more than usual
};

class Api {
 public:
  Api(Journal& journal, Clock& clock, Random& random, const secrets::Tokens& tokens, Views views);

  // All routes, as the permission matrix and the published description see them.
  std::vector<ApiRoute> routes() const;

  // Before the server starts.
  void serve_on(HttpServer& server);

 private:
  using Handle = Task<Reply> (Api::*)(Call);
  struct Entry {
    ApiRoute route;
    Handle handle;
  };
  static const std::vector<Entry>& table();

  Task<Reply> guarded(const Entry* entry, RawRequest request);

  Task<Reply> list_handoffs(Call call);
  Task<Reply> show_handoff(Call call);
  Task<Reply> show_brief(Call call);
  Task<Reply> show_timeline(Call call);
  Task<Reply> claim(Call call);
  Task<Reply> release(Call call);
  Task<Reply> resolve(Call call);
  Task<Reply> decline(Call call);
  Task<Reply> hand_back(Call call);
  Task<Reply> pass_on(Call call);
  Task<Reply> judge(Call call);
  Task<Reply> measure(Call call);
  Task<Reply> list_resolutions(Call call);
  Task<Reply> list_gaps(Call call);
  Task<Reply> list_bugs(Call call);
  Task<Reply> show_bug(Call call);
  Task<Reply> show_queue(Call call);
  Task<Reply> list_teams(Call call);
  Task<Reply> set_presence(Call call);
  Task<Reply> list_deliveries(Call call);
  Task<Reply> list_dead_letters(Call call);
  Task<Reply> count_dead_letters(Call call);
  Task<Reply> replay_dead_letters(Call call);
  Task<Reply> list_destinations(Call call);
  Task<Reply> pause(Call call);
  Task<Reply> resume(Call call);
  Task<Reply> test(Call call);
  Task<Reply> revoke(Call call);
  Task<bool> resume_if_parked(const Call& call, const DestinationId& id);
  Task<Done> journal_pause(const Call& call, const DestinationId& id, bool paused, std::string why);
  Task<Reply> list_rules(Call call);
  Task<Reply> list_audit(Call call);
  Task<Reply> list_alerts(Call call);
  Task<Reply> add_silence(Call call);
  Task<Reply> end_silence(Call call);
  Task<Reply> reload(Call call);
  Task<Reply> show_store(Call call);
  Task<Reply> back_up(Call call);
  Task<Reply> check_store(Call call);
  Task<Reply> erase(Call call);
  Task<Reply> start(Call call, StoreTask task, std::string audit, std::string subject);
  Task<Reply> show_metrics(Call call);
  Task<Reply> show_health(Call call);
  Task<Reply> show_health_of(Call call);
  Task<Reply> show_description(Call call);
  Task<Reply> show_schema(Call call);

  // The one way to a handoff that somebody wants to read: what they may not see is left out.
  struct Reading {
    Reading(Record record_in, nlohmann::json summary_in, bool veiled_in)
        : record(std::move(record_in)), summary(std::move(summary_in)), veiled(veiled_in) {}
    Record record;
    nlohmann::json summary;
    bool veiled;
  };
  bool may_read(const Call& call, const Handoff& handoff) const;
  nlohmann::json summary_for(const Call& call, const Handoff& handoff) const;
  Task<Reading> read_for(const Call& call, HandoffId id);

  Task<Reply> act(Call call, SignalKind kind, std::string audit);
  // JSON lines, as many as were asked for.
  struct Lessons {
    Lessons() = default;
    std::optional<std::string> category;
    int most = 0, found = 0;
    std::string lines;
  };
  Task<bool> add_lessons(const Call& call, HandoffQuery& query, Lessons& to);
  Task<Done> add_ai_alone(const HandoffQuery& range, handoff::Measure& measure);
  Task<JobPage> deliveries(JobQuery query);
  Task<Reply> set_paused(Call call, bool paused);
  Task<Reply> replay_one(Call call, JobKey key, std::string why);
  Task<Reply> replay_many(Call call, JobQuery query, std::string why);
  struct Replayed {
    Replayed() = default;
    std::uint64_t sent = 0;
    std::uint64_t skipped = 0;  // no dead letters any more when their turn came
  };
  Task<Replayed> replay_page(const Call& call, JobQuery& query, const std::string& why);
  Task<Replayed> replay_each(const Call& call, const std::vector<Job>& jobs, const std::string& why);
  Task<bool> replay_job(const Call& call, const Job& job, std::string why);
  AuditEntry entry(const Call& call, std::string what, std::string subject, std::string why) const;

  Journal& journal_;
  Clock& clock_;
  Random& random_;
  const secrets::Tokens& tokens_;
  Views views_;
};

}  // namespace baton::api
