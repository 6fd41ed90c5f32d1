#include "connectors/simulation/pace.h"

#include <algorithm>
#include <cmath>

namespace baton::simulation {

void Window::forget(TimePoint now) {
  while (!taken_.empty() && taken_.front() + span_ <= now) taken_.pop_front();
}

std::optional<Duration> Window::take(TimePoint now) {
  if (limit_ <= 0) return std::nullopt;
  forget(now);
  if (taken_.size() >= static_cast<std::size_t>(limit_)) return taken_.front() + span_ - now;
  taken_.push_back(now);
  return std::nullopt;
}

int Window::remaining(TimePoint now) {
  forget(now);
  return std::max(0, limit_ - static_cast<int>(taken_.size()));
}

Duration Window::resets_in(TimePoint now) {
  forget(now);
  return taken_.empty() ? Duration{0} : taken_.front() + span_ - now;
}

std::optional<Duration> Bucket::take(TimePoint now) {
  if (per_second_ <= 0) return std::nullopt;
  if (now > filled_) {
    const std::chrono::duration<double> passed = now - filled_;
    tokens_ = std::min<double>(burst_, tokens_ + passed.count() * per_second_);
    filled_ = now;
  }
  if (tokens_ >= 1.0) {
    tokens_ -= 1.0;
    return std::nullopt;
  }
  return Duration(static_cast<Duration::rep>(std::ceil((1.0 - tokens_) * 1000 / per_second_)));
}

long whole_seconds(Duration wait) {
  return static_cast<long>((std::max(wait, Duration{0}).count() + 999) / 1000);
}

}  // namespace baton::simulation
