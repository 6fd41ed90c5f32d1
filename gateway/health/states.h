// Purpose: how well a destination or a source is, whose fault it is if it is not, and what a person does
// then: decided from evidence alone. Owner: the API's /v1/health, /metrics. Threads: any; pure. Units: as
// named. Errors: none.
//
// A state is about now, so it is judged by the last five minutes; an hour is what they are compared with.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/model/ids.h"
#include "gateway/model/lane.h"
#include "gateway/model/tally.h"

namespace baton::health {

enum class State {
  ok,
  unknown,   // nothing was asked of it lately
  degraded,  // it works, but not as it should
  paused,    // a person, or the vendor, asked us to wait
  parked,    // nothing will work until a person changes something
  down,
};
inline constexpr auto kStateNames =
    std::to_array<std::string_view>({"ok", "unknown", "degraded", "paused", "parked", "down"});
constexpr std::string_view name(State state) { return kStateNames[static_cast<std::size_t>(state)]; }

enum class Fault {
  nobody,
  unclear,     // it is not well, and nothing says why
  ours,        // this machine, its disk, our configuration
  network,     // between us and all of them
  credential,  // refused, expired, or not allowed enough
  vendor,      // it answers with errors, or not at all while others do
  mapping,     // what we send is not what it takes
};
inline constexpr auto kFaultNames = std::to_array<std::string_view>(
    {"nobody", "unclear", "ours", "network", "credential", "vendor", "mapping"});
constexpr std::string_view name(Fault fault) { return kFaultNames[static_cast<std::size_t>(fault)]; }

// What waits for a destination in the journal.
struct Backlog {
  std::uint64_t pending = 0;
  std::uint64_t dead = 0;
  std::optional<TimePoint> oldest;  // of the pending ones: when it was planned
};

struct Evidence {
  DestinationId id;
  std::string connector;
  std::string base_url;  // destinations with one host fail together
  Tally minutes5, hour;
  std::string breaker;             // closed, open or probing
  std::optional<LaneState> pause;  // the one in force
  std::optional<TimePoint> last_success, last_failure;
  std::string last_failure_detail;
  std::optional<int> quota_remaining;  // as the vendor counts
  std::optional<TimePoint> quota_resets_at, quota_at;
  int tokens = 0;  // of our own rate budget
  std::optional<TimePoint> credential_since, credential_expires_at;
  bool credential_renews = false;  // by itself, ahead of its end
  std::optional<Backlog> backlog;  // nothing: the journal could not say
};

// What the others tell about this one.
struct Around {
  int hosts_asked = 0;        // other hosts asked within five minutes
  int hosts_unreachable = 0;  // of those: no answer from any
  bool store_works = true;
};
Around around(const Evidence& one, std::span<const Evidence> all, bool store_works);

struct Diagnosis {
  State state = State::ok;
  Fault fault = Fault::nobody;
  std::string reason;  // one sentence
  std::string remedy;  // what a person does; empty: nothing
};

// Whose fault the failures of this tally are; nobody, if there are none.
Fault fault_of(const Tally& tally, const Around& around);

Diagnosis diagnose(const Evidence& evidence, const Around& around, TimePoint now);

struct SourceEvidence {
  std::string name;
  std::uint64_t accepted = 0, duplicates = 0, refused = 0;  // since the start
  std::optional<TimePoint> last_event;                      // the latest accepted one
};
Diagnosis diagnose(const SourceEvidence& evidence, TimePoint now);

// Failures among attempts; what the vendor only put off is none. Nothing if there were no attempts.
std::optional<double> error_rate(const Tally& tally);
// How much of what this destination has ever told its answers still hold.
std::optional<double> completeness(const Tally& tally);
// "14 min", "3 h": rounded as a person says it.
std::string spoken(Duration length);

}  // namespace baton::health
