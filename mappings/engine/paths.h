// Purpose: holds every path in a mapping against the shape of the data, before anything is rendered:
// "unknown field `custmer.email`, did you mean `customer.email`?".
// Owner: none. Threads: any. Errors: Problems at the path's place.
//
// A shape is a JSON Schema, of which `properties`, `items`, `additionalProperties`, `type`, local `$ref`,
// `allOf`, `anyOf` and `oneOf` are read. An object with `properties` has only those, unless
// `additionalProperties` is true or a schema; an object without `properties` may have anything.
#pragma once

#include <nlohmann/json.hpp>

#include "gateway/model/node.h"
#include "mappings/engine/document.h"

namespace baton::mappings {

void check_paths(const Document& document, const nlohmann::json& shape, Problems& problems);

}  // namespace baton::mappings
