#include "gateway/app/observe.h"

#include <filesystem>
#include <system_error>

#include <sys/timex.h>

namespace baton::app {
namespace {

alerts::LaneReading read_lane(const sdk::Account& account, delivery::LaneControl& lane, TimePoint now) {
  const auto& figures = lane.figures();
  alerts::LaneReading reading;
  reading.id = account.id;
  reading.vendor = account.connector->manifest().name;
  reading.served = figures.served;
  reading.unserved = figures.unserved;
  reading.died = figures.died;
  reading.failed = figures.failed;
  reading.last_failure = figures.last_failure_detail;
  reading.breaker_open = lane.breaker().state() != delivery::Breaker::State::closed;
  if (lane.paused(now)) reading.pause = lane.asked();
  reading.credential_ends = account.credential_ends;
  return reading;
}

std::optional<double> disk_free(const std::string& directory) {
  std::error_code failed;
  const auto space = std::filesystem::space(directory, failed);
  if (failed || space.capacity == 0) return std::nullopt;
  return static_cast<double>(space.available) / static_cast<double>(space.capacity);
}

// What the kernel's own discipline says; where nobody disciplines the clock nothing is known but that it was
// set while we ran: our own time does not follow a jump.
std::optional<Duration> clock_error(TimePoint now) {
  const auto set = std::chrono::abs(std::chrono::floor<Duration>(std::chrono::system_clock::now()) - now);
  timex state{};
  const bool known = ::adjtimex(&state) != -1 && (state.status & STA_UNSYNC) == 0;
  if (!known) return set > 1s ? std::optional(set) : std::nullopt;
  return std::max(set, std::chrono::duration_cast<Duration>(std::chrono::microseconds(state.esterror)));
}

}  // namespace

alerts::Readings observe(const Installation& in, delivery::Station& delivery,
                         const std::string& reload_failed, TimePoint now) {
  alerts::Readings readings;
  for (const auto& [id, account] : in.accounts) {
    if (auto* lane = delivery.control(id)) readings.lanes.push_back(read_lane(*account, *lane, now));
  }
  for (const auto& [name, source] : in.sources) readings.sources.push_back(name);
  readings.host.disk_free = disk_free(in.options.data_dir);
  readings.host.certificate_ends = in.certificate_ends;
  readings.host.clock_error = clock_error(now);
  readings.host.reload_failed = reload_failed;
  return readings;
}

}  // namespace baton::app
