// Purpose: JSON as it leaves for a vendor: text that no valid UTF-8 was becomes valid, and a member stands
// only where something stands in it. Owner: none. Threads: any. Units: bytes. Errors: none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"

namespace baton::sdk {

std::string dumped(const nlohmann::json& document);
// With its members as they were put in; the other would sort them.
std::string dumped_in_order(const nlohmann::ordered_json& document);

// Nothing if the part is empty.
void put_part(nlohmann::json& object, const char* member, nlohmann::json part);

// At most `most` bytes of `text`, cut between code points; nothing if it is empty.
void put(nlohmann::json& object, const char* member, std::string_view text, std::size_t most = 256);

// A number, or a text that is nothing else: attributes are flat, and bots write either.
std::optional<double> number_of(JsonView value);

// A confidence of an AI's: from 0 to 1, else it is left out.
void put_confidence(nlohmann::json& intent, JsonView value);

}  // namespace baton::sdk
