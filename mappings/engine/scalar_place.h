// Purpose: where the characters of a YAML scalar stand in the file, for messages about Liquid in it.
// Owner: none. Threads: any. Errors: none; where it cannot be known, the scalar's own place is given.
#pragma once

#include <string_view>

#include "gateway/model/node.h"
#include "mappings/engine/ast.h"

namespace baton::mappings {

// `source` is the whole file, or empty. Exact for block scalars in literal style and for scalars that
// stand on one line without escapes; otherwise the beginning.
Locator locate_scalar(const Node& scalar, std::string_view source);

}  // namespace baton::mappings
