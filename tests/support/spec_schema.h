// Purpose: holds a request's body against a vendor's specification (JSON Schema, or a schema inside an
// OpenAPI document). Owner: a test. Threads: one. Errors: sentences; none means that it fits.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace baton::testing {

// `pointer` names the schema inside `document`, "" the document itself.
std::string violations(nlohmann::json document, const std::string& pointer, const nlohmann::json& body);

}  // namespace baton::testing
