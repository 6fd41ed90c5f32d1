#include "gateway/journal/retention.h"

namespace baton {
namespace {

constexpr auto kDedupeWindow = Duration{std::chrono::days(30)};  // promise D6
constexpr auto kEvery = Duration{1h};
constexpr auto kFirst = Duration{1min};  // after a start there is better to do
constexpr auto kPause = Duration{40ms};  // between steps: the writer is free for nine tenths of the time
constexpr int kRowsAtOnce = 8;           // handoffs, each with up to some sixteen rows of its own

TimePoint before(TimePoint now, Duration keep) { return keep == Duration{0} ? TimePoint::min() : now - keep; }

bool longer(Duration a, Duration b) { return b != Duration{0} && (a == Duration{0} || a > b); }

}  // namespace

RetentionPolicy read_retention(const Node& section, Problems& problems) {
  RetentionPolicy policy;
  Fields in(section, "retention", problems);
  const auto read = [&](const char* key, Duration& to) {
    to = in.duration(key, to);
    if (to != Duration{0} && to < Duration{1h}) {
      in.report(key, "must be an hour or more; 0s keeps it for ever");
    }
  };
  read("requests", policy.requests);
  read("events", policy.events);
  read("handoffs", policy.handoffs);
  read("audit", policy.audit);
  read("documents", policy.documents);
  if (policy.handoffs != Duration{0} && policy.handoffs < kDedupeWindow) {
    in.report("handoffs",
              "must be 30d or more: until then a sender may repeat an event, and its key is known "
              "from here. `events` and `requests` may be shorter");
  }
  if (longer(policy.requests, policy.events)) {
    in.report("requests", "must not be longer than `events`: what was sent is made from what came");
  }
  if (longer(policy.events, policy.handoffs)) in.report("events", "must not be longer than `handoffs`");
  in.done();
  return policy;
}

Cutoffs cutoffs(const RetentionPolicy& policy, TimePoint now) {
  Cutoffs all;
  all.requests = before(now, policy.requests);
  all.events = before(now, policy.events);
  all.handoffs = before(now, policy.handoffs);
  all.audit = before(now, policy.audit);
  all.documents = before(now, policy.documents);
  return all;
}

Task<Done> Retention::run(std::stop_token stop) {
  (void)co_await clock_.until(clock_.now() + kFirst, stop);
  while (!stop.stop_requested()) {
    const auto swept = co_await walk(stop);
    if (tell_ && (!swept || swept->all() > 0)) tell_(swept);
    (void)co_await clock_.until(clock_.now() + kEvery, stop);
  }
  co_return Done{};
}

Task<Swept> Retention::walk(std::stop_token stop) {
  const auto before = cutoffs(policy_, clock_.now());
  Swept all;
  SweepPlace place;
  while (!stop.stop_requested()) {
    const auto swept = co_await journal_.sweep(before, place, kRowsAtOnce);
    if (!swept) co_return swept.error();
    all.add(*swept);
    if (!swept->next) break;
    place = *swept->next;
    (void)co_await clock_.until(clock_.now() + kPause, stop);
  }
  co_return all;
}

}  // namespace baton
