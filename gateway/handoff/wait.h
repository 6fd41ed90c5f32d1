// Purpose: how long a customer will wait, from how long others waited: a range, or nothing when we do not
// know. And how far what we said was from what happened.
// Owner: whoever keeps the figures writes them (to_json) and reads them back. Threads: one at a time.
// Units: milliseconds while the team works: add Team::next_open yourself, and measure with
// Calendar::open_between. Hours of the week are Calendar::hour_of_week, local.
// Errors: from_json gives a Failure for what to_json did not write.
//
// A sample is a time to claim divided by the position at which its wait began, so that a crowded
// afternoon and a quiet one tell the same about one place in the queue; a range is multiplied by the
// position again. Of each hour of the week only counts per step of the scale are kept, and they are halved
// when they become many: memory is bounded, and what was long ago fades.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"
#include "gateway/base/result.h"
#include "gateway/base/time.h"

namespace baton::handoff {

// What the figures come from; the first that has enough samples.
enum class Basis {
  hour_of_week,  // Mondays from 9 to 10
  hour_of_day,   // every day from 9 to 10
};
inline constexpr auto kBasisNames = std::to_array<std::string_view>({"hour_of_week", "hour_of_day"});
constexpr std::string_view name(Basis basis) { return kBasisNames[static_cast<std::size_t>(basis)]; }

// Half of those before waited at most `low`, eight of ten at most `high`.
struct WaitRange {
  Duration low{};
  Duration high{};
  Basis basis = Basis::hour_of_week;
  std::uint64_t samples = 0;
};

// What became of the ranges that were told.
struct Accuracy {
  std::uint64_t told = 0;
  std::uint64_t within = 0;  // the claim came within the range
  std::uint64_t sooner = 0;
  std::uint64_t later = 0;  // the promise that hurts
  Duration missed{};        // sum of the distances to the nearer end; 0 within

  // Per range that was told; nothing before the first.
  std::optional<Duration> mean_miss() const;
  std::optional<double> share_later() const;
};

class WaitTimes {
 public:
  static constexpr std::uint64_t kEnough = 20;  // below it the wait is unknown
  static constexpr std::size_t kMaxTeams = 1'000;
  static constexpr std::uint32_t kMany = 1'000;  // samples of one hour of the week before they are halved
  static constexpr int kHours = 168;
  static constexpr std::size_t kSteps = 28;

  // `waited` from the request to the claim while the team worked. Also of one who gave up, for leaving
  // them out would make every wait look short. Out-of-range arguments are moved into range; teams beyond
  // kMaxTeams are not kept.
  void record(std::string_view team, int hour_of_week, std::size_t position, Duration waited);

  // Nothing is "unknown", and is to be told as that.
  std::optional<WaitRange> estimate(std::string_view team, int hour_of_week, std::size_t position) const;

  // A range that was told to a customer, and what came.
  void judge(std::string_view team, const WaitRange& told, Duration waited);
  Accuracy accuracy(std::string_view team) const;

  nlohmann::json to_json() const;
  static Result<WaitTimes> from_json(JsonView document);

 private:
  using Counts = std::array<std::uint32_t, kSteps>;
  struct OfTeam {
    std::map<int, Counts> hours;  // by hour of the week
    Accuracy accuracy;
  };

  OfTeam* of(std::string_view team);

  std::map<std::string, OfTeam, std::less<>> teams_;
};

}  // namespace baton::handoff
