// Purpose: what `baton handoff show` and `baton handoff brief` print of the API's answers. Pure.
// Owner: the commands. Threads: any. Errors: none; what an answer lacks is left out.
#pragma once

#include <string>

#include "gateway/base/json_view.h"

namespace baton::app {

// Every step with its time: of GET /v1/handoffs/{id}/timeline.
std::string timeline_text(JsonView body);

// Who, wanted, went wrong, tried, next: of GET /v1/handoffs/{id}/brief?surface=cli.
std::string brief_text(JsonView body);

}  // namespace baton::app
