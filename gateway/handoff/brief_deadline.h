// Purpose: by when somebody needs an answer, in their own words: no field of an event says it, and whoever
// answers first has to know it. Pure. Owner: the brief. Threads: any. Units: bytes. Errors: none; what is in
// doubt is no deadline.
#pragma once

#include <string>

#include "gateway/base/json_view.h"

namespace baton::handoff {

// The newest sentence of the customer's last messages that names a time and why it presses ("at 11 the wages
// must be out"); "" if there is none.
std::string deadline_in(JsonView transcript);

}  // namespace baton::handoff
