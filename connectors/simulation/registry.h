// Purpose: makes the simulated vendor of that name; null if this build has none. Written by CMake
// from the folders below connectors/. Owner: app/, tests. Threads: any.
#pragma once

#include <string_view>

#include "connectors/simulation/simulation.h"

namespace baton::simulation {

VendorPtr make_vendor(std::string_view name, const Setup& setup);

}  // namespace baton::simulation
