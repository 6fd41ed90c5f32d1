// Purpose: holds a request's body against a vendor's specification (JSON Schema, or a schema inside an
// OpenAPI document). Owner: a test. Threads: one. Errors: sentences; none means that it fits.
#pragma once

#include <string>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace baton::testing {

// `pointer` names the schema inside `document`, "" the document itself.
inline std::string violations(nlohmann::json document, const std::string& pointer,
                              const nlohmann::json& body) {
  if (!pointer.empty()) document["allOf"] = {{{"$ref", "#" + pointer}}};
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(body), &results);
  std::string text;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const auto& part : error.context) text += part;
    text += ": " + error.description + "\n";
  }
  return text;
}

}  // namespace baton::testing
