// Purpose: `baton demo`: simulated vendors and a gateway as processes of their own, handoffs of many
// kinds played through them, a kill -9 in the middle of a write, and at the end what the vendors'
// own ledgers hold.
// Owner: the command. Threads: one; everything else is a child process. Errors: said, with the path of
// the log; the exit code is `finding` if anything was lost or doubled.
#pragma once

#include <string>

#include "gateway/app/cli.h"

namespace baton::app {

struct DemoOptions {
  bool keep = false;
  bool no_lookups = false;
  bool plain = false;
  std::string directory;
};

ExitCode demo(const DemoOptions& options);

}  // namespace baton::app
