// Purpose: what the customer gave already, so that nobody asks for it again: order and account numbers,
// addresses, from the event's own list and from what the customer typed. Pure. Owner: the brief. Threads:
// any. Units: bytes. Errors: none; what is in doubt is left out, secrets keep their last four.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/json_view.h"

namespace baton::handoff {

struct Identifier {
  std::string kind;  // order, invoice, e-mail, ...; "reference" where nobody says
  std::string value;
  std::string from;        // event or transcript
  std::string instead_of;  // what was typed first, two signs being swapped; "" as a rule
};

// Each value once, those of the event first; at most 12.
std::vector<Identifier> identifiers_given(JsonView data);

// "order 20931, invoice INV-7"; without what stands in `said` already.
std::string in_words(const std::vector<Identifier>& given, const std::string& said);

}  // namespace baton::handoff
