// Purpose: what a fulfilment webhook says of a handoff, in Baton's words. Owner: webhook.cc. Threads: any;
// pure. Errors: none; whatever is missing or of another type is left out.
// Source: fact sheet ingress, sections 3 and 4.6.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "gateway/base/json_view.h"

namespace baton::dialogflow {

// "a, b" as {"a", "b"}.
std::vector<std::string> names_of(std::string_view list);

// The liveAgentHandoff among the queued messages, or a missing view.
JsonView queued_handoff(JsonView call);

// The last part of the session's name; empty if there is none.
std::string conversation_of(JsonView call);

nlohmann::json handoff_of(JsonView call, const sdk::Settings& settings);

}  // namespace baton::dialogflow
