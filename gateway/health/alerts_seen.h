// Purpose: what the alert station looks at, as plain values: the counters that other parts keep, read every
// few seconds (Readings), and what follows from them and from the journal (Seen), of which conditions are
// made. Owner: whoever fills it; app/ reads the stations, the alert station the journal. Threads: plain
// values. Units: as named. Errors: none; what is not known is absent, and absent never raises anything.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/model/lane.h"

namespace baton::alerts {

// A lane's counters since its station started. They may begin at nought again at any time.
struct LaneReading {
  DestinationId id;
  std::string vendor;                     // two accounts at one vendor may fail together
  std::uint64_t served = 0;               // attempts in which the vendor was there
  std::uint64_t unserved = 0;             // and in which it was not
  std::uint64_t died = 0;                 // deliveries that became dead letters
  std::array<std::uint64_t, 7> failed{};  // by FailureKind
  std::string last_failure;               // redacted, in the words of delivery
  bool breaker_open = false;
  std::optional<LaneState> pause;  // in force
  std::optional<TimePoint> credential_ends;
};

// The machine and the process.
struct HostReading {
  std::optional<double> disk_free;            // share, 0 to 1
  std::optional<TimePoint> certificate_ends;  // of the public listener
  std::optional<Duration> clock_error;        // at most that far from true time
  std::string reload_failed;                  // why the files were not taken; empty: they were
};

struct Readings {
  std::vector<LaneReading> lanes;
  std::vector<std::string> sources;
  HostReading host;
};

struct Share {
  int of = 0;
  int bad = 0;
  double value() const { return of == 0 ? 0 : static_cast<double>(bad) / of; }
};

struct DestinationSeen {
  DestinationId id;
  std::string vendor;
  bool channel = false;          // alerts travel there, handoffs do not
  std::array<Share, 5> failing;  // attempts, in the windows of kWindows
  int failures_in_row = 0;
  std::optional<TimePoint> failing_since;  // the first of that row
  std::optional<TimePoint> last_failure_at;
  std::string last_failure;
  std::optional<TimePoint> breaker_open_since;
  std::optional<LaneState> pause;
  std::optional<TimePoint> oldest_pending;
  std::uint64_t pending = 0;
  int died = 0;                 // dead letters in the last hour
  int limited = 0;              // answers "too many" in the last half hour
  int refused_credentials = 0;  // in the last ten minutes
  std::optional<TimePoint> credential_ends;
  Share incomplete;                          // context asked for in the last hour; bad: none, or too late
  std::optional<double> usually_incomplete;  // share, learnt
};

struct SourceSeen {
  std::string name;
  std::optional<TimePoint> last_event;
  double expected_since = 0;                // events that a usual week has had since the last one
  std::optional<Duration> longest_silence;  // configured
  int last_hour = 0;                        // events
  double expected_hour = 0;                 // in a usual week; 0: not learnt
};

struct StuckSeen {
  std::string state;
  int count = 0;
  HandoffId example;
  TimePoint since;          // of the longest
  DestinationId waits_for;  // whose answer would move it on; may be empty
};

struct Seen {
  std::vector<DestinationSeen> destinations;
  std::vector<SourceSeen> sources;
  std::vector<StuckSeen> stuck;
  HostReading host;
};

// The windows in which attempts are counted.
inline constexpr auto kWindows =
    std::to_array<Duration>({Duration{5min}, Duration{10min}, Duration{30min}, Duration{1h}, Duration{6h}});

}  // namespace baton::alerts
