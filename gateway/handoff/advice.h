// Purpose: what a configuration allows and people will still be surprised by: a chat platform that cannot do
// all that Baton asks of one. Pure. Owner: the start-up path and `baton check`. Threads: any. Errors: none;
// sentences, each with its place.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/handoff/route.h"
#include "gateway/handoff/team.h"

namespace baton::handoff {

// The chat platforms in use, and where they are named: of sources, beside what routes name themselves.
struct PlatformInUse {
  std::string where;  // "baton.yaml:7:5: sources.widget.platform"
  DestinationId platform;
};

// One line for each platform that neither takes events nor does all that is asked of one: what it cannot do,
// and what that means for people. A source's platform is used where a route names none.
std::vector<std::string> advise_platforms(const std::vector<PlatformInUse>& sources, const Rules& rules,
                                          const Abilities& can);

}  // namespace baton::handoff
