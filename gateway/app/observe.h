// Purpose: what the alert station looks at, read from the stations and the machine, which know nothing of it.
// Owner: a generation. Threads: the delivery loop. Errors: what cannot be read is absent.
#pragma once

#include <string>

#include "gateway/app/installation.h"
#include "gateway/delivery/station.h"
#include "gateway/health/alerts_seen.h"

namespace baton::app {

alerts::Readings observe(const Installation& in, delivery::Station& delivery,
                         const std::string& reload_failed, TimePoint now);

}  // namespace baton::app
