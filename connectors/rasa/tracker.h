// Purpose: what a tracker says: the lines of the conversation, and the data of a handoff. Owner:
// connector.cc, webhook.cc. Threads: any; pure. Errors: none; whatever is missing or of another type is left
// out. Source: fact sheet ingress, sections 3 and 4.5.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "gateway/base/json_view.h"

namespace baton::rasa {

// At most `most` lines, the newest, oldest first: user -> customer, bot -> ai, our own -> system or agent.
nlohmann::json lines_of(JsonView tracker, const std::string& conversation, std::size_t most);

// {"id", "name", "email", ...} of the slots that the settings name; {} if there are none.
nlohmann::json customer_of(JsonView slots, const sdk::Settings& settings);

nlohmann::json handoff_of(JsonView tracker, const std::string& conversation, const sdk::Settings& settings);

// The time of the last event, as Rasa writes it: what tells two calls of one conversation apart.
std::string last_time_of(JsonView tracker);

}  // namespace baton::rasa
