// Purpose: what the API and the metrics show of stations that they may not know.
// Owner: Gateway. Threads: the delivery loop, where these functions are called. Errors: none.
#pragma once

#include <atomic>
#include <optional>

#include "gateway/api/api.h"
#include "gateway/delivery/station.h"
#include "gateway/handoff/team.h"
#include "gateway/health/health_backlog.h"
#include "gateway/health/health_ready.h"
#include "gateway/http/transport/transport.h"
#include "gateway/ingress/ingress.h"
#include "gateway/journal/sqlite/sqlite.h"
#include "gateway/planner/board.h"
#include "gateway/planner/planner.h"
#include "secrets/sealed_store.h"

namespace baton::app {

// Readings of the configuration while running. Written on the owner's thread.
struct Reloads {
  std::atomic<std::uint64_t> done = 0, refused = 0;
  std::atomic<bool> last_ok = true;
};

// What is shown; all of it outlives the views. A reload changes it, on the delivery loop.
struct Shown {
  const sdk::Accounts* accounts = nullptr;
  const handoff::Rules* rules = nullptr;
  const handoff::Teams* teams = nullptr;
  Board* board = nullptr;
  delivery::Station* delivery = nullptr;
  const ingress::Ingress* ingress = nullptr;
  const TransportServer* public_server = nullptr;
  Clock* clock = nullptr;
  HttpClient* client = nullptr;
  health::Backlogs* backlogs = nullptr;
  health::Readiness* readiness = nullptr;
  // These may be missing; then their figures are.
  const Planner* planner = nullptr;
  const SqliteJournal* store = nullptr;
  const secrets::SealedStore* secrets = nullptr;
  const Reloads* reloads = nullptr;
  std::optional<TimePoint> started_at;
  std::optional<TimePoint> certificate_ends;
};

// As the API and the command line show what a probe found.
nlohmann::json to_json(const sdk::Findings& findings);

api::Views make_views(const Shown& shown, std::function<Task<std::vector<FieldError>>()> reload = {});

}  // namespace baton::app
