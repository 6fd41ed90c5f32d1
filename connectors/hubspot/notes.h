// Purpose: the search for a note of ours among all notes of a contact or a ticket: a page of their ids, the
// notes themselves a hundred at a time, the next page of ids, to the end. Only after the end is absence
// proven. Owner: the step that it belongs to; one search per look-up. Threads: one. Errors: `ambiguous` for
// what cannot be read or does not add up. Source: fact sheet hubspot, sections 3.2, 3.3 and 4.
#pragma once

#include <string>
#include <vector>

#include "connectors/hubspot/wire.h"

namespace baton::hubspot {

// A note that HubSpot may not show yet is waited for, `settle` long.
sdk::Lookup look_for_note(const Paths& paths, const Timeline& timeline, const std::string& external_id,
                          Duration settle);

}  // namespace baton::hubspot
