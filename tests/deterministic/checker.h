// Purpose: the model checker. It reads what the vendors held and heard, and what the journal holds in the
// end, and says what was broken of the promises D3, D4, D5, D7, D11 and O5. It knows nothing of how Baton
// works. Owner: a test. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "tests/deterministic/world.h"

namespace baton::deterministic {

struct Report {
  std::vector<std::string> broken;  // in words; empty: all was kept
  // What the world was like, so that a calm one is not taken for a proof.
  int done = 0;
  int dead = 0;
  int pending = 0;
  int requests = 0;
  int retries = 0;
};

Report check(const World& world);

}  // namespace baton::deterministic
