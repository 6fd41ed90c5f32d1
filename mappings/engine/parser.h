// Purpose: Liquid text to Program. Reports every problem it finds, each at its place, and goes on with
// the next tag. Owner: the caller. Threads: any. Errors: Problems; a program with problems must not run.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/model/node.h"
#include "mappings/engine/ast.h"

namespace baton::mappings {

struct ParseInput {
  std::string_view text;
  Locator locator;
  std::string path;  // which part of a document, for messages
  std::shared_ptr<Names> names;
};

// A whole template.
std::shared_ptr<Program> parse_template(const ParseInput& input, Problems& problems);
// What stands behind `for` in a tag, and behind `if`: for `$for` and `$if` of documents. The program
// holds nothing but one piece with that loop or condition.
std::shared_ptr<Program> parse_loop_head(const ParseInput& input, Problems& problems);
std::shared_ptr<Program> parse_condition(const ParseInput& input, Problems& problems);

// Exactly one output and nothing else: its pipeline, or null.
const Pipeline* single_output(const Program& program);

}  // namespace baton::mappings
