// Purpose: points in time as people write them and as strftime formats them. No clock: "now" comes in.
// Owner: values. Threads: any; the system's time zone data is read on first use and kept by its library.
// Units: seconds since 1970 UTC; offsets are seconds east. Errors: nullopt for what is no time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/time.h"

namespace baton::mappings {

struct Moment {
  std::int64_t seconds = 0;  // since 1970 UTC
  std::int32_t nanoseconds = 0;
  std::int32_t offset = 0;   // of the local time that is shown
  std::string zone = "UTC";  // its name, "CET"; empty where only the offset is known
};

Moment moment_of(TimePoint at);
// "now" and "today", seconds since 1970, ISO 8601, RFC 2822, "March 14, 2016 10:15". An offset in the
// text is kept; without one it is UTC.
std::optional<Moment> parse_moment(std::string_view text, TimePoint now);
// The same instant in an IANA zone; nullopt if there is no such zone.
std::optional<Moment> in_zone(const Moment& moment, std::string_view zone);

// Ruby's strftime with its flags (-, 0, ^, #, _, :) and widths; what it does not know stays as it is.
std::string format_moment(const Moment& moment, std::string_view format);

}  // namespace baton::mappings
