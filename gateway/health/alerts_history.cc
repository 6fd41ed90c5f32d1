#include "gateway/health/alerts_history.h"

#include <algorithm>

#include "gateway/base/text.h"

namespace baton::alerts {
namespace {

using nlohmann::json;

constexpr std::int64_t kKeptMinutes = 6 * 60;  // minutes
constexpr std::size_t kLongestDetail = 300;

std::int64_t minute_number(TimePoint at) {
  return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
}

// A counter that is lower than before began anew.
int growth(std::uint64_t now, std::uint64_t before) {
  constexpr std::uint64_t kMost = 1'000'000;
  return static_cast<int>(std::min(now >= before ? now - before : now, kMost));
}

json ticks_json(const std::optional<TimePoint>& at) {
  return at ? json(at->time_since_epoch().count()) : json(nullptr);
}
std::optional<TimePoint> time_from(JsonView view) {
  const auto number = view.integer();
  return number ? std::optional(TimePoint(Duration{*number})) : std::nullopt;
}

int small(JsonView view) {
  return static_cast<int>(std::clamp<std::int64_t>(view.integer().value_or(0), 0, 100'000'000));
}

}  // namespace

History::Minute& History::minute_of(TimePoint now) {
  const auto number = minute_number(now);
  if (minutes_.empty() || minutes_.back().minute < number) {
    if (!minutes_.empty()) learn_completeness(minutes_.back());
    minutes_.emplace_back();
    minutes_.back().minute = number;
  }
  while (minutes_.front().minute <= number - kKeptMinutes) minutes_.pop_front();
  return minutes_.back();  // a clock that was set back counts in the latest minute
}

void History::add(const LaneReading& reading, TimePoint now) {
  const auto before = last_.value_or(LaneReading());
  const auto of = [&](FailureKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return growth(reading.failed[index], before.failed[index]);
  };
  const int served = growth(reading.served, before.served);
  const int unserved = growth(reading.unserved, before.unserved);
  const int limited = of(FailureKind::rate_limited);
  const int refused = of(FailureKind::auth_expired) + of(FailureKind::misconfigured);
  const int died = growth(reading.died, before.died);
  if (served + unserved + limited + refused + died > 0) {
    auto& minute = minute_of(now);
    minute.served += served;
    minute.unserved += unserved;
    minute.limited += limited;
    minute.refused += refused;
    minute.died += died;
  }
  count_row(served, unserved, now);
  if (unserved > 0 || refused > 0 || died > 0)
    last_failure_ = clip_utf8(reading.last_failure, kLongestDetail);
  if (!reading.breaker_open) breaker_open_since_.reset();
  else if (!breaker_open_since_) breaker_open_since_ = now;
  last_ = reading;
}

// Within one look nobody knows which came first: an answer ends the row.
void History::count_row(int served, int unserved, TimePoint now) {
  if (unserved > 0) last_failure_at_ = now;
  if (served > 0) {
    close_outage(now);
    failures_in_row_ = 0;
    failing_since_.reset();
    return;
  }
  if (unserved == 0) return;
  if (!failing_since_) failing_since_ = now;
  failures_in_row_ = std::min(failures_in_row_ + unserved, 1'000'000);
}

// An outage that is over was told as one: its failures do not burn on as if there were still some now and
// then.
void History::close_outage(TimePoint now) {
  constexpr int kRow = 4;
  if (!failing_since_ || failures_in_row_ < kRow || now - *failing_since_ < 60s) return;
  for (auto& minute : minutes_) {
    if (minute.minute >= minute_number(*failing_since_)) minute.unserved = 0;
  }
}

void History::add_context(bool complete, TimePoint now) {
  auto& minute = minute_of(now);
  ++(complete ? minute.complete : minute.incomplete);
}

// Of what is usual each answer moves the share by little, so that a bad hour does not become the rule.
void History::learn_completeness(const Minute& minute) {
  constexpr double kMinuteWeight = 0.002;
  constexpr int kEnough = 1'000'000;
  const int answers = minute.complete + minute.incomplete;
  for (int i = 0; i < std::min(answers, 1'000); ++i) {
    const double bad = static_cast<double>(minute.incomplete) / answers;
    const double weight = std::max(kMinuteWeight, 1.0 / (learnt_from_ + 1));
    usually_incomplete_ = usually_incomplete_.value_or(bad) * (1 - weight) + bad * weight;
    learnt_from_ = std::min(learnt_from_ + 1, kEnough);
  }
}

DestinationSeen History::seen(TimePoint now) const {
  DestinationSeen seen;
  const auto number = minute_number(now);
  for (const auto& minute : minutes_) {
    const auto age = std::chrono::minutes(number - minute.minute);
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
      if (age >= kWindows[i]) continue;
      seen.failing[i].of += minute.served + minute.unserved;
      seen.failing[i].bad += minute.unserved;
    }
    if (age < 30min) seen.limited += minute.limited;
    if (age < 10min) seen.refused_credentials += minute.refused;
    if (age < 60min) {
      seen.died += minute.died;
      seen.incomplete.of += minute.complete + minute.incomplete;
      seen.incomplete.bad += minute.incomplete;
    }
  }
  constexpr int kEnough = 200;  // answers before anything is called usual
  if (learnt_from_ >= kEnough) seen.usually_incomplete = usually_incomplete_;
  seen.failures_in_row = failures_in_row_;
  seen.failing_since = failing_since_;
  seen.last_failure_at = last_failure_at_;
  seen.last_failure = last_failure_;
  seen.breaker_open_since = breaker_open_since_;
  if (last_) {
    seen.id = last_->id;
    seen.vendor = last_->vendor;
    seen.pause = last_->pause;
  }
  return seen;
}

json History::to_json() const {
  auto minutes = json::array();
  for (const auto& m : minutes_) {
    auto row =
        json::array({m.minute, m.served, m.unserved, m.limited, m.refused, m.complete, m.incomplete, m.died});
    while (row.size() > 1 && row.back() == 0) row.erase(row.size() - 1);  // most minutes are dull
    minutes.push_back(std::move(row));
  }
  return {{"minutes", std::move(minutes)},
          {"failures_in_row", failures_in_row_},
          {"failing_since", ticks_json(failing_since_)},
          {"last_failure_at", ticks_json(last_failure_at_)},
          {"last_failure", to_valid_utf8(last_failure_)},
          {"usually_incomplete", usually_incomplete_ ? json(*usually_incomplete_) : json(nullptr)},
          {"learnt_from", learnt_from_}};
}

History History::from_json(JsonView from) {
  History history;
  for (const auto& row : items(from["minutes"])) {
    const auto cells = items(row);
    const auto cell = [&](std::size_t i) { return i < cells.size() ? small(cells[i]) : 0; };
    if (history.minutes_.size() == kKeptMinutes || cell(0) == 0) break;
    Minute minute;
    minute.minute = cell(0);
    minute.served = cell(1);
    minute.unserved = cell(2);
    minute.limited = cell(3);
    minute.refused = cell(4);
    minute.complete = cell(5);
    minute.incomplete = cell(6);
    minute.died = cell(7);
    history.minutes_.push_back(minute);
  }
  history.failures_in_row_ = small(from["failures_in_row"]);
  history.failing_since_ = time_from(from["failing_since"]);
  history.last_failure_at_ = time_from(from["last_failure_at"]);
  history.last_failure_ = from["last_failure"].text();
  history.usually_incomplete_ = from["usually_incomplete"].number();
  history.learnt_from_ = small(from["learnt_from"]);
  return history;
}

}  // namespace baton::alerts
