#include "gateway/handoff/wait.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace baton::handoff {
namespace {

// Upper ends of the steps: fine where minutes matter, coarse where only hours do. The last step takes the
// rest.
constexpr auto kEnds = std::to_array<Duration>(
    {5s,   10s,   15s,   20s,   30s,   45s,   60s,   90s, 2min,  150s, 3min, 4min, 5min, 6min,
     8min, 10min, 12min, 15min, 20min, 30min, 45min, 1h,  90min, 2h,   4h,   8h,   24h,  7 * 24h});
static_assert(kEnds.size() == WaitTimes::kSteps);
static_assert(std::ranges::is_sorted(kEnds));

std::size_t step_of(Duration waited) {
  const auto found = std::ranges::lower_bound(kEnds, waited);
  return std::min<std::size_t>(static_cast<std::size_t>(found - kEnds.begin()), kEnds.size() - 1);
}

template <class Counts>
std::uint64_t total(const Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

// The wait that `percent` of the samples did not exceed, straight between the ends of its step.
template <class Counts>
Duration percentile(const Counts& counts, std::uint64_t percent) {
  const double wanted = static_cast<double>(total(counts) * percent) / 100;
  double below = 0;
  for (std::size_t step = 0; step < counts.size(); ++step) {
    const auto here = static_cast<double>(counts[step]);
    if (here > 0 && below + here >= wanted) {
      const auto from = step == 0 ? Duration{0} : kEnds[step - 1];
      const auto width = static_cast<double>((kEnds[step] - from).count());
      return from + Duration{static_cast<Duration::rep>(width * (wanted - below) / here)};
    }
    below += here;
  }
  return Duration{0};
}

int hour_in_range(int hour) { return std::clamp(hour, 0, WaitTimes::kHours - 1); }

constexpr std::size_t kDeepest = 1'000'000;  // positions, so that the product stays a number

std::optional<std::uint64_t> samples_of(JsonView view) {
  const auto value = view.integer();
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

nlohmann::json accuracy_json(const Accuracy& accuracy) {
  return {{"told", accuracy.told},
          {"within", accuracy.within},
          {"sooner", accuracy.sooner},
          {"later", accuracy.later},
          {"missed_ms", accuracy.missed.count()}};
}

std::optional<Accuracy> read_accuracy(JsonView view) {
  const auto told = samples_of(view["told"]), within = samples_of(view["within"]),
             sooner = samples_of(view["sooner"]), later = samples_of(view["later"]),
             missed = samples_of(view["missed_ms"]);
  if (!told || !within || !sooner || !later || !missed) return std::nullopt;
  return Accuracy{*told, *within, *sooner, *later, Duration{static_cast<Duration::rep>(*missed)}};
}

Failure malformed(std::string_view what) {
  return Failure(FailureKind::rejected, "the stored wait times are not ours: " + std::string(what) +
                                            "; take them away, and estimates start anew");
}

}  // namespace

std::optional<Duration> Accuracy::mean_miss() const {
  if (told == 0) return std::nullopt;
  return missed / static_cast<Duration::rep>(told);
}

std::optional<double> Accuracy::share_later() const {
  if (told == 0) return std::nullopt;
  return static_cast<double>(later) / static_cast<double>(told);
}

WaitTimes::OfTeam* WaitTimes::of(std::string_view team) {
  const auto found = teams_.find(team);
  if (found != teams_.end()) return &found->second;
  if (teams_.size() >= kMaxTeams) return nullptr;
  return &teams_[std::string(team)];
}

void WaitTimes::record(std::string_view team, int hour_of_week, std::size_t position, Duration waited) {
  auto* kept = of(team);
  if (!kept) return;
  const auto places = static_cast<Duration::rep>(std::clamp<std::size_t>(position, 1, kDeepest));
  auto& counts = kept->hours[hour_in_range(hour_of_week)];
  ++counts[step_of(std::max(waited, Duration{0}) / places)];
  if (total(counts) < kMany) return;
  for (auto& count : counts) count /= 2;
}

std::optional<WaitRange> WaitTimes::estimate(std::string_view team, int hour_of_week,
                                             std::size_t position) const {
  const auto kept = teams_.find(team);
  if (kept == teams_.end()) return std::nullopt;
  const int hour = hour_in_range(hour_of_week);
  std::array<std::uint64_t, kSteps> exact{}, daily{};
  for (const auto& [other, counts] : kept->second.hours) {
    if (other % 24 != hour % 24) continue;
    for (std::size_t step = 0; step < kSteps; ++step) {
      daily[step] += counts[step];
      if (other == hour) exact[step] += counts[step];
    }
  }
  const bool enough = total(exact) >= kEnough;
  const auto& used = enough ? exact : daily;
  if (total(used) < kEnough) return std::nullopt;
  const auto places = static_cast<Duration::rep>(std::clamp<std::size_t>(position, 1, kDeepest));
  WaitRange range;
  range.low = percentile(used, 50) * places;
  range.high = percentile(used, 80) * places;
  range.basis = enough ? Basis::hour_of_week : Basis::hour_of_day;
  range.samples = total(used);
  return range;
}

void WaitTimes::judge(std::string_view team, const WaitRange& told, Duration waited) {
  auto* kept = of(team);
  if (!kept) return;
  auto& accuracy = kept->accuracy;
  ++accuracy.told;
  if (waited < told.low) ++accuracy.sooner, accuracy.missed += told.low - waited;
  else if (waited > told.high) ++accuracy.later, accuracy.missed += waited - told.high;
  else ++accuracy.within;
}

Accuracy WaitTimes::accuracy(std::string_view team) const {
  const auto kept = teams_.find(team);
  return kept == teams_.end() ? Accuracy() : kept->second.accuracy;
}

nlohmann::json WaitTimes::to_json() const {
  auto teams = nlohmann::json::object();
  for (const auto& [team, kept] : teams_) {
    auto hours = nlohmann::json::object();
    for (const auto& [hour, counts] : kept.hours) hours[std::to_string(hour)] = counts;
    teams[team] = {{"hours", hours}, {"accuracy", accuracy_json(kept.accuracy)}};
  }
  return {{"version", 1}, {"teams", teams}};
}

Result<WaitTimes> WaitTimes::from_json(JsonView document) {
  WaitTimes times;
  if (document["version"].integer() != 1) return malformed("another version");
  const auto teams = document["teams"];
  if (!teams.object() || teams.raw()->size() > kMaxTeams) return malformed("no teams, or too many");
  for (const auto& [team, value] : teams.raw()->items()) {
    auto& kept = times.teams_[team];
    const auto hours = JsonView(value)["hours"];
    const auto accuracy = read_accuracy(JsonView(value)["accuracy"]);
    if (!hours.object() || !accuracy) return malformed("the team " + team);
    kept.accuracy = *accuracy;
    for (const auto& [key, list] : hours.raw()->items()) {
      int hour = -1;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), hour);
      const auto counts = JsonView(list).list();
      const bool sound = error == std::errc() && end == key.data() + key.size() && hour >= 0 && hour < kHours;
      if (!sound || !counts || counts->size() != kSteps) return malformed("the hour " + key + " of " + team);
      for (std::size_t step = 0; step < kSteps; ++step) {
        const auto count = samples_of((*counts)[step]);
        if (!count || *count > kMany) return malformed("a count of " + team);
        kept.hours[hour][step] = static_cast<std::uint32_t>(*count);
      }
    }
  }
  return times;
}

}  // namespace baton::handoff
