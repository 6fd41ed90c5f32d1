// Purpose: what HubSpot knows about a customer, as a brief reads it. Pure: records -> context.
// Owner: connector.cc. Threads: any. Units: amounts as HubSpot gives them, in the deal's currency.
// Errors: none; what HubSpot did not say is left out.
// Source: fact sheet hubspot, section 3.2.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/hubspot/wire.h"
#include "gateway/base/json_view.h"

namespace baton::hubspot {

// The records that were read; null where there is none.
struct Missing {
  Missing(std::string part_in, std::string why_in) : part(std::move(part_in)), why(std::move(why_in)) {}
  std::string part;
  std::string why;
};

struct Records {
  Contact contact;
  std::vector<std::string> namesakes;  // other contacts with the same address
  nlohmann::json company;              // {id, properties}
  nlohmann::json deals, tickets;       // answers to batch reads
  std::optional<TimePoint> now;        // by HubSpot's clock
  nlohmann::json owner;
  std::vector<Missing> missing;  // parts that could not be read
};

// {"account": {...}, "people": [contact, owner], "history": {...}, "matches": n}
nlohmann::json make_context(const Records& records, const sdk::Settings& settings);

// The same for somebody whom HubSpot does not know.
nlohmann::json empty_context();

}  // namespace baton::hubspot
