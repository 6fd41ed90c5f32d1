// Purpose: what a mapping can name, as the JSON Schema that check_paths() holds its paths against: the
// event's data as the published schemas say, and what Baton adds to it (delivery::mapping_scope).
// Owner: load_mappings(). Threads: any; pure. Errors: none.
#pragma once

#include <nlohmann/json.hpp>

#include "connectors/sdk/connector.h"

namespace baton::app {

// `manifest` says which settings its destinations have. What a vendor's context holds is not known here, so
// everything below `context` is allowed.
nlohmann::json mapping_shape(const sdk::Manifest& manifest);

}  // namespace baton::app
