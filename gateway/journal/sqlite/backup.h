// Purpose: a copy of the store as it is at one moment, made while its owner writes on; and what is in a
// store, read without owning it.
// Owner: whoever calls it. Threads: any; each call has connections of its own and takes as long as the
// store is large.
// Errors: `retryable` if the disk is full, `stop` was asked for, or the file is busy; `misconfigured` if it
// is no store of Baton's or cannot be read; `rejected` if a newer Baton wrote it.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "gateway/base/result.h"
#include "gateway/journal/sqlite/fsck.h"

namespace baton {

// `to` must not exist; what a failed copy leaves of it is removed. It is on the disk when this answers.
// `vfs` is for tests: one that injects faults into the copy.
Result<Done> copy_store(const std::string& directory, const std::string& to, std::stop_token stop = {},
                        const std::string& vfs = {});

struct StoreContents {
  int schema = 0;
  std::uint64_t handoffs = 0, open = 0, facts = 0, jobs = 0, documents = 0, audit = 0;
  FsckReport report;
};

// Every row is looked at, nothing is changed.
Result<StoreContents> examine_store(const std::string& file);

// Whether a process owns the store: then it is the one to ask for a change.
bool store_is_owned(const std::string& directory);

}  // namespace baton
