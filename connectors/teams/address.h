// Purpose: whether a text can be the address of a flow's trigger. It is the whole credential, and each way in
// which people spoil it on its way out of Power Automate ends in a refusal that says little.
// Owner: the manifest. Threads: any; pure. Errors: a sentence with what to do, empty if nothing is wrong.
// Source: fact sheet microsoft-teams, sections 1, 2 and 10.
#pragma once

#include <string_view>

namespace baton::teams {

std::string_view wrong_address(std::string_view address);

}  // namespace baton::teams
