// Purpose: how long things took, counted in fixed classes: what /metrics shows and percentiles are read from.
// Owner: whoever counts. Threads: a plain value. Units: microseconds; each table of bounds says for what.
// Errors: none. A percentile is right within its class, which is what a page of health needs.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "gateway/base/time.h"

namespace baton {

class Histogram {
 public:
  using Took = std::chrono::microseconds;
  static constexpr std::size_t kMostBounds = 16;

  // Machines: from a commit on a fast disk to the longest attempt.
  static constexpr auto kMachines = std::to_array<Took>(
      {500us, 1ms, 2500us, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s, 30s, 60s});
  // People: from a click to a day.
  static constexpr auto kPeople =
      std::to_array<Took>({5s, 15s, 30s, 1min, 2min, 5min, 10min, 20min, 30min, 1h, 2h, 4h, 8h, 24h});

  // The table must outlive it, as those above do.
  explicit Histogram(std::span<const Took> bounds = kMachines) : bounds_(bounds) {}

  void add(Took took) {
    took = std::max(took, Took{0});  // a clock that was set back
    const auto at = std::ranges::lower_bound(bounds_, took) - bounds_.begin();
    ++counts_[static_cast<std::size_t>(at)];
    sum_ += took;
  }
  // Precondition: the same table.
  Histogram& operator+=(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    sum_ += other.sum_;
    return *this;
  }

  std::span<const Took> bounds() const { return bounds_; }
  std::uint64_t count_in(std::size_t at) const { return counts_[at]; }  // bounds().size(): above the last
  Took sum() const { return sum_; }
  std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const auto one : counts_) all += one;
    return all;
  }

  // How long the share `of` of them took at most; what lies above the last bound is reported as that bound.
  std::optional<Took> percentile(double of) const {
    const auto all = static_cast<double>(count());
    if (all == 0) return std::nullopt;
    const double wanted = std::clamp(of, 0.0, 1.0) * all;
    double below = 0;
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      const auto here = static_cast<double>(counts_[i]);
      if (here > 0 && below + here >= wanted) {
        const auto from = i == 0 ? Took{0} : bounds_[i - 1];
        const double part = (wanted - below) / here;
        return from + Took{static_cast<Took::rep>(static_cast<double>((bounds_[i] - from).count()) * part)};
      }
      below += here;
    }
    return bounds_.back();
  }

 private:
  std::span<const Took> bounds_;
  std::array<std::uint64_t, kMostBounds + 1> counts_{};
  Took sum_{0};
};

}  // namespace baton
