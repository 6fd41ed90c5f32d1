// Purpose: members of teams as destinations know them: a click names a person by the vendor's own id, so that
// whoever is listed by an address alone is a stranger there, and is refused where others of the team are
// known. Owner: `baton check` and `baton destinations test`. Threads: one. Errors: none; what is found is
// told.
#pragma once

#include <string>
#include <vector>

#include "gateway/handoff/route.h"
#include "gateway/handoff/team.h"

namespace baton::app {

struct Stranger {
  std::string member;  // their id
  std::string email;   // may be empty
};

// Members, each once, who have no account there.
std::vector<Stranger> strangers_at(const handoff::Teams& teams, std::string_view destination);

// One sentence for each place of alerts and team of which some members are known there and some are not.
std::vector<std::string> advice_on_people(const handoff::Teams& teams,
                                          const std::vector<handoff::Rule>& rules);

}  // namespace baton::app
