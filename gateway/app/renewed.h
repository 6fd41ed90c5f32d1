// Purpose: destinations that a reload gave other secrets, another address or other settings. One that Baton
// parked because the vendor took nothing is tried again: what it was refused for may have been changed.
// Owner: the gateway, when it has read its files again. Threads: the journal's loop. Errors: the journal's.
#pragma once

#include <vector>

#include "connectors/sdk/account.h"
#include "gateway/base/clock.h"
#include "gateway/journal/journal.h"

namespace baton::app {

std::vector<DestinationId> renewed(const sdk::Accounts& before, const sdk::Accounts& after);

// Those among them that Baton itself parked. A person's pause stands, and so does a vendor's wait.
Task<Done> resume_parked(Journal& journal, Clock& clock, std::vector<DestinationId> renewed);

}  // namespace baton::app
