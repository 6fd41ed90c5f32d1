// Purpose: JSON text to Values whose objects keep the order of their members, as Liquid's loops do.
// nlohmann::json sorts them, which is right for documents and wrong for `mapping eval`.
// Owner: the arena. Threads: one. Errors: a `rejected` Failure that says where the text is wrong.
#pragma once

#include <string_view>

#include "gateway/base/result.h"
#include "mappings/engine/value.h"

namespace baton::mappings {

Result<Value> read_ordered(std::string_view json, Arena& arena);

}  // namespace baton::mappings
