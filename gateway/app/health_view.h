// Purpose: gathers what health and metrics show of stations, store and process.
// Owner: views. Threads: the delivery loop. Errors: what cannot be asked is left out; a store that takes
// nothing is part of the picture.
#pragma once

#include "gateway/app/views.h"
#include "gateway/health/health.h"

namespace baton::app {

Task<health::Picture> take_picture(const Shown& shown);

// All of /metrics, as Prometheus text or as OpenMetrics.
Task<std::string> collect_metrics(const Shown& shown, bool openmetrics);

}  // namespace baton::app
