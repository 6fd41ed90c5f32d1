// Purpose: what Twilio tells us, in Baton's words: tasks of TaskRouter and Flex, messages and states of
// Conversations, and the HTTP step of a Studio flow. Owner: webhook.cc, which verified it. Threads: any;
// pure. Errors: nothing for what concerns no handoff.
// Source: fact sheet ingress, sections 3 and 4.7.
#pragma once

#include <optional>
#include <string_view>

#include "connectors/sdk/connector.h"
#include "gateway/base/json_view.h"

namespace baton::twilio {

// `event`: the fields of a form, all texts, or the JSON body. `delivery`: what stays the same when Twilio
// repeats itself, for what bears no id of its own.
std::optional<sdk::Arrival> arrival_of(JsonView event, std::string_view delivery,
                                       const sdk::Settings& settings);

// What a person in Flex did: took the task, or answered the customer. Of others nothing.
std::optional<Signal> signal_of(JsonView event, const sdk::Settings& settings);

}  // namespace baton::twilio
