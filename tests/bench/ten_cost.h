// Purpose: what one handoff to ten destinations costs, all in one process: one station, one journal, ten
// accounts at their simulated vendors. Owner: bench_connector_cost. Threads: one. Units: microseconds of CPU.
#pragma once

namespace baton::contract {

// Each of `rounds` handoffs after the first, which obtains the tokens; the least of each destination is
// printed.
void measure_ten(int rounds);

}  // namespace baton::contract
