// Purpose: what Stripe knows about a customer, as a brief reads it. Pure: records -> context.
// Owner: connector.cc. Threads: any. Units: major units of each amount's currency; times RFC 3339.
// Errors: none; what Stripe did not say is left out.
// Source: fact sheet stripe, sections 3.2 to 3.5 and 8. Nothing of a card, an address or a tax id is taken
// over, and no reason that speaks of fraud: a brief may be read further than billing people.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "gateway/base/json_view.h"
#include "gateway/base/time.h"

namespace baton::stripe {

struct Missing {
  Missing(std::string part_in, std::string why_in) : part(std::move(part_in)), why(std::move(why_in)) {}
  std::string part;
  std::string why;
};

using Objects = std::vector<nlohmann::json>;

// What was read; a part that could not be read is empty and named in `missing`.
struct Records {
  nlohmann::json customer;
  std::size_t matches = 1;  // customers that bear the address
  std::string why;          // of several the chosen one
  Objects subscriptions, invoices, charges, intents, disputes;
  std::map<std::string, std::string> products;  // id -> name
  std::vector<Missing> missing;
  std::optional<TimePoint> now;  // as Stripe says it; without it nothing is called overdue by its date
};

nlohmann::json make_context(const Records& records, const sdk::Settings& settings);

// For somebody whom Stripe does not know.
nlohmann::json unknown_customer(const std::vector<Missing>& missing);

// How good a reason the subscriptions are to choose their customer among namesakes: 2 one is paid or tried,
// 1 one is alive, 0 none.
int rank_of(const Objects& subscriptions);
// The products of the living ones, each once.
std::vector<std::string> products_of(const Objects& subscriptions);
// The charges that somebody disputes.
std::vector<std::string> disputed(const Objects& charges);

}  // namespace baton::stripe
