#include "gateway/health/states.h"

#include <algorithm>
#include <set>

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::health {
namespace {

// An outage is told by few attempts, a share of errors only by many.
constexpr std::uint32_t kOutage = 3;
constexpr std::uint32_t kEnough = 20;
constexpr double kTooMany = 0.05;       // of enough
constexpr double kTooManyOfFew = 0.25;  // of four or more
constexpr auto kSlow = Histogram::Took{5s};
constexpr auto kLate = Duration{10min};  // a delivery that nothing holds back
constexpr double kFallen = 0.7;          // of the hour's completeness
constexpr std::uint32_t kPartsEnough = 50;

std::string_view server_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find('/'));
}

std::uint32_t put_off(const Tally& tally) {
  return tally.failed_at(Stage::answer, FailureKind::rate_limited);
}

bool answers(const Tally& tally) { return tally.succeeded > 0 || tally.failures(Stage::answer) > 0; }

std::string percent(double share) { return std::to_string(static_cast<int>(share * 100 + 0.5)) + " %"; }

std::string failures_in_words(const Evidence& evidence) {
  const auto& recent = evidence.minutes5;
  auto text = recent.attempts() == 0
                  ? std::string("it failed")
                  : std::to_string(recent.failures() - put_off(recent)) + " of " +
                        std::to_string(recent.attempts()) + " attempts failed in the last 5 minutes";
  constexpr std::size_t kLongest = 200;
  if (!evidence.last_failure_detail.empty())
    text += ", the latest: " + std::string(clip_utf8(evidence.last_failure_detail, kLongest));
  return text;
}

std::string remedy_for(Fault fault, const DestinationId& id) {
  switch (fault) {
    case Fault::nobody: return {};
    case Fault::unclear: return "try it: `baton destinations test " + id.text + "`";
    case Fault::ours: return "look at Baton itself: its log, its disk, `baton check`";
    case Fault::network:
      return "no vendor can be reached from here: look at this machine's network, DNS and firewall";
    case Fault::credential:
      return "renew the credential (`baton secret set`), then `baton destinations resume " + id.text +
             " --why ...`; what waits is sent then";
    case Fault::vendor:
      return "look at the vendor's status page; Baton goes on trying, and nothing is lost meanwhile";
    case Fault::mapping:
      return "read what was refused (`baton dead-letter list --destination " + id.text +
             "`), mend the mapping, replay";
  }
  return {};
}

Diagnosis made(State state, Fault fault, std::string reason, const DestinationId& id) {
  Diagnosis made;
  made.state = state;
  made.fault = fault;
  made.reason = std::move(reason);
  made.remedy = remedy_for(fault, id);
  return made;
}

// Of the latest failures that there are.
Fault latest_fault(const Evidence& evidence, const Around& around) {
  const auto recent = fault_of(evidence.minutes5, around);
  const auto fault = recent == Fault::nobody ? fault_of(evidence.hour, around) : recent;
  return fault == Fault::nobody ? Fault::unclear : fault;
}

Diagnosis of_pause(const Evidence& evidence, const Around& around) {
  const auto& pause = *evidence.pause;
  if (pause.until) {
    return made(State::paused, Fault::vendor, pause.reason + " (until " + to_rfc3339(*pause.until) + ")",
                evidence.id);
  }
  if (pause.by == "baton")
    return made(State::parked, latest_fault(evidence, around), pause.reason, evidence.id);
  auto paused =
      made(State::paused, Fault::nobody, "paused by " + pause.by + ": " + pause.reason, evidence.id);
  paused.remedy = "`baton destinations resume " + evidence.id.text + " --why ...` sends what is held";
  return paused;
}

// What is not as it should be, although most attempts succeed; nothing if all is well.
std::optional<Diagnosis> not_quite(const Evidence& evidence, const Around& around, TimePoint now) {
  const auto& recent = evidence.minutes5;
  const auto errors = error_rate(recent).value_or(0);
  const bool many = (recent.attempts() >= kEnough && errors >= kTooMany) ||
                    (recent.attempts() > kOutage && errors >= kTooManyOfFew);
  if (many)
    return made(State::degraded, latest_fault(evidence, around), failures_in_words(evidence), evidence.id);
  if (const auto median = recent.took.percentile(0.5); median && *median > kSlow) {
    return made(
        State::degraded, Fault::vendor,
        "half of the attempts take longer than " + spoken(std::chrono::duration_cast<Duration>(*median)),
        evidence.id);
  }
  const auto usual = completeness(evidence.hour), now_share = completeness(recent);
  if (usual && now_share && recent.parts_known >= kPartsEnough && *now_share < *usual * kFallen) {
    return made(State::degraded, Fault::vendor,
                "its answers are emptier than they were: " + percent(*now_share) + " of the known fields, " +
                    percent(*usual) + " within the hour; a permission may have been taken away",
                evidence.id);
  }
  if (evidence.backlog && evidence.backlog->oldest && now - *evidence.backlog->oldest > kLate) {
    return made(State::degraded, latest_fault(evidence, around),
                "the oldest of " + std::to_string(evidence.backlog->pending) + " deliveries waits for " +
                    spoken(now - *evidence.backlog->oldest),
                evidence.id);
  }
  return std::nullopt;
}

}  // namespace

std::string spoken(Duration length) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(length).count();
  if (seconds < 120) return std::to_string(std::max<decltype(+seconds)>(seconds, 0)) + " s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

std::optional<double> error_rate(const Tally& tally) {
  if (tally.attempts() == 0) return std::nullopt;
  return static_cast<double>(tally.failures() - put_off(tally)) / tally.attempts();
}

std::optional<double> completeness(const Tally& tally) {
  if (tally.parts_known == 0) return std::nullopt;
  return static_cast<double>(tally.parts_filled) / tally.parts_known;
}

Around around(const Evidence& one, std::span<const Evidence> all, bool store_works) {
  std::set<std::string_view> asked, reached;
  for (const auto& other : all) {
    const auto host = server_of(other.base_url);
    if (host == server_of(one.base_url) || other.minutes5.attempts() == 0) continue;
    asked.insert(host);
    if (answers(other.minutes5)) reached.insert(host);
  }
  Around found;
  found.hosts_asked = static_cast<int>(asked.size());
  found.hosts_unreachable = static_cast<int>(asked.size() - reached.size());
  found.store_works = store_works;
  return found;
}

Fault fault_of(const Tally& tally, const Around& around) {
  using enum FailureKind;
  const auto at = [&](Stage stage, auto... kinds) { return (tally.failed_at(stage, kinds) + ...); };
  const auto unreachable =
      at(Stage::connection, retryable, rate_limited, auth_expired, ambiguous, rejected, target_gone) +
      at(Stage::credential, retryable, ambiguous, rate_limited);
  const bool all_of_them = around.hosts_asked > 0 && around.hosts_unreachable == around.hosts_asked;
  struct Share {
    Fault fault;
    std::uint32_t count;
  };
  // Of equal shares the first is named: it would have to be mended first.
  const std::array shares = {
      // An address that we refuse to call, or a certificate that we do not trust, is our configuration.
      Share{Fault::ours, tally.failures(Stage::ours) + at(Stage::connection, misconfigured)},
      Share{Fault::network, all_of_them ? unreachable : 0},
      Share{Fault::credential, at(Stage::credential, misconfigured, auth_expired, rejected, target_gone) +
                                   at(Stage::answer, misconfigured, auth_expired)},
      Share{Fault::vendor, (all_of_them ? 0 : unreachable) +
                               at(Stage::answer, retryable, ambiguous, rate_limited, target_gone)},
      Share{Fault::mapping, tally.failures(Stage::mapping) + at(Stage::answer, rejected)}};
  const auto most = std::ranges::max_element(shares, {}, &Share::count);
  if (most->count == 0) return Fault::nobody;
  return around.store_works ? most->fault : Fault::ours;
}

Diagnosis diagnose(const Evidence& evidence, const Around& around, TimePoint now) {
  if (evidence.pause) return of_pause(evidence, around);
  const auto& recent = evidence.minutes5;
  const bool nothing_works = recent.succeeded == 0 && recent.failures() - put_off(recent) >= kOutage;
  if (evidence.breaker != "closed" || nothing_works)
    return made(State::down, latest_fault(evidence, around), failures_in_words(evidence), evidence.id);
  if (auto found = not_quite(evidence, around, now)) return *found;
  if (recent.attempts() > 0) {
    return made(State::ok, Fault::nobody,
                std::to_string(recent.succeeded) + " of " + std::to_string(recent.attempts()) +
                    " attempts succeeded in the last 5 minutes",
                evidence.id);
  }
  if (evidence.hour.attempts() > 0 && evidence.hour.succeeded > 0)
    return made(State::ok, Fault::nobody, "nothing to do in the last 5 minutes; well before", evidence.id);
  return made(State::unknown, Fault::nobody,
              evidence.last_success ? "nothing was asked of it within the hour"
                                    : "nothing was asked of it since the start",
              evidence.id);
}

Diagnosis diagnose(const SourceEvidence& evidence, TimePoint now) {
  constexpr std::uint64_t kSome = 10;
  Diagnosis found;
  if (evidence.refused >= kSome && evidence.refused > evidence.accepted) {
    found.state = evidence.accepted == 0 ? State::down : State::degraded;
    found.fault = Fault::unclear;
    found.reason = std::to_string(evidence.refused) + " of its events were refused since the start, " +
                   std::to_string(evidence.accepted) + " accepted";
    found.remedy = "compare its key and its events with the configuration; each refusal's answer says why";
  } else if (evidence.last_event) {
    found.reason = "the latest event came " + spoken(now - *evidence.last_event) + " ago";
  } else {
    found.state = State::unknown;
    found.reason = "no event since the start";
  }
  return found;
}

}  // namespace baton::health
