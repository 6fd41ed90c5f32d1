// Purpose: the sample event as a mapping sees it: the event's data at the top, and beside it what Baton
// itself knows. Owner: the caller. Threads: any.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace baton::mappings {

std::string read_file(const std::string& path_from_root);
nlohmann::json sample_scope();

}  // namespace baton::mappings
