// Purpose: all connectors that this build has, sorted by name. The list is written by CMake from the
// folders below connectors/. Owner: app/. Threads: any.
#pragma once

#include <vector>

#include "connectors/sdk/connector.h"

namespace baton::sdk {

std::vector<ConnectorPtr> make_connectors();

}  // namespace baton::sdk
