// Purpose: a Chatwoot conversation as the data of handoff.requested. Owner: webhook.cc. Threads: any; pure.
// Errors: nullopt for a conversation without an id; whatever else is missing or of another type is left out.
// Source: fact sheet ingress, sections 3 and 4.1.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "gateway/base/json_view.h"

namespace baton::chatwoot {

std::optional<nlohmann::json> handoff_of(JsonView conversation, const sdk::Settings& settings);

}  // namespace baton::chatwoot
