// Purpose: a vendor's official OpenAPI document (2.0, 3.0, 3.1), as far as a request or a reply can be held
// against it: method, path and its parameters, query, body (JSON, form, the names of a multipart), the schema
// of an answer. Owner: a test. Threads: one. Errors: sentences; none means that it fits.
//
// contract.json names it:
//   specifications [{file, prefix, relax: {pointer: why}}]   below BATON_SPECS; `prefix` is what our targets
//                                                            have before the document's paths; what a pointer
//                                                            names is taken out of the document
//                  amend: [{add: pointer, value, why}]       what the vendor has added since it was written
//   beyond_specification {"POST /oauth/tokens": why}         requests that no document knows; a part of a
//   path
//                                                            in braces is any, nothing is left out at its end
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/model/http.h"

namespace baton::contract {

class Specification {
 public:
  // Of a document of version 2.0 the basePath is taken off the end of `base_url`, or expected in targets.
  Specification(nlohmann::json document, std::string prefix, std::string_view base_url = {});

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
  std::string text_misfit(const nlohmann::json& schema, const std::vector<std::string>& values) const;
  nlohmann::json as_typed(const nlohmann::json& schema, const std::string& text) const;
  const nlohmann::json* pattern_of(const Request& request, std::string* pattern) const;

  using Sentences = std::vector<std::string>;
  void check_query(const Request& request, const nlohmann::json& parameters, Sentences& all) const;
  void check_path(const Request& request, const nlohmann::json& parameters, Sentences& all) const;
  void check_body(const Request& request, const nlohmann::json& content, Sentences& all) const;
  void check_form(const nlohmann::json& schema, std::string_view body, Sentences& all) const;
  void check_names(const nlohmann::json& schema, const std::vector<std::string>& sent, Sentences& all) const;

  nlohmann::json document_;
  nlohmann::json schemas_;  // the document without its paths, into which schemas refer
  std::string prefix_;
};

// Whether a path is what the pattern says: "/users/{id}/tickets".
bool same_path(std::string_view pattern, std::string_view path);

// What an answer holds, and around it what it might: objects and the items of lists are filled up from
// `whole`.
nlohmann::json laid_over(nlohmann::json whole, const nlohmann::json& answer);

// Null where the folder of specifications has no such file. Read once for all tests.
const Specification* read_specification(const nlohmann::json& named, const std::string& base_url);

}  // namespace baton::contract
