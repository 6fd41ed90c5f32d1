#include "gateway/health/metrics.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace baton::health {
namespace {

using Kind = Sample::Kind;

constexpr auto kCatalogue = std::to_array<Metric>({
    // Deliveries and reads, per destination.
    {"baton_requests_total", Kind::counter, "Requests sent to the destination."},
    {"baton_request_seconds_total", Kind::counter, "Time spent waiting for the destination's answers."},
    {"baton_attempts_succeeded_total", Kind::counter, "Attempts at deliveries and reads that succeeded."},
    {"baton_attempts_failed_total", Kind::counter, "Attempts that failed, by the kind of failure."},
    {"baton_attempt_seconds", Kind::histogram, "How long attempts took, from their start to their outcome."},
    {"baton_lane_paused", Kind::gauge, "1 while nothing is sent: a person or the vendor asked for it."},
    {"baton_lane_breaker_open", Kind::gauge, "1 while the circuit breaker is open or probing."},
    {"baton_lane_tokens", Kind::gauge, "Requests that the rate budget would let pass now."},
    {"baton_quota_remaining", Kind::gauge, "Requests left, as the vendor counted them last."},
    {"baton_deliveries_pending", Kind::gauge, "Deliveries and reads that are still to be done."},
    {"baton_deliveries_held", Kind::gauge, "Those that a pause holds back."},
    {"baton_deliveries_oldest_pending_seconds", Kind::gauge, "Age of the oldest pending one; 0: none."},
    {"baton_dead_letters", Kind::gauge, "Deliveries that need a person."},
    {"baton_destination_state", Kind::gauge, "1 for the state that the destination is in, 0 for the others."},
    {"baton_destination_fault", Kind::gauge, "1 for whose fault its state is, 0 for the others."},
    {"baton_read_completeness_ratio", Kind::gauge, "Known fields that the last hour's answers filled."},
    {"baton_last_success_timestamp_seconds", Kind::gauge, "When an attempt succeeded last."},
    {"baton_credential_since_timestamp_seconds", Kind::gauge,
     "When the credential in use was set or obtained."},
    {"baton_credential_expiry_timestamp_seconds", Kind::gauge, "When the credential in use ends."},
    // The door.
    {"baton_events_accepted_total", Kind::counter, "Events answered 202."},
    {"baton_events_duplicate_total", Kind::counter, "Events that were known already."},
    {"baton_events_merged_total", Kind::counter, "Requests that became an update of an open handoff."},
    {"baton_events_refused_total", Kind::counter, "Requests answered 4xx."},
    {"baton_events_not_now_total", Kind::counter, "Requests answered 503: the sender has to come again."},
    {"baton_source_events_total", Kind::counter, "Events of a source, by what became of them."},
    {"baton_source_members_left_out_total", Kind::counter,
     "Members of a source's events that did not fit the schema and were left out."},
    {"baton_source_last_event_timestamp_seconds", Kind::gauge, "When a source's event was accepted last."},
    {"baton_signals_total", Kind::counter, "What vendors' webhooks told us."},
    {"baton_signals_unknown_total", Kind::counter, "What they told of objects that are none of ours."},
    {"baton_signals_withheld_total", Kind::counter,
     "Times at which a vendor said that it keeps notices from us, because there are too many."},
    {"baton_decisions_total", Kind::counter, "Questions whether a person should take over."},
    {"baton_decisions_to_hand_over_total", Kind::counter, "Those answered with yes."},
    {"baton_queue_waiting", Kind::gauge, "Handoffs that wait for a member of the team."},
    {"baton_waits_told_total", Kind::counter, "Waits that customers were told."},
    {"baton_waits_within_total", Kind::counter, "Waits that ended within what was told."},
    {"baton_waits_later_total", Kind::counter, "Waits that took longer than what was told."},
    {"baton_waits_missed_seconds_total", Kind::counter, "By how much waits missed what was told."},
    {"baton_route_hits_total", Kind::counter, "Handoffs that a routing rule matched."},
    {"baton_connections_open", Kind::gauge, "Connections to the public listener."},
    {"baton_requests_in_flight", Kind::gauge, "Requests of the public listener that are not answered yet."},
    {"baton_descriptors_exhausted_total", Kind::counter, "Connections that found no free descriptor."},
    // Handoffs.
    {"baton_handoff_moves_total", Kind::counter, "Handoffs that entered a state."},
    {"baton_handoff_asked_again_total", Kind::counter,
     "Handoffs in which people asked for what the customer had given."},
    {"baton_handoff_claim_seconds", Kind::histogram, "From the request to the first claim."},
    // The store.
    {"baton_ready", Kind::gauge, "1 while the store takes what it is given."},
    {"baton_journal_commit_seconds", Kind::histogram, "How long groups of commits took, fsync included."},
    {"baton_journal_batches_total", Kind::counter, "Commits and claims in those groups."},
    {"baton_journal_failed_groups_total", Kind::counter, "Groups that could not be committed."},
    {"baton_journal_queue_length", Kind::gauge, "Commits and claims that wait for the next group."},
    {"baton_journal_queue_bytes", Kind::gauge, "Their size."},
    {"baton_journal_damaged_total", Kind::counter, "Rows that were found damaged and set aside."},
    {"baton_store_free_bytes", Kind::gauge, "Free space on the disk of the store."},
    {"baton_store_size_bytes", Kind::gauge, "Size of that disk."},
    // The process and its configuration.
    {"baton_certificate_expiry_timestamp_seconds", Kind::gauge,
     "When the public listener's certificate ends."},
    {"baton_configuration_reloads_total", Kind::counter,
     "Readings of the configuration while running, by outcome."},
    {"baton_configuration_last_reload_ok", Kind::gauge,
     "0 after a reload that changed nothing because of problems."},
    {"process_start_time_seconds", Kind::gauge, "When the process started."},
    {"process_cpu_seconds_total", Kind::counter, "Processor time, user and system."},
    {"process_resident_memory_bytes", Kind::gauge, "Memory in use."},
    {"process_open_fds", Kind::gauge, "Open descriptors."},
    {"process_max_fds", Kind::gauge, "How many there may be."},
});

std::string_view help_of(std::string_view name) {
  const auto found = std::ranges::find(kCatalogue, name, &Metric::name);
  return found == kCatalogue.end() ? std::string_view() : found->help;
}

double in_seconds(Histogram::Took took) { return static_cast<double>(took.count()) / 1e6; }

prometheus::ClientMetric::Histogram written(const Histogram& of) {
  prometheus::ClientMetric::Histogram to;
  to.sample_count = of.count();
  to.sample_sum = in_seconds(of.sum());
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i <= of.bounds().size(); ++i) {
    so_far += of.count_in(i);
    const bool last = i == of.bounds().size();
    const double bound = last ? std::numeric_limits<double>::infinity() : in_seconds(of.bounds()[i]);
    to.bucket.push_back({so_far, bound});
  }
  return to;
}

prometheus::MetricType type_of(Kind kind) {
  switch (kind) {
    case Kind::counter: return prometheus::MetricType::Counter;
    case Kind::gauge: return prometheus::MetricType::Gauge;
    case Kind::histogram: return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric metric_of(const Sample& sample) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
  if (sample.took) metric.histogram = written(*sample.took);
  else if (sample.kind == Kind::counter) metric.counter.value = sample.value;
  else metric.gauge.value = sample.value;
  return metric;
}

// --- OpenMetrics, which prometheus-cpp does not write

constexpr std::string_view kTotal = "_total";

std::string_view word_for(Kind kind) {
  switch (kind) {
    case Kind::counter: return "counter";
    case Kind::gauge: return "gauge";
    case Kind::histogram: return "histogram";
  }
  return "unknown";
}

std::string braced(const Sample::Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += text.empty() ? "{" : ",";
    text += name + "=\"";
    for (const char c : value) {
      if (c == '\n') text += "\\n";
      else if (c == '"' || c == '\\') text += {'\\', c};
      else text += c;
    }
    text += '"';
  }
  return text.empty() ? text : text + "}";
}

void add_buckets(const Sample& sample, std::string& text) {
  const auto& of = *sample.took;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i <= of.bounds().size(); ++i) {
    so_far += of.count_in(i);
    auto labels = sample.labels;
    labels.emplace_back("le",
                        i == of.bounds().size() ? "+Inf" : fmt::format("{}", in_seconds(of.bounds()[i])));
    text += fmt::format("{}_bucket{} {}", sample.name, braced(labels), so_far);
    if (const auto& shown = sample.traces.in(i)) {
      const auto at = static_cast<double>(shown->at.time_since_epoch().count()) / 1000;
      text += fmt::format(" # {{trace_id=\"{}\"}} {} {:.3f}", shown->trace_id, in_seconds(shown->took), at);
    }
    text += '\n';
  }
  const auto labels = braced(sample.labels);
  text += fmt::format("{}_count{} {}\n", sample.name, labels, so_far);
  text += fmt::format("{}_sum{} {}\n", sample.name, labels, in_seconds(of.sum()));
}

}  // namespace

std::span<const Metric> catalogue() { return kCatalogue; }

std::string to_prometheus(const std::vector<Sample>& samples) {
  std::map<std::string, prometheus::MetricFamily> families;
  for (const auto& sample : samples) {
    auto& family = families[sample.name];
    family.name = sample.name;
    family.help = help_of(sample.name);
    family.type = type_of(sample.kind);
    family.metric.push_back(metric_of(sample));
  }
  std::vector<prometheus::MetricFamily> all;
  for (auto& [name, family] : families) all.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(all);
}

std::string to_openmetrics(const std::vector<Sample>& samples) {
  std::map<std::string_view, std::vector<const Sample*>> families;
  for (const auto& sample : samples) families[sample.name].push_back(&sample);
  std::string text;
  for (const auto& [name, members] : families) {
    const auto kind = members.front()->kind;
    auto family = name;  // a counter's samples alone end in _total
    if (kind == Kind::counter && family.ends_with("_total")) family.remove_suffix(kTotal.size());
    text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family, help_of(name), family, word_for(kind));
    for (const auto* member : members) {
      if (member->took) add_buckets(*member, text);
      else text += fmt::format("{}{} {}\n", name, braced(member->labels), member->value);
    }
  }
  return text + "# EOF\n";
}

}  // namespace baton::health
