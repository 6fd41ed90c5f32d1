// Purpose: the page of health: every destination and source with its state, the reason, whose fault it is and
// the figures behind it, as JSON for the API and `baton health`.
// Owner: the API's view. Threads: any; pure. Units: instants RFC 3339, lengths in milliseconds. Errors: none.
#pragma once

#include <span>

#include <nlohmann/json.hpp>

#include "gateway/health/states.h"

namespace baton::health {

struct Picture {
  TimePoint at;
  bool store_works = true;
  std::string store_reason;  // why not
  std::vector<Evidence> destinations;
  std::vector<SourceEvidence> sources;
};

nlohmann::json to_json(const Picture& picture);

}  // namespace baton::health
