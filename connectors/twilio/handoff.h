// Purpose: what a bot, a Flex task or a Studio flow knows, as the data of handoff.requested. Owner:
// events.cc. Threads: any; pure. Errors: none; what is missing or of another type is left out.
// Source: fact sheet ingress, sections 3 and 4.7.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "gateway/base/json_view.h"

namespace baton::twilio {

// {"id", "name", "email", "company", "attributes"}; `about` holds "customers", "from" and Flex's own names.
nlohmann::json customer_of(JsonView about);

// Lays over `data` what stands in `known`: reason, intent, summary, confidence, sentiment, priority, page,
// attempts, errors, identifiers, team, skill, language.
void add_known(nlohmann::json& data, JsonView known);

// The priority of a task by the settings' thresholds; "" where these are empty or not reached.
std::string priority_of(JsonView task_priority, const sdk::Settings& settings);

}  // namespace baton::twilio
