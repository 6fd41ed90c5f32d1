// Purpose: what a batch does to a MemoryStore: first whether it may, then doing it.
// Owner: memory.cc. Threads: one loop. Errors: a verdict; nothing is written unless it is `done`.
#pragma once

#include "gateway/journal/memory/memory.h"

namespace baton {

// Precondition of apply(): the verdict is `done`.
Committed judge(const MemoryStore& store, const Batch& batch);
void apply(MemoryStore& store, Batch batch);

}  // namespace baton
