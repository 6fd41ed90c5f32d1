// Purpose: the figures of all parts as text, of Prometheus or OpenMetrics. Names are
// baton_<noun>_<unit>[_total]; labels name destinations, sources and rules, never customers. Owner: app/
// collects the samples. Threads: any; pure. Errors: none.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/exemplars.h"
#include "gateway/base/histogram.h"

namespace baton::health {

struct Sample {
  enum class Kind { counter, gauge, histogram };
  using Labels = std::vector<std::pair<std::string, std::string>>;
  Sample(std::string name_in, Kind kind_in, double value_in, Labels labels_in = {})
      : name(std::move(name_in)), kind(kind_in), value(value_in), labels(std::move(labels_in)) {}
  Sample(std::string name_in, const Histogram& of, Labels labels_in = {}, Exemplars traces_in = {})
      : name(std::move(name_in)), kind(Kind::histogram), value(0), labels(std::move(labels_in)), took(of),
        traces(std::move(traces_in)) {}

  std::string name;
  Kind kind;
  double value;
  Labels labels;
  std::optional<Histogram> took;  // of a histogram; printed in seconds
  Exemplars traces;               // of a histogram; only OpenMetrics has a place for them
};

// Every metric that there is, with its sentence: rules and dashboards are held against it, and whatever is
// printed without standing here is found by a test.
struct Metric {
  std::string_view name;
  Sample::Kind kind;
  std::string_view help;
};
std::span<const Metric> catalogue();

std::string to_prometheus(const std::vector<Sample>& samples);
// The same figures as OpenMetrics 1.0, whose buckets name a trace each.
std::string to_openmetrics(const std::vector<Sample>& samples);

}  // namespace baton::health
