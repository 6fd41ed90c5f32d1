// Purpose: what a customer may do instead of waiting, and what they picked, read from their event. Pure.
// Owner: advance(), the messages to the customer. Threads: any.
// Errors: a choice that cannot be carried out as it stands is a Failure that says what is missing.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/json_view.h"
#include "gateway/base/result.h"

namespace baton::handoff {

enum class ChoiceKind { wait, callback, email, priority_ticket, scheduled, continue_with_ai };

inline constexpr auto kChoiceNames = std::to_array<std::string_view>(
    {"wait", "callback", "email", "priority_ticket", "scheduled", "continue_with_ai"});
constexpr std::string_view name(ChoiceKind kind) { return kChoiceNames[static_cast<std::size_t>(kind)]; }

struct Choice {
  ChoiceKind kind = ChoiceKind::wait;
  std::string number;           // of a callback
  std::string email;            // where the answer goes
  std::optional<TimePoint> at;  // of what is scheduled
  std::string comment;          // in the customer's words
};

// `event` is the data of `customer.chose`, `known` that of the handoff: a number or an address that was given
// before need not be given again. Refused: an unknown choice, a callback without a number, an answer by
// e-mail without an address, a time that is missing or has passed.
Result<Choice> read_choice(JsonView event, JsonView known, TimePoint now);

// For the ticket: "The customer chose a callback, at +49 30 1234: after five, please".
std::string in_words(const Choice& choice);

}  // namespace baton::handoff
