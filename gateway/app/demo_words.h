// Purpose: a moment of a handoff's timeline as a line that needs no explanation. Pure.
// Owner: the demo. Threads: any. Errors: none; what says nothing to a spectator has no line.
#pragma once

#include <optional>
#include <string>

#include "gateway/base/json_view.h"

namespace baton::app {

struct DemoLine {
  std::string who;  // a destination, or "handoff"
  std::string what;
};

// `moment` as /v1/handoffs/{id}/timeline shows it.
std::optional<DemoLine> words_of(JsonView moment);

}  // namespace baton::app
