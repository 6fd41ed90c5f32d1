// Purpose: what Intercom knows of a customer, in the one shape of context. Pure.
// Owner: connector.cc. Threads: any. Errors: none; what Intercom does not say is left out.
// Source: fact sheet intercom, section 3.7.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/intercom/people.h"

namespace baton::intercom {

struct Records {
  Records() = default;
  People people;
  nlohmann::json conversations;  // the answers to the searches; null where there is none
  nlohmann::json tickets;
  nlohmann::json missing = nlohmann::json::array();  // [{"part", "why"}]
  std::optional<TimePoint> now;  // by Intercom's clock, some seconds ahead; none: it did not say
};

nlohmann::json make_context(const Records& records, const sdk::Settings& settings);

}  // namespace baton::intercom
