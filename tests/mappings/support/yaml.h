// Purpose: YAML text to Nodes for these tests. The product's reader is gateway/config, which this
// layer does not know.
// Owner: the caller. Threads: any. Errors: throws what yaml-cpp throws.
#pragma once

#include <string>

#include "gateway/model/node.h"

namespace baton::mappings {

Node node_from_yaml(const std::string& text, const std::string& file = "test.yaml");

}  // namespace baton::mappings
