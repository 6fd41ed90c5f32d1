// Purpose: holds a GraphQL document and its variables against a schema in GraphQL's own language: known
// types, fields and arguments, required ones given, values of the right kind, nothing that the vendor keeps
// for itself ([Internal], [ALPHA], [DEPRECATED], @deprecated). Fragments, directives and unions are not
// needed. Owner: a test. Threads: one. Errors: sentences; none means that it fits.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace baton::testing {

struct TypeRef {
  std::string name;             // of the innermost type
  bool required = false;        // "!"
  std::shared_ptr<TypeRef> of;  // of a list: its items
  std::string text() const;
};

struct Argument {
  TypeRef type;
  bool has_default = false;
  bool hidden = false;
};

struct SchemaField {
  TypeRef type;
  std::map<std::string, Argument> arguments;
  bool hidden = false;
};

struct SchemaType {
  std::string kind;                           // type, interface, input, enum, scalar, union
  std::map<std::string, SchemaField> fields;  // of type and interface
  std::map<std::string, Argument> inputs;     // of input
  std::set<std::string> values;               // of enum
};

class GraphqlSchema {
 public:
  explicit GraphqlSchema(std::string_view sdl);

  const std::map<std::string, SchemaType>& types() const { return types_; }
  // What is wrong with the document, one sentence a line.
  std::string violations(std::string_view document) const;
  // The same, and its variables.
  std::string violations(std::string_view document, const nlohmann::json& variables) const;

 private:
  std::map<std::string, SchemaType> types_;
};

}  // namespace baton::testing
