// Purpose: the two ways in which the process ends itself. BATON_CHECK: an invariant of ours is
// broken. die(): the world broke a promise that we built on (the disk refuses a commit).
// The journal makes both safe: the restart continues from the last commit.
// Bad input never comes here; it is a Failure.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace baton {

// What the process's exit status says to whoever restarts it.
enum class ExitCode : int {
  ok = 0,
  finding = 1,
  usage = 2,
  unreachable = 3,
  refused = 4,
  journal_failed = 70,   // a write or fsync failed: nothing after the last 202 was promised
  journal_newer = 71,    // the store was written by a newer Baton
  store_in_use = 72,     // another process owns the store
  secrets_failed = 73,   // the root key is missing or the wrong one
};

// Ends the process at once, without destructors: what is in memory can no longer be trusted.
[[noreturn]] inline void die(ExitCode code, std::string_view why) {
  std::fprintf(stderr, "baton: %.*s\n", static_cast<int>(why.size()), why.data());
  std::fflush(stderr);
  ::_exit(static_cast<int>(code));
}

}  // namespace baton

#define BATON_CHECK(condition)                                                               \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
