// Purpose: the parts of nlohmann::json that every file would else compile for itself, compiled once.
// Only the precompiled headers include it. Owner: the build. Threads, errors: none.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class std::map<std::string, nlohmann::json, std::less<>>;
extern template class std::vector<nlohmann::json>;
