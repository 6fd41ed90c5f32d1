// Purpose: the figures of all parts as Prometheus text. Names are baton_<noun>_<unit>[_total];
// labels name destinations, sources and rules, never customers.
// Owner: app/ collects the samples. Threads: any; pure. Errors: none.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace baton::health {

struct Sample {
  enum class Kind { counter, gauge };
  using Labels = std::vector<std::pair<std::string, std::string>>;
  Sample(std::string name_in, Kind kind_in, double value_in, Labels labels_in = {})
      : name(std::move(name_in)), kind(kind_in), value(value_in), labels(std::move(labels_in)) {}

  std::string name;
  Kind kind;
  double value;
  Labels labels;
};

std::string to_prometheus(const std::vector<Sample>& samples);

}  // namespace baton::health
