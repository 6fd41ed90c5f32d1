#include "gateway/health/conditions.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "gateway/base/date.h"

namespace baton::alerts {
namespace {

constexpr auto kSeverities = std::to_array<std::string_view>({"warning", "critical"});
constexpr auto kFaults =
    std::to_array<std::string_view>({"ours", "network", "credential", "vendor", "mapping", "unknown"});
constexpr auto kCauses = std::to_array<std::string_view>({"availability", "credential", "mapping", "quota",
                                                          "completeness", "handoffs", "traffic", "network",
                                                          "disk", "certificate", "clock", "configuration"});
constexpr auto kKinds = std::to_array<std::string_view>(
    {"late", "dead_letters", "degraded", "breaker_open", "down", "rejected", "credential_ends",
     "credential_refused", "rate_limited", "incomplete", "stuck", "spike", "silent", "network_down",
     "disk_full", "certificate_ends", "clock_off", "reload_failed"});

// How many times too fast the budget burns, in which windows, and how much has to be seen before it counts.
// The first pages within minutes; the second finds a slow burn within the hour; the third what little traffic
// shows only over a day's quarter.
struct Burn {
  double rate;
  std::size_t shorter, longer;  // of kWindows
  int least_short, least_long;  // failures
  Severity severity;
};
constexpr auto kBurns = std::to_array<Burn>({{14.4, 0, 3, 5, 8, Severity::critical},
                                             {6.0, 1, 3, 2, 10, Severity::warning},
                                             {6.0, 2, 4, 3, 12, Severity::warning}});

std::string about(const DestinationSeen& seen) { return "destination/" + seen.id.text; }

std::string last_words(const DestinationSeen& seen) {
  return seen.last_failure.empty() ? "" : "; the latest: " + seen.last_failure;
}

bool held_by_a_person(const DestinationSeen& seen) { return seen.pause && seen.pause->by != "baton"; }
bool parked(const DestinationSeen& seen) { return seen.pause && is_parked(*seen.pause); }

// One by one, and for a while: four requests that were under way together are one event.
bool is_down(const DestinationSeen& seen, TimePoint now) {
  if (!seen.failing_since || !seen.last_failure_at) return false;
  const bool still_of_interest = seen.pending > 0 || now - *seen.last_failure_at < 1h;
  const auto lasts = now - *seen.failing_since;
  return still_of_interest &&
         ((seen.failures_in_row >= 5 && lasts >= 20s) || (seen.failures_in_row >= 4 && lasts >= 60s));
}

// --- conditions, one after the other

class Look {
 public:
  Look(const Seen& seen, const Limits& limits, TimePoint now) : seen_(seen), limits_(limits), now_(now) {}

  std::vector<Condition> take() {
    for (const auto& destination : seen_.destinations) look_at(destination);
    for (const auto& source : seen_.sources) look_at(source);
    for (const auto& stuck : seen_.stuck) look_at(stuck);
    look_at_network();
    look_at(seen_.host);
    return std::move(found_);
  }

 private:
  Condition& add(Kind kind, Cause cause, Severity severity, std::string whom, std::string evidence,
                 Fault fault) {
    return found_.emplace_back(kind, cause, severity, std::move(whom), std::move(evidence), fault);
  }

  void look_at(const DestinationSeen& one) {
    availability(one);
    burn(one);
    leftovers(one);
    credential(one);
    quota(one);
    completeness(one);
  }

  void availability(const DestinationSeen& one) {
    const auto fault = fault_of(one.last_failure);
    if (is_down(one, now_)) {
      add(Kind::down, Cause::availability, Severity::critical, about(one),
          fmt::format("{} attempts in a row have failed since {}{}", one.failures_in_row,
                      to_rfc3339(*one.failing_since), last_words(one)),
          fault);
    }
    if (one.breaker_open_since && now_ - *one.breaker_open_since >= 60s) {
      add(Kind::breaker_open, Cause::availability, Severity::critical, about(one),
          "its breaker has been open since " + to_rfc3339(*one.breaker_open_since) + last_words(one), fault);
    }
  }

  // The first of the pairs of windows in which too much fails; null if there is none.
  const Burn* burning(const DestinationSeen& one) const {
    for (const auto& burn : kBurns) {
      const auto& brief = one.failing[burn.shorter];
      const auto& whole = one.failing[burn.longer];
      const double most = burn.rate * (1 - limits_.objective);
      if (brief.bad < burn.least_short || whole.bad < burn.least_long) continue;
      if (brief.value() >= most && whole.value() >= most) return &burn;
    }
    return nullptr;
  }

  void burn(const DestinationSeen& one) {
    const auto* burn = burning(one);
    if (!burn) return;
    const auto& brief = one.failing[burn->shorter];
    const auto& whole = one.failing[burn->longer];
    add(Kind::degraded, Cause::availability, burn->severity, about(one),
        fmt::format("{} of {} attempts within {} have failed ({:.0f} %), {} of {} within {}{}", brief.bad,
                    brief.of, in_words(kWindows[burn->shorter]), 100 * brief.value(), whole.bad, whole.of,
                    in_words(kWindows[burn->longer]), last_words(one)),
        fault_of(one.last_failure));
  }

  // Where a person or a refused credential holds the lane, what waits there waits for that.
  void leftovers(const DestinationSeen& one) {
    const bool held = held_by_a_person(one) || parked(one);
    // After an outage what has waited is sent: late, but on its way.
    const bool draining = one.failing[0].of > one.failing[0].bad;
    const auto longest = draining ? limits_.oldest_pending * 36 : limits_.oldest_pending;
    if (!held && one.oldest_pending && now_ - *one.oldest_pending >= longest) {
      add(Kind::late, Cause::availability, Severity::warning, about(one),
          fmt::format("{} deliveries wait, the oldest for {}{}", one.pending,
                      in_words(now_ - *one.oldest_pending), last_words(one)),
          fault_of(one.last_failure));
    }
    if (one.died > 0) {
      const auto fault = fault_of(one.last_failure);
      const bool refused = fault == Fault::mapping;
      add(refused ? Kind::rejected : Kind::dead_letters, refused ? Cause::mapping : Cause::availability,
          Severity::warning, about(one),
          fmt::format("{} deliveries became dead letters within the last hour{}", one.died, last_words(one)),
          fault);
    }
  }

  void credential(const DestinationSeen& one) {
    if (parked(one)) {
      add(Kind::credential_refused, Cause::credential, Severity::critical, about(one),
          "parked since " + to_rfc3339(one.pause->since) + ": " + one.pause->reason, Fault::credential);
    } else if (one.refused_credentials >= 3) {
      add(Kind::credential_refused, Cause::credential, Severity::critical, about(one),
          fmt::format("{} attempts within 10 min were refused{}", one.refused_credentials, last_words(one)),
          Fault::credential);
    }
    if (one.credential_ends && *one.credential_ends - now_ < limits_.credential) {
      add(Kind::credential_ends, Cause::credential, Severity::warning, about(one),
          "its credential ends at " + to_rfc3339(*one.credential_ends), Fault::credential);
    }
  }

  void quota(const DestinationSeen& one) {
    const bool asked_to_wait = one.pause && one.pause->by == "baton" && one.pause->until;
    const bool long_wait = asked_to_wait && *one.pause->until - now_ >= 5min;
    if (one.limited < 20 && !long_wait) return;
    add(Kind::rate_limited, Cause::quota, Severity::warning, about(one),
        long_wait ? "the vendor asked us to wait until " + to_rfc3339(*one.pause->until)
                  : fmt::format("{} answers within 30 min said that we ask too often", one.limited),
        Fault::ours);
  }

  void completeness(const DestinationSeen& one) {
    constexpr int kEnough = 20;
    if (!one.usually_incomplete || one.incomplete.of < kEnough) return;
    if (one.incomplete.value() < *one.usually_incomplete + limits_.completeness) return;
    add(Kind::incomplete, Cause::completeness, Severity::warning, about(one),
        fmt::format(
            "{:.0f} % of {} handoffs within the last hour got its context in time, {:.0f} % are usual",
            100 * (1 - one.incomplete.value()), one.incomplete.of, 100 * (1 - *one.usually_incomplete)),
        Fault::vendor);
  }

  void look_at(const SourceSeen& one) {
    const auto whom = "source/" + one.name;
    const auto quiet = one.last_event ? now_ - *one.last_event : Duration{0};
    const bool too_long = one.longest_silence && one.last_event && quiet >= *one.longest_silence;
    // Where a length is configured it counts alone: people know their nights better than a month does.
    const bool unusual = !one.longest_silence && one.expected_since >= limits_.silence;
    if (too_long || unusual) {
      add(Kind::silent, Cause::traffic, Severity::critical, whom,
          fmt::format("no handoff for {}; {}", in_words(quiet),
                      too_long ? "configured is " + in_words(*one.longest_silence)
                               : fmt::format("a usual week has {:.0f} in that time", one.expected_since)),
          Fault::unknown);
    }
    constexpr int kEnough = 50;
    if (one.expected_hour > 0 && one.last_hour >= kEnough &&
        one.last_hour >= limits_.spike * one.expected_hour) {
      add(Kind::spike, Cause::traffic, Severity::warning, whom,
          fmt::format("{} handoffs within this hour, a usual week has {:.0f}", one.last_hour,
                      one.expected_hour),
          Fault::unknown);
    }
  }

  void look_at(const StuckSeen& one) {
    auto& added = add(Kind::stuck, Cause::handoffs, Severity::critical, "handoffs/" + one.state,
                      fmt::format("{} handoffs have been {} for too long, one since {}: {}", one.count,
                                  one.state, to_rfc3339(one.since), one.example.text),
                      Fault::unknown);
    added.waits_for = one.waits_for;
  }

  // When all that was tried fails on the way, the way is to blame and not three vendors at once.
  void look_at_network() {
    int tried = 0, lost = 0;
    bool down = false;
    for (const auto& one : seen_.destinations) {
      if (one.channel || one.failing[0].of == 0) continue;
      ++tried;
      const bool on_the_way = one.failures_in_row >= 2 && fault_of(one.last_failure) == Fault::network;
      lost += on_the_way ? 1 : 0;
      down = down || (on_the_way && (is_down(one, now_) || burning(one)));
    }
    if (!down || lost < 2 || lost < tried) return;
    add(Kind::network_down, Cause::network, Severity::critical, "gateway",
        fmt::format("none of the {} destinations that were tried can be reached", lost), Fault::network);
  }

  void look_at(const HostReading& host) {
    if (host.disk_free && *host.disk_free < limits_.disk_free) {
      add(Kind::disk_full, Cause::disk,
          *host.disk_free < limits_.disk_free / 2 ? Severity::critical : Severity::warning, "gateway",
          fmt::format("{:.1f} % of the disk with the journal is free", 100 * *host.disk_free), Fault::ours);
    }
    if (host.certificate_ends && *host.certificate_ends - now_ < limits_.certificate) {
      const bool soon = *host.certificate_ends - now_ < limits_.certificate / 4;
      add(Kind::certificate_ends, Cause::certificate, soon ? Severity::critical : Severity::warning,
          "gateway", "the certificate of the public listener ends at " + to_rfc3339(*host.certificate_ends),
          Fault::ours);
    }
    if (host.clock_error && *host.clock_error > limits_.clock_error) {
      add(Kind::clock_off, Cause::clock, Severity::warning, "gateway",
          "this machine's clock may be off by " + in_words(*host.clock_error), Fault::ours);
    }
    if (!host.reload_failed.empty()) {
      add(Kind::reload_failed, Cause::configuration, Severity::warning, "gateway",
          "the new configuration was not taken: " + host.reload_failed, Fault::ours);
    }
  }

  const Seen& seen_;
  const Limits& limits_;
  TimePoint now_;
  std::vector<Condition> found_;
};

}  // namespace

std::string_view name(Severity severity) { return kSeverities[static_cast<std::size_t>(severity)]; }
std::string_view name(Fault fault) { return kFaults[static_cast<std::size_t>(fault)]; }
std::string_view name(Cause cause) { return kCauses[static_cast<std::size_t>(cause)]; }
std::string_view name(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::vector<Condition> conditions(const Seen& seen, const Limits& limits, TimePoint now) {
  return Look(seen, limits, now).take();
}

// sdk::classify_http says "GET /path answered 503"; the client says what became of a request without an
// answer.
Fault fault_of(std::string_view detail) {
  constexpr std::string_view kAnswered = " answered ";
  if (const auto at = detail.find(kAnswered); at != std::string_view::npos) {
    const auto status = detail.substr(at + kAnswered.size(), 3);
    if (status.size() < 3 ||
        !std::ranges::all_of(status, [](unsigned char c) { return std::isdigit(c) != 0; }))
      return Fault::unknown;
    if (status == "401" || status == "403") return Fault::credential;
    if (status == "429") return Fault::ours;
    if (status[0] == '5' || status == "408" || status == "425") return Fault::vendor;
    return Fault::mapping;
  }
  for (const auto* words :
       {"the request was not sent", "may have taken effect", "no reply in time", "refused"}) {
    if (detail.find(words) != std::string_view::npos) return Fault::network;
  }
  return Fault::unknown;
}

std::string in_words(Duration time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

}  // namespace baton::alerts
