// Purpose: what is wrong, from what was seen: each condition that holds now, how bad it is, on what evidence,
// and whose fault it is. Pure: no clock, no memory; alerting.h makes alerts of it over time. Owner: the alert
// station. Threads: any. Errors: none; what is not known raises nothing.
//
// An objective of 99 % leaves 1 % for failures. Attempts burn that budget at a rate; a destination is
// degraded while it burns it many times too fast, in a long window, so that it matters, and in a short one,
// so that it is still so. A window with few attempts says nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/health/alerts_seen.h"

namespace baton::alerts {

enum class Severity { warning, critical };
enum class Fault { ours, network, credential, vendor, mapping, unknown };

// What makes conditions one alert: whoever mends the one has mended the others.
enum class Cause {
  availability,  // of a destination: late deliveries and dead letters follow from it
  credential,
  mapping,
  quota,
  completeness,
  handoffs,
  traffic,  // of a source
  network,  // of ours
  disk,
  certificate,
  clock,
  configuration,
};

enum class Kind {
  late,
  dead_letters,
  degraded,
  breaker_open,
  down,  // of one cause the later one says more
  rejected,
  credential_ends,
  credential_refused,
  rate_limited,
  incomplete,
  stuck,
  spike,
  silent,
  network_down,
  disk_full,
  certificate_ends,
  clock_off,
  reload_failed,
};

std::string_view name(Severity severity);
std::string_view name(Fault fault);
std::string_view name(Cause cause);
std::string_view name(Kind kind);

struct Condition {
  Condition(Kind kind_in, Cause cause_in, Severity severity_in, std::string about_in, std::string evidence_in,
            Fault fault_in)
      : kind(kind_in), cause(cause_in), severity(severity_in), about(std::move(about_in)),
        evidence(std::move(evidence_in)), fault(fault_in) {}

  std::string key() const { return about + "/" + std::string(name(cause)); }

  Kind kind;
  Cause cause;
  Severity severity;
  std::string about;  // "destination/zendesk", "source/shop-chat", "gateway"
  std::string evidence;
  Fault fault;
  DestinationId waits_for;  // of stuck handoffs: hidden while this one is down
};

// What is still fine; all of it can be configured.
struct Limits {
  double objective = 0.99;  // of attempts that find the vendor there
  Duration oldest_pending = 10min;
  double silence = 10;        // events that a usual week would have had meanwhile
  double spike = 5;           // times what the hour usually has
  double completeness = 0.2;  // share by which context may fall below what is usual
  double disk_free = 0.1;
  Duration certificate = std::chrono::days(14);
  Duration credential = std::chrono::days(7);
  Duration clock_error = 2s;
};

std::vector<Condition> conditions(const Seen& seen, const Limits& limits, TimePoint now);

// Whose fault a failure is, by the words that delivery puts it in.
Fault fault_of(std::string_view detail);

// "3 min", "2 h", "5 days".
std::string in_words(Duration time);

}  // namespace baton::alerts
