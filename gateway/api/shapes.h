// Purpose: what the API takes and answers, as JSON Schemas for the published description (OpenAPI 3.1).
// Owner: show_description(). Threads: any; pure. Errors: none.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace baton::api {

// Every named schema; routes name them in `takes` and `answers`. References are "#/components/schemas/NAME".
nlohmann::json shapes();

// The parameters in the query string of a route, or an empty list.
nlohmann::json query_parameters(std::string_view pattern);

}  // namespace baton::api
