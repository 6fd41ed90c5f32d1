// Purpose: what attempts at a destination came to, and how far those came that failed. Plain values.
// Owner: delivery counts, health judges. Threads: plain values. Units: as Histogram says.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "gateway/base/histogram.h"
#include "gateway/base/result.h"

namespace baton {

// How far an attempt had come when it ended.
enum class Stage {
  ours,        // nothing was asked: our journal, our rate budget, our time
  mapping,     // the order could not be made of the handoff
  credential,  // the request could not be authorised
  connection,  // no whole answer came
  answer,      // the vendor answered
};

inline constexpr auto kStageNames =
    std::to_array<std::string_view>({"ours", "mapping", "credential", "connection", "answer"});
constexpr std::string_view name(Stage stage) { return kStageNames[static_cast<std::size_t>(stage)]; }

inline constexpr std::size_t kFailureKinds = 7;
static_assert(static_cast<std::size_t>(FailureKind::misconfigured) + 1 == kFailureKinds);

struct Tally {
  using ByKind = std::array<std::uint32_t, kFailureKinds>;

  std::uint32_t succeeded = 0;
  std::array<ByKind, kStageNames.size()> failed{};  // by Stage, by FailureKind
  Histogram took;
  std::uint32_t parts_known = 0;   // of the answers to reads: what this destination ever told of a customer
  std::uint32_t parts_filled = 0;  // how much of that was in them

  std::uint32_t& failed_at(Stage stage, FailureKind kind) {
    return failed[static_cast<std::size_t>(stage)][static_cast<std::size_t>(kind)];
  }
  std::uint32_t failed_at(Stage stage, FailureKind kind) const {
    return failed[static_cast<std::size_t>(stage)][static_cast<std::size_t>(kind)];
  }
  std::uint32_t failures(Stage stage) const {
    std::uint32_t all = 0;
    for (const auto one : failed[static_cast<std::size_t>(stage)]) all += one;
    return all;
  }
  std::uint32_t failures() const {
    std::uint32_t all = 0;
    for (std::size_t stage = 0; stage < failed.size(); ++stage) all += failures(static_cast<Stage>(stage));
    return all;
  }
  std::uint32_t attempts() const { return succeeded + failures(); }

  Tally& operator+=(const Tally& other) {
    succeeded += other.succeeded;
    for (std::size_t stage = 0; stage < failed.size(); ++stage) {
      for (std::size_t kind = 0; kind < kFailureKinds; ++kind)
        failed[stage][kind] += other.failed[stage][kind];
    }
    took += other.took;
    parts_known += other.parts_known;
    parts_filled += other.parts_filled;
    return *this;
  }
};

}  // namespace baton
