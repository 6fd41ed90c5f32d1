// Purpose: how the store is doing, for /metrics and health. Plain value.
// Units: bytes and microseconds, as named.
#pragma once

#include <cstdint>

#include "gateway/base/histogram.h"

namespace baton {

struct JournalFigures {
  Histogram commits;          // a group each: how long its transaction took, fsync included
  std::uint64_t batches = 0;  // in those groups
  std::uint64_t failed = 0;   // groups that could not be committed
  std::uint64_t damaged = 0;  // rows set aside
  std::size_t queued = 0;     // what waits for the next group
  std::size_t queued_bytes = 0;
  std::uint64_t free_bytes = 0;  // on its disk
  std::uint64_t disk_bytes = 0;
};

}  // namespace baton
