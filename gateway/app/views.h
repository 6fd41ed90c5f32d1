// Purpose: what the API and the metrics show of stations that they may not know.
// Owner: Gateway. Threads: the delivery loop, where these functions are called. Errors: none.
#pragma once

#include "gateway/api/api.h"
#include "gateway/config/teams.h"
#include "gateway/delivery/station.h"
#include "gateway/health/metrics.h"
#include "gateway/http/transport/transport.h"
#include "gateway/ingress/ingress.h"

namespace baton::app {

// What is shown; all of it outlives the views. A reload changes it, on the delivery loop.
struct Shown {
  const sdk::Accounts* accounts = nullptr;
  const handoff::Rules* rules = nullptr;
  const config::Teams* teams = nullptr;
  delivery::Station* delivery = nullptr;
  const ingress::Ingress* ingress = nullptr;
  const TransportServer* public_server = nullptr;
  Clock* clock = nullptr;
  HttpClient* client = nullptr;
};

// As the API and the command line show what a probe found.
nlohmann::json to_json(const sdk::Findings& findings);

api::Views make_views(const Shown& shown, std::function<Task<std::vector<FieldError>>()> reload = {});

}  // namespace baton::app
