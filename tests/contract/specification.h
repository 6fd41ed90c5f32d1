// Purpose: a vendor's official OpenAPI document (2.0, 3.0, 3.1), as far as a request or a reply can be held
// against it: path, method, query, body, the schema of an answer.
// Owner: a test. Threads: one. Errors: sentences; none means that it fits.
//
// contract.json names it:
//   specifications [{file, prefix, relax: {pointer: why}}]   below BATON_SPECS; `prefix` is what our targets
//   have
//                                                            before the document's paths; what a pointer
//                                                            names is taken out of the document
//   beyond_specification {"POST /oauth/tokens": why}         requests that no document knows
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/model/http.h"

namespace baton::contract {

class Specification {
 public:
  Specification(nlohmann::json document, std::string prefix);

  // The operation that a request is; nothing if the document has no such path and method.
  const nlohmann::json* find(const Request& request) const;
  // What is wrong with it; `operation` is what find() gave.
  std::vector<std::string> violations(const Request& request, const nlohmann::json& operation) const;
  // A value with every member that the operation's answer may have; null if it says nothing of its shape.
  nlohmann::json whole_answer(const nlohmann::json& operation) const;

 private:
  const nlohmann::json& resolved(const nlohmann::json& schema) const;
  nlohmann::json sample(const nlohmann::json& schema, int depth) const;
  std::string misfit(const nlohmann::json& schema, const nlohmann::json& value) const;

  nlohmann::json document_;
  std::string prefix_;
};

// Null where the folder of specifications has no such file.
std::optional<Specification> read_specification(const nlohmann::json& named);

}  // namespace baton::contract
