// Purpose: what a Document is made of. For the renderer and the static check of paths.
// Owner: its Document. Threads: immutable after compiling.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mappings/engine/ast.h"

namespace baton::mappings {

struct DocumentMember;

struct DocumentPart {
  enum class Kind {
    constant,  // `json` is its text
    output,    // a string that is one output: keeps its type
    text,      // a string with Liquid in it
    map,       // members
    list,      // parts
    repeat,    // $for: loop in `program`, parts[0] is $do
    choose,    // $if: condition in `program`, parts[0] is $then, parts[1] is $else or nothing
    table,     // $table: parts[0] is what is looked up, members are the rows, parts[1] is $else or nothing
  };
  Kind kind = Kind::constant;
  Position at;
  std::string path;
  std::string json;
  std::shared_ptr<Program> program;
  std::vector<DocumentPart> parts;
  // Keys as JSON text with the colon for a map, plain for a table.
  std::vector<DocumentMember> members;
};

struct DocumentMember {
  std::string key;
  DocumentPart value;
};

}  // namespace baton::mappings
