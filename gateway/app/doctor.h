// Purpose: looks at everything that an operator would look at, by itself, whether a gateway runs or not.
// Owner: `baton doctor`. Threads: one; takes as long as the store is large and vendors are slow.
// Errors: they are what it finds.
#pragma once

#include <string>
#include <vector>

#include "gateway/app/installation.h"
#include "gateway/health/checkup.h"

namespace baton::app {

struct DoctorOptions {
  bool online = true;  // asks the destinations, and compares clocks with theirs
};

std::vector<health::Finding> examine(const std::string& config, const DoctorOptions& options);

}  // namespace baton::app
