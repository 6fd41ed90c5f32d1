// Purpose: Twilio's messages as the lines of a transcript, and who spoke. Owner: connector.cc, events.cc.
// Threads: any; pure. Errors: none; a message that says nothing to a reader is no line.
// Source: fact sheet ingress, sections 4.7 and 8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "gateway/base/json_view.h"

namespace baton::twilio {

// Whether `author` is one of a list with commas; "*" at either end of an entry stands for anything.
bool is_listed(std::string_view author, std::string_view list);

// Whether Baton wrote it: our author, which nobody but who holds the account's key can take, and our key.
bool is_ours(std::string_view author, const nlohmann::json& attributes, const sdk::Settings& settings);

// {"id", "at", "role", "author", "text", "attachments"} of a message as the API shows it.
std::optional<nlohmann::json> line_of(JsonView message, const sdk::Settings& settings);
// The same of onMessageAdded, whose members have other names.
std::optional<nlohmann::json> line_of_event(JsonView event, const sdk::Settings& settings);

}  // namespace baton::twilio
