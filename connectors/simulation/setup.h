// Purpose: reads a simulated account's Setup. Owner: a vendor's constructor. Threads: any.
// Errors: none; a value that cannot be read counts as absent, because a demo must start.
#pragma once

#include <string>
#include <string_view>

#include "connectors/simulation/simulation.h"

namespace baton::simulation {

std::string text_of(const Setup& setup, std::string_view key, std::string_view fallback);
int number_of(const Setup& setup, std::string_view key, int fallback);
// "1", "true", "yes" or "on", and their opposites.
bool flag_of(const Setup& setup, std::string_view key, bool fallback);
Duration seconds_of(const Setup& setup, std::string_view key, int fallback_seconds);

// "limits": "off" lifts every rate limit of every vendor: then this answers 0, which Window and
// Bucket take for "no limit".
int limit_of(const Setup& setup, std::string_view key, int fallback);

// The JSON under "seed", or `fallback` if there is none or it cannot be read.
nlohmann::json seed_of(const Setup& setup, std::string_view fallback);

}  // namespace baton::simulation
