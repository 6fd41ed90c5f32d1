// Purpose: how a SQLite journal is opened. Plain values; every default loses nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace baton {

struct SqliteOptions {
  // Free and whole size of the disk, in bytes.
  struct Space {
    std::uint64_t free = 0;
    std::uint64_t whole = 0;
  };

  std::string directory;  // on a local file system; made if it is not there

  // Below either, no new handoff is opened: what is accepted can still be carried out.
  std::uint64_t min_free_bytes = 512ULL << 20;
  int min_free_percent = 5;
  std::uint64_t reserve_bytes = 64ULL << 20;  // preallocated, given up when the disk is full

  int max_queued = 1024;  // commits and claims; more are refused
  std::size_t max_queued_bytes = 32ULL << 20;
  int max_group = 256;                        // commits and claims that share one transaction
  // Records kept decoded, which take some five times as much: what is to be planned, and three times as much of
  // handoffs. Each is claimed half a dozen times, by one lane after the other: what is driven out before the last
  // of them is parsed as often.
  std::size_t max_cached_bytes = 4ULL << 20;

  int checkpoint_pages = 1000;  // the log's length at which it is written back

  // For tests only.
  std::string vfs;                        // a registered one that injects faults
  bool sync = true;                       // false: acknowledged commits may be lost with the power
  std::function<void()> after_statement;  // of a migration
  std::function<Space()> space;           // instead of asking the disk
};

}  // namespace baton
