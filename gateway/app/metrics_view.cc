// What stations, store and process count, as samples.
#include <charconv>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "gateway/app/health_view.h"
#include "gateway/health/metrics.h"

namespace baton::app {
namespace {

using health::Sample;
using Kind = Sample::Kind;

// Where the samples go.
class Sheet {
 public:
  void counter(const char* name, double value, Sample::Labels labels = {}) {
    samples_.emplace_back(name, Kind::counter, value, std::move(labels));
  }
  void gauge(const char* name, double value, Sample::Labels labels = {}) {
    samples_.emplace_back(name, Kind::gauge, value, std::move(labels));
  }
  void instant(const char* name, const std::optional<TimePoint>& at, Sample::Labels labels = {}) {
    if (at) gauge(name, static_cast<double>(at->time_since_epoch().count()) / 1000, std::move(labels));
  }
  void histogram(const char* name, const Histogram& of, Sample::Labels labels = {}, Exemplars traces = {}) {
    samples_.emplace_back(name, of, std::move(labels), std::move(traces));
  }
  std::string text(bool openmetrics) const {
    return openmetrics ? health::to_openmetrics(samples_) : health::to_prometheus(samples_);
  }

 private:
  std::vector<Sample> samples_;
};

void add_lane_figures(const Shown& shown, const DestinationId& id, Sheet& to) {
  auto* lane = shown.delivery->control(id);
  if (!lane) return;
  const auto& figures = lane->figures();
  const Sample::Labels labels = {{"destination", id.text}};
  to.counter("baton_requests_total", static_cast<double>(figures.requests), labels);
  to.counter("baton_request_seconds_total", static_cast<double>(figures.total_request_time.count()) / 1000,
             labels);
  to.counter("baton_attempts_succeeded_total", static_cast<double>(figures.succeeded), labels);
  for (std::size_t kind = 0; kind < figures.failed.size(); ++kind) {
    to.counter("baton_attempts_failed_total", static_cast<double>(figures.failed[kind]),
               {{"destination", id.text}, {"kind", std::string(name(static_cast<FailureKind>(kind)))}});
  }
  to.histogram("baton_attempt_seconds", figures.took, labels, figures.traces);
  to.gauge("baton_lane_paused", lane->paused(shown.clock->now()) ? 1 : 0, labels);
  to.gauge("baton_lane_breaker_open", lane->breaker().state() == delivery::Breaker::State::closed ? 0 : 1,
           labels);
}

template <class Names>
void one_of(const char* name, const char* label, const Names& names, std::size_t which,
            const DestinationId& id, Sheet& to) {
  for (std::size_t i = 0; i < names.size(); ++i)
    to.gauge(name, i == which ? 1 : 0, {{"destination", id.text}, {label, std::string(names[i])}});
}

void add_health(const health::Evidence& of, const health::Picture& picture, Sheet& to) {
  const Sample::Labels labels = {{"destination", of.id.text}};
  const auto found =
      health::diagnose(of, health::around(of, picture.destinations, picture.store_works), picture.at);
  one_of("baton_destination_state", "state", health::kStateNames, static_cast<std::size_t>(found.state),
         of.id, to);
  one_of("baton_destination_fault", "fault", health::kFaultNames, static_cast<std::size_t>(found.fault),
         of.id, to);
  to.gauge("baton_lane_tokens", of.tokens, labels);
  if (of.quota_remaining) to.gauge("baton_quota_remaining", *of.quota_remaining, labels);
  if (const auto share = health::completeness(of.hour))
    to.gauge("baton_read_completeness_ratio", *share, labels);
  to.instant("baton_last_success_timestamp_seconds", of.last_success, labels);
  to.instant("baton_credential_since_timestamp_seconds", of.credential_since, labels);
  to.instant("baton_credential_expiry_timestamp_seconds", of.credential_expires_at, labels);
  if (!of.backlog) return;
  const auto pending = static_cast<double>(of.backlog->pending);
  const auto age = of.backlog->oldest ? picture.at - *of.backlog->oldest : Duration{0};
  to.gauge("baton_deliveries_pending", pending, labels);
  to.gauge("baton_deliveries_held", of.pause ? pending : 0, labels);
  to.gauge("baton_deliveries_oldest_pending_seconds", static_cast<double>(age.count()) / 1000, labels);
  to.gauge("baton_dead_letters", static_cast<double>(of.backlog->dead), labels);
}

void add_ingress(const Shown& shown, Sheet& to) {
  const auto& figures = shown.ingress->figures();
  const auto counter = [&](const char* name, const ingress::Figures::Count& value,
                           Sample::Labels labels = {}) {
    to.counter(name, static_cast<double>(value.load()), std::move(labels));
  };
  counter("baton_events_accepted_total", figures.accepted);
  counter("baton_events_duplicate_total", figures.duplicates);
  counter("baton_events_merged_total", figures.merged);
  counter("baton_events_refused_total", figures.refused);
  counter("baton_decisions_total", figures.decisions);
  counter("baton_decisions_to_hand_over_total", figures.handovers_decided);
  counter("baton_events_not_now_total", figures.not_now);
  counter("baton_signals_total", figures.signals);
  for (const auto& [destination, count] : figures.signals_unknown)
    counter("baton_signals_unknown_total", count, {{"destination", destination}});
  for (const auto& [destination, withheld] : figures.withheld)
    counter("baton_signals_withheld_total", withheld.times, {{"destination", destination}});
  for (const auto& [rule, hits] : figures.hits) counter("baton_route_hits_total", hits, {{"rule", rule}});
  for (const auto& [source, of] : figures.sources) {
    constexpr auto kName = "baton_source_events_total";
    counter(kName, of.accepted, {{"source", source}, {"outcome", "accepted"}});
    counter(kName, of.duplicates, {{"source", source}, {"outcome", "duplicate"}});
    counter(kName, of.refused, {{"source", source}, {"outcome", "refused"}});
    counter("baton_source_members_left_out_total", of.left_out, {{"source", source}});
    if (const auto last = of.last_event.load(); last != TimePoint())
      to.instant("baton_source_last_event_timestamp_seconds", last, {{"source", source}});
  }
  const auto server = shown.public_server->counters();
  to.gauge("baton_connections_open", static_cast<double>(server.connections_open));
  to.gauge("baton_requests_in_flight", static_cast<double>(server.requests_in_flight));
  to.counter("baton_descriptors_exhausted_total", static_cast<double>(server.descriptors_exhausted));
}

void add_handoffs(const Shown& shown, Sheet& to) {
  if (!shown.planner) return;
  const auto& figures = shown.planner->figures();
  for (std::size_t state = 0; state < figures.moves.size(); ++state) {
    to.counter("baton_handoff_moves_total", static_cast<double>(figures.moves[state]),
               {{"state", std::string(kStateNames[state])}});
  }
  to.counter("baton_handoff_asked_again_total", static_cast<double>(figures.asked_again));
  to.histogram("baton_handoff_claim_seconds", figures.claims, {}, figures.claim_traces);
}

// How many wait for each team, and what became of the waits that customers were told.
void add_queue(const Shown& shown, Sheet& to) {
  if (!shown.board) return;
  for (const auto& [name, team] : *shown.teams) {
    const Sample::Labels labels = {{"team", name}};
    const auto accuracy = shown.board->times().accuracy(name);
    to.gauge("baton_queue_waiting", static_cast<double>(shown.board->waiting_for(name)), labels);
    to.counter("baton_waits_told_total", static_cast<double>(accuracy.told), labels);
    to.counter("baton_waits_within_total", static_cast<double>(accuracy.within), labels);
    to.counter("baton_waits_later_total", static_cast<double>(accuracy.later), labels);
    to.counter("baton_waits_missed_seconds_total", static_cast<double>(accuracy.missed.count()) / 1000,
               labels);
  }
}

void add_store(const Shown& shown, bool ready, Sheet& to) {
  to.gauge("baton_ready", ready ? 1 : 0);
  if (!shown.store) return;
  const auto figures = shown.store->figures();
  to.histogram("baton_journal_commit_seconds", figures.commits);
  to.counter("baton_journal_batches_total", static_cast<double>(figures.batches));
  to.counter("baton_journal_failed_groups_total", static_cast<double>(figures.failed));
  to.counter("baton_journal_damaged_total", static_cast<double>(figures.damaged));
  to.gauge("baton_journal_queue_length", static_cast<double>(figures.queued));
  to.gauge("baton_journal_queue_bytes", static_cast<double>(figures.queued_bytes));
  to.gauge("baton_store_free_bytes", static_cast<double>(figures.free_bytes));
  to.gauge("baton_store_size_bytes", static_cast<double>(figures.disk_bytes));
}

void add_configuration(const Shown& shown, Sheet& to) {
  to.instant("baton_certificate_expiry_timestamp_seconds", shown.certificate_ends);
  if (!shown.reloads) return;
  to.counter("baton_configuration_reloads_total", static_cast<double>(shown.reloads->done.load()),
             {{"outcome", "done"}});
  to.counter("baton_configuration_reloads_total", static_cast<double>(shown.reloads->refused.load()),
             {{"outcome", "refused"}});
  to.gauge("baton_configuration_last_reload_ok", shown.reloads->last_ok.load() ? 1 : 0);
}

std::string first_line(std::string_view path) {
  std::ifstream file{std::string(path)};
  std::string line;
  std::getline(file, line);
  return line;
}

// As every exporter names them.
void add_process(const Shown& shown, Sheet& to) {
  to.instant("process_start_time_seconds", shown.started_at);
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) {
    const auto seconds = [](const timeval& of) {
      return static_cast<double>(of.tv_sec) + static_cast<double>(of.tv_usec) / 1e6;
    };
    to.counter("process_cpu_seconds_total", seconds(used.ru_utime) + seconds(used.ru_stime));
  }
  // The second number is the resident pages.
  const auto pages = first_line("/proc/self/statm");
  long resident = 0;
  if (const auto space = pages.find(' '); space != std::string::npos) {
    (void)std::from_chars(pages.data() + space + 1, pages.data() + pages.size(), resident);
    to.gauge("process_resident_memory_bytes",
             static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  }
  std::error_code error;
  std::size_t open = 0;
  for (std::filesystem::directory_iterator one("/proc/self/fd", error), end; !error && one != end;
       one.increment(error))
    ++open;
  if (open > 0) to.gauge("process_open_fds", static_cast<double>(open));
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) == 0) to.gauge("process_max_fds", static_cast<double>(most.rlim_cur));
}

}  // namespace

Task<std::string> collect_metrics(const Shown& shown, bool openmetrics) {
  const auto picture = co_await take_picture(shown);
  if (!picture) co_return picture.error();
  Sheet sheet;
  for (const auto& [id, account] : *shown.accounts) add_lane_figures(shown, id, sheet);
  for (const auto& one : picture->destinations) add_health(one, *picture, sheet);
  add_ingress(shown, sheet);
  add_handoffs(shown, sheet);
  add_queue(shown, sheet);
  add_store(shown, picture->store_works, sheet);
  add_configuration(shown, sheet);
  add_process(shown, sheet);
  co_return sheet.text(openmetrics);
}

}  // namespace baton::app
