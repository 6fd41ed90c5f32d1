// Purpose: why a payment failed and what the customer can do about it, in words that a brief may show.
// Owner: money.cc. Threads: any; pure. Errors: none; "" where Stripe did not say it.
// Source: fact sheet stripe, section 3.4. No reason that speaks of fraud leaves this file: it reads as an
// ordinary decline, as Stripe asks.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/json_view.h"

namespace baton::stripe {

// Stripe's code as it may be shown; "" for what is no code.
std::string shown_code(std::string_view code);

// Of a charge that failed: "insufficient funds".
std::string reason_of_charge(JsonView charge);

// --- of a payment intent

// Whether it waits for the customer: a step of theirs is left open, or the last try failed.
bool waits_for_customer(JsonView intent);
std::string reason_of_intent(JsonView intent);
// What the customer can do so that it goes through: "use another card".
std::string remedy_of_intent(JsonView intent);

}  // namespace baton::stripe
