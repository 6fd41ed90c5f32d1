#include "gateway/handoff/calendar.h"

#include <algorithm>

#include <date/tz.h>

namespace baton::handoff {
namespace {

using std::chrono::days;
using std::chrono::minutes;

// Monday is 0.
std::size_t weekday_of(days day) {
  return std::chrono::weekday(std::chrono::sys_days(day)).iso_encoding() - 1;
}

}  // namespace

Calendar::Calendar(Hours hours) : hours_(std::move(hours)), zone_(date::locate_zone(hours_->zone)) {}

days Calendar::local_day(TimePoint at) const {
  const auto local = at.time_since_epoch() + (zone_ ? zone_->get_info(at).offset : std::chrono::seconds{0});
  return std::chrono::floor<days>(local);
}

TimePoint Calendar::instant(days day, minutes clock) const {
  const date::local_time<std::chrono::seconds> local{std::chrono::seconds{day} + clock};
  const auto info = zone_->get_info(local);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return TimePoint(local.time_since_epoch() - info.first.offset);  // of two comings, the first
}

std::vector<Calendar::Open> Calendar::on(days day) const {
  std::vector<Open> found;
  if (hours_->holidays.contains(std::chrono::sys_days(day))) return found;
  for (const auto& span : hours_->weekdays[weekday_of(day)]) {
    const Open open{instant(day, span.from), instant(day, span.to)};
    if (open.from < open.to) found.push_back(open);  // else it lies in the gap when clocks go forward
  }
  return found;
}

bool Calendar::is_open(TimePoint at) const {
  if (always_open()) return true;
  // The end of a day may lie in the next one where clocks change at midnight.
  const auto today = local_day(at);
  for (auto day = today - days{1}; day <= today; ++day) {
    for (const auto& open : on(day)) {
      if (open.from <= at && at < open.to) return true;
    }
  }
  return false;
}

std::optional<TimePoint> Calendar::next_open(TimePoint at) const {
  if (always_open()) return at;
  const auto today = local_day(at);
  for (auto day = today - days{1}; day <= today + kHorizon; ++day) {
    for (const auto& open : on(day)) {
      if (open.to > at) return std::max(open.from, at);
    }
  }
  return std::nullopt;
}

std::optional<TimePoint> Calendar::next_close(TimePoint at) const {
  if (always_open()) return std::nullopt;
  if (!is_open(at)) return at;
  const auto today = local_day(at);
  auto end = at;
  for (auto day = today - days{1}; day <= today + kHorizon; ++day) {
    const auto spans = on(day);
    for (const auto& open : spans) {
      if (open.to <= end) continue;
      if (open.from > end) return end;
      end = open.to;  // the night shift goes on into the next day
    }
    if (day > local_day(end)) return end;
  }
  return std::nullopt;
}

std::optional<TimePoint> Calendar::next_change(TimePoint at) const {
  return is_open(at) ? next_close(at) : next_open(at);
}

Duration Calendar::open_between(TimePoint from, TimePoint to) const {
  if (to <= from) return Duration{0};
  if (always_open()) return to - from;
  Duration total{0};
  const auto first = local_day(from), last = std::min(local_day(to), first + kHorizon);
  for (auto day = first - days{1}; day <= last; ++day) {
    for (const auto& open : on(day)) {
      total += std::max(Duration{0}, std::min(open.to, to) - std::max(open.from, from));
    }
  }
  return total;
}

int Calendar::hour_of_week(TimePoint at) const {
  const auto day = local_day(at);
  const auto offset = zone_ ? zone_->get_info(at).offset : std::chrono::seconds{0};
  const auto of_day = at.time_since_epoch() + offset - day;
  return static_cast<int>(weekday_of(day)) * 24 +
         static_cast<int>(std::chrono::floor<std::chrono::hours>(of_day).count());
}

}  // namespace baton::handoff
