// Purpose: Maintenance on a MemoryStore. Owner: memory.cc. Threads: one loop. Errors: none.
#pragma once

#include "gateway/journal/memory/memory.h"

namespace baton {

Swept sweep(MemoryStore& store, const Cutoffs& before, SweepPlace from, int limit);
Erased erase(MemoryStore& store, const Person& person, TimePoint now);

}  // namespace baton
