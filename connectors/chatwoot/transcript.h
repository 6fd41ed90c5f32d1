// Purpose: Chatwoot's messages as the lines of a transcript. Owner: connector.cc, webhook.cc. Threads: any;
// pure. Errors: none; a message that says nothing to a reader is no line.
// Source: fact sheet ingress, sections 4.1 and 8.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"

namespace baton::chatwoot {

// {"id", "at", "role", "author", "text", "attachments"}. Private notes, activities and what is empty are
// none. The media type of an attachment stands under `type_name`: "type" in a fetched transcript,
// "content_type" in an event.
std::optional<nlohmann::json> line_of(JsonView message, std::string_view type_name);

// Whether Baton wrote it: it bears our key, or its sender is the user that Baton acts as.
bool is_ours(JsonView message, std::string_view baton_user_id);

// {"id", "name", "email", "company", "attributes"} of a contact; tokens and pictures stay behind.
nlohmann::json customer_of(JsonView contact);

// Seconds since 1970 or RFC 3339, as RFC 3339; "" for neither.
std::string time_of(JsonView value);

}  // namespace baton::chatwoot
