#include "gateway/base/uuid.h"

#include <array>
#include <cstdint>

namespace baton {

std::string make_id(std::string_view prefix, TimePoint now, Random& random) {
  const auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  const std::uint64_t high = (milliseconds << 16) | 0x7000u | (random.bits() & 0x0fffu);
  const std::uint64_t low = (random.bits() >> 2) | (std::uint64_t{2} << 62);

  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id(prefix);
  id += '_';
  for (const auto half : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) id += kDigits[(half >> shift) & 0xfu];
  }
  return id;
}

}  // namespace baton
