// Purpose: what is remembered beside the handoffs, and outlives them: who is there, how long people waited,
// what a defect did, which alert is open. Plain value; small, a few kilobytes.
#pragma once

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace baton {

struct Document {
  Document() = default;
  Document(std::string kind_in, std::string key_in, nlohmann::json body_in = {}, int version_in = 0)
      : kind(std::move(kind_in)), key(std::move(key_in)), body(std::move(body_in)), version(version_in) {}

  std::string kind;     // whose it is: "presence", "defect", "alert"
  std::string key;      // unique within its kind
  nlohmann::json body;  // null: in a batch, remove it
  int version = 0;      // counts commits; a write names the version that it replaces, 0 for none
};

}  // namespace baton
