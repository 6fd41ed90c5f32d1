#include "gateway/health/alerts_expectation.h"

#include <algorithm>
#include <cmath>

namespace baton::alerts {
namespace {

using nlohmann::json;

constexpr double kWeight = 0.3;  // of the latest week: a month is what is usual
constexpr int kMostWeeks = 1000;

std::int64_t hour_of(TimePoint at) {
  return std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count();
}
std::size_t slot_of(std::int64_t hour) { return static_cast<std::size_t>(((hour % 168) + 168) % 168); }

}  // namespace

void Expectation::add(TimePoint at) {
  pass(at);
  counted_ = std::min(counted_ + 1, 100'000'000);
  last_ = std::max(last_.value_or(at), at);
}

void Expectation::pass(TimePoint now) {
  const auto current = hour_of(now);
  if (!hour_) begin(current);
  // Nobody looked for longer than an hour: nothing is known about that time, and nothing is learnt from it.
  if (current - *hour_ > 1) {
    begin(current);
    awake_ = now;
  }
  while (*hour_ < current) {
    auto& slot = hours_[slot_of(*hour_)];
    slot.next = slot.weeks == 0 ? counted_ : slot.usual * (1 - kWeight) + counted_ * kWeight;
    slot.weeks = std::min(slot.weeks + 1, kMostWeeks);
    begin(*hour_ + 1);
  }
}

void Expectation::begin(std::int64_t hour) {
  hour_ = hour;
  counted_ = 0;
  auto& slot = hours_[slot_of(hour)];
  slot.usual = slot.next;
}

double Expectation::since_last(TimePoint now) const {
  return last_ ? between(std::max(*last_, awake_), now) : 0;
}

double Expectation::rate(TimePoint at) const { return hours_[slot_of(hour_of(at))].usual; }

double Expectation::between(TimePoint from, TimePoint to) const {
  if (to - from > std::chrono::days(7)) from = to - std::chrono::days(7);
  double events = 0;
  while (from < to) {
    const auto next = std::min(to, TimePoint(std::chrono::hours(hour_of(from) + 1)));
    events += rate(from) * std::chrono::duration<double, std::ratio<3600>>(next - from).count();
    from = next;
  }
  return events;
}

json Expectation::to_json() const {
  auto hours = json::array();
  const auto rounded = [](double value) { return std::round(value * 100) / 100; };
  for (const auto& hour : hours_)
    hours.push_back(json::array({rounded(hour.usual), rounded(hour.next), hour.weeks}));
  json to = {{"hours", std::move(hours)}, {"counted", counted_}};
  if (hour_) to["hour"] = *hour_;
  to["awake"] = awake_.time_since_epoch().count();
  if (last_) to["last"] = last_->time_since_epoch().count();
  return to;
}

Expectation Expectation::from_json(JsonView from) {
  Expectation made;
  const auto hours = items(from["hours"]);
  if (hours.size() == made.hours_.size()) {
    for (std::size_t i = 0; i < hours.size(); ++i) {
      const auto cells = items(hours[i]);
      if (cells.size() != 3) continue;
      made.hours_[i].usual = std::max(0.0, cells[0].number().value_or(0));
      made.hours_[i].next = std::max(0.0, cells[1].number().value_or(0));
      made.hours_[i].weeks =
          static_cast<int>(std::clamp<std::int64_t>(cells[2].integer().value_or(0), 0, kMostWeeks));
    }
  }
  made.counted_ =
      static_cast<int>(std::clamp<std::int64_t>(from["counted"].integer().value_or(0), 0, 100'000'000));
  made.hour_ = from["hour"].integer();
  made.awake_ = TimePoint(Duration{from["awake"].integer().value_or(0)});
  if (const auto last = from["last"].integer()) made.last_ = TimePoint(Duration{*last});
  return made;
}

}  // namespace baton::alerts
