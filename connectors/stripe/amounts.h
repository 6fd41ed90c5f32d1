// Purpose: Stripe's integers in the smallest unit as amounts that people read, and its seconds as times.
// Owner: money.cc. Threads: any; pure. Units: major units of the currency, "12.5"; UTC.
// Errors: nullopt or "" for what Stripe did not say, or what cannot be.
// Source: fact sheet stripe, section 1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/json_view.h"
#include "gateway/base/time.h"

namespace baton::stripe {

// How many digits stand behind the point: 2, or 0 or 3 for some currencies. `currency` in lower case.
int decimals_of(std::string_view currency);
std::optional<double> amount_of(JsonView amount, std::string_view currency);

std::optional<TimePoint> time_of(JsonView seconds);
std::string rfc3339_of(JsonView seconds);

// "eur" -> "EUR", as people write it.
std::string to_upper_code(std::string_view currency);

}  // namespace baton::stripe
