// Purpose: chance as a port; a test gives a seed. Owner: app/ makes one per loop.
// Threads: one loop.
#pragma once

#include <cstdint>
#include <random>

#include "gateway/base/time.h"

namespace baton {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // Uniform over 0..longest, both included.
  Duration up_to(Duration longest) {
    return Duration{std::uniform_int_distribution<Duration::rep>(0, longest.count())(engine_)};
  }
  std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace baton
