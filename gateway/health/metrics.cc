#include "gateway/health/metrics.h"

#include <map>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace baton::health {
namespace {

prometheus::ClientMetric metric_of(const Sample& sample) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
  if (sample.kind == Sample::Kind::counter) metric.counter.value = sample.value;
  else metric.gauge.value = sample.value;
  return metric;
}

}  // namespace

std::string to_prometheus(const std::vector<Sample>& samples) {
  std::map<std::string, prometheus::MetricFamily> families;
  for (const auto& sample : samples) {
    auto& family = families[sample.name];
    family.name = sample.name;
    family.type = sample.kind == Sample::Kind::counter ? prometheus::MetricType::Counter
                                                       : prometheus::MetricType::Gauge;
    family.metric.push_back(metric_of(sample));
  }
  std::vector<prometheus::MetricFamily> all;
  for (auto& [name, family] : families) all.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace baton::health
