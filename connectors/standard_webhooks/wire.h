// Purpose: Baton's own events as Standard Webhooks requests, and what a generic desk answers.
// Owner: connector.cc. Threads: any; everything here is pure.
// Errors: `rejected` for an event that is none. An answer's body is never needed.
// Source: fact sheet standard-webhooks, sections 3.1, 3.2 and 3.5.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/step.h"

namespace baton::standard_webhooks {

// `event` is {type, timestamp, data}; timestamp is that of the event, never of an attempt.
Result<sdk::Write> send_event(std::string_view path, const nlohmann::json& event);

// The same event about an alert of Baton's own, in the form of Alertmanager's API v2 (postableAlerts). Two
// alerts are one there if their labels are: so what may change is an annotation, and a severity that has
// changed ends the alert that bore the former one.
Result<sdk::Write> send_alert(std::string_view path, const nlohmann::json& event);

// The other side may name what it made of the event ({"object_id", "url"}); else it is our own id.
Receipt read_taken(const Reply& reply, const std::string& external_id);

// When the event in this request happened; nullopt if it does not say.
std::optional<TimePoint> happened_at(const Request& request);

}  // namespace baton::standard_webhooks
