// Purpose: a sealed store that is older than the one this journal last saw is refused: somebody put a file
// back, and secrets that were rotated since would be valid again (secrets/sealed_store.h, "Rollback").
// Owner: the gateway, before it serves and when it has read its files again. Threads: the journal's loop.
// Errors: `misconfigured` for an older one, with what to do; the journal's own.
#pragma once

#include <cstdint>

#include "gateway/journal/journal.h"

namespace baton::app {

// `accept_older`: the operator restored a backup on purpose.
Task<Done> remember_secrets(Journal& journal, std::uint64_t version, bool accept_older);

}  // namespace baton::app
