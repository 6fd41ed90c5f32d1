// Purpose: deliberate faults of our own, which stand at the spots where somebody might make them, so that
// tests/mutants.sh can see the tests fail. In everything that is shipped BATON_MUTANT(x) is the constant
// false. A build with the option BATON_MUTANTS asks the environment variable BATON_MUTANT, once per process,
// which one of them is alive.
// Owner: nobody. Threads: any. Errors: an unknown name is alive nowhere; the script refuses it.
//
// Only in .cc files: what bears one is compiled twice, and a header would be two things in one program.
#pragma once

#ifdef BATON_MUTANTS

#include <cstdlib>
#include <string_view>

namespace baton {

inline bool is_mutant(std::string_view name) {
  static const char* const alive = std::getenv("BATON_MUTANT");
  return alive != nullptr && name == alive;
}

}  // namespace baton

#define BATON_MUTANT(name) ::baton::is_mutant(#name)

#else

#define BATON_MUTANT(name) false

#endif
