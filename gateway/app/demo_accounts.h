// Purpose: the simulated accounts of the demo as its configuration names them, and who gets which handoff.
// Pure. Owner: the demo. Threads: any. Errors: none.
#pragma once

#include <string>

namespace baton::app {

// The entries of `destinations`: one at each simulated vendor below `vendors_url`.
std::string demo_destinations(const std::string& vendors_url);

// `teams` and `routes`: most handoffs become Zendesk tickets; those of the store, of contracts and of the
// mobile app go to other desks.
std::string demo_routes();

}  // namespace baton::app
