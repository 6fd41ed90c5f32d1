// Purpose: instants as people and vendors write them. Pure. Threads: any. Units: UTC.
// Errors: parse_rfc3339 returns nullopt for anything else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/time.h"

namespace baton {

std::string to_rfc3339(TimePoint at);  // 2026-09-01T10:15:29.120Z
std::optional<TimePoint> parse_rfc3339(std::string_view text);

}  // namespace baton
